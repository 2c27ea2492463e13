"""Balances of one entity at the end of a day, in one pass over the entries.

Balance sheet accounts are held at cost; foreign money without a cost at the closing price. Flows
(income and expenses) and equity are taken at the transaction's own weight, and foreign weights at
the price of their day. What the two ways of valuing differ by is the unrealised currency
difference. A missing price is an error that names the day and the pair; it is never one to one.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import convert, data, prices

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books

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
class Ledger:
    """The movements of one entity, and the prices to value them."""

    entity: str
    currency: str
    movements: tuple[Movement, ...]
    price_map: Any = field(repr=False)

    @classmethod
    def of(cls, books: Books, entity: str) -> "Ledger":
        """The entity's movements in date order."""
        return cls(
            entity,
            books.registry.entities[entity].currency,
            tuple(_movements(books, entity)),
            prices.build_price_map(books.entries),
        )

    def closing(self, day: dt.date) -> dict[str, Decimal]:
        """Assets and liabilities at the end of ``day``: at cost, foreign money at its price."""
        held: dict[str, dict[str, Decimal]] = {}
        for move in self.movements:
            if move.date <= day and move.account.startswith(("Assets:", "Liabilities:")):
                amount = convert.get_cost(move.posting)
                own = held.setdefault(move.account, {})
                own[amount.currency] = own.get(amount.currency, ZERO) + amount.number
        return {
            account: sum((self.valued(n, c, day) for c, n in own.items()), ZERO)
            for account, own in held.items()
        }

    def flows(self, first: dt.date | None, last: dt.date, *roots: str) -> dict[str, Decimal]:
        """The net weight per account of the roots, both days included, at the day's own rates."""
        out: dict[str, Decimal] = {}
        prefixes = tuple(f"{root}:" for root in roots)
        for move in self.movements:
            if move.date > last or (first and move.date < first):
                continue
            if move.account.startswith(prefixes):
                number = self.valued(move.number, move.currency, move.date)
                out[move.account] = out.get(move.account, ZERO) + number
        return out

    def valued(self, number: Decimal, currency: str, day: dt.date) -> Decimal:
        """``number`` of ``currency`` in the entity's currency at the newest price up to ``day``."""
        if currency == self.currency or not number:
            return number
        _, rate = prices.get_price(self.price_map, (currency, self.currency), day)
        if rate is None:
            raise UserError(
                f"no price of {currency} in {self.currency} on or before {day}",
                hint="add one to ledger/prices.beancount: "
                f"{day} price {currency} … {self.currency}",
                code=EXIT_FINDINGS,
            )
        return number * Decimal(rate)


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
