"""Investment accounts at Plaid: what was traded, and what is held.

Plaid's amounts are positive for cash that leaves, its quantities negative for units that leave. It
gives no lots with a trade: a purchase is one, and what came before the first line that it knows has
those that the books have, or waits for them. There is no cursor: two years are asked for each time,
and what is known already changes nothing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from importers.feed.contract import FeedLine
from importers.plaid.parse import ODD, loaded, number, odd
from importers.statement import Action, Position, Security, Trade

_INCOME = {
    "dividend": "DIV",
    "qualified dividend": "DIV",
    "non-qualified dividend": "DIV",
    "interest": "INTEREST",
    "interest receivable": "INTEREST",
    "long-term capital gain": "CGLONG",
    "short-term capital gain": "CGSHORT",
}
_CASH = frozenset({"cash", "fee"})


def lines(pages: Sequence[bytes]) -> tuple[FeedLine, ...]:
    """The lines of all pages of ``/investments/transactions/get``.

    Raises PlaidError for an answer that nobody understands.
    """
    try:
        told = [loaded(page, "investments") for page in pages]
        known = _securities(each for said in told for each in said["securities"])
        return tuple(
            _line(each, known) for said in told for each in said["investment_transactions"]
        )
    except ODD as error:
        raise odd("investments", error) from error


def total(page: bytes) -> int:
    """How many lines there are in all. Raises PlaidError for an odd answer."""
    try:
        return int(loaded(page, "investments")["total_investment_transactions"])
    except ODD as error:
        raise odd("investments", error) from error


def positions(content: bytes, day: dt.date) -> dict[str, tuple[Position, ...]]:
    """What is held at the end of ``day``, by account, of ``/investments/holdings/get``; cash is no
    position. Raises PlaidError for an answer that nobody understands."""
    try:
        said = loaded(content, "holdings")
        known = {str(each["security_id"]): each for each in said["securities"]}
        found: dict[str, list[Position]] = {}
        for each in said["holdings"]:
            security = known[str(each["security_id"])]
            if not is_cash(security):
                held = _position(each, security_of(security), day)
                found.setdefault(str(each["account_id"]), []).append(held)
        return {account: tuple(held) for account, held in found.items()}
    except ODD as error:
        raise odd("holdings", error) from error


def _securities(said: Iterable[Mapping[str, Any]]) -> dict[str, Security | None]:
    """Each security by Plaid's id, None for one that is cash."""
    return {str(s["security_id"]): None if is_cash(s) else security_of(s) for s in said}


def security_of(said: Mapping[str, Any]) -> Security:
    """Plaid's security as ours."""
    kinds = (("cusip", "CUSIP"), ("isin", "ISIN"), ("sedol", "SEDOL"))
    given = [(str(said[key]), kind) for key, kind in kinds if said.get(key)]
    unique, kind = given[0] if given else ("", "")
    ticker = str(said.get("ticker_symbol") or "")
    return Security(str(said.get("name") or ticker or unique), ticker, unique, kind)


def is_cash(said: Mapping[str, Any]) -> bool:
    """Whether Plaid's security is money."""
    return said.get("is_cash_equivalent") is True or said.get("type") == "cash"


def _position(said: Mapping[str, Any], security: Security, day: dt.date) -> Position:
    as_of = said.get("institution_price_as_of")
    return Position(
        security,
        number(said["quantity"]),
        number(said["institution_price"]),
        number(said["institution_value"]),
        day,
        dt.date.fromisoformat(as_of) if as_of else None,
    )


def _line(said: Mapping[str, Any], known: Mapping[str, Security | None]) -> FeedLine:
    security = known.get(str(said.get("security_id") or ""))
    gained = -number(said["amount"])
    units = number(said["quantity"])
    kind, subtype = str(said.get("type") or ""), str(said.get("subtype") or "")
    trade = _trade(said, kind, subtype, security, units, gained) if security else None
    if trade is not None and trade.units and not trade.total:
        gained = Decimal(0)
    currency = said.get("iso_currency_code") or said.get("unofficial_currency_code")
    if not currency:
        raise ValueError(f"line {said['investment_transaction_id']} is in no currency")
    return FeedLine(
        id=str(said["investment_transaction_id"]),
        account=str(said["account_id"]),
        date=dt.date.fromisoformat(said["date"]),
        amount=gained if gained else Decimal(0),
        currency=str(currency),
        payee=str(said.get("name") or ""),
        description=str(said.get("name") or ""),
        category=f"{kind}/{subtype}".strip("/"),
        trade=trade,
        raw=said,
    )


def _trade(
    said: Mapping[str, Any],
    kind: str,
    subtype: str,
    security: Security,
    units: Decimal,
    gained: Decimal,
) -> Trade | None:
    """What a line did to a holding; None where it is about cash alone. A word that is new to us is
    units that came or went, whose lots somebody has to say."""
    price = number(said["price"]) if said.get("price") else None
    fees = number(said["fees"]) if said.get("fees") else Decimal(0)
    if subtype in _INCOME and kind in {*_CASH, "transfer"}:
        return Trade("income", security, total=gained, income=_INCOME[subtype])
    if subtype == "return of principal":
        return Trade("return-of-capital", security, total=gained)
    if not units:
        return None
    if subtype in {"split", "expire"}:
        is_split = subtype == "split"
        done: Action = "split" if is_split else "closure"
        return Trade(done, security, units, income="" if is_split else "EXPIRE")
    if (kind, units > 0) in {("buy", True), ("sell", False)} and gained:
        done = "buy" if units > 0 else "sell"
        return Trade(done, security, units, price, fees=fees, total=gained)
    # Plaid says what units are worth that come or go in kind: no cash has moved.
    paid = gained if kind in {"buy", "sell", "cancel"} else Decimal(0)
    return Trade("transfer", security, units, price, total=paid)
