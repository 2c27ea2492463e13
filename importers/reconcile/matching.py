"""Which posting is which line of the statement (DOMAIN D4), each used once; never a guess.

By id first; then by a person's word; then of one amount within three days, then seven, those whose
texts are most alike; then one deposit for several. Where lines and postings of one amount are as
many on both sides, which is which makes no difference. Where they are not, and nothing tells them
apart, it is a question. What an earlier run of this statement has marked goes before the rest, so
that a second run says the same.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Literal, TypeVar

from importers.reconcile.bank import Line
from importers.reconcile.entries import NO, YES, Entry
from importers.reconcile.likeness import components, likeness, near
from importers.reconcile.sums import Dated, sums, told_apart

_One = TypeVar("_One", bound=Dated)
By = Literal["id", "your word", "3 days", "7 days", "deposit", "mark", "reversal"]

_TIERS: tuple[tuple[By, int], ...] = (("3 days", 3), ("7 days", 7))
# How long after it was booked a payment may be asked about.
_LATE = dt.timedelta(days=180)


@dataclass(frozen=True)
class Match:
    """Lines and the postings that they are; of a reversal, one side only: two that cancel."""

    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    by: By

    @property
    def gap(self) -> Decimal:
        """What the postings say more than the lines."""
        booked = sum((e.amount for e in self.entries), Decimal(0))
        return booked - sum((x.amount for x in self.lines), Decimal(0))


@dataclass(frozen=True)
class Doubt:
    """Lines of which only a person can say which postings they are, and why."""

    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    why: str


@dataclass
class Matching:
    """What was found, and what is left on both sides."""

    lines: list[Line]
    entries: list[Entry]
    matches: list[Match] = field(default_factory=list)
    differing: list[Match] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def take(self, match: Match, *, differs: bool = False) -> None:
        """Takes both sides of a match off what is left when the stage ends."""
        (self.differing if differs else self.matches).append(match)

    def rest(self) -> None:
        """Leaves only what nothing was found about."""
        found: list[Match | Doubt] = [*self.matches, *self.differing, *self.doubts]
        lines = {line.key for of in found for line in of.lines}
        keys = {entry.key for of in found for entry in of.entries}
        self.lines = [line for line in self.lines if line.key not in lines]
        self.entries = [entry for entry in self.entries if entry.key not in keys]


def matched(
    lines: Iterable[Line],
    entries: Iterable[Entry],
    end: dt.date,
    said: Mapping[int, Collection[tuple[str, int]]] | None = None,
) -> Matching:
    """The lines of a statement that ends on ``end`` with the postings they are.

    ``said`` are rows of the statement with the places (file, line) of their transactions, by a
    person's word.
    """
    found = Matching(
        sorted(lines, key=lambda x: (x.date, x.row)), sorted(entries, key=lambda e: e.key)
    )
    _by_word(found, said or {})
    _by_id(found)
    _with(found, lambda e: e.recon == YES, lambda f: _by_text(f, asks=False))
    _with(found, lambda e: e.recon == YES, lambda f: _by_sum(f, asks=False))
    _with(found, lambda e: e.recon == YES and e.on == end, _by_mark)
    # A mark of this very statement is a decision; what it does not explain is still free.
    _with(found, lambda e: e.recon != YES, lambda f: _by_text(f, asks=True))
    _with(found, lambda e: e.recon != YES, lambda f: _by_sum(f, asks=True))
    _reversals(found, end)
    _late(found)
    found.matches.sort(key=lambda m: [(x.date, x.row) for x in m.lines] or [(end, 0)])
    found.doubts.sort(key=lambda d: [(x.date, x.row) for x in d.lines])
    return found


def _with(
    found: Matching, wanted: Callable[[Entry], bool], stage: Callable[[Matching], None]
) -> None:
    """Runs a stage with some of the postings only."""
    aside = [entry for entry in found.entries if not wanted(entry)]
    found.entries = [entry for entry in found.entries if wanted(entry)]
    if found.entries:
        stage(found)
    found.entries = sorted([*found.entries, *aside], key=lambda e: e.key)


def _by_word(found: Matching, said: Mapping[int, Collection[tuple[str, int]]]) -> None:
    for line in found.lines:
        places = said.get(line.row, ())
        entries = tuple(e for e in found.entries if (e.file, e.line) in places)
        if entries:
            match = Match((line,), entries, "your word")
            found.take(match, differs=bool(match.gap))
    found.rest()


def _by_id(found: Matching) -> None:
    by_id: dict[str, list[int]] = defaultdict(list)
    for place, line in enumerate(found.lines):
        if line.id:
            by_id[line.id].append(place)
    edges = [
        (place, at)
        for at, entry in enumerate(found.entries)
        for line_id in entry.ids
        for place in by_id.get(line_id, ())
    ]
    for left, right, _ in components(edges):
        lines = tuple(found.lines[i] for i in left)
        match = Match(lines, tuple(found.entries[i] for i in right), "id")
        if match.gap:
            match = _with_siblings(match, found.entries)
        found.take(match, differs=bool(match.gap))
    found.rest()


def _with_siblings(match: Match, entries: Iterable[Entry]) -> Match:
    """With the other postings of the same transactions, where they make the amounts agree: the fee
    of a conversion stands beside it, and the bank writes both as one line."""
    places = {(entry.file, entry.line) for entry in match.entries}
    beside = [e for e in entries if not e.ids and (e.file, e.line) in places]
    whole = Match(match.lines, (*match.entries, *beside), match.by)
    return match if whole.gap else whole


def _by_text(found: Matching, *, asks: bool) -> None:
    for by, reach in _TIERS:
        edges = near(found.lines, found.entries, reach)
        for left, right, within in components(edges):
            _paired(found, left, right, within, by, asks=asks)
        found.rest()


def _paired(
    found: Matching,
    left: Sequence[int],
    right: Sequence[int],
    edges: Sequence[tuple[int, int]],
    by: By,
    *,
    asks: bool,
) -> None:
    """Pairs lines and postings of one amount that stand near each other: the most alike first."""
    pairs, doubts = ([edges[0]], []) if len(edges) == 1 else _best(found, edges)
    straight = list(zip(left, right, strict=False))
    is_whole = len(left) == len(right) > 1 and set(edges).issuperset(straight)
    # In the order of the days none is left over; likelier texts alone speak against it.
    if is_whole and (len(pairs) < len(left) or _alike(found, straight) >= _alike(found, pairs)):
        pairs, doubts = straight, []
    for a, b in pairs:
        found.take(Match((found.lines[a],), (found.entries[b],), by))
    if asks:
        found.doubts += doubts


def _alike(found: Matching, pairs: Iterable[tuple[int, int]]) -> Fraction:
    return sum(
        (likeness(found.lines[a].text, found.entries[b].text) for a, b in pairs), Fraction(0)
    )


def _best(
    found: Matching, edges: Iterable[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[Doubt]]:
    """Pairs of the likest text, then the nearest day; and what nothing tells apart."""
    scored = []
    for a, b in edges:
        line, entry = found.lines[a], found.entries[b]
        days = abs((line.date - entry.date).days)
        scored.append((-likeness(line.text, entry.text), days, entry.recon != NO, a, b))
    scored.sort()
    gone_lines: set[int] = set()
    gone_entries: set[int] = set()
    pairs: list[tuple[int, int]] = []
    doubts = []
    for _, alike in groupby(scored, key=lambda s: s[:3]):
        free = [(a, b) for *_, a, b in alike if a not in gone_lines and b not in gone_entries]
        for left, right, within in components(free):
            straight = list(zip(left, right, strict=False))
            if len(left) == len(right) and set(within).issuperset(straight):
                pairs += straight
            else:
                lines = tuple(found.lines[a] for a in left)
                entries = tuple(found.entries[b] for b in right)
                doubts.append(Doubt(lines, entries, _WHY_TWINS))
            gone_lines.update(left)
            gone_entries.update(right)
    return pairs, doubts


_WHY_TWINS = "nothing tells them apart"
_WHY_SUMS = "more than one sum makes the deposit"
_WHY_LATE = "this amount has been outstanding for more than a week"


def _by_sum(found: Matching, *, asks: bool) -> None:
    """One deposit of the statement that is several of the books, or several that are one."""
    for line, entries, is_certain in told_apart(sums(found.lines, found.entries)):
        if is_certain:
            found.take(Match((line,), entries, "deposit"))
        elif asks:
            found.doubts.append(Doubt((line,), entries, _WHY_SUMS))
    found.rest()
    for entry, lines, is_certain in told_apart(sums(found.entries, found.lines)):
        if is_certain:
            found.take(Match(lines, (entry,), "deposit"))
        elif asks:
            found.doubts.append(Doubt(lines, (entry,), _WHY_SUMS))
    found.rest()


def _by_mark(found: Matching) -> None:
    """What this statement has marked before, by somebody's word, however far away it stands."""
    of_lines, of_entries = _by_amount(found.lines), _by_amount(found.entries)
    for amount, lines in of_lines.items():
        entries = of_entries.get(amount, [])
        if len(lines) == len(entries):
            for line, entry in zip(lines, entries, strict=True):
                found.take(Match((line,), (entry,), "mark"))
    found.rest()


