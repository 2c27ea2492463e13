"""Balances of one entity at the end of a day, in one pass over the entries.

Balance sheet accounts are held at cost; foreign money without a cost at the closing price. Flows
(income and expenses) and equity are taken at the transaction's own weight, and foreign weights at
the price of their day. What the two ways of valuing differ by is the unrealised currency
difference. A missing price is an error that names the day and the pair; it is never one to one.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from beancount.core import convert, data, prices

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.period import Period
from reports.model import Unreviewed

ZERO = Decimal(0)


@dataclass(frozen=True)
class Movement:
    """One posting of the entity: its account, day, weight (number and currency), transaction."""

    account: str
    date: dt.date
    number: Decimal
    currency: str
    posting: data.Posting
    txn: data.Transaction


@dataclass(frozen=True)
class Turnover:
    """What an account moved in a currency: the sum before the period, and debits and credits
    (negative) in it."""

    before: Decimal = ZERO
    debits: Decimal = ZERO
    credit: Decimal = ZERO


class Ledger:
    """The figures of one entity, from its movements, and the prices to value them."""

    def __init__(self, books: Books, entity: str) -> None:
        self.entity = entity
        self.currency = books.registry.entities[entity].currency
        self._books = books

    @classmethod
    def of(cls, books: Books, entity: str) -> "Ledger":
        """The entity's ledger; of the same books always the same one."""
        ledger: Ledger = books.memo.setdefault(("ledger", entity), cls(books, entity))
        return ledger

    @cached_property
    def movements(self) -> tuple[Movement, ...]:
        """The entity's movements in date order."""
        return tuple(_movements(self._books, self.entity))

    def closing(self, day: dt.date) -> dict[str, Decimal]:
        """Assets and liabilities at the end of ``day``: at cost, foreign money at its price."""
        return {
            account: sum((self.valued(n, c, day) for c, n in own.items()), ZERO)
            for account, own in self._held(day).items()
        }

    def flows(self, first: dt.date | None, last: dt.date, *roots: str) -> dict[str, Decimal]:
        """The net weight per account of the roots, both days included, at the day's own rates."""
        out: dict[str, Decimal] = {}
        for account, day, number, currency in self._moved(first, last, roots):
            value = self.valued(number, currency, day)
            out[account] = out.get(account, ZERO) + value
        return out

    def turnovers(self, period: Period) -> dict[str, dict[str, Turnover]]:
        """By currency and account, what moved before the period and in it, at its weight."""
        out: dict[str, dict[str, Turnover]] = {}
        for move in self.movements:
            if move.date > period.last:
                continue
            own = out.setdefault(move.currency, {})
            found = own.get(move.account, Turnover())
            if move.date < period.first:
                found = replace(found, before=found.before + move.number)
            elif move.number > 0:
                found = replace(found, debits=found.debits + move.number)
            else:
                found = replace(found, credit=found.credit + move.number)
            own[move.account] = found
        return out

    def unreviewed(self, last: dt.date) -> Unreviewed:
        """The entity's entries with ``review:`` up to and with ``last``."""
        found = [
            txn
            for txn in self._books.transactions
            if txn.meta.get("review")
            and txn.date <= last
            and self.entity in self._books.registry.ents(txn)
        ]
        amounts = [txn.postings[0].units for txn in found]
        numbers = [abs(units.number) for units in amounts if units and units.number]
        return Unreviewed(len(found), sum(numbers, ZERO))

    def valued(self, number: Decimal, currency: str, day: dt.date) -> Decimal:
        """``number`` of ``currency`` in the entity's currency at the newest price up to ``day``."""
        if currency == self.currency or not number:
            return number
        _, rate = prices.get_price(self._price_map, (currency, self.currency), day)
        if rate is None:
            raise UserError(
                f"no price of {currency} in {self.currency} on or before {day}",
                hint="add one to ledger/prices.beancount: "
                f"{day} price {currency} … {self.currency}",
                code=EXIT_FINDINGS,
            )
        return number * Decimal(rate)

    @cached_property
    def _price_map(self) -> Any:
        return prices.build_price_map(self._books.entries)

    def _held(self, day: dt.date) -> dict[str, dict[str, Decimal]]:
        """Assets and liabilities by currency, at cost where there is one."""
        held: dict[str, dict[str, Decimal]] = {}
        for move in self.movements:
            if move.date <= day and move.account.startswith(("Assets:", "Liabilities:")):
                amount = convert.get_cost(move.posting)
                own = held.setdefault(move.account, {})
                own[amount.currency] = own.get(amount.currency, ZERO) + amount.number
        return held

    def _moved(
        self, first: dt.date | None, last: dt.date, roots: Sequence[str]
    ) -> Iterator[tuple[str, dt.date, Decimal, str]]:
        """Account, day, weight and its currency of what moved."""
        prefixes = tuple(f"{root}:" for root in roots)
        for move in self.movements:
            in_time = move.date <= last and not (first and move.date < first)
            if in_time and move.account.startswith(prefixes):
                yield move.account, move.date, move.number, move.currency


def _movements(books: Books, entity: str) -> Iterator[Movement]:
    for txn in books.transactions:
        for posting in txn.postings:
            if posting.units is None or books.registry.ent(posting.account) != entity:
                continue
            weight = convert.get_weight(posting)
            yield Movement(posting.account, txn.date, weight.number, weight.currency, posting, txn)


def total(amounts: Mapping[str, Decimal]) -> Decimal:
    """The sum of all amounts."""
    return sum(amounts.values(), ZERO)
