"""What is another in a closed period than when it was sealed: entry by entry, figure by figure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from beancount.core import data

from core.money import plain
from plugins.closing.sealed import Line

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
_ALIKE = 0.5  # how much of two entries must be the same for one to be the other, changed
_MANY = 400  # entries: to compare each with each would take long, and nobody would read it
_LEG = ("account", "amount", "currency")


@dataclass(frozen=True)
class Change:
    """An entry that was added (no ``before``), removed (no ``after``) or changed: each side with
    its canonical line."""

    before: Line | None
    after: Line | None

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return CHANGED if self.before and self.after else ADDED if self.after else REMOVED

    @property
    def entry(self) -> data.Directive:
        """The entry as it is now, or else as it was."""
        line = self.after or self.before
        assert line is not None  # noqa: S101 - one side is there
        return line[1]

    @property
    def lines(self) -> tuple[str, str]:
        """Both canonical lines, empty where there is none."""
        return self.before[0] if self.before else "", self.after[0] if self.after else ""


@dataclass(frozen=True)
class Figure:
    """A figure that is another: its line without the value, and the value then and now, empty where
    there was none."""

    of: tuple[tuple[str, str], ...]
    was: str
    now: str

    def __getitem__(self, name: str) -> str:
        return dict(self.of).get(name, "")

    @property
    def name(self) -> str:
        """What it is, in words."""
        names = ("type", "name", "date", "account", "unit", "currency")
        return " ".join(filter(None, (self[name] for name in names)))

    @property
    def delta(self) -> Decimal:
        """By how much a sum is another, in its unit."""
        return Decimal(self.now or 0) - Decimal(self.was or 0)


def changes(then: Sequence[Line], now: Sequence[Line]) -> list[Change]:
    """What became of the entries: changed, then removed, then added ones."""
    gone, new = _left(then, now), _left(now, then)
    found = [Change(was, is_) for was, is_ in _paired(gone, new)]
    return [*found, *(Change(was, None) for was in gone), *(Change(None, is_) for is_ in new)]


def figures(then: Sequence[str], now: Sequence[str]) -> list[Figure]:
    """The figures that differ, in the order of what they are of."""
    before, after = (dict(map(_parted, lines)) for lines in (then, now))
    return [
        Figure(key, before.get(key, ""), after.get(key, ""))
        for key in sorted(before.keys() | after.keys())
        if before.get(key, "") != after.get(key, "")
    ]


def _parted(line: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """What a line of figures is of, and its value."""
    said: dict[str, str] = json.loads(line)
    value = said.pop("number" if "number" in said else "value")
    return tuple(sorted(said.items())), value


def _left(lines: Sequence[Line], without: Sequence[Line]) -> list[Line]:
    """The lines that the others have not, each as often as it is missing there."""
    there: dict[str, int] = {}
    for line, _ in without:
        there[line] = there.get(line, 0) + 1
    left = []
    for line, entry in lines:
        if there.get(line, 0):
            there[line] -= 1
        else:
            left.append((line, entry))
    return left


def _paired(gone: list[Line], new: list[Line]) -> list[tuple[Line, Line]]:
    """Entries that are another's changed form, the most alike first; both lists lose them."""
    if len(gone) * len(new) > _MANY * _MANY:
        return []
    ratios = [
        (SequenceMatcher(None, was[0], is_[0], autojunk=False).ratio(), a, b)
        for a, was in enumerate(gone)
        for b, is_ in enumerate(new)
        if type(was[1]) is type(is_[1])
    ]
    used: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for ratio, a, b in sorted(ratios, key=lambda each: (-each[0], each[1], each[2])):
        if ratio >= _ALIKE and a not in used[0] and b not in used[1]:
            used[0].add(a)
            used[1].add(b)
            pairs.append((a, b))
    found = [(gone[a], new[b]) for a, b in sorted(pairs)]
    for lines, places in ((gone, used[0]), (new, used[1])):
        lines[:] = [line for place, line in enumerate(lines) if place not in places]
    return found


def details(was: str, now: str) -> list[tuple[str, str, str]]:
    """What is another in two canonical lines: the key, and what it says on each side."""
    before, after = json.loads(was), json.loads(now)
    keys = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
    found = []
    for key in keys:
        sides = before.get(key), after.get(key)
        if key == "postings":
            found.append(("", _legs(*sides), _legs(*sides[::-1])))
        elif key == "meta":
            was_, is_ = sides
            names = sorted(n for n in was_.keys() | is_.keys() if was_.get(n) != is_.get(n))
            found += [(name, _value(was_.get(name)), _value(is_.get(name))) for name in names]
        else:
            found.append((key, _value(sides[0]), _value(sides[1])))
    return found


def _legs(legs: list[dict[str, Any]], others: list[dict[str, Any]]) -> str:
    """The postings that the other side has not; all, where only their order is another."""
    return ", ".join(_leg(leg) for leg in [leg for leg in legs if leg not in others] or legs)


def _leg(leg: dict[str, Any]) -> str:
    """A posting of a canonical line in words."""
    said = " ".join(str(leg[key]) for key in _LEG if leg.get(key) is not None)
    for key in leg.keys() - set(_LEG):
        inside = leg[key]
        if isinstance(inside, dict):
            inside = " ".join(_value(v) for v in inside.values() if v is not None)
        said += f" {key} {inside}"
    return said


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):  # with its type
        return str(value[1])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def told(entry: data.Directive) -> str:
    """An entry in one line."""
    if isinstance(entry, data.Transaction):
        text = " ".join(f'"{part}"' for part in (entry.payee, entry.narration) if part)
        legs = ", ".join(f"{p.account} {_units(p)}" for p in entry.postings)
        return f"{entry.date} {entry.flag} {text}: {legs}"
    kind = entry.type if isinstance(entry, data.Custom) else type(entry).__name__.casefold()
    account = getattr(entry, "account", "")
    value = ""
    if isinstance(entry, data.Balance):
        value = f"{plain(entry.amount.number or Decimal(0))} {entry.amount.currency}"
    elif isinstance(entry, data.Pad):
        value = entry.source_account
    elif isinstance(entry, data.Note):
        value = entry.comment
    elif isinstance(entry, data.Document):
        value = entry.filename.rpartition("/")[2]
    elif isinstance(entry, data.Custom):
        value = " ".join(str(each.value) for each in entry.values)
    return " ".join(filter(None, (str(entry.date), kind, account, value)))


def _units(posting: data.Posting) -> str:
    units = posting.units
    said = f"{plain(units.number)} {units.currency}" if units and units.number is not None else ""
    cost, price = posting.cost, posting.price
    if cost is not None:
        said += f" {{{cost}}}"
    if price is not None:
        said += f" @ {price}"
    return said
