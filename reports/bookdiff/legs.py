"""Postings and metadata as they compare: layout does not count."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.position import Cost

_OWN = {"filename", "lineno"}
Said = tuple[tuple[str, str, Any], ...]  # metadata: key, type and value, in order


class Leg(NamedTuple):
    """A posting: its account, units, cost (number, currency, date, label), price per unit."""

    account: str
    number: Decimal | None
    currency: str
    cost: tuple[Any, ...] | None
    price: tuple[Any, ...] | None
    flag: str
    meta: Said


class Weight(NamedTuple):
    """What a posting moves in the books: its units, and their cost in the cost's currency."""

    number: Decimal
    currency: str
    cost: Decimal
    cost_currency: str


def weight(leg: Leg) -> Weight | None:
    """What a leg moves; None where it was never booked."""
    if leg.number is None:
        return None
    if leg.cost and isinstance(leg.cost[0], Decimal):
        return Weight(leg.number, leg.currency, leg.number * leg.cost[0], leg.cost[1])
    return Weight(leg.number, leg.currency, leg.number, leg.currency)


def leg_of(posting: data.Posting) -> Leg:
    """A posting as it compares."""
    units, cost, price = posting.units, posting.cost, posting.price
    number = getattr(units, "number", None)
    return Leg(
        posting.account,
        number if isinstance(number, Decimal) else None,
        str(getattr(units, "currency", "") or ""),
        _lot(cost) if cost is not None else None,
        (price.number, price.currency) if price is not None else None,
        posting.flag or "",
        said(posting.meta) if posting.meta else (),
    )


def _lot(cost: Any) -> tuple[Any, ...]:
    if isinstance(cost, Cost):
        return (cost.number, cost.currency, cost.date, cost.label)
    return ("not booked", repr(cost))


def ordered(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """In an order that does not depend on how they are written."""
    return tuple(sorted(legs, key=_place))


def _place(leg: Leg) -> tuple[Any, ...]:
    rest = (leg.cost, leg.price, leg.flag, leg.meta)
    more = repr(rest) if any(rest) else ""
    return leg.account, leg.currency, leg.number or Decimal(0), more


def moves(leg: Leg, day: dt.date) -> tuple[Any, ...]:
    """What it does to balances: a lot that it opens itself is of its own day."""
    cost = leg.cost
    if cost and cost[2:3] == (day,):
        cost = (*cost[:2], None, *cost[3:])
    return leg.account, _bare(leg.number), leg.currency, _each(cost), _each(leg.price)


def _bare(value: Any) -> Any:
    """A number without the zeros at its end, so that equal ones are written alike."""
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def _each(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(map(_bare, values))


def said(meta: Mapping[str, Any] | None) -> Said:
    """Metadata that a person or a program wrote, in order, without what Beancount adds."""
    kept = [
        (key, type(value).__name__, comparable(value))
        for key, value in (meta or {}).items()
        if key not in _OWN and not key.startswith("__")
    ]
    return tuple(sorted(kept, key=lambda item: item[0])) if kept else ()


def comparable(value: Any) -> Any:
    """A value that can be compared with any other: Beancount's amounts cannot."""
    return ("amount", *tuple(value)) if isinstance(value, Amount) else value
