"""Covenants: what a borrower promised its lender about its figures, tested at each quarter's end.

::

    2026-01-01 custom "covenant" "B-1"
      min-dscr: 1.25
      max-ltv: 75
      asset: "PIER-12"
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import amount, data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.loans.ledger import is_here, loans_in, may_touch_a_loan, sides, touches_a_loan
from core.loans.schedule import schedule
from core.loans.terms import Covenant, Loan, months_after
from core.money import at_cents, round_half_up
from core.period import month_end
from plugins.veil.loans import about_loan

_FACTOR = "Insolvency"
_NON_CASH = "accumulated-depreciation"


def covenants_kept(books: Books) -> Iterator[Finding]:
    """LN-06: the covenants that were not kept at a quarter's end since they hold.

    Cover is tested once the loan has run for twelve months.
    """
    for covenant in loans_in(books).declared.covenants:
        if not is_here(loans_in(books).declared.loans[covenant.loan], books):
            continue
        for day in _quarter_ends(covenant.date, books.as_of):
            yield from _cover(covenant, day, books)
            yield from _loan_to_value(covenant, day, books)


def may_matter_to_a_covenant(shape: Shape, books: Books) -> bool:
    """Entries of loans, and the result of borrowers, where there are covenants."""
    if not loans_in(books).declared.covenants:
        return False
    return may_touch_a_loan(shape, books) or shape.posts_to("Income:", "Expenses:")


def matters_to_a_covenant(txn: data.Transaction, books: Books) -> bool:
    """Whether a covenant's figures can depend on an entry."""
    said = loans_in(books).declared
    borrowers = {said.loans[covenant.loan].borrower for covenant in said.covenants}
    if not borrowers:
        return False
    if touches_a_loan(txn, books):
        return True
    return not borrowers.isdisjoint(books.registry.ents(txn)) and any(
        posting.account.startswith(("Income:", "Expenses:")) for posting in txn.postings
    )


def _quarter_ends(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    day = month_end(first.year, (first.month + 2) // 3 * 3)
    while day <= last:
        yield day
        later = months_after(day.replace(day=1), 3)
        if later.year == dt.MAXYEAR:
            return
        day = month_end(later.year, later.month)


def _cover(covenant: Covenant, day: dt.date, books: Books) -> Iterator[Finding]:
    loan = loans_in(books).declared.loans[covenant.loan]
    begin = months_after(day, -12)
    begin = month_end(begin.year, begin.month)
    if covenant.min_dscr is None or loan.began > begin:
        return
    events = loans_in(books).events(loan)
    moves = [move for side in sides(loan, books)[:1] for move in side.moves]
    rows = schedule(loan, events, moves=moves, until=day)
    service = sum((row.payment for row in rows if begin < row.due <= day), Decimal(0))
    if not service:
        return
    result = _result(loan, begin, day, books)
    if result < covenant.min_dscr * service:
        ratio = round_half_up(result / service)
        yield _broken(
            covenant,
            day,
            f"{at_cents(result)} {loan.currency} of result covers {at_cents(service)} of payments "
            f"{ratio} times, not {covenant.min_dscr} times",
            books,
        )


def _result(loan: Loan, begin: dt.date, day: dt.date, books: Books) -> Decimal:
    """The borrower's result after ``begin`` up to ``day``, before interest and depreciation."""
    total = Decimal(0)
    for txn in books.transactions:
        if not begin < txn.date <= day:
            continue
        lines = {a.line for p in txn.postings if (a := books.accounts.get(p.account))}
        if _NON_CASH in lines:
            continue
        for posting in txn.postings:
            units = posting.units
            if (
                books.registry.ent(posting.account) == loan.borrower
                and posting.account.startswith(("Income:", "Expenses:"))
                and books.role(posting.account) != "interest-expense"
                and units is not None
                and units.number is not None
                and units.currency == loan.currency
            ):
                total -= units.number
    return total


def _loan_to_value(covenant: Covenant, day: dt.date, books: Books) -> Iterator[Finding]:
    loan = loans_in(books).declared.loans[covenant.loan]
    value = _value(covenant, day, books)
    booked = sides(loan, books)
    if covenant.max_ltv is None or not value or not booked:
        return
    owed = booked[0].owed(day)
    if owed * 100 > covenant.max_ltv * value:
        percent = round_half_up(owed * 100 / value)
        yield _broken(
            covenant,
            day,
            f"{at_cents(owed)} {loan.currency} is owed on an asset worth {at_cents(value)}, "
            f"{percent} percent, more than {covenant.max_ltv.normalize():f}",
            books,
        )


def _value(covenant: Covenant, day: dt.date, books: Books) -> Decimal | None:
    """The asset's value by its newest ``custom "asset"`` on or before the day."""
    value = None
    for entry in books.standing:
        if isinstance(entry, data.Custom) and entry.type == "asset" and entry.date <= day:
            values = [each.value for each in entry.values]
            if values and values[0] == covenant.asset and isinstance(values[-1], amount.Amount):
                value = values[-1].number
    return value


def _broken(covenant: Covenant, day: dt.date, what: str, books: Books) -> Finding:
    loan = loans_in(books).declared.loans[covenant.loan]
    return about_loan(
        loan,
        books,
        "LN-06",
        _FACTOR,
        Severity.WARNING,
        f"the covenant of the loan {loan.id} was not kept on {day}: {what}; tell "
        f"{loan.lender}, and keep their waiver here",
        day=day,
        evidence=("the lender's waiver, or a figure that shows otherwise",),
        what=f"{day} {what}",
        entry=covenant.entry,
    )
