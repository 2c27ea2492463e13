"""What a connector gives: the accounts behind one login at a bank, and pages of what has changed.

A connector does no more than this. It talks to its provider, turns amounts into the owner's view
(money out is negative, what is owed is negative) and never lets one pass through binary arithmetic:
``importers.feed.exact`` reads JSON. What becomes of the lines is the same for every connector.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from core.findings import EXIT_FINDINGS, UserError
from importers.statement import Position, Trade


class FeedError(UserError):
    """What a provider refuses: ``error_code`` is its own word, ``passes`` whether it will do by
    itself later."""

    def __init__(
        self, message: str, error_code: str = "", hint: str = "", *, passes: bool = False
    ) -> None:
        super().__init__(message, hint=hint, code=EXIT_FINDINGS)
        self.error_code = error_code
        self.passes = passes


class PagesChangedError(Exception):
    """The bank's data changed while its pages were read: what was read of them is worth nothing."""


# The id of a line of ours begins so, by which an account comes into the books with its lots: it is
# one of the run that first sees the account.
OPENING = "opening/"


@dataclass(frozen=True)
class FeedLine:
    """One line of an account, posted or ``pending``.

    ``id`` is the feed's own, unique within the item and compared letter by letter; ``account`` the
    feed's reference of the account; ``date`` the posting date, ``authorized`` the purchase date;
    ``amount`` what the account gained; ``description`` the bank's own text, ``category`` what the
    feed takes it for (any text). ``pending_id`` is the id that the line had while it was pending,
    where the feed says it. ``trade`` is what it did to a holding. ``raw`` is the provider's JSON.
    """

    id: str
    account: str
    date: dt.date
    amount: Decimal
    currency: str
    payee: str
    authorized: dt.date | None = None
    description: str = ""
    pending: bool = False
    pending_id: str = ""
    category: str = ""
    trade: Trade | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise TypeError(f"line {self.id}: an amount is a finite Decimal, not {self.amount!r}")

    @property
    def facts(self) -> tuple[object, ...]:
        """What an entry holds of the line: while this stays, nothing has changed."""
        return (
            self.account,
            self.date,
            self.amount,
            self.currency,
            self.payee,
            self.description,
            self.trade,
        )


@dataclass(frozen=True)
class FeedAccount:
    """An account behind a login: ``ref`` is how lines name it, ``mask`` the end of its number.

    ``kind`` is ``bank``, ``card`` or whatever else the feed says; ``balance`` the booked balance at
    the end of ``balance_date``, owed amounts negative: it is compared, never asserted; so are
    the ``positions`` of an investment account.
    """

    ref: str
    mask: str
    name: str
    kind: str = "bank"
    currency: str | None = None
    balance: Decimal | None = None
    balance_date: dt.date | None = None
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True)
class Item:
    """One login at one bank: ``feed`` is the connector's name, ``id`` the provider's for it.

    ``slug`` is how ``account-id`` spells the institution, where that is not its first word.
    """

    feed: str
    id: str
    institution: str
    accounts: tuple[FeedAccount, ...]
    slug: str = ""

    @property
    def scope(self) -> str:
        """The item's short name: in ids, in the names of its files and of its lock."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.feed.casefold()).strip("-") or "feed"
        return f"{slug}-{hashlib.sha256(self.id.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Page:
    """One page of changes; ``next_cursor`` holds only once ``has_more`` is false, and is empty
    while the bank is not ready."""

    added: tuple[FeedLine, ...]
    modified: tuple[FeedLine, ...]
    removed: tuple[str, ...]
    next_cursor: str
    has_more: bool


class Feed(Protocol):
    """A connector, for one item."""

    def item(self) -> Item:
        """The item with its accounts and their balances, asked anew."""

    def pages(self, cursor: str) -> Iterator[Page]:
        """What has changed since ``cursor`` (empty: everything), page by page.

        Raises PagesChangedError where the data changed in between, and UserError for what a person
        has to mend (a login that the bank asks for again).
        """
