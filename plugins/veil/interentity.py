"""What entities owe each other: both sides say the same at every month end, and it is settled.

A balance that is never repaid looks like the owner's money in the company: Estate of Mixon v.
United States, 464 F.2d 394 (5th Cir. 1972). What disagrees cannot be eliminated (ASC 810-10-45-1).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import GROUP, Books
from core.money import at_cents
from core.period import month_end
from core.seal import seals_of
from plugins.rule import Rule, Scope
from plugins.veil.owed import DUE_FROM, DUE_TO, Debt, Move, by_month, debts, may_be_owed
from plugins.veil.transfers import entities_of, keeps_books, pair_links

_CODE = "VEIL-025"
_FACTOR = "Commingling; disguised permanent funding"
_MAX_DAYS = 90


def stale_or_disagreeing(books: Books) -> Iterator[Finding]:
    """VEIL-025: what one entity is owed by another is not what the other owes (error), or has
    been open for more than ``due-max-days`` (warning).

    A disagreement stands until it changes: it is reported for the first month end that has it. Only
    the group's books see both sides, and of an outside owner there is one side only.
    """
    noted = _noted(books)
    for debt in debts(books, books.transactions):
        both = all(keeps_books(name, books) for name in (debt.creditor, debt.debtor))
        if books.kind == GROUP and both:
            yield from _disagreeing(debt, _comparable(debt, books), noted, books)
        yield from _stale(debt, books)


def disagreements(books: Books, last: dt.date) -> Iterator[tuple[Debt, Decimal, Decimal]]:
    """The debts between entities that keep books on which both sides do not say the same at the
    end of the day ``last``: the debt, what is due from the debtor, what he owes."""
    for debt in debts(books, books.transactions):
        if all(keeps_books(name, books) for name in (debt.creditor, debt.debtor)):
            compared = _comparable(debt, books)
            due, owed = (compared.balance(role, last) for role in (DUE_FROM, DUE_TO))
            if due != owed:
                yield debt, due, owed


def _noted(books: Books) -> set[tuple[str, dt.date]]:
    """The months (by their ends) that an entity closed with a note."""
    return {
        (entity, seal.period.last)
        for entity, seals in seals_of(books.standing).items()
        for seal in seals
        if seal.note
    }


def _comparable(debt: Debt, books: Books) -> Debt:
    """The debt as both sides can agree on it: without pairs of which the other side is missing
    (VEIL-005 speaks of those), and with what is in transit owed when it arrives, as for VEIL-006.
    """
    moves = []
    for move in debt.moves:
        pair = [txn for link in pair_links(move.txn) for txn in books.by_link[link]]
        other = debt.debtor if move.role == DUE_FROM else debt.creditor
        if pair and not any(other in entities_of(txn, books) for txn in pair):
            continue
        moves.append(replace(move, date=_arrival(move, pair, books)))
    return replace(debt, moves=sorted(moves, key=lambda move: move.date))


def _arrival(move: Move, pair: Sequence[data.Transaction], books: Books) -> dt.date:
    """The last day of a pair that an in-transit account carries over the few days it takes."""
    days = [txn.date for txn in pair]
    roles = (books.role(posting.account) for txn in pair for posting in txn.postings)
    if "in-transit" not in roles:
        return move.date
    few = int(books.policy.threshold("VEIL-006", "date-tolerance", max(days), 5))
    return max(days) if (max(days) - min(days)).days <= few else move.date


def _disagreeing(
    booked: Debt, debt: Debt, noted: set[tuple[str, dt.date]], books: Books
) -> Iterator[Finding]:
    """The month ends at which the two do not say the same: neither as they can be compared
    (``debt``), nor as the accounts stand (``booked``), where a lone half may just have mended it.
    """
    changes = by_month(debt)
    owed = {DUE_FROM: Decimal(0), DUE_TO: Decimal(0)}
    reported = Decimal(0)
    month = next(iter(changes), dt.date.max)
    while month <= books.as_of:
        last = month_end(month.year, month.month)
        for role, number in changes.get(month, {}).items():
            owed[role] += number
        gap = owed[DUE_FROM] - owed[DUE_TO]
        if gap and booked.balance(DUE_FROM, last) == booked.balance(DUE_TO, last):
            gap = Decimal(0)
        is_noted = {(debt.creditor, last), (debt.debtor, last)} & noted
        if gap and gap != reported and not is_noted:
            yield _disagreement(debt, last, owed, books)
        reported = reported if is_noted else gap
        month = last + dt.timedelta(days=1)


def _disagreement(debt: Debt, last: dt.date, owed: dict[str, Decimal], books: Books) -> Finding:
    mine, theirs = (f"{at_cents(owed[role])} {debt.currency}" for role in (DUE_FROM, DUE_TO))
    message = (
        f"at the end of {last:%Y-%m} {debt.creditor} has {mine} due from {debt.debtor}, whose "
        f"books owe {theirs}; correct the wrong side, or explain it by a note: of the month's seal"
    )
    newest = [move for move in debt.moves if move.date <= last][-1]
    return _found(debt, newest, last, message, Severity.ERROR, books)


def _stale(debt: Debt, books: Books) -> Iterator[Finding]:
    days = int(books.policy.threshold(_CODE, "due-max-days", books.as_of, _MAX_DAYS))
    found = [debt.oldest_open(role, books.as_of) for role in (DUE_FROM, DUE_TO)]
    items = sorted((move for move in found if move), key=lambda move: move.date)
    if not items or (books.as_of - items[0].date).days <= days:
        return
    oldest = items[0]
    owed = debt.balance(oldest.role, books.as_of)
    message = (
        f"{debt.debtor} owes {debt.creditor} {at_cents(owed)} {debt.currency}, some of it since "
        f"{oldest.date}, {(books.as_of - oldest.date).days} days; settle it ('books veil settle "
        f"{debt.creditor} {debt.debtor}'), or make it a note or a contribution by resolution"
    )
    yield _found(debt, oldest, oldest.date, message, Severity.WARNING, books)


def _found(
    debt: Debt, move: Move, day: dt.date, message: str, severity: Severity, books: Books
) -> Finding:
    file, line = books.where(move.txn)
    return Finding(
        _CODE,
        severity,
        message,
        factor=_FACTOR,
        entities=tuple(sorted({debt.creditor, debt.debtor})),
        date=day,
        file=file,
        line=line,
        evidence=("the settlement on both statements, or the note or resolution instead",),
        identity=(debt.creditor, debt.debtor, debt.currency, severity.value),
    )


RULES = (
    Rule(
        _CODE,
        "Debt disagrees or is stale",
        _FACTOR,
        Scope.EVERYTHING,
        True,
        stale_or_disagreeing,
        meaning="at a month end what one entity has due from another is not what the other owes it "
        "(error; the running month counts as far as it is booked); or the oldest item that nothing "
        "has settled, first in first out, is older than due-max-days (90) on the day of the check "
        "(warning). A disagreement that was cured later stays one, until a seal of its month "
        "carries a note:. A pair without its other half is VEIL-005's; what is in transit is owed "
        "when it arrives",
        cure="settle it in cash (books veil settle), or make it a note or a contribution by "
        "resolution; correct the side that is wrong",
        reference="Estate of Mixon v. United States, 464 F.2d 394 (5th Cir. 1972); ASC 810-10-45-1",
        looks_at=may_be_owed,
    ),
)
