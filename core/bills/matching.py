"""Which payments in the books are the recurring ones that were expected.

An expected day takes the payment of the same payee (or a declared alias of the vendor) that is
nearest to it, at most five days before or after. Nearer ones are given away first, so that a late
payment does not take the next month's day.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.bills.recurring import Recurring, Series, Terms, recurring
from core.cache.slim import digest
from core.dealings import dealings_of, folded
from core.journal.books import Books
from core.journal.shape import Shape

AROUND = 5  # days
ZERO = Decimal(0)


@dataclass(frozen=True)
class Payment:
    """An entry of a series: what was paid (positive; of an income series what came in)."""

    txn: data.Transaction
    amount: Decimal


@dataclass(frozen=True)
class Occurrence:
    """An expected day, and the payment that it was; None where there is none."""

    day: dt.date
    terms: Terms
    payment: Payment | None


@dataclass(frozen=True)
class Matched:
    """A series as it went: its occurrences, and the payments that were none of them."""

    series: Series
    occurrences: Sequence[Occurrence]
    others: Sequence[Payment]


def recurring_in(books: Books) -> Recurring:
    """The recurring payments that the books declare."""
    found: Recurring | None = books.memo.get("recurring")
    if found is None:
        found = books.memo["recurring"] = recurring(books.standing, books.registry)
    return found


def matched(books: Books, until: dt.date) -> list[Matched]:
    """Every series with its occurrences up to ``until``, and the payments of the books."""
    known = recurring_in(books).series
    if not known:
        return []
    key = "recurring matched", until
    if key not in books.memo:
        names = _all_names(books)
        payees = frozenset().union(*names.values())
        wanted = books.select(
            f"payees {digest(sorted(payees))}", lambda txn: folded(txn.payee or "") in payees
        )
        books.memo[key] = [
            _matched(series, _payments(books, series, names[series], wanted), until)
            for series in known
        ]
    found: list[Matched] = books.memo[key]
    return found


def may_be_of_a_series(shape: Shape, books: Books) -> bool:
    """Whether entries of the shape can be recurring payments: their payee says whether they are."""
    entities = {series.entity for series in recurring_in(books).series}
    return bool(entities & shape.entities(books))


def is_of_a_series(txn: data.Transaction, books: Books) -> bool:
    """Whether an entry has the payee of a series."""
    every = _all_names(books)
    if not every:
        return False
    payee = folded(txn.payee or "")
    return any(payee in names for names in every.values())


def _all_names(books: Books) -> dict[Series, frozenset[str]]:
    """What the payee of each series is called."""
    if "recurring names" not in books.memo:
        books.memo["recurring names"] = {
            series: _names(books, series) for series in recurring_in(books).series
        }
    found: dict[Series, frozenset[str]] = books.memo["recurring names"]
    return found


def _matched(series: Series, payments: Sequence[Payment], until: dt.date) -> Matched:
    days = series.expected(dt.date.min, until)
    pairs = sorted(
        (abs((payment.txn.date - day).days), place, number)
        for place, (day, _) in enumerate(days)
        for number, payment in enumerate(payments)
        if abs((payment.txn.date - day).days) <= AROUND
    )
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, place, number in pairs:
        if place not in taken and number not in used:
            taken[place] = number
            used.add(number)
    return Matched(
        series,
        [
            Occurrence(day, terms, payments[taken[place]] if place in taken else None)
            for place, (day, terms) in enumerate(days)
        ],
        [payment for number, payment in enumerate(payments) if number not in used],
    )


def _names(books: Books, series: Series) -> frozenset[str]:
    """What the payee is called, folded: its name, and what vendors declare as another."""
    dealings = dealings_of(books.standing)
    payee = dealings.payee(series.payee)
    others = [folded(name) for each in dealings.vendors for name in (each.name, each.alias)]
    return frozenset({payee, *(name for name in others if dealings.payee(name) == payee)})


def _payments(
    books: Books, series: Series, names: frozenset[str], wanted: Sequence[data.Transaction]
) -> list[Payment]:
    found = []
    for txn in wanted:
        if folded(txn.payee or "") not in names or series.entity not in books.registry.ents(txn):
            continue
        amount = _amount(books, series, txn)
        if amount > 0:
            found.append(Payment(txn, amount))
    return found


def _amount(books: Books, series: Series, txn: data.Transaction) -> Decimal:
    """What an entry paid of the series, in its currency: on its account, else on the account that
    it is paid from, else on what is money."""
    currency = series.terms[-1].currency
    pay_from = series.terms[-1].pay_from
    total = ZERO
    for posting in txn.postings:
        units = posting.units
        if units is None or units.currency != currency or not units.number:
            continue
        if series.account:
            if _is_below(posting.account, series.account):
                total += units.number
        elif pay_from:
            total -= units.number if _is_below(posting.account, pay_from) else ZERO
        elif books.role(posting.account) in {"bank", "cash", "card", "in-transit"}:
            total -= units.number
    return -total if series.comes_in else total


def _is_below(account: str, above: str) -> bool:
    return account == above or account.startswith(f"{above}:")
