"""Closed periods computed again: which of them still say what was sealed, and what does not.

The books of the day of closing (its tag) tell which entry was added, changed or removed since, and
which figure is another. Without them only the period can be named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from beancount.core import data

from core.journal.books import Books
from core.seal import Seal, seals_of
from plugins.closing.chain import Compared, compared
from plugins.closing.differences import Change, changes, details, figures, told
from plugins.closing.sealed import Sealed

# Gives the books as they were when a period was closed; None where nobody knows.
Closed = Callable[[Seal], Books | None]


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
    """A closed period: whether it says what was sealed, and if not, what is known of it; and the
    hash that its seal says."""

    entity: str
    period: str
    holds: bool
    said: str
    differences: tuple[Difference, ...] = ()
    hash: str = ""


def nobody_knows(_: Seal) -> None:
    """The closings of books of which no other state is at hand."""


def verify(books: Books, closed: Closed) -> Iterator[Verdict]:
    """A verdict on every closed period of the books, in order of time for each entity."""
    sealed = Sealed(books)
    for seals in seals_of(books.standing).values():
        for each in compared(seals, sealed):
            yield _verdict(each, sealed, books, closed)


def _verdict(each: Compared, sealed: Sealed, books: Books, closed: Closed) -> Verdict:
    seal = each.seal
    name = seal.entity, seal.period.name
    if not each.chained:
        said = "does not continue the period before it: a seal was taken away or put in its place"
        return Verdict(*name, False, said, hash=seal.hash)
    if each.holds:
        count = len(sealed.lines(seal))
        what = "entries and figures" if seal.figures else "entries"
        return Verdict(*name, True, f"{count} {what} as they were sealed", hash=seal.hash)
    before = closed(seal)
    if before is None:
        said = "another than was sealed; no tag of its closing tells in what"
        return Verdict(*name, False, said, hash=seal.hash)
    then = Sealed(before)
    found = [_difference(c, before, books) for c in changes(then.lines(seal), sealed.lines(seal))]
    found += [
        Difference("figure", figure.name, figure.was, figure.now)
        for figure in figures(then.figures(seal), sealed.figures(seal))
    ]
    said = "entries are not those that were sealed" if not each.entries else "figures are others"
    if not found:
        said += otherwise_booked(seal)
    return Verdict(*name, False, said, tuple(found), seal.hash)


def otherwise_booked(seal: Seal) -> str:
    """What may have happened where the same text gives other entries than were sealed."""
    tools = seal.entry.meta.get("tools", "another version")
    return f" by {tools}; this is beancount {version('beancount')}, which may book otherwise"


def _difference(change: Change, before: Books, books: Books) -> Difference:
    was, now = (side and told(side[1]) for side in (change.before, change.after))
    if was == now:
        sides = details(*change.lines)
        was = "; ".join(f"{key}: {value}" for key, value, _ in sides)
        now = "; ".join(f"{key}: {value}" for key, _, value in sides)
    place = _place(change.entry, books if change.after else before)
    return Difference(change.kind, place, was or "", now or "")


def _place(entry: data.Directive, books: Books) -> str:
    file, line = books.where(entry)
    return f"{file}:{line}"
