"""Lots: the transactions whose booking depends on what an account holds, month by month.

Beancount books them with the inventories at the beginning of the month as they were kept, and what
comes out is kept under a name made of everything that went in: the transactions, the inventories of
the accounts they touch, the booking methods and options. So an edit books its own month again, and
the months after it only as long as what they begin with is not what it was.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from beancount.core import data
from beancount.core.inventory import Inventory
from beancount.core.position import Position
from beancount.ops import validation

from core.cache.shelf import Shelf
from core.cache.slim import Slim, content, digest, pack, slim, unpack
from core.cache.store import LostError, Store
from core.journal.book import book
from core.journal.effect import (
    Days,
    Effect,
    effect_of,
    slim_days,
    slim_effect,
    thick_days,
    thick_effect,
)
from core.journal.leaf import Leaf
from core.journal.trouble import Trouble, slim_trouble, thick_trouble, troubles

_EMPTY = ""  # the name of an inventory that holds nothing
_PARTS = Shelf(8_000_000)


@dataclass(frozen=True, eq=False)
class Month:
    """The lots of one month, booked; the ``files`` they stand in, each with a digest of what became
    of its own; ``inventories`` are the names of what the accounts hold at its end."""

    key: str
    troubles: tuple[Trouble, ...]
    effect: Effect
    inventories: Mapping[str, str]
    files: Mapping[str, str]
    store: Store

    def days(self) -> Days:
        """The sums by day of its ``effect``."""
        found: Days = _PARTS.of(f"{self.key} days", self.store, thick_days)
        return found

    def rows(self) -> Mapping[str, Mapping[str, Slim | None]]:
        """What each transaction became: by path, then by its place in the body of the leaf."""
        found: Mapping[str, Mapping[str, Slim | None]] = _PARTS.of(
            f"{self.key} rows", self.store, lambda slim: slim
        )
        return found


@dataclass(frozen=True)
class _Part:
    """A leaf's part in the lots of a month: a digest of its transactions, the accounts whose lots
    they touch, and their places."""

    digest: str
    accounts: frozenset[str]
    places: Sequence[int]


_Stream = Mapping[str, _Part]  # by month


@dataclass(frozen=True, eq=False)
class _Group:
    """Some leaves' parts in the lots of a month."""

    parts: Sequence[tuple[Leaf, _Part]]

    @cached_property
    def digests(self) -> Sequence[str]:
        """Those of the parts."""
        return [part.digest for _, part in self.parts]

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts whose lots they touch."""
        return frozenset[str]().union(*(part.accounts for _, part in self.parts))


class Lots:
    """The lots in some leaves that follow each other, by month as soon as somebody says which
    accounts are asked for lots by any leaf."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves
        self.asked = frozenset[str]().union(*(leaf.head.lot_accounts for leaf in leaves))
        self._found: tuple[frozenset[str], Mapping[str, _Group]] | None = None

    def by_month(self, accounts: frozenset[str], store: Store) -> Mapping[str, _Group]:
        """The parts of the leaves in each month's lots of these accounts."""
        if self._found is None or self._found[0] != accounts:
            parts: dict[str, list[tuple[Leaf, _Part]]] = {}
            for leaf in self._leaves:
                for month, part in _stream(leaf, accounts, store).items():
                    parts.setdefault(month, []).append((leaf, part))
            self._found = accounts, {month: _Group(each) for month, each in parts.items()}
        return self._found[1]


@dataclass
class Memo:
    """What was found out in this process already: the months by their names, and the names by
    what they are made of."""

    months: dict[str, Month] = field(default_factory=dict)
    names: dict[tuple[Any, ...], str] = field(default_factory=dict)


def booked_months(
    lots: Sequence[Lots],
    how: str,
    options: Mapping[str, Any],
    opens: Iterable[data.Open],
    store: Store,
    memo: Memo,
) -> list[Month]:
    """The months with lots, in order, each booked on what the one before it left.

    ``lots`` are those of all leaves, ``how`` names the root's booking options and ``opens`` are all
    open directives. ``memo`` is left with what this reading used.
    """
    accounts = frozenset[str]().union(*(some.asked for some in lots))
    methods = {e.account: e for e in opens if e.booking and e.account in accounts}
    held: dict[str, str] = {}
    out = []
    names: dict[tuple[Any, ...], str] = {}
    by_month: dict[str, list[_Group]] = {}
    for some in lots:
        for name, group in some.by_month(accounts, store).items():
            by_month.setdefault(name, []).append(group)
    for _, groups in sorted(by_month.items()):
        touched = sorted(frozenset[str]().union(*(group.accounts for group in groups)))
        before = {account: held.get(account, _EMPTY) for account in touched}
        opened = [methods[account] for account in touched if account in methods]
        booking = [[e.account, pack(e.booking)] for e in opened]
        made_of = how, tuple(groups), tuple(before.values()), str(booking)
        key = memo.names.get(made_of, "")
        if not key:
            digests = [each for group in groups for each in group.digests]
            key = f"lots {how} {digest([digests, before, booking])}"
        names[made_of] = key
        month = memo.months.get(key) or _kept(key, store)
        if month is None:
            items = _items(part for group in groups for part in group.parts)
            month = _booked(key, items, before, opened, options, store)
        held.update(month.inventories)
        out.append(month)
    memo.months, memo.names = {month.key: month for month in out}, names
    return out


# What leaves have in the lots of each month, with the accounts that were asked about.
_STREAMS: "WeakKeyDictionary[Leaf, tuple[frozenset[str], _Stream]]" = WeakKeyDictionary()


