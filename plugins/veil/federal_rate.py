"""The federal rate: free money between related parties is no loan at arm's length.

Below the applicable federal rate the law supplies the interest that the note leaves out (IRC 7872).
Rates are dated facts that the owner enters, one directive for each month and bucket; none is known
to the program::

    2026-01-01 custom "afr" "2026-01" "mid" 4.00
      compounding: "monthly"
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from core.findings import Finding, Severity
from core.journal.books import Books
from core.loans.ledger import is_here, is_related, loans_in, may_touch_a_loan, sides, touches_a_loan
from core.loans.terms import AT_MATURITY, FederalRate, Loan, months_after
from plugins.rule import Rule, Scope
from plugins.veil.loans import about_loan

_FREE = "Sham debt; siphoning through free money"
_DE_MINIMIS = Decimal(10000)


def below_the_federal_rate(books: Books) -> Iterator[Finding]:
    """VEIL-010: more than 10,000 USD between two related parties at less than the applicable
    federal rate. A rate that nobody has entered is asked for."""
    loans = loans_in(books)
    notes = [
        loan
        for loan in loans.declared.loans.values()
        if is_related(loan, books) and is_here(loan, books)
    ]
    totals = _highest(notes, books)
    for loan in notes:
        limit = books.policy.threshold("VEIL-010", "de-minimis", books.as_of, _DE_MINIMIS)
        limit = getattr(limit, "number", limit)
        if loan.currency != "USD" or totals[loan.lender, loan.borrower] <= Decimal(limit):
            continue
        months = _months(loan, books)
        for month in months:
            finding = _tested(loan, month, books, loans.declared.rates)
            if finding is not None:
                yield finding
                break


def _highest(notes: list[Loan], books: Books) -> dict[tuple[str, str], Decimal]:
    """The most that was outstanding on any day, by lender and borrower, over all their notes.

    A note of which the books have no account yet counts with its principal.
    """
    moves: dict[tuple[str, str], dict[dt.date, Decimal]] = {}
    for loan in notes:
        if loan.currency != "USD":
            continue
        by_day = moves.setdefault((loan.lender, loan.borrower), {})
        booked = sides(loan, books)
        lent = booked[0].moves if booked else [(loan.began, loan.principal)]
        for day, number in lent:
            by_day[day] = by_day.get(day, Decimal(0)) + number
    highest = {}
    for pair, by_day in moves.items():
        total = most = Decimal(0)
        for day in sorted(by_day):
            total += by_day[day]
            if day <= books.as_of:
                most = max(most, total)
        highest[pair] = most
    return highest


def _months(loan: Loan, books: Books) -> list[str]:
    """The months whose rate counts: of the advances; of a demand note today's. A note that is older
    than the books was advanced when it began."""
    if loan.runs_by_days and loan.ends is None:
        return [f"{books.as_of:%Y-%m}"]
    booked = sides(loan, books)
    advances = [f.date for f in booked[0].flows if f.lent > 0] if booked else []
    if advances and loan.first_due and advances[0] >= loan.first_due:
        advances[0] = loan.began
    return list(dict.fromkeys(f"{day:%Y-%m}" for day in advances or [loan.began]))


def _tested(loan: Loan, month: str, books: Books, rates: tuple[FederalRate, ...]) -> Finding | None:
    bucket = _bucket(loan)
    row = _row(loan, month, bucket, rates)
    if row is None:
        message = (
            f"the note {loan.id} of {loan.borrower} to {loan.lender} cannot be tested: no federal "
            f"rate ({bucket}-term) of {month} is entered; look it up and add the directive"
        )
        fix = f'; {month}-01 custom "afr" "{month}" "{bucket}" PERCENT'
        return about_loan(
            loan, books, "VEIL-010", _FREE, Severity.INFO, message, what=month, fix=fix
        )
    rate = loan.rate or Decimal(0)
    if rate >= row.percent:
        return None
    message = (
        f"the note {loan.id} bears {rate.normalize():f} percent, less than the federal rate of "
        f"{row.percent} percent ({row.bucket}, {row.month}); raise the rate, or book the interest "
        "that the law imputes at each year's end"
    )
    severity = Severity.INFO if _is_partner_loan(loan, books) else Severity.WARNING
    wanted = ("the amended note, or the computation of imputed interest",)
    return about_loan(
        loan, books, "VEIL-010", _FREE, severity, message, what=month, evidence=wanted
    )


def _bucket(loan: Loan) -> str:
    """The term's bucket: up to and with three years short, up to and with nine mid (1274(d))."""
    ends = loan.ends
    if ends is None or ends <= months_after(loan.began, 36):
        return "short"
    return "mid" if ends <= months_after(loan.began, 108) else "long"


def _row(loan: Loan, month: str, bucket: str, rates: tuple[FederalRate, ...]) -> FederalRate | None:
    """The rate to compare with: of the note's own compounding, else compounded annually, which is
    never lower; of a demand note the year's blended rate first."""
    wanted = [(month, bucket)]
    if loan.ends is None:
        wanted.insert(0, (month[:4], "blended"))
    often = "annual" if loan.schedule == AT_MATURITY else loan.schedule
    for when, which in wanted:
        rows = {r.compounding: r for r in rates if (r.month, r.bucket) == (when, which)}
        found = rows.get(often) or rows.get("annual")
        if found:
            return found
    return None


def _is_partner_loan(loan: Loan, books: Books) -> bool:
    """Between a partnership and a partner: 7872(c)(1) names no such loans."""
    for company, partner in ((loan.lender, loan.borrower), (loan.borrower, loan.lender)):
        entity = books.registry.entities.get(company)
        if entity and entity.tax_class == "partnership":
            return partner in books.registry.owners(company, books.as_of)
    return False


RULES = (
    Rule(
        "VEIL-010",
        "Below the federal rate",
        _FREE,
        Scope.ENTITY,
        True,
        below_the_federal_rate,
        meaning="more than 10,000 USD (de-minimis) was outstanding on some day between two related "
        "parties, over all their notes, and a note bears less than the applicable federal rate of "
        "its term in the month of the advance (of a demand note: the year's blended rate, or this "
        "month's short-term one); a loan between a partnership and its partner is an info, and so "
        "is a month whose rate nobody has entered",
        cure="raise the rate by an amendment, or book imputed interest at each year's end; enter "
        'rates by custom "afr" "2026-01" "mid" PERCENT',
        reference="IRC 7872, 1274(d)",
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
)
