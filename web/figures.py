"""Fava's figures from months: the same pages, without adding up again what an edit left alone.

Fava's own code makes the pages and the charts. What it is given instead are account trees made
from monthly sums, entries clamped to a period by means of them, and the bars of a chart that were
made before of the very same months.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Inexact
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

from web.months import ZERO, Balances, Month, Months

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
        period = clamped = None
        if self.months and time:
            period = TimeFilter(ledger.options, ledger.fava_options, time).date_range
            with suppress(Inexact):
                clamped = months.clamped(period.begin, period.end, ledger.options)
            if clamped is None:
                self.months = None
        rest = time if clamped is None else None
        super().__init__(ledger, account=account, filter=filter, time=rest)
        if clamped is not None:
            self.entries, self.date_range = clamped, period

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
        if self.months is None or (self._converts and period.end == self.date_range.end):
            return None
        parts = self.months.between(period.begin, period.end)
        whole = tuple(part for part in parts if isinstance(part, Month))
        return whole if len(whole) == len(parts) else None

    @property
    def _converts(self) -> bool:
        """Whether clamping has added a conversion at the end."""
        last = self.entries[-1] if self.date_range and self.entries else None
        return isinstance(last, data.Transaction) and last.meta["filename"] == "<conversions>"

    def _tree(self) -> Tree:
        if self.months is None:
            return Tree(self.entries)
        held = Balances()
        opens: list[Any] = []
        try:
            for part in self._parts(self.months):
                held.add(part)
                others = part.others if isinstance(part, Month) else part
                opens += (entry for entry in others if isinstance(entry, data.Open))
        except Inexact:
            return Tree(self.entries)
        tree = Tree(opens)
        for account, positions in sorted(held.items()):
            # Fava begins with a zero of no decimals, which a number such as 1E+2 would tell
            counted = {key: ZERO + number for key, number in positions.items()}
            tree.insert(account, CounterInventory(counted))
        return tree

    def _parts(self, months: Months) -> Iterable[Month | Sequence[Any]]:
        """What all the entries consist of, in order."""
        period = self.date_range
        if period is None:
            return months.months
        before = slice_entry_dates(self.entries, type(period.begin).min, period.begin)
        added = self.entries[-1:] if self._converts else []
        return [before, *months.between(period.begin, period.end), added]


@dataclass(frozen=True)
class _OneBar:
    """Filtered entries for a chart of one bar."""

    entries: Sequence[Any]
    period: "DateRange"

    def interval_ranges(self, _: "Interval") -> Sequence["DateRange"]:
        return [self.period]


class Charts(ChartModule):
    """Fava's charts; a bar is kept as long as its months, the prices and the budgets are the same."""

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
                one = _OneBar(filtered.entries, period)
                made = super().interval_totals(one, interval, accounts, conv, invert=invert)
                kept = (months or (), made)
            if months is not None:
                self._bars[key] = kept
                self._bars.move_to_end(key)
            bars += kept[1]
        while len(self._bars) > _KEPT:
            self._bars.popitem(last=False)
        return bars


def _same(one: tuple[Month, ...], other: tuple[Month, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
