"""The connector: one Item's accounts and changes. The network ends in a file.

Each answer is kept below ``.books/feed/<item>.answers/`` before anything is made of it, and what is
made of it is made of the file. An answer takes the place of the one to the same question: a night
that brings nothing leaves nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from core.home import Home
from core.journal.write import keep
from core.masked import Secret
from importers.feed import connections
from importers.feed.connections import Connection
from importers.feed.contract import Item, Page, PagesChangedError
from importers.plaid import parse
from importers.plaid.api import Api, today
from importers.plaid.errors import MUTATION, PlaidError

NAME = "plaid"
# Lines of other kinds of account (loans, investments) are kept as they came, and not booked.
_BOOKED = frozenset({"bank", "card"})


@dataclass
class PlaidFeed:
    """One connected Item, as ``importers.feed.contract`` wants it.

    ``billed`` are the products it is paid for, known once ``item`` was asked; ``remarks`` are for a
    person.
    """

    home: Home
    api: Api
    token: Secret
    connection: Connection
    day: dt.date = field(default_factory=today)
    billed: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)
    _left_out: frozenset[str] = frozenset()

    def item(self) -> Item:
        """The Item with the accounts that are wanted and their balances."""
        content = self.kept("accounts", self.api.accounts(self.token))
        found = parse.accounts(content, self.day)
        self.billed = parse.billed(content)
        wanted = [a for a in found if a.ref not in self.connection.ignored]
        gone = connections.remembered(self.connection, {a.ref for a in found})
        booked = tuple(a for a in (*wanted, *gone) if a.kind in _BOOKED)
        self._left_out = frozenset(a.ref for a in found) - {a.ref for a in booked}
        self._left_out |= frozenset(self.connection.ignored)
        others = sorted({f"{a.name} ({a.kind})" for a in wanted if a.kind not in _BOOKED})
        if others:
            self.remarks.append(f"lines are not booked of {', '.join(others)}")
        return self.connection.item(booked)

    def pages(self, cursor: str) -> Iterator[Page]:
        """What has changed since ``cursor``."""
        while True:
            try:
                answer = self.api.sync(self.token, cursor)
            except PlaidError as error:
                if error.error_code == MUTATION:
                    raise PagesChangedError from error
                raise
            asked = hashlib.sha256(cursor.encode()).hexdigest()[:16]
            content = self.kept(f"transactions-{asked}", answer)
            if not parse.is_ready(content):
                self.remarks.append("the bank is still being read for the first time")
            page = parse.page(content)
            yield replace(
                page,
                added=tuple(a for a in page.added if a.account not in self._left_out),
                modified=tuple(a for a in page.modified if a.account not in self._left_out),
            )
            cursor = page.next_cursor
            if not page.has_more:
                return

    def kept(self, name: str, answer: bytes) -> bytes:
        """The answer as the file has it: kept first, read afterwards."""
        place = f"feed/{self.connection.scope}.answers/{name}.json"
        keep(self.home, place, answer)
        return (self.home.private / place).read_bytes()
