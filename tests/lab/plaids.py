"""A fake Plaid for a test: served on loopback, its calls judged by Plaid's own description."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import openapi
import pytest
from crash_deeds import new_home

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import keep
from core.masked import Secret
from core.sealing_keys import Keys
from core.secrets import Secrets
from importers.feed import connections
from importers.feed.connections import Connection
from importers.plaid.api import Api, Credentials
from importers.plaid.fake.banks import FakeAccount, FakeBank, FakeLine, line
from importers.plaid.fake.plaid import CLIENT_ID, SECRET, FakePlaid, Fault
from importers.plaid.fake.server import served
from importers.plaid.run import Night, run

CHECKING = "Assets:Acme:Bank:Checking"


def chase(**more) -> FakeBank:
    """Acme's bank: a checking account that ends in 4411."""
    accounts = [FakeAccount("checking", "4411", "Total Checking", current=Decimal("80.00"))]
    return FakeBank("chase", "Chase", accounts, **more)


def shop(key: str, day: int, amount: str, name: str = "Corner Shop", **more) -> FakeLine:
    """A line of September 2026 of the checking account; positive is money out."""
    return line(key, "checking", f"2026-09-{day:02}", amount, name, **more)


def again(fault: Fault, **changed) -> Fault:
    """The fault, not used up."""
    return replace(fault, **changed)


def committed(home: Home) -> None:
    """The owner commits what they did by hand."""
    name = ["-c", "user.name=Jane", "-c", "user.email=jane@localhost"]
    subprocess.run(["git", "-C", str(home.path), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(home.path), *name, "commit", "-qm", "By hand"], check=True)


class NoWayOutError(AssertionError):
    """A test has tried to reach something that is not on this machine."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Nothing but loopback can be reached."""
    real, real_names = socket.socket.connect, socket.getaddrinfo

    def connect(self: socket.socket, address) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1"}:
            raise NoWayOutError(f"a test reaches out to {address[0]}")
        real(self, address)

    def names(host, *args, **named):
        if host not in {"127.0.0.1", "::1", None}:
            raise NoWayOutError(f"a test asks for the address of {host}")
        return real_names(host, *args, **named)

    socket.socket.connect, socket.getaddrinfo = connect, names
    try:
        yield
    finally:
        socket.socket.connect, socket.getaddrinfo = real, real_names


class Nights:
    """A home whose banks are behind a fake Plaid, through the real client."""

    def __init__(self, home: Home, fake: FakePlaid) -> None:
        self.home, self.fake = home, fake
        self.slept: list[int] = []
        self.secrets = Secrets(home, Keys(home))
        credentials = Credentials(Secret(CLIENT_ID), Secret(SECRET), fake.address)
        self.api = Api(credentials, sleep=self.slept.append)

    def connect(self, bank: FakeBank, **more) -> Connection:
        """A login of a bank, as ``books bank add`` leaves it; a second one is a new login."""
        login = self.fake.login(bank)
        made = Connection("plaid", login.item_id, bank.name, f"ins_{bank.id}", **more)
        self.secrets.put(made.secret, Secret(login.access_token))
        connections.store(self.home, made)
        return made

    def night(self, connection: Connection, **more) -> Night:
        """One run of a bank, as its connection is now."""
        now = next(c for c in connections.connections(self.home) if c.id == connection.id)
        return run(self.home, now, self.secrets, self.api, **more)

    def synced(self, connection: Connection, **more) -> Night:
        """One run of a bank that has to go well."""
        night = self.night(connection, **more)
        assert night.error is None, night.error
        return night

    def books(self) -> Books:
        return read(self.home.main_root, home=self.home)

    def told(self) -> list[tuple[int, str, str, str]]:
        """Each entry: its day, payee, what the account gained, the review."""
        return sorted(
            (
                t.date.day,
                t.payee or "",
                str(t.postings[0].units.number),
                str(t.meta.get("review", "")),
            )
            for t in self.books().transactions
        )

    def ids(self) -> list[str]:
        """Every id of a bank line in the books."""
        return sorted(
            value
            for txn in self.books().transactions
            for posting in txn.postings
            for key, value in (posting.meta or {}).items()
            if key == "id" or key.startswith("id-")
        )


@contextmanager
def nights(home: Home, *banks: FakeBank) -> Iterator[Nights]:
    """The fake with these banks; at the end every call must be as Plaid describes it."""
    fake = FakePlaid(*banks)
    with loopback_only(), served(fake):
        yield Nights(home, fake)
    if openapi.DESCRIPTION.is_file():
        assert openapi.complaints(fake) == []


def needs_description() -> None:
    """Skips a test that is about Plaid's own description, where that is absent."""
    if not openapi.DESCRIPTION.is_file():
        pytest.skip("Plaid's OpenAPI description is not here")


__all__ = ["keep", "line", "new_home"]
