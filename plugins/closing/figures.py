"""The figures of a closed period: what its statements say, whatever wrote it (DOMAIN D3).

The hash over entries does not see that a pad, a price or an option changed a figure. So a seal has
a second one, ``figures:``, over these lines, one JSON object each, keys sorted, numbers without
trailing zeros, lines sorted by their bytes:

- the closing balance of each account at the period's end, after padding, by currency and lot;
- the net change of each account within the period, likewise;
- the prices dated in the period of what the entity holds or moved;
- what changes figures without an entry: tolerances, the booking methods, the entity's currency.

What is zero is left out. The hash is SHA-256 in hex over ``bcf1``, the entity, the period as it is
written, and the lines, each ended by a line feed.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from beancount.core import data
from beancount.core.position import Cost

from core.entity import Account
from core.journal.books import Books
from core.money import plain
from core.seal import Seal

FORM = "bcf1"
_OPTIONS = (
    "booking_method",
    "tolerance_multiplier",
    "inferred_tolerance_multiplier",
    "infer_tolerance_from_cost",
)

# account, then currency or currency and lot, to what it holds or was changed by
Held = Mapping[tuple[str, str], Decimal]
# the same by month, as YYYY-MM
ByMonth = Mapping[str, Mapping[tuple[str, str], Decimal]]


def by_month(books: Books) -> dict[str, ByMonth]:
    """By entity and month: the net change of each account in each currency and lot."""
    found: dict[str, dict[str, dict[tuple[str, str], Decimal]]] = {}
    for of_file in books.by_file("changes by entity and month", _made):
        for entity, months in of_file.items():
            for month, accounts in months.items():
                into = found.setdefault(entity, {}).setdefault(month, {})
                for account, units in accounts.items():
                    for unit, number in units.items():
                        key = account, unit
                        into[key] = into.get(key, Decimal(0)) + Decimal(number)
    return dict(found)


def _made(transactions: Iterable[data.Transaction]) -> dict[str, Any]:
    """The same of one file, as JSON has it."""
    found: dict[str, dict[str, dict[str, dict[str, Decimal]]]] = {}
    for txn in transactions:
        month = f"{txn.date:%Y-%m}"
        for posting in txn.postings:
            units, parts = posting.units, posting.account.split(":", 2)
            if units is None or units.number is None or len(parts) < 2:
                continue
            unit = units.currency
            if isinstance(posting.cost, Cost):
                unit = f"{unit} {_lot(posting.cost)}"
            of = found.setdefault(parts[1], {}).setdefault(month, {})
            held = of.setdefault(posting.account, {})
            held[unit] = held.get(unit, Decimal(0)) + units.number
    return {
        entity: {
            month: {
                account: {unit: str(number) for unit, number in held.items()}
                for account, held in accounts.items()
            }
            for month, accounts in months.items()
        }
        for entity, months in found.items()
    }


def _lot(cost: Cost) -> str:
    label = f', "{cost.label}"' if cost.label else ""
    return f"{{{_number(cost.number)} {cost.currency}, {cost.date}{label}}}"


def _number(number: Decimal) -> str:
    return plain(number.normalize()) if number else "0"


def closing(changes: ByMonth, last: dt.date) -> dict[tuple[str, str], Decimal]:
    """What each account holds at the end of a month, from all changes up to it."""
    found: dict[tuple[str, str], Decimal] = {}
    for month, of in changes.items():
        if month <= f"{last:%Y-%m}":
            _add(found, of)
    return {key: number for key, number in found.items() if number}


def _add(held: dict[tuple[str, str], Decimal], changes: Held) -> None:
    for key, number in changes.items():
        held[key] = held.get(key, Decimal(0)) + number


class Figures:
    """The figures of closed periods. Asked in order of time, each month is added up once."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._running: dict[str, tuple[str, dict[tuple[str, str], Decimal]]] = {}

    def lines(self, seal: Seal) -> list[str]:
        """The lines of a period's figures."""
        changes = self._changes.get(seal.entity, {})
        held = self._closing(seal.entity, changes, f"{seal.period.last:%Y-%m}")
        changed: dict[tuple[str, str], Decimal] = {}
        for month in _months(seal):
            _add(changed, changes.get(month, {}))
        said = [*_held("closing", held), *_held("change", changed)]
        units = {each["unit"].split(" ")[0] for each in said}
        options = [o for o in self.options(seal) if o.get("unit", "*") in {*units, "*"}]
        said += [*options, *(price for price in self.prices(seal) if price["unit"] in units)]
        return [json.dumps(each, sort_keys=True, ensure_ascii=False) for each in said]

    def _closing(self, entity: str, changes: ByMonth, last: str) -> Held:
        until, held = self._running.get(entity, ("", {}))
        if until > last:
            until, held = "", {}
        for month in sorted(month for month in changes if until < month <= last):
            _add(held, changes[month])
        self._running[entity] = last, held
        return held

    def prices(self, seal: Seal) -> list[dict[str, str]]:
        """The prices that are dated in a period."""
        return [price for month in _months(seal) for price in self._prices.get(month, ())]

    def options(self, seal: Seal) -> list[dict[str, str]]:
        """What changes figures of a period without an entry or a price."""
        entity = self._books.registry.entities.get(seal.entity)
        said = [{"name": "currency", "value": entity.currency if entity else ""}, *self._options]
        for account in self._booked.get(seal.entity, ()):
            if account.opened is None or account.opened <= seal.period.last:
                said.append({"name": f"booking of {account.name}", "value": account.booking})
        return [{"type": "option", **each} for each in said]

    @cached_property
    def _changes(self) -> Mapping[str, ByMonth]:
        return by_month(self._books)

    @cached_property
    def _prices(self) -> Mapping[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = {}
        for entry in self._books.standing:
            if isinstance(entry, data.Price):
                said = {
                    "type": "price",
                    "date": entry.date.isoformat(),
                    "unit": entry.currency,
                    "number": _number(entry.amount.number or Decimal(0)),
                    "currency": entry.amount.currency,
                }
                found.setdefault(f"{entry.date:%Y-%m}", []).append(said)
        return found

    @cached_property
    def _options(self) -> list[dict[str, str]]:
        options = self._books.options
        said = [{"name": name, "value": _value(options.get(name))} for name in _OPTIONS]
        for unit, value in (options.get("inferred_tolerance_default") or {}).items():
            said.append({"name": "tolerance", "unit": unit, "value": _value(value)})
        return said

    @cached_property
    def _booked(self) -> Mapping[str, list[Account]]:
        """The accounts that say how their lots are booked, by entity."""
        found: dict[str, list[Account]] = {}
        for account in self._books.accounts.values():
            if account.booking:
                found.setdefault(account.entity, []).append(account)
        return found


def _months(seal: Seal) -> list[str]:
    """The months of a period, as YYYY-MM."""
    first, last = seal.period.first, seal.period.last
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def _held(type_: str, held: Held) -> list[dict[str, str]]:
    return [
        {"type": type_, "account": account, "unit": unit, "number": _number(number)}
        for (account, unit), number in held.items()
        if number
    ]


def _value(value: Any) -> str:
    return _number(value) if isinstance(value, Decimal) else str(getattr(value, "name", value))


def hash_of_figures(seal: Seal, lines: Iterable[str]) -> str:
    """SHA-256 in hex over a period's figures."""
    digest = hashlib.sha256(f"{FORM}\n{seal.entity}\n{seal.period.name}\n".encode())
    for line in sorted(f"{line}\n".encode() for line in lines):
        digest.update(line)
    return digest.hexdigest()
