"""What an entity owns, owes and has at hand on any day, by book value.

A file's postings are added up once, by account and day (``gathering``), and those sums once by
entity and month: a balance on a day is then one month's running total, however many days are asked
for. A posting with a cost counts at its cost, any other at its units; another currency is converted
at the day's closing rate. A rate that is missing is an error, never 1:1.

Signs are Beancount's within ``Held``; in a ``Position`` all figures are as people say them.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from beancount.core import data, prices

from core.entity import Entity
from core.findings import UserError
from core.journal.books import Books
from core.period import month_end
from plugins.veil.gathering import ZERO, Row, days_of, month_of, sums

CASH = frozenset({"bank", "cash", "in-transit"})
_SIDES = frozenset({"Assets", "Liabilities"})
_MEMBERS = frozenset({"contribution", "distribution", "capital"})


class Group(NamedTuple):
    """What accounts have in common that the tests ask for: their root and role; of which owner's
    capital they are part; ``loan`` is the account itself where money is borrowed on it."""

    root: str
    role: str
    owner: str = ""
    loan: str = ""


_Levels = dict["tuple[Group, str]", tuple[list[int], list[Decimal]]]
Held = Mapping[tuple[Group, str], Decimal]  # by group and currency, in Beancount's signs


@dataclass(frozen=True)
class Position:
    """An entity at the end of a day, in its own currency; liabilities are positive."""

    entity: str
    date: dt.date
    currency: str
    assets: Decimal
    liabilities: Decimal
    cash: Decimal

    @property
    def equity(self) -> Decimal:
        """Assets less liabilities."""
        return self.assets - self.liabilities


class NoRateError(UserError):
    """An amount cannot be converted; says which rate is missing, and on which day."""


class EntityFigures:
    """The balances of one entity, by group of accounts."""

    def __init__(self, rows: Iterable[Row], groups: Mapping[str, Group]) -> None:
        by_month: dict[int, dict[tuple[Group, str], Decimal]] = {}
        self._rows: dict[int, list[Row]] = {}
        self._groups = groups
        for row in rows:
            key = groups[row[0]], row[1]
            sums = by_month.setdefault(row[2], {})
            sums[key] = sums.get(key, ZERO) + Decimal(row[3])
            self._rows.setdefault(row[2], []).append(row)
        self.months = sorted(by_month)  # in which anything was posted, as year * 12 + month - 1
        self._before: list[Held] = [{}]
        for month in self.months:
            self._before.append(_added(self._before[-1], by_month[month]))
        self._levels: dict[int, _Levels] = {}

    def on(self, day: dt.date) -> Held:
        """The balances at the end of ``day``."""
        month = month_of(day)
        index = bisect_right(self.months, month)
        if not index or self.months[index - 1] != month or day == _last_day(month):
            return self._before[index]
        if month not in self._levels:
            self._levels[month] = self._running(month, self._before[index - 1])
        held = dict(self._before[index - 1])
        for key, (days, levels) in self._levels[month].items():
            if reached := bisect_right(days, day.toordinal()):
                held[key] = levels[reached - 1]
        return held

    def _running(self, month: int, before: Held) -> "_Levels":
        """What was posted to in a month: on which days, and the balance at the end of each."""
        moved: dict[tuple[Group, str], dict[int, Decimal]] = {}
        for row in self._rows[month]:
            sums = moved.setdefault((self._groups[row[0]], row[1]), {})
            for day, number in days_of(row).items():
                sums[day] = sums.get(day, ZERO) + number
        levels: _Levels = {}
        for key, sums in moved.items():
            days = sorted(sums)
            at_first = before.get(key, ZERO)
            levels[key] = days, [*accumulate((sums[day] for day in days), initial=at_first)][1:]
        return levels


@dataclass(frozen=True)
class Figures:
    """The figures of all entities of the books. Make them by ``figures_of``."""

    books: Books
    borrowed: frozenset[str]

    def of(self, entity: str) -> EntityFigures | None:
        """The figures of an entity; None where nothing was posted to its accounts. They are added
        up for who asks, so that sums of others are no matter of theirs."""
        return self._added_up(
            ("figures", entity), entity, lambda name: group_of(name, self.books, self.borrowed)
        )

    def _sides(self, entity: str) -> EntityFigures | None:
        """The same of assets and liabilities alone, with no more groups than a position needs: it
        is asked for on thousands of days."""
        return self._added_up(("sides", entity), entity, self._side)

    def _side(self, account: str) -> Group | None:
        root = account.partition(":")[0]
        role = self.books.role(account)
        return Group(root, role if role in CASH else "") if root in _SIDES else None

    def _added_up(
        self, key: tuple[str, str], entity: str, grouped: Callable[[str], Group | None]
    ) -> EntityFigures | None:
        if key not in self.books.memo:
            rows = list(sums(self.books, entity))
            found = {name: grouped(name) for name in dict.fromkeys(row[0] for row in rows)}
            groups = {name: group for name, group in found.items() if group}
            rows = [row for row in rows if row[0] in groups]
            self.books.memo[key] = EntityFigures(rows, groups) if rows else None
        figures: EntityFigures | None = self.books.memo[key]
        return figures

    def on(self, entity: str, day: dt.date) -> Held:
        """What an entity's accounts hold at the end of ``day``."""
        figures = self.of(entity)
        return figures.on(day) if figures else {}

    def total(self, entity: Entity, held: Held, day: dt.date, **wanted: Any) -> Decimal:
        """The sum of the groups with these ``root``, ``role`` (a text or a set) and ``owner``, in
        the entity's currency at the rates of ``day``. Raises NoRateError."""
        sums: dict[str, Decimal] = {}
        for (group, currency), number in held.items():
            if number and all(_is(getattr(group, name), each) for name, each in wanted.items()):
                sums[currency] = sums.get(currency, ZERO) + number
        return converted(sums, entity.currency, day, self.books)

    def position(self, entity: Entity, day: dt.date) -> Position:
        """What the entity owns, owes and has in bank, cash and transit at the end of ``day``."""
        assets: dict[str, Decimal] = {}
        liabilities: dict[str, Decimal] = {}
        cash: dict[str, Decimal] = {}
        sides = self._sides(entity.name)
        for (group, currency), number in (sides.on(day) if sides else {}).items():
            if group.root == "Assets":
                assets[currency] = assets.get(currency, ZERO) + number
                if group.role in CASH:
                    cash[currency] = cash.get(currency, ZERO) + number
            else:
                liabilities[currency] = liabilities.get(currency, ZERO) - number
        own, owed, ready = (
            converted(sums, entity.currency, day, self.books)
            for sums in (assets, liabilities, cash)
        )
        return Position(entity.name, day, entity.currency, own, owed, ready)


