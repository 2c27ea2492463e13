"""How old what is owed on due-to and due-from accounts is, item by item.

Repayments settle the oldest item first. An item's age counts from the day it was booked: dues have
no other due date.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.journal.books import Books
from plugins.veil.owed import DUE_FROM, DUE_TO, Debt, debts
from plugins.veil.transfers import pair_links
from reports.veil.crossings import is_seen
from reports.veil.papers import at

# The last day of each bucket; what is older falls into the one after them.
LIMITS = (30, 60, 90)
BUCKETS = ("0–30 days", "31–60", "61–90", "over 90")


@dataclass(frozen=True)
class OpenItem:
    """What is left of one entry that nobody has settled, by one side's books (``by``); negative
    where too much was paid."""

    debtor: str
    creditor: str
    by: str
    currency: str
    date: dt.date
    days: int
    amount: Decimal
    link: str
    where: str

    @property
    def bucket(self) -> int:
        """Its place in ``BUCKETS``."""
        return next((i for i, last in enumerate(LIMITS) if self.days <= last), len(LIMITS))


def ageing(books: Books, entity: str, day: dt.date) -> tuple[OpenItem, ...]:
    """The open items that ``entity`` owes or is owed at the end of ``day``: by its own books, and
    by the other's where these say something else or its own are not here."""
    found: list[OpenItem] = []
    for debt in debts(books, books.transactions):
        if entity not in (debt.debtor, debt.creditor):
            continue
        own, other = (DUE_FROM, DUE_TO) if debt.creditor == entity else (DUE_TO, DUE_FROM)
        party = debt.debtor if debt.creditor == entity else debt.creditor
        is_here = is_seen(entity, books)
        if is_here:
            found += _items(debt, own, entity, day, books)
        differs = debt.balance(own, day) != debt.balance(other, day)
        if is_seen(party, books) and (differs or not is_here):
            found += _items(debt, other, party, day, books)
    return tuple(found)


def _items(debt: Debt, role: str, by: str, day: dt.date, books: Books) -> Iterator[OpenItem]:
    for move, left in debt.open_items(role, day):
        yield OpenItem(
            debt.debtor,
            debt.creditor,
            by,
            debt.currency,
            move.date,
            (day - move.date).days,
            left,
            next(iter(pair_links(move.txn)), ""),
            at(move.txn, books),
        )
