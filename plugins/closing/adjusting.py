"""Adjusting entries, and those that reverse them (DOMAIN D2).

An adjustment (accrual, deferral, estimate, correction) is dated on the last day of its period and
says who approved it; its reversal, on the first day of the next period, has the exact negatives and
the same link. What belongs to a closed period is booked in an open one, with ``applies-to:``.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from beancount.core import data
from beancount.core.amount import Amount

from core.findings import UserError
from core.journal.books import Books
from core.period import Period
from core.seal import closed_until
from core.soft_close import ADJUSTING

REVERSING = "reversing"


@dataclass(frozen=True)
class Adjustment:
    """What is adjusted: ``amount`` from ``credit`` to ``debit``, both of one entity. ``why`` is the
    narration; ``applies_to`` the closed period that it corrects, where it does."""

    entity: str
    debit: str
    credit: str
    amount: Amount
    why: str
    approved_by: str
    applies_to: str = ""


def adjusted(
    adjustment: Adjustment, period: Period, link: str, books: Books, *, reverse: bool
) -> list[data.Transaction]:
    """The adjusting entry of a period and, where it is asked for, its reversal.

    Raises UserError where an account is not the entity's, not open, or the period closed.
    """
    closed = closed_until(books.standing).get(adjustment.entity.casefold())
    if closed is not None and period.last <= closed:
        raise UserError(
            f"{adjustment.entity} {period.name} is closed",
            hint=f"name an open period, and --applies-to {period.name}",
        )
    for name in (adjustment.debit, adjustment.credit):
        account = books.accounts.get(name)
        if account is None or account.entity != adjustment.entity:
            mine = [a.name for a in books.accounts.values() if a.entity == adjustment.entity]
            near = get_close_matches(name, mine, n=3, cutoff=0.75)
            raise UserError(
                f"{name} is no account of {adjustment.entity}",
                hint=f"did you mean {' or '.join(near)}?" if near else "open it first",
            )
        for day in (period.last, period.after) if reverse else (period.last,):
            if not account.is_open(day):
                raise UserError(f"{name} is not open on {day}")
    entry = _entry(adjustment, period.last, ADJUSTING, link, sign=1)
    if not reverse:
        return [entry]
    return [entry, _entry(adjustment, period.after, REVERSING, link, sign=-1)]


def _entry(
    adjustment: Adjustment, day: dt.date, tag: str, link: str, *, sign: int
) -> data.Transaction:
    number, currency = adjustment.amount.number or Decimal(0), adjustment.amount.currency
    meta = {"approved-by": adjustment.approved_by}
    if adjustment.applies_to:
        meta["applies-to"] = adjustment.applies_to
    postings = [
        data.Posting(account, Amount(part, currency), None, None, None, None)
        for account, part in (
            (adjustment.debit, sign * number),
            (adjustment.credit, -sign * number),
        )
    ]
    return data.Transaction(
        meta, day, "*", None, adjustment.why, frozenset({tag}), frozenset({link}), postings
    )
