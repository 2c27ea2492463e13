"""The federal rate: free money between related parties is no loan at arm's length.

Below the applicable federal rate the law supplies the interest that the note leaves out (IRC 7872).
Rates are dated facts that the owner enters, one directive for each month and bucket; none is known
to the program::

    2026-01-01 custom "afr" "2026-01" "mid" 4.00
      compounding: "monthly"
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from core.findings import Finding, Severity
from core.journal.books import Books
from core.loans.ledger import is_here, is_related, loans_in, may_touch_a_loan, sides, touches_a_loan
from core.loans.terms import AT_MATURITY, FederalRate, Loan, months_after
from plugins.rule import Rule, Scope
from plugins.veil.declared import worth
from plugins.veil.loans import about_loan

_FREE = "Sham debt; siphoning through free money"
_DE_MINIMIS = Decimal(10000)


@dataclass(frozen=True)
class _Most:
    """The most that was outstanding between two parties, in the currency of the limit.

    ``unpriced`` is the currency and the day of a note that no price could be found for.
    """

    number: Decimal
    unpriced: tuple[str, dt.date] | None


def below_the_federal_rate(books: Books) -> Iterator[Finding]:
    """VEIL-010: more than 10,000 USD between two related parties at less than the applicable
    federal rate. A rate that nobody has entered is asked for.

    Notes in other currencies count in the sum, and are not tested themselves: their rate is not
    the dollar's (Reg. 1.1274-4(d)).
    """
    loans = loans_in(books)
    notes = [
        loan
        for loan in loans.declared.loans.values()
        if is_related(loan, books) and is_here(loan, books)
    ]
    if not any(loan.currency == "USD" for loan in notes):
        return
    limit, unit = _limit(books)
    totals = _highest(notes, unit, books)
    for loan in notes:
        most = totals[loan.lender, loan.borrower]
        if loan.currency != "USD" or (most.number <= limit and not most.unpriced):
            continue
        counted = _counted(most, unit) if most.number <= limit else ""
        months = _months(loan, books)
        for month in months:
            finding = _tested(loan, month, books, loans.declared.rates)
            if finding is not None:
                yield replace(finding, message=finding.message + counted)
                break


def _limit(books: Books) -> tuple[Decimal, str]:
    """The sum up to which nothing is asked, and its currency: a number alone is of dollars."""
    said = books.policy.threshold("VEIL-010", "de-minimis", books.as_of, _DE_MINIMIS)
    if isinstance(said, Amount) and said.number is not None:
        return said.number, said.currency
    return Decimal(said), "USD"


def _counted(most: _Most, unit: str) -> str:
    """Why a sum counts as above the limit that could not be found to be."""
    currency, day = most.unpriced or ("", dt.date.min)
    return (
        f". What is lent in {currency} besides counts as above the limit, since the books have no "
        f"price of {currency} in {unit} on or before {day}: add one"
    )


def _highest(notes: list[Loan], unit: str, books: Books) -> dict[tuple[str, str], _Most]:
    """The most that was outstanding on any day, by lender and borrower, over all their notes.

    A note of which the books have no account yet counts with its principal.
    """
    moves: dict[tuple[str, str], list[tuple[dt.date, str, Decimal]]] = {}
    for loan in notes:
        booked = sides(loan, books)
        lent = booked[0].moves if booked else [(loan.began, loan.principal)]
        of_pair = moves.setdefault((loan.lender, loan.borrower), [])
        of_pair += [(day, loan.currency, number) for day, number in lent]
    priced = _priced({loan.currency for loan in notes} - {unit}, unit, books)
    return {pair: _most(lent, unit, priced, books) for pair, lent in moves.items()}


def _priced(currencies: set[str], unit: str, books: Books) -> dict[str, set[dt.date]]:
    """The days on which what is lent in a currency may come to another sum by its price alone."""
    days: dict[str, set[dt.date]] = {currency: set() for currency in currencies}
    for entry in books.standing if currencies else ():
        if isinstance(entry, data.Price):
            pair = {entry.currency, entry.amount.currency}
            for currency in (pair - {unit}) & currencies if unit in pair else ():
                days[currency].add(entry.date)
    return days


def _most(
    moves: list[tuple[dt.date, str, Decimal]],
    unit: str,
    priced: dict[str, set[dt.date]],
    books: Books,
) -> _Most:
    by_day: dict[dt.date, list[tuple[str, Decimal]]] = {}
    for day, currency, number in moves:
        by_day.setdefault(day, []).append((currency, number))
    for currency in {currency for _, currency, _ in moves} & priced.keys():
        for day in priced[currency]:
            by_day.setdefault(day, [])
    owed: dict[str, Decimal] = {}
    most, unpriced = Decimal(0), None
    for day in sorted(day for day in by_day if day <= books.as_of):
        for currency, number in by_day[day]:
            owed[currency] = owed.get(currency, Decimal(0)) + number
        total = Decimal(0)
        for currency, number in owed.items():
            converted = worth(number, currency, unit, day, books)
            if converted is not None:
                total += converted
            elif number > 0:
                unpriced = unpriced or (currency, day)
        most = max(most, total)
    return _Most(most, unpriced)


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
        "parties, over all their notes (those in other currencies at the day's price; without one "
        "they count as above it), and a note in dollars bears less than the applicable federal "
        "rate of its term in the month of the advance (of a demand note: the year's blended rate, "
        "or this month's short-term one); a loan between a partnership and its partner is an info, "
        "and so is a month whose rate nobody has entered",
        cure="raise the rate by an amendment, or book imputed interest at each year's end; enter "
        'rates by custom "afr" "2026-01" "mid" PERCENT',
        reference="IRC 7872, 1274(d); Reg. 1.1274-4(d)",
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
)
