"""A loan as agreed beside the loan as booked: what was not paid, and what was split otherwise."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.loans.accrual import accrued, period_interest, rate_on
from core.loans.ledger import Flow, Side
from core.loans.schedule import INSTALMENT, Row
from core.loans.terms import CREDIT_LINE, EXTRA, Forbearance, Loan, LoanEvent, months_after

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Missed:
    """An instalment that was not there in time. ``short`` was open when its grace was over;
    ``still_open`` is false where it was paid later. ``number`` is 0 for interest on demand."""

    number: int
    due: dt.date
    short: Decimal
    still_open: bool


@dataclass(frozen=True)
class Split:
    """A payment whose interest is not what had run: ``posted``, and what was ``expected``."""

    flow: Flow
    posted: Decimal
    expected: Decimal


def missed(
    loan: Loan,
    rows: Sequence[Row],
    side: Side | None,
    patience: Sequence[Forbearance],
    *,
    grace: int,
    as_of: dt.date,
) -> Iterator[Missed]:
    """The instalments whose grace was over by ``as_of`` and that were not paid by its last day.

    All that was paid so far stands against all that was due so far; ``side`` is None where the
    books have nothing of the loan. What was paid back early and whole is due no more, and what was
    due before the loan came into the books is no matter of theirs.
    """
    payments = side.payments if side else []
    due_so_far = Decimal(0)
    for row in rows:
        if side and row.due <= side.entered:
            continue
        due_so_far += row.interest if loan.kind == CREDIT_LINE else row.payment
        if row.what != INSTALMENT:
            continue
        last = _last_day(row.due, patience, grace)
        if last >= as_of:
            return
        short = due_so_far - _paid(payments, last, loan)
        if loan.kind == CREDIT_LINE and row.principal and side:
            short = max(short, Decimal(0)) + side.owed(last)
        if short <= 0 or (side and _is_settled(side, last)):
            continue
        open_now = due_so_far > _paid(payments, as_of, loan) and not (
            side and _is_settled(side, as_of)
        )
        yield Missed(row.number, row.due, short, open_now)


def missed_on_demand(
    loan: Loan,
    events: Sequence[LoanEvent],
    side: Side | None,
    patience: Sequence[Forbearance],
    *,
    grace: int,
    as_of: dt.date,
) -> Iterator[Missed]:
    """The years in which a demand note had no payment of interest: twelve months after its first
    advance, or after the last payment. What bears no interest owes none."""
    moves = side.moves if side else [(loan.began, loan.principal)]
    paid = [flow.date for flow in side.payments if flow.interest > 0] if side else []
    since = min((day for day, _ in moves), default=None)
    if since is None:
        return
    while True:
        due = months_after(since, 12)
        last = _last_day(due, patience, grace)
        if last >= as_of:
            return
        intime = [day for day in paid if since < day <= last]
        interest = accrued(loan, events, moves, since, due)
        if not intime and interest:
            yield Missed(0, due, interest, not any(day > last for day in paid))
        since = max(intime, default=due)


def splits(
    loan: Loan, rows: Sequence[Row], events: Sequence[LoanEvent], side: Side
) -> Iterator[Split]:
    """The payments whose interest differs by more than a cent for each payment so far from what
    had run on the opening balance. A payment may cover several periods that were due."""
    if loan.runs_by_days:
        yield from _splits_by_days(loan, events, side)
        return
    periods = [(opened, row) for opened, row in _periods(loan, rows) if row.due > side.entered]
    covered, after = 0, 0
    for count, flow in enumerate(side.payments, 1):
        ahead = periods[covered:]
        overdue = sum(1 for _, row in ahead if row.due <= flow.date)
        opened = ahead[0][0] if ahead else flow.date
        opening = _opening(side, flow, opened, after)
        options = _options(loan, events, ahead[: max(overdue, 1)], opening)
        if not overdue:
            options[0] = Decimal(0)  # paid beside the schedule
        near = min(options, key=lambda n: abs(options[n] - flow.interest))
        if abs(options[near] - flow.interest) > CENT * count:
            near = max(options)
            yield Split(flow, flow.interest, options[near])
        if near:
            covered += near
            after = side.flows.index(flow) + 1


def _periods(loan: Loan, rows: Sequence[Row]) -> list[tuple[dt.date, Row]]:
    """The periods at whose end interest is to be paid, each with the day it begins on."""
    periods, opened = [], loan.began
    for row in rows:
        if row.payment and row.what != EXTRA:
            periods.append((opened, row))
        if row.what != EXTRA:
            opened = row.due
    return periods


def _opening(side: Side, flow: Flow, opened: dt.date, after: int) -> Decimal:
    """What the books say was owed when the period began: without what was paid beside the schedule
    since, which lowers the next period's interest. ``after``: the entries up to the last payment
    that paid interest."""
    owed = Decimal(0)
    for index, other in enumerate(side.flows):
        if other is flow:
            break
        if index < after or other.lent > 0 or other.date <= opened:
            owed += other.lent
    return owed


def _options(
    loan: Loan,
    events: Sequence[LoanEvent],
    ahead: Sequence[tuple[dt.date, Row]],
    opening: Decimal,
) -> dict[int, Decimal]:
    """Interest on the opening balance by the number of periods that a payment may cover."""
    options: dict[int, Decimal] = {}
    total = Decimal(0)
    for number, (opened, row) in enumerate(ahead, 1):
        if row.what == INSTALMENT:
            rate = rate_on(loan, events, opened)
            total += period_interest(loan, opening, rate, opened, row.due)
        else:
            total += row.interest
        options[number] = total
    return options or {0: Decimal(0)}


def _splits_by_days(loan: Loan, events: Sequence[LoanEvent], side: Side) -> Iterator[Split]:
    moves = side.moves
    since = max(loan.began, moves[0][0]) if moves else loan.began
    carried = Decimal(0)
    for count, flow in enumerate(side.payments, 1):
        due = carried + accrued(loan, events, moves, since, flow.date)
        since = flow.date
        carried = due - flow.interest
        if flow.interest and abs(carried) > CENT * count:
            yield Split(flow, flow.interest, due)
            carried = Decimal(0)


def _paid(payments: Sequence[Flow], day: dt.date, loan: Loan) -> Decimal:
    """All that was paid by the end of a day; of a credit line, which repays at will, interest."""
    only_interest = loan.kind == CREDIT_LINE
    return sum(
        (
            f.interest + (Decimal(0) if only_interest else f.repaid)
            for f in payments
            if f.date <= day
        ),
        Decimal(0),
    )


def _is_settled(side: Side, day: dt.date) -> bool:
    """Whether all that was lent has been paid back by the end of a day."""
    return any(f.draws and f.date <= day for f in side.flows) and side.owed(day) <= 0


def _last_day(due: dt.date, patience: Sequence[Forbearance], grace: int) -> dt.date:
    """The last day on which an instalment is in time: it is due when the lender's agreed waiting is
    over, and then has its grace."""
    deferred = max([due, *(f.until for f in patience if f.date <= due <= f.until)])
    return dt.date.fromordinal(min(deferred.toordinal() + grace, dt.date.max.toordinal()))
