"""The entries of closed periods and their hashes, computed again only where something is new.

Which files a period is in is known of each file; the hash of a period is kept with the idents of
those files, the lines of what stands beside transactions, and the hash before. Evidence files are
read again only when they were touched.
"""

import datetime as dt
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from beancount.core import data

from core.cache.slim import digest
from core.cache.store import GoneError
from core.findings import UserError
from core.home import home_of
from core.journal.books import Books
from core.journal.parts import Piece
from core.seal import Seal, canonical, entities_in, hash_of_period
from core.soft_close import is_adjusting
from plugins.closing.figures import FORM, Figures, hash_of_figures

Line = tuple[str, data.Directive]  # an entry and its canonical line
_NOTHING: Mapping[str, Any] = {"hashes": {}, "files": {}}


class Sealed:
    """The sealed entries of some books. ``remember`` keeps what was computed."""

    def __init__(self, books: Books) -> None:
        self._books = books
        home = home_of(books.root)
        self._home = home.path if home else books.base.resolve()
        self._name = f"sealed {books.root} {books.kind}"
        known = books.parts.recall(self._name) if books.parts is not None else None
        self._known: Mapping[str, Any] = known or _NOTHING
        self._hashes: dict[str, Sequence[str]] = {}
        self._files: dict[str, Sequence[Any]] = {}

    def hash_of(self, seal: Seal, prev: str) -> str:
        """The hash of what the seal's period holds now, after a period with the hash ``prev``."""
        name = f"{seal.entity} {seal.period.name}{' soft' if seal.is_soft else ''}"
        beside = self._beside(seal)
        idents = self._idents(seal)
        state = digest([prev, idents, sorted(line for line, _ in beside)])
        known = self._known["hashes"].get(name) if idents is not None else None
        if known is None or known[0] != state:
            lines = [line for line, _ in (*beside, *self._transactions(seal))]
            known = [state, hash_of_period(seal.entity, seal.period.name, prev, lines)]
        self._hashes[name] = known
        computed: str = known[1]
        return computed

    def figures_of(self, seal: Seal) -> str:
        """The hash of the figures of the seal's period as they are now."""
        name = f"{seal.entity} {seal.period.name} {FORM}"
        until = self._until(seal)
        state = digest([until, self._figures.prices(seal), self._figures.options(seal)])
        known = self._known["hashes"].get(name) if until is not None else None
        if known is None or known[0] != state:
            known = [state, hash_of_figures(seal, self.figures(seal))]
        self._hashes[name] = known
        computed: str = known[1]
        return computed

    def figures(self, seal: Seal) -> list[str]:
        """What the period's figures are, as lines."""
        return self._figures.lines(seal)

    @cached_property
    def _figures(self) -> Figures:
        return Figures(self._books)

    def _until(self, seal: Seal) -> str | None:
        """A name of all that the entity has booked up to the period's end; None where the books
        do not come in files."""
        if self._by_month is None:
            return None
        months, names = self._names.get(seal.entity, ((), ("",)))
        return names[bisect_right(months, f"{seal.period.last:%Y-%m}")]

    @cached_property
    def _names(self) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
        """By entity: its months, and the name of all up to each of them, the empty one first."""
        found = {}
        for entity, months in (self._by_month or {}).items():
            names, ordered = [""], sorted(months)
            for month in ordered:
                idents = sorted(f"{piece.name} {piece.ident}" for piece in months[month])
                names.append(digest([names[-1], month, idents]))
            found[entity] = ordered, names
        return found

    def lines(self, seal: Seal) -> list[Line]:
        """What the period holds, each entry with its canonical line: those that say the same in the
        order of their places, whichever was read first."""
        return sorted((*self._beside(seal), *self._transactions(seal)), key=self._order)

    def remember(self) -> None:
        """Keeps the hashes for the next time."""
        now = {"hashes": self._hashes, "files": self._files}
        if self._books.parts is not None and now != self._known:
            self._books.parts.keep(self._name, now)

    def line(self, entry: data.Directive) -> Line:
        """An entry with its canonical line, which is empty for what is never sealed."""
        return canonical(entry, self._home, self._hash_of_file), entry

    def standing(self, entity: str) -> Sequence[data.Directive]:
        """The entity's entries that are no transactions, in order of date."""
        return self._standing.get(entity, [])

    def _beside(self, seal: Seal) -> list[Line]:
        """The entries of the period that are no transactions; of a soft-closed one those that
        figures come from: papers, notes, accounts and other balances may still come."""
        found = _within(seal, self._standing)
        if seal.is_soft:
            found = [e for e in found if self._makes_figures(e)]
        lines = map(self.line, found)
        return [(line, entry) for line, entry in lines if line]

    def _makes_figures(self, entry: data.Directive) -> bool:
        """Whether it is a pad, or a balance that one may go up to."""
        if isinstance(entry, data.Balance):
            return entry.account in self._padded
        return isinstance(entry, data.Pad)

    @cached_property
    def _padded(self) -> set[str]:
        return {e.account for e in self._books.standing if isinstance(e, data.Pad)}

    @cached_property
    def _standing(self) -> Mapping[str, list[data.Directive]]:
        found: dict[str, list[data.Directive]] = {}
        for entry in sorted(self._books.standing, key=_day):
            # A document that Beancount found in a folder by itself stands on no line.
            if isinstance(entry, data.Transaction) or not entry.meta.get("lineno"):
                continue
            for entity in entities_in(entry):
                found.setdefault(entity, []).append(entry)
        return found

    def _transactions(self, seal: Seal) -> list[Line]:
        """The transactions of the period, without what Beancount pads with: it stands where its
        ``pad`` does, and that is sealed itself."""
        first, last = seal.period.first, seal.period.last
        found: Iterable[data.Transaction]
        pieces = self._pieces(seal)
        if pieces is None:
            found = _within(seal, self._at_hand)
        else:
            every = (txn for piece in pieces for txn in piece.transactions().values())
            found = (t for t in every if first <= t.date <= last and seal.entity in entities_in(t))
        if seal.is_soft:
            found = [txn for txn in found if not is_adjusting(txn)]
        return [self.line(t) for t in found if self._place(t) not in self._pads]

    @classmethod
    def _order(cls, line: Line) -> tuple[str, tuple[Any, Any]]:
        return line[0], cls._place(line[1])

    @staticmethod
    def _place(entry: data.Directive) -> tuple[Any, Any]:
        return entry.meta.get("filename"), entry.meta.get("lineno")

    @cached_property
    def _pads(self) -> set[tuple[Any, Any]]:
        return {self._place(e) for e in self._books.standing if isinstance(e, data.Pad)}

    @cached_property
    def _at_hand(self) -> Mapping[str, list[data.Transaction]]:
        found: dict[str, list[data.Transaction]] = {}
        for txn in self._books.transactions:
            for entity in entities_in(txn):
                found.setdefault(entity, []).append(txn)
        return found

    def _idents(self, seal: Seal) -> Sequence[str] | None:
        pieces = self._pieces(seal)
        return None if pieces is None else sorted(f"{p.name} {p.ident}" for p in pieces)

    def _pieces(self, seal: Seal) -> Sequence[Piece] | None:
        """The files with transactions of the entity in the months of the period; None where the
        books do not come in files."""
        if self._by_month is None:
            return None
        first, last = f"{seal.period.first:%Y-%m}", f"{seal.period.last:%Y-%m}"
        months = self._by_month.get(seal.entity, {})
        found = {
            piece.name: piece for m, of in months.items() if first <= m <= last for piece in of
        }
        return list(found.values())

    @cached_property
    def _by_month(self) -> Mapping[str, Mapping[str, Sequence[Piece]]] | None:
        parts = self._books.parts
        if parts is None:
            return None
        found: dict[str, dict[str, list[Piece]]] = {}
        with suppress(GoneError):
            for piece in parts.pieces:
                for entity, months in parts.gathered(piece, "months of entities", _months).items():
                    for month in months:
                        found.setdefault(entity, {}).setdefault(month, []).append(piece)
            return found
        return None

    def _hash_of_file(self, path: Path) -> str:
        """The SHA-256 of a file in the home, empty where there is none; of another state of the
        tree, what that state holds."""
        if path in self._books.overlay:
            with suppress(UserError):
                content = self._books.overlay[path]
                return "" if content is None else hashlib.sha256(content).hexdigest()
            return ""
        name = str(path)
        try:
            real = path.resolve()
            status = real.stat()
            if not (real.is_relative_to(self._home) and real.is_file()):
                return ""
            stamp = [status.st_mtime_ns, status.st_size, status.st_ino]
            known = self._files.get(name) or self._known["files"].get(name)
            if known is None or known[0] != stamp:
                with real.open("rb") as file:
                    known = [stamp, hashlib.file_digest(file, "sha256").hexdigest()]
        except OSError:
            return ""
        self._files[name] = known
        said: str = known[1]
        return said


Entry = TypeVar("Entry", bound=data.Directive)


def _day(entry: data.Directive) -> dt.date:
    return entry.date


def _within(seal: Seal, entries: Mapping[str, list[Entry]]) -> list[Entry]:
    """Of each entity's entries, in order of date, those of the seal's entity and period."""
    of_entity = entries.get(seal.entity, [])
    start = bisect_left(of_entity, seal.period.first, key=_day)
    return of_entity[start : bisect_right(of_entity, seal.period.last, key=_day)]


def _months(transactions: Iterable[data.Transaction]) -> dict[str, list[str]]:
    """The months in which each entity has entries, as JSON has it."""
    months: dict[str, set[str]] = {}
    for txn in transactions:
        for entity in entities_in(txn):
            months.setdefault(entity, set()).add(f"{txn.date:%Y-%m}")
    return {entity: sorted(of) for entity, of in months.items()}
