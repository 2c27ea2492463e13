"""The connector: one Item's accounts and changes. The network ends in a file.

Each answer is kept below ``.books/feed/<item>.answers/`` before anything is made of it, and what is
made of it is made of the file. An answer takes the place of the one to the same question: a night
that brings nothing leaves nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from core.home import Home
from core.journal.write import keep
from core.masked import Secret
from importers.feed import connections
from importers.feed.connections import Connection
from importers.feed.contract import FeedLine, Item, Page, PagesChangedError
from importers.plaid import investments, parse
from importers.plaid.api import Api, today
from importers.plaid.errors import MUTATION, WITHOUT, PlaidError
from importers.plaid.opening_lots import opening_lots
from importers.statement import Position

NAME = "plaid"
# How long before its end a permission is to be renewed.
_SOON = dt.timedelta(days=14)
# Of loans the schedule in the books says more than their lines, which are not booked.
_BOOKED = frozenset({"bank", "card", "investment"})
INVESTMENTS = "investments"
# Plaid has two years of trades, and gives so many at once.
_MONTHS = dt.timedelta(days=730)
_AT_ONCE = 500


@dataclass
class PlaidFeed:
    """One connected Item, as ``importers.feed.contract`` wants it.

    ``billed`` are the products it is paid for, known once ``item`` was asked; ``remarks`` are for a
    person, ``open_lots`` say whose lots from before the first line are not known, and ``needs``
    what its owner has to do soon.
    """

    home: Home
    api: Api
    token: Secret
    connection: Connection
    day: dt.date = field(default_factory=lambda: today())  # noqa: PLW0108 - asked for each time
    billed: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    open_lots: tuple[str, ...] = ()
    _holdings: bytes = b""
    _left_out: frozenset[str] = frozenset()

    def item(self) -> Item:
        """The Item with the accounts that are wanted and their balances."""
        content = self.kept("accounts", self.api.accounts(self.token))
        found = parse.accounts(content, self.day)
        self.billed = parse.billed(content)
        until = parse.permitted_until(content)
        if until and until - self.day <= _SOON:
            self.needs.append(
                f"your permission ends on {until}: books bank repair {self.connection.scope}"
            )
        wanted = [a for a in found if a.ref not in self.connection.ignored]
        gone = connections.remembered(self.connection, {a.ref for a in found})
        booked = tuple(a for a in (*wanted, *gone) if a.kind in _BOOKED)
        self._left_out = frozenset(a.ref for a in found) - {a.ref for a in booked}
        self._left_out |= frozenset(self.connection.ignored)
        others = sorted({f"{a.name} ({a.kind})" for a in wanted if a.kind not in _BOOKED})
        if others:
            self.remarks.append(f"lines are not booked of {', '.join(others)}")
        if INVESTMENTS in self.billed:
            held = self._positions()
            booked = tuple(replace(a, positions=held.get(a.ref, ())) for a in booked)
        return self.connection.item(booked)

    def pages(self, cursor: str) -> Iterator[Page]:
        """What has changed since ``cursor``."""
        traded = self._traded() if INVESTMENTS in self.billed else ()
        traded = (*self._opening(traded), *traded)
        while True:
            try:
                answer = self.api.sync(self.token, cursor)
            except PlaidError as error:
                if error.error_code == MUTATION:
                    raise PagesChangedError from error
                if error.error_code in WITHOUT and INVESTMENTS in self.billed:
                    yield Page(self._wanted(traded), (), (), cursor, has_more=False)
                    return
                raise
            asked = hashlib.sha256(cursor.encode()).hexdigest()[:16]
            content = self.kept(f"transactions-{asked}", answer)
            if not parse.is_ready(content):
                self.remarks.append("the bank is still being read for the first time")
            page = parse.page(content)
            more = () if page.has_more else traded
            yield replace(
                page,
                added=self._wanted((*page.added, *more)),
                modified=self._wanted(page.modified),
            )
            cursor = page.next_cursor
            if not page.has_more:
                return

    def _wanted(self, lines: Iterable[FeedLine]) -> tuple[FeedLine, ...]:
        return tuple(line for line in lines if line.account not in self._left_out)

    def _positions(self) -> dict[str, tuple[Position, ...]]:
        try:
            answer = self.kept("holdings", self.api.holdings(self.token))
        except PlaidError as error:
            self._without(error, "what is held")
            return {}
        self._holdings = answer
        return investments.positions(answer, self.day)

    def _opening(self, traded: Iterable[FeedLine]) -> tuple[FeedLine, ...]:
        """The lots from before the first line, of accounts that are new to the books."""
        if not self._holdings:
            return ()
        lots, self.open_lots = opening_lots(self._holdings, traded, self.day)
        return lots

    def _traded(self) -> tuple[FeedLine, ...]:
        """All trades that Plaid has, whatever their dates: a late one comes with the next night."""
        pages: list[bytes] = []
        first = self.day - _MONTHS
        try:
            while not pages or len(pages) * _AT_ONCE < investments.total(pages[-1]):
                answer = self.api.trades(self.token, first, self.day, len(pages) * _AT_ONCE)
                pages.append(self.kept(f"investments-{len(pages)}", answer))
        except PlaidError as error:
            self._without(error, "trades")
            return ()
        return investments.lines(pages)

    def _without(self, error: PlaidError, what: str) -> None:
        """Leaves a product out where that is all that is wrong. Raises the error otherwise."""
        if error.error_code not in {*WITHOUT, "PRODUCT_NOT_READY"}:
            raise error
        self.remarks.append(f"{what}: {error.error_code}; the next night asks again")

    def kept(self, name: str, answer: bytes) -> bytes:
        """The answer as the file has it: kept first, read afterwards."""
        place = f"feed/{self.connection.scope}.answers/{name}.json"
        keep(self.home, place, answer)
        return (self.home.private / place).read_bytes()
