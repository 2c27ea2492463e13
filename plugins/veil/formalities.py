"""The formalities calendar: what a company owes to its state, and whether it was done.

A company that lets its filings lapse is dissolved by its state, and its shield with it: so in
Sea-Land v. Pepper Source, 941 F.2d 519 (7th Cir. 1991)::

    2026-01-01 custom "obligation" "Acme" "annual-report"
      every: "year"
      due: "01-02"
      first: 2027-01-02
    2026-12-20 custom "fulfilled" "Acme" "annual-report" "2027"
      document: "documents/filings/2027-annual-report.pdf"
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import ENTITY, Books
from core.period import month_end
from plugins.rule import Rule, Scope

_CODE = "VEIL-024"
_FACTOR = "Failure of formalities; loss of good standing"
_SOON = dt.timedelta(days=30)
_LATE = dt.timedelta(days=60)
_EVERY = re.compile(r"(?:(?P<count>[1-9]\d?) )?(?P<unit>year|quarter|month)s?")
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DUE = re.compile(r"(?:(?P<month>\d\d)-)?(?P<day>\d\d)")


@dataclass(frozen=True)
class Obligation:
    """What falls due again and again: every ``months`` from ``first`` on, on ``day`` of the month
    (the last one where the month is shorter). ``unit`` is what its periods are named by."""

    entry: data.Custom
    entity: str
    key: str
    unit: str
    months: int
    first: dt.date
    day: int

    def due_dates(self, until: dt.date) -> Iterator[dt.date]:
        """The due dates up to and including ``until``."""
        count = 0
        while (due := self._due(count)) <= until:
            yield due
            count += 1

    def _due(self, count: int) -> dt.date:
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + count * self.months, 12)
        day = self.first.day if count == 0 else self.day
        return min(
            dt.date(year, month + 1, 1) + dt.timedelta(days=day - 1), month_end(year, month + 1)
        )

    def period(self, due: dt.date) -> str:
        """The name of the period that a due date lies in: ``2027``, ``2027-Q1`` or ``2027-03``."""
        if self.unit == "year":
            return f"{due.year:04d}"
        if self.unit == "quarter":
            return f"{due.year:04d}-Q{(due.month + 2) // 3}"
        return f"{due:%Y-%m}"


def obligation_of(entry: data.Custom) -> Obligation:
    """What an ``obligation`` directive says; raises ValueError saying what is wrong with it."""
    values = [value.value for value in entry.values]
    if len(values) != 2 or not all(isinstance(value, str) for value in values):
        raise ValueError('an obligation is written: custom "obligation" "Acme" "annual-report"')
    every = _EVERY.fullmatch(str(entry.meta.get("every", "")).strip().casefold())
    if every is None:
        raise ValueError('an obligation says how often: every: "year", "quarter" or "month"')
    unit, count = every["unit"], int(every["count"] or 1)
    day, month = _due_day(entry.meta.get("due"))
    first = entry.meta.get("first")
    if first is None and (not day or (unit == "year" and not month)):
        raise ValueError("an obligation says when it is first due: first: 2027-01-02")
    if first is None:
        first = _first_after(entry.date, day, month)
    if not isinstance(first, dt.date):
        raise ValueError(f"“first: {first}” is no date; write it without quotes: 2027-01-02")
    months = count * _MONTHS[unit]
    return Obligation(entry, values[0], values[1], unit, months, first, day or first.day)


def _due_day(said: object) -> tuple[int, int]:
    """Day and month (0: any) of ``due:``; (0, 0) where it says nothing."""
    if said is None:
        return 0, 0
    match = _DUE.fullmatch(said.strip()) if isinstance(said, str) else None
    day, month = (int(match["day"]), int(match["month"] or 0)) if match else (0, 0)
    longest = calendar.monthrange(2024, month)[1] if 1 <= month <= 12 else 31
    if not match or month > 12 or (match["month"] and not month) or not 1 <= day <= longest:
        raise ValueError(f'“due: {said}” is no day; write "01-02" (month, day) or "20" (day)')
    return day, month


def _first_after(start: dt.date, day: int, month: int) -> dt.date:
    """The first such day on or after ``start``."""
    for ahead in range(13):
        year, index = divmod(start.year * 12 + start.month - 1 + ahead, 12)
        due = min(
            dt.date(year, index + 1, 1) + dt.timedelta(days=day - 1), month_end(year, index + 1)
        )
        if due >= start and month in {0, index + 1}:
            return due
    raise ValueError("an obligation says when it is first due: first: 2027-01-02")


def fulfilled_of(entry: data.Custom) -> tuple[str, str, str]:
    """Entity, key and period of a ``fulfilled`` directive; raises ValueError where it is none."""
    values = [value.value for value in entry.values]
    if len(values) != 3 or not all(isinstance(value, str) for value in values):
        raise ValueError('written: custom "fulfilled" "Acme" "annual-report" "2027"')
    entity, key, period = (value.strip() for value in values)
    if not re.fullmatch(r"\d{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?", period):
        raise ValueError(f"“{period}” names no period; write 2027, 2027-Q1 or 2027-03")
    return entity, key, period


@dataclass(frozen=True)
class Due:
    """One day of the calendar, and the directive that says it was done, where there is one."""

    obligation: Obligation
    day: dt.date
    fulfilled: data.Custom | None

    @property
    def period(self) -> str:
        """The name of the period that is due."""
        return self.obligation.period(self.day)


def calendar_of(books: Books, until: dt.date) -> Iterator[Due]:
    """All that falls due up to and including ``until``, done or not, by obligation."""
    customs = [entry for entry in books.standing if isinstance(entry, data.Custom)]
    done = _fulfilled(customs)
    for obligation, end in _in_force(customs):
        for due in obligation.due_dates(until):
            name = (obligation.entity, obligation.key, obligation.period(due))
            if end is None or due < end:
                yield Due(obligation, due, done.get(_folded(name)))


def overdue(books: Books) -> Iterator[Finding]:
    """VEIL-024: an obligation past its day without ``fulfilled`` (a warning, after 60 days an
    error), or due within 30 days (info)."""
    own = {account.entity for account in books.accounts.values()}
    for due in calendar_of(books, books.as_of + _SOON):
        is_own = books.kind != ENTITY or due.obligation.entity in own
        if is_own and due.fulfilled is None:
            yield _found(due.obligation, due.day, books)


def _fulfilled(customs: Iterable[data.Custom]) -> dict[tuple[str, ...], data.Custom]:
    found: dict[tuple[str, ...], data.Custom] = {}
    for entry in customs:
        if entry.type == "fulfilled":
            try:
                found.setdefault(_folded(fulfilled_of(entry)), entry)
            except ValueError:
                continue  # the registry's lint speaks of it
    return found


def _folded(name: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in name)


def _in_force(customs: Iterable[data.Custom]) -> Iterator[tuple[Obligation, dt.date | None]]:
    """The obligations, each with the day from which a newer one of its name replaces it."""
    by_name: dict[tuple[str, ...], list[Obligation]] = {}
    for entry in customs:
        if entry.type == "obligation":
            try:
                obligation = obligation_of(entry)
            except ValueError:
                continue  # the registry's lint speaks of it
            name = _folded((obligation.entity, obligation.key))
            by_name.setdefault(name, []).append(obligation)
    for obligations in by_name.values():
        starts = [later.entry.date for later in obligations[1:]]
        yield from zip(obligations, [*starts, None], strict=True)


def _found(obligation: Obligation, due: dt.date, books: Books) -> Finding:
    entity, key, period = obligation.entity, obligation.key, obligation.period(due)
    agency = obligation.entry.meta.get("agency")
    whom = f" ({agency})" if isinstance(agency, str) and agency else ""
    late = books.as_of - due
    if late <= dt.timedelta():
        severity = Severity.INFO
        when = "is due today" if not late else f"is due on {due}, in {-late.days} days"
    else:
        severity = Severity.ERROR if late > _LATE else Severity.WARNING
        when = f"was due on {due}, {late.days} days ago, and is not fulfilled"
    file, line = books.where(obligation.entry)
    return Finding(
        _CODE,
        severity,
        f"{entity}: {key} for {period}{whom} {when}; file it, keep the receipt, and write "
        f'custom "fulfilled" "{entity}" "{key}" "{period}" with document:',
        factor=_FACTOR,
        entities=(entity,),
        date=due,
        file=file,
        line=line,
        evidence=("the filing receipt, as document: of the fulfilled directive",),
        identity=(entity, key, period),
    )


RULES = (
    Rule(
        _CODE,
        "Formality overdue",
        _FACTOR,
        Scope.DECLARED,
        True,
        overdue,
        meaning="an obligation of the formalities calendar is past its day and no fulfilled "
        "directive names it and its period (the due date's: 2027, 2027-Q1, 2027-03): a warning, "
        "after 60 days an error; within 30 days before, on the day itself too, an info. A newer "
        "obligation directive of the same name replaces the older one from its date on",
        cure='file it, then write custom "fulfilled" "Acme" "annual-report" "2027" with the '
        "receipt as document:",
        reference="Sea-Land Services v. Pepper Source, 941 F.2d 519 (7th Cir. 1991); annual-report "
        "and registered-agent statutes of the states",
        usual=Severity.WARNING,
    ),
)
