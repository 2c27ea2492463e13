"""What covers each account's days: kept statements, feeds, imported lines, or nothing.

Read from the books alone, never from the clock or the archive's folders: ``document`` directives
with ``from`` and ``to`` (``importers/proof/archive.py`` writes them), ``balance`` directives that
hold, and the ``src:`` of bank postings. An account's days go from its first line, or the first
statement, to the books' own date. A day that nothing covers is part of a hole::

    2026-03-31 document Assets:Acme:Bank:Checking "../documents/statements/…/2026-03-31.Chase.csv"
      sha256: "3f9a5c21…"
      from: 2026-03-01
      to: 2026-03-31

Days without a file between two balances that hold, with no line in the books among them, are no
hole: what the account held before and after is the same by the bank's own word.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from beancount.core import data

from core.entity import Account
from core.identity import ids_of
from core.journal.books import Books
from core.period import month_end
from importers.posted import PADDING, sources_of

By = Literal["statement", "feed", "lines"]
State = Literal["full", "part", "lines", "none"]
# A cash box has no statements, unless somebody has given it a bank's number.
_ROLES = frozenset({"bank", "card"})
_FEEDS = "documents/feeds/"
# A statement that says its end alone goes back to the one before, over a quarter at most.
_QUARTER = 93
# A month's end is known from the next statement's, and a statement comes every month.
_MONTH = 31


@dataclass(frozen=True)
class Hole:
    """Days, both ends included, that nothing covers; ``lines`` counts what the books have there."""

    first: dt.date
    last: dt.date
    lines: int = 0


@dataclass(frozen=True)
class Month:
    """One account in one month, as far as the account and the books reach.

    ``by`` says what covers it; ``missing`` are its days in holes; ``bridged`` its days that no
    file covers and that are no hole, since the balances around them hold; ``proven`` says that the
    balance at the month's end is the bank's.
    """

    first: dt.date
    state: State
    by: tuple[By, ...]
    lines: int
    missing: tuple[Hole, ...]
    bridged: tuple[Hole, ...]
    proven: bool


@dataclass(frozen=True)
class Covered:
    """An account's months, in order, and its holes."""

    account: str
    entity: str
    account_id: str
    months: tuple[Month, ...]
    holes: tuple[Hole, ...]

    @property
    def label(self) -> str:
        """What the account is called in a table: its ``account-id``, else its name."""
        return self.account_id or self.account

    def within(self, first: dt.date, last: dt.date) -> "Covered":
        """The same between two days; holes are cut off there."""
        months = tuple(m for m in self.months if first <= _end(m.first) and m.first <= last)
        near = (h for h in self.holes if h.first <= last and first <= h.last)
        cut = (replace(h, first=max(h.first, first), last=min(h.last, last)) for h in near)
        return replace(self, months=months, holes=tuple(cut))


@dataclass
class _Facts:
    """What the books say of one account. Days are ordinals.

    ``days`` counts the lines of each day (padding is no line, but something stands there: zero);
    ``spans`` are the first and the last day of what covers; ``held`` and ``failed`` the days at
    whose start a balance is asserted; ``opened`` the first days of statements whose closing holds.
    """

    days: dict[int, int] = field(default_factory=dict)
    spans: list[tuple[int, int, By]] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)


def coverage(books: Books, accounts: Collection[str] | None = None) -> list[Covered]:
    """What covers every bank, card and investment cash account (or only ``accounts``), by entity
    and name. An account that is opened after the books' date is left out."""
    wanted = {
        name: account
        for name, account in books.accounts.items()
        if (account.role in _ROLES or (account.role == "cash" and account.account_id))
        and (accounts is None or name in accounts)
    }
    facts = _facts(books, wanted)
    found = []
    for account in sorted(wanted.values(), key=lambda a: (a.entity, a.name)):
        covered = _covered(account, facts[account.name], books.as_of)
        if covered is not None:
            found.append(covered)
    return found


