"""What rules have in sight, by sheaf: the transactions that they look at, and what is declared.

Each is said in short by digests, which are kept with the sheaf: an edit asks again in the sheaf
that it changed. The transactions themselves are only fetched when a rule is going to see them.
Lines are no part of that, since most edits move what stands below: they count in the files in which
a rule has found something.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, cached_property
from itertools import chain
from typing import Any

from beancount.core import data

from core.cache.slim import digest, slim
from core.journal.asked import Asked
from core.journal.books import Books
from core.journal.parts import Parts, Piece, Sheaf
from plugins.looks import Looks
from plugins.memory import Seen
from plugins.rule import Rule
from plugins.veil.gathering import sum_up, sums_of

_ASSERTIONS = (data.Balance, data.Pad)
_UNSEEN = (*_ASSERTIONS, data.Note, data.Event, data.Query)  # no rule asks for the latter three


# Rules by their codes, and what all of them look at, in short.
_Groups = Sequence[tuple[Sequence[str], str]]
_Fetch = Callable[[], list[data.Transaction]]


class _File:
    """What rules look at in a file. ``fetch`` is asked for the transactions where they are wanted
    for the first time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._transactions: list[data.Transaction] | None = None
        self._groups: _Groups | None = None

    def looked_at(self, fetch: _Fetch) -> Sequence[data.Transaction]:
        """The transactions that any of the rules looks at."""
        if self._transactions is None:
            self._transactions = fetch()
        return self._transactions

    def groups(self, looks: Looks, fetch: _Fetch) -> _Groups:
        """Which rules look at the same of them, and at which."""
        if self._groups is None:
            of_rules: dict[str, list[str]] = {}
            for txn in sorted(self.looked_at(fetch), key=_day_and_line):
                said = digest(_unplaced(txn))
                for code in looks.concerned([txn]):
                    of_rules.setdefault(code, []).append(said)
            self._groups = _grouped(of_rules)
        return self._groups

    def lines(self, fetch: _Fetch) -> Sequence[int]:
        """The lines on which they begin."""
        return [int(txn.meta["lineno"]) for txn in self.looked_at(fetch)]


def _day_and_line(txn: data.Transaction) -> tuple[dt.date, int]:
    return txn.date, int(txn.meta["lineno"])


def _unplaced(entry: data.Directive) -> list[Any]:
    """All that an entry says, but not on which lines."""
    file = str(entry.meta.get("filename", ""))
    row = slim(entry, file)
    row[2][0] = None
    if isinstance(entry, data.Transaction):
        for *_, meta in row[8]:
            if meta is not None:
                meta[0] = None
    return [file, row]


def _grouped(of_rules: Mapping[str, Sequence[str]]) -> _Groups:
    """What each rule looks at, said once for all that look at the same."""
    found: dict[str, list[str]] = {}
    for code, said in sorted(of_rules.items()):
        found.setdefault(digest(said), []).append(code)
    return [(codes, said) for said, codes in found.items()]


def _merged(groups: Iterable[_Groups]) -> _Groups:
    """The groups of some files as one."""
    of_rules: dict[str, list[str]] = {}
    for codes, said in chain.from_iterable(groups):
        for code in codes:
            of_rules.setdefault(code, []).append(said)
    return _grouped(of_rules)


