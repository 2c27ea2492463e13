"""Periods: ``2026``, ``2026-Q3``, ``2026-09``, ``FY2026`` as first and last day."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from core.findings import UserError


@dataclass(frozen=True)
class Period:
    """A span of whole days, both ends included."""

    name: str
    first: date
    last: date

    @property
    def after(self) -> date:
        """The day after the last one."""
        return self.last + timedelta(days=1)


_FORMS = re.compile(r"(?:FY(?P<fy>\d{4})|(?P<y>\d{4})(?:-Q(?P<q>[1-4])|-(?P<m>\d{2}))?)", re.I)


def parse_period(text: str, fiscal_year_end: str = "12-31") -> Period:
    """The period that ``text`` names; ``FY2026`` is the fiscal year named by its end.

    ``fiscal_year_end`` is ``MM-DD``. Raises UserError for anything else.
    """
    match = _FORMS.fullmatch(text.strip())
    if match:
        try:
            return _period(match, text.strip().upper(), fiscal_year_end)
        except ValueError:
            pass
    raise UserError(
        f"'{text}' is not a period", hint="write 2026, 2026-Q3, 2026-09 or FY2026 (fiscal year)"
    )


def _period(match: re.Match[str], name: str, fiscal_year_end: str) -> Period:
    if match["fy"]:
        year = int(match["fy"])
        last = _month_day(year, fiscal_year_end)
        return Period(name, _month_day(year - 1, fiscal_year_end) + timedelta(days=1), last)
    year = int(match["y"])
    if match["q"]:
        start = 3 * int(match["q"]) - 2
        return Period(name, date(year, start, 1), month_end(year, start + 2))
    if match["m"]:
        return Period(name, date(year, int(match["m"]), 1), month_end(year, int(match["m"])))
    return Period(name, date(year, 1, 1), date(year, 12, 31))


@lru_cache(maxsize=1000)
def _month_day(year: int, month_day: str) -> date:
    month, day = (int(part) for part in month_day.split("-"))
    return min(date(year, month, 1) + timedelta(days=day - 1), month_end(year, month))


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def fiscal_year_of(day: date, fiscal_year_end: str) -> Period:
    """The fiscal year that ``day`` lies in."""
    year = day.year if day <= _month_day(day.year, fiscal_year_end) else day.year + 1
    return _fiscal_year(year, fiscal_year_end)


@lru_cache(maxsize=1000)  # asked for each of thousands of entries
def _fiscal_year(year: int, fiscal_year_end: str) -> Period:
    return parse_period(f"FY{year:04d}", fiscal_year_end)
