"""The cash flow statement, by both methods, which must agree to the cent.

Direct: every transaction that touches cash is split by what stands on its other side. Indirect: net
income, without what is not operating in it, what moved no cash put back, and the changes of
operating balances as the balance sheet shows them. A purchase with a note moves no cash and is
listed apart (ASC 230: non-cash investing and financing).

Signs: cash that comes in is positive.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from beancount.core import convert, data

from core.findings import Finding
from core.journal.books import Books
from core.period import Period
from reports.activities import (
    ACTIVITIES,
    CASH,
    FINANCING,
    INVESTING,
    LABELS,
    OPERATING,
    Placed,
    placed,
)
from reports.balances import ZERO, Ledger, total
from reports.income_statement import net_income
from reports.lines import LINES, unassigned
from reports.model import DETAIL, HEADING, TOTAL, Identity, Report, Row

_Sums = dict[str, Decimal]
_NAMED = dict(zip(LABELS["capital"], ("contributions", "distributions"), strict=True))
_NOWHERE = Placed(OPERATING, "suppliers", "")


@dataclass
class _Flows:
    """What the transactions of the period say, each amount in the cash's sign.

    ``direct`` is cash by activity, then by label; ``apart`` is what an activity gained by
    transactions without cash, by the line on the other side; ``income`` the income and expenses by
    activity; ``deals`` the non-cash deals.
    """

    direct: dict[str, _Sums] = field(default_factory=lambda: {a: {} for a in ACTIVITIES})
    apart: dict[str, _Sums] = field(default_factory=lambda: {a: {} for a in ACTIVITIES})
    income: _Sums = field(default_factory=lambda: defaultdict(Decimal))
    cash: Decimal = ZERO
    deals: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass(frozen=True)
class _Leg:
    account: str
    place: Placed
    amount: Decimal  # what it gives to cash: the negative of its weight


def cash_flow(books: Books, entity: str, period: Period) -> Report:
    """The entity's cash flow statement for the period."""
    ledger = Ledger.of(books, entity)
    findings: dict[str, Finding] = {}
    flows = _flows(books, ledger, period, findings)
    before = ledger.closing(period.first - timedelta(days=1))
    after = ledger.closing(period.last)
    opening, closing = (_cash(books, held) for held in (before, after))
    changes = _changes(books, ledger, period, before, after)
    operating, adjustments = _indirect(flows, changes[OPERATING])
    sums = {activity: total(flows.direct[activity]) for activity in ACTIVITIES}
    effect = closing - opening - flows.cash
    rows = [
        Row("Operating activities", (None,), HEADING),
        *adjustments,
        Row("Cash from operating activities", (operating,), TOTAL, "cfo"),
        *_section("Investing activities", flows.direct[INVESTING]),
        Row("Cash from investing activities", (sums[INVESTING],), TOTAL, "cfi"),
        *_section("Financing activities", flows.direct[FINANCING]),
        Row("Cash from financing activities", (sums[FINANCING],), TOTAL, "cff"),
        *([Row("Effect of exchange rates on cash", (effect,))] if effect else []),
        Row("Net change in cash", (total(sums) + effect,), TOTAL, "net-change"),
        Row("Cash at the beginning", (opening,)),
        Row("Cash at the end", (closing,), TOTAL, "cash"),
        *_section("Operating activities, direct method", flows.direct[OPERATING]),
        Row("Cash from operating activities", (sums[OPERATING],), TOTAL, "cfo-direct"),
    ]
    if flows.deals:
        rows.append(Row("Not in cash", (None,), HEADING))
        rows += [Row(label, (amount,), DETAIL) for label, amount in flows.deals]
        rows.append(
            Row("Deals without cash", (sum((n for _, n in flows.deals), ZERO),), TOTAL, "non-cash")
        )
    return Report(
        name="cash-flow",
        title="Cash flow statement",
        entity=entity,
        legal_name=books.registry.entities[entity].legal_name or entity,
        period=period,
        currency=ledger.currency,
        as_of=books.as_of,
        columns=("Amount",),
        rows=tuple(rows),
        identities=(
            Identity("Operating: indirect = direct", operating, sums[OPERATING]),
            Identity(
                "Net income = income statement",
                total(flows.income),
                net_income(books, entity, period),
            ),
            *(
                Identity(
                    f"{name.capitalize()}: balances = transactions",
                    flows.income[name] + total(changes[name]) - total(flows.apart[name]),
                    sums[name],
                )
                for name in (INVESTING, FINANCING)
            ),
            Identity(
                "Net change = closing − opening cash", total(sums) + effect, closing - opening
            ),
        ),
        findings=tuple(findings.values()),
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
    )


def _flows(books: Books, ledger: Ledger, period: Period, findings: dict[str, Finding]) -> _Flows:
    flows = _Flows()
    for txn in books.transactions:
        if not period.first <= txn.date <= period.last:
            continue
        legs = list(_legs(txn, books, ledger, findings))
        others = [leg for leg in legs if leg.place.activity in ACTIVITIES]
        for leg in others:
            if leg.account.startswith(("Income:", "Expenses:")):
                flows.income[leg.place.activity] += leg.amount
        cash = -sum((leg.amount for leg in legs if leg.place.activity == CASH), ZERO)
        if any(leg.place.activity == CASH for leg in legs):
            flows.cash += cash
            _with_cash(txn, others, flows)
        else:
            _without_cash(txn, others, flows)
    return flows


def _legs(
    txn: data.Transaction, books: Books, ledger: Ledger, findings: dict[str, Finding]
) -> Iterator[_Leg]:
    for posting in txn.postings:
        if posting.units is None or books.registry.ent(posting.account) != ledger.entity:
            continue
        place = placed(posting.account, books.accounts)
        if place is None:
            findings.setdefault(posting.account, unassigned(books, posting.account))
            place = _NOWHERE
        weight = convert.get_weight(posting)
        yield _Leg(posting.account, place, -ledger.valued(weight.number, weight.currency, txn.date))


