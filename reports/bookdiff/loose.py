"""What does not stand the same on both sides: loose transactions and directives.

Layout does not count: not the file or line, the order of entries, postings, tags or metadata, how
a number is written, or an amount left out that follows from the others. Where both sides come in
pieces, those that they share are not even looked into.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.account import TYPE as ACCOUNT
from beancount.core.amount import Amount
from beancount.core.position import Cost

from core.journal.books import Books

_OWN = {"filename", "lineno"}
Said = tuple[tuple[str, str, Any], ...]  # metadata: key, type and value, in order
Renamed = Mapping[str, str]


class Leg(NamedTuple):
    """A posting: its account, units, cost (number, currency, date, label), price per unit."""

    account: str
    number: Decimal | None
    currency: str
    cost: tuple[Any, ...] | None
    price: tuple[Any, ...] | None
    flag: str
    meta: Said


class Weight(NamedTuple):
    """What a posting moves in the books: its units, and their cost in the cost's currency."""

    number: Decimal
    currency: str
    cost: Decimal
    cost_currency: str


@dataclass(frozen=True, eq=False)
class Loose:
    """A transaction of one side, as it compares; ``legs`` have the accounts' names of the head,
    and are in an order that does not depend on how they are written."""

    txn: data.Transaction
    entity: str
    legs: tuple[Leg, ...]
    file: str
    line: int

    @property
    def date(self) -> dt.date:
        """Its day."""
        return self.txn.date

    @property
    def payee(self) -> str:
        """The payee, or an empty string."""
        return self.txn.payee or ""

    @property
    def narration(self) -> str:
        """The narration, or an empty string."""
        return self.txn.narration or ""

    @cached_property
    def meta(self) -> Said:
        """Its metadata."""
        return said(self.txn.meta)

    @cached_property
    def tags(self) -> frozenset[str]:
        """Its tags."""
        return frozenset(self.txn.tags or ())

    @cached_property
    def links(self) -> frozenset[str]:
        """Its links."""
        return frozenset(self.txn.links or ())

    @cached_property
    def moves(self) -> tuple[tuple[Any, ...], ...]:
        """What its legs do to balances: without flags and metadata, and a lot that it opens itself
        without the day."""
        return tuple(sorted((_moves(leg, self.date) for leg in self.legs), key=repr))

    @property
    def as_written(self) -> tuple[Leg, ...]:
        """Its postings under the names of its own side, in the order in which they are written."""
        return tuple(map(leg_of, self.txn.postings))

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that it posts to."""
        return frozenset(leg.account for leg in self.legs)

    @property
    def key(self) -> tuple[Any, ...]:
        """Everything that counts."""
        head = (self.date, self.txn.flag or "", self.payee, self.narration, self.tags, self.links)
        return (*head, self.meta, self.legs)

    def renamed(self, names: Renamed) -> "Loose":
        """The same with other names of accounts."""
        if self.accounts.isdisjoint(names):
            return self
        legs = (leg._replace(account=names.get(leg.account, leg.account)) for leg in self.legs)
        return Loose(self.txn, self.entity, _ordered(legs), self.file, self.line)


@dataclass(frozen=True, eq=False)
class Directive:
    """A directive that is no transaction, as it compares. ``identity`` is what stays the same where
    it is changed; ``text`` what it says, in one line."""

    entry: data.Directive
    kind: str
    identity: tuple[Any, ...]
    key: tuple[Any, ...]
    text: str
    account: str
    file: str
    line: int


@dataclass(frozen=True)
class Residue:
    """What does not stand the same on both sides, each in order of date and place."""

    base: tuple[Loose, ...]
    head: tuple[Loose, ...]
    base_directives: tuple[Directive, ...]
    head_directives: tuple[Directive, ...]

    def renamed(self, names: Renamed, base: Books) -> "Residue":
        """What is left where accounts of the base have the head's names."""
        if not names:
            return self
        mine, other = _without_same([t.renamed(names) for t in self.base], self.head)
        said = [_directive(each.entry, base, names) for each in self.base_directives]
        directives, others = _without_same([d for d in said if d], self.head_directives)
        return Residue(tuple(mine), tuple(other), tuple(directives), tuple(others))


