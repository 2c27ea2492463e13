"""What holdings are worth at market, by the prices of each side, and what new prices change."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from beancount.core import data, prices

from core.journal.books import Books
from reports.bookdiff.changes import DirectiveChange
from reports.bookdiff.legs import leg_of, weight

Month = tuple[int, int]
Amounts = dict[str, Decimal]  # by currency
Sums = defaultdict[Any, Decimal]
ZERO = Decimal(0)
# A holding: units of what, and in which currency its cost is.
Held = tuple[str, str]


def zeros() -> Sums:
    """Sums from zero."""
    return defaultdict(Decimal)


def plus(total: Sums, more: Mapping[Any, Decimal], sign: int = 1) -> None:
    """Adds to sums."""
    for key, number in more.items():
        total[key] += sign * number


def root_of(account: str, *books: Books) -> str:
    """Which of the five kinds an account is, by the names that its books give them; where one has
    the other side's name, by those of the other."""
    root = account.partition(":")[0]
    for each in books:
        for name in ("assets", "liabilities", "equity", "income", "expenses"):
            if root == each.options.get(f"name_{name}", name.capitalize()):
                return name
    return "equity"


def priced(directives: Iterable[DirectiveChange]) -> frozenset[str]:
    """The commodities of prices that differ."""
    entries = (
        each.entry
        for change in directives
        for each in (change.base, change.head)
        if each and isinstance(each.entry, data.Price)
    )
    return frozenset(name for e in entries for name in (e.currency, e.amount.currency))


class Valuer:
    """Market values by the prices of each side."""

    def __init__(self, base: Books, head: Books, priced: frozenset[str]) -> None:
        self._base, self._head, self._priced = base, head, priced
        self._maps: dict[int, Any] = {}

    def head(self, held: Held, number: Decimal, cost: Decimal, to: str, day: dt.date) -> Amounts:
        """What a holding is worth by the head's prices."""
        return self._value(self._head, held, number, cost, to, day)

    def gained(self, held: Held, number: Decimal, cost: Decimal, to: str, day: dt.date) -> Amounts:
        """What a holding of the base is worth more by the head's prices than by its own."""
        gained = zeros()
        plus(gained, self._value(self._head, held, number, cost, to, day))
        plus(gained, self._value(self._base, held, number, cost, to, day), -1)
        return dict(gained)

    def revalued(self) -> dict[tuple[str, Held], dict[Month, tuple[Decimal, Decimal]]]:
        """What the base's owners hold of commodities whose prices differ: owner and holding to the
        units and cost that each month moved."""
        found: dict[tuple[str, Held], dict[Month, tuple[Decimal, Decimal]]] = defaultdict(dict)
        if not self._priced:
            return found
        books = self._base
        for part in books.by_file("bookdiff held by account and month", _held):
            for account, units, currency, year, month, number, cost in part:
                if units in self._priced and root_of(account, books) == "assets":
                    of = found[books.registry.ent(account) or "", (units, currency)]
                    before = of.get((year, month), (ZERO, ZERO))
                    of[year, month] = (before[0] + Decimal(number), before[1] + Decimal(cost))
        return found

    def _value(
        self, books: Books, held: Held, number: Decimal, cost: Decimal, to: str, day: dt.date
    ) -> Amounts:
        units, currency = held
        if units == to:
            return {to: number}
        for wanted in (to, currency):
            if wanted == units:
                continue
            _, price = prices.get_price(self._map(books), (units, wanted), day)
            if price is not None:
                return {wanted: number * price}
        return {currency: cost}

    def _map(self, books: Books) -> Any:
        if id(books) not in self._maps:
            listed = [entry for entry in books.standing if isinstance(entry, data.Price)]
            self._maps[id(books)] = prices.build_price_map(listed)
        return self._maps[id(books)]


def _held(txns: Iterable[data.Transaction]) -> list[list[Any]]:
    """Units and cost that are moved, by account, commodity, currency of the cost and month."""
    found: dict[Any, list[Decimal]] = {}
    for txn in txns:
        for posting in txn.postings:
            moved = weight(leg_of(posting))
            if moved:
                key = (posting.account, moved.currency, moved.cost_currency)
                sums = found.setdefault((*key, txn.date.year, txn.date.month), [ZERO, ZERO])
                sums[0] += moved.number
                sums[1] += moved.cost
    return [[*key, *map(str, sums)] for key, sums in found.items()]
