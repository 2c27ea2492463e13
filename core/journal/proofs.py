"""What Beancount says about the whole, found without looking at the whole.

Documents, padding, balance assertions and validation, in its order and by its own functions, each
given no more than it needs: the standing directives, the sums of an account, or the entries of a
file whose facts do not show at a glance that nothing is wrong with them.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import accumulate
from os import path
from typing import Any

from beancount.core import data
from beancount.ops import balance, documents, pad, validation

from core.cache.slim import content, digest, slim, thick
from core.cache.store import Store
from core.journal.effect import ZERO, Days, Effect, effect_of
from core.journal.leaf import Leaf
from core.journal.lots import Month
from core.journal.trouble import (
    Trouble,
    failed_balance,
    number_of,
    slim_trouble,
    thick_trouble,
    troubles,
)

Options = Mapping[str, Any]
# Sums between assertions: account, currency, then one (as text) for each gap between two dates.
_Pieces = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Source:
    """Entries of which the effect is known: a file's, a month's lots, or what was padded.

    ``key`` is made of all that they depend on; ``entries`` gives them where they are needed.
    """

    key: str
    effect: Effect
    days: Callable[[], Days]
    entries: Callable[[], Sequence[data.Directive]]


@dataclass
class Memo:
    """What was found out in this process already, by the names of what it was found from."""

    kept: dict[str, Any] = field(default_factory=dict)
    used: dict[str, Any] = field(default_factory=dict)

    def turn(self) -> None:
        """Forgets what the last reading did not use."""
        self.kept, self.used = self.used, {}

    def of(self, key: str, store: Store, made: Callable[[], Any]) -> Any:
        """The value, as JSON has it, that ``made`` makes unless it is known or in the store."""
        value = self.used.get(key, self.kept.get(key))
        if value is None:
            raw = store.get(key)
            value = json.loads(raw) if raw is not None else None
        if value is None:
            raw = content(made())
            store.put(key, raw)
            value = json.loads(raw)
        self.used[key] = value
        return value


def source_of(key: str, entries: Sequence[data.Directive]) -> Source:
    """A source of entries that are at hand."""
    effect, days = effect_of(entries)
    return Source(key, effect, lambda: days, lambda: entries)


def sources_of(leaves: Iterable[Leaf], months: Iterable[Month]) -> Iterator[Source]:
    """The files, without the lots in them, and the lots of each month."""
    for leaf in leaves:

        def of_leaf(leaf: Leaf = leaf) -> Sequence[data.Directive]:
            lots = set(leaf.head.lots)
            return leaf.thick(place for place in range(len(leaf.rows())) if place not in lots)

        yield Source(leaf.short, leaf.head.effect, leaf.days, of_leaf)
    for month in months:

        def of_month(month: Month = month) -> Sequence[data.Directive]:
            rows = ((file, row) for file, rows in month.rows().items() for row in rows.values())
            return [thick(row, file) for file, row in rows if row]

        yield Source(month.key, month.effect, month.days, of_month)


def found_documents(
    standing: Sequence[data.Directive], known: Iterable[str], options: Options
) -> tuple[list[data.Directive], list[Trouble]]:
    """The documents that stand in the folders of ``option "documents"``, and what is missing.

    ``known`` are all accounts that anything names.
    """
    entries: list[data.Directive] = []
    errors: list[Any] = []
    accounts = set(known)
    for folder in map(path.normpath, options["documents"]):
        found, wrong = documents.find_documents(folder, options["filename"], accounts)
        entries.extend(found)
        errors.extend(wrong)
    _, missing = documents.verify_document_files_exist([*standing, *entries], dict(options))
    return entries, [*troubles([*errors, *missing])]


@dataclass(frozen=True)
class Padding:
    """The transactions that pads make, each with the file and line of its pad."""

    entries: Sequence[tuple[tuple[str, int], data.Transaction]] = ()
    troubles: Sequence[Trouble] = ()


def padded(
    standing: Sequence[data.Directive],
    sources: Sequence[Source],
    options: Options,
    store: Store,
    memo: Memo,
) -> Padding:
    """What the pads insert, from no more than the entries before the last balance they serve."""
    pads = [e for e in standing if isinstance(e, data.Pad)]
    if not pads:
        return Padding()
    checks = [e for e in standing if isinstance(e, data.Balance)]
    limits: dict[str, int] = {}
    for each in pads:
        served: dict[str, int] = {}
        for check in checks:
            # One of the pad's own day comes before it.
            if check.date > each.date and _within(check.account, each.account):
                served.setdefault(check.amount.currency, check.date.toordinal())
        limit = max(served.values(), default=0)
        limits[each.account] = max(limits.get(each.account, 0), limit)
    needed = [
        source
        for source in sources
        if any(
            source.effect.first <= limit and any(_within(p, account) for p in source.effect.posted)
            for account, limit in limits.items()
        )
    ]
    related = [c for c in checks if any(_within(c.account, account) for account in limits)]
    about: list[data.Directive] = [*pads, *related]
    tolerance = str(options["tolerance_multiplier"])
    said = [[slim(e, "") for e in about], [source.key for source in needed], tolerance]
    key = f"pads {digest(said)}"

    def made() -> Any:
        entries = list(about)
        for source in needed:
            entries += [e for e in source.entries() if isinstance(e, data.Transaction)]
        entries.sort(key=data.entry_sortkey)
        own = set(map(id, entries))
        after, errors = pad.pad(entries, dict(options))
        new = [slim(entry, "") for entry in after if id(entry) not in own]
        return [new, [slim_trouble(each) for each in troubles(errors)]]

    rows, found = memo.of(key, store, made)
    inserted = [entry for row in rows if isinstance(entry := thick(row, ""), data.Transaction)]
    return Padding(
        [((e.meta["filename"], e.meta["lineno"]), e) for e in inserted],
        [thick_trouble(each) for each in found],
    )


def failed_balances(
    standing: Sequence[data.Directive],
    sources: Sequence[Source],
    options: Options,
    store: Store,
    memo: Memo,
) -> tuple[dict[tuple[str, int], Decimal], list[Trouble]]:
    """The gap of each assertion that fails, by file and line, and all that is wrong with them."""
    checks = [e for e in standing if isinstance(e, data.Balance)]
    about = [e for e in standing if isinstance(e, data.Open | data.Close | data.Balance)]
    _, errors = balance.check(about, dict(options))
    found = [t for t in troubles(errors) if not t.message.startswith("Balance failed for ")]
    held = _held(checks, sources, store, memo)
    gaps = {}
    for check in checks:
        number = number_of(check.amount)
        there = held(check)
        if abs(there - number) > balance.get_balance_tolerance(check, dict(options)):
            gaps[check.meta["filename"], check.meta["lineno"]] = there - number
            found.append(failed_balance(check, there))
    return gaps, found


def _held(
    checks: Sequence[data.Balance], sources: Sequence[Source], store: Store, memo: Memo
) -> Callable[[data.Balance], Decimal]:
    """What the account of an assertion held, in its currency, at the beginning of its day."""
    dates: dict[str, list[int]] = {}
    for check in checks:  # in date order
        days = dates.setdefault(check.account, [])
        if not days or days[-1] != check.date.toordinal():
            days.append(check.date.toordinal())
    changes: dict[tuple[str, str], list[Decimal]] = {}
    for source in sources:
        for account, currency, gap, number in _changes(source, dates, store, memo):
            sums = changes.setdefault((account, currency), [ZERO] * (len(dates[account]) + 1))
            sums[gap] += number
    running = {key: list(accumulate(sums)) for key, sums in changes.items()}

    def held(check: data.Balance) -> Decimal:
        sums = running.get((check.account, check.amount.currency))
        place = bisect_right(dates[check.account], check.date.toordinal()) - 1
        return sums[place] if sums else ZERO

    return held


def _changes(
    source: Source, dates: Mapping[str, Sequence[int]], store: Store, memo: Memo
) -> Iterator[tuple[str, str, int, Decimal]]:
    """What a source adds to the accounts with assertions: account, currency, how many assertions
    came before, and the number."""
    cut: dict[str, Sequence[int]] = {}
    for posted, totals in source.effect.totals.items():
        for account in _upwards(posted):
            if account not in dates:
                continue
            before = bisect_right(dates[account], source.effect.first)
            inside = dates[account][before : bisect_right(dates[account], source.effect.last)]
            if inside:
                cut[account] = inside
                continue
            for currency, number in totals.items():
                yield account, currency, before, number
    if not cut:
        return
    for account, by_currency in _pieces(source, cut, store, memo).items():
        before = bisect_right(dates[account], source.effect.first)
        for currency, numbers in by_currency.items():
            for more, piece in enumerate(numbers):
                yield account, currency, before + more, Decimal(piece)


def _pieces(source: Source, cut: Mapping[str, Sequence[int]], store: Store, memo: Memo) -> _Pieces:
    """The sums of a source between the assertions that fall into it."""

    def made() -> Any:
        out: dict[str, dict[str, list[Decimal]]] = {}
        for posted, by_currency in source.days().items():
            for account in _upwards(posted):
                if account not in cut:
                    continue
                for currency, sums in by_currency.items():
                    empty = [ZERO] * (len(cut[account]) + 1)
                    gaps = out.setdefault(account, {}).setdefault(currency, empty)
                    for day, number in sums:
                        gaps[bisect_right(cut[account], day)] += number
        return {a: {c: list(map(str, n)) for c, n in by.items()} for a, by in out.items()}

    found: _Pieces = memo.of(f"pieces {source.key} {digest(sorted(cut.items()))}", store, made)
    return found


def invalid(
    standing: Sequence[data.Directive],
    sources: Sequence[Source],
    options: Options,
    store: Store,
    memo: Memo,
) -> list[Trouble]:
    """Beancount's validation; files that use open accounts as they may be used are not opened."""
    said = dict(options)
    errors = [
        *validation.validate_open_close(standing, said),
        *validation.validate_duplicate_balances(standing, said),
        *validation.validate_duplicate_commodities(standing, said),
        *validation.validate_documents_paths(standing, said),
    ]
    found = list(troubles(errors))
    accounts = _Accounts(standing)
    for source in sources:
        if accounts.are_in_order(source.effect):
            continue
        about = accounts.about(source.effect.uses)
        key = f"invalid {source.key} {digest([slim(each, '') for each in about])}"

        def made(source: Source = source, about: list[data.Directive] = about) -> Any:
            own = [e for e in source.entries() if not isinstance(e, data.Open | data.Close)]
            entries = sorted([*about, *own], key=data.entry_sortkey)
            wrong = [
                *validation.validate_active_accounts(entries, said),
                *validation.validate_currency_constraints(entries, said),
            ]
            return [slim_trouble(each) for each in troubles(wrong)]

        found += [thick_trouble(each) for each in memo.of(key, store, made)]
    return found


