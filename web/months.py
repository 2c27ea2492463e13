"""Entries by month: what an edit leaves as it was is not looked at again.

A month of the next ledger that holds the very same entries *is* the month of the ledger before it,
with all that was found out about it. Balances are added up month by month, to exactly what adding
posting by posting gives: the same positions, in the same order, with the same digits.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal, Rounded, localcontext
from functools import cached_property
from itertools import chain
from operator import is_
from typing import Any, NamedTuple

from beancount.core import data, flags
from beancount.core.amount import Amount
from beancount.ops.summarize import clamp_opt
from fava.beans.flags import FLAG_UNREALIZED
from fava.beans.helpers import slice_entry_dates

Key = tuple[str, Any]  # a currency, and a cost or None
ZERO = Decimal()
_STANDS_IN = data.new_metadata("<months>", 0)


class Move(NamedTuple):
    """What a month does to one position: the sum, and between what it went on the way there.

    ``low`` and ``high`` are those of the sums before the last one; None where there was but one.
    """

    net: Decimal
    low: Decimal | None = None
    high: Decimal | None = None

    def then(self, number: Decimal) -> "Move":
        """And another number."""
        low = self.net if self.low is None else min(self.low, self.net)
        high = self.net if self.high is None else max(self.high, self.net)
        return Move(self.net + number, low, high)

    def may_pass_zero(self, before: Decimal) -> bool:
        """Whether a position that held ``before`` may have gone, and come back, on the way."""
        return self.low is not None and self.high is not None and self.low <= -before <= self.high


# By position; None where a sum is rounded.
Moves = dict[Key, Move] | None


class Month:
    """The entries of a month, in order, without those that are not wanted."""

    def __init__(self, number: int, entries: Sequence[Any], wanted: Callable[[Any], bool]) -> None:
        self.number = number
        self.first, self.last = entries[0].date, entries[-1].date
        self._all = entries
        self._moves_of: dict[tuple[str, ...], Moves] = {}
        kept = [entry for entry in entries if wanted(entry)]
        self.entries: Sequence[Any] = entries if len(kept) == len(entries) else kept

    def is_of(self, entries: Sequence[Any]) -> bool:
        """Whether it was made of the very same entries."""
        return len(entries) == len(self._all) and all(map(is_, entries, self._all))

    @cached_property
    def others(self) -> Sequence[Any]:
        """What is no transaction."""
        return _others(self.entries)

    @cached_property
    def moves(self) -> dict[str, Moves]:
        """What it does to the positions of each account."""
        return _moves(_postings(self.entries))

    def moves_of(self, accounts: tuple[str, ...]) -> Moves:
        """What it does to the positions of all accounts whose names begin like these."""
        if accounts not in self._moves_of:
            self._moves_of[accounts] = _moves(_worth(self.entries, accounts)).get("", {})
        return self._moves_of[accounts]


class Balances(dict[str, dict[Key, Decimal]]):
    """What accounts hold, as Beancount and Fava add it up."""

    def add(self, what: "Month | Sequence[Any]") -> None:
        """Adds a month, or entries."""
        if not isinstance(what, Month):
            for account, key, number in _postings(what):
                _add(self.setdefault(account, {}), key, number)
            return
        one_by_one = {
            account
            for account, moves in what.moves.items()
            if not _moved(self.setdefault(account, {}), moves)
        }
        if one_by_one:
            for account, key, number in _postings(what.entries):
                if account in one_by_one:
                    _add(self[account], key, number)

    def stand_ins(self, day: dt.date) -> Iterator[data.Transaction]:
        """Transactions of a day after which accounts hold the same."""
        for account, held in self.items():
            positions = held or {("USD", None): ZERO}  # an account that had postings, and is empty
            yield _stand_in(day, account, positions.items())


class Months:
    """Sorted entries by month, with the months of ``before`` where they are the same."""

    def __init__(
        self,
        entries: Sequence[Any],
        wanted: Callable[[Any], bool],
        before: "Months | None" = None,
    ) -> None:
        known = {month.number: month for month in before.months} if before else {}
        self.months: list[Month] = []
        start = 0
        while start < len(entries):
            number = _number(entries[start])
            stop = bisect_left(entries, number + 1, lo=start, key=_number)
            part = entries[start:stop]
            month = known.get(number)
            if month is None or not month.is_of(part):
                month = Month(number, part, wanted)
            self.months.append(month)
            start = stop
        self.entries = list(chain.from_iterable(month.entries for month in self.months))

    def between(self, begin: dt.date, end: dt.date) -> list[Month | Sequence[Any]]:
        """The months and the parts of months from ``begin`` until the day before ``end``."""
        found: list[Month | Sequence[Any]] = []
        for month in self.months:
            if month.last < begin or month.first >= end:
                continue
            if begin <= month.first and month.last < end:
                found.append(month)
            else:
                found.append(slice_entry_dates(month.entries, begin, end))
        return found

    def clamped(
        self, begin: dt.date, end: dt.date, options: Mapping[str, Any]
    ) -> Sequence[data.Directive]:
        """What Beancount's ``clamp_opt`` makes of the entries.

        It is given, for the transactions before ``begin``, some that leave the same balances.
        """
        held = Balances()
        before: list[data.Directive] = []
        for each in self.between(dt.date.min, begin):
            held.add(each)
            before += each.others if isinstance(each, Month) else _others(each)
        before += held.stand_ins(begin - dt.timedelta(days=1))
        within = slice_entry_dates(self.entries, begin, end)
        clamped, _ = clamp_opt([*before, *within], begin, end, options)
        return clamped


def condensed(
    parts: Iterable[Month | Sequence[Any]], accounts: tuple[str, ...]
) -> list[data.Transaction]:
    """Transactions after which all accounts whose names begin like these hold the same together, at
    the end of each part: one for a month where that is enough."""
    held: dict[Key, Decimal] = {}
    found: list[data.Transaction] = []
    for part in parts:
        moves = part.moves_of(accounts) if isinstance(part, Month) else None
        if isinstance(part, Month) and moves is not None and _moved(held, moves):
            sums = ((key, move.net) for key, move in moves.items())
            found.append(_stand_in(part.first, accounts[0], sums))
            continue
        entries = part.entries if isinstance(part, Month) else part
        found += (entry for entry in entries if isinstance(entry, data.Transaction))
        for _, key, number in _worth(entries, accounts):
            _add(held, key, number)
    return found


def _number(entry: Any) -> int:
    """The number of the month that the entry is dated in."""
    day: dt.date = entry.date
    return day.year * 12 + day.month


def _others(entries: Iterable[Any]) -> list[Any]:
    return [entry for entry in entries if not isinstance(entry, data.Transaction)]


def _postings(entries: Iterable[Any]) -> Iterator[tuple[str, Key, Decimal]]:
    """Account, position and number of each posting."""
    for entry in entries:
        if isinstance(entry, data.Transaction):
            posting: Any
            for posting in entry.postings:
                units = posting.units
                yield posting.account, (units.currency, posting.cost), units.number


def _worth(entries: Iterable[Any], accounts: tuple[str, ...]) -> Iterator[tuple[str, Key, Decimal]]:
    """The postings that Fava counts as net worth, as if they were of one account."""
    counted = (entry for entry in entries if getattr(entry, "flag", "") != FLAG_UNREALIZED)
    for account, key, number in _postings(counted):
        if account.startswith(accounts):
            yield "", key, number


def _moves(postings: Iterable[tuple[str, Key, Decimal]]) -> dict[str, Moves]:
    found: dict[str, Moves] = {}
    with _exactly():
        for account, key, number in postings:
            moves = found.setdefault(account, {})
            if moves is None:
                continue
            known = moves.get(key)
            try:
                moves[key] = known.then(number) if known else Move(number)
            except Rounded:
                found[account] = None
    return found


def _moved(held: dict[Key, Decimal], moves: Moves) -> bool:
    """Adds the sums of a month. False, and nothing added, where its postings have to be added one
    by one: a position may have gone and come back, behind others or with fewer digits; or a sum is
    rounded, and what it loses depends on the order."""
    if moves is None:
        return False
    try:
        with _exactly():
            if any(move.may_pass_zero(held.get(key, ZERO)) for key, move in moves.items()):
                return False
            for key, move in moves.items():
                held.get(key, ZERO) + move.net  # or raises Rounded
    except Rounded:
        return False
    for key, move in moves.items():
        _add(held, key, move.net)
    return True


def _stand_in(day: dt.date, account: str, sums: Iterable[tuple[Key, Decimal]]) -> data.Transaction:
    postings = [
        data.Posting(account, Amount(number, currency), cost, None, None, None)
        for (currency, cost), number in sums
    ]
    none: frozenset[str] = frozenset()
    return data.Transaction(_STANDS_IN, day, flags.FLAG_SUMMARIZE, None, "", none, none, postings)


def _add(held: dict[Key, Decimal], key: Key, number: Decimal) -> None:
    before = held.get(key)
    after = number if before is None else before + number
    if after:
        held[key] = after
    elif before is not None:
        del held[key]


@contextmanager
def _exactly() -> Iterator[None]:
    """While this holds, a sum that comes near to being rounded raises Rounded."""
    with localcontext() as context:
        context.prec -= 4
        context.traps[Rounded] = True
        yield
