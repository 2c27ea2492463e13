"""The year of a day that is printed without one: the statement's period decides."""

import datetime as dt

from importers.csv.balance import parsed_day
from importers.pdf.template import says_year

# A card prints the day of a purchase, which may lie before the period in which it was booked.
_BEFORE = dt.timedelta(days=31)
# Where only the end of the period is printed, it is a quarter at most.
_QUARTER = dt.timedelta(days=95)

Period = tuple[dt.date | None, dt.date]


def day_within(text: str, fmt: str, period: Period) -> dt.date | None:
    """The day that ``text`` writes in ``fmt``; without a year, the last such day not after the
    period's end: in a statement from 16 December to 15 January, 12/20 is of the old year.

    None where it writes no day, or one that does not belong to the period.
    """
    first, last = period
    if says_year(fmt):
        day = parsed_day(text, fmt)
    else:
        years = (last.year, last.year - 1)
        days = (parsed_day(f"{text} {year}", f"{fmt} %Y") for year in years)
        day = next((day for day in days if day and day <= last), None)
    earliest = first - _BEFORE if first else last - _QUARTER
    return day if day and earliest <= day <= last else None


def day_before(text: str, fmt: str, booked: dt.date) -> dt.date | None:
    """The day of a purchase that was booked on ``booked``; None where ``text`` writes no such day.

    It may lie months back (a hotel), and a little ahead where a bank dates so.
    """
    if says_year(fmt):
        return parsed_day(text, fmt)
    years = (booked.year + 1, booked.year, booked.year - 1)
    days = (parsed_day(f"{text} {year}", f"{fmt} %Y") for year in years)
    ahead = booked + dt.timedelta(days=7)
    return next((day for day in days if day and day <= ahead), None)