def _by_amount(of: Iterable[_One]) -> dict[Decimal, list[_One]]:
    found: dict[Decimal, list[_One]] = defaultdict(list)
    for one in of:
        found[one.amount].append(one)
    return found


def _reversals(found: Matching, end: dt.date) -> None:
    """Postings that take each other back, by a link and a word for it, and lines that do."""
    by_link: dict[tuple[str, Decimal], list[Entry]] = defaultdict(list)
    for entry in found.entries:
        for link in entry.links if entry.date <= end else ():
            by_link[link, abs(entry.amount)].append(entry)
    gone: set[tuple[dt.date, str, int, int]] = set()
    for (_, amount), entries in sorted(by_link.items(), key=lambda item: item[1][0].key):
        free = [entry for entry in entries if entry.key not in gone]
        if amount and len(free) == 2 and not free[0].amount + free[1].amount and _takes_back(free):
            found.take(Match((), tuple(free), "reversal"))
            gone |= {entry.key for entry in free}
    by_size: dict[Decimal, list[Line]] = defaultdict(list)
    for line in found.lines:
        by_size[abs(line.amount)].append(line)
    for lines in by_size.values():
        if len(lines) == 2 and not lines[0].amount + lines[1].amount:
            first, second = lines
            if _REVERSAL.search(second.text) and likeness(first.text, second.text):
                found.take(Match((first, second), (), "reversal"))
    found.rest()


_REVERSAL = re.compile(r"\b(revers\w*|void\w*|storno|correction|cancel\w*)\b", re.IGNORECASE)


def _takes_back(entries: Sequence[Entry]) -> bool:
    return "reversing" in entries[1].tags or bool(_REVERSAL.search(entries[1].text))


def _late(found: Matching) -> None:
    """Asks about lines whose amount has been outstanding for longer than anything is matched."""
    of_entries = _by_amount(entry for entry in found.entries if entry.recon != YES)
    left = []
    for line in found.lines:
        near = of_entries.get(line.amount, ())
        like = tuple(e for e in near if line.date - _LATE <= e.date < line.date)
        if like:
            found.doubts.append(Doubt((line,), like, _WHY_LATE))
        else:
            left.append(line)
    found.lines = left
