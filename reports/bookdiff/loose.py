"""What does not stand the same on both sides: loose transactions and directives.

Layout does not count: not the file or line, the order of entries, postings, tags or metadata, how
a number is written, or an amount left out that follows from the others. Where both sides come in
pieces, those that they share are not even looked into.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from beancount.core import data

from core.journal.books import Books
from reports.bookdiff.directives import Directive, Renamed, directive
from reports.bookdiff.legs import Leg, Said, leg_of, moves, ordered, said


@dataclass(frozen=True, eq=False)
class Loose:
    """A transaction of one side, as it compares; ``legs`` have the accounts' names of the head,
    and are in an order that does not depend on how they are written."""

    txn: data.Transaction
    entity: str
    legs: tuple[Leg, ...]
    file: str
    line: int

    @property
    def date(self) -> dt.date:
        """Its day."""
        return self.txn.date

    @property
    def payee(self) -> str:
        """The payee, or an empty string."""
        return self.txn.payee or ""

    @property
    def narration(self) -> str:
        """The narration, or an empty string."""
        return self.txn.narration or ""

    @cached_property
    def meta(self) -> Said:
        """Its metadata."""
        return said(self.txn.meta)

    @cached_property
    def tags(self) -> frozenset[str]:
        """Its tags."""
        return frozenset(self.txn.tags or ())

    @cached_property
    def links(self) -> frozenset[str]:
        """Its links."""
        return frozenset(self.txn.links or ())

    @cached_property
    def moves(self) -> tuple[tuple[Any, ...], ...]:
        """What its legs do to balances: without flags and metadata, and a lot that it opens itself
        without the day."""
        return tuple(sorted((moves(leg, self.date) for leg in self.legs), key=repr))

    @property
    def as_written(self) -> tuple[Leg, ...]:
        """Its postings under the names of its own side, in the order in which they are written."""
        return tuple(map(leg_of, self.txn.postings))

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that it posts to."""
        return frozenset(leg.account for leg in self.legs)

    @property
    def key(self) -> tuple[Any, ...]:
        """Everything that counts."""
        head = (self.date, self.txn.flag or "", self.payee, self.narration, self.tags, self.links)
        return (*head, self.meta, self.legs)

    def renamed(self, names: Renamed) -> "Loose":
        """The same with other names of accounts."""
        if self.accounts.isdisjoint(names):
            return self
        legs = (leg._replace(account=names.get(leg.account, leg.account)) for leg in self.legs)
        return Loose(self.txn, self.entity, ordered(legs), self.file, self.line)


@dataclass(frozen=True)
class Residue:
    """What does not stand the same on both sides, each in order of date and place."""

    base: tuple[Loose, ...]
    head: tuple[Loose, ...]
    base_directives: tuple[Directive, ...]
    head_directives: tuple[Directive, ...]

    def renamed(self, names: Renamed, base: Books) -> "Residue":
        """What is left where accounts of the base have the head's names."""
        if not names:
            return self
        mine, other = _without_same([t.renamed(names) for t in self.base], self.head)
        said = [directive(each.entry, base, names) for each in self.base_directives]
        directives, others = _without_same([d for d in said if d], self.head_directives)
        return Residue(tuple(mine), tuple(other), tuple(directives), tuple(others))


def residue(base: Books, head: Books) -> Residue:
    """What does not stand the same in both books."""
    before, after = _unshared(base, head)
    mine, other = _without_same(_loose(before, base), _loose(after, head))
    told = (_directives(before, base), _directives(after, head))
    directives, others = _without_same(*told)
    return Residue(tuple(mine), tuple(other), tuple(directives), tuple(others))


def _unshared(base: Books, head: Books) -> tuple[Sequence[data.Directive], ...]:
    """The directives of the pieces that are not in both; where books come whole, those that are
    not the very same at the same place."""
    if base.parts is None or head.parts is None:
        return _unequal(base.entries, head.entries)
    idents = [{(p.name, p.ident) for p in books.parts.pieces} for books in (base, head)]  # type: ignore[union-attr]
    shared = idents[0] & idents[1]
    found = []
    for parts in (base.parts, head.parts):
        entries: list[data.Directive] = list(parts.found)
        for piece in parts.pieces:
            if (piece.name, piece.ident) not in shared:
                entries += piece.made.entries
                entries += piece.padding
        found.append(entries)
    return tuple(found)


def _unequal(
    base: Sequence[data.Directive], head: Sequence[data.Directive]
) -> tuple[Sequence[data.Directive], ...]:
    """Both without what is equal at the same line of the same file: quicker than to compare by
    what counts, which is left for the rest."""
    there = {_at(entry): entry for entry in head}
    same = set()
    mine = []
    for entry in base:
        place = _at(entry)
        written = place[1] and place in there and place not in same
        if written and _is_equal(entry, there[place]):
            same.add(place)
        else:
            mine.append(entry)
    return mine, [e for e in head if (p := _at(e)) not in same or there[p] is not e]


def _at(entry: data.Directive) -> tuple[str, int]:
    return entry.meta.get("filename", ""), entry.meta.get("lineno", 0)


def _is_equal(one: data.Directive, other: data.Directive) -> bool:
    try:
        return bool(type(one) is type(other) and one == other)
    except AttributeError:  # Beancount's amounts cannot be compared with anything else
        return False


def _without_same(base: Iterable[Any], head: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Both without what stands in both; of twins as many as the other side has."""
    before, after = [(each.key, each) for each in base], [(each.key, each) for each in head]
    shared = Counter(key for key, _ in before) & Counter(key for key, _ in after)
    if not shared:
        return [each for _, each in before], [each for _, each in after]
    return list(_left(before, shared.copy())), list(_left(after, shared.copy()))


def _left(keyed: Iterable[tuple[Any, Any]], shared: Counter[Any]) -> Iterator[Any]:
    for key, each in keyed:
        if shared[key]:
            shared[key] -= 1
        else:
            yield each


def _loose(entries: Iterable[data.Directive], books: Books) -> list[Loose]:
    found = []
    for entry in entries:
        if isinstance(entry, data.Transaction):
            owners = ", ".join(sorted(books.registry.ents(entry)))
            legs = ordered(leg_of(posting) for posting in entry.postings)
            found.append(Loose(entry, owners, legs, *books.where(entry)))
    found.sort(key=lambda txn: (txn.date, txn.file, txn.line))
    return found


def _directives(entries: Iterable[data.Directive], books: Books) -> list[Directive]:
    found = [
        told
        for entry in entries
        if not _is_of_another_state(entry, books) and (told := directive(entry, books, {}))
    ]
    found.sort(key=lambda each: (each.entry.date, each.kind, each.text, each.file, each.line))
    return found


def _is_of_another_state(entry: data.Directive, books: Books) -> bool:
    """Whether it is a document that was found on the disk, in a folder of documents, where the
    books' own tree has none."""
    if not isinstance(entry, data.Document) or entry.meta.get("lineno"):
        return False
    return not books.has_file(Path(entry.filename))
