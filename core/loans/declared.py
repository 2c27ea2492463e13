"""Loans as directives declare them; what is wrong with a directive is said, never guessed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import amount, data

from core.loans.said import Said
from core.loans.terms import (
    ACT_365,
    ASSIGNMENT,
    AT_MATURITY,
    BALLOON,
    CREDIT_LINE,
    DAY_COUNTS,
    DEMAND,
    EVENTS,
    EXTRA,
    HOLIDAY,
    KINDS,
    LEVEL_KINDS,
    MONTHS,
    RATE,
    REFINANCE,
    THIRTY_360,
    Covenant,
    FederalRate,
    Forbearance,
    Loan,
    LoanEvent,
)

TYPES = ("loan", "loan-event", "loan-forbearance", "covenant", "afr")
BUCKETS = ("short", "mid", "long", "blended")
# Beyond these an amount or a rate is a slip of the hand.
_MOST, _MOST_PERCENT = Decimal(10) ** 15, 1000
_INTEREST = ("capitalise", "paid", "waive")


@dataclass(frozen=True)
class Declared:
    """All loans of a set of books by id, with their events in date order.

    ``problems`` are directives that mean nothing, each with the reason; a directive without its
    four values, or an event of no loan, is not among the others.
    """

    loans: Mapping[str, Loan]
    events: Mapping[str, tuple[LoanEvent, ...]]
    forbearances: Mapping[str, tuple[Forbearance, ...]]
    covenants: tuple[Covenant, ...]
    rates: tuple[FederalRate, ...]
    problems: tuple[tuple[data.Custom, str], ...] = ()


def declared(entries: Iterable[data.Directive]) -> Declared:
    """The loans, events, forbearances and federal rates that ``custom`` directives declare."""
    found: dict[str, list[data.Custom]] = {kind: [] for kind in TYPES}
    for entry in entries:
        if isinstance(entry, data.Custom) and entry.type in found:
            found[entry.type].append(entry)
    problems: list[tuple[data.Custom, str]] = []
    loans: dict[str, Loan] = {}
    for entry in found["loan"]:
        said = Said(entry, problems)
        loan = _loan(said)
        if loan is not None and loan.id in loans:
            said.wrong(f"the loan {loan.id} is declared twice; a change is a loan-event")
        elif loan is not None:
            loans[loan.id] = loan
    events: dict[str, list[LoanEvent]] = defaultdict(list)
    for entry in found["loan-event"]:
        event = _event(Said(entry, problems), loans)
        if event is not None:
            events[event.loan].append(event)
    patience: dict[str, list[Forbearance]] = defaultdict(list)
    for entry in found["loan-forbearance"]:
        forbearance = _forbearance(Said(entry, problems), loans)
        if forbearance is not None:
            patience[forbearance.loan].append(forbearance)
    covenants = [_covenant(Said(entry, problems), loans) for entry in found["covenant"]]
    rates = [_federal(Said(entry, problems)) for entry in found["afr"]]
    return Declared(
        loans,
        {key: tuple(sorted(each, key=lambda e: e.date)) for key, each in events.items()},
        {key: tuple(each) for key, each in patience.items()},
        tuple(covenant for covenant in covenants if covenant is not None),
        tuple(rate for rate in rates if rate is not None),
        tuple(problems),
    )


def _loan(said: Said) -> Loan | None:
    values = said.values
    if (
        len(values) != 4
        or not all(isinstance(value, str) for value in values[:3])
        or not isinstance(values[3], amount.Amount)
        or not values[3].number
        or values[3].number < 0
    ):
        said.wrong('a loan is written: custom "loan" "N-01" "Lender" "Borrower" 10000.00 USD')
        return None
    if values[3].number > _MOST:
        said.wrong(f"{values[3]} is more money than there is; correct the amount")
        return None
    currency = values[3].currency
    kind, schedule, maturity = _kind(said)
    by_days = kind in {DEMAND, CREDIT_LINE}
    loan = Loan(
        id=values[0],
        lender=values[1],
        borrower=values[2],
        principal=Decimal(values[3].number),
        currency=currency,
        date=said.entry.date,
        entry=said.entry,
        rate=said.number("rate", "6.50"),
        kind=kind,
        start=said.get("start", dt.date, "2026-01-31"),
        first_payment=said.get("first-payment", dt.date, "2026-02-28"),
        maturity=maturity,
        term=said.count("term"),
        schedule=schedule,
        payment=said.money("payment", currency),
        escrow=said.money("escrow", currency),
        escrow_account=str(
            said.get("escrow-account", str, "Assets:Acme:Escrow") or f"Assets:{values[2]}:Escrow"
        ),
        interest_only=said.count("interest-only"),
        amortisation=said.count("amortisation"),
        day_count=said.one_of("day-count", DAY_COUNTS, ACT_365 if by_days else THIRTY_360),
        account=str(said.get("account", str, "Liabilities:Acme:Loan:B-1") or ""),
        signed=said.get("signed", dt.date, "2026-01-30"),
        said=frozenset(said.keys),
    )
    _complain(loan, said)
    return loan


def _kind(said: Said) -> tuple[str, str, dt.date | None]:
    """Kind, schedule and maturity; “demand” may stand for any of the three."""
    meta = said.entry.meta
    words = {
        k: v.casefold()
        for k in ("kind", "schedule", "maturity")
        if isinstance(v := meta.get(k), str)
    }
    on_demand = DEMAND in words.values()
    maturity = None
    if words.get("maturity") != DEMAND:
        maturity = said.get("maturity", dt.date, '2028-01-31, or "demand"')
    else:
        said.keys.add("maturity")
    agreed = said.keys | meta.keys()
    default = "monthly"
    if "maturity" in agreed and not agreed & {"kind", "term", "payment", "first-payment"}:
        default = AT_MATURITY  # nothing says that anything is due before
    if words.get("schedule") == DEMAND:
        said.keys.add("schedule")
        schedule = "annual"
    else:
        schedule = said.one_of("schedule", MONTHS, "annual" if on_demand else default)
    kind = DEMAND if on_demand else said.one_of("kind", KINDS, "level")
    return kind, schedule, maturity


def _complain(loan: Loan, said: Said) -> None:
    """What contradicts itself, of a directive whose words all mean something."""
    if loan.lender.casefold() == loan.borrower.casefold():
        said.wrong(f"{loan.lender} lends to itself")
    if loan.rate is not None and loan.rate > _MOST_PERCENT:
        said.wrong(f"a rate of {loan.rate} percent a year; write rate: 6.50 for 6.5 percent")
    if loan.maturity and loan.maturity <= loan.began:
        said.wrong(f"the loan matures on {loan.maturity}, not after it begins on {loan.began}")
    if loan.first_payment and loan.first_payment <= loan.began:
        said.wrong(f"the first payment, {loan.first_payment}, is not after the start {loan.began}")
    if loan.kind not in {DEMAND, CREDIT_LINE} and not loan.instalments:
        said.wrong("nothing says when it is paid back; add term: or maturity:")
    if loan.kind == BALLOON and not (loan.payment or loan.amortisation):
        said.wrong("a balloon loan needs payment:, or amortisation: to compute it by")
    regular = loan.kind in LEVEL_KINDS or loan.kind == BALLOON
    if regular and loan.every and loan.payment and loan.rate and not loan.interest_only:
        interest = loan.principal * loan.rate * loan.every / 1200
        if loan.payment < interest.quantize(Decimal("0.01")):
            said.wrong(f"payment: {loan.payment} does not even cover the first period's interest")


def _event(said: Said, loans: Mapping[str, Loan]) -> LoanEvent | None:
    values = said.values
    if len(values) < 2 or not all(isinstance(value, str) for value in values[:2]):
        said.wrong('an event is written: custom "loan-event" "N-01" "extra" 500.00 USD')
        return None
    name, what, *rest = values
    loan = loans.get(name)
    if loan is None or what not in EVENTS:
        said.wrong(
            _unknown(name, loans) if loan is None else f"“{what}” is none of {', '.join(EVENTS)}"
        )
        return None
    money = [v for v in rest if isinstance(v, amount.Amount) and v.currency == loan.currency]
    numbers = [v for v in rest if isinstance(v, Decimal)]
    texts = [v for v in rest if isinstance(v, str)]
    event = LoanEvent(
        loan=name,
        date=said.entry.date,
        what=what,
        entry=said.entry,
        amount=Decimal(money[0].number) if money and money[0].number is not None else None,
        rate=numbers[0] if numbers and what == RATE else said.number("rate", "6.50"),
        until=said.get("until", dt.date, "2026-06-30"),
        interest=said.one_of("interest", _INTEREST, "capitalise"),
        into=texts[0] if texts and what == REFINANCE else "",
        term=said.count("term"),
        payment=said.money("payment", loan.currency),
        assigned_to=str(said.get("assigned-to", str, '"Raj"') or ""),
        recompute=said.get("recompute", bool, "TRUE") is True,
        extend=said.get("extend", bool, "TRUE") is True,
    )
    lacking = _lacking(event, loans)
    if lacking:
        said.wrong(f"the event “{what}” of {name} needs {lacking}")
        return None
    return event


def _lacking(event: LoanEvent, loans: Mapping[str, Loan]) -> str:
    """What an event of its kind needs and does not have; empty where nothing is missing."""
    lacks_amount = event.amount is None or event.amount <= 0
    lacks_rate = event.rate is None or not 0 <= event.rate <= _MOST_PERCENT
    lacks_until = event.until is None or event.until < event.date
    is_nowhere = bool(event.into) and event.into not in loans
    wrong = {
        EXTRA: (lacks_amount, "an amount in the loan's currency"),
        RATE: (lacks_rate, "a rate, such as 6.50"),
        HOLIDAY: (lacks_until, "until:, a day after its own"),
        ASSIGNMENT: (not event.assigned_to, "assigned-to:"),
        REFINANCE: (is_nowhere, f"a loan that is declared, not “{event.into}”"),
    }
    if event.what == REFINANCE and event.amount is not None and lacks_amount:
        return "an amount above zero, or none"
    is_wrong, needed = wrong[event.what]
    return needed if is_wrong else ""


def _forbearance(said: Said, loans: Mapping[str, Loan]) -> Forbearance | None:
    until = said.get("until", dt.date, "2026-06-30")
    values = said.values
    if len(values) != 1 or values[0] not in loans:
        said.wrong(_unknown(values[0] if values else "", loans))
    elif until is None or until < said.entry.date:
        said.wrong("a forbearance needs until:, a day after its own")
    else:
        return Forbearance(values[0], said.entry.date, until, said.entry)
    return None


def _covenant(said: Said, loans: Mapping[str, Loan]) -> Covenant | None:
    values = said.values
    cover, share = said.number("min-dscr", "1.25"), said.number("max-ltv", "75")
    asset = str(said.get("asset", str, '"PIER-12"') or "")
    if len(values) != 1 or values[0] not in loans:
        said.wrong(_unknown(values[0] if values else "", loans))
    elif cover is None and share is None:
        said.wrong("a covenant needs min-dscr: or max-ltv:")
    elif share is not None and not asset:
        said.wrong("max-ltv: needs asset:, the one that secures the loan")
    else:
        return Covenant(values[0], said.entry.date, said.entry, cover, share, asset)
    return None


def _federal(said: Said) -> FederalRate | None:
    values = said.values
    if (
        len(values) != 3
        or not all(isinstance(value, str) for value in values[:2])
        or values[1] not in BUCKETS
        or not isinstance(values[2], Decimal)
    ):
        said.wrong(f'written: custom "afr" "2026-01" "mid" 4.00 (of {", ".join(BUCKETS)})')
        return None
    known = [word for word in MONTHS if word != AT_MATURITY]
    compounding = said.one_of("compounding", known, "annual")
    return FederalRate(values[0], values[1], values[2], compounding)


def _unknown(name: object, loans: Mapping[str, Loan]) -> str:
    known = ", ".join(sorted(loans)) or "none is declared"
    return f"there is no loan “{name}” (known: {known})"
