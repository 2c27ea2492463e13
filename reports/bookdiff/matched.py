"""Which transaction of the base became which of the head: by identity first, then by likeness.

An id of a bank line decides, then a link that only the two carry, then everything but one thing:
its text, its day, its postings. What is left is paired by likeness among those that share an
amount, a payee or a day; what is like nothing was removed or added. Every step looks into buckets,
so that the work grows with what has changed, and takes ties in the order of date and place.
"""

import datetime as dt
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.fuzz import ratio

from reports.bookdiff.loose import Loose

Pair = tuple[Loose, Loose]
_ID = re.compile(r"(import-)?id(-\d+)?|ofx[-_]id|plaid[-_]id|source[-_]id", re.IGNORECASE)
_FAR = 62  # days between two that are otherwise the same: beyond, one was removed, one added
_NEAR = 15  # days between two that are alike
_SAME_EVENT = 3  # days between two that share no amount
_LIKE = 0.5
_CROWD = 2_500  # pairs in a bucket that are compared one by one
_NEIGHBOURS = 12  # candidates in a bucket, nearest in time


@dataclass(frozen=True)
class Matched:
    """The pairs in order of the head, and what has no partner."""

    pairs: tuple[Pair, ...]
    removed: tuple[Loose, ...]
    added: tuple[Loose, ...]


@dataclass
class _Open:
    """What has no partner yet, by its place in the order of its side."""

    base: dict[int, Loose]
    head: dict[int, Loose]
    pairs: list[tuple[int, Pair]] = field(default_factory=list)

    def join(self, one: int, other: int) -> None:
        """Takes the two out as a pair, where both are still there."""
        if one in self.base and other in self.head:
            self.pairs.append((other, (self.base.pop(one), self.head.pop(other))))


def matched(base: Sequence[Loose], head: Sequence[Loose]) -> Matched:
    """Pairs up what is loose on both sides, which come in order of date and place."""
    left = _Open(dict(enumerate(base)), dict(enumerate(head)))
    _by_mark(left, _ids, lambda *_: True)
    _by_mark(left, _links, _akin)
    for key in (
        lambda t: (t.date, t.payee, t.narration, t.moves),
        lambda t: (t.payee, t.narration, t.entity, t.moves),
        lambda t: (t.date, t.moves),
        lambda t: (t.date, t.payee, t.narration, t.entity),
    ):
        _by_key(left, key)
    _by_likeness(left)
    pairs = tuple(pair for _, pair in sorted(left.pairs, key=lambda found: found[0]))
    return Matched(pairs, tuple(left.base.values()), tuple(left.head.values()))


def _ids(txn: Loose) -> Iterator[Any]:
    """The ids of bank lines, which are scoped by their account, and of the transaction."""
    for key, _, value in txn.meta:
        if _ID.fullmatch(key):
            yield "", str(value)
    for leg in txn.legs:
        for key, _, value in leg.meta:
            if _ID.fullmatch(key):
                yield leg.account, str(value)


def _links(txn: Loose) -> Iterator[Any]:
    for link in txn.links:
        yield link, txn.entity


def _akin(one: Loose, other: Loose) -> bool:
    """Whether two that share a link are about the same: an invoice is not its payment."""
    same_text = (one.payee, one.narration) == (other.payee, other.narration)
    return same_text or one.accounts == other.accounts or score(one, other) >= _LIKE


def _by_mark(
    left: _Open, marks: Callable[[Loose], Iterable[Any]], fits: Callable[[Loose, Loose], bool]
) -> None:
    """Joins those that alone on their side carry a mark."""
    before, after = _bucketed(left.base, marks), _bucketed(left.head, marks)
    for mark, ones in before.items():
        others = after.get(mark, ())
        if len(ones) == len(others) == 1:
            one, other = left.base.get(ones[0]), left.head.get(others[0])
            if one and other and fits(one, other):
                left.join(ones[0], others[0])


def _by_key(left: _Open, key: Callable[[Loose], Any]) -> None:
    """Joins those with the same key, the nearest in time and the likest first."""
    after = _bucketed(left.head, lambda txn: (key(txn),))
    if not after:
        return
    for mark, ones in _bucketed(left.base, lambda txn: (key(txn),)).items():
        others = after.get(mark)
        if others:
            for one, other in _nearest(left, ones, others):
                left.join(one, other)


def _nearest(left: _Open, ones: list[int], others: list[int]) -> list[tuple[int, int]]:
    if len(ones) == len(others) == 1:
        pairs = [(ones[0], others[0])]
    elif len(ones) * len(others) > _CROWD:
        pairs = list(zip(ones, others, strict=False))
    else:
        pairs = [(one, other) for one in ones for other in others]
        closeness = {
            (one, other): (
                _days(left.base[one], left.head[other]),
                -score(left.base[one], left.head[other]),
                one,
                other,
            )
            for one, other in pairs
        }
        pairs.sort(key=closeness.__getitem__)
    return [pair for pair in pairs if _days(left.base[pair[0]], left.head[pair[1]]) <= _FAR]


def _bucketed(
    txns: dict[int, Loose], marks: Callable[[Loose], Iterable[Any]]
) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = defaultdict(list)
    for place, txn in txns.items():
        for mark in set(marks(txn)):
            found[mark].append(place)
    return found


def _by_likeness(left: _Open) -> None:
    """Joins what is alike, the likest first."""
    if not left.base or not left.head:
        return
    after = _bucketed(left.head, _features)
    days = {mark: [left.head[p].date.toordinal() for p in places] for mark, places in after.items()}
    scored: dict[tuple[int, int], float] = {}
    for one, txn in left.base.items():
        for mark in sorted(set(_features(txn)), key=repr):
            for other in _neighbours(after.get(mark, []), days.get(mark, []), txn.date):
                if (one, other) not in scored:
                    scored[one, other] = score(txn, left.head[other])
    ranked = sorted(scored.items(), key=lambda item: (-item[1], item[0]))
    for (one, other), how in ranked:
        if how >= _LIKE:
            left.join(one, other)


def _neighbours(places: list[int], days: list[int], date: dt.date) -> list[int]:
    """Those nearest in time."""
    day = date.toordinal()
    middle = bisect_left(days, day)
    low, high = max(0, middle - _NEIGHBOURS), middle + _NEIGHBOURS
    near = zip(places[low:high], days[low:high], strict=True)
    return [place for place, when in near if abs(when - day) <= _NEAR]


def _features(txn: Loose) -> Iterator[Any]:
    """What two that are alike share at least one of."""
    yield "text", txn.payee.casefold(), txn.accounts
    yield "day", txn.date, txn.accounts
    for leg in txn.legs:
        yield "leg", leg.account, leg.number, leg.currency


def score(one: Loose, other: Loose) -> float:
    """How alike two transactions are, from 0 to 1: postings, accounts, text, day."""
    mine, theirs = ({(g.account, g.number, g.currency) for g in t.legs} for t in (one, other))
    legs = len(mine & theirs) / max(len(mine | theirs), 1)
    if not legs and _days(one, other) > _SAME_EVENT:
        return 0.0  # another day's purchase in the same shop
    accounts = len(one.accounts & other.accounts) / max(len(one.accounts | other.accounts), 1)
    payee, narration = ratio(one.payee, other.payee), ratio(one.narration, other.narration)
    text = (payee + narration) / 200
    day = max(0.0, 1 - _days(one, other) / _NEAR)
    return 0.35 * legs + 0.2 * accounts + 0.3 * text + 0.15 * day


def _days(one: Loose, other: Loose) -> int:
    return abs((one.date - other.date).days)
