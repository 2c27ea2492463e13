"""What transactions do to budgets, gathered file by file: sums by kind, month and day.

Only transactions that touch an account on the budget count. Each is taken apart into a side of cash
and one of each card: what a card was charged pays spending first, in the order of the postings,
and is else money drawn from it; what a card was credited with is a refund first, and else a
payment. Amounts are changes as the budget sees them: spending and payments are negative, income and
refunds positive; ``DEBT`` is what is owed on a card, more being positive.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from beancount.core import convert, data

from core.budget.declared import longest_prefix
from core.budget.month import month_of
from core.budget.terms import Budget

ZERO = Decimal(0)
# Kinds of flows; those of a card carry its account.
CASH, DEBT = "cash", "debt"  # the accounts themselves
SPENT = "spent"  # an envelope's activity, by cash or by a card
INCOME = "income"  # from Income accounts
OUTSIDE = "outside"  # other accounts that are not on the budget: savings, loans, equity
PAID = "paid"  # from cash to a card, or from another card
UNMAPPED = "unmapped"  # expenses that no envelope has
Row = list[Any]


class Part(NamedTuple):
    """What an account is to a budget: ``kind`` of the flow, ``name`` of the card or envelope."""

    kind: str
    name: str = ""


_EQUITY = Part(OUTSIDE, "Equity")
_ROOTS = {"Income": Part(INCOME), "Expenses": Part(UNMAPPED), "Equity": _EQUITY}


class Flow(NamedTuple):
    """A sum: ``name`` is an envelope's, ``card`` an account; ``days`` says it by ordinal."""

    kind: str
    name: str
    card: str
    currency: str
    month: int
    number: Decimal
    days: str

    def by_day(self) -> Iterator[tuple[int, Decimal]]:
        """The sum by day (ordinals), in order."""
        for word in self.days.split():
            day, number = word.split("=")
            yield int(day), Decimal(number)


class Chart(dict[str, Part]):
    """What each account is to one budget; the nearest account that is declared says it. Found once
    for each account: books have few of them and many postings."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget
        self._own = dict.fromkeys(budget.cash, Part(CASH))
        self._own |= {card.account: Part(DEBT, card.account) for card in budget.cards}
        self._mapped = {
            account: Part(SPENT, envelope.name)
            for envelope in budget.envelopes
            for account in envelope.accounts
        }

    def __missing__(self, account: str) -> Part:
        found = longest_prefix(account, self._own) or longest_prefix(account, self._mapped)
        if found is None:
            found = _ROOTS.get(account.partition(":")[0], Part(OUTSIDE))
        self[account] = found
        return found

    def said(self) -> list[Any]:
        """All that the answers depend on."""
        own = [[account, *part] for account, part in self._own.items()]
        mapped = [[account, *part] for account, part in self._mapped.items()]
        return [self.budget.entity, self.budget.currency, own, mapped]


def flows_maker(
    charts: Sequence[Chart],
) -> Callable[[Iterable[data.Transaction]], dict[str, list[Row]]]:
    """What gathers the flows of a file's transactions, as JSON has it: ``flows``, and the places of
    the transactions with an expense that has no envelope (``unmapped``)."""

    def made(transactions: Iterable[data.Transaction]) -> dict[str, list[Row]]:
        sums: list[_Sums] = [{} for _ in charts]
        places: list[Row] = []
        for txn in transactions:
            for chart, own in zip(charts, sums, strict=True):
                if _taken_apart(txn, chart, own):
                    where = [txn.meta["filename"], txn.meta["lineno"]]
                    places.append([chart.budget.entity, *where])
        rows = [
            [chart.budget.entity, *row]
            for chart, each in zip(charts, sums, strict=True)
            for row in _rows(each)
        ]
        return {"flows": rows, "unmapped": places}

    return made


_Key = tuple[str, str, str, str, int]  # kind, envelope, card, currency, month
_Sums = dict[_Key, dict[int, Decimal]]  # by day (ordinal)
_Item = tuple[Part, Decimal]


def _rows(sums: _Sums) -> Iterator[Row]:
    for key, by_day in sorted(sums.items()):
        said = " ".join([f"{day}={by_day[day]}" for day in sorted(by_day) if by_day[day]])
        if said:
            yield [*key, str(sum(by_day.values())), said]


def _add(sums: _Sums, key: _Key, day: int, number: Decimal) -> None:
    by_day = sums.get(key)
    if by_day is None:
        sums[key] = {day: number}
    else:
        by_day[day] = by_day[day] + number if day in by_day else number


def _taken_apart(txn: data.Transaction, chart: Chart, sums: _Sums) -> bool:
    """Adds what the transaction does; whether an expense of it has no envelope."""
    parts = [chart[posting.account] for posting in txn.postings]
    kinds = [part[0] for part in parts]
    has_card = DEBT in kinds
    if not has_card and CASH not in kinds:
        return False
    month, day = _month_and_day(txn.date)
    card = ""
    if has_card and CASH not in kinds and kinds.count(DEBT) == 1:  # a purchase or refund
        card = parts[kinds.index(DEBT)][1]
    currency = chart.budget.currency
    numbers = _plain_numbers(txn, currency)
    by_currency = (
        [(currency, zip(parts, numbers, strict=True))]
        if numbers
        else _by_currency(txn, parts, currency).items()
    )
    for of, items in by_currency:
        if has_card and not card:
            for kind, name, on, number in _sided(list(items)):
                _add(sums, (kind, name, on, of, month), day, number)
            continue
        for (kind, name), number in items:
            envelope = "" if kind == DEBT else name
            change = number if kind == CASH else -number
            _add(sums, (kind, envelope, card, of, month), day, change)
    return UNMAPPED in kinds


@cache  # of a hundred thousand entries most are on a day of another
def _month_and_day(day: dt.date) -> tuple[int, int]:
    return month_of(day), day.toordinal()


def _plain_numbers(txn: data.Transaction, currency: str) -> list[Decimal]:
    """The postings' numbers where all are plainly in the budget's currency and add up to nothing,
    as nearly all do; else none."""
    numbers: list[Decimal] = []
    total = ZERO
    for posting in txn.postings:
        units = posting.units
        if posting.price is not None or posting.cost is not None or units is None:
            return []
        number, of = units
        if of != currency or number is None:
            return []
        numbers.append(number)
        total += number
    return [] if total else numbers


def _by_currency(
    txn: data.Transaction, parts: Sequence[Part], currency: str
) -> dict[str, list[_Item]]:
    """The postings' amounts, in the budget's currency as far as the transaction says it."""
    found: dict[str, list[_Item]] = {}
    implied = _implied(txn, currency)
    for posting, part in zip(txn.postings, parts, strict=True):
        number, of = _amount(posting, currency, implied)
        found.setdefault(of, []).append((part, number))
    for items in found.values():
        # What Beancount's tolerance lets go is from outside: cash is what it is.
        residue = sum((number for _, number in items), ZERO)
        if residue:
            items.append((Part(OUTSIDE), -residue))
    return found


def _implied(txn: data.Transaction, currency: str) -> dict[str, Decimal]:
    """The rates of other currencies that the transaction itself used: those in which units of the
    budget's currency are priced."""
    rates: dict[str, Decimal] = {}
    for posting in txn.postings:
        if posting.price is not None and posting.units and posting.units.currency == currency:
            weight = convert.get_weight(posting)
            if weight.currency != currency and weight.number:
                rates[weight.currency] = Decimal(posting.units.number / weight.number)
    return rates