def _with_cash(txn: data.Transaction, others: list[_Leg], flows: _Flows) -> None:
    """Splits the cash by what stands on the other side; what a lender paid is no cash of ours."""
    groups: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    has = {leg.place.group for leg in others}
    for leg in others:
        group = leg.place.group
        if group == "gains":  # they are part of what the thing sold brought
            group = "investments" if "investments" in has and "property" not in has else "property"
        groups[leg.place.activity, group] += leg.amount
    _take_out_what_moved_no_cash(txn, groups, flows)
    for (activity, group), amount in groups.items():
        if amount:
            label = LABELS[group][0 if amount > 0 else 1]
            sums = flows.direct[activity]
            sums[label] = sums.get(label, ZERO) + amount


def _take_out_what_moved_no_cash(
    txn: data.Transaction, groups: dict[tuple[str, str], Decimal], flows: _Flows
) -> None:
    """What paid for one another within the entry never was cash: listed apart on both sides.

    A purchase that a loan, a note to the supplier or an owner's contribution paid in part; a sale
    whose buyer paid the loan off, or that bears its own costs.
    """
    things = [key for key in groups if key[0] == INVESTING]
    payers = [key for key in groups if key[0] == FINANCING or key == (OPERATING, "suppliers")]
    for thing in things:
        for payer in payers:
            if groups[thing] * groups[payer] >= 0:
                continue
            part = min(abs(groups[thing]), abs(groups[payer])).copy_sign(groups[payer])
            groups[thing] += part
            groups[payer] -= part
            _apart(flows, INVESTING, payer[1], -part)
            _apart(flows, payer[0], "property-and-equipment", part)
            if payer[0] == FINANCING:
                flows.deals.append((_told(txn), abs(part)))


def _without_cash(txn: data.Transaction, others: list[_Leg], flows: _Flows) -> None:
    """A transaction between two activities moves no cash; it explains a change of balances."""
    by_activity: dict[str, Decimal] = defaultdict(Decimal)
    for leg in others:
        by_activity[leg.place.activity] += leg.amount
    by_activity = {activity: n for activity, n in by_activity.items() if n}
    for activity, amount in by_activity.items():
        lines = [leg.place.line for leg in others if leg.place.activity != activity]
        _apart(flows, activity, lines[0] if lines else "", amount)
    if {INVESTING, FINANCING} <= by_activity.keys():
        flows.deals.append((_told(txn), abs(by_activity[INVESTING])))


def _apart(flows: _Flows, activity: str, line: str, amount: Decimal) -> None:
    flows.apart[activity][line] = flows.apart[activity].get(line, ZERO) + amount


def _told(txn: data.Transaction) -> str:
    what = " ".join(part for part in (txn.payee, txn.narration) if part)
    return f"{txn.date} {what}".strip()


def _changes(
    books: Books, ledger: Ledger, period: Period, before: _Sums, after: _Sums
) -> dict[str, _Sums]:
    """What each activity's balances gave to cash, by line: a smaller asset gives, so does debt.

    Assets and liabilities as the balance sheet values them; what exchange rates alone did to them
    is taken out, for it moved no cash. Equity by its postings.
    """
    changes: dict[str, _Sums] = {activity: {} for activity in ACTIVITIES}
    equity = ledger.flows(period.first, period.last, "Equity")
    posted = ledger.flows(period.first, period.last, "Assets", "Liabilities")
    for account in sorted({*before, *after, *equity}):
        place = placed(account, books.accounts) or _NOWHERE
        if place.activity not in ACTIVITIES:
            continue
        moved = after.get(account, ZERO) - before.get(account, ZERO) + equity.get(account, ZERO)
        rates = after.get(account, ZERO) - before.get(account, ZERO) - posted.get(account, ZERO)
        sums = changes[place.activity]
        sums[place.line] = sums.get(place.line, ZERO) - (moved - rates)
    return changes


def _indirect(flows: _Flows, changes: _Sums) -> tuple[Decimal, list[Row]]:
    """Cash from operations and its rows: net income, adjustments, changes of working capital."""
    net = total(flows.income)
    rows = [Row("Net income", (net,), name="net-income")]
    amount = net
    for activity in (INVESTING, FINANCING):
        if gain := flows.income[activity]:
            label = "Less gains and losses of what was sold"
            rows.append(Row(label, (-gain,), name="gains"))
            amount -= gain
    for line, number in flows.apart[OPERATING].items():
        if number:
            rows.append(Row(_put_back(line), (-number,), name=line))
            amount -= number
    for line in (*LINES, ""):
        if number := changes.get(line, ZERO):
            title = LINES[line].title if line in LINES else "Unassigned"
            rows.append(Row(f"Change in {title[:1].lower()}{title[1:]}", (number,), name=line))
            amount += number
    return amount, rows


def _put_back(line: str) -> str:
    if line == "accumulated-depreciation":
        return "Depreciation and amortisation"
    title = LINES[line].title if line in LINES else "other"
    return f"Without cash, against {title[:1].lower()}{title[1:]}"


def _section(title: str, sums: _Sums) -> list[Row]:
    order = [label for pair in LABELS.values() for label in pair]
    shown = [Row(s, (sums[s],), name=_NAMED.get(s, "")) for s in order if sums.get(s)]
    return [Row(title, (None,), HEADING), *shown]


def _cash(books: Books, held: _Sums) -> Decimal:
    cash = (n for a, n in held.items() if (p := placed(a, books.accounts)) and p.activity == CASH)
    return sum(cash, ZERO)
