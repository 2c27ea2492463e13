"""Bills and invoices by their links, and what each still leaves open.

Entries that share ``^bill-…`` or ``^inv-…`` belong together: what is open is the sum of their
postings on accounts with the role ap (ar). It is due on ``due:`` of the first entry that says so;
without one nobody knows, and nothing is said of it.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape

BILL, INVOICE = "bill-", "inv-"
_ROLES = {BILL: "ap", INVOICE: "ar"}
ZERO = Decimal(0)


@dataclass(frozen=True)
class OpenItem:
    """A bill or an invoice in one entity's books. ``open`` is positive while it is unpaid, and
    negative where more was paid than it asks for. ``first`` is its first entry, ``last`` its
    newest."""

    link: str
    entity: str
    payee: str
    currency: str
    open: Decimal
    due: dt.date | None
    first: data.Transaction
    last: data.Transaction

    @property
    def is_bill(self) -> bool:
        """Whether the entity owes it."""
        return self.link.startswith(BILL)

    def overdue(self, day: dt.date) -> int:
        """Days since it was due; negative while it is not."""
        return (day - self.due).days if self.due else 0


def open_items(books: Books) -> list[OpenItem]:
    """Every bill and invoice that is not paid to the cent, in order of links."""
    if "open items" not in books.memo:
        books.memo["open items"] = list(_items(books))
    found: list[OpenItem] = books.memo["open items"]
    return found


def may_have_item(shape: Shape) -> bool:
    """Whether entries of the shape belong to a bill or an invoice."""
    return bool(shape.links & {BILL[:-1], INVOICE[:-1]})


def has_item(txn: data.Transaction) -> bool:
    """Whether an entry belongs to a bill or an invoice."""
    return any(link.startswith((BILL, INVOICE)) for link in txn.links or ())


def _items(books: Books) -> Iterator[OpenItem]:
    sums: dict[tuple[str, str, str], Decimal] = {}
    entries: dict[str, list[data.Transaction]] = {}
    for txn in books.select("bills and invoices", has_item):
        for link in txn.links or ():
            kind = next((kind for kind in _ROLES if link.startswith(kind)), "")
            if not kind:
                continue
            entries.setdefault(link, []).append(txn)
            for posting in txn.postings:
                units = posting.units
                if books.role(posting.account) != _ROLES[kind] or not units or not units.number:
                    continue
                key = link, books.registry.ent(posting.account) or "", units.currency
                number = -units.number if kind == BILL else units.number
                sums[key] = sums.get(key, ZERO) + number
    for (link, entity, currency), number in sorted(sums.items()):
        own = [txn for txn in entries[link] if entity in books.registry.ents(txn)]
        if number and own:
            due = next((txn.meta["due"] for txn in own if _is_day(txn.meta.get("due"))), None)
            payee = next((txn.payee for txn in own if txn.payee), link)
            yield OpenItem(link, entity, payee, currency, number, due, own[0], own[-1])


def _is_day(value: object) -> bool:
    return type(value) is dt.date
