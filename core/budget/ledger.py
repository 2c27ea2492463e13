"""A budget as the books have it: its flows converted, its months worked out once and kept.

What an amount in another currency is worth is what the transaction says, else the rate of the end
of its month; a rate that is missing is an error, never 1:1.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from beancount.core import prices

from core.budget import flows as kinds
from core.budget.daily import CardPaid, Change, cards_paid
from core.budget.declared import Declared, declared
from core.budget.engine import (
    Activity,
    BudgetMonth,
    Carried,
    EnvelopeMonth,
    Orders,
    handed_on,
    next_month,
    opened,
)
from core.budget.flows import Chart, Flow, flows_maker
from core.budget.month import first_day, last_day, month_of, name_of
from core.budget.terms import Budget, Target
from core.cache.slim import digest
from core.findings import UserError
from core.journal.books import Books

ZERO = Decimal(0)
_CENT = Decimal("0.01")


class NoRateError(UserError):
    """An amount cannot be converted: says which rate is missing, and on which day."""


def budgets_in(books: Books) -> Declared:
    """The budgets that the books declare."""
    found: Declared | None = books.memo.get("budgets declared")
    if found is None:
        found = books.memo["budgets declared"] = declared(books.standing, books.registry)
    return found


def ledger_of(books: Books, budget: Budget) -> "BudgetLedger":
    """The months of a budget, worked out once for all who ask."""
    key = ("budget ledger", budget.entity)
    if key not in books.memo:
        books.memo[key] = BudgetLedger(books, budget, _gathered(books, "flows"))
    found: BudgetLedger = books.memo[key]
    return found


def unmapped_places(books: Books, budget: Budget) -> list[tuple[str, int]]:
    """Where the transactions stand that spend without an envelope."""
    rows = _gathered(books, "unmapped")
    return [(file, line) for entity, file, line in rows if entity == budget.entity]


def _gathered(books: Books, what: str) -> Iterator[kinds.Row]:
    if "budget flows" not in books.memo:
        charts = [Chart(budget) for budget in budgets_in(books).budgets.values()]
        name = f"budget flows {digest([chart.said() for chart in charts])}"
        books.memo["budget flows"] = books.by_file(name, flows_maker(charts))
    for of_file in books.memo["budget flows"]:
        yield from of_file[what]


class BudgetLedger:
    """The months of one budget. Raises NoRateError where an amount cannot be converted."""

    def __init__(self, books: Books, budget: Budget, rows: Iterable[kinds.Row]) -> None:
        self.budget = budget
        self._books = books
        self._before: list[Flow] = []
        self._flows: dict[int, list[Flow]] = {}
        for entity, *row in rows:
            if entity == budget.entity:
                *names, month, number, days = row
                kind, name, card, currency = names
                flow = Flow(kind, name, card, currency, month, Decimal(number), days)
                if month < budget.start:
                    self._before.append(flow)
                else:
                    self._flows.setdefault(month, []).append(flow)
        self._done: list[BudgetMonth] = []
        self._cut: dict[int, list[_Cut]] = {}

    @property
    def newest(self) -> int:
        """The month of the books' day, not before the budget's first."""
        return max(month_of(self._books.as_of), self.budget.start)

    def current(self, today: dt.date) -> int:
        """The month that is meant where none is said: today's as far as the books reach, else the
        newest. Entries of later months do not make one look past the month one lives in."""
        return min(self.newest, max(self.budget.start, month_of(today)))

    def month(self, month: int) -> BudgetMonth:
        """The budget at the end of a month; raises UserError for one before its first."""
        start = self.budget.start
        if month < start:
            raise UserError(
                f"the budget of {self.budget.entity or 'these books'} starts in {name_of(start)}",
                hint=f"ask for {name_of(start)} or later, or give bud-config an earlier start:",
            )
        while len(self._done) <= month - start:
            number = start + len(self._done)
            carried = handed_on(self._done[-1]) if self._done else self._opening
            done = next_month(
                self.budget, number, carried, self._activity(number), self._orders(number)
            )
            self._done.append(self._with_targets(done))
        return self._done[month - start]

    def months(self, last: int) -> list[BudgetMonth]:
        """All months up to ``last``."""
        return [self.month(month) for month in range(self.budget.start, last + 1)]

    def on(self, day: dt.date) -> BudgetMonth:
        """The month of ``day`` as it stands at the day's end: with no later entry or directive."""
        month = month_of(day)
        before = handed_on(self.month(month - 1)) if month > self.budget.start else self._opening
        activity, orders = self._activity(month, day), self._orders(month, day)
        return next_month(self.budget, month, before, activity, orders)

    def cards_paid(self, month: int) -> Iterator[CardPaid]:
        """The days of a month on which cards were paid, and what was set aside on each."""
        flows = self._flows.get(month, ())
        if not any(flow.kind == kinds.PAID for flow in flows):
            return
        before = handed_on(self.month(month - 1)) if month > self.budget.start else self._opening
        # In the order in which a month takes them: of one day the first card counts as used last.
        changes = [
            Change(day, flow.kind, flow.name, flow.card, self._value(flow._replace(number=number)))
            for flow in reversed(flows)
            for day, number in flow.by_day()
        ]
        yield from cards_paid(self.budget, before, changes, self._by_month.get(month, ()))

    @cached_property
    def _opening(self) -> Carried:
        cash, debt = ZERO, dict[str, Decimal]()
        for flow in self._before:
            if flow.kind == kinds.CASH:
                cash += self._value(flow)
            elif flow.kind == kinds.DEBT:
                debt[flow.card] = debt.get(flow.card, ZERO) + self._value(flow)
        return opened(self.budget, cash, debt)

    def _activity(self, month: int, until: dt.date | None = None) -> Activity:
        cash = income = outside = unmapped = ZERO
        by_card: dict[str, dict[str, Decimal]] = {
            kind: {}
            for kind in (kinds.DEBT, kinds.INCOME, kinds.OUTSIDE, kinds.PAID, kinds.UNMAPPED)
        }
        spent: dict[str, Decimal] = {}
        charged: dict[str, dict[str, Decimal]] = {}
        found = self._flows.get(month, [])
        if until is not None:
            found = [cut.until(until) for cut in self._cuts(month)]
        for flow in sorted(found, key=_last_day_of, reverse=True):
            number = self._value(flow)
            if flow.card:
                sums = by_card.get(flow.kind)
                if sums is None:
                    sums = charged.setdefault(flow.name, {})
                sums[flow.card] = sums.get(flow.card, ZERO) + number
            elif flow.kind == kinds.CASH:
                cash += number
            elif flow.kind == kinds.SPENT:
                spent[flow.name] = spent.get(flow.name, ZERO) + number
            elif flow.kind == kinds.INCOME:
                income += number
            elif flow.kind == kinds.OUTSIDE:
                outside += number
            else:
                unmapped += number
        return Activity(
            cash,
            by_card[kinds.DEBT],
            spent,
            charged,
            income,
            by_card[kinds.INCOME],
            outside,
            by_card[kinds.OUTSIDE],
            by_card[kinds.PAID],
            unmapped,
            by_card[kinds.UNMAPPED],
        )

    def _cuts(self, month: int) -> "list[_Cut]":
        if month not in self._cut:
            self._cut[month] = [_Cut(flow) for flow in self._flows.get(month, ())]
        return self._cut[month]

    @cached_property
    def _by_month(self) -> Mapping[int, list[tuple[dt.date, str, Decimal]]]:
        """Assigns and moves by month: day of the directive, envelope or card, amount."""
        found: dict[int, list[tuple[dt.date, str, Decimal]]] = {}
        for each in self.budget.assigns:
            found.setdefault(each.month, []).append((each.entry.date, each.envelope, each.amount))
        for move in self.budget.moves:
            of_month = found.setdefault(move.month, [])
            of_month.append((move.entry.date, move.source, -move.amount))
            of_month.append((move.entry.date, move.target, move.amount))
        return found

    @cached_property
    def _ahead(self) -> tuple[list[int], list[Decimal]]:
        """Months in which money assigned ahead changes, and its sum from each on."""
        changes: dict[int, Decimal] = {}
        for each in self.budget.assigns:
            entered = max(month_of(each.entry.date), self.budget.start)
            if entered < each.month:
                changes[entered] = changes.get(entered, ZERO) + each.amount
                changes[each.month] = changes.get(each.month, ZERO) - each.amount
        months, sums, total = sorted(changes), [ZERO], ZERO
        for month in months:
            total += changes[month]
            sums.append(total)
        return months, sums

    def _orders(self, month: int, until: dt.date | None = None) -> Orders:
        assigned: dict[str, Decimal] = {}
        for day, name, number in self._by_month.get(month, ()):
            if until is None or day <= until:
                assigned[name] = assigned.get(name, ZERO) + number
        months, sums = self._ahead
        hold = sum((h.amount for h in self.budget.holds if h.month == month), ZERO)
        planned = sum((p.amount for p in self.budget.planned if p.month == month), ZERO)
        return Orders(assigned, hold, sums[bisect_right(months, month)], planned)

    def _with_targets(self, done: BudgetMonth) -> BudgetMonth:
        if not self.budget.targets:
            return done
        needed = {each.name: self._needed(each, done.month) for each in done.envelopes}
        return replace(
            done, envelopes=tuple(replace(e, needed=needed[e.name]) for e in done.envelopes)
        )

    def _needed(self, each: EnvelopeMonth, month: int) -> Decimal | None:
        """What the nearest target asks for in the month (BUD-12): what it lacks beyond the carry,
        in equal parts up to its own month, rounded up to cents."""
        target = nearest_target(self.budget, each.name, month)
        if target is None:
            return None
        left = month_of(target.date) - month + 1
        lacking = max(ZERO, target.amount - each.carry)
        return (lacking / left).quantize(_CENT, rounding=ROUND_CEILING)

    def _value(self, flow: Flow) -> Decimal:
        if flow.currency == self.budget.currency or not flow.number:
            return flow.number
        day = last_day(flow.month)
        if "price map" not in self._books.memo:
            self._books.memo["price map"] = prices.build_price_map(self._books.standing)
        pair = flow.currency, self.budget.currency
        _, rate = prices.get_price(self._books.memo["price map"], pair, day)
        if rate is None:
            raise NoRateError(
                f"there is no rate of {pair[0]} in {pair[1]} on or before {day}, which the budget "
                f"of {self.budget.entity or 'these books'} needs",
                hint=f"add one: {day} price {pair[0]}  … {pair[1]}",
                code=1,
            )
        return flow.number * Decimal(rate)


def nearest_target(budget: Budget, envelope: str, month: int) -> Target | None:
    """The envelope's target that is due next, declared in the month or before."""
    due = [
        target
        for target in budget.targets
        if target.envelope == envelope
        and target.date >= first_day(month)
        and month_of(target.entry.date) <= month
    ]
    return min(due, key=lambda target: target.date, default=None)


class _Cut:
    """A flow that can be cut at any of its days: running sums."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._days: list[int] = []
        self._sums = [ZERO]
        for day, number in flow.by_day():
            self._days.append(day)
            self._sums.append(self._sums[-1] + number)

    def until(self, day: dt.date) -> Flow:
        """The flow without what came after a day."""
        place = bisect_right(self._days, day.toordinal())
        last = str(self._days[place - 1]) if place else ""
        return self._flow._replace(number=self._sums[place], days=last)


def _last_day_of(flow: Flow) -> str:
    # ordinals of our time all have six digits, so they compare as texts do
    return flow.days.rpartition(" ")[2]
