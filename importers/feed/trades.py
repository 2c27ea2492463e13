"""A trade as JSON, with exact numbers as text: a line of a feed keeps it in the file of its run."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from core.money import plain
from importers.statement import Security, Trade

_NUMBERS = frozenset(
    "units price commission fees withholding total cost numerator denominator accrued".split()
)
_ACTIONS = frozenset(
    "buy sell reinvest income expense transfer split return-of-capital journal closure "
    "opening".split()
)


def as_json(trade: Trade) -> dict[str, Any]:
    """The trade, without what is not said."""
    said: dict[str, Any] = {}
    for name, value in vars(trade).items():
        if isinstance(value, Security):
            said[name] = {key: text for key, text in asdict(value).items() if text or key == "name"}
        elif isinstance(value, Decimal):
            said |= {name: plain(value)} if value else {}
        elif isinstance(value, dt.date):
            said[name] = value.isoformat()
        elif value:
            said[name] = value
    return said


def from_json(said: Mapping[str, Any]) -> Trade:
    """The trade that ``as_json`` was given. Raises ValueError, KeyError or TypeError for another,
    and ArithmeticError for a number that is none."""
    more: dict[str, Any] = {
        field.name: said[field.name] for field in fields(Trade) if field.name in said
    }
    for name in _NUMBERS & more.keys():
        more[name] = Decimal(more[name])
        if not more[name].is_finite():
            raise ValueError(f"{name} is no number")
    if "acquired" in more:
        more["acquired"] = dt.date.fromisoformat(more["acquired"])
    if more["action"] not in _ACTIONS:
        raise ValueError(f"{more['action']} is no trade")
    more["security"] = Security(**{key: str(text) for key, text in said["security"].items()})
    return Trade(**more)
