"""Books: one set of loaded entries with what they declare. Everything downstream reads this.

The reader makes Books from files; the ``bulkhead.*`` doorways make them from the entries that
Beancount hands to a plugin. Both go through ``Books.of``, so that the rules see the same thing.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beancount.core import data

from core.cache.store import GoneError
from core.entity import Account, Registry, accounts_of, registry_of
from core.findings import Finding
from core.journal.asked import ALL, Asked, Memo, Question
from core.journal.files import Overlay, stands
from core.policy import Policy, policy_of

if TYPE_CHECKING:
    from core.journal.parts import Parts

GROUP, ENTITY = "group", "entity"
# The day of books in which nothing stands.
NO_DAY = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Books:
    """Entries in Beancount's order, never to be mutated, and what follows from them.

    ``base`` is the folder that finding paths are relative to (the home, or the root file's
    folder); ``kind`` is ``group`` or ``entity``; ``as_of`` the day that date rules compare with,
    by default what ``custom "as-of"`` says, else the newest transaction's; ``findings`` are the
    lint's and Beancount's own; ``files`` maps every journal file read to its SHA-256; ``parts`` are
    the books in pieces;
    ``overlay`` says what stood elsewhere than on the disk when they were read; ``whole`` the books
    that these are only some entries of; ``asked`` hears what is asked of them besides those.
    """

    root: Path
    base: Path
    kind: str
    entries: Sequence[data.Directive]
    options: Mapping[str, Any]
    registry: Registry
    accounts: Mapping[str, Account]
    policy: Policy
    as_of: dt.date
    findings: tuple[Finding, ...] = ()
    files: Mapping[Path, str] = field(default_factory=dict)
    parts: "Parts | None" = None
    overlay: Overlay = field(default_factory=dict)
    whole: "Books | None" = None
    asked: Asked | None = None

    @classmethod
    def of(
        cls,
        entries: Sequence[data.Directive],
        options: Mapping[str, Any],
        *,
        base: Path | None = None,
        kind: str = "",
        as_of: dt.date | None = None,
        findings: Sequence[Finding] = (),
        files: Mapping[Path, str] | None = None,
    ) -> "Books":
        """Books from booked entries. ``kind`` empty: a group when transactions of two or more
        registered entities are among the entries."""
        root = Path(options.get("filename") or ".")
        registry = registry_of(entries)
        policy = policy_of(entries)
        return cls(
            root=root,
            base=base or root.parent,
            kind=kind or _kind(entries, registry),
            entries=entries,
            options=options,
            registry=registry,
            accounts=accounts_of(entries, registry),
            policy=policy,
            as_of=as_of or policy.as_of or newest(entries),
            findings=tuple(findings),
            files=files or {},
        )

    def with_findings(self, findings: Sequence[Finding]) -> "Books":
        """The same books with these findings."""
        return replace(self, findings=tuple(findings))

    def only(
        self,
        transactions: Iterable[data.Transaction],
        standing: Iterable[data.Directive] | None = None,
        asked: Asked | None = None,
    ) -> "Books":
        """The books with no other transactions than these, which come in the order of the files,
        and with no other directives than ``standing``, where that is given. What is summed up by
        file, or stands at a place, is still that of the whole.

        They stand in Beancount's order, but on one day file after file: there it goes by lines,
        also of two files, so that a line in one of them could change what comes first."""
        beside = self.standing if standing is None else standing
        entries = sorted([*beside, *transactions], key=_day_file_line)
        return replace(self, entries=entries, parts=None, whole=self.whole or self, asked=asked)

    @property
    def entire(self) -> "Books":
        """The books with all their entries."""
        self._ask(ALL)
        return self.whole or self

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """What others have computed from these books and may want again."""
        return {} if self.asked is None else Memo(self.asked)

    def _ask(self, question: Question) -> None:
        if self.asked is not None:
            self.asked.note(question)

    @cached_property
    def transactions(self) -> tuple[data.Transaction, ...]:
        """The transactions, in order."""
        return tuple([e for e in self.entries if isinstance(e, data.Transaction)])

    def select(
        self, name: str, wanted: Callable[[data.Transaction], bool]
    ) -> Sequence[data.Transaction]:
        """The wanted transactions, in order. ``name`` says what ``wanted`` asks: it may depend on
        nothing but the transaction. Where the books come in pieces nobody looks twice at a file
        that has not changed."""
        key = ("select", name)
        if key not in self.memo:
            self.memo[key] = self._selected(name, wanted)
        found: Sequence[data.Transaction] = self.memo[key]
        return found

    def _selected(
        self, name: str, wanted: Callable[[data.Transaction], bool]
    ) -> Sequence[data.Transaction]:
        if self.parts is not None and not self.are_made:
            with contextlib.suppress(GoneError):
                extract = self.parts.extract
                found = [t for p in self.parts.pieces for t in extract(p, name, wanted)]
                return sorted(found, key=data.entry_sortkey)
        return [txn for txn in self.transactions if wanted(txn)]

    def by_file(
        self, name: str, made: Callable[[Iterable[data.Transaction]], Any], part: str = ""
    ) -> list[Any]:
        """What ``made`` makes (as JSON has it) of the transactions of each file; of all at once
        where they are at hand. ``name`` says what ``made`` does, as for ``select``; ``part`` is
        the one key of what is made that is wanted, where it is not all, of files that have it."""
        self._ask(("by file", name, part))
        if self.whole is not None:
            return self.whole.by_file(name, made, part)
        key = ("by file", name)
        if key not in self.memo:
            self.memo[key] = self._by_file(name, made)
        found: list[Any] = self.memo[key]
        return [each[part] for each in found if part in each] if part else found

    def gathered(self, name: str, of_files: list[Any]) -> None:
        """Takes what ``by_file`` is going to be asked for from somebody who has it."""
        self.memo["by file", name] = of_files

    def _by_file(self, name: str, made: Callable[[Iterable[data.Transaction]], Any]) -> list[Any]:
        if self.parts is not None and not self.are_made:
            with contextlib.suppress(GoneError):
                return [self.parts.gathered(piece, name, made) for piece in self.parts.pieces]
        return [made(self.transactions)]

    def standing_at(
        self, places: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], data.Transaction]:
        """The transactions that begin at these places (file as Beancount names it, line), of the
        whole books."""
        if self.whole is not None:
            return self.entire.standing_at(places) if (places := list(places)) else {}
        wanted: dict[str, set[int]] = {}
        for file, line in places:
            wanted.setdefault(file, set()).add(line)
        found: list[data.Transaction] = []
        if self.parts is not None and not self.are_made:
            for piece in self.parts.pieces if wanted else ():
                if piece.name in wanted:
                    of_piece = piece.transactions(piece.places_on(wanted[piece.name]))
                    found += of_piece.values()
        else:
            found += self.transactions
        there = {(str(t.meta["filename"]), int(t.meta["lineno"])): t for t in found}
        return {place: there[place] for place in places if place in there}

    @cached_property
    def by_link(self) -> dict[str, tuple[data.Transaction, ...]]:
        """Link to the transactions that carry it."""
        found: dict[str, list[data.Transaction]] = {}
        for txn in self.transactions:
            for link in txn.links or ():
                found.setdefault(link, []).append(txn)
        return {link: tuple(txns) for link, txns in found.items()}

    @cached_property
    def last_balance(self) -> dict[str, dt.date]:
        """The date of each account's newest balance assertion, in the whole books: cures ask for
        it, also of rules that are shown no assertions."""
        if self.whole is not None:
            return self.whole.last_balance
        return {e.account: e.date for e in self.standing if isinstance(e, data.Balance)}

    @property
    def are_made(self) -> bool:
        """Whether all entries are at hand: where the books come in pieces they may not be yet."""
        return self.parts is None or bool(getattr(self.entries, "are_made", True))

    @cached_property
    def standing(self) -> Sequence[data.Directive]:
        """The entries that transactions are judged by: open and close, commodities, balances, pads,
        notes, documents, custom, prices."""
        if self.parts is not None:
            return self.parts.standing
        return [entry for entry in self.entries if not isinstance(entry, data.Transaction)]

    def role(self, account: str) -> str:
        """The account's role, or an empty string."""
        known = self.accounts.get(account)
        return known.role if known else ""

    def where(self, entry: data.Directive) -> tuple[str, int]:
        """The entry's file relative to ``base``, and its line."""
        return self.place(entry.meta)

    def place(self, meta: Mapping[str, Any]) -> tuple[str, int]:
        """The same of what bears its directive's metadata, such as an entity."""
        return self.relative(str(meta.get("filename", ""))), int(meta.get("lineno", 0))

    def has_file(self, path: Path) -> bool:
        """Whether a file is there, in the state of the tree that these books are of."""
        self._ask(("file", str(path)))
        if self.overlay and path in self.overlay:
            return stands(path, self.overlay)
        try:
            return path.is_file()
        except OSError:  # a name longer than any file's, a folder that is not ours to look into
            return False

    def relative(self, filename: str) -> str:
        """A file name as findings show it."""
        if "//" not in filename and "/./" not in filename and filename.startswith(self._above):
            return filename[len(self._above) :]  # nearly always, and of thousands
        path = Path(filename)
        return (
            path.relative_to(self.base).as_posix() if path.is_relative_to(self.base) else filename
        )

    @cached_property
    def _above(self) -> str:
        return f"{self.base.as_posix()}/"


def newest(entries: Sequence[data.Directive]) -> dt.date:
    """The date of the newest transaction; of the newest entry where there is none."""
    for entry in reversed(entries):
        if isinstance(entry, data.Transaction):
            return entry.date
    return entries[-1].date if entries else NO_DAY


def _day_file_line(entry: data.Directive) -> tuple[dt.date, int, str, int]:
    meta = entry.meta
    rank = data.SORT_ORDER.get(type(entry), 0)
    return entry.date, rank, str(meta.get("filename", "")), int(meta.get("lineno", 0))


def _kind(entries: Sequence[data.Directive], registry: Registry) -> str:
    seen: set[str] = set()
    for entry in entries:
        if isinstance(entry, data.Transaction):
            seen |= registry.ents(entry)
            if len(seen) > 1:
                return GROUP
    return ENTITY
