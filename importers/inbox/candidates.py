"""Bank lines that a question of the inbox is about: the same line, the other side."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.findings import UserError
from core.journal.books import Books
from importers.inbox.items import InboxItem
from importers.matching.sides import perhaps_of
from importers.posted import Posted, is_undecided, posted


@dataclass(frozen=True)
class Candidate:
    """A bank line in the books: its id, its transaction, and the place of its posting in that.

    ``number`` is what its account gained; ``file`` and ``line`` are where its transaction stands.
    """

    id: str
    account: str
    number: Decimal
    currency: str
    txn: data.Transaction
    place: int
    file: str
    line: int

    @property
    def date(self) -> dt.date:
        """The day of its transaction."""
        return self.txn.date

    @property
    def name(self) -> str:
        """What it is called by: its payee, else its narration."""
        return self.txn.payee or self.txn.narration or ""


def candidates(items: Iterable[InboxItem], books: Books) -> Mapping[str, tuple[Candidate, ...]]:
    """For each item (by its id) the lines that ``perhaps:`` names and that may still be it: those
    that are in the books, and of a transfer those that wait too."""
    asked = {item.id: (item.review, perhaps_of(item.txn)) for item in items}
    wanted = {line_id for _, ids in asked.values() for line_id in ids}
    found = _found(wanted.__contains__, books) if wanted else {}
    return {
        item_id: tuple(
            found[line_id]
            for line_id in ids
            if line_id in found and (review != "transfer" or is_undecided(found[line_id].txn))
        )
        for item_id, (review, ids) in asked.items()
    }


def candidate(wanted: str, books: Books) -> Candidate:
    """The bank line whose id is, begins or ends with ``wanted``.

    Raises UserError where there is none, or more than one.
    """
    lines = _found(lambda i: i.startswith(wanted) or i.endswith(wanted), books)
    if wanted in lines:
        return lines[wanted]
    if len(lines) == 1:
        return next(iter(lines.values()))
    if not lines:
        raise UserError(
            f"no bank line in the books has the id '{wanted}'",
            hint="'id:' on the entry's bank posting says it, and 'books inbox' lists what waits",
        )
    raise UserError(f"{len(lines)} lines have an id like '{wanted}'", hint="write more of the id")


def same_lines(item: InboxItem, books: Books) -> list[Candidate]:
    """The other bank lines of the item's account and amount, the nearest day first."""
    rows = [
        (row.ids[0], row)
        for row in posted(books, [item.account])
        if row.ids and (row.number, row.currency) == (item.number, item.currency)
    ]
    return _nearest(item, rows, books)


def opposite_lines(item: InboxItem, books: Books) -> list[Candidate]:
    """The undecided bank lines of other accounts and the opposite amount, the nearest first."""
    moved = _moved(item, books)
    rows = [
        (row.ids[0], row)
        for row in posted(books, books.accounts)
        if row.ids and (row.number, row.currency) == (-moved, item.currency)
    ]
    near = _nearest(item, rows, books)
    return [c for c in near if c.account != item.account and is_undecided(c.txn)]


def _moved(item: InboxItem, books: Books) -> Decimal:
    """What the item's account gained before a fee was kept of it: what waits, where that is one."""
    waiting = [p.units for p in item.txn.postings if books.role(p.account) == "suspense"]
    if len(waiting) != 1 or waiting[0] is None or waiting[0].number is None:
        return item.number
    return -Decimal(waiting[0].number)


def _nearest(item: InboxItem, rows: Sequence[tuple[str, Posted]], books: Books) -> list[Candidate]:
    found = (candidate for candidate in _made(rows, books) if candidate.id != item.id)
    return sorted(found, key=lambda c: (abs(c.date - item.txn.date), c.date, c.id))


def lines_of(posting: data.Posting) -> tuple[tuple[str, str], ...]:
    """The bank lines that a posting is, each with its id and its source (empty where unsaid)."""
    meta = posting.meta or {}
    named = [key for key in meta if re.fullmatch(r"id(-\d+)?", key) and isinstance(meta[key], str)]
    in_order = sorted(named, key=lambda key: int(key[3:] or 1))
    return tuple((meta[key], str(meta.get("src" + key[2:], ""))) for key in in_order)


def next_number(posting: data.Posting) -> int:
    """The number of the next ``id-N`` below a posting; 1 where it has no id yet."""
    keys = (re.fullmatch(r"id(?:-(\d+))?", key) for key in posting.meta or {})
    return max((int(match[1] or 1) for match in keys if match), default=0) + 1


def _found(is_wanted: Callable[[str], bool], books: Books) -> dict[str, Candidate]:
    """The bank lines with a wanted id, by that id."""
    rows = [(i, row) for row in posted(books, books.accounts) for i in row.ids if is_wanted(i)]
    return {candidate.id: candidate for candidate in _made(rows, books)}


def _made(rows: Sequence[tuple[str, Posted]], books: Books) -> Iterator[Candidate]:
    """The postings, each under an id of it; no other transaction is made for them."""
    there = books.standing_at([(row.file, row.line) for _, row in rows])
    for line_id, row in rows:
        txn = there.get((row.file, row.line))
        if txn is not None:
            file, line = books.where(txn)
            yield Candidate(
                line_id, row.account, row.number, row.currency, txn, row.place, file, line
            )
