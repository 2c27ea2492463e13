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
from typing import Any

from beancount.core import data
from beancount.core.position import Cost

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
    return _summed(changes, "", f"{last:%Y-%m}")


def _summed(changes: ByMonth, first: str, last: str) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for month, of in changes.items():
        if first <= month <= last:
            for key, number in of.items():
                found[key] = found.get(key, Decimal(0)) + number
    return {key: number for key, number in found.items() if number}


def figures(changes: ByMonth, seal: Seal, books: Books) -> list[str]:
    """The lines of a period's figures."""
    first, last = f"{seal.period.first:%Y-%m}", f"{seal.period.last:%Y-%m}"
    held, changed = _summed(changes, "", last), _summed(changes, first, last)
    said = [*_held("closing", held), *_held("change", changed)]
    said += beside(seal, books, {unit.split(" ")[0] for _, unit in (*held, *changed)})
    return [json.dumps(each, sort_keys=True, ensure_ascii=False) for each in said]


def _held(type_: str, held: Held) -> list[dict[str, str]]:
    return [
        {"type": type_, "account": account, "unit": unit, "number": _number(number)}
        for (account, unit), number in held.items()
    ]


def beside(seal: Seal, books: Books, units: set[str] | None = None) -> list[dict[str, str]]:
    """What figures are made of besides entries: options, and prices of ``units`` (None: all)."""
    entity = books.registry.entities.get(seal.entity)
    currency = entity.currency if entity else ""
    said = [{"type": "option", "name": "currency", "value": currency}]
    for name in _OPTIONS:
        value = books.options.get(name)
        text = _number(value) if isinstance(value, Decimal) else str(getattr(value, "name", value))
        said.append({"type": "option", "name": name, "value": text})
    for unit, value in (books.options.get("inferred_tolerance_default") or {}).items():
        if units is None or unit in {*units, "*"}:
            name = f"inferred_tolerance_default {unit}"
            said.append({"type": "option", "name": name, "value": _number(value)})
    for account in books.accounts.values():
        if account.entity == seal.entity and account.booking and _was_open(account.opened, seal):
            name = f"booking method of {account.name}"
            said.append({"type": "option", "name": name, "value": account.booking})
    return said + [
        {
            "type": "price",
            "date": entry.date.isoformat(),
            "unit": entry.currency,
            "number": _number(entry.amount.number or Decimal(0)),
            "currency": entry.amount.currency,
        }
        for entry in books.standing
        if isinstance(entry, data.Price)
        and seal.period.first <= entry.date <= seal.period.last
        and (units is None or entry.currency in units)
    ]


def _was_open(opened: dt.date | None, seal: Seal) -> bool:
    return opened is None or opened <= seal.period.last


def hash_of_figures(seal: Seal, lines: Iterable[str]) -> str:
    """SHA-256 in hex over a period's figures."""
    digest = hashlib.sha256(f"{FORM}\n{seal.entity}\n{seal.period.name}\n".encode())
    for line in sorted(f"{line}\n".encode() for line in lines):
        digest.update(line)
    return digest.hexdigest()
