"""The formalities calendar of a period: what was due, when it was done, and the receipt."""

import datetime as dt
from dataclasses import dataclass

from core.journal.books import Books
from core.period import Period
from plugins.veil.formalities import Due, calendar_of
from reports.veil.papers import Paper, at, of_entry

DONE, LATE, AHEAD = "done", "overdue", "not due yet"


@dataclass(frozen=True)
class Formality:
    """One due date. ``done`` is the date of the directive that says it was fulfilled."""

    key: str
    agency: str
    period: str
    due: dt.date
    done: dt.date | None
    state: str
    papers: tuple[Paper, ...]
    where: str


def formalities(books: Books, entity: str, period: Period, day: dt.date) -> tuple[Formality, ...]:
    """What falls due for ``entity`` within the period, and what was due before and is not done, by
    due date."""
    found = [
        _formality(due, day, books)
        for due in calendar_of(books, period.last)
        if due.obligation.entity.casefold() == entity.casefold()
        and (due.day >= period.first or due.fulfilled is None)
    ]
    return tuple(sorted(found, key=lambda each: (each.due, each.key)))


def _formality(due: Due, day: dt.date, books: Books) -> Formality:
    agency = due.obligation.entry.meta.get("agency")
    done = due.fulfilled
    waits = LATE if due.day < day else AHEAD
    return Formality(
        due.obligation.key,
        agency if isinstance(agency, str) else "",
        due.period,
        due.day,
        done.date if done else None,
        DONE if done else waits,
        of_entry(done, books) if done else (),
        at(done or due.obligation.entry, books),
    )
