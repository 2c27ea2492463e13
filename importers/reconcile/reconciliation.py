"""The reconciliation statement: the bank's balance and the books' own, each adjusted, and why.

    bank's closing balance + deposits in transit − outstanding payments ± the bank's errors
    books' balance ± what is not booked yet

are equal, or the account cannot be reconciled (DOMAIN D4). Adjusted to what both will say, once the
bank has everything that is booked, and the books everything that happened at the bank.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.findings import UserError
from core.journal.books import Books
from core.money import at_cents
from importers.reconcile.bank import Bank, Line, sentence
from importers.reconcile.entries import YES, Entry, Held, held
from importers.reconcile.matching import Doubt, Match, Matching, matched

_ROWS = 5
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Reconciliation:
    """One account and currency on the evening of ``bank.end``.

    ``matches`` are lines with their postings, and reversals; ``differing`` those that are known to
    be the same and say another amount; ``outstanding`` the postings that no statement has, oldest
    first; ``unbooked`` the lines that the books lack; ``doubts`` what only a person can say (their
    lines count as unbooked, their postings as outstanding); ``errors`` the lines that the bank
    should not have written, by a person's word; ``rows_near`` what may explain a difference.
    """

    bank: Bank
    held: Held
    matches: tuple[Match, ...]
    differing: tuple[Match, ...]
    outstanding: tuple[Entry, ...]
    unbooked: tuple[Line, ...]
    doubts: tuple[Doubt, ...]
    errors: tuple[Line, ...]
    rows_near: tuple[str, ...] = ()

    @property
    def in_transit(self) -> tuple[Entry, ...]:
        """The deposits that the bank does not have yet."""
        return tuple(entry for entry in self.outstanding if entry.amount > 0)

    @property
    def payments(self) -> tuple[Entry, ...]:
        """The payments that nobody has cashed yet."""
        return tuple(entry for entry in self.outstanding if entry.amount <= 0)

    @property
    def booked_later(self) -> tuple[Entry, ...]:
        """The postings that the bank has already and the books only after the last day."""
        return tuple(e for m in self.matches for e in m.entries if e.date > self.bank.end)

    @property
    def asked(self) -> tuple[Line, ...]:
        """The lines of which only a person can say which postings they are."""
        return tuple({x.key: x for doubt in self.doubts for x in doubt.lines}.values())

    @property
    def bank_errors(self) -> Decimal:
        """What the bank's errors, those of earlier statements too, have added to its balance."""
        return self.held.errors + sum((line.amount for line in self.errors), _NOTHING)

    @property
    def adjusted_bank(self) -> Decimal:
        """The bank's closing balance as it will be."""
        outstanding = sum((entry.amount for entry in self.outstanding), _NOTHING)
        return self.bank.closing + outstanding - self.bank_errors

    @property
    def adjusted_book(self) -> Decimal:
        """The books' balance as it will be."""
        missing = sum((line.amount for line in (*self.unbooked, *self.asked)), _NOTHING)
        return self.held.held + missing + sum((e.amount for e in self.booked_later), _NOTHING)

    @property
    def difference(self) -> Decimal:
        """What the adjusted bank balance has more than the adjusted books."""
        return self.adjusted_bank - self.adjusted_book

    @property
    def closes(self) -> bool:
        """Whether nothing is different, missing in the books, or to be asked."""
        return not (self.difference or self.unbooked or self.doubts or self.differing)


def reconciled(
    books: Books,
    bank: Bank,
    *,
    said: Mapping[int, Collection[tuple[str, int]]] | None = None,
    errors: Collection[int] = (),
) -> Reconciliation:
    """The statement ``bank`` beside the books.

    ``said`` are rows with the places (file, line) of their transactions, ``errors`` the rows that
    are the bank's errors, both by a person's word. Raises UserError for a row that is not there.
    """
    return compared(bank, held(books, bank), books=books, said=said, errors=errors)


def compared(
    bank: Bank,
    side: Held,
    *,
    books: Books | None = None,
    said: Mapping[int, Collection[tuple[str, int]]] | None = None,
    errors: Collection[int] = (),
) -> Reconciliation:
    """As ``reconciled``, with the books' side as it is given; ``books`` say how files are shown."""
    _check_rows(bank, {*errors, *(said or {})})
    wrong = tuple(line for line in bank.lines if line.row in errors)
    lines = [line for line in bank.lines if line.row not in errors and line.amount]
    found = matched(lines, side.entries, bank.end, said)
    for row, places in (said or {}).items():
        if not any(m.by == "your word" and m.lines[0].row == row for m in _all(found)):
            raise UserError(
                f"row {row} cannot be {', '.join(f'{f}:{n}' for f, n in places)}",
                file=bank.file,
                hint=f"name a transaction that posts to {bank.account} and is not reconciled yet",
            )
    used = {e.key for of in (*found.matches, *found.differing) for e in of.entries}
    outstanding = tuple(
        entry
        for entry in side.entries
        if entry.key not in used and entry.date <= bank.end and not _is_elsewhere(entry, bank)
    )
    result = Reconciliation(
        bank,
        side,
        tuple(found.matches),
        tuple(found.differing),
        outstanding,
        tuple(found.lines),
        tuple(found.doubts),
        wrong,
    )
    if not result.difference and not result.differing:
        return result
    return replace(result, rows_near=tuple(_explained(result, books)))


def _all(found: Matching) -> list[Match]:
    return [*found.matches, *found.differing]


def _is_elsewhere(entry: Entry, bank: Bank) -> bool:
    """Whether another statement, which overlaps with this one, has the posting."""
    return entry.recon == YES and entry.date < bank.first and (entry.on or bank.end) <= bank.end


def _check_rows(bank: Bank, rows: Collection[int]) -> None:
    missing = sorted(set(rows) - {line.row for line in bank.lines})
    if missing:
        raise UserError(
            f"has no line in row {', '.join(map(str, missing))} up to {bank.end}",
            file=bank.file,
            hint="rows are counted as the report shows them, behind the file's name",
        )


def _explained(of: Reconciliation, books: Books | None) -> Iterator[str]:
    """Where a difference may come from."""
    bank, gap = of.bank, of.difference
    yield from sentence(bank)
    for match in of.differing:
        rows = ", ".join(f"{bank.file}:{line.row}" for line in match.lines)
        sums = sum((line.amount for line in match.lines), _NOTHING)
        for entry in match.entries:
            yield (
                f"{where(entry, books)}: {entry.date} {at_cents(entry.amount)} is {rows}, which "
                f"says {at_cents(sums)}"
            )
    cleared = of.held.cleared + of.held.errors
    if cleared != bank.opening:
        yield (
            f"before {bank.first} the books hold {at_cents(cleared)} that is cleared, the "
            f"statement begins with {at_cents(bank.opening)}: reconcile the statements before "
            "this one"
        )
    yield from _suspects(of, gap, books)


def _suspects(of: Reconciliation, gap: Decimal, books: Books | None) -> Iterator[str]:
    """The postings that are the difference by themselves, or twice (a wrong sign), then those
    nearest to the end."""
    near = [e for e in of.outstanding if e.date >= of.bank.first - dt.timedelta(days=31)]
    near.sort(key=lambda e: (abs(e.amount) not in {abs(gap), abs(gap) / 2}, -e.date.toordinal()))
    for entry in near[:_ROWS]:
        yield (f"{where(entry, books)}: {entry.date} {at_cents(entry.amount)} is on no statement")


def where(entry: Entry, books: Books | None) -> str:
    """The place of a posting's transaction as it is shown: file and line."""
    file = books.relative(entry.file) if books else entry.file
    return f"{file}:{entry.line}"
