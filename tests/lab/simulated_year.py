"""A year at a bank, day by day: what happens there is drawn from a seed, and so are the faults."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from importers.plaid.fake.banks import FakeBank, FakeLine
from importers.plaid.fake.plaid import FakePlaid, Fault

SYNC, ACCOUNTS = "/transactions/sync", "/accounts/get"
MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
SHOPS = ("CORNER SHOP", "PAPER MILL", "CLOUD NINE", "BISTRO", "FUEL PUMP 4")


@dataclass
class Year:
    """What happens at a bank from ``first`` on; the same seed is the same year."""

    bank: FakeBank
    seed: int
    first: dt.date
    days: int
    draw: random.Random = field(init=False)
    pending: dict[str, FakeLine] = field(default_factory=dict)
    posted: list[FakeLine] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311 - no secret

    def happens(self) -> Iterator[dt.date]:
        """Each day, after what happened on it."""
        for number in range(self.days):
            day = self.first + dt.timedelta(days=number)
            self._day(day)
            yield day

    def _day(self, day: dt.date) -> None:
        draw = self.draw
        for key, line in list(self.pending.items()):
            if draw.random() < 0.5:
                del self.pending[key]
                if draw.random() < 0.1:  # dropped
                    self.bank.removes(key)
                    continue
                tip = Decimal(draw.randrange(300)) / 100
                said = key if draw.random() < 0.7 else ""
                self.bank.removes(key)
                self._posts(day, line.name, line.amount + tip, of=said)
        for _ in range(draw.choice((0, 0, 1, 1, 2))):
            amount = Decimal(draw.randrange(1, 20_000)) / 100
            name = draw.choice(SHOPS)
            if draw.random() < 0.4:
                self.count += 1
                key = f"p{self.count}"
                self.pending[key] = FakeLine(key, "checking", day, amount, name, pending=True)
                self.bank.adds(self.pending[key])
            else:
                late = dt.timedelta(days=draw.choice((0, 0, 0, 1, 9)))
                self._posts(day - late, name, amount * draw.choice((1, 1, -1)))
        if self.posted and draw.random() < 0.08:
            place = draw.randrange(len(self.posted))
            line = self.posted[place]
            changed = FakeLine(line.key, "checking", line.date, line.amount + 1, line.name)
            self.posted[place] = changed
            self.bank.modifies(changed)
        if len(self.posted) > 5 and draw.random() < 0.03:
            self.bank.removes(self.posted.pop(draw.randrange(len(self.posted))).key)

    def _posts(self, day: dt.date, name: str, amount: Decimal, of: str = "") -> None:
        self.count += 1
        line = FakeLine(f"t{self.count}", "checking", day, amount, name, of=of)
        self.posted.append(line)
        self.bank.adds(line)


def faults(draw: random.Random) -> list[Fault]:
    """What goes wrong in one night, mostly nothing."""
    if draw.random() < 0.6:
        return []
    path = draw.choice((SYNC, ACCOUNTS))
    after = draw.randrange(3)
    return [
        draw.choice(
            (
                Fault(path, kind="INSTITUTION_ERROR", code="INSTITUTION_DOWN", times=9),
                Fault(path, 500, code="INTERNAL_SERVER_ERROR", times=draw.choice((1, 9))),
                Fault(path, 429, kind="RATE_LIMIT_EXCEEDED", code="RATE_LIMIT", after=after),
                Fault(SYNC, kind="TRANSACTIONS_ERROR", code=MUTATION, after=after),
                Fault(path, 0, after=after),
                Fault(path, 200, body=b"<html>maintenance</html>", after=after),
                Fault(path, 502, body=b"bad gateway", times=9),
            )
        )
    ]


def of_night(fake: FakePlaid, draw: random.Random) -> None:
    """Sets the faults of a night, in the place of what is left of those before."""
    fake.faults[:] = faults(draw)
