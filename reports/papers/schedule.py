"""The schedule of a loan with level payments, and what its directive says.

Interest of a month is the balance at a twelfth of the yearly rate, rounded half up; the last
payment is what is left with its interest (DOMAIN G, worked case I-2).
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import amount, data

from core.findings import UserError
from core.journal.books import Books
from core.money import round_half_up

_LONGEST = 1200  # a hundred years of months


@dataclass(frozen=True)
class Instalment:
    """A payment and how it divides; ``balance`` is what is owed after it."""

    number: int
    due: dt.date
    payment: Decimal
    interest: Decimal
    principal: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Loan:
    """A ``custom "loan"`` directive. ``rate`` is in percent a year; ``maturity`` is None for a loan
    on demand; ``term`` counts payments, 0 where the directive does not say."""

    name: str
    lender: str
    borrower: str
    principal: Decimal
    currency: str
    rate: Decimal
    start: dt.date
    first_payment: dt.date
    maturity: dt.date | None
    schedule: str
    term: int
    payment: Decimal | None
    entry: data.Custom

    @property
    def is_monthly(self) -> bool:
        """Whether it is paid back in level monthly payments."""
        return self.schedule == "monthly" and self.entry.meta.get("day-count") != "act/365"


def loan_named(books: Books, name: str) -> Loan:
    """The loan that the registry declares under this name; raises UserError where there is none, or
    where a note could not be written from what it says."""
    known = []
    for entry in books.standing:
        values = [v.value for v in entry.values] if isinstance(entry, data.Custom) else []
        if not values or not isinstance(entry, data.Custom) or entry.type != "loan":
            continue
        known.append(str(values[0]))
        if known[-1].casefold() == name.casefold():
            return _loan(entry, values, books)
    raise UserError(
        f"there is no loan '{name}'",
        hint=f"known: {', '.join(known) or 'none'}; a loan is declared by "
        f'custom "loan" "{name}" "LENDER" "BORROWER" 10000.00 USD with rate:, maturity:, schedule:',
    )


def instalments(loan: Loan) -> tuple[Instalment, ...]:
    """Every payment of a monthly loan; empty for any other."""
    count = loan.term or _count(loan)
    if not loan.is_monthly or (not count and not loan.payment):
        return ()
    payment = loan.payment or level_payment(loan.principal, loan.rate, count)
    out: list[Instalment] = []
    balance = loan.principal
    while balance > 0 and len(out) < _LONGEST:
        number = len(out) + 1
        interest = round_half_up(balance * loan.rate / 1200)
        principal = payment - interest
        if principal <= 0:
            return ()  # the payment does not even cover the interest: there is no schedule
        if number == count or principal > balance:
            principal = balance
        balance -= principal
        due = later(loan.first_payment, number - 1)
        out.append(Instalment(number, due, principal + interest, interest, principal, balance))
    return tuple(out)


def level_payment(principal: Decimal, rate: Decimal, count: int) -> Decimal:
    """The payment of each month: P·i ÷ (1 − (1+i)^−n), rounded half up; ``rate`` percent a year."""
    monthly = rate / 1200
    if not monthly:
        return round_half_up(principal / count)
    return round_half_up(principal * monthly / (1 - (1 + monthly) ** -count))


def later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _count(loan: Loan) -> int:
    """The payments from the first to the maturity, where that is a month's day."""
    if loan.maturity is None:
        return 0
    first, last = loan.first_payment, loan.maturity
    return max(0, (last.year - first.year) * 12 + last.month - first.month + 1)


def _loan(entry: data.Custom, values: list[Any], books: Books) -> Loan:
    meta = entry.meta
    if len(values) != 4 or not isinstance(values[3], amount.Amount) or values[3].number is None:
        raise _lacks(entry, books, "four values", 'custom "loan" "N-01" "Jane" "Acme" 1000.00 USD')
    if not isinstance(meta.get("rate"), Decimal):
        raise _lacks(entry, books, "its rate", "rate: 5.00")
    maturity = meta.get("maturity")
    term = meta.get("term")
    if not isinstance(maturity, dt.date) and maturity != "demand" and not term:
        raise _lacks(entry, books, "its end", 'maturity: 2028-02-01 (or "demand"), or term: 24')
    start = _day(meta, "start") or entry.date
    first = _day(meta, "first-payment") or later(start, 1)
    payment = meta.get("payment")
    return Loan(
        name=str(values[0]),
        lender=str(values[1]),
        borrower=str(values[2]),
        principal=values[3].number,
        currency=values[3].currency,
        rate=meta["rate"],
        start=start,
        first_payment=first,
        maturity=maturity if isinstance(maturity, dt.date) else _end(maturity, first, term),
        schedule=str(meta.get("schedule", "monthly" if term or payment else "")),
        term=int(term) if isinstance(term, Decimal) else 0,
        payment=payment.number if isinstance(payment, amount.Amount) else None,
        entry=entry,
    )


def _end(maturity: object, first: dt.date, term: object) -> dt.date | None:
    if maturity == "demand" or not isinstance(term, Decimal):
        return None
    return later(first, int(term) - 1)


def _day(meta: Mapping[str, Any], key: str) -> dt.date | None:
    value = meta.get(key)
    return value if isinstance(value, dt.date) else None


def _lacks(entry: data.Custom, books: Books, what: str, wanted: str) -> UserError:
    file, line = books.where(entry)
    return UserError(
        f"the loan directive does not say {what}", file=file, line=line, hint=f"add: {wanted}"
    )
