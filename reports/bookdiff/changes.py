"""What happened to each transaction and directive, and in which of its fields."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from reports.bookdiff.directives import Directive
from reports.bookdiff.legs import Leg
from reports.bookdiff.loose import Loose
from reports.bookdiff.matched import Matched

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
Side = TypeVar("Side")
KINDS = (REMOVED, CHANGED, MOVED, ADDED)


@dataclass(frozen=True)
class Field:
    """A field that differs, and what it says before and after (empty: nothing)."""

    name: str
    base: str
    head: str


@dataclass(frozen=True, eq=False)
class Change:
    """A transaction that was added, removed, changed, or moved: to another day, or between
    accounts, and nothing else."""

    kind: str
    base: Loose | None
    head: Loose | None
    fields: tuple[Field, ...] = ()

    @property
    def txn(self) -> Loose:
        """The transaction as it is now, or as it was."""
        return _either(self.head, self.base)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Each field once."""
        return tuple(dict.fromkeys(field.name for field in self.fields))


@dataclass(frozen=True, eq=False)
class DirectiveChange:
    """A directive that was added, removed or changed."""

    kind: str
    base: Directive | None
    head: Directive | None

    @property
    def directive(self) -> Directive:
        """The directive as it is now, or as it was."""
        return _either(self.head, self.base)


def _either(head: Side | None, base: Side | None) -> Side:
    """The head's, else the base's: a change has one of them."""
    if head is not None:
        return head
    if base is None:
        raise ValueError("a change of nothing")
    return base


def changes(found: Matched) -> tuple[Change, ...]:
    """Every transaction that is not the same, in order of date."""
    out = [Change(REMOVED, txn, None) for txn in found.removed]
    out += [Change(ADDED, None, txn) for txn in found.added]
    for base, head in found.pairs:
        fields = tuple(_fields(base, head))
        names = {field.name for field in fields}
        out.append(Change(MOVED if names <= {"date", "account"} else CHANGED, base, head, fields))
    out.sort(key=lambda c: (c.txn.date, KINDS.index(c.kind), c.txn.file, c.txn.line))
    return tuple(out)


def _fields(base: Loose, head: Loose) -> Iterator[Field]:
    plain = (
        ("date", str(base.date), str(head.date)),
        ("flag", base.txn.flag or "", head.txn.flag or ""),
        ("payee", base.payee, head.payee),
        ("narration", base.narration, head.narration),
        ("tags", _listed(base.tags, "#"), _listed(head.tags, "#")),
        ("links", _listed(base.links, "^"), _listed(head.links, "^")),
    )
    for name, before, after in plain:
        if before != after:
            yield Field(name, before, after)
    yield from _metadata(base, head)
    if base.moves != head.moves:
        yield from _of_legs(base, head)


def _listed(names: Iterable[str], mark: str) -> str:
    return " ".join(f"{mark}{name}" for name in sorted(names))


def _metadata(base: Loose, head: Loose) -> Iterator[Field]:
    """Keys of the transaction, then of its postings; flags of postings with them."""
    before, after = ({(k, t): v for k, t, v in txn.meta} for txn in (base, head))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Field("metadata", *(_pair(key[0], of.get(key)) for of in (before, after)))
    legs = (_marked(base.legs), _marked(head.legs))
    gone, new = legs[0] - legs[1], legs[1] - legs[0]
    if gone or new:
        told = (" ".join(text for _, text in sorted(of.elements())) for of in (gone, new))
        yield Field("metadata", *told)


def _pair(key: str, value: Any) -> str:
    return "" if value is None else f"{key}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return " ".join(map(_plain, value[1:] if value[:1] == ("amount",) else value))
    return str(value)


def _marked(legs: Iterable[Leg]) -> Counter[tuple[str, str]]:
    """What is said beside the amounts, by account."""
    found: Counter[tuple[str, str]] = Counter()
    for leg in legs:
        texts = [f"flag {leg.flag}"] if leg.flag else []
        texts += [_pair(key, value) for key, _, value in leg.meta]
        found.update((leg.account, text) for text in texts)
    return found


