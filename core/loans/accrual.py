"""Interest: by whole periods of a year of 360 days, or by the days on which money was owed."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from core.loans.terms import ACT_365, RATE, REFINANCE, Loan, LoanEvent
from core.money import round_half_up

# Principal lent (positive) or repaid (negative) on a day.
Move = tuple[dt.date, Decimal]


def fraction(first: dt.date, last: dt.date, day_count: str) -> Decimal:
    """The part of a year from ``first`` to ``last``, the last day left out.

    ``act/365`` counts days; ``30/360`` counts every month as 30, its 31st as its 30th (30E/360,
    ISDA 2006 4.16(g)), so that the parts of a period add up to the whole.
    """
    if day_count == ACT_365:
        return Decimal((last - first).days) / 365
    days = 360 * (last.year - first.year) + 30 * (last.month - first.month)
    return Decimal(days + min(last.day, 30) - min(first.day, 30)) / 360


def period_interest(
    loan: Loan, balance: Decimal, rate: Decimal, first: dt.date, last: dt.date
) -> Decimal:
    """What a balance owes for one period of the schedule, to the cent, half-up.

    A period of a 30/360 note is always a whole one, however long the first may be.
    """
    if loan.every and loan.day_count != ACT_365:
        return round_half_up(balance * rate * loan.every / 1200)
    return round_half_up(balance * rate / 100 * fraction(first, last, loan.day_count))


def rate_on(loan: Loan, events: Iterable[LoanEvent], day: dt.date) -> Decimal:
    """The rate in force on a day, percent a year; a note without one bears no interest."""
    rate = loan.rate or Decimal(0)
    for event in events:
        if event.what in {RATE, REFINANCE} and event.date <= day and event.rate is not None:
            rate = event.rate
    return rate


def accrued(
    loan: Loan, events: Sequence[LoanEvent], moves: Sequence[Move], first: dt.date, last: dt.date
) -> Decimal:
    """Simple interest on what was owed each day from ``first`` to before ``last``, half-up.

    Money that moves on a day counts from that day. ``moves`` are in date order.
    """
    if last <= first:
        return Decimal(0)
    changes = {day for day, _ in moves} | {e.date for e in events if e.rate is not None}
    days = [first, *sorted(day for day in changes if first < day < last), last]
    owed = Decimal(0)
    for begin, end in pairwise(days):
        balance = sum((number for day, number in moves if day <= begin), Decimal(0))
        part = fraction(begin, end, loan.day_count)
        owed += max(balance, Decimal(0)) * rate_on(loan, events, begin) / 100 * part
    return round_half_up(owed)