class _Accounts:
    """When accounts are open, and whether a use of them is surely right."""

    def __init__(self, standing: Iterable[data.Directive]) -> None:
        self._directives: dict[str, list[data.Directive]] = {}
        for entry in standing:
            if isinstance(entry, data.Open | data.Close):
                self._directives.setdefault(entry.account, []).append(entry)
        self._open: dict[str, tuple[int, int, frozenset[str]]] = {}
        for account, entries in self._directives.items():
            opened, *more = entries
            if not isinstance(opened, data.Open) or len(more) > 1:
                continue
            if more and not isinstance(more[0], data.Close):
                continue
            until = more[0].date if more else opened.date.max
            takes = frozenset(opened.currencies or ())
            self._open[account] = (opened.date.toordinal(), until.toordinal(), takes)

    def are_in_order(self, effect: Effect) -> bool:
        for account, use in effect.uses.items():
            span = self._open.get(account)
            if span is None:
                return False
            opened, until, takes = span
            if min(use.first, use.known) < opened or use.last > until:
                return False
            if takes and not use.currencies <= takes:
                return False
        return True

    def about(self, accounts: Iterable[str]) -> list[data.Directive]:
        return [e for account in sorted(accounts) for e in self._directives.get(account, ())]


@cache
def _upwards(account: str) -> tuple[str, ...]:
    """The account and those above it."""
    parts = account.split(":")
    return tuple(":".join(parts[:count]) for count in range(len(parts), 0, -1))


def _within(account: str, above: str) -> bool:
    return account == above or account.startswith(f"{above}:")
