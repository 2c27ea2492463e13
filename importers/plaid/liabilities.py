"""What a bank says is owed, beside what the books and the loan's schedule say: compared, no more.

A card's last statement is held against the books on its day; what a lender says was paid this year
in interest and principal, against the schedule of the declared loan. Nothing is asserted from it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.entity import Account
from core.journal.books import Books
from core.loans.ledger import loans_in
from core.loans.posting import schedule_of
from core.loans.schedule import INSTALMENT
from core.money import at_cents
from importers.feed.accounts import slug_of
from importers.feed.contract import Item
from importers.feed.night import Due, Owed
from importers.plaid.parse import ODD, loaded, number, odd
from importers.posted import posted

_DUE = "next_payment_due_date"


def owed(content: bytes, item: Item, books: Books) -> Owed:
    """What the answer of ``/liabilities/get`` means for the books.

    Raises PlaidError for one that nobody understands.
    """
    try:
        return _owed(loaded(content, "liabilities"), item, books)
    except ODD as error:
        raise odd("liabilities", error) from error


@dataclass(frozen=True)
class Lent:
    """What a lender says of its newest payment, on ``day``: the ``amount``, and what was paid that
    year up to it in ``interest`` and ``principal``; None where it does not say. ``ref`` is Plaid's
    name of the account."""

    ref: str
    day: dt.date
    amount: Decimal | None
    interest: Decimal | None
    principal: Decimal | None


def lent(content: bytes, item: Item, books: Books) -> list[tuple[Lent, Account]]:
    """The loans of an answer that are accounts of the books, and paid already.

    Raises PlaidError for an answer that nobody understands.
    """
    try:
        said = loaded(content, "liabilities")
        shown = {str(a["account_id"]): a for a in said.get("accounts") or ()}
        kinds = said.get("liabilities") or {}
        found = []
        for each in (*(kinds.get("mortgage") or ()), *(kinds.get("student") or ())):
            ref = str(each.get("account_id"))
            ledger = _ledger(shown.get(ref, {}), item, books)
            day = _day(each, "last_payment_date")
            if ledger is not None and day is not None:
                keys = ("last_payment_amount", "ytd_interest_paid", "ytd_principal_paid")
                found.append((Lent(ref, day, *(_number(each, key) for key in keys)), ledger))
        return found
    except ODD as error:
        raise odd("liabilities", error) from error


@dataclass(frozen=True)
class Billed:
    """A card's last statement: what was owed on the day it was ``issued`` (positive), and until
    when what has to be paid; ``minimum`` is None where the bank does not say."""

    account: Account
    issued: dt.date
    balance: Decimal
    currency: str
    due: dt.date
    minimum: Decimal | None


def billed(content: bytes, item: Item, books: Books) -> list[Billed]:
    """The statements of an answer whose cards are in the books, and that say balance, day and due
    day. Raises PlaidError for an answer that nobody understands."""
    try:
        said = loaded(content, "liabilities")
        shown = {str(a["account_id"]): a for a in said.get("accounts") or ()}
        found = []
        for each in (said.get("liabilities") or {}).get("credit") or ():
            account = shown.get(str(each.get("account_id")), {})
            ledger = _ledger(account, item, books)
            issued, due = _day(each, "last_statement_issue_date"), _day(each, _DUE)
            balance = _number(each, "last_statement_balance")
            currency = (account.get("balances") or {}).get("iso_currency_code")
            is_card = ledger is not None and ledger.role == "card"
            if ledger and is_card and issued and due and balance is not None and currency:
                least = _number(each, "minimum_payment_amount")
                found.append(Billed(ledger, issued, balance, str(currency), due, least))
        return found
    except ODD as error:
        raise odd("liabilities", error) from error


def _owed(said: Mapping[str, Any], item: Item, books: Books) -> Owed:
    shown = {str(a["account_id"]): a for a in said.get("accounts") or ()}
    kinds = said.get("liabilities") or {}
    dues: list[Due] = []
    told: list[tuple[bool, str]] = []
    for kind in ("credit", "mortgage", "student"):
        for each in kinds.get(kind) or ():
            account = shown.get(str(each.get("account_id")), {})
            name = f"{account.get('name') or kind} ({account.get('mask') or 'no number'})"
            due = _due(each, name)
            dues += [due] if due else []
            ledger = _ledger(account, item, books)
            if ledger is not None:
                compare = _card if kind == "credit" else _loan
                told += compare(each, name, ledger, books)
    agrees = tuple(text for holds, text in told if holds)
    return Owed(tuple(dues), agrees, tuple(text for holds, text in told if not holds))


def _due(said: Mapping[str, Any], name: str) -> Due | None:
    day = _day(said, _DUE)
    amount = _number(said, "next_monthly_payment")
    if amount is None:
        amount = _number(said, "minimum_payment_amount")
    return None if day is None else Due(name, day, amount)


def _ledger(account: Mapping[str, Any], item: Item, books: Books) -> Account | None:
    wanted = f"{slug_of(item)}-{account.get('mask')}"
    found = [a for a in books.accounts.values() if a.account_id == wanted and not a.closed]
    return found[0] if len(found) == 1 else None


def _card(
    said: Mapping[str, Any], name: str, account: Account, books: Books
) -> Iterator[tuple[bool, str]]:
    day, statement = (
        _day(said, "last_statement_issue_date"),
        _number(said, "last_statement_balance"),
    )
    if day is None or statement is None:
        return
    rows = posted(books, [account.name])
    held = -sum((row.number for row in rows if row.date <= day), Decimal(0))
    text = f"{name}: the statement of {day} owes {at_cents(statement)}, {account.name} "
    if held == statement:
        yield True, text + "says the same"
    else:
        yield False, text + f"says {at_cents(held)}: {at_cents(statement - held)} apart"


def _loan(
    said: Mapping[str, Any], name: str, account: Account, books: Books
) -> Iterator[tuple[bool, str]]:
    loans = loans_in(books)
    loan = loans.declared.loans.get(loans.by_account.get(account.name, ""))
    paid = _day(said, "last_payment_date")
    if loan is None or paid is None:
        return
    # An instalment may be paid some days after it is due, or before: its month is what counts.
    rows = [
        row
        for row in schedule_of(loan, books, paid)
        if row.what == INSTALMENT and row.due.year == paid.year and row.due.month <= paid.month
    ]
    for what, key in (("interest", "ytd_interest_paid"), ("principal", "ytd_principal_paid")):
        bank = _number(said, key)
        if bank is None:
            continue
        ours = sum((getattr(row, what) for row in rows), Decimal(0))
        text = f"{name}: {at_cents(bank)} {what} paid in {paid.year} up to {paid}, the schedule of "
        text += f"{loan.id} "
        if bank == ours:
            yield True, text + "says the same"
        else:
            yield False, text + f"says {at_cents(ours)}: {at_cents(bank - ours)} apart"


def _day(said: Mapping[str, Any], name: str) -> dt.date | None:
    value = said.get(name)
    return dt.date.fromisoformat(value) if isinstance(value, str) else None


def _number(said: Mapping[str, Any], name: str) -> Decimal | None:
    value = said.get(name)
    return None if value is None else number(value)
