"""The connector: the accounts of one bank behind an access address, and their lines.

There is no cursor and nothing is taken back. So each night asks for the days since the last one and
six weeks more: a line that comes late, or changes, comes again. A pending line that is no longer
there has gone or has posted.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from core.home import Home
from core.journal.write import keep
from core.masked import Secret
from importers.feed import cache, connections, exact
from importers.feed.connections import Connection
from importers.feed.contract import FeedAccount, FeedError, FeedLine, Item, Page
from importers.simplefin.api import Access

NAME = "simplefin"
_AGAIN = dt.timedelta(days=45)
_FIRST = dt.timedelta(days=365)
# A bridge gives no longer time at once.
_AT_ONCE = dt.timedelta(days=60)
_MASK = re.compile(r"(\d{4})\W*$")
_ODD = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


@dataclass
class SimplefinFeed:
    """One bank behind an access address, as ``importers.feed.contract`` wants it; ``remarks`` are
    for a person."""

    home: Home
    access: Access
    connection: Connection
    day: dt.date = field(default_factory=lambda: dt.datetime.now(dt.UTC).date())
    remarks: list[str] = field(default_factory=list)

    def item(self) -> Item:
        """The bank with the accounts that are wanted and their balances."""
        told = self._told(self.day, self.day)
        if not told and self.connection.accounts:
            raise FeedError(
                f"{self.connection.institution} ({self.connection.scope}) is no longer behind "
                "SimpleFIN's address; nothing was written",
                "ACCOUNTS_GONE",
                "log in at the bridge and look at its connection to the bank",
            )
        ignored = self.connection.ignored
        found = tuple(_account(each) for each in told if str(each["id"]) not in ignored)
        gone = connections.remembered(self.connection, {a.ref for a in found})
        return self.connection.item((*found, *gone))

    def pages(self, cursor: str) -> Iterator[Page]:
        """All lines since some weeks before ``cursor``, a day; of the last year without one."""
        first = dt.date.fromisoformat(cursor) - _AGAIN if cursor else self.day - _FIRST
        lines: dict[str, FeedLine] = {}
        while first <= self.day:
            last = min(first + _AT_ONCE, self.day)
            for told in self._told(first, last):
                if str(told["id"]) not in self.connection.ignored:
                    lines |= {line.id: line for line in _lines(told)}
            first = last + dt.timedelta(days=1)
        waiting = cache.loaded(self.home, self.connection.scope).pendings
        gone = tuple(line_id for line_id in waiting if line_id not in lines)
        yield Page(tuple(lines.values()), (), gone, self.day.isoformat(), has_more=False)

    def _told(self, first: dt.date, last: dt.date) -> list[Mapping[str, Any]]:
        """The accounts of this bank, with their lines between two days; kept first, read after."""
        place = f"feed/{self.connection.scope}.answers/accounts-{first}.json"
        keep(self.home, place, self.access.accounts(first, last))
        content = (self.home.private / place).read_bytes()
        accounts, said = answered(content)
        self.remarks += [text for text in said if text not in self.remarks]
        org = self.connection.institution_id
        return [each for each in accounts if _org(each)[0] == org]


def answered(content: bytes) -> tuple[list[Mapping[str, Any]], list[str]]:
    """The accounts of an answer, and what SimpleFIN wants a person to know.

    Raises FeedError for an answer that nobody understands.
    """
    try:
        said = exact.loads(content)
        accounts = list(said["accounts"])
        for each in accounts:
            _account(each)
            list(_lines(each))
        told = [str(text)[:300] for text in (said.get("errors") or ())]
    except _ODD as error:
        raise FeedError(
            f"SimpleFIN's answer is not understood ({type(error).__name__}: {error}); nothing was "
            "written",
            hint="the answer is kept below .books/feed/; run the command again, and report it if "
            "it stays so",
        ) from error
    return accounts, told


def banks(content: bytes, access: Secret) -> list[Connection]:
    """A connection for each bank behind an access address. Raises FeedError as ``answered``."""
    login = hashlib.sha256((urlsplit(access.reveal()).username or "").encode()).hexdigest()[:12]
    found = dict(_org(each) for each in answered(content)[0])
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return [
        Connection(NAME, f"{login}/{org}", name, org, linked=today)
        for org, name in sorted(found.items())
    ]


def _org(said: Mapping[str, Any]) -> tuple[str, str]:
    org = said.get("org") or {}
    name = str(org.get("name") or org.get("domain") or "Bank")
    return str(org.get("id") or org.get("domain") or name), name


def _account(said: Mapping[str, Any]) -> FeedAccount:
    name = str(said.get("name") or "")
    mask = _MASK.search(name)
    return FeedAccount(
        str(said["id"]),
        mask[1] if mask else "",
        name,
        "any",
        str(said["currency"]),
        _number(said["balance"]),
        _date(said["balance-date"]),
    )


def _lines(said: Mapping[str, Any]) -> Iterator[FeedLine]:
    for each in said.get("transactions") or ():
        transacted = each.get("transacted_at")
        is_pending = each.get("pending") is True or not each.get("posted")
        text = str(each.get("description") or "")
        yield FeedLine(
            # Unique within an account alone.
            id=f"{said['id']}/{each['id']}",
            account=str(said["id"]),
            date=_date(transacted if is_pending and transacted else each["posted"]),
            amount=_number(each["amount"]),
            currency=str(said["currency"]),
            payee=str(each.get("payee") or text),
            authorized=_date(transacted) if transacted else None,
            description=text,
            pending=is_pending,
            raw=each,
        )


def _number(value: object) -> Decimal:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no amount")
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError(f"{value} is no amount")
    return found


def _date(value: object) -> dt.date:
    """The day of a moment, which bridges put at noon or at midnight of UTC."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no moment")
    return dt.datetime.fromtimestamp(value, dt.UTC).date()