def converted(sums: Mapping[str, Decimal], currency: str, day: dt.date, books: Books) -> Decimal:
    """Amounts by currency as one amount, at the closing rates of ``day``, exact. Raises NoRateError
    where there is none on or before it."""
    if not sums or (len(sums) == 1 and currency in sums):  # nearly always
        return sums.get(currency, ZERO)
    total = ZERO
    for each, number in sums.items():
        if each == currency or not number:
            total += number
        else:
            total += number * _rate(each, currency, day, books)
    return total


def _rate(base: str, quote: str, day: dt.date, books: Books) -> Decimal:
    if "price map" not in books.memo:
        books.memo["price map"] = prices.build_price_map(books.standing)
    _, rate = prices.get_price(books.memo["price map"], (base, quote), day)
    if rate is None:
        raise NoRateError(
            f"there is no rate of {base} in {quote} on or before {day}",
            hint=f"add one: {day} price {base}  … {quote}",
        )
    return Decimal(rate)


def figures_of(books: Books) -> Figures:
    """The figures of the books, added up once for all who ask."""
    found: Figures | None = books.memo.get("figures")
    if found is None:
        found = books.memo["figures"] = Figures(books, _borrowed_on(books))
    return found


def group_of(account: str, books: Books, borrowed: frozenset[str] = frozenset()) -> Group:
    """The group that an account belongs to."""
    known = books.accounts.get(account)
    role = known.role if known else ""
    root = account.partition(":")[0]
    loan = account if role == "loan-from" or account in borrowed else ""
    return Group(root, role, member_of(account, books), loan)


def member_of(account: str, books: Books) -> str:
    """The owner whose capital the account is part of: ``Equity:Acme:Members:Jane:…``, or an account
    of a member's role with a counterparty. Empty for any other."""
    parts = account.split(":")
    if parts[0] != "Equity":
        return ""
    known = books.accounts.get(account)
    name = known.counterparty if known and known.role in _MEMBERS else ""
    if not name and len(parts) > 3 and parts[2] == "Members":
        name = parts[3]
    owner = books.registry.named(name)
    return owner.name if owner else name


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The month ends from ``first`` to ``last``, both days included."""
    ends = (_last_day(month) for month in range(month_of(first), month_of(last) + 1))
    return [day for day in ends if first <= day <= last]


def companies(books: Books) -> list[Entity]:
    """The entities with owners to be kept apart from: no person, no elimination, no outsider."""
    return [
        entity
        for entity in books.registry.entities.values()
        if not entity.is_person and entity.kind != "elimination" and entity.books
    ]


def _last_day(month: int) -> dt.date:
    return month_end(month // 12, month % 12 + 1)


def _added(held: Held, sums: Held) -> Held:
    new = dict(held)
    for key, number in sums.items():
        new[key] = new.get(key, ZERO) + number
    return new


def _is(value: str, wanted: Any) -> bool:
    return value == wanted if isinstance(wanted, str) else value in wanted


def _borrowed_on(books: Books) -> frozenset[str]:
    """The accounts that loans name."""
    return frozenset(
        str(entry.meta["account"])
        for entry in books.standing
        if isinstance(entry, data.Custom) and entry.type == "loan" and "account" in entry.meta
    )
