"""Who deals with whom: vendors, employees, keys of shared costs, assets and leases, as declared.

::

    2026-01-01 custom "vendor" "Comcast"
      entity: "Acme"
      alias: "Comcast Business"
    2026-01-01 custom "employee" "Zeta" "Jane"
      officer: TRUE
    2026-01-01 custom "allocation" "A1" "Acme" 50.00 "Ops" 50.00
    2026-01-01 custom "asset" "VAN-1" "Jane" 30000.00 USD
    2026-01-01 custom "lease" "VAN-1" "Jane" "Acme" 350.00 USD
      until: 2026-12-31

All hold from their date on; of two that say different things the newer one rules. What is malformed
is left out, and ``malformed`` says so.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

_WRITTEN = {
    "vendor": 'custom "vendor" "Comcast" with entity: "Acme" below it',
    "employee": 'custom "employee" "Acme" "Jane"',
    "allocation": 'custom "allocation" "A1" "Acme" 50.00 "Harbor" 50.00, with shares of 0 to 100 '
    "that add up to 100.00",
    "asset": 'custom "asset" "VAN-1" "Jane" 30000.00 USD',
    "lease": 'custom "lease" "VAN-1" "Jane" "Acme" 350.00 USD with until: and document: below it',
}


@dataclass(frozen=True)
class Vendor:
    """Somebody whom ``entity`` buys from (empty: anybody of the group), and their other names."""

    date: dt.date
    name: str
    entity: str
    alias: str
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Employee:
    """From ``date`` on, ``person`` works for ``entity`` for wages; an officer runs it."""

    date: dt.date
    entity: str
    person: str
    officer: bool


@dataclass(frozen=True)
class Allocation:
    """A key for shared costs: percentages by entity, which add up to 100."""

    date: dt.date
    code: str
    shares: Mapping[str, Decimal]
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parties(self) -> tuple[str, ...]:
        """Who shares."""
        return tuple(self.shares)


@dataclass(frozen=True)
class Asset:
    """From ``date`` on, the thing called ``code`` belongs to ``owner``."""

    date: dt.date
    code: str
    owner: str


@dataclass(frozen=True)
class Lease:
    """``lessor`` lets ``lessee`` use an asset from ``first`` to ``last`` (None: until further
    notice), both days included."""

    date: dt.date
    asset: str
    lessor: str
    lessee: str
    first: dt.date
    last: dt.date | None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parties(self) -> tuple[str, ...]:
        """Who lets, and who rents."""
        return self.lessor, self.lessee

    def covers(self, day: dt.date) -> bool:
        """Whether the lease runs on ``day``."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Dealings:
    """All of them, oldest first."""

    vendors: Sequence[Vendor] = ()
    employees: Sequence[Employee] = ()
    allocations: Sequence[Allocation] = ()
    assets: Sequence[Asset] = ()
    leases: Sequence[Lease] = ()

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """What a vendor may be called, folded, to the folded name of the vendor."""
        called: dict[str, str] = {}
        for vendor in self.vendors:
            called.setdefault(folded(vendor.name), folded(vendor.name))
            if folded(vendor.alias):
                called.setdefault(folded(vendor.alias), folded(vendor.name))
        return called

    @cached_property
    def _entities_of(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for vendor in self.vendors:
            found.setdefault(folded(vendor.name), set()).add(vendor.entity)
        return found

    def payee(self, text: str) -> str:
        """A payee in the form in which two that mean the same are equal: an alias is the vendor."""
        name = folded(text)
        return self._by_name.get(name, name)

    def entities_of_vendor(self, payee: str) -> set[str]:
        """The entities that have ``payee`` on their list of vendors; an empty string among them is
        a record for anybody of the group."""
        if not payee or not self.vendors:
            return set()
        return self._entities_of.get(self.payee(payee), set())

    def is_employee(self, entity: str, person: str, day: dt.date) -> bool:
        """Whether ``person`` is declared an employee of ``entity`` on ``day``."""
        return any(e.date <= day for e in self._employed(entity, person))

    def is_officer(self, entity: str, person: str, day: dt.date) -> bool:
        """Whether ``person`` is declared an officer of ``entity`` on ``day``."""
        found = [e for e in self._employed(entity, person) if e.date <= day]
        return bool(found) and found[-1].officer

    def _employed(self, entity: str, person: str) -> list[Employee]:
        who = (entity.casefold(), person.casefold())
        return [e for e in self.employees if (e.entity.casefold(), e.person.casefold()) == who]

    def allocation(self, code: str, day: dt.date) -> Allocation | None:
        """The newest key called ``code`` on or before ``day``."""
        found = [a for a in self.allocations if a.code == code and a.date <= day]
        return found[-1] if found else None

    def owner_of_asset(self, code: str, day: dt.date) -> str:
        """Whose the asset is on ``day``; an empty string for one that was not registered yet."""
        found = [a for a in self.assets if a.code == code and a.date <= day]
        return found[-1].owner if found else ""


def folded(text: str) -> str:
    """A name without regard to case, punctuation and spacing."""
    return " ".join(re.findall(r"\w+", re.sub(r"[.'’]", "", text.casefold())))


def dealings_of(entries: Iterable[data.Directive]) -> Dealings:
    """What the ``custom`` directives among ``entries`` declare."""
    found: dict[type, list[Any]] = {
        kind: [] for kind in (Vendor, Employee, Allocation, Asset, Lease)
    }
    customs = [e for e in entries if isinstance(e, data.Custom) and e.type in _WRITTEN]
    for entry in sorted(customs, key=lambda e: e.date):
        made = _made(entry)
        if made is not None:
            found[type(made)].append(made)
    return Dealings(*(tuple(each) for each in found.values()))


def malformed(entry: data.Custom) -> str:
    """How a directive of these kinds is written, where this one means nothing; else empty."""
    if entry.type not in _WRITTEN or _made(entry) is not None:
        return ""
    return f"this {entry.type} means nothing; it is written: {_WRITTEN[entry.type]}"


def parties_of(entry: data.Custom) -> list[str]:
    """The entities that such a directive names."""
    match _made(entry):
        case Vendor(entity=entity):
            return [entity] if entity else []
        case Employee(entity=entity, person=person):
            return [entity, person]
        case Allocation(shares=shares):
            return list(shares)
        case Asset(owner=owner):
            return [owner]
        case Lease(lessor=lessor, lessee=lessee):
            return [lessor, lessee]
    return []


def _made(entry: data.Custom) -> Vendor | Employee | Allocation | Asset | Lease | None:
    values = [value.value for value in entry.values]
    meta, day = entry.meta, entry.date
    match entry.type, values:
        case "vendor", [str(name)] if folded(name):
            texts = [meta.get(key) or "" for key in ("entity", "alias")]
            if all(isinstance(text, str) for text in texts):
                return Vendor(day, name, texts[0], texts[1], meta)
        case "employee", [str(entity), str(person)]:
            return Employee(day, entity, person, meta.get("officer") is True)
        case "allocation", [str(code), *rest]:
            shares = _shares(rest)
            return Allocation(day, code, shares, meta) if shares else None
        case "asset", [str(code), str(owner), *rest] if _is_amount(rest):
            return Asset(day, code, owner)
        case "lease", [str(asset), str(lessor), str(lessee), *rest] if _is_amount(rest):
            first, last = meta.get("from", day), meta.get("until")
            if isinstance(first, dt.date) and (last is None or isinstance(last, dt.date)):
                return Lease(day, asset, lessor, lessee, first, last, meta)
    return None


def _is_amount(rest: Sequence[object]) -> bool:
    """Nothing at all, or one amount."""
    return not rest or (len(rest) == 1 and isinstance(rest[0], Amount))


def _shares(rest: Sequence[object]) -> dict[str, Decimal]:
    names, numbers = rest[0::2], rest[1::2]
    shares = {
        name: number
        for name, number in zip(names, numbers, strict=False)
        if isinstance(name, str) and isinstance(number, Decimal) and 0 <= number <= 100
    }
    whole = len(shares) == len(names) == len(numbers) and sum(shares.values()) == 100
    return shares if whole else {}
