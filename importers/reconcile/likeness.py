"""Lines and postings of one amount that stand near each other, and how alike their texts are."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from importers.reconcile.bank import Line
from importers.reconcile.entries import Entry

_WORD = re.compile(r"[^\W_]+")


def near(lines: Sequence[Line], entries: Sequence[Entry], reach: int) -> Iterator[tuple[int, int]]:
    """The places of lines and postings of one amount within ``reach`` days of each other."""
    by_amount: dict[Decimal, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):  # in date order
        by_amount[entry.amount].append(place)
    days = {n: [entries[i].date.toordinal() for i in of] for n, of in by_amount.items()}
    for place, line in enumerate(lines):
        if line.amount not in days:
            continue
        day, of = line.date.toordinal(), days[line.amount]
        for at in range(bisect_left(of, day - reach), bisect_right(of, day + reach)):
            yield place, by_amount[line.amount][at]


def likeness(one: str, other: str) -> Fraction:
    """How many of the words of two texts are in both: 1 for the same, 0 for none."""
    a, b = (frozenset(_WORD.findall(text.casefold())) for text in (one, other))
    return Fraction(len(a & b), len(a | b) or 1)


def components(
    edges: Iterable[tuple[int, int]],
) -> Iterator[tuple[list[int], list[int], list[tuple[int, int]]]]:
    """What hangs together: the places on both sides, in order, and the edges among them."""
    of_left: dict[int, list[int]] = defaultdict(list)
    of_right: dict[int, list[int]] = defaultdict(list)
    for a, b in edges:
        of_left[a].append(b)
        of_right[b].append(a)
    seen: set[int] = set()
    for start in of_left:
        if start in seen:
            continue
        left, right, waiting = {start}, set[int](), [start]
        while waiting:
            for b in of_left[waiting.pop()]:
                if b not in right:
                    right.add(b)
                    new = [a for a in of_right[b] if a not in left]
                    left.update(new)
                    waiting += new
        seen |= left
        yield sorted(left), sorted(right), [(a, b) for a in sorted(left) for b in of_left[a]]
