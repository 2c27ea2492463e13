"""The banks behind the fake: what happens at them, and the logins that see it.

A ``FakeBank`` is told what happens, in its own short names. Each ``Login`` sees the same lines
under ids of its own, as a login that is made anew does. Amounts are Plaid's: positive is money out.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class FakeAccount:
    """An account: ``current`` is what Plaid calls so (owed is positive), None where unknown.

    ``liability`` is what the bank says about it beyond Plaid's blank form (``forms.py``).
    """

    key: str
    mask: str | None
    name: str
    type: str = "depository"
    subtype: str | None = "checking"
    current: Decimal | None = None
    currency: str = "USD"
    liability: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FakeLine:
    """A line of an account; ``of`` is the pending line that it was. ``more`` replaces what the
    blank form says."""

    key: str
    account: str
    date: dt.date
    amount: Decimal
    name: str
    pending: bool = False
    of: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class FakeBank:
    """A bank; ``products`` are those it has, ``page`` how many changes it tells at once."""

    id: str
    name: str
    accounts: list[FakeAccount]
    products: tuple[str, ...] = ("transactions",)
    page: int = 500
    ready: str = "HISTORICAL_UPDATE_COMPLETE"
    events: list[tuple[str, FakeLine | str]] = field(default_factory=list)

    def adds(self, *lines: FakeLine) -> "FakeBank":
        """New lines."""
        self.events += [("added", line) for line in lines]
        return self

    def modifies(self, *lines: FakeLine) -> "FakeBank":
        """Lines as the bank says them now."""
        self.events += [("modified", line) for line in lines]
        return self

    def removes(self, *keys: str) -> "FakeBank":
        """Lines that are no more."""
        self.events += [("removed", key) for key in keys]
        return self

    def posts(self, pending: str, line: FakeLine) -> "FakeBank":
        """A pending line goes and its posted one comes."""
        return self.removes(pending).adds(line)

    def account(self, key: str) -> FakeAccount:
        """The account with a name of the bank's own."""
        return next(a for a in self.accounts if a.key == key)


@dataclass
class Login:
    """What one person's permission opens: an Item. ``error`` is the code it is in."""

    bank: FakeBank
    number: int
    access_token: str = field(default_factory=lambda: f"access-sandbox-{secrets.token_hex(16)}")
    error: str = ""

    @property
    def item_id(self) -> str:
        """The Item's id."""
        return f"Item-{self.bank.id}-{self.number}"

    def line_id(self, key: str) -> str:
        """The id under which this login sees a line."""
        return f"{key}x{self.number}" if key else ""

    def account_id(self, key: str) -> str:
        """The id under which this login sees an account."""
        return f"Acc-{self.bank.id}-{key}-{self.number}"


def line(
    key: str,
    account: str,
    day: str,
    amount: str,
    name: str,
    *,
    pending: bool = False,
    of: str = "",
    **more: Any,
) -> FakeLine:
    """A line, in short: ``day`` is ISO, ``amount`` positive for money out."""
    date = dt.date.fromisoformat(day)
    return FakeLine(key, account, date, Decimal(amount), name, pending, of, more)
