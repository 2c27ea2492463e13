"""A bank that hands out a feed, for tests: a list of events, cut into pages, with faults."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from importers.feed.contract import FeedAccount, FeedLine, Item, Page, PagesChangedError
from importers.feed.sync import Synced, sync

CHECKING, SAVINGS = "Assets:Acme:Bank:Checking", "Assets:Acme:Bank:Savings"
CHECKING_ACCOUNT = FeedAccount("acc-1", "4411", "Total Checking", "bank", "USD")

Event = tuple[str, FeedLine | str]


def line(
    line_id: str,
    day: int,
    amount: str,
    payee: str = "Corner Shop",
    *,
    account: str = "acc-1",
    pending: bool = False,
    of: str = "",
    month: int = 9,
) -> FeedLine:
    """A line of September 2026; ``of`` is the pending line that has posted."""
    return FeedLine(
        line_id,
        account,
        dt.date(2026, month, day),
        Decimal(amount),
        "USD",
        payee,
        pending=pending,
        pending_id=of,
        raw={"transaction_id": line_id, "amount": -Decimal(amount)},
    )


def pending(line_id: str, day: int, amount: str, payee: str = "Corner Shop") -> FeedLine:
    """A line that has not posted yet."""
    return line(line_id, day, amount, payee, pending=True)


@dataclass
class Bank:
    """One login. ``happens`` adds to what the bank will say; a cursor is how much was said.

    ``page`` is the events on a page; ``fails_on`` a page (from 1) that fails as often as ``fails``
    says; ``on_page`` is called before each page.
    """

    id: str = "item-1"
    accounts: tuple[FeedAccount, ...] = (CHECKING_ACCOUNT,)
    page: int = 100
    events: list[Event] = field(default_factory=list)
    fails_on: int = 0
    fails: int = 0
    error: Exception = field(default_factory=PagesChangedError)
    on_page: Callable[[int], None] = lambda number: None
    asked: list[str] = field(default_factory=list)

    def happens(self, *events: Event) -> "Bank":
        self.events += events
        return self

    def adds(self, *lines: FeedLine) -> "Bank":
        return self.happens(*(("added", each) for each in lines))

    def modifies(self, *lines: FeedLine) -> "Bank":
        return self.happens(*(("modified", each) for each in lines))

    def removes(self, *ids: str) -> "Bank":
        return self.happens(*(("removed", each) for each in ids))

    def item(self) -> Item:
        return Item("Lab", self.id, "Chase", self.accounts)

    def pages(self, cursor: str) -> Iterator[Page]:
        self.asked.append(cursor)
        start = int(cursor or 0)
        number = 0
        while True:
            number += 1
            self.on_page(number)
            if number == self.fails_on and self.fails:
                self.fails -= 1
                raise self.error
            said = self.events[start : start + self.page]
            start += len(said)
            yield Page(
                tuple(e for kind, e in said if kind == "added"),
                tuple(e for kind, e in said if kind == "modified"),
                tuple(e for kind, e in said if kind == "removed"),
                str(start),
                start < len(self.events),
            )
            if start >= len(self.events):
                return


def synced(home: Home, bank: Bank, **more) -> Synced:
    """One run of the bank's feed."""
    return sync(home, bank, **more)


def books(home: Home) -> Books:
    return read(home.main_root, home=home)


def entry(home: Home, line_id: str, bank: Bank | None = None) -> data.Transaction:
    """The one entry that holds a line."""
    wanted = f"{(bank or Bank()).item().scope}:{line_id}"
    found = [t for t in books(home).transactions for p in t.postings if wanted in _ids(p)]
    assert len(found) == 1, f"{len(found)} postings are {line_id}"
    return found[0]


def told(home: Home) -> list[tuple[int, str, str, str, str]]:
    """Each entry: its day, payee, what the first posting says, the other account, the review."""
    return sorted(
        (
            txn.date.day,
            txn.payee or "",
            str(txn.postings[0].units.number),
            txn.postings[1].account,
            str(txn.meta.get("review", "")),
        )
        for txn in books(home).transactions
    )


def journal(home: Home) -> dict[str, str]:
    """Every file of the books, documents included, as it is on disk."""
    found: Sequence = sorted(path for path in home.ledger.rglob("*") if path.is_file())
    return {str(path.relative_to(home.path)): path.read_text() for path in found}


def _ids(posting: data.Posting) -> list[str]:
    return [v for k, v in (posting.meta or {}).items() if k == "id" or k.startswith("id-")]
