"""What Beancount says about the whole, found without looking at the whole.

Documents, padding, balance assertions and validation, in its order and by its own functions, each
given no more than it needs: the standing directives, the sums of an account, or the entries of a
file whose facts do not show at a glance that nothing is wrong with them.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate
from os import path
from typing import Any

from beancount.core import data
from beancount.ops import balance, documents, pad, validation

from core.cache.shelf import Shelf
from core.cache.slim import digest, slim, thick
from core.cache.store import Store
from core.journal.bundle import Source, Sources
from core.journal.effect import ZERO, Effect
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


_FOUND = Shelf(6_000_000)  # what was found out in this process already


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
    sources: Sequence[Sources],
    options: Options,
    store: Store,
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
        for some in sources
        if _concerns(limits, some.effect)
        for source in some.members
        if _concerns(limits, source.effect)
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

    rows, found = _FOUND.once(key, store, made)
    inserted = [entry for row in rows if isinstance(entry := thick(row, ""), data.Transaction)]
    return Padding(
        [((e.meta["filename"], e.meta["lineno"]), e) for e in inserted],
        [thick_trouble(each) for each in found],
    )


def _concerns(limits: Mapping[str, int], effect: Effect) -> bool:
    """Whether anything is posted to one of the accounts by its day."""
    return any(
        effect.first <= limit and any(_within(p, account) for p in effect.posted)
        for account, limit in limits.items()
    )


def failed_balances(
    standing: Sequence[data.Directive],
    sources: Sequence[Sources],
    options: Options,
    store: Store,
) -> tuple[dict[tuple[str, int], Decimal], list[Trouble]]:
    """The gap of each assertion that fails, by file and line, and all that is wrong with them."""
    checks = [e for e in standing if isinstance(e, data.Balance)]
    about = [e for e in standing if isinstance(e, data.Open | data.Close | data.Balance)]
    _, errors = balance.check(about, dict(options))
    found = [t for t in troubles(errors) if not t.message.startswith("Balance failed for ")]
    held = _held(checks, sources, store)
    gaps = {}
    for check in checks:
        number = number_of(check.amount)
        there = held(check)
        if abs(there - number) > balance.get_balance_tolerance(check, dict(options)):
            gaps[check.meta["filename"], check.meta["lineno"]] = there - number
            found.append(failed_balance(check, there))
    return gaps, found


def _held(
    checks: Sequence[data.Balance], sources: Sequence[Sources], store: Store
) -> Callable[[data.Balance], Decimal]:
    """What the account of an assertion held, in its currency, at the beginning of its day."""
    dates: dict[str, list[int]] = {}
    for check in checks:  # in date order
        days = dates.setdefault(check.account, [])
        if not days or days[-1] != check.date.toordinal():
            days.append(check.date.toordinal())
    dates = _as_before(dates)
    changes: dict[tuple[str, str], list[Decimal]] = {}
    for some in sources:
        for account, currency, gap, number in _changes_of_all(some, dates, store):
            sums = changes.setdefault((account, currency), [ZERO] * (len(dates[account]) + 1))
            sums[gap] += number
    running = {key: list(accumulate(sums)) for key, sums in changes.items()}

    def held(check: data.Balance) -> Decimal:
        sums = running.get((check.account, check.amount.currency))
        place = bisect_right(dates[check.account], check.date.toordinal()) - 1
        return sums[place] if sums else ZERO

    return held


_Change = tuple[str, str, int, Decimal]  # account, currency, how many assertions before, number
_Dates = Mapping[str, Sequence[int]]  # of assertions, by account


_DATES: deque[dict[str, list[int]]] = deque(maxlen=8)


def _as_before(dates: dict[str, list[int]]) -> dict[str, list[int]]:
    """The days of assertions as an earlier reading had them, the very object, where they are the
    same: so that one look says it for each of many sources."""
    known = next((before for before in _DATES if before == dates), None)
    if known is None:
        _DATES.append(dates)
    return known or dates


def _changes_of_all(some: Sources, dates: _Dates, store: Store) -> Sequence[_Change]:
    """What sources add to the accounts with assertions."""
    if some.memo.get("dates") is not dates:
        some.memo.update(dates=dates, all=[*_new_changes(some, dates, store)])
    changes: Sequence[_Change] = some.memo["all"]
    return changes


def _new_changes(some: Sources, dates: _Dates, store: Store) -> Iterator[_Change]:
    known, cut = _uncut(some.effect, dates)
    yield from known
    if not cut:
        return
    before = {account: bisect_right(dates[account], some.effect.first) for account in cut}
    if some.memo.get("cut") != cut:
        found = [each for source in some.members for each in _changes(source, cut, store)]
        some.memo.update(cut=cut, changes=found)
    for account, currency, gap, number in some.memo["changes"]:
        yield account, currency, before[account] + gap, number


def _changes(source: Source, dates: _Dates, store: Store) -> Iterator[_Change]:
    """What one source adds to the accounts with assertions."""
    known, cut = _uncut(source.effect, dates)
    yield from known
    if not cut:
        return
    for account, by_currency in _pieces(source, cut, store).items():
        before = bisect_right(dates[account], source.effect.first)
        for currency, numbers in by_currency.items():
            for more, piece in enumerate(numbers):
                yield account, currency, before + more, Decimal(piece)


def _uncut(effect: Effect, dates: _Dates) -> tuple[list[_Change], _Dates]:
    """The changes of accounts without an assertion on the days of the effect; of the other
    accounts, the assertions on those days."""
    known: list[_Change] = []
    cut: dict[str, Sequence[int]] = {}
    for posted, totals in effect.totals.items():
        for account in _upwards(posted):
            days = dates.get(account)
            if days is None:
                continue
            before = bisect_right(days, effect.first)
            inside = days[before : bisect_right(days, effect.last)]
            if inside:
                cut[account] = inside
                continue
            known += [(account, currency, before, number) for currency, number in totals.items()]
    return known, cut


def _pieces(source: Source, cut: _Dates, store: Store) -> _Pieces:
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

    found: _Pieces = _FOUND.once(f"pieces {source.key} {digest(sorted(cut.items()))}", store, made)
    return found


def invalid(
    standing: Sequence[data.Directive],
    sources: Sequence[Sources],
    options: Options,
    store: Store,
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
    doubtful = (some for some in sources if not accounts.are_in_order(some.effect))
    for source in (source for some in doubtful for source in some.members):
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

        found += [thick_trouble(each) for each in _FOUND.once(key, store, made)]
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