def _stream(leaf: Leaf, accounts: frozenset[str], store: Store) -> _Stream:
    touched = accounts & leaf.head.accounts
    if not touched:
        return {}
    known = _STREAMS.get(leaf)
    if known is None or known[0] != touched:
        known = _STREAMS[leaf] = touched, _cut(leaf, touched, store)
    return known[1]


def _cut(leaf: Leaf, touched: frozenset[str], store: Store) -> _Stream:
    """A leaf's transactions that touch these accounts, by month."""
    key = f"stream {leaf.short} {digest(sorted(touched))}"
    raw = store.get(key)
    if raw is not None:
        return {n: _Part(d, frozenset(a), p) for n, (d, a, p) in json.loads(raw).items()}
    by_month: dict[str, list[tuple[int, Slim]]] = {}
    for place, row in leaf.touching(touched):
        by_month.setdefault(f"{dt.date.fromordinal(row[1]):%Y-%m}", []).append((place, row))
    stream = {
        name: _Part(
            digest([str(leaf.path), rows]), _accounts(rows) & touched, [place for place, _ in rows]
        )
        for name, rows in by_month.items()
    }
    store.put(
        key, content({n: [p.digest, sorted(p.accounts), p.places] for n, p in stream.items()})
    )
    return stream


def _accounts(rows: Iterable[tuple[int, Slim]]) -> frozenset[str]:
    return frozenset(posting[0] for _, row in rows for posting in row[8])


@dataclass(frozen=True)
class _Item:
    leaf: Leaf
    place: int
    asks: bool
    entry: data.Transaction


def _items(parts: Iterable[tuple[Leaf, _Part]]) -> list[_Item]:
    """The month's transactions in Beancount's order."""
    items = []
    for leaf, part in parts:
        lots = set(leaf.head.lots)
        for place, entry in zip(part.places, leaf.thick(part.places), strict=True):
            if isinstance(entry, data.Transaction):
                items.append(_Item(leaf, place, place in lots, _copied(entry)))
    return sorted(items, key=lambda item: data.entry_sortkey(item.entry))


def _copied(txn: data.Transaction) -> data.Transaction:
    """The same, for booking to write into the metadata: a leaf may hold it for another booking."""
    postings = [
        posting._replace(meta=None if posting.meta is None else dict(posting.meta))
        for posting in txn.postings
    ]
    return txn._replace(meta=dict(txn.meta), postings=postings)


def _booked(
    key: str,
    items: Sequence[_Item],
    before: Mapping[str, str],
    opens: Sequence[data.Open],
    options: Mapping[str, Any],
    store: Store,
) -> Month:
    balances: dict[str, Inventory] = defaultdict(Inventory)
    for account, name in before.items():
        if name != _EMPTY:
            balances[account] = _inventory(name, store)
    entries, errors = book([*opens, *(item.entry for item in items)], options, balances)
    by_place = {_place(e): e for e in entries if isinstance(e, data.Transaction)}
    rows: dict[str, dict[str, Slim | None]] = {}
    became = []
    for item in items:
        if item.asks:
            entry = by_place.get(_place(item.entry))
            file = str(item.leaf.path)
            rows.setdefault(file, {})[str(item.place)] = slim(entry, file) if entry else None
            if entry:
                became.append(entry)
    errors += validation.validate_check_transaction_balances(became, dict(options))
    effect, days = effect_of(became)
    after = {account: _named(balances.get(account), store) for account in before}
    files = {file: digest(of_file) for file, of_file in rows.items()}
    month = Month(key, tuple(troubles(errors)), effect, after, files, store)
    body = content(rows)
    _PARTS.keep(f"{key} rows", rows, len(body))
    _PARTS.keep(f"{key} days", days, 60 * len(days))
    store.put(f"{key} rows", body)
    store.put(f"{key} days", content(slim_days(days)))
    found = [slim_trouble(each) for each in month.troubles]
    store.put(key, content([found, slim_effect(effect), after, files]))
    return month


def _kept(key: str, store: Store) -> Month | None:
    raw = store.get(key)
    if raw is None:
        return None
    found, effect, inventories, files = json.loads(raw)
    wrong = tuple(map(thick_trouble, found))
    return Month(key, wrong, thick_effect(effect), inventories, files, store)


def _place(entry: data.Transaction) -> tuple[str, int]:
    return entry.meta["filename"], entry.meta["lineno"]


def _inventory(name: str, store: Store) -> Inventory:
    """The inventory kept under ``name``, its positions in the order they had."""
    raw = store.get(f"inventory {name}")
    if raw is None:
        raise LostError(name)
    held = Inventory()
    for units, cost in json.loads(raw):
        held.add_position(Position(unpack(units), unpack(cost)))
    return held


def _named(held: Inventory | None, store: Store) -> str:
    """Keeps an inventory under a name made of its content, and gives the name."""
    if held is None or held.is_empty():
        return _EMPTY
    positions = [[pack(position.units), pack(position.cost)] for position in held]
    name = digest(positions)
    store.put(f"inventory {name}", content(positions))
    return name


def outcome(months: Iterable[Month], path: Path) -> dict[int, Slim | None]:
    """What the lots of a file became, by place; None for what was dropped."""
    found: dict[int, Slim | None] = {}
    for month in months:
        if str(path) in month.files:
            found.update({int(place): row for place, row in month.rows()[str(path)].items()})
    return found