class Sight:
    """What the rules see of books in pieces, of which ``now`` says how they are declared."""

    def __init__(self, rules: Sequence[Rule], books: Books, parts: Parts, now: Seen) -> None:
        self.asked = Asked()
        self._books = books
        self._parts = parts
        self._now = now
        self._codes = digest([rule.code for rule in rules])
        self._looks = Looks(rules, books)
        self._said = digest([self._codes, now.customs, now.accounts])

    def of(self, rule: Rule) -> Books:
        """The books as the rule sees them."""
        return self._shown(rule.code in self._looked_at, rule.sees_assertions)

    def ident(self, rule: Rule) -> str:
        """Another one as soon as anything is another that the rule sees without asking."""
        books = self._books
        seen = [self._looked_at.get(rule.code, ()), self._declared, books.as_of.toordinal()]
        return digest([rule.code, books.kind, *seen, rule.sees_assertions and self._asserted])

    @cached_property
    def _shown(self) -> Callable[[bool, bool], Books]:
        @cache
        def shown(looks: bool, asserted: bool) -> Books:
            standing: Iterable[data.Directive] = self._books.standing
            if not asserted:
                standing = (entry for entry in standing if not isinstance(entry, _UNSEEN))
            return self._books.only(self._transactions if looks else (), standing, self.asked)

        return shown

    def lines(self, file: str) -> str:
        """On which lines of a file, as findings show it, something stands that rules see, in
        short."""
        piece = self._by_name.get(str(self._books.base / file))
        if piece is None:
            return ""
        known, fetch = self._file(piece)
        standing = [entry.meta.get("lineno") for entry in piece.leaf.head.standing]
        return digest([standing, known.lines(fetch)])

    @cached_property
    def _by_name(self) -> Mapping[str, Piece]:
        return {piece.name: piece for piece in self._parts.pieces}

    @cached_property
    def _transactions(self) -> list[data.Transaction]:
        """Those that any of the rules looks at."""
        files = (self._file(piece) for sheaf in self._parts.sheaves for piece in sheaf.pieces)
        return [txn for file, fetch in files for txn in file.looked_at(fetch)]

    @cached_property
    def _looked_at(self) -> Mapping[str, Sequence[str]]:
        """By rule: what it looks at in each sheaf, in short; nothing of rules that look at none."""
        found: dict[str, list[str]] = {}
        for sheaf in self._parts.sheaves:
            for codes, said in self._groups(sheaf):
                for code in codes:
                    found.setdefault(code, []).append(said)
        return found

    def _groups(self, sheaf: Sheaf) -> _Groups:
        """Which rules look at the same transactions of a sheaf, and at which."""
        memo = sheaf.memo
        if memo.get("said") != self._said:
            said = digest([self._codes, self._declared_of(sheaf.accounts), sheaf.ident])
            if memo.get("looked at as") != said:
                kept = self._parts.recall(f"looked at {said}")
                if kept is None:
                    files = map(self._file, sheaf.pieces)
                    kept = _merged(file.groups(self._looks, fetch) for file, fetch in files)
                    self._parts.keep(f"looked at {said}", kept)
                memo["looked at as"], memo["groups"] = said, kept
            memo["said"] = self._said
        groups: _Groups = memo["groups"]
        return groups

    def _file(self, piece: Piece) -> tuple[_File, _Fetch]:
        """What is known of a file, as long as it is the same, and how more is found out."""
        files: dict[str, _File] = self._parts.seen.setdefault("in sight", {})
        declared = self._declared_of(piece.accounts)
        name = f"{piece.ident} {declared} {self._codes}"
        known = files.get(piece.name)
        if known is None or known.name != name:
            known = files[piece.name] = _File(name)
        return known, lambda: self._fetched(piece, declared)

    def _fetched(self, piece: Piece, declared: str) -> list[data.Transaction]:
        """The transactions of a file that any of the rules looks at, which are kept with it."""

        @cache
        def every() -> Sequence[data.Transaction]:
            if self._books.are_made:
                return self._at_hand.get(piece.name, ())
            return list(piece.transactions().values())

        sums_of(piece, self._parts, every)  # while they are at hand: nobody makes them again
        return self._parts.extract(piece, f"{declared} {self._codes}", self._looks, every)

    def _declared_of(self, accounts: Set[str]) -> str:
        """What is declared of these accounts, and of all, in short."""
        said = self._now.accounts
        return digest([self._now.customs, [said.get(account, "") for account in sorted(accounts)]])

    @cached_property
    def _at_hand(self) -> Mapping[str, Sequence[data.Transaction]]:
        at_hand: dict[str, list[data.Transaction]] = {}
        for txn in self._books.transactions:
            at_hand.setdefault(txn.meta["filename"], []).append(txn)
        return at_hand

    @property
    def _declared(self) -> str:
        """What stands beside the transactions and is no assertion, with its lines, in short."""
        return self._standing[0]

    @property
    def _asserted(self) -> str:
        """The assertions and pads, with their lines and by how much they fail, in short."""
        return self._standing[1]

    @cached_property
    def _standing(self) -> tuple[str, str]:
        said = [_standing(sheaf) for sheaf in self._parts.sheaves]
        found = [_said(entry) for entry in self._parts.found]
        gaps = sorted([*place, str(gap)] for place, gap in self._parts.gaps.items())
        declared, asserted = [each for each, _ in said], [each for _, each in said]
        return digest([declared, found]), digest([asserted, gaps])


def _standing(sheaf: Sheaf) -> tuple[str, str]:
    """What is declared in a sheaf, and what is asserted, in short."""
    if "standing" not in sheaf.memo:
        standing = [entry for piece in sheaf.pieces for entry in piece.leaf.head.standing]
        declared = digest([_said(e) for e in standing if not isinstance(e, _UNSEEN)])
        asserted = digest([_said(e) for e in standing if isinstance(e, _ASSERTIONS)])
        sheaf.memo["standing"] = declared, asserted
    said: tuple[str, str] = sheaf.memo["standing"]
    return said


def _said(entry: data.Directive) -> list[Any]:
    """All that a directive says, with its line where it may decide between two of one day."""
    line = None if isinstance(entry, data.Document | data.Price) else entry.meta.get("lineno")
    return [line, *_unplaced(entry)]


def looked_at(rules: Sequence[Rule], books: Books) -> Callable[[Rule], Books]:
    """The books as each rule sees them, where they come whole. They are added up on the way: to
    fetch each transaction from memory once is a fifth cheaper than twice."""
    looks = Looks(rules, books)
    found: list[data.Transaction] = []
    concerned: set[str] = set()
    sum_up(books, looks.passing(books.transactions, found, concerned))
    shown, nothing = books.only(found), books.only(())
    return lambda rule: shown if rule.code in concerned else nothing
