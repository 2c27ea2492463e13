"""The entries that cross between entities: of a large journal only a small part.

What crosses is known by the accounts that are declared to face another entity, by the entry's own
metadata, and by its links; so each file is asked once, and its answer is kept with it.
"""

from dataclasses import replace
from typing import TypeVar

from beancount.core import data

from core.cache.slim import digest
from core.journal.books import Books
from core.loans.ledger import ADVANCE, REPAYMENT, loans_in
from plugins.veil.commingling import is_elimination

_KEY = "crossing books"
_LINKS = ("ic-", "loan-")
_META = ("counterparty", "note")
T = TypeVar("T")


def crossing_books(books: Books) -> Books:
    """The books with no other transactions than those that can cross or belong to a loan, and no
    eliminations; of the same books always the same ones."""
    known: Books | None = books.memo.get(_KEY)
    if known is None:
        facing = _facing(books)
        name = f"crosses: {digest(sorted(facing))}"
        found = [
            txn
            for txn in books.select(name, lambda txn: _may_cross(txn, facing))
            if not is_elimination(txn)
        ]
        entries = sorted([*_others(books), *found], key=data.entry_sortkey)
        known = books.memo[_KEY] = replace(books, entries=entries, parts=None)
    return known


def _others(books: Books) -> list[data.Directive]:
    return [entry for entry in books.standing if not isinstance(entry, data.Transaction)]


def _facing(books: Books) -> frozenset[str]:
    """The accounts between two entities, and those of loans."""
    facing = {name for name, account in books.accounts.items() if account.counterparty}
    return frozenset(facing | loans_in(books).by_account.keys())


def _may_cross(txn: data.Transaction, facing: frozenset[str]) -> bool:
    meta = txn.meta
    if any(key in meta for key in _META) or meta.get("transfer") in {ADVANCE, REPAYMENT}:
        return True
    if any(link.startswith(_LINKS) for link in txn.links or ()):
        return True
    # of two entities at once, which VEIL-001 forbids; names alone tell, whoever is registered
    if len({p.account.split(":", 2)[1] for p in txn.postings}) > 1:
        return True
    return any(p.account in facing or "counterparty" in (p.meta or {}) for p in txn.postings)
