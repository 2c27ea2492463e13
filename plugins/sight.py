"""What rules have in sight, by sheaf: the transactions that they look at, and what is declared.

Each is said in short by digests, which are kept with the sheaf: an edit asks again in the sheaf
that it changed. The transactions themselves are only fetched when a rule is going to see them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property
from itertools import chain
from typing import Any

from beancount.core import data

from core.cache.slim import content, digest, slim
from core.journal.asked import Asked
from core.journal.books import Books
from core.journal.parts import Parts, Piece, Sheaf
from plugins.looks import Looks
from plugins.memory import Seen
from plugins.rule import Rule
from plugins.veil.gathering import sum_up, sums_of

_ASSERTIONS = (data.Balance, data.Pad)
_UNSEEN = (*_ASSERTIONS, data.Note, data.Event, data.Query)  # no rule asks for the latter three


class Sight:
    """What the rules see of books in pieces, of which ``now`` says how they are declared."""

    def __init__(self, rules: Sequence[Rule], books: Books, parts: Parts, now: Seen) -> None:
        self.asked = Asked()
        self._books = books
        self._parts = parts
        self._now = now
        self._codes = [rule.code for rule in rules]
        self._looks = Looks(rules, books)
        self._said = digest([self._codes, now.customs, now.accounts])

    def of(self, rule: Rule) -> Books:
        """The books as the rule sees them."""
        return self._shown(rule.code in self._concerned, rule.sees_assertions)

    def ident(self, rule: Rule) -> str:
        """Another one as soon as anything is another that the rule sees without asking."""
        books = self._books
        seen = [self._looked_at.get(rule.code, ()), self._declared, books.as_of.toordinal()]
        return digest([rule.code, books.kind, *seen, rule.sees_assertions and self._asserted])

    @cached_property
    def _shown(self) -> Callable[[bool, bool], Books]:
        @cache
        def shown(looks: bool, asserted: bool) -> Books:  # noqa: FBT001 - two kinds of each
            standing: Iterable[data.Directive] = self._books.standing
            if not asserted:
                standing = (entry for entry in standing if not isinstance(entry, _UNSEEN))
            return self._books.only(self._transactions if looks else (), standing, self.asked)

        return shown

    @cached_property
    def _transactions(self) -> list[data.Transaction]:
        """Those that any of the rules looks at."""
        return [txn for sheaf in self._parts.sheaves for txn in self._of_sheaf(sheaf)]

    @cached_property
    def _looked_at(self) -> Mapping[str, Sequence[str]]:
        """By rule: what it looks at in each sheaf, in short; nothing of rules that look at none."""
        found: dict[str, list[str]] = {}
        for sheaf in self._parts.sheaves:
            for codes, said in self._groups(sheaf):
                for code in codes:
                    found.setdefault(code, []).append(said)
        return found

    @property
    def _concerned(self) -> Set[str]:
        return self._looked_at.keys()

    def _groups(self, sheaf: Sheaf) -> Sequence[tuple[Sequence[str], str]]:
        """The rules that look at the same transactions of a sheaf, and those in short."""
        memo = sheaf.memo
        if memo.get("said") != self._said:
            now = self._now.accounts
            name = digest(
                [
                    sheaf.ident,
                    self._codes,
                    self._now.customs,
                    [now.get(account, "") for account in sorted(sheaf.accounts)],
                ]
            )
            if memo.get("looked at as") != name:
                memo.pop("looked at", None)
                kept = self._parts.recall(f"looked at {name}")
                if kept is None:
                    kept = self._grouped(self._of_sheaf(sheaf))
                    self._parts.keep(f"looked at {name}", kept)
                memo["looked at as"], memo["groups"] = name, kept
            memo["said"] = self._said
        groups: Sequence[tuple[Sequence[str], str]] = memo["groups"]
        return groups

    def _grouped(self, transactions: Iterable[data.Transaction]) -> list[tuple[list[str], str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for txn in transactions:
            codes = tuple(sorted(self._looks.concerned([txn])))
            file = txn.meta["filename"]
            found.setdefault(codes, []).append(f"{file} {content(slim(txn, file)).decode()}")
        return [(list(codes), digest(sorted(said))) for codes, said in found.items()]

    def _of_sheaf(self, sheaf: Sheaf) -> list[data.Transaction]:
        """Its transactions that any of the rules looks at."""
        if "looked at" not in sheaf.memo:
            found = chain.from_iterable(map(self._of_piece, sheaf.pieces))
            sheaf.memo["looked at"] = list(found)
        of_sheaf: list[data.Transaction] = sheaf.memo["looked at"]
        return of_sheaf

    def _of_piece(self, piece: Piece) -> list[data.Transaction]:
        @cache
        def every() -> Sequence[data.Transaction]:
            if self._books.are_made:
                return self._at_hand.get(piece.name, ())
            return list(piece.transactions().values())

        now = self._now
        declared = [now.accounts.get(account, "") for account in sorted(piece.accounts)]
        sums_of(piece, self._parts, every)  # while they are at hand: nobody makes them again
        return self._parts.extract(piece, digest([now.customs, declared]), self._looks, every)

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
    file = str(entry.meta.get("filename", ""))
    return [file, slim(entry, file)]


def looked_at(rules: Sequence[Rule], books: Books) -> Callable[[Rule], Books]:
    """The books as each rule sees them, where they come whole. They are added up on the way: to
    fetch each transaction from memory once is a fifth cheaper than twice."""
    looks = Looks(rules, books)
    found: list[data.Transaction] = []

    def every() -> Iterator[data.Transaction]:
        for txn in books.transactions:
            if looks(txn):
                found.append(txn)
            yield txn

    sum_up(books, every())
    concerned = looks.concerned(found)
    shown, nothing = books.only(found), books.only(())
    return lambda rule: shown if rule.code in concerned else nothing
