"""Loans as books: whether what is booked of a loan is what its schedule says.

These hold for every loan that ``custom "loan"`` declares, a bank's too. What the veil rules say of
related loans (missed and misdirected payments, wrong splits) is not said twice: LN-02, LN-03 and
LN-05 speak of the others.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from core.findings import Finding, Severity
from core.journal.books import Books
from core.loans.compare import CENT, splits
from core.loans.ledger import (
    Flow,
    Side,
    is_related,
    loans_in,
    may_touch_a_loan,
    sides,
    touches_a_loan,
)
from core.loans.schedule import Row, current_portion, schedule
from core.loans.terms import Loan
from core.money import at_cents
from core.period import fiscal_year_of
from plugins.covenants import covenants_kept, matters_to_a_covenant, may_matter_to_a_covenant
from plugins.rule import Rule, Scope, about, described
from plugins.veil.loans import about_loan, missed_instalments

_RECORDS = "Absence of records"
_CURRENT = "current-portion-of-loans"


def off_schedule(books: Books) -> Iterator[Finding]:
    """LN-01: what is owed after a payment is none of the balances that the schedule has still to
    come to, by more than a cent. Only the first payment that leaves the schedule is named."""
    for loan, side in _booked(books):
        rows = () if loan.runs_by_days else _rows(loan, side, books)
        owed, ahead, was_right = Decimal(0), 0, True
        for flow in side.flows if rows else ():
            owed += flow.lent
            if not flow.is_payment:
                continue
            later = range(ahead, len(rows))
            found = next((i for i in later if abs(rows[i].balance - owed) <= CENT), None)
            if found is None and was_right:
                yield _off(loan, flow, owed, rows[min(ahead, len(rows) - 1)], books)
            was_right = found is not None
            ahead = min(ahead if found is None else found, len(rows) - 1) + 1


def _off(loan: Loan, flow: Flow, owed: Decimal, row: Row, books: Books) -> Finding:
    extra = f'{flow.date} custom "loan-event" "{loan.id}" "extra" '
    beside = flow.repaid and not flow.interest and owed >= 0
    return about(
        books,
        flow.txn,
        code="LN-01",
        factor=_RECORDS,
        message=f"after {described(flow.txn)} the books owe {at_cents(owed)} {loan.currency} on "
        f"the loan {loan.id}, its schedule {at_cents(row.balance)} (due {row.due}); correct the "
        "split, or declare what changed the schedule as a loan-event",
        evidence=("the lender's statement",),
        fix=f"; {extra}{at_cents(flow.repaid)} {loan.currency}" if beside else "",
    )


def payment_missing(books: Books) -> Iterator[Finding]:
    """LN-02: an instalment of a loan by or to a stranger that was not paid within its grace."""
    for loan, _ in _strangers(books):
        for each in missed_instalments(loan, books, "LN-02"):
            yield about_loan(
                loan,
                books,
                "LN-02",
                _RECORDS,
                Severity.WARNING,
                f"instalment {each.number or 'of interest'} of the loan {loan.id}, due {each.due}, "
                f"was not paid in time: {at_cents(each.short)} {loan.currency} was missing; book "
                "the payment, or pay it",
                day=each.due,
                what=str(each.due),
            )


def split_otherwise(books: Books) -> Iterator[Finding]:
    """LN-03: a payment to a stranger whose interest is not what had run."""
    for loan, side in _strangers(books):
        for split in splits(loan, _rows(loan, side, books), loans_in(books).events(loan), side):
            yield about(
                books,
                split.flow.txn,
                code="LN-03",
                factor=_RECORDS,
                severity=Severity.WARNING,
                message=f"{described(split.flow.txn)}, of the loan {loan.id}, books "
                f"{at_cents(split.posted)} {loan.currency} of interest where "
                f"{at_cents(split.expected)} had run; correct the split by the lender's statement",
                evidence=("the lender's statement",),
            )


def current_portion_off(books: Books) -> Iterator[Finding]:
    """LN-04: an account for the current portion of a loan that, at the end of a fiscal year, is not
    the principal due within the twelve months after it."""
    for loan, side in _booked(books):
        for account in side.accounts:
            if books.accounts[account].line == _CURRENT:
                yield from _portion(loan, side, account, books)


def _portion(loan: Loan, side: Side, account: str, books: Books) -> Iterator[Finding]:
    moves = [
        (flow.date, posting.units.number * (1 if side.entity == loan.lender else -1))
        for flow in side.flows
        for posting in flow.txn.postings
        if posting.account == account and posting.units and posting.units.number
    ]
    rows = _rows(loan, side, books)
    year_end = books.registry.entities[side.entity].fiscal_year_end
    day = fiscal_year_of(moves[0][0], year_end).last if moves else dt.date.max
    while day <= books.as_of:
        booked = sum((number for moved, number in moves if moved <= day), Decimal(0))
        due = current_portion(rows, day)
        if abs(booked - due) > CENT:
            finding = about_loan(
                loan,
                books,
                "LN-04",
                _RECORDS,
                Severity.WARNING,
                f"{account} is {at_cents(booked)} {loan.currency} on {day}; {at_cents(due)} of the "
                f"loan {loan.id} falls due in the twelve months after it; book the difference "
                "between it and the loan",
                day=day,
                what=str(day),
            )
            yield replace(finding, entities=(side.entity,))
        day = fiscal_year_of(day + dt.timedelta(days=1), year_end).last


def overpaid(books: Books) -> Iterator[Finding]:
    """LN-05: more paid back to a stranger than was owed."""
    for loan, side in _strangers(books):
        owed = Decimal(0)
        for flow in side.flows:
            owed += flow.lent
            if owed < 0 and flow.repaid:
                yield about(
                    books,
                    flow.txn,
                    code="LN-05",
                    factor=_RECORDS,
                    message=f"after {described(flow.txn)} the loan {loan.id} is overpaid by "
                    f"{at_cents(-owed)} {loan.currency}; book the rest as interest or as owed back",
                    evidence=("the lender's pay-off statement",),
                )


def _booked(books: Books) -> Iterator[tuple[Loan, Side]]:
    """Each loan with each side of it that the books hold."""
    for loan in loans_in(books).declared.loans.values():
        for side in sides(loan, books):
            if side.flows:
                yield loan, side


def _strangers(books: Books) -> Iterator[tuple[Loan, Side]]:
    """The loans that the veil rules do not speak of: one party is none of the group."""
    return ((loan, side) for loan, side in _booked(books) if not is_related(loan, books))


def _rows(loan: Loan, side: Side, books: Books) -> tuple[Row, ...]:
    return schedule(loan, loans_in(books).events(loan), moves=side.moves, until=books.as_of)


_REFERENCE = "the loan's own schedule"
RULES = (
    Rule(
        "LN-01",
        "Loan off its schedule",
        _RECORDS,
        Scope.ENTITY,
        True,
        off_schedule,
        meaning="what is owed after a payment differs from the schedule's balance by more than a "
        "cent; the first payment that leaves the schedule is named",
        cure="correct the split of principal and interest, or declare what changed the schedule: "
        "extra principal, a new rate, a holiday, a refinance",
        reference=_REFERENCE,
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
    Rule(
        "LN-02",
        "Instalment not paid",
        _RECORDS,
        Scope.ENTITY,
        True,
        payment_missing,
        meaning="what was paid on a loan by an instalment's due date and ten days (grace-days) is "
        "less than all instalments so far; of related loans VEIL-011 says so",
        cure="book the payment, or pay it",
        reference=_REFERENCE,
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
    Rule(
        "LN-03",
        "Interest split otherwise",
        _RECORDS,
        Scope.ENTITY,
        True,
        split_otherwise,
        meaning="the interest of a payment differs from what had run on the opening balance by "
        "more than a cent for each payment so far; of related loans VEIL-012 says so",
        cure="correct the split by the schedule, or by the lender's statement",
        reference=_REFERENCE,
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
    Rule(
        "LN-04",
        "Current portion off",
        _RECORDS,
        Scope.ENTITY,
        True,
        current_portion_off,
        meaning="an account of a loan on the line current-portion-of-loans is, at the end of a "
        "fiscal year, not the principal due within the next twelve months",
        cure="book the difference between the account and the loan; or close the account, since "
        "reports compute the current portion themselves",
        reference="ASC 470-10-45",
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
    Rule(
        "LN-05",
        "Loan overpaid",
        _RECORDS,
        Scope.ENTITY,
        True,
        overpaid,
        meaning="more was paid back than was owed; of related loans VEIL-012 says so",
        cure="book the rest as interest or as owed back by the lender",
        reference=_REFERENCE,
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
    Rule(
        "LN-06",
        "Covenant broken",
        "Insolvency",
        Scope.ENTITY,
        True,
        covenants_kept,
        meaning="at the end of a quarter a covenant is not kept: debt service cover below min-dscr "
        "(result of twelve months before interest, depreciation and amortisation, over the "
        "payments scheduled in them), or the loan above max-ltv percent of the asset's value",
        cure="tell the lender and keep their waiver here; a waiver of this finding on the covenant "
        "names it",
        reference="the loan agreement",
        looks_at=may_matter_to_a_covenant,
        looks_closer=matters_to_a_covenant,
    ),
)