def _amount(
    posting: data.Posting, currency: str, implied: Mapping[str, Decimal]
) -> tuple[Decimal, str]:
    """The posting in the budget's currency as far as the transaction says it, else its weight."""
    units = posting.units
    if units is None or not isinstance(units.number, Decimal):
        return ZERO, currency
    if units.currency == currency and posting.cost is None:
        return units.number, currency
    weight = convert.get_weight(posting)
    if weight.currency != currency and weight.currency in implied:
        return Decimal(weight.number * implied[weight.currency]), currency
    return Decimal(weight.number), str(weight.currency)


def _sided(items: Sequence[_Item]) -> Iterator[tuple[str, str, str, Decimal]]:
    """The items of a transaction with a card by side: kind, envelope, card and change."""
    cash = sum((number for part, number in items if part.kind == CASH), ZERO)
    debts: dict[str, Decimal] = {}
    others: list[_Item] = []
    for part, number in items:
        if part.kind == DEBT:
            debts[part.name] = debts.get(part.name, ZERO) - number
        elif part.kind != CASH:
            others.append((part, -number))
    if cash:
        yield CASH, "", "", cash
    for card, debt in debts.items():
        yield DEBT, "", card, debt
    if not cash and len(debts) == 1:
        (card,) = debts
        yield from ((part.kind, part.name, card, number) for part, number in others)
    else:
        yield from _matched(debts, others)


def _matched(
    debts: Mapping[str, Decimal], others: list[_Item]
) -> Iterator[tuple[str, str, str, Decimal]]:
    """What each card paid or got back of the other items; the rest of them is cash."""
    for card, debt in debts.items():
        rest = debt
        for place, (part, number) in enumerate(others):
            # A charge pays what was spent, a credit is what came back.
            taken = _toward(number, rest)
            if taken:
                others[place] = part, number - taken
                rest += taken
                yield part.kind, part.name, card, taken
        if rest and any(part == _EQUITY for part, _ in others):
            # Cash and a card opened in one entry: nothing was paid from one to the other.
            yield OUTSIDE, "", card, -rest
            yield OUTSIDE, "", "", rest
        elif rest:
            yield PAID, "", card, rest
    for part, number in others:
        if number:
            yield part.kind, part.name, "", number


def _toward(number: Decimal, debt: Decimal) -> Decimal:
    """As much of a change as a card's change of debt stands for: spending for more debt, money back
    for less."""
    if debt > 0 > number:
        return max(number, -debt)
    if debt < 0 < number:
        return min(number, -debt)
    return ZERO
