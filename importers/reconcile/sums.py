"""Deposits that are one on one side and several on the other."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

# Of more parts than these the sum of some is everybody's and proves nothing.
_PARTS = 12
_REACHES = (3, 7)  # days


class Dated(Protocol):
    """A line or a posting."""

    @property
    def date(self) -> dt.date:
        """Its day."""

    @property
    def amount(self) -> Decimal:
        """What the account gained."""


_One = TypeVar("_One", bound=Dated)
_Many = TypeVar("_Many", bound=Dated)


def sums(ones: Sequence[_One], many: Sequence[_Many]) -> list[tuple[_One, list[tuple[_Many, ...]]]]:
    """The deposits that two or more of the other side add up to, within three days or else seven,
    with every sum that does; none where too many are near."""
    parts = [part for part in many if part.amount > 0]
    days = [part.date.toordinal() for part in parts]
    found = []
    for one in ones:
        if one.amount <= 0:
            continue
        for reach in _REACHES:
            day = one.date.toordinal()
            near = parts[bisect_left(days, day - reach) : bisect_right(days, day + reach)]
            smaller = [part for part in near if part.amount < one.amount]
            choices = list(_adding_up(smaller, one.amount)) if len(smaller) <= _PARTS else []
            if choices:
                found.append((one, choices))
                break
    return found


def _adding_up(parts: Sequence[_Many], amount: Decimal) -> Iterator[tuple[_Many, ...]]:
    """Every choice of ``parts`` (all positive) that makes ``amount``."""
    if not amount:
        yield ()
        return
    for place, part in enumerate(parts):
        if part.amount <= amount:
            for rest in _adding_up(parts[place + 1 :], amount - part.amount):
                yield (part, *rest)


def told_apart(
    found: Sequence[tuple[_One, list[tuple[_Many, ...]]]],
) -> Iterator[tuple[_One, tuple[_Many, ...], bool]]:
    """Each deposit with its parts, and True; or with the parts of all its sums, and False, where
    there is more than one sum, or another deposit wants a part of it."""
    wanted: dict[int, int] = defaultdict(int)
    for _, several in found:
        for part in {id(part) for of in several for part in of}:
            wanted[part] += 1
    for one, several in found:
        parts = {id(part): part for of in several for part in of}
        is_certain = len(several) == 1 and all(wanted[part] == 1 for part in parts)
        yield one, tuple(sorted(parts.values(), key=lambda part: part.date)), is_certain
