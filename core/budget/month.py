"""Months as numbers that count on: year * 12 + month - 1."""

import datetime as dt
import re

from core.findings import UserError
from core.period import month_end

_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


def month_of(day: dt.date) -> int:
    """The month that a day lies in."""
    return day.year * 12 + day.month - 1


def month_named(text: str) -> int:
    """The month written ``2026-01``. Raises ValueError for anything else."""
    match = _WRITTEN.fullmatch(text.strip())
    if not match or not 1 <= int(match[2]) <= 12 or not int(match[1]):
        raise ValueError(f"“{text}” is not a month; write it as 2026-01")
    return int(match[1]) * 12 + int(match[2]) - 1


def name_of(month: int) -> str:
    """The month as ``2026-01``."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def first_day(month: int) -> dt.date:
    """The month's first day."""
    return dt.date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> dt.date:
    """The month's last day."""
    return month_end(month // 12, month % 12 + 1)


def months_between(text: str) -> list[int]:
    """The months of ``2026-01`` or ``2026-01..2026-06``, both included; raises UserError."""
    first, dots, last = text.partition("..")
    try:
        begin = month_named(first)
        end = month_named(last) if dots else begin
    except ValueError as error:
        hint = "a range is written 2026-01..2026-06"
        raise UserError(str(error), hint=hint) from error
    if end < begin:
        raise UserError(f"“{text}” ends before it begins", hint="write the earlier month first")
    return list(range(begin, end + 1))
