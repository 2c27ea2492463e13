"""The schedule of a loan, to the cent: a function of its directive and its events.

Level payment: i = rate ÷ 12 (times the months of a period); payment = P·i ÷ (1 − (1+i)^−n), rounded
half-up to the cent once; interest of a period = what is owed at its beginning × i, rounded half-up;
the rest is principal; the last payment is all that is left, and so bears what rounding left over.

Money that is paid beside the schedule lowers what is owed from the next period on, and so does the
payment that is computed anew for it. A new rate holds from the first period that begins on or after
its day. An event on a due date comes after that day's
instalment.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.loans.accrual import Move, accrued, fraction, period_interest
from core.loans.terms import (
    BALLOON,
    DEMAND,
    EXTRA,
    HOLIDAY,
    INTEREST_ONLY,
    RATE,
    REFINANCE,
    Loan,
    LoanEvent,
    months_after,
)
from core.money import DIGITS, round_half_up

INSTALMENT, PAYOFF = "instalment", "payoff"
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Row:
    """One line of a schedule; amounts are positive where the borrower pays.

    ``what`` is ``instalment``, ``extra``, ``holiday``, ``refinance`` or ``payoff``; instalments
    alone have a ``number``. ``payment`` = ``interest`` + ``principal``; ``escrow`` is paid on top.
    ``balance`` is what is owed afterwards. Where a holiday's interest is capitalised, and where a
    refinance lends more, ``principal`` is negative.
    """

    number: int
    due: dt.date
    what: str
    payment: Decimal
    interest: Decimal
    principal: Decimal
    balance: Decimal
    escrow: Decimal = _NOTHING


def schedule(
    loan: Loan,
    events: Sequence[LoanEvent] = (),
    *,
    moves: Sequence[Move] = (),
    until: dt.date | None = None,
) -> tuple[Row, ...]:
    """The whole schedule of a loan; of a demand note or credit line the interest that fell due up
    to ``until``, on what was lent and repaid (``moves``: without any, a demand note is taken as
    lent on its first day). Empty where the note does not say when it is paid back, and where what
    is owed outgrows all money, as at a rate that was mistyped."""
    if loan.runs_by_days:
        lent = list(moves)
        if not lent and loan.kind == DEMAND:
            lent = [(loan.began, loan.principal)]
            lent += [(e.date, -e.amount) for e in events if e.what == EXTRA and e.amount]
        return tuple(_by_days(loan, events, sorted(lent), until or loan.maturity or loan.began))
    if not loan.instalments or loan.first_due is None:
        return ()
    rows = []
    for row in _Run(loan, events).rows():
        if row.balance.adjusted() >= DIGITS:
            return ()
        rows.append(row)
    return tuple(rows)


def level_payment(principal: Decimal, period_rate: Decimal, count: int) -> Decimal:
    """The payment that repays ``principal`` in ``count`` equal parts, half-up to the cent.

    ``period_rate`` is a fraction, 0.006 for 7.2 percent a year paid monthly.
    """
    discount = (1 + period_rate) ** -count
    if discount == 1:  # no interest, or less than any digit of it
        return round_half_up(principal / count)
    return round_half_up(principal * period_rate / (1 - discount))


def current_portion(rows: Sequence[Row], day: dt.date) -> Decimal:
    """The principal that falls due in the twelve months after ``day``."""
    last = months_after(day, 12)
    return sum((row.principal for row in rows if day < row.due <= last), _NOTHING)


def owed_after(rows: Sequence[Row], loan: Loan, day: dt.date) -> Decimal:
    """What the schedule says is owed at the end of ``day``."""
    return next((row.balance for row in reversed(rows) if row.due <= day), loan.principal)


class _Run:
    """A walk over the periods of a loan with fixed instalments."""

    def __init__(self, loan: Loan, events: Sequence[LoanEvent]) -> None:
        self._loan = loan
        self._waiting = sorted(events, key=lambda e: e.date)
        self._holidays = [e for e in events if e.what == HOLIDAY]
        self._balance = loan.principal
        self._rate = loan.rate or _NOTHING
        self._opened = loan.began
        self._refinanced_on: dt.date | None = None
        self._period = 0  # of those since the start, or since the refinance
        self._periods = loan.instalments
        self._number = 0
        self._payment = loan.payment or self._computed()
        self._recomputes = False  # once the running period is over: it began with more owed

    def rows(self) -> Iterator[Row]:
        """The rows in order of date."""
        while self._balance > 0 and self._period < self._periods:
            due = self._next_due()
            for event in self._taken(self._opened):
                yield from self._changed(event)
            refinanced = next((e for e in self._waiting if e.what == REFINANCE), None)
            if refinanced is not None and refinanced.date < due:
                yield from self._paid_beside(refinanced.date)
                self._waiting.remove(refinanced)
                yield from self._changed(refinanced)
                continue
            if self._balance <= 0:
                return
            if self._recomputes:
                self._payment = self._computed(self._period)
                self._recomputes = False
            self._period += 1
            interest = period_interest(self._loan, self._balance, self._rate, self._opened, due)
            yield from self._paid_beside(due - dt.timedelta(days=1))
            if not self._balance and not interest:
                return
            holiday = next((e for e in self._holidays if _covers(e, due)), None)
            yield (
                self._instalment(due, interest)
                if holiday is None
                else self._left_out(holiday, due, interest)
            )
            self._opened = due

    def _next_due(self) -> dt.date:
        if self._refinanced_on is None:
            return self._loan.due(self._period + 1)
        return months_after(self._refinanced_on, (self._loan.every or 12) * (self._period + 1))

    def _instalment(self, due: dt.date, interest: Decimal) -> Row:
        self._number += 1
        is_last = self._period >= self._periods
        if self._period == self._loan.interest_only + 1 and self._loan.interest_only:
            self._payment = self._loan.payment or self._computed(self._period - 1)
        pays = interest if self._only_interest() else self._payment
        if is_last or self._balance + interest <= pays:
            pays = self._balance + interest
        return self._row(due, INSTALMENT, interest, pays - interest, self._loan.escrow)

    def _only_interest(self) -> bool:
        agreed = self._loan.interest_only
        return self._period <= agreed or (self._loan.kind == INTEREST_ONLY and not agreed)

    def _left_out(self, holiday: LoanEvent, due: dt.date, interest: Decimal) -> Row:
        """A period in which nothing is repaid, and what comes of it."""
        if holiday.extend or self._period >= self._periods:
            self._periods += 1
        if holiday.interest == "waive":
            interest = _NOTHING
        capitalised = interest if holiday.interest == "capitalise" else _NOTHING
        row = self._row(due, HOLIDAY, interest, -capitalised)
        if holiday.payment:
            self._payment = holiday.payment
        elif capitalised or not holiday.extend:
            self._payment = self._computed(self._period)
        return row

    def _taken(self, day: dt.date) -> list[LoanEvent]:
        """The events that have come by ``day``, which wait no longer."""
        come = [event for event in self._waiting if event.date <= day]
        self._waiting = [event for event in self._waiting if event.date > day]
        return come

    def _paid_beside(self, last: dt.date) -> Iterator[Row]:
        """What is paid in the running period, up to ``last``, beside the schedule."""
        come = [e for e in self._waiting if e.what == EXTRA and e.date <= last]
        for event in come:
            self._waiting.remove(event)
            yield from self._changed(event)

    def _changed(self, event: LoanEvent) -> Iterator[Row]:
        if event.what == EXTRA and event.amount:
            yield self._row(event.date, EXTRA, _NOTHING, min(event.amount, self._balance))
            self._recomputes = self._recomputes or event.recompute
        elif event.what == RATE and event.rate is not None:
            self._rate = event.rate
            self._payment = event.payment or self._computed(self._period)
        elif event.what == REFINANCE:
            yield self._refinanced(event)

    def _refinanced(self, event: LoanEvent) -> Row:
        """Paid off by another loan, or new terms from this day on; what has run is paid."""
        part = fraction(self._opened, event.date, self._loan.day_count)
        interest = round_half_up(self._balance * self._rate / 100 * part)
        self._opened = event.date
        if event.into:
            return self._row(event.date, PAYOFF, interest, self._balance)
        owed = self._balance if event.amount is None else event.amount
        row = self._row(event.date, REFINANCE, interest, self._balance - owed)
        self._rate = self._rate if event.rate is None else event.rate
        self._periods = event.term or max(self._periods - self._period, 1)
        self._period = 0
        self._refinanced_on = event.date
        self._payment = event.payment or self._computed()
        return row

    def _computed(self, done: int = 0) -> Decimal:
        """The level payment over the periods that remain after ``done`` of them."""
        count = max(self._periods - max(done, self._loan.interest_only), 1)
        if self._loan.kind == BALLOON and self._loan.amortisation:
            count = max(self._loan.amortisation - done, 1)
        return level_payment(self._balance, self._rate * self._loan.every / 1200, count)

    def _row(
        self,
        due: dt.date,
        what: str,
        interest: Decimal,
        principal: Decimal,
        escrow: Decimal = _NOTHING,
    ) -> Row:
        self._balance -= principal
        number = self._number if what == INSTALMENT else 0
        paid = interest + principal
        return Row(number, due, what, paid, interest, principal, self._balance, escrow)


def _covers(holiday: LoanEvent, due: dt.date) -> bool:
    return holiday.until is not None and holiday.date <= due <= holiday.until


def _by_days(
    loan: Loan, events: Sequence[LoanEvent], moves: Sequence[Move], until: dt.date
) -> Iterator[Row]:
    """Interest as it falls due; with the last of it, at a maturity, all that is owed."""
    if not moves:
        return
    opened, number = loan.began, 0
    last = min(until, loan.maturity) if loan.maturity else until
    while True:
        number += 1
        due = loan.due(number)
        if loan.maturity and due > loan.maturity > opened:
            due = loan.maturity
        if due > last or due <= opened:
            return
        before = sum((n for day, n in moves if day < due), _NOTHING)
        balance = sum((n for day, n in moves if day <= due), _NOTHING)
        interest = accrued(loan, events, moves, opened, due)
        principal = max(before, _NOTHING) if due == loan.maturity else _NOTHING
        owed = _NOTHING if due == loan.maturity else balance
        yield Row(number, due, INSTALMENT, interest + principal, interest, principal, owed)
        opened = due
