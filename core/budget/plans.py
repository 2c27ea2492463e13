"""Period budgets: what was planned for an account, beside what the books say.

Two directives plan. Fava's own ``custom "budget" Expenses:Acme:Rent "monthly" 300.00 USD`` holds
from its day until the account has another, and is spread over the days of its interval as Fava
does it, so that its charts show the same. ``custom "bud-plan" Expenses:Acme:Rent "2026-Q1" 900.00
USD`` plans one period; of a period that is asked for in part, the part of its days counts, and
where an account has both, the days of a ``bud-plan`` are its alone.

Plans and actuals are positive for income that comes in and expenses that are spent.
"""

import datetime as dt
from bisect import bisect_right
from calendar import isleap, monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from core.budget.declared import PLAN, Problem, is_account
from core.entity import Registry
from core.findings import UserError
from core.journal.books import Books
from core.period import Period, parse_period

ZERO = Decimal(0)
FAVA = "budget"
_DAY = dt.timedelta(1)


@dataclass(frozen=True)
class Standing:
    """A Fava budget: an amount for each interval, from ``date`` on."""

    date: dt.date
    interval: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Once:
    """A ``bud-plan``: an amount for one period."""

    entry: data.Custom
    period: Period
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Plans:
    """The plans by account, and what is wrong with the directives."""

    standing: Mapping[str, Sequence[Standing]]
    once: Mapping[str, Sequence[Once]]
    problems: Sequence[Problem] = ()

    @property
    def accounts(self) -> list[str]:
        """Every account with a plan, in order of names."""
        return sorted({*self.standing, *self.once})

    def planned(self, account: str, first: dt.date, last: dt.date) -> dict[str, Decimal]:
        """What is planned for an account itself from ``first`` to ``last``, by currency, exact."""
        found: dict[str, Decimal] = {}
        taken: set[dt.date] = set()
        for plan in self.once.get(account, ()):
            begin, end = max(first, plan.period.first), min(last, plan.period.last)
            days = (end - begin).days + 1
            if days > 0:
                whole = (plan.period.last - plan.period.first).days + 1
                part = plan.amount if days == whole else plan.amount * days / whole
                found[plan.currency] = found.get(plan.currency, ZERO) + part
                taken |= set(_days(begin, end))
        for day, each in self._standing_days(account, first, last):
            if day not in taken:
                amount = each.amount / INTERVALS[each.interval](day)
                found[each.currency] = found.get(each.currency, ZERO) + amount
        return found

    def _standing_days(
        self, account: str, first: dt.date, last: dt.date
    ) -> Iterator[tuple[dt.date, Standing]]:
        """Each day with the budgets that hold on it: of each currency the newest."""
        by_currency: dict[str, list[Standing]] = {}
        for each in self.standing.get(account, ()):
            by_currency.setdefault(each.currency, []).append(each)
        for budgets in by_currency.values():
            dates = [each.date for each in budgets]
            for day in _days(max(first, dates[0]), last):
                yield day, budgets[bisect_right(dates, day) - 1]


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


def _quarter(day: dt.date) -> int:
    begin = (day.month - 1) // 3 * 3 + 1
    return sum(monthrange(day.year, month)[1] for month in range(begin, begin + 3))


# The days of the interval that a day lies in, as Fava counts them.
INTERVALS: Mapping[str, Callable[[dt.date], int]] = {
    "daily": lambda _: 1,
    "weekly": lambda _: 7,
    "monthly": lambda day: monthrange(day.year, day.month)[1],
    "quarterly": _quarter,
    "yearly": lambda day: 366 if isleap(day.year) else 365,
}
_ALIASES = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly"}
_ALIASES |= {"year": "yearly"} | {name: name for name in INTERVALS}


def plans_in(books: Books) -> Plans:
    """The plans that the books declare."""
    found: Plans | None = books.memo.get("budget plans")
    if found is None:
        found = books.memo["budget plans"] = plans_of(books.standing, books.registry)
    return found


def plans_of(entries: Iterable[data.Directive], registry: Registry) -> Plans:
    """The plans among ``entries``; malformed ones are told in ``problems``. Fava speaks itself of
    its own directives that it cannot read."""
    standing: dict[str, list[Standing]] = {}
    once: dict[str, list[Once]] = {}
    problems: list[Problem] = []
    for entry in entries:
        if not isinstance(entry, data.Custom) or entry.type not in {PLAN, FAVA}:
            continue
        values = [value.value for value in entry.values]
        if entry.type == FAVA:
            _add_standing(entry, values, standing)
            continue
        try:
            plan = _once(entry, values, registry)
        except ValueError as error:
            problems.append((entry, str(error)))
            continue
        others = once.setdefault(values[0], [])
        if any(
            o.period.first <= plan.period.last
            and plan.period.first <= o.period.last
            and o.currency == plan.currency
            for o in others
        ):
            problems.append((entry, f"{values[0]} has a bud-plan for these days already"))
            continue
        others.append(plan)
    return Plans(standing, once, tuple(problems))


def _add_standing(
    entry: data.Custom, values: Sequence[Any], standing: dict[str, list[Standing]]
) -> None:
    if len(values) < 3 or not is_account(values[0]) or not isinstance(values[2], Amount):
        return
    interval = _ALIASES.get(str(values[1]).lower())
    if interval and isinstance(values[2].number, Decimal):
        each = Standing(entry.date, interval, values[2].number, values[2].currency)
        standing.setdefault(values[0], []).append(each)


def _once(entry: data.Custom, values: Sequence[Any], registry: Registry) -> Once:
    shape = len(values) == 3 and is_account(values[0]) and isinstance(values[1], str)
    if not shape or not isinstance(values[2], Amount) or values[2].number is None:
        raise ValueError('written: custom "bud-plan" Expenses:Acme:Rent "2026-Q1" 900.00 USD')
    owner = registry.entities.get(registry.ent(values[0]) or "")
    try:
        period = parse_period(values[1], owner.fiscal_year_end if owner else "12-31")
    except UserError as error:
        raise ValueError(f"{error.message}; {error.hint}") from error
    return Once(entry, period, Decimal(values[2].number), values[2].currency)
