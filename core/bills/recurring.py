"""Payments that come again: read from directives, and the days on which they are expected.

::

    2026-01-01 custom "recurring" "Ops" "Adobe" 59.99 USD
      every: "month"
      day: 3
      account: Expenses:Ops:Software
      pay-from: Assets:Ops:Bank
      tolerance: 5
      until: 2026-12-31

``every`` is week, two-weeks, month (the default), quarter, half-year or year; the first is on or
after the directive's date. ``day`` is the day of the month (a month that is too short has it on its
last); without one the directive's own, and its weekday for weeks. ``tolerance`` is in percent.
Where ``account`` is an income account, it is expected to come in. A later directive of the same
payee and account changes the terms from its date on; after ``until`` it is cancelled.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.core.account import is_valid
from beancount.core.amount import Amount

from core.entity import Registry
from core.loans.terms import months_after

RECURRING = "recurring"
_DAYS = {"week": 7, "two-weeks": 14}
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
EVERY = (*_DAYS, *_MONTHS)
_KEYS = {"every", "day", "account", "pay-from", "tolerance", "until", "filename", "lineno"}
_KEYS |= {"note", "waive", "waived-by"}
_USUAL_TOLERANCE = Decimal(5)
_WRITTEN = 'custom "recurring" "Ops" "Adobe" 59.99 USD with every: "month" and day: 3 below it'
Problem = tuple[data.Custom, str]


@dataclass(frozen=True)
class Terms:
    """What one directive says: ``amount`` is positive, ``tolerance`` in percent of it."""

    entry: data.Custom = field(compare=False, repr=False)
    amount: Decimal
    currency: str
    every: str
    day: int
    pay_from: str
    tolerance: Decimal
    until: dt.date | None

    @property
    def date(self) -> dt.date:
        """The day from which it holds."""
        return self.entry.date

    def allows(self, amount: Decimal) -> bool:
        """Whether a payment of ``amount`` is this one, within the tolerance."""
        return abs(amount - self.amount) * 100 <= self.amount * self.tolerance

    def dates(self) -> Iterator[dt.date]:
        """The days that are expected by these terms, without an end."""
        if self.every in _DAYS:
            day = self.date
            while True:
                yield day
                if dt.date.max - day < dt.timedelta(_DAYS[self.every]):
                    return
                day += dt.timedelta(_DAYS[self.every])
        month = self.date.replace(day=1)
        while month < dt.date(dt.MAXYEAR, 1, 1):
            last = months_after(month, 1) - dt.timedelta(1)
            day = month.replace(day=min(self.day, last.day))
            if day >= self.date:
                yield day
                month = months_after(month, _MONTHS[self.every])
            else:
                month = months_after(month, 1)


@dataclass(frozen=True)
class Series:
    """All that was said of one payee's payments on one account, the oldest terms first."""

    entity: str
    payee: str
    account: str
    terms: tuple[Terms, ...]

    @property
    def comes_in(self) -> bool:
        """Whether money comes in by it."""
        return self.account.startswith("Income:")

    @property
    def ended(self) -> dt.date | None:
        """The day after which it is cancelled, by its newest terms."""
        return self.terms[-1].until

    def expected(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, Terms]]:
        """The days from ``first`` to ``last`` on which it is expected, with their terms."""
        found = []
        for terms, after in zip(self.terms, [*self.terms[1:], None], strict=True):
            end = min(d for d in (last, terms.until, _before(after)) if d is not None)
            for day in terms.dates():
                if day > end:
                    break
                if day >= first:
                    found.append((day, terms))
        return found


def _before(terms: Terms | None) -> dt.date | None:
    return terms.date - dt.timedelta(1) if terms else None


@dataclass(frozen=True)
class Recurring:
    """The series in order, and what is wrong with the directives."""

    series: tuple[Series, ...]
    problems: Sequence[Problem] = ()


def recurring(entries: Iterable[data.Directive], registry: Registry) -> Recurring:
    """The series that ``custom "recurring"`` directives declare. What is malformed is left out and
    told in ``problems``."""
    found: dict[tuple[str, str, str], tuple[str, list[Terms]]] = {}
    problems: list[Problem] = []
    for entry in entries:
        if not isinstance(entry, data.Custom) or entry.type != RECURRING:
            continue
        try:
            entity, payee, terms = _terms(entry, registry)
            account = _account(entry.meta, "account")
        except ValueError as error:
            problems.append((entry, str(error)))
            continue
        key = entity, payee.casefold(), account
        found.setdefault(key, (payee, []))[1].append(terms)
    series = tuple(
        Series(entity, payee, account, tuple(terms))
        for (entity, _, account), (payee, terms) in found.items()
    )
    return Recurring(series, tuple(problems))


def _terms(entry: data.Custom, registry: Registry) -> tuple[str, str, Terms]:
    values, meta = [value.value for value in entry.values], entry.meta
    shape = len(values) == 3 and all(isinstance(v, str) and v.strip() for v in values[:2])
    amount = values[2] if shape else None
    if not isinstance(amount, Amount) or not isinstance(amount.number, Decimal):
        raise ValueError(f"written: {_WRITTEN}")
    if amount.number <= 0:
        raise ValueError("a recurring amount is positive; where it comes in, its account is income")
    entity = registry.named(values[0])
    if entity is None:
        raise ValueError(f"“{values[0]}” is no registered entity")
    unknown = sorted(meta.keys() - _KEYS)
    if unknown:
        raise ValueError(f"“{unknown[0]}:” says nothing here ({', '.join(sorted(EXPLAINED))})")
    every = meta.get("every", "month")
    if every not in EVERY:
        raise ValueError(f"“every: {every}” is none of {', '.join(EVERY)}")
    until = meta.get("until")
    if until is not None and type(until) is not dt.date:
        raise ValueError("until: is a date, 2026-12-31")
    for key in ("account", "pay-from"):
        name = _account(meta, key)
        if name and registry.entities and registry.ent(name) != entity.name:
            raise ValueError(f"{key}: {name} is no account of {entity.name}")
    terms = Terms(
        entry,
        amount.number,
        amount.currency,
        str(every),
        _day(meta, entry),
        _account(meta, "pay-from"),
        _tolerance(meta),
        until,
    )
    return entity.name, values[1].strip(), terms


EXPLAINED = ("every", "day", "account", "pay-from", "tolerance", "until")


def _account(meta: Mapping[str, Any], key: str) -> str:
    name = meta.get(key, "")
    if not isinstance(name, str) or (name and not is_valid(name)):
        raise ValueError(f"{key}: is an account, written without quotes")
    return name


def _day(meta: Mapping[str, Any], entry: data.Custom) -> int:
    day = meta.get("day", Decimal(entry.date.day))
    if not isinstance(day, Decimal) or day != int(day) or not 1 <= day <= 31:
        raise ValueError("day: is a day of the month, 1 to 31")
    return int(day)


def _tolerance(meta: Mapping[str, Any]) -> Decimal:
    tolerance = meta.get("tolerance", _USUAL_TOLERANCE)
    if not isinstance(tolerance, Decimal) or not 0 <= tolerance < 100:
        raise ValueError("tolerance: is percent of the amount, 0 to 99")
    return tolerance