def residue(base: Books, head: Books) -> Residue:
    """What does not stand the same in both books."""
    before, after = _unshared(base, head)
    mine, other = _without_same(_loose(before, base), _loose(after, head))
    told = (_directives(before, base), _directives(after, head))
    directives, others = _without_same(*told)
    return Residue(tuple(mine), tuple(other), tuple(directives), tuple(others))


def weight(leg: Leg) -> Weight | None:
    """What a leg moves; None where it was never booked."""
    if leg.number is None:
        return None
    if leg.cost and isinstance(leg.cost[0], Decimal):
        return Weight(leg.number, leg.currency, leg.number * leg.cost[0], leg.cost[1])
    return Weight(leg.number, leg.currency, leg.number, leg.currency)


def _unshared(base: Books, head: Books) -> tuple[Sequence[data.Directive], ...]:
    """The directives of the pieces that are not in both; all where books come whole."""
    if base.parts is None or head.parts is None:
        return base.entries, head.entries
    idents = [{(p.name, p.ident) for p in books.parts.pieces} for books in (base, head)]  # type: ignore[union-attr]
    shared = idents[0] & idents[1]
    found = []
    for parts in (base.parts, head.parts):
        entries: list[data.Directive] = list(parts.found)
        for piece in parts.pieces:
            if (piece.name, piece.ident) not in shared:
                entries += piece.made.entries
                entries += piece.padding
        found.append(entries)
    return tuple(found)