def _covered(account: Account, facts: _Facts, as_of: dt.date) -> Covered | None:
    starts = [day for day, count in facts.days.items() if count]
    starts += [first for first, _, _ in facts.spans]
    opened = (account.opened or as_of).toordinal()
    first = max(min(starts, default=opened), opened if account.opened else 0)
    last = as_of.toordinal()
    if account.closed:
        last = min(last, account.closed.toordinal() - 1)
    if first > last:
        return None
    by: dict[int, set[By]] = defaultdict(set)
    for start, end, what in facts.spans:
        for day in range(max(start, first), min(end, last) + 1):
            by[day].add(what)
    bare = [day for day in range(first, last + 1) if day not in by]
    bridged = _bridged(bare, facts)
    missing = [day for day in bare if day not in bridged]
    known = bridged.union(by)
    months = tuple(_months(first, last, by, missing, bridged, known, facts))
    return Covered(
        account.name,
        account.entity,
        account.account_id,
        months,
        tuple(_holes(missing, facts.days)),
    )


def _months(
    first: int,
    last: int,
    by: Mapping[int, set[By]],
    missing: list[int],
    bridged: set[int],
    known: set[int],
    facts: _Facts,
) -> Iterator[Month]:
    day = first
    while day <= last:
        begin = dt.date.fromordinal(day).replace(day=1)
        after = _end(begin).toordinal() + 1
        days = range(day, min(after - 1, last) + 1)
        gone = missing[bisect_left(missing, days[0]) : bisect_right(missing, days[-1])]
        what = {kind for d in days for kind in by.get(d, ())}
        lines = sum(facts.days.get(d, 0) for d in days)
        if len(gone) == len(days):
            state: State = "lines" if lines else "none"
        elif gone:
            state = "part"
        else:
            in_file = (by.get(d, set()) - {"lines"} or d in bridged for d in days)
            state = "full" if all(in_file) else "lines"
        yield Month(
            begin,
            state,
            tuple(sorted(what, reverse=True)),
            lines,
            tuple(_holes(gone, facts.days)),
            tuple(_holes([d for d in days if d in bridged], facts.days)),
            _is_proven(after, known, facts),
        )
        day = after


def _bridged(bare: list[int], facts: _Facts) -> set[int]:
    """The days without a file that lie between two balances that hold, with no line in the books:
    what covers the other days adds up from one to the other, so that nothing happened in these."""
    found: set[int] = set()
    before: set[int] = set()
    for end in sorted(facts.held):
        for start in {s for s in facts.opened if s < end and s > max(before, default=0)} | before:
            days = bare[bisect_left(bare, start) : bisect_left(bare, end)]
            quiet = not any(day in facts.days for day in days)
            if quiet and not any(start <= day <= end for day in facts.failed):
                found.update(days)
        before = {end}
    return found


def _is_proven(after: int, known: set[int], facts: _Facts) -> bool:
    """Whether the balance at the start of ``after`` is the bank's: asserted then, or not far from
    then with every day between them covered, and before then also without a line."""
    for day in sorted(facts.held, key=lambda d: (abs(d - after), d)):
        between = range(min(day, after), max(day, after))
        if len(between) > _MONTH:
            return False
        if any(between.start <= d <= between.stop for d in facts.failed):
            continue
        quiet = day > after or not any(d in facts.days for d in between)
        if quiet and all(d in known for d in between):
            return True
    return False


def _facts(books: Books, wanted: Collection[str]) -> dict[str, _Facts]:
    facts = {name: _Facts() for name in wanted}
    documents: dict[str, list[tuple[str, int, int, By]]] = defaultdict(list)
    files: dict[str, By] = {}
    for entry in books.standing:
        if not isinstance(entry, data.Document):
            continue
        kind: By = "feed" if _FEEDS in entry.filename else "statement"
        files[str(entry.meta.get("sha256") or "")[:8]] = kind
        start, end = entry.meta.get("from"), entry.meta.get("to")
        if entry.account in facts and isinstance(start, dt.date) and isinstance(end, dt.date):
            span = (start.toordinal(), end.toordinal(), kind)
            facts[entry.account].spans.append(span)
            documents[entry.account].append((entry.filename, *span))
    for name, days, sources in _gathered(books):
        if name not in facts:
            continue
        known = facts[name]
        for day, count in days:
            known.days[day] = known.days.get(day, 0) + count
        known.spans += [(a, z, _kind_of(source, files)) for source, a, z in sources]
    for name, said in _balances(books, wanted).items():
        _asserted(facts[name], said, documents[name])
    return facts


