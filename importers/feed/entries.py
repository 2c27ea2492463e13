"""The entries of the books that hold a feed's lines, and what may no longer be changed of them."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from beancount.core import data

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from importers.posted import posted
from importers.processors import takes

# Whether an entity's books are sealed on a day.
Sealed = Callable[[str, dt.date], bool]


def unsealed(_entity: str, _day: dt.date) -> bool:
    """Books without seals."""
    return False


@dataclass(frozen=True)
class Entry:
    """A transaction, the place in it of the posting that is the line, and that posting's ids."""

    txn: data.Transaction
    place: int
    ids: tuple[str, ...]

    @property
    def posting(self) -> data.Posting:
        """The posting that is the line."""
        return self.txn.postings[self.place]


def entries(books: Books, ids: Collection[str]) -> dict[str, Entry]:
    """Where the lines with these ids stand."""
    if not ids:
        return {}
    wanted = set(ids)
    rows = [row for row in posted(books, books.accounts) if not wanted.isdisjoint(row.ids)]
    there = books.standing_at([(row.file, row.line) for row in rows])
    return {
        line_id: Entry(there[row.file, row.line], row.place, row.ids)
        for row in rows
        if (row.file, row.line) in there
        for line_id in wanted.intersection(row.ids)
    }


def fixed(entry: Entry, books: Books, sealed: Sealed) -> str:
    """Why amount and date of an entry may not change any more; empty where they may."""
    account, day = entry.posting.account, entry.txn.date
    if is_sealed(entry, books, sealed):
        return f"the books of {books.registry.ent(account)} are sealed on {day}"
    proof = min(
        (
            e.date
            for e in books.standing
            if isinstance(e, data.Balance)
            and e.account == account
            and e.date > day
            and e.meta.get("statement")
        ),
        default=None,
    )
    return f"the statement behind the balance of {proof} has proven it" if proof else ""


def is_sealed(entry: Entry, books: Books, sealed: Sealed) -> bool:
    """Whether nothing at all of an entry may change any more."""
    return sealed(books.registry.ent(entry.posting.account) or "", entry.txn.date)


def suspense_of(entity: str, currency: str, books: Books) -> str:
    """The entity's suspense account. Raises UserError where it has none."""
    for account in books.accounts.values():
        is_open = account.role == "suspense" and not account.closed
        if is_open and account.entity == entity and takes(account, currency):
            return account.name
    raise UserError(
        f"{entity} has no suspense account for {currency}",
        hint=f'open one: 2020-01-01 open Assets:{entity}:Suspense with role: "suspense"',
        code=EXIT_FINDINGS,
    )
