"""Fava's figures from months: the same pages, without adding up again what an edit left alone.

Fava's own code makes the pages and the charts. What it is given instead are account trees made
from monthly sums, entries clamped to a period by means of them, and the bars of a chart that were
made before of the very same months.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from beancount.core import data
from fava.beans.helpers import slice_entry_dates
from fava.core import FavaLedger, FilteredLedger
from fava.core.charts import ChartModule
from fava.core.conversion import conversion_from_str
from fava.core.filters import TimeFilter
from fava.core.inventory import CounterInventory
from fava.core.tree import Tree
from fava.util.date import dateranges

from web.months import ZERO, Balances, Month, Months, condensed

if TYPE_CHECKING:
    from fava.util.date import DateRange, Interval

_BARS = 100  # Fava draws no more
_KEPT = 5_000  # bars: a page of an account asks for a hundred


class Filtered(FilteredLedger):
    """Entries as a page asks for them; what is filtered by nothing or by time comes from months."""

    def __init__(
        self,
        ledger: FavaLedger,
        months: Months,
        *,
        account: str | None = None,
        filter: str | None = None,  # noqa: A002 - Fava calls it so
        time: str | None = None,
    ) -> None:
        self.months = None if account or (filter and filter.strip()) else months
        period: DateRange | None = None
        clamped: Sequence[Any] | None = None
        if self.months and time:
            period = TimeFilter(ledger.options, ledger.fava_options, time).date_range
            clamped = months.clamped(period.begin, period.end, ledger.options)
        rest = time if clamped is None else None
        super().__init__(ledger, account=account, filter=filter, time=rest)
        # What clamping adds at the end, where currencies were exchanged.
        self._conversion: Sequence[Any] = ()
        if clamped is not None:
            self.entries, self.date_range = clamped, period
            self._conversion = [entry for entry in clamped[-1:] if _converts(entry)]

    def interval_ranges(self, interval: "Interval") -> Sequence["DateRange"]:
        """The intervals that a chart of these entries has."""
        period = self.date_range
        if self.months and period:
            return dateranges(period.begin, period.end, interval, complete=False)
        return super().interval_ranges(interval)

    @cached_property
    def root_tree(self) -> Tree:
        """All accounts with their balances."""
        return self._tree()

    @cached_property
    def root_tree_closed(self) -> Tree:
        """The same, income and expenses closed into equity."""
        tree = self._tree()
        tree.cap(self.ledger.options)
        return tree

    def months_in(self, period: "DateRange") -> tuple[Month, ...] | None:
        """The months that a bar is made of; None where it is made of anything else."""
        if self.months is None or any(period.end > added.date for added in self._conversion):
            return None
        parts = self.months.between(period.begin, period.end)
        whole = tuple(part for part in parts if isinstance(part, Month))
        return whole if len(whole) == len(parts) else None

    def are_whole(self, periods: Sequence["DateRange"]) -> bool:
        """Whether no interval begins or ends within a month's entries."""
        return self.months is not None and all(
            isinstance(part, Month)
            for period in periods
            for part in self.months.between(period.begin, period.end)
        )

    def parts(self) -> list[Month | Sequence[Any]]:
        """What all the entries consist of, in order."""
        period = self.date_range
        if self.months is None:
            return [self.entries]
        if period is None:
            return list(self.months.months)
        before = slice_entry_dates(self.entries, dt.date.min, period.begin)
        return [before, *self.months.between(period.begin, period.end), self._conversion]

    def _tree(self) -> Tree:
        if self.months is None:
            return Tree(self.entries)
        held = Balances()
        opens: list[Any] = []
        for part in self.parts():
            held.add(part)
            others = part.others if isinstance(part, Month) else part
            opens += (entry for entry in others if isinstance(entry, data.Open))
        tree = Tree(opens)
        for account, positions in sorted(held.items()):
            # Fava begins with a zero of no decimals, which a number such as 1E+2 would tell
            counted = {key: ZERO + number for key, number in positions.items()}
            tree.insert(account, CounterInventory(counted))
        return tree


@dataclass(frozen=True)
class _Drawn:
    """What Fava draws a chart of: entries, and its intervals."""

    entries: Sequence[Any]
    periods: Sequence["DateRange"]

    def interval_ranges(self, _: "Interval") -> Sequence["DateRange"]:
        return self.periods


class Charts(ChartModule):
    """Fava's charts; a bar is kept while its months, the prices and the budgets are the same."""

    def __init__(self, ledger: FavaLedger) -> None:
        super().__init__(ledger)
        self._bars: OrderedDict[Hashable, tuple[tuple[Month, ...], list[Any]]] = OrderedDict()
        self._prices_and_budgets: list[str] = []

    def load_file(self) -> None:
        """Forgets the bars where prices or budgets are others than before."""
        super().load_file()
        by_type = self.ledger.all_entries_by_type
        said = [f"{each.date} {each.currency} {each.amount}" for each in by_type.Price]
        said += [f"{each.date} {each.values}" for each in by_type.Custom if each.type == "budget"]
        if said != self._prices_and_budgets:
            self._prices_and_budgets = said
            self._bars.clear()

    def interval_totals(
        self,
        filtered: FilteredLedger,
        interval: "Interval",
        accounts: str | tuple[str, ...],
        conversion: Any,
        *,
        invert: bool = False,
    ) -> list[Any]:
        """The bars of a chart."""
        conv = conversion_from_str(conversion)
        how = (accounts, type(conv), tuple(vars(conv).items()), invert)
        bars: list[Any] = []
        for period in filtered.interval_ranges(interval)[-_BARS:]:
            months = filtered.months_in(period) if isinstance(filtered, Filtered) else None
            key = (period.begin, period.end, how)
            kept = self._bars.get(key)
            if months is None or kept is None or not _same(months, kept[0]):
                one: Any = _Drawn(filtered.entries, [period])
                made = super().interval_totals(one, interval, accounts, conv, invert=invert)
                kept = (months or (), made)
            if months is not None:
                self._bars[key] = kept
                self._bars.move_to_end(key)
            bars += kept[1]
        while len(self._bars) > _KEPT:
            self._bars.popitem(last=False)
        return bars

    def net_worth(
        self, filtered: FilteredLedger, interval: "Interval", conversion: Any
    ) -> list[Any]:
        """The points of the chart of net worth."""
        drawn: Any = filtered
        periods = filtered.interval_ranges(interval)
        if isinstance(filtered, Filtered) and filtered.months and filtered.are_whole(periods):
            accounts = self.ledger.root_accounts[:2]
            drawn = _Drawn(condensed(filtered.parts(), accounts), periods)
        points: list[Any] = super().net_worth(drawn, interval, conversion)
        return points


def _converts(entry: Any) -> bool:
    """Whether it is what clamping adds where currencies were exchanged."""
    return isinstance(entry, data.Transaction) and entry.meta["filename"] == "<conversions>"


def _same(one: tuple[Month, ...], other: tuple[Month, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
