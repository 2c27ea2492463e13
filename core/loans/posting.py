"""An instalment as entries: a half for each party that keeps books here, split as scheduled."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import amount, data

from core.entity import Account, Entity
from core.findings import UserError
from core.journal.books import Books
from core.loans.compare import CENT
from core.loans.ledger import (
    REPAYMENT,
    Side,
    is_related,
    lender_on,
    loans_in,
    sides,
)
from core.loans.schedule import INSTALMENT, Row, owed_after, schedule
from core.loans.terms import CREDIT_LINE, Loan
from core.money import at_cents
from core.period import Period

_LINK = re.compile(r"[A-Za-z0-9\-_/.]+")


@dataclass(frozen=True)
class Half:
    """One party's entry of an instalment."""

    entity: Entity
    txn: data.Transaction


@dataclass(frozen=True)
class _Party:
    """One side's books, and who is on the other side."""

    entity: Entity
    other: str
    side: Side | None
    pays: bool


def schedule_of(loan: Loan, books: Books, until: dt.date) -> tuple[Row, ...]:
    """The loan's schedule, on what the books lent where interest runs by days up to ``until``."""
    booked = sides(loan, books)
    moves = booked[0].moves if booked else []
    return schedule(loan, loans_in(books).events(loan), moves=moves, until=until)


def instalment_in(loan: Loan, month: Period, books: Books) -> tuple[Row, list[str]]:
    """The instalment that falls due in a month, and what a person should know before it is booked.

    Raises UserError where none does, or where it has been booked already.
    """
    rows = schedule_of(loan, books, month.last)
    row = next(
        (r for r in rows if r.what == INSTALMENT and month.first <= r.due <= month.last), None
    )
    if row is None:
        dues = [r.due for r in rows if r.what == INSTALMENT]
        later = next((day for day in dues if day > month.last), None)
        hint = f"the next one is due on {later}" if later else "books veil loan NOTE shows them all"
        raise UserError(f"no instalment of {loan.id} is due in {month.name}", hint=hint)
    booked = sides(loan, books)
    if not booked:
        return row, []
    _refuse_twice(loan, row, rows, booked[0], books)
    before = [r for r in rows if r.due < row.due]
    owed, said = booked[0].owed(row.due), owed_after(before, loan, row.due)
    if loan.runs_by_days or abs(owed - said) <= CENT:
        return row, []
    return row, [
        f"the books owe {at_cents(owed)} {loan.currency} before this instalment, the schedule "
        f"{at_cents(said)}: book what is missing first, or correct the split"
    ]


def _refuse_twice(loan: Loan, row: Row, rows: Sequence[Row], side: Side, books: Books) -> None:
    only_interest = loan.kind == CREDIT_LINE
    upto = [r for r in rows if side.entered < r.due <= row.due]
    due = sum((r.interest if only_interest else r.payment for r in upto), Decimal(0))
    paid = Decimal(0)
    for flow in side.payments:
        paid += flow.interest + (Decimal(0) if only_interest else flow.repaid)
        if paid > due - CENT * len(upto):
            file, line = books.where(flow.txn)
            raise UserError(
                f"instalment {row.number} of {loan.id} has been booked",
                file=file,
                line=line,
                hint="take that entry back first if it is wrong",
            )


def halves(
    loan: Loan, row: Row, books: Books, *, link: str, paid_from: str = "", paid_to: str = ""
) -> list[Half]:
    """The entries of one instalment: the borrower's, then the lender's, as far as they keep books
    here. ``link`` joins the two; a stranger's loan is linked ``^loan-<id>``.

    ``paid_from`` and ``paid_to`` are the bank accounts; without them those of the last payment, or
    the only ones. Raises UserError where an account is not there or cannot be chosen.
    """
    parties = _parties(loan, row, books)
    if not parties:
        raise UserError(f"neither {loan.lender} nor {loan.borrower} keeps books here")
    total = max(each.number for each in schedule_of(loan, books, row.due))
    of_all = f" of {total}" if not loan.runs_by_days else ""
    said = f"Note {loan.id}, instalment {row.number}{of_all}"
    links = {link} if is_related(loan, books) else {f"loan-{loan.id}"}
    links = {each for each in links if _LINK.fullmatch(each)}
    given = {True: paid_from, False: paid_to}
    return [
        Half(
            party.entity, _entry(loan, row, party, books, said, frozenset(links), given[party.pays])
        )
        for party in parties
    ]


