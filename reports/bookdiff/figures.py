"""What the difference is in figures: head minus base, by owner and month, and by account.

Balances are those at a month's end, revenue and expenses those of the month; liabilities, equity
and revenue are positive where they grow. Each is the sum of its root's accounts, so that assets are
liabilities, equity and the net income of all months so far. Amounts are at cost, money without a
cost in its own currency. At market value, whatever has a price in its owner's currency on or before
the month's end counts at that price; else at a price in the currency of its cost, else at cost.

Only what is loose is added up. A price that changed revalues what both sides hold: of that
commodity alone the holdings are asked of the books.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from core.journal.books import Books
from core.period import month_end
from reports.bookdiff.changes import Change, DirectiveChange
from reports.bookdiff.legs import leg_of, weight
from reports.bookdiff.loose import Loose
from reports.bookdiff.market import (
    ZERO,
    Amounts,
    Held,
    Month,
    Sums,
    Valuer,
    plus,
    priced,
    root_of,
    zeros,
)

BALANCES = ("assets", "assets_market_value", "liabilities", "equity")
FLOWS = ("revenue", "expenses", "net_income")
FIGURES = (*BALANCES, *FLOWS)


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
    return defaultdict(zeros)


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
    days = zeros()
    for change in changed:
        if change.base:
            _add(change.base, (base, head), -1, owners, days)
        if change.head:
            _add(change.head, (head, base), 1, owners, days)
    valuer = Valuer(base, head, priced(directives))
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


def _add(
    txn: Loose, books: tuple[Books, Books], sign: int, owners: dict[str, _Owner], days: Sums
) -> None:
    """Adds what a transaction moves; ``books`` are its own, then the other side's."""
    month = (txn.date.year, txn.date.month)
    for leg in txn.legs:
        moved = weight(leg)
        if moved is None:
            continue
        owner = owners[books[0].registry.ent(leg.account) or ""]
        days[leg.account, txn.date, leg.currency, leg.cost] += sign * moved.number
        root = root_of(leg.account, *books)
        amount = sign * moved.cost
        owner.sums[root][month][moved.cost_currency] += amount
        grows = amount if root in {"assets", "expenses"} else -amount
        owner.accounts[leg.account][month][moved.cost_currency] += grows
        if root == "assets":
            held = (moved.currency, moved.cost_currency)
            owner.held[month][held] += sign * moved.number
            owner.cost[month][held] += amount


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


def _totals(
    owner: _Owner,
    name: str,
    currency: str,
    valuer: Valuer,
    revalued: Mapping[tuple[str, Held], Mapping[Month, tuple[Decimal, Decimal]]],
    last: Month,
) -> dict[str, dict[str, Amounts]]:
    """An owner's figures of every month in which one differs."""
    mine = {held: by for (whose, held), by in revalued.items() if whose == name}
    moved = [month for by in owner.sums.values() for month in by]
    moved += [month for by in mine.values() for month in by]
    if not moved:
        return {}
    held, cost = zeros(), zeros()
    before = dict.fromkeys(mine, (ZERO, ZERO))
    sums: dict[str, Sums] = defaultdict(zeros)
    found = {}
    for month in _span(min(moved), max(last, *moved)):
        for root, by in owner.sums.items():
            plus(sums[root], by.get(month, {}))
        plus(held, owner.held.get(month, {}))
        plus(cost, owner.cost.get(month, {}))
        for each, of in mine.items():
            more = of.get(month, (ZERO, ZERO))
            before[each] = (before[each][0] + more[0], before[each][1] + more[1])
        day = month_end(*month)
        market = zeros()
        for each, number in held.items():
            if number or cost[each]:
                plus(market, valuer.head(each, number, cost[each], currency, day))
        for each, (number, at_cost) in before.items():
            plus(market, valuer.gained(each, number, at_cost, currency, day))
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
    net = zeros()
    plus(net, income)
    plus(net, expenses)
    all_figures = {
        "assets": _nonzero(sums.get("assets", {})),
        "assets_market_value": _nonzero(market),
        "liabilities": _nonzero(sums.get("liabilities", {}), -1),
        "equity": _nonzero(sums.get("equity", {}), -1),
        "revenue": _nonzero(income, -1),
        "expenses": _nonzero(expenses),
        "net_income": _nonzero(net, -1),
    }
    return {name: amounts for name, amounts in all_figures.items() if amounts}


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
