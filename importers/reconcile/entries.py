"""The books' side of a reconciliation: the postings of the account, and which are cleared already.

A posting is cleared when it says ``recon: "yes"`` with a ``recon-date`` before the statement, when
it is a bank's own line of an earlier day (``id:``), or when it lies before a balance that agreed
with the bank and left nothing outstanding. ``recon: "no"`` says that none of this holds. What is
not cleared stays outstanding until a statement has it.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data

from core.journal.books import Books
from importers.posted import Posted, posted
from importers.reconcile.bank import Bank

YES, NO = "yes", "no"
# What our own balance says when the bank's closing balance is another.
STATED, ERRORS = "statement-balance", "bank-errors"
# A line may stand in the books so many days beside the bank's day.
REACH = dt.timedelta(days=7)
_DAY, _MONTH = dt.timedelta(days=1), 31


@dataclass(frozen=True)
class Entry:
    """A posting that may be a line of the statement; ``amount`` is signed as the account's.

    ``file`` and ``line`` are those of its transaction, ``place`` its place in it (from 0).
    ``recon`` is ``yes``, ``no`` or empty, ``on`` its ``recon-date``. ``links`` and ``tags`` are the
    transaction's.
    """

    date: dt.date
    amount: Decimal
    text: str
    file: str
    line: int
    place: int = 0
    ids: tuple[str, ...] = ()
    recon: str = ""
    on: dt.date | None = None
    links: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[dt.date, str, int, int]:
        """Its place in the order of the books."""
        return self.date, self.file, self.line, self.place


@dataclass(frozen=True)
class Held:
    """The books' side: what the account ``held`` on the evening of the statement's last day, what
    of it was ``cleared`` before the statement, and the ``entries`` that were not, up to a week
    after it. ``errors`` are the bank's own of earlier statements (signed as the statement's lines
    were) that it has not mended yet."""

    held: Decimal
    cleared: Decimal
    entries: tuple[Entry, ...]
    errors: Decimal = Decimal(0)


def held(books: Books, bank: Bank) -> Held:
    """What the books hold of the account of ``bank``, in its currency."""
    rows = [r for r in posted(books, [bank.account]) if r.currency == bank.currency and r.number]
    marks = _marks(books)
    before = _agreed(books, bank, rows, marks)
    ids = {line.id for line in bank.lines if line.id}
    open_rows, cleared = [], Decimal(0)
    for row in rows:
        recon, on = marks.get((row.file, row.line, row.place), ("", None))
        if not ids.isdisjoint(row.ids) or not _is_cleared(row, recon, on, bank.first, before):
            open_rows.append(row)
        else:
            cleared += row.number
    last = bank.end + REACH
    wanted = [row for row in open_rows if row.date <= last or not ids.isdisjoint(row.ids)]
    there = books.standing_at({(row.file, row.line) for row in wanted})
    entries = []
    for row in wanted:
        txn = there.get((row.file, row.line))
        if txn is None:
            continue
        if ids.isdisjoint(row.ids) and _is_opening(txn, bank.account):
            cleared += row.number
            continue
        recon, on = marks.get((row.file, row.line, row.place), ("", None))
        entries.append(_entry(row, txn, recon, on))
    total = sum((row.number for row in rows if row.date <= bank.end), Decimal(0))
    return Held(total, cleared, tuple(sorted(entries, key=lambda e: e.key)), _errors(books, bank))


def _entry(row: Posted, txn: data.Transaction, recon: str, on: dt.date | None) -> Entry:
    return Entry(
        row.date,
        row.number,
        " ".join(filter(None, (txn.payee, txn.narration))),
        row.file,
        row.line,
        row.place,
        row.ids,
        recon,
        on,
        frozenset(txn.links or ()),
        frozenset(txn.tags or ()),
    )


def _is_cleared(
    row: Posted, recon: str, on: dt.date | None, first: dt.date, before: dt.date
) -> bool:
    if recon == NO:
        return False
    if recon == YES:
        return (on or row.date) < first
    return row.padded or row.date < before or (bool(row.ids) and row.date < first)


def _is_opening(txn: data.Transaction, account: str) -> bool:
    """Whether a transaction is what the account held when the books began."""
    others = {p.account for p in txn.postings if p.account != account}
    return bool(others) and all(
        name.startswith("Equity:") and "opening" in name.casefold() for name in others
    )


def _agreed(
    books: Books,
    bank: Bank,
    rows: Collection[Posted],
    marks: dict[tuple[str, int, int], tuple[str, dt.date | None]],
) -> dt.date:
    """The day before which books and bank agreed with nothing outstanding: what is older is
    cleared, marked or not. Never later than the statement's first day."""
    proven = list(_proven(books, bank))
    adjusted = {e.date for e in proven if STATED in e.meta or ERRORS in e.meta}
    plain = [e.date for e in proven if e.date <= bank.first and e.date not in adjusted]
    agreed = max(plain, default=dt.date.min)
    if max(adjusted, default=agreed) > agreed:
        return agreed
    # Where nobody has reconciled yet, an opening balance that is the books' own says as much: of
    # the morning of the first line, or of a day before it, since files begin with their first line.
    held = [
        (row.date, row.number)
        for row in rows
        if marks.get((row.file, row.line, row.place), ("", None))[0] != NO
    ]
    earlier = sum((number for day, number in held if day < bank.first), Decimal(0))
    for back in range(_MONTH):
        day = bank.first - dt.timedelta(back)
        if earlier == bank.opening or day <= agreed:
            return max(day, agreed)
        yesterday = day - _DAY
        earlier -= sum((number for date, number in held if date == yesterday), Decimal(0))
    return agreed


