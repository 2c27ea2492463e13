"""Loans beside their schedules: what is owed as agreed and by the books, and what was missed."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from core.journal.books import Books
from core.loans.compare import Missed
from core.loans.ledger import is_related, loans_in, sides
from core.loans.schedule import INSTALMENT, owed_after, schedule
from core.loans.terms import Loan
from plugins.veil.loans import missed_instalments
from reports.veil.papers import Paper, at, of_entry


@dataclass(frozen=True)
class LoanLine:
    """A loan at the end of a day.

    ``scheduled`` is what the schedule says is owed (None: it runs by days or says no instalments),
    ``borrowers`` and ``lenders`` what the books of each say (None: no entry of it there). ``due``
    and ``late`` count the instalments up to the day, and those of them that were not paid in time;
    ``open`` those still short.
    """

    id: str
    lender: str
    borrower: str
    currency: str
    principal: Decimal
    rate: Decimal | None
    related: bool
    scheduled: Decimal | None
    borrowers: Decimal | None
    lenders: Decimal | None
    due: int
    late: int
    open: int
    papers: tuple[Paper, ...]
    where: str
    last_entry: str

    @property
    def agrees(self) -> bool:
        """Whether schedule and books are a cent apart at most, as far as they are known."""
        known = [n for n in (self.scheduled, self.borrowers, self.lenders) if n is not None]
        return not known or max(known) - min(known) <= Decimal("0.01")


def loan_lines(books: Books, entity: str, day: dt.date) -> tuple[LoanLine, ...]:
    """The loans that ``entity`` is party to and that were made by ``day``, related ones first."""
    dated = books if day == books.as_of else replace(books, as_of=day)
    loans = loans_in(dated)
    found = [
        _line(loan, dated, day)
        for loan in loans.declared.loans.values()
        if entity in loans.parties(loan.id) and loan.began <= day
    ]
    return tuple(sorted(found, key=lambda line: (not line.related, line.id)))


def _line(loan: Loan, books: Books, day: dt.date) -> LoanLine:
    booked = sides(loan, books)
    events = [e for e in loans_in(books).events(loan) if e.date <= day]
    moves = booked[0].moves if booked else ()
    rows = schedule(loan, events, moves=moves, until=day)
    owed = {side.entity: side.owed(day) for side in booked}
    lenders = [number for name, number in owed.items() if name != loan.borrower]
    flows = [flow for side in booked for flow in side.flows if flow.date <= day]
    late: list[Missed] = list(missed_instalments(loan, books, "VEIL-011"))
    return LoanLine(
        loan.id,
        loan.lender,
        loan.borrower,
        loan.currency,
        loan.principal,
        loan.rate,
        is_related(loan, books),
        owed_after(rows, loan, day) if rows and not loan.runs_by_days else None,
        owed.get(loan.borrower),
        sum(lenders, Decimal(0)) if lenders else None,
        sum(1 for row in rows if row.what == INSTALMENT and row.due <= day),
        len(late),
        sum(1 for each in late if each.still_open),
        of_entry(loan.entry, books),
        at(loan.entry, books),
        at(max(flows, key=lambda flow: flow.date).txn, books) if flows else "",
    )