def _kind_of(source: str, files: Mapping[str, By]) -> By:
    """What a line's source is: ``Chase.csv 3f9a5c21`` is the file whose hash begins so."""
    if _FEEDS in source:
        return "feed"
    return files.get(source.rpartition(" ")[2], "lines")


def _balances(books: Books, wanted: Collection[str]) -> dict[str, dict[int, tuple[bool, str]]]:
    """By account and day: whether every balance asserted then holds, and the statement named."""
    found: dict[str, dict[int, tuple[bool, str]]] = defaultdict(dict)
    for entry in books.standing:
        if isinstance(entry, data.Balance) and entry.account in wanted:
            day = entry.date.toordinal()
            holds, statement = found[entry.account].get(day, (True, ""))
            said = entry.meta.get("statement")
            holds = holds and entry.diff_amount is None
            found[entry.account][day] = (
                holds,
                statement or (said if isinstance(said, str) else ""),
            )
    return found


def _asserted(
    facts: _Facts,
    said: Mapping[int, tuple[bool, str]],
    documents: Iterable[tuple[str, int, int, By]],
) -> None:
    """Adds what the balances say. A statement that a balance names, and of which no document says
    the days, goes back to the balance before it."""
    documents = list(documents)
    before: int | None = None
    for day, (holds, statement) in sorted(said.items()):
        if not holds:
            facts.failed.add(day)
            continue
        facts.held.add(day)
        named = [start for file, start, _, _ in documents if _is_same(file, statement)]
        if named:
            facts.opened.add(min(named))
        elif statement:
            last = day - 1
            if before is None or last - before >= _QUARTER:
                before = dt.date.fromordinal(last).replace(day=1).toordinal()
            facts.spans.append((before, last, "statement"))
        before = day


def _is_same(filename: str, statement: str) -> bool:
    """Whether ``statement:``, relative to its entity's folder, names this file."""
    return bool(statement) and f"/{filename.lstrip('/')}".endswith(f"/{statement}")


def _gathered(books: Books) -> Iterator[tuple[str, list[list[int]], list[list[Any]]]]:
    for accounts in books.by_file("days and sources by account", _days_and_sources):
        for name, (days, sources) in accounts.items():
            yield name, days, sources


def _days_and_sources(transactions: Iterable[data.Transaction]) -> dict[str, list[list[Any]]]:
    """By account on the balance sheet: the lines of each day, and from which day to which each
    source goes; as JSON has it."""
    days: dict[str, dict[int, int]] = {}
    spans: dict[str, dict[str, tuple[int, int]]] = {}
    for txn in transactions:
        day, is_line = txn.date.toordinal(), txn.flag != PADDING
        for posting in txn.postings:
            name = posting.account
            if not name.startswith(("Assets:", "Liabilities:")):
                continue
            counts = days.setdefault(name, {})
            counts[day] = counts.get(day, 0) + is_line
            for source in sources_of(posting) if ids_of(posting) else ():
                first, last = spans.setdefault(name, {}).get(source, (day, day))
                spans[name][source] = (min(first, day), max(last, day))
    return {
        name: [
            [[day, count] for day, count in counts.items()],
            [[source, *span] for source, span in spans.get(name, {}).items()],
        ]
        for name, counts in days.items()
    }


def _holes(days: list[int], lines: Mapping[int, int]) -> Iterator[Hole]:
    """Sorted days as runs."""
    start = 0
    for place, day in enumerate(days):
        if place + 1 == len(days) or days[place + 1] != day + 1:
            run = days[start : place + 1]
            first, last = dt.date.fromordinal(run[0]), dt.date.fromordinal(day)
            yield Hole(first, last, sum(lines.get(d, 0) for d in run))
            start = place + 1


def _end(month: dt.date) -> dt.date:
    return month_end(month.year, month.month)