def _proven(books: Books, bank: Bank) -> Iterable[data.Balance]:
    """The balances with a statement that hold."""
    for entry in books.standing:
        if (
            isinstance(entry, data.Balance)
            and entry.account == bank.account
            and entry.amount.currency == bank.currency
            and entry.diff_amount is None
            and entry.meta.get("statement")
        ):
            yield entry


def _errors(books: Books, bank: Bank) -> Decimal:
    """The bank's errors that the newest balance before the statement says."""
    before = [entry for entry in _proven(books, bank) if entry.date <= bank.first]
    newest = max(before, key=lambda entry: (entry.date, ERRORS in entry.meta), default=None)
    value = newest.meta.get(ERRORS) if newest else None
    number = getattr(value, "number", value)
    return number if isinstance(number, Decimal) else Decimal(0)


def _marks(books: Books) -> dict[tuple[str, int, int], tuple[str, dt.date | None]]:
    """``recon`` and ``recon-date`` of each posting that says them, or whose transaction does."""
    return {
        (file, line, place): (recon, dt.date.fromordinal(on) if on else None)
        for rows in books.by_file("reconciliation marks", _marked)
        for file, line, place, recon, on in rows
    }


def _marked(transactions: Iterable[data.Transaction]) -> list[list[Any]]:
    """The postings that say ``recon:``, as JSON has it."""
    rows: list[list[Any]] = []
    for txn in transactions:
        for place, posting in enumerate(txn.postings):
            meta = posting.meta or {}
            said = meta if "recon" in meta else txn.meta
            if "recon" not in said:
                continue
            recon, on = mark(said["recon"]), said.get("recon-date")
            day = on.toordinal() if isinstance(on, dt.date) else 0
            rows.append([str(txn.meta["filename"]), txn.meta["lineno"], place, recon, day])
    return rows


def mark(value: object) -> str:
    """``yes`` or ``no``, as a person may write it; empty for anything else."""
    if isinstance(value, bool):
        return YES if value else NO
    said = value.strip().casefold() if isinstance(value, str) else ""
    return said if said in {YES, NO} else ""