def _parties(loan: Loan, row: Row, books: Books) -> list[_Party]:
    lender = lender_on(loan, loans_in(books).events(loan), row.due)
    booked = {side.entity: side for side in sides(loan, books)}
    found = []
    for name, other, pays in ((loan.borrower, lender, True), (lender, loan.borrower, False)):
        entity = books.registry.named(name)
        if entity is not None and entity.books:
            found.append(_Party(entity, other, booked.get(entity.name), pays))
    return found


def _entry(
    loan: Loan,
    row: Row,
    party: _Party,
    books: Books,
    said: str,
    links: frozenset[str],
    bank: str,
) -> data.Transaction:
    sign = 1 if party.pays else -1
    parts: list[tuple[str, Decimal]] = []
    if row.principal:
        parts.append((_loan_account(loan, party, books), row.principal))
    if row.interest:
        parts.append((_interest_account(loan, party, books), row.interest))
    if row.escrow and party.pays:
        parts.append((_known(loan.escrow_account, party, books), row.escrow))
    moved = sum((number for _, number in parts), Decimal(0))
    parts.append((_bank_account(loan, party, books, bank), -moved))
    postings = [_posting(account, sign * number, loan.currency) for account, number in parts]
    if not party.pays:
        postings.insert(0, postings.pop())  # the money first, as one reads a receipt
    other = books.registry.named(party.other)
    meta: dict[str, str | int] = {"filename": "<loan>", "lineno": 0}
    if other is not None:
        meta |= {"transfer": REPAYMENT, "counterparty": other.name}
    meta["note"] = loan.id
    payee = (other.legal_name or other.name) if other else party.other
    return data.Transaction(meta, row.due, "*", payee, said, data.EMPTY_SET, links, postings)


def _posting(account: str, number: Decimal, currency: str) -> data.Posting:
    units = amount.Amount(number.quantize(CENT), currency)
    return data.Posting(account, units, None, None, None, {})


def _loan_account(loan: Loan, party: _Party, books: Books) -> str:
    for account in party.side.accounts if party.side else ():
        if books.accounts[account].line != "current-portion-of-loans":
            return account
    kind = ("Liabilities", "LoanFrom") if party.pays else ("Assets", "LoanTo")
    name = f"{kind[0]}:{party.entity.name}:{kind[1]}:{party.other}:{loan.id}"
    raise UserError(
        f"{party.entity.name} has no account for the loan {loan.id}",
        hint=f"open one, such as {name}, or name it on the loan: account: …",
    )


def _interest_account(loan: Loan, party: _Party, books: Books) -> str:
    for flow in reversed(party.side.payments if party.side else ()):
        if flow.interest_accounts:
            return flow.interest_accounts[0]
    role = "interest-expense" if party.pays else "interest-income"
    own = [a for a in _own(party, books) if a.role == role]
    related = [a.name for a in own if a.counterparty == party.other]
    plain = [a.name for a in own if not a.counterparty]
    chosen = related[:1] or (plain[:1] if len(plain) == 1 else [])
    if chosen:
        return chosen[0]
    root = "Expenses" if party.pays else "Income"
    raise UserError(
        f"{party.entity.name} has no account for the interest of {loan.id}",
        hint=f"open one, such as {root}:{party.entity.name}:Interest:{party.other}, with "
        f'role: "{role}" and counterparty: "{party.other}"',
    )


def _bank_account(loan: Loan, party: _Party, books: Books, given: str) -> str:
    if given:
        return _known(given, party, books)
    for flow in reversed(party.side.payments if party.side else ()):
        if flow.cash:
            return flow.cash[0]
    own = [a.name for a in _own(party, books) if a.role == "bank"]
    own = [a for a in own if books.accounts[a].currencies in {(), (loan.currency,)}]
    if len(own) == 1:
        return own[0]
    option = "--from" if party.pays else "--to"
    found = f"{party.entity.name} has {', '.join(own)}" if own else f"{party.entity.name} has none"
    raise UserError("which bank account?", hint=f"name it by {option}; {found}")


def _known(account: str, party: _Party, books: Books) -> str:
    if account in {a.name for a in _own(party, books)}:
        return account
    raise UserError(
        f"{party.entity.name} has no account {account}", hint="correct the name, or open it first"
    )


def _own(party: _Party, books: Books) -> list[Account]:
    own = [a for a in books.accounts.values() if a.entity == party.entity.name]
    return [a for a in own if a.closed is None]
