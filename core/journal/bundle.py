"""Bundles: some thirty files each, so that an edit pays for a bundle and not for every file.

Much of what the whole must know is folded from all files: the sums, who uses which account, how
numbers are written. A bundle is folded once and kept as long as its leaves are the very same
objects, which they are in a process that reads the books again. Where a bundle ends depends on
nothing but the path of its last file, so that a file that comes or goes changes one of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from beancount.core import data

from core.cache.slim import thick
from core.journal.effect import Days, Effect, effect_of, merged
from core.journal.joined import as_one
from core.journal.leaf import Leaf
from core.journal.lots import Lots, Month
from core.journal.trouble import Trouble

_FILES = 32  # in a bundle, on average


@dataclass(frozen=True)
class Source:
    """Entries of which the effect is known: a file's, a month's lots, or what was padded.

    ``key`` is made of all that they depend on; ``entries`` gives them where they are needed.
    """

    key: str
    effect: Effect
    days: Callable[[], Days]
    entries: Callable[[], Sequence[data.Directive]]


@dataclass(frozen=True, eq=False)
class Sources:
    """Sources that are judged together first, and one by one only where that does not do.

    ``memo`` holds what was found out about them, for as long as they live.
    """

    members: Sequence[Source]
    memo: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def effect(self) -> Effect:
        """That of all members."""
        return merged([member.effect for member in self.members])


@dataclass(frozen=True, eq=False)
class Bundle:
    """Files that follow each other in the walk, and what they say together."""

    leaves: tuple[Leaf, ...]

    @cached_property
    def files(self) -> Sequence[str]:
        """Their paths, in the order of the walk."""
        return [leaf.file for leaf in self.leaves]

    @cached_property
    def options(self) -> Sequence[Mapping[str, Any]]:
        """Options that say what those of all files say to the whole."""
        return as_one([leaf.head.options for leaf in self.leaves if leaf.head.options is not None])

    @cached_property
    def standing(self) -> Sequence[data.Directive]:
        """The directives that others are judged by."""
        return [entry for leaf in self.leaves for entry in leaf.head.standing]

    @cached_property
    def troubles(self) -> Sequence[Trouble]:
        """What is wrong with the files by themselves."""
        return [each for leaf in self.leaves for each in leaf.head.troubles]

    @cached_property
    def lots(self) -> Lots:
        """The lots in them."""
        return Lots(self.leaves)

    @cached_property
    def sources(self) -> Sources:
        """The files without the lots in them."""
        return Sources([_of_leaf(leaf) for leaf in self.leaves])


def bundled(leaves: Iterable[Leaf], before: Iterable[Bundle]) -> list[Bundle]:
    """The leaves in bundles; those ``before`` that still hold the same are used again. The first
    leaf, the root, is a bundle of its own."""
    known = {bundle.leaves: bundle for bundle in before}
    out: list[Bundle] = []
    some: list[Leaf] = []

    def close() -> None:
        held = tuple(some)
        out.append(known.get(held) or Bundle(held))
        some.clear()

    for leaf in leaves:
        some.append(leaf)
        if not out or leaf.chance % _FILES == 0:
            close()
    if some:
        close()
    return out


def of_months(months: Iterable[Month], before: Mapping[Month, Sources]) -> dict[Month, Sources]:
    """The lots of each month; those ``before`` are used again."""
    return {month: before.get(month) or Sources([_of_month(month)]) for month in months}


def of_entries(key: str, entries: Sequence[data.Directive]) -> Sources:
    """Entries that are at hand."""
    effect, days = effect_of(entries)
    return Sources([Source(key, effect, lambda: days, lambda: entries)])


def _of_leaf(leaf: Leaf) -> Source:
    def entries() -> Sequence[data.Directive]:
        lots = set(leaf.head.lots)
        return leaf.thick(place for place in range(leaf.head.count) if place not in lots)

    return Source(leaf.short, leaf.head.effect, leaf.days, entries)


def _of_month(month: Month) -> Source:
    def entries() -> Sequence[data.Directive]:
        rows = ((file, row) for file, rows in month.rows().items() for row in rows.values())
        return [thick(row, file) for file, row in rows if row]

    return Source(month.key, month.effect, month.days, entries)
