"""Whether running balances follow from the amounts, row by row: the proof of a file's signs.

A file runs from old to new or from new to old, and may give a balance on the last row of a day
only. Rows of one day may stand in any order.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby


@dataclass(frozen=True)
class Step:
    """One row: its line in the file, date, amount, and the balance after it where it has one."""

    row: int
    date: dt.date
    amount: Decimal
    balance: Decimal | None


@dataclass(frozen=True)
class Move:
    """From one row with a balance to the next in time: what the balance did (``moved``), what the
    amounts say it should have done (``said``), and the two rows."""

    before: Step
    after: Step
    moved: Decimal
    said: Decimal

    @property
    def agrees(self) -> bool:
        """Whether the balance moves by the amounts."""
        return self.moved == self.said

    @property
    def opposes(self) -> bool:
        """Whether the balance moves by the amounts, the other way."""
        return self.moved == -self.said != 0

    @property
    def rows(self) -> tuple[int, int]:
        """The two rows, as they stand in the file."""
        first, second = sorted((self.before.row, self.after.row))
        return first, second


@dataclass(frozen=True)
class Chain:
    """All the moves of a file in time order; ``ordered`` says that its dates prove that order."""

    moves: tuple[Move, ...]
    ordered: bool
    complete: bool

    @property
    def agreeing(self) -> int:
        """How many balances follow from their amounts."""
        return sum(move.agrees and move.said != 0 for move in self.moves)

    @property
    def opposing(self) -> tuple[Move, ...]:
        """The moves whose balance goes the other way."""
        return tuple(move for move in self.moves if move.opposes)

    @property
    def gaps(self) -> tuple[Move, ...]:
        """The moves that do not add up; none where the rows do in another order."""
        return () if self.complete else tuple(m for m in self.moves if not m.agrees)

    def contradiction(self, least: int) -> Move | None:
        """The first move that goes the other way, where all that tell do; else None.

        ``least`` is how many must: one where a single column holds the sign, two where the
        columns' names say the direction already. Rows of one day tell only where all are of one
        day, since their order is not sure.
        """
        telling = [m for m in self.moves if not self.ordered or m.before.date != m.after.date]
        against = [m for m in telling if m.opposes]
        if any(m.agrees and m.said for m in telling) or len(against) * 2 <= len(telling):
            return None
        return against[0] if len(against) >= least and not self.complete else None


def chain(steps: Sequence[Step]) -> Chain:
    """The chain of a file's rows, which come as they stand in the file."""
    upside_down = list(reversed(steps))
    if not steps or steps[0].date == steps[-1].date:
        down, up = _moves(steps), _moves(upside_down)
        moves = up if _telling(up) > _telling(down) else down
        return Chain(moves, ordered=False, complete=_complete(steps, moves))
    in_time = list(steps) if steps[0].date < steps[-1].date else upside_down
    moves = _moves(in_time)
    return Chain(moves, ordered=True, complete=_complete(in_time, moves))


def _moves(steps: Iterable[Step]) -> tuple[Move, ...]:
    moves = []
    last: Step | None = None
    said = Decimal(0)
    for step in steps:
        said += step.amount
        if step.balance is None:
            continue
        if last is not None and last.balance is not None:
            moves.append(Move(last, step, step.balance - last.balance, said))
        last, said = step, Decimal(0)
    return tuple(moves)


def _telling(moves: Iterable[Move]) -> tuple[int, int]:
    """How many agree, and how many oppose: the order of one day's rows is the one that fits."""
    moves = list(moves)
    return sum(m.agrees for m in moves), sum(m.opposes for m in moves)


def _complete(steps: Sequence[Step], moves: Iterable[Move]) -> bool:
    """Whether no row is missing: each day's rows, in some order, lead from the day before on."""
    if any(step.balance is None for step in steps):
        return all(move.agrees for move in moves)
    closing: Decimal | None = None
    for _, of_day in groupby(steps, key=lambda step: step.date):
        day = list(of_day)
        after = Counter(step.balance or Decimal(0) for step in day)
        before = Counter((step.balance or Decimal(0)) - step.amount for step in day)
        first, last = list((before - after).elements()), list((after - before).elements())
        if len(first) > 1 or (closing is not None and closing not in (first or after)):
            return False
        closing = last[0] if last else closing
    return True
