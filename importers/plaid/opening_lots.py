"""The lots that an investment account held before the first line that Plaid knows of it.

Plaid says the lots of what is held today, where the bank gives them, and the lines of two years. A
lot that was acquired before the first line, of a security of which nothing has left since, was held
all the time: it is booked as an opening line. Where units have left, nobody knows which lots they
were; where a lot has no day or no cost, none is made up: then what is held is compared, and told.

An opening line is one of the run that first sees the account, and of no later one
(``importers/feed/plan.py``).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.money import at_cents
from importers.feed.contract import OPENING, FeedLine
from importers.plaid.investments import is_cash, security_of
from importers.plaid.parse import ODD, loaded, number, odd
from importers.statement import Trade


def opening_lots(
    content: bytes, lines: Iterable[FeedLine], day: dt.date
) -> tuple[tuple[FeedLine, ...], tuple[str, ...]]:
    """The opening lines of an answer of ``/investments/holdings/get``, beside the ``lines`` of its
    accounts up to ``day``; and what to tell of holdings that they leave open.

    Raises PlaidError for an answer that nobody understands.
    """
    trades = [line for line in lines if line.trade]
    opened: list[FeedLine] = []
    told: list[str] = []
    try:
        said = loaded(content, "holdings")
        known = {str(each["security_id"]): each for each in said["securities"]}
        for each in said["holdings"]:
            security = known[str(each["security_id"])]
            if is_cash(security):
                continue
            account = str(each["account_id"])
            dates = [line.date for line in trades if line.account == account]
            first = min(dates, default=day)
            moved = _moved(trades, account, security)
            found, why = _lots(each, security, moved, first)
            opened += found
            told += [why] if why else []
    except ODD as error:
        raise odd("holdings", error) from error
    return tuple(opened), tuple(told)


def _moved(trades: Sequence[FeedLine], account: str, security: Mapping[str, Any]) -> list[Decimal]:
    """The units that the lines of a security moved."""
    wanted = security_of(security)
    own = (line.trade for line in trades if line.account == account and line.trade)
    return [trade.units for trade in own if trade.security == wanted and trade.units]


def _lots(
    held: Mapping[str, Any], security: Mapping[str, Any], moved: Sequence[Decimal], first: dt.date
) -> tuple[list[FeedLine], str]:
    """The opening lines of one holding, or why there are none though something was there."""
    before = number(held["quantity"]) - sum(moved, Decimal(0))
    if not before:
        return [], ""
    name = str(security.get("ticker_symbol") or security.get("name") or "a security")
    basis = held.get("cost_basis")
    cost = f"; in all it cost {at_cents(number(basis))}, as the bank says" if basis else ""
    text = f"{name}: {before.normalize():f} held before the first line"
    if any(units < 0 for units in moved):
        return [], f"{text}, and some were sold since: which lots, Plaid does not say{cost}"
    given = [_lot(lot) for lot in held.get("tax_lots") or ()]
    lots = [lot for lot in given if lot and lot[1] < first]
    if given and sum(units for units, _, _ in lots) != before:
        return [], f"{text}, and the bank gives no lots that add up to it{cost}"
    account, currency = str(held["account_id"]), held.get("iso_currency_code")
    if not lots or not currency:
        return [], f"{text}, and the bank gives no lots of it{cost}"
    opening_day = first - dt.timedelta(days=1)
    return [
        FeedLine(
            id=f"{OPENING}{account}/{security['security_id']}/{place}",
            account=account,
            date=opening_day,
            amount=Decimal(0),
            currency=str(currency),
            payee="",
            description="",
            trade=Trade("opening", security_of(security), units, total=-total, acquired=acquired),
            raw=dict(held),
        )
        for place, (units, acquired, total) in enumerate(lots)
    ], ""


def _lot(said: Mapping[str, Any]) -> tuple[Decimal, dt.date, Decimal] | None:
    """Units, day and cost of a lot; None for one that does not say all three."""
    moment, units = said.get("original_purchase_datetime"), said.get("quantity")
    if not moment or not units or said.get("position_type") == "SHORT":
        return None
    count = number(units)
    if said.get("cost_basis") is not None:
        total = number(said["cost_basis"])
    elif said.get("purchase_price") is not None:
        total = number(said["purchase_price"]) * count
    else:
        return None
    # The day as the bank writes it: another zone would make it another day.
    return (count, dt.date.fromisoformat(str(moment)[:10]), total) if count > 0 else None
