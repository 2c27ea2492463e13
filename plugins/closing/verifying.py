"""Closed periods computed again: which of them still say what was sealed, and what does not.

The books of the day of closing (its tag) tell which entry was added, changed or removed since, and
which figure is another. Without them only the period can be named.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from importlib.metadata import version
from typing import Any

from beancount.core import data

from core.journal.books import Books
from core.money import plain
from core.seal import NOTHING_BEFORE, Seal, agrees, seals_of
from plugins.closing.sealed import Line, Sealed

# Gives the books as they were when a period was closed; None where nobody knows.
Closed = Callable[[Seal], Books | None]
_ALIKE = 0.5  # how much of two entries must be the same for one to be the other, changed
_MANY = 400  # entries: to compare each with each would take long, and nobody would read it


@dataclass(frozen=True)
class Difference:
    """What is not as it was: ``kind`` is added, removed, changed or figure; ``was`` and ``now`` say
    it in words, ``place`` where it stands (file:line), now or else then."""

    kind: str
    place: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True)
class Verdict:
    """A closed period: whether it says what was sealed, and if not, what is known of it."""

    entity: str
    period: str
    holds: bool
    said: str
    differences: tuple[Difference, ...] = ()


def verify(books: Books, closed: Closed) -> Iterator[Verdict]:
    """A verdict on every closed period of the books, in order of time for each entity."""
    sealed = Sealed(books)
    for seals in seals_of(books.standing).values():
        head = NOTHING_BEFORE
        for seal in seals:
            prev = seal.prev if len(seal.prev) == len(head) else head
            yield _verdict(seal, prev, head, sealed, books, closed)
            head = seal.hash


def _verdict(
    seal: Seal, prev: str, head: str, sealed: Sealed, books: Books, closed: Closed
) -> Verdict:
    name = seal.entity, seal.period.name
    if seal.prev and not (prev.startswith(head) or head.startswith(prev)):
        said = "does not continue the period before it: a seal was taken away or put in its place"
        return Verdict(*name, False, said)
    entries = agrees(seal.hash, sealed.hash_of(seal, prev))
    figures = not seal.figures or agrees(seal.figures, sealed.figures_of(seal))
    if entries and figures:
        count = len(sealed.lines(seal))
        what = "entries and figures" if seal.figures else "entries"
        return Verdict(*name, True, f"{count} {what} as they were sealed")
    before = closed(seal)
    if before is None:
        said = "another than was sealed; no tag of its closing tells in what"
        return Verdict(*name, False, said)
    then = Sealed(before)
    found = [
        *_entries(then.lines(seal), sealed.lines(seal), before, books),
        *_figures(then.figures(seal), sealed.figures(seal)),
    ]
    said = "entries are not those that were sealed" if not entries else "figures are others"
    if not found:
        tools = seal.entry.meta.get("tools", "another version")
        said += f" by {tools}; this is beancount {version('beancount')}, which may book otherwise"
    return Verdict(*name, False, said, tuple(found))


def _entries(
    then: Sequence[Line], now: Sequence[Line], before: Books, books: Books
) -> Iterator[Difference]:
    gone, new = _left(then, now), _left(now, then)
    for was, is_ in _paired(gone, new):
        texts = told(was[1]), told(is_[1])
        if texts[0] == texts[1]:
            texts = _details(was[0], is_[0])
        yield Difference("changed", _place(is_[1], books), *texts)
    yield from (Difference("removed", _place(e, before), was=told(e)) for _, e in gone)
    yield from (Difference("added", _place(e, books), now=told(e)) for _, e in new)


def _left(lines: Sequence[Line], without: Sequence[Line]) -> list[Line]:
    """The lines that the others have not, each as often as it is missing there."""
    there: dict[str, int] = {}
    for line, _ in without:
        there[line] = there.get(line, 0) + 1
    left = []
    for line, entry in lines:
        if there.get(line, 0):
            there[line] -= 1
        else:
            left.append((line, entry))
    return left


def _paired(gone: list[Line], new: list[Line]) -> Iterator[tuple[Line, Line]]:
    """Entries that are another's changed form, the most alike first; both lists lose them."""
    if len(gone) * len(new) > _MANY * _MANY:
        return
    ratios = [
        (SequenceMatcher(None, was[0], is_[0], autojunk=False).ratio(), a, b)
        for a, was in enumerate(gone)
        for b, is_ in enumerate(new)
        if type(was[1]) is type(is_[1])
    ]
    used: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for ratio, a, b in sorted(ratios, key=lambda each: (-each[0], each[1], each[2])):
        if ratio >= _ALIKE and a not in used[0] and b not in used[1]:
            used[0].add(a)
            used[1].add(b)
            pairs.append((a, b))
    yield from [(gone[a], new[b]) for a, b in sorted(pairs)]
    for lines, places in ((gone, used[0]), (new, used[1])):
        lines[:] = [line for place, line in enumerate(lines) if place not in places]


def _details(was: str, now: str) -> tuple[str, str]:
    """What is another in two canonical lines whose entries look alike: metadata, tags, links."""
    before, after = json.loads(was), json.loads(now)
    keys = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))

    def said(side: dict[str, Any]) -> str:
        return "; ".join(f"{key}: {json.dumps(side.get(key), ensure_ascii=False)}" for key in keys)

    return said(before), said(after)


def _figures(then: Sequence[str], now: Sequence[str]) -> Iterator[Difference]:
    before, after = ({_key(json.loads(line)): line for line in lines} for lines in (then, now))
    for key in sorted(before.keys() | after.keys()):
        sides = [json.loads(of[key]) if key in of else {} for of in (before, after)]
        values = [side.get("number", side.get("value", "")) for side in sides]
        if values[0] != values[1]:
            yield Difference("figure", key, *values)


def _key(said: dict[str, str]) -> str:
    """What a line of figures is of, without its value."""
    parts = (said.get(name, "") for name in ("type", "name", "date", "account", "unit", "currency"))
    return " ".join(filter(None, parts))


def _place(entry: data.Directive, books: Books) -> str:
    file, line = books.where(entry)
    return f"{file}:{line}"


def told(entry: data.Directive) -> str:
    """An entry in one line."""
    if isinstance(entry, data.Transaction):
        text = " ".join(f'"{part}"' for part in (entry.payee, entry.narration) if part)
        legs = ", ".join(f"{p.account} {_units(p)}" for p in entry.postings)
        return f"{entry.date} {entry.flag} {text}: {legs}"
    kind = entry.type if isinstance(entry, data.Custom) else type(entry).__name__.casefold()
    account = getattr(entry, "account", "")
    value = ""
    if isinstance(entry, data.Balance):
        value = f"{plain(entry.amount.number or Decimal(0))} {entry.amount.currency}"
    elif isinstance(entry, data.Pad):
        value = entry.source_account
    elif isinstance(entry, data.Note):
        value = entry.comment
    elif isinstance(entry, data.Document):
        value = entry.filename.rpartition("/")[2]
    elif isinstance(entry, data.Custom):
        value = " ".join(str(each.value) for each in entry.values)
    return " ".join(filter(None, (str(entry.date), kind, account, value)))


def _units(posting: data.Posting) -> str:
    units = posting.units
    said = f"{plain(units.number)} {units.currency}" if units and units.number is not None else ""
    cost, price = posting.cost, posting.price
    if cost is not None:
        said += f" {{{cost}}}"
    if price is not None:
        said += f" @ {price}"
    return said