def _of_legs(base: Loose, head: Loose) -> Iterator[Field]:
    """How the postings differ, each with the one that it most likely was."""
    gone, new = _without_same(base, head)
    for name, same in (
        ("cost", lambda g: (g.account, g.number, g.currency, g.price)),
        ("price", lambda g: (g.account, g.number, g.currency, g.cost)),
        ("cost", lambda g: (g.account, g.number, g.currency)),
        ("amount", lambda g: (g.account, g.currency)),
        ("account", lambda g: (g.number, g.currency)),
        ("amount", lambda g: (g.account,)),
    ):
        for one, other in _paired(gone, new, same):
            if name == "account":
                yield Field(name, one.account, other.account)
            else:
                yield Field(name, told(one), told(other))
    for one, other in zip(list(gone), list(new), strict=False):
        gone.remove(one)
        new.remove(other)
        yield Field("account", one.account, other.account)
        yield Field("amount", told(one), told(other))
    for leg in gone:
        yield Field("postings", told(leg), "")
    for leg in new:
        yield Field("postings", "", told(leg))


def _without_same(base: Loose, head: Loose) -> tuple[list[Leg], list[Leg]]:
    """The legs that move something else, without metadata and the day of a lot of their own."""
    mine, theirs = ([_bare(leg, txn.date) for leg in txn.legs] for txn in (base, head))
    shared = Counter(mine) & Counter(theirs)
    return _left(mine, shared.copy()), _left(theirs, shared.copy())


def _left(legs: Iterable[Leg], shared: Counter[Leg]) -> list[Leg]:
    out = []
    for leg in legs:
        if shared[leg]:
            shared[leg] -= 1
        else:
            out.append(leg)
    return out


def _bare(leg: Leg, day: dt.date) -> Leg:
    cost = leg.cost
    if cost and cost[2:3] == (day,):
        cost = (*cost[:2], None, *cost[3:])
    return leg._replace(cost=cost, flag="", meta=())


def _paired(gone: list[Leg], new: list[Leg], same: Any) -> Iterator[tuple[Leg, Leg]]:
    """Pairs with the same key, taken out of both lists."""
    by_key: dict[Any, list[Leg]] = defaultdict(list)
    for leg in new:
        by_key[same(leg)].append(leg)
    for leg in list(gone):
        others = by_key.get(same(leg))
        if others:
            other = others.pop(0)
            gone.remove(leg)
            new.remove(other)
            yield leg, other


def told(leg: Leg) -> str:
    """A posting in one line, as Beancount writes it."""
    return f"{leg.account} {amount_told(leg)}".rstrip()


def amount_told(leg: Leg) -> str:
    """Units, cost and price of a posting as Beancount writes them."""
    if leg.number is None:
        return ""
    out = f"{leg.number:f} {leg.currency}"
    if leg.cost:
        parts = [_plain(value) for value in leg.cost[2:] if value is not None]
        out += " {" + ", ".join([f"{_plain(leg.cost[0])} {leg.cost[1]}", *parts]) + "}"
    if leg.price:
        out += f" @ {_plain(leg.price)}"
    return out


def directive_changes(
    base: Sequence[Directive], head: Sequence[Directive]
) -> tuple[DirectiveChange, ...]:
    """Every directive that is not the same; with the same identity it was changed."""
    waiting: dict[Any, list[Directive]] = defaultdict(list)
    for each in base:
        waiting[each.identity].append(each)
    out = []
    for each in head:
        before = waiting.get(each.identity)
        out.append(
            DirectiveChange(CHANGED, before.pop(0), each)
            if before
            else DirectiveChange(ADDED, None, each)
        )
    out += [DirectiveChange(REMOVED, each, None) for some in waiting.values() for each in some]
    out.sort(key=lambda c: (c.directive.entry.date, c.directive.kind, c.directive.text, c.kind))
    return tuple(out)
