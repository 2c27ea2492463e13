"""Plaid's JSON, read from the file that holds it: accounts, lines and pages in the owner's view.

Plaid's amounts are positive for money out, of assets and of cards alike; its balances of cards and
loans are positive for what is owed. What it calls things (categories, types, channels) may be new
to us, and is text.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.money import DIGITS
from importers.feed import exact
from importers.feed.connections import Known
from importers.feed.contract import FeedAccount, FeedLine, Page
from importers.plaid.errors import PlaidError

# What reading an answer raises that is not what it should be.
ODD = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
_KINDS = {
    "depository": "bank",
    "credit": "card",
    "investment": "investment",
    "brokerage": "investment",
}


def loaded(content: bytes, what: str) -> Mapping[str, Any]:
    """The answer as JSON with exact numbers. Raises PlaidError for what is no object."""
    try:
        said = exact.loads(content)
    except ValueError as error:
        raise odd(what, error) from error
    if not isinstance(said, dict):
        raise odd(what, "not an object")
    return said


def accounts(content: bytes, day: dt.date) -> tuple[FeedAccount, ...]:
    """The accounts of ``/accounts/get``, with their balances as of ``day``."""
    said = loaded(content, "accounts")
    try:
        return tuple(_account(each, day) for each in said["accounts"])
    except ODD as error:
        raise odd("accounts", error) from error


def shown(said: Mapping[str, Any]) -> Known:
    """An account as the page of a link names it, before anything is fetched."""
    kind = str(said.get("type") or "")
    return Known(
        str(said.get("id") or ""),
        str(said.get("mask") or ""),
        str(said.get("name") or ""),
        _KINDS.get(kind, kind),
    )


def billed(content: bytes) -> tuple[str, ...]:
    """The products that an Item is billed for, of ``/accounts/get`` or ``/item/get``."""
    try:
        item = loaded(content, "item").get("item") or {}
        return tuple(sorted(str(name) for name in item.get("billed_products") or ()))
    except ODD as error:
        raise odd("item", error) from error


def permitted_until(content: bytes) -> dt.date | None:
    """The day on which the owner's permission ends, of ``/accounts/get``; None where none is."""
    try:
        said = (loaded(content, "item").get("item") or {}).get("consent_expiration_time")
        return dt.date.fromisoformat(str(said)[:10]) if said else None
    except ODD as error:
        raise odd("item", error) from error


def item_error(content: bytes) -> str:
    """The code of the error that an Item is in, of ``/item/get``; empty: it is well."""
    try:
        item = loaded(content, "item").get("item") or {}
        return str((item.get("error") or {}).get("error_code") or "")
    except ODD as error:
        raise odd("item", error) from error


def page(content: bytes) -> Page:
    """A page of ``/transactions/sync``. Raises PlaidError for one that nobody can read."""
    said = loaded(content, "transactions")
    try:
        return Page(
            tuple(_line(each) for each in said["added"]),
            tuple(_line(each) for each in said["modified"]),
            tuple(_text(each, "transaction_id") for each in said["removed"]),
            _text(said, "next_cursor"),
            said["has_more"] is True,
        )
    except ODD as error:
        raise odd("transactions", error) from error


def is_ready(content: bytes) -> bool:
    """Whether the bank has fetched anything yet."""
    said = loaded(content, "transactions")
    return bool(said.get("next_cursor")) or said.get("transactions_update_status") != "NOT_READY"


def number(value: object) -> Decimal:
    """A number of the JSON, exactly. Raises TypeError for what is none, ValueError for one that
    arithmetic would round."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{value!r} is no number")
    number = Decimal(value)
    if len(number.as_tuple().digits) > DIGITS or number.adjusted() >= DIGITS:
        raise ValueError(f"{str(value)[:30]} has more than {DIGITS} digits")
    return number


def _account(said: Mapping[str, Any], day: dt.date) -> FeedAccount:
    balances = said["balances"]
    current = balances.get("current")
    kind = str(said.get("type") or "")
    owed = kind in {"credit", "loan"}
    # Of an investment account it is what all of it is worth, not the cash that its lines move.
    is_cash = _KINDS.get(kind) != "investment"
    balance = None if current is None or not is_cash else number(current)
    return FeedAccount(
        _text(said, "account_id"),
        str(said.get("mask") or ""),
        str(said.get("name") or said.get("official_name") or ""),
        _KINDS.get(kind, kind),
        str(balances.get("iso_currency_code") or balances.get("unofficial_currency_code") or "")
        or None,
        _negative(balance) if owed and balance is not None else balance,
        day,
    )


def _line(said: Mapping[str, Any]) -> FeedLine:
    authorized = said.get("authorized_date")
    name, category = str(said.get("name") or ""), said.get("personal_finance_category") or {}
    currency = said.get("iso_currency_code") or said.get("unofficial_currency_code")
    if not currency:
        raise ValueError(f"line {said['transaction_id']} is in no currency")
    return FeedLine(
        id=_text(said, "transaction_id"),
        account=_text(said, "account_id"),
        date=dt.date.fromisoformat(said["date"]),
        amount=_negative(number(said["amount"])),
        currency=str(currency),
        payee=str(said.get("merchant_name") or name),
        authorized=dt.date.fromisoformat(authorized) if authorized else None,
        description=str(said.get("original_description") or name),
        pending=said.get("pending") is True,
        pending_id=str(said.get("pending_transaction_id") or ""),
        category=str(category.get("detailed") or category.get("primary") or ""),
        raw=said,
    )


def _negative(value: Decimal) -> Decimal:
    """The number with its other sign, every digit of it; there is one zero."""
    return value.copy_negate() if value else value


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def odd(what: str, why: object) -> PlaidError:
    """The error for an answer that nobody understands."""
    return PlaidError(
        f"Plaid's answer about {what} is not understood ({type(why).__name__}: {why}); nothing was "
        "written",
        hint="the answer is kept below .books/feed/; run the command again, and report it if it "
        "stays so",
    )