def _without_same(base: Iterable[Any], head: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Both without what stands in both; of twins as many as the other side has."""
    before, after = [(each.key, each) for each in base], [(each.key, each) for each in head]
    shared = Counter(key for key, _ in before) & Counter(key for key, _ in after)
    if not shared:
        return [each for _, each in before], [each for _, each in after]
    return list(_left(before, shared.copy())), list(_left(after, shared.copy()))


def _left(keyed: Iterable[tuple[Any, Any]], shared: Counter[Any]) -> Iterator[Any]:
    for key, each in keyed:
        if shared[key]:
            shared[key] -= 1
        else:
            yield each


def _loose(entries: Iterable[data.Directive], books: Books) -> list[Loose]:
    found = []
    for entry in entries:
        if isinstance(entry, data.Transaction):
            owners = ", ".join(sorted(books.registry.ents(entry)))
            legs = _ordered(leg_of(posting) for posting in entry.postings)
            found.append(Loose(entry, owners, legs, *books.where(entry)))
    found.sort(key=lambda txn: (txn.date, txn.file, txn.line))
    return found


def leg_of(posting: data.Posting) -> Leg:
    """A posting as it compares."""
    units, cost, price = posting.units, posting.cost, posting.price
    number = getattr(units, "number", None)
    return Leg(
        posting.account,
        number if isinstance(number, Decimal) else None,
        str(getattr(units, "currency", "") or ""),
        _lot(cost) if cost is not None else None,
        (price.number, price.currency) if price is not None else None,
        posting.flag or "",
        said(posting.meta) if posting.meta else (),
    )


def _lot(cost: Any) -> tuple[Any, ...]:
    if isinstance(cost, Cost):
        return (cost.number, cost.currency, cost.date, cost.label)
    return ("not booked", repr(cost))


def _ordered(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    return tuple(sorted(legs, key=_place))


def _place(leg: Leg) -> tuple[Any, ...]:
    rest = (leg.cost, leg.price, leg.flag, leg.meta)
    more = repr(rest) if any(rest) else ""
    return leg.account, leg.currency, leg.number or Decimal(0), more


def _moves(leg: Leg, day: dt.date) -> tuple[Any, ...]:
    cost = leg.cost
    if cost and cost[2:3] == (day,):
        cost = (*cost[:2], None, *cost[3:])
    return leg.account, _bare(leg.number), leg.currency, _each(cost), _each(leg.price)


def _bare(value: Any) -> Any:
    """A number without the zeros at its end, so that equal ones are written alike."""
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def _each(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(map(_bare, values))


def said(meta: Mapping[str, Any] | None) -> Said:
    """Metadata that a person or a program wrote, in order, without what Beancount adds."""
    kept = [
        (key, type(value).__name__, _comparable(value))
        for key, value in (meta or {}).items()
        if key not in _OWN and not key.startswith("__")
    ]
    return tuple(sorted(kept, key=lambda item: item[0])) if kept else ()


def _directives(entries: Iterable[data.Directive], books: Books) -> list[Directive]:
    found = [d for entry in entries if (d := _directive(entry, books, {}))]
    found.sort(key=lambda each: (each.entry.date, each.kind, each.text, each.file, each.line))
    return found


def _directive(entry: data.Directive, books: Books, names: Renamed) -> Directive | None:
    """A directive of one side; its accounts by their ``names`` on the other."""
    kind = type(entry).__name__.casefold()
    tell = _TOLD.get(type(entry))
    if tell is None:
        return None
    identity, values = tell(entry, names, books)
    texts = " ".join(filter(None, map(_text, values)))
    account = getattr(entry, "account", "")
    return Directive(
        entry,
        kind,
        (kind, *identity),
        (kind, entry.date, tuple(map(_comparable, values)), said(entry.meta)),
        f"{entry.date} {kind} {texts}".rstrip(),
        names.get(account, account),
        *books.where(entry),
    )


def _comparable(value: Any) -> Any:
    """Beancount's amounts cannot be compared with anything else."""
    return ("amount", *tuple(value)) if isinstance(value, Amount) else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        joint = " " if type(value) is not tuple else ", "
        return joint.join(map(_text, value))
    return f'"{value}"' if isinstance(value, _Quoted) else str(value)


class _Quoted(str):
    """A text that stands in quotes."""

    __slots__ = ()


_Told = tuple[tuple[Any, ...], tuple[Any, ...]]  # identity, values


def _open(e: data.Open, names: Renamed, _: Books) -> _Told:
    name = names.get(e.account, e.account)
    booking = e.booking.value if e.booking else None
    return (name,), (name, tuple(sorted(e.currencies or ())), booking)


def _custom(e: data.Custom, names: Renamed, _: Books) -> _Told:
    values = [
        names.get(v.value, v.value)
        if v.dtype == ACCOUNT
        else _Quoted(v.value)
        if isinstance(v.value, str)
        else v.value
        for v in e.values
    ]
    texts = tuple(value for value in values if isinstance(value, str))
    return (e.type, e.date, texts), (_Quoted(e.type), *values)


def _named(e: Any, names: Renamed, *rest: Any) -> tuple[Any, ...]:
    return (names.get(e.account, e.account), *rest)


_TOLD: dict[Any, Callable[[Any, Renamed, Books], _Told]] = {
    data.Open: _open,
    data.Close: lambda e, n, _: (_named(e, n), _named(e, n)),
    data.Commodity: lambda e, _n, _: ((e.currency,), (e.currency,)),
    data.Balance: lambda e, n, _: (
        _named(e, n, e.amount.currency, e.date),
        _named(e, n, e.amount, e.tolerance),
    ),
    data.Pad: lambda e, n, _: (
        _named(e, n, e.date),
        _named(e, n, n.get(e.source_account, e.source_account)),
    ),
    data.Note: lambda e, n, _: (_named(e, n, e.date), _named(e, n, _Quoted(e.comment))),
    data.Document: lambda e, n, b: (
        _named(e, n, b.relative(e.filename)),
        _named(e, n, _Quoted(b.relative(e.filename)), *_marks(e)),
    ),
    data.Event: lambda e, _n, _: ((e.type, e.date), (_Quoted(e.type), _Quoted(e.description))),
    data.Query: lambda e, _n, _: ((e.name,), (_Quoted(e.name), _Quoted(e.query_string))),
    data.Price: lambda e, _n, _: (
        (e.currency, e.amount.currency, e.date),
        (e.currency, e.amount),
    ),
    data.Custom: _custom,
}


def _marks(entry: data.Document) -> tuple[str, ...]:
    """Tags and links as they are written, in order."""
    tags = sorted(f"#{tag}" for tag in entry.tags or ())
    return (*tags, *sorted(f"^{link}" for link in entry.links or ()))
