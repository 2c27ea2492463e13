"""One run of one connected bank, as every connector ends it: what it came to, and its health."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from core.masked import Secret, masked
from core.seal import Seal, seals_of
from core.secrets import Secrets
from importers.feed import connections
from importers.feed.connections import Connection
from importers.feed.entries import Sealed
from importers.feed.sync import BUSY, Synced


@dataclass(frozen=True)
class Due:
    """What is to be paid next: ``account`` as the bank calls it, ``amount`` None where not said."""

    account: str
    day: dt.date
    amount: Decimal | None


@dataclass(frozen=True)
class Owed:
    """What a bank says of its cards and loans; ``remarks`` are where books and bank differ."""

    dues: tuple[Due, ...] = ()
    agrees: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Night:
    """What a run of one bank came to.

    ``error`` is why it did not; ``repair_url`` then the page where its owner can mend it, empty
    where that is not what is needed. ``needs`` are what its owner has to do soon, though it went
    well. ``is_busy``: another run of it is under way.
    """

    connection: Connection
    synced: Synced | None = None
    owed: Owed = field(default_factory=Owed)
    remarks: tuple[str, ...] = ()
    error: UserError | None = None
    repair_url: str = ""
    needs: tuple[str, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether another run of the bank was under way, and this one did nothing."""
        return self.synced is not None and self.synced.remarks == (BUSY,)


def token_of(secrets: Secrets, connection: Connection) -> Secret:
    """The token of a connection. Raises UserError where it is not here."""
    token = secrets.get(connection.secret)
    if token is None:
        raise UserError(
            f"the token of {connection.institution} ({connection.scope}) is not here",
            hint="take .books/secrets/ from a backup; or forget the bank and connect it again: "
            f"books bank remove {connection.scope}",
        )
    return token


def ended_well(
    home: Home,
    connection: Connection,
    synced: Synced,
    *,
    owed: Owed = Owed(),
    billed: tuple[str, ...] = (),
    remarks: Sequence[str] = (),
    needs: Sequence[str] = (),
) -> Night:
    """A run that went well; the connection remembers its accounts and the moment."""
    if synced.plan is None:
        return Night(connection, synced, remarks=tuple(remarks))
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = connections.known(synced.plan.item.accounts)
    kept = [a for a in connection.accounts if a.ref in connection.ignored]
    after = replace(connections.well(connection), accounts=(*seen, *kept), billed=billed, last=now)
    connections.store(home, after)
    return Night(after, synced, owed, tuple(remarks), needs=tuple(needs))


def ended_badly(
    home: Home,
    connection: Connection,
    error: UserError,
    *,
    needs_owner: bool = False,
    repair_url: str = "",
) -> Night:
    """A run that failed; the connection remembers why, and its cursor stays where it was."""
    after = replace(
        connection,
        trouble=masked(error.message),
        trouble_code=getattr(error, "error_code", ""),
        needs_owner=needs_owner,
    )
    connections.store(home, after)
    return Night(connection, error=error, repair_url=repair_url)


def sealed_in(home: Home) -> Sealed:
    """Whether an entity's books are sealed on a day, by its ``close-period`` directives; the books
    are read when that is first asked, which few nights do."""
    seals: dict[str, tuple[Seal, ...]] = {}

    def sealed(entity: str, day: dt.date) -> bool:
        if not seals:
            seals.update(seals_of(read(home.main_root, home=home).standing) or {"": ()})
        periods = (seal.period for seal in seals.get(entity, ()))
        return any(period.first <= day <= period.last for period in periods)

    return sealed
