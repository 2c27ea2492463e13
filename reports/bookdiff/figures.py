"""What the difference is in figures: head minus base, by owner and month, and by account.

Balances are those at a month's end, revenue and expenses those of the month; liabilities, equity
and revenue are positive where they grow. Equity is a balance sheet's: with the results of all
months so far, so that assets are liabilities and equity. Amounts are at cost, money without a cost
in its own currency. At market value, whatever has a price in its owner's currency on or before the
month's end counts at that price; else at a price in the currency of its cost, else at cost.

Only what is loose is added up. A price that changed revalues what both sides hold: of that
commodity alone the holdings are asked of the books.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import data, prices

from core.journal.books import Books
from core.period import month_end
from reports.bookdiff.changes import Change, DirectiveChange
from reports.bookdiff.loose import Loose, leg_of, weight

Month = tuple[int, int]
Amounts = dict[str, Decimal]  # by currency, only what is not zero
Sums = defaultdict[Any, Decimal]
BALANCES = ("assets", "assets_market_value", "liabilities", "equity")
FLOWS = ("revenue", "expenses", "net_income")
FIGURES = (*BALANCES, *FLOWS)
ZERO = Decimal(0)
# An owner's holding: units of what, and in which currency its cost is.
_Held = tuple[str, str]


@dataclass(frozen=True)
class Figures:
    """``totals`` by owner (empty: nobody's), month (``2026-03``) and figure; ``accounts`` by owner,
    account and month: what moved on it, with the signs of the totals. ``currency`` is each owner's.
    ``is_changed``: on some day some account holds something else."""

    totals: Mapping[str, Mapping[str, Mapping[str, Amounts]]]
    accounts: Mapping[str, Mapping[str, Mapping[str, Amounts]]]
    currency: Mapping[str, str]
    is_changed: bool


def _months() -> dict[Month, Sums]:
    return defaultdict(_sums)


def _sums() -> Sums:
    return defaultdict(Decimal)


@dataclass
class _Owner:
    """What an owner's loose postings come to, by month."""

    sums: dict[str, dict[Month, Sums]] = field(default_factory=lambda: defaultdict(_months))
    held: dict[Month, Sums] = field(default_factory=_months)
    cost: dict[Month, Sums] = field(default_factory=_months)
    accounts: dict[str, dict[Month, Sums]] = field(default_factory=lambda: defaultdict(_months))


def figures(
    base: Books,
    head: Books,
    changed: Sequence[Change],
    directives: Sequence[DirectiveChange],
) -> Figures:
    """The difference that these changes make."""
    owners: dict[str, _Owner] = defaultdict(_Owner)
    days = _sums()
    for change in changed:
        for txn, books, sign in ((change.base, base, -1), (change.head, head, 1)):
            if txn:
                _add(txn, books, sign, owners, days)
    valuer = _Valuer(base, head, _priced(directives))
    revalued = valuer.revalued()
    names = sorted({*owners, *(name for name, _ in revalued)})
    currency = {name: _currency(name, base, head) for name in names}
    last = _last(base, head, directives)
    totals = {}
    for name in names:
        found = _totals(owners[name], name, currency[name], valuer, revalued, last)
        if found:
            totals[name] = found
    accounts = {
        name: told
        for name in names
        if (told := {a: m for a, by in sorted(owners[name].accounts.items()) if (m := _named(by))})
    }
    return Figures(totals, accounts, currency, any(days.values()) or bool(totals))


def _add(txn: Loose, books: Books, sign: int, owners: dict[str, _Owner], days: Sums) -> None:
    month = (txn.date.year, txn.date.month)
    for leg in txn.legs:
        moved = weight(leg)
        if moved is None:
            continue
        owner = owners[books.registry.ent(leg.account) or ""]
        days[leg.account, txn.date, leg.currency, leg.cost] += sign * moved.number
        root = _root(leg.account, books)
        amount = sign * moved.cost
        owner.sums[root][month][moved.cost_currency] += amount
        grows = amount if root in {"assets", "expenses"} else -amount
        owner.accounts[leg.account][month][moved.cost_currency] += grows
        if root == "assets":
            held = (moved.currency, moved.cost_currency)
            owner.held[month][held] += sign * moved.number
            owner.cost[month][held] += amount


def _root(account: str, books: Books) -> str:
    root = account.partition(":")[0]
    for name in ("assets", "liabilities", "equity", "income", "expenses"):
        if root == books.options.get(f"name_{name}", name.capitalize()):
            return name
    return "equity"


def _currency(owner: str, base: Books, head: Books) -> str:
    """The owner's currency; of a ledger without owners the operating currency, else the one that
    most accounts' postings are in."""
    for books in (head, base):
        if owner in books.registry.entities:
            return books.registry.entities[owner].currency
    for books in (head, base):
        operating = books.options.get("operating_currency")
        if operating:
            return str(operating[0])
    posted: Counter[str] = Counter()
    for part in head.by_file("bookdiff currencies posted", _posted) or [{}]:
        posted.update(part)
    return min(posted, key=lambda name: (-posted[name], name)) if posted else "USD"


def _posted(txns: Iterable[data.Transaction]) -> dict[str, int]:
    legs = (leg_of(posting) for txn in txns for posting in txn.postings)
    return dict(Counter(w.cost_currency for leg in legs if (w := weight(leg))))


def _last(base: Books, head: Books, directives: Iterable[DirectiveChange]) -> Month:
    """The last month of the books: of the newest transaction, or of a newer price that differs."""
    days = [base.as_of, head.as_of]
    days += [c.directive.entry.date for c in directives if c.directive.kind == "price"]
    newest = max(days)
    return newest.year, newest.month


def _priced(directives: Iterable[DirectiveChange]) -> frozenset[str]:
    """The commodities of prices that differ."""
    entries = (
        each.entry
        for change in directives
        for each in (change.base, change.head)
        if each and isinstance(each.entry, data.Price)
    )
    return frozenset(name for e in entries for name in (e.currency, e.amount.currency))


class _Valuer:
    """Market values by the prices of each side."""

    def __init__(self, base: Books, head: Books, priced: frozenset[str]) -> None:
        self._base, self._head, self._priced = base, head, priced
        self._maps: dict[int, Any] = {}

    def head(self, held: _Held, number: Decimal, cost: Decimal, to: str, day: dt.date) -> Amounts:
        """What a holding is worth by the head's prices."""
        return self._value(self._head, held, number, cost, to, day)

    def gained(self, held: _Held, number: Decimal, cost: Decimal, to: str, day: dt.date) -> Amounts:
        """What a holding of the base is worth more by the head's prices than by its own."""
        gained = _sums()
        _plus(gained, self._value(self._head, held, number, cost, to, day))
        _plus(gained, self._value(self._base, held, number, cost, to, day), -1)
        return dict(gained)

    def revalued(self) -> dict[tuple[str, _Held], dict[Month, tuple[Decimal, Decimal]]]:
        """What the base's owners hold of commodities whose prices differ: owner and holding to the
        units and cost that each month moved."""
        found: dict[tuple[str, _Held], dict[Month, tuple[Decimal, Decimal]]] = defaultdict(dict)
        if not self._priced:
            return found
        books = self._base
        for part in books.by_file("bookdiff held by account and month", _held):
            for account, units, currency, year, month, number, cost in part:
                if units in self._priced and _root(account, books) == "assets":
                    of = found[books.registry.ent(account) or "", (units, currency)]
                    before = of.get((year, month), (ZERO, ZERO))
                    of[year, month] = (before[0] + Decimal(number), before[1] + Decimal(cost))
        return found

    def _value(
        self, books: Books, held: _Held, number: Decimal, cost: Decimal, to: str, day: dt.date
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


def _totals(
    owner: _Owner,
    name: str,
    currency: str,
    valuer: _Valuer,
    revalued: Mapping[tuple[str, _Held], Mapping[Month, tuple[Decimal, Decimal]]],
    last: Month,
) -> dict[str, dict[str, Amounts]]:
    """An owner's figures of every month in which one differs."""
    mine = {held: by for (whose, held), by in revalued.items() if whose == name}
    moved = [month for by in owner.sums.values() for month in by]
    moved += [month for by in mine.values() for month in by]
    if not moved:
        return {}
    held, cost = _sums(), _sums()
    before = dict.fromkeys(mine, (ZERO, ZERO))
    sums: dict[str, Sums] = defaultdict(_sums)
    found = {}
    for month in _span(min(moved), max(last, *moved)):
        for root, by in owner.sums.items():
            _plus(sums[root], by.get(month, {}))
        _plus(held, owner.held.get(month, {}))
        _plus(cost, owner.cost.get(month, {}))
        for each, of in mine.items():
            more = of.get(month, (ZERO, ZERO))
            before[each] = (before[each][0] + more[0], before[each][1] + more[1])
        day = month_end(*month)
        market = _sums()
        for each, number in held.items():
            if number or cost[each]:
                _plus(market, valuer.head(each, number, cost[each], currency, day))
        for each, (number, at_cost) in before.items():
            _plus(market, valuer.gained(each, number, at_cost, currency, day))
        said = _said(owner, sums, market, month)
        if said:
            found["{:04d}-{:02d}".format(*month)] = said
    return found


def _said(
    owner: _Owner, sums: Mapping[str, Sums], market: Sums, month: Month
) -> dict[str, Amounts]:
    """The figures of one month that are not zero."""
    flows: list[Mapping[str, Decimal]] = [
        owner.sums.get(root, {}).get(month, {}) for root in ("income", "expenses")
    ]
    income, expenses = flows
    equity = _sums()
    for root in ("equity", "income", "expenses"):
        _plus(equity, sums.get(root, {}))
    net = _sums()
    _plus(net, income)
    _plus(net, expenses)
    all_figures = {
        "assets": _nonzero(sums.get("assets", {})),
        "assets_market_value": _nonzero(market),
        "liabilities": _nonzero(sums.get("liabilities", {}), -1),
        "equity": _nonzero(equity, -1),
        "revenue": _nonzero(income, -1),
        "expenses": _nonzero(expenses),
        "net_income": _nonzero(net, -1),
    }
    return {name: amounts for name, amounts in all_figures.items() if amounts}


def _plus(sums: Sums, more: Mapping[Any, Decimal], sign: int = 1) -> None:
    for key, number in more.items():
        sums[key] += sign * number


def _nonzero(sums: Mapping[str, Decimal], sign: int = 1) -> Amounts:
    return {name: sign * number for name, number in sorted(sums.items()) if number}


def _named(by_month: Mapping[Month, Sums]) -> dict[str, Amounts]:
    found = {"{:04d}-{:02d}".format(*m): _nonzero(s) for m, s in sorted(by_month.items())}
    return {month: amounts for month, amounts in found.items() if amounts}


def _span(first: Month, last: Month) -> list[Month]:
    months = []
    year, month = first
    while (year, month) <= last:
        months.append((year, month))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months
