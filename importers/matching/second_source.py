"""One bank line from two sources: a CSV and an OFX of the same days, a feed and a statement.

Their ids differ, so they are known by account, amount and date. A new line belongs to a posting
that is there already when both sources cover both days, or when a person wrote the posting by
hand: it then gets the line's ``id-2:`` (or ``id:``), and no entry is made. Twins are counted: three
lines of one amount meet two postings, and one of them is new. Where two sources do not overlap, or
are of one kind and should have given one id, it is a question: ``review: "duplicate"``.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePath

from core.journal.books import Books
from core.journal.edit import Edit
from importers.desk import Desk
from importers.draft import Draft, sources
from importers.planned import StatementPlan
from importers.posted import Posted, covered, posted, source_of

# One bank's files differ by so many days: one dates a purchase, the other its posting.
DAYS = dt.timedelta(days=5)
_OFX = frozenset({".ofx", ".qfx", ".qbo"})

Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class _Held:
    """A line that has its entry: a posting of the books, or a draft of an earlier file."""

    date: dt.date
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    entry: Posted | Draft


_Pool = dict[tuple[str, Decimal, str], list[_Held]]


def recognised(desk: Desk, plans: Iterable[StatementPlan], books: Books) -> Desk:
    """The desk without the drafts whose line has an entry already; that entry names it as well."""
    plans = [plan for plan in plans if plan.account is not None]
    if not desk.drafts:
        return desk
    accounts = {plan.account.name for plan in plans if plan.account}
    accounts |= {draft.account for draft in desk.drafts}
    rows = [row for row in posted(books, accounts) if not row.padded]
    spans = covered(rows)
    pool: _Pool = defaultdict(list)
    for row in rows:
        held = _Held(row.date, row.ids, row.sources, row)
        pool[row.account, row.number, row.currency].append(held)
    found: list[tuple[Draft, _Held]] = []
    doubtful: list[Draft] = []
    for plan in plans:
        span = _span(plan)
        if span is None or plan.account is None:
            continue
        source = source_of(plan.source)
        overlap = _Overlap(source, span, spans, plan.account.name)
        joined, asked = _of_statement(plan, pool, overlap)
        found += joined
        doubtful += asked
        gone = {draft.id for draft, _ in joined}
        for draft in plan.drafts:
            if draft.id not in gone:
                held = _Held(draft.date, (draft.id,), (source,), draft)
                pool[draft.account, draft.number, draft.currency].append(held)
        spans[plan.account.name, source] = span
    return _joined(desk.after(doubtful), found, books)


@dataclass(frozen=True)
class _Overlap:
    """A statement that is read now, and what the other sources of its account cover."""

    source: str
    span: Span
    spans: Mapping[tuple[str, str], Span]
    account: str

    def holds(self, draft: Draft, held: _Held) -> bool:
        """Whether both sources cover both days, and are of two kinds; or a person wrote it."""
        if not held.ids:
            return True
        return not self._is_one_kind(held) and self._covers(draft, held)

    def is_doubtful(self, draft: Draft, held: _Held) -> bool:
        """Whether only a person can say: either the kinds differ, or the days are covered twice."""
        return self._is_one_kind(held) == self._covers(draft, held)

    def is_same_feed(self, held: _Held) -> bool:
        """Whether one feed gave both: two ids of it are two lines, however alike they look."""
        return _kind(self.source).endswith(".jsonl") and self._is_one_kind(held)

    def _covers(self, draft: Draft, held: _Held) -> bool:
        # A line of a security moves no cash: its source is known by the holding's lines as well.
        keys = [(a, name) for name in held.sources for a in (self.account, draft.account)]
        there = [self.spans[key] for key in keys if key in self.spans]
        inside = any(first <= draft.date <= last for first, last in there)
        return inside and self.span[0] <= held.date <= self.span[1]

    def _is_one_kind(self, held: _Held) -> bool:
        return any(_kind(name) == _kind(self.source) for name in held.sources)


def _kind(source: str) -> str:
    """The kind of a file, by the name in ``src:`` (which ends with its hash); each feed is one."""
    name = PurePath(source.rpartition(" ")[0])
    suffix = name.suffix.casefold()
    if suffix == ".jsonl":
        return name.name
    return ".ofx" if suffix in _OFX else suffix


def _span(plan: StatementPlan) -> Span | None:
    """The days that a statement covers: as it says, else from its first line to its last."""
    days = [line.date for line in plan.statement.lines]
    if not days:
        return None
    first, last = plan.statement.period or (min(days), max(days))
    return min(first, *days), max(last, *days)


def _of_statement(
    plan: StatementPlan, pool: _Pool, overlap: _Overlap
) -> tuple[list[tuple[Draft, _Held]], list[Draft]]:
    """The drafts of a statement with what they belong to, and those that are a question."""
    own = set(plan.ids)
    groups: dict[tuple[str, Decimal, str], list[Draft]] = defaultdict(list)
    for draft in plan.drafts:
        groups[draft.account, draft.number, draft.currency].append(draft)
    found: list[tuple[Draft, _Held]] = []
    asked: list[Draft] = []
    for key, drafts in groups.items():
        # What another line of this very file is, this one is not.
        held = [
            h for h in pool.get(key, ()) if own.isdisjoint(h.ids) and not overlap.is_same_feed(h)
        ]
        if not held:
            continue
        pairs = _pairs(drafts, held, overlap.holds)
        found += pairs
        paired, taken = {d.id for d, _ in pairs}, {id(h) for _, h in pairs}
        pool[key] = [h for h in pool.get(key, ()) if id(h) not in taken]
        left = [h for h in held if id(h) not in taken]
        unknown = [draft for draft in drafts if draft.id not in paired]
        for draft, like in _pairs(unknown, left, overlap.is_doubtful):
            asked.append(replace(draft, review="duplicate", perhaps=like.ids[:1]))
    return found, asked


def _pairs(
    drafts: Iterable[Draft], held: Iterable[_Held], fits: Callable[[Draft, _Held], bool]
) -> list[tuple[Draft, _Held]]:
    """Lines of one amount with the postings they fit, each taken once: of the same day first, then
    the earliest that is near."""
    left = sorted(held, key=lambda h: h.date)
    waiting = sorted(drafts, key=lambda d: d.date)
    pairs: list[tuple[Draft, _Held]] = []
    for reach in (dt.timedelta(0), DAYS):
        days = [h.date for h in left]
        taken: set[int] = set()
        missed, start = [], 0
        for draft in waiting:
            start = max(start, bisect_left(days, draft.date - reach))
            end = bisect_right(days, draft.date + reach)
            free = (i for i in range(start, end) if i not in taken and fits(draft, left[i]))
            index = next(free, None)
            if index is None:
                missed.append(draft)
                continue
            taken.add(index)
            pairs.append((draft, left[index]))
            while start in taken:
                start += 1
        left = [h for index, h in enumerate(left) if index not in taken]
        waiting = missed
    return pairs


def _joined(desk: Desk, found: Sequence[tuple[Draft, _Held]], books: Books) -> Desk:
    """The desk with the new lines on the entries they belong to."""
    of_books = [held.entry for _, held in found if isinstance(held.entry, Posted)]
    there = books.standing_at([(row.file, row.line) for row in of_books])
    edits: list[Edit] = []
    more: dict[str, list[tuple[str, str]]] = defaultdict(list)
    gone: list[str] = []
    for draft, held in found:
        entry = held.entry
        if isinstance(entry, Draft):
            more[entry.id] += draft.own.lines
        else:
            txn = there.get((entry.file, entry.line))
            if txn is None:
                continue
            new = sources(draft.own.lines, first=len(entry.ids) + 1)
            edits.append(Edit(txn, meta={entry.place: new}))
        gone.append(draft.id)
    drafts = {draft.id: draft for draft in desk.drafts}
    own = {i: replace(drafts[i].own, lines=(*drafts[i].own.lines, *more[i])) for i in more}
    return desk.after((replace(drafts[i], own=leg) for i, leg in own.items()), gone, edits)
