"""What owners take out: the postings of a company to its accounts of the role ``distribution``.

A posting counts where money or another asset leaves or comes back, or is owed: a reclassification
within equity is no distribution. In an entry of a distribution's class any equity account counts.
A negative amount is what an owner gave back.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape
from plugins.veil.evidence import documents, evidence
from plugins.veil.figures import member_of
from plugins.veil.gathering import ZERO, book_value
from plugins.veil.transfers import is_mixed, posting_party

CLASSES = frozenset({"distribution", "tax-distribution", "dividend"})
AUTHORITY = ("resolution", "agreement")
_OWN = ("Assets:", "Liabilities:")
_DATED = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
# How the file or folder of a linked document says that it is the decision itself.
_RESOLVES = re.compile("resolution|consent|minutes", re.IGNORECASE)


@dataclass(frozen=True)
class Distribution:
    """One owner's share of one entry; ``amount`` is positive when the owner receives."""

    txn: data.Transaction
    entity: str
    owner: str
    amount: Decimal
    currency: str

    @property
    def date(self) -> dt.date:
        """The day of the payment."""
        return self.txn.date

    @property
    def is_corrective(self) -> bool:
        """Whether it makes good what an owner was short of."""
        return "corrective" in (self.txn.tags or ())


def touches_members(txn: data.Transaction) -> bool:
    """Whether the transaction can be a distribution, whatever is declared of its accounts."""
    of_members = own = False
    for posting in txn.postings:
        of_members = of_members or posting.account.startswith("Equity:")
        own = own or posting.account.startswith(_OWN)
    return of_members and own


def may_be_distribution(shape: Shape, _: Books) -> bool:
    """Shapes of what touches members."""
    return shape.posts_to("Equity:") and shape.posts_to(*_OWN)


def with_members(books: Books) -> Sequence[data.Transaction]:
    """The transactions that touch members."""
    return books.select("touches members", touches_members)


def is_distribution(txn: data.Transaction, books: Books) -> bool:
    """Whether a posting of the transaction counts."""
    return touches_members(txn) and any(_counts(txn, p, books) for p in txn.postings)


def distributions(books: Books) -> Sequence[Distribution]:
    """All distributions of companies and what was given back, by date."""
    found: list[Distribution] | None = books.memo.get("distributions")
    if found is None:
        found = books.memo["distributions"] = _distributions(books)
    return found


def _distributions(books: Books) -> list[Distribution]:
    found: list[Distribution] = []
    people = {name for name, e in books.registry.entities.items() if e.is_person}
    for txn in with_members(books):
        if is_mixed(txn, books):
            continue
        sums: dict[tuple[str, str, str], Decimal] = {}
        for posting in txn.postings:
            if not _counts(txn, posting, books):
                continue
            entity = books.registry.ent(posting.account)
            if entity and entity not in people:
                number, currency = book_value(posting)
                key = entity, _owner(txn, posting, books), currency
                sums[key] = sums.get(key, ZERO) + number
        found += [Distribution(txn, e, o, n, c) for (e, o, c), n in sums.items() if n]
    return found


def authorised(txn: data.Transaction, books: Books) -> dt.date | None:
    """The day of the resolution on file for the entry, as its name says it; else None."""
    days = [dated(path) for path in evidence(txn, books, ("resolution",)).values()]
    for document in documents(txn, books):
        path = Path(document.filename)
        if _RESOLVES.search(f"{path.parent.name}/{path.name}"):
            days.append(dated(path) or document.date)
    return min((day for day in days if day), default=None)


def papers(
    txn: data.Transaction, books: Books, keys: tuple[str, ...] = AUTHORITY
) -> list[tuple[dt.date | None, Path]]:
    """The papers of the entry that are there, with their dates: of the file's name, else of the
    document directive."""
    found = [(dated(path), path) for path in evidence(txn, books, keys).values()]
    for document in documents(txn, books):
        path = Path(document.filename)
        found.append((dated(path) or document.date, path))
    return found


def dated(path: Path) -> dt.date | None:
    """The day that a file's name says."""
    said = _DATED.search(path.name)
    try:
        return dt.date.fromisoformat(said[1]) if said else None
    except ValueError:
        return None


def _counts(txn: data.Transaction, posting: data.Posting, books: Books) -> bool:
    if not posting.account.startswith("Equity:"):
        return False
    return books.role(posting.account) == "distribution" or txn.meta.get("transfer") in CLASSES


def _owner(txn: data.Transaction, posting: data.Posting, books: Books) -> str:
    """Who received it: the account's owner, else the counterparty."""
    said = member_of(posting.account, books) or posting_party(posting, books)
    name = said or str(txn.meta.get("counterparty") or "")
    owner = books.registry.named(name)
    return owner.name if owner else name
