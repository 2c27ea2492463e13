"""One run of one connected bank: its lines into the books, what it owes beside them, its health."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from core.masked import masked
from core.seal import Seal, seals_of
from core.secrets import Secrets
from importers.feed import connections
from importers.feed.connections import Connection
from importers.feed.entries import Sealed
from importers.feed.plan import FeedPlan
from importers.feed.sync import BUSY, Synced, sync, written
from importers.plaid import link
from importers.plaid.api import Api
from importers.plaid.errors import LOGIN, WITHOUT, PlaidError
from importers.plaid.feed import PlaidFeed
from importers.plaid.liabilities import Owed, owed


@dataclass(frozen=True)
class Night:
    """What a run of one bank came to.

    ``error`` is why it did not; ``repair_url`` then the page where its owner can mend it, empty
    where that is not what is needed. ``is_busy``: another run of it is under way.
    """

    connection: Connection
    synced: Synced | None = None
    owed: Owed = field(default_factory=Owed)
    remarks: tuple[str, ...] = ()
    error: UserError | None = None
    repair_url: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether another run of the bank was under way, and this one did nothing."""
        return self.synced is not None and self.synced.remarks == (BUSY,)


def run(
    home: Home,
    connection: Connection,
    secrets: Secrets,
    api: Api,
    *,
    agreed: Callable[[FeedPlan], bool] = written,
    take_out: bool = False,
    commit: bool = True,
) -> Night:
    """Brings the books up to what one bank has; what goes wrong with it is in the answer.

    ``agreed``, ``take_out`` and ``commit`` are as ``importers.feed.sync.sync`` takes
    them. Its cursor stays where it was unless everything went well.
    """
    api = replace(api, bank=f"{connection.institution} ({connection.scope})")
    try:
        return _run(home, connection, secrets, api, agreed, take_out, commit)
    except UserError as error:
        code = getattr(error, "error_code", "")
        connections.store(
            home,
            replace(
                connection,
                trouble=masked(error.message),
                trouble_code=code,
                needs_owner=code in LOGIN,
            ),
        )
        return Night(
            connection, error=error, repair_url=_page(home, connection, secrets, api, code)
        )


def _run(
    home: Home,
    connection: Connection,
    secrets: Secrets,
    api: Api,
    agreed: Callable[[FeedPlan], bool],
    take_out: bool,
    commit: bool,
) -> Night:
    token = secrets.get(connection.secret)
    if token is None:
        raise UserError(
            f"the token of {connection.institution} ({connection.scope}) is not here",
            hint="take .books/secrets/ from a backup; or forget the bank and connect it again: "
            f"books bank remove {connection.scope}",
        )
    feed = PlaidFeed(home, api, token, connection)
    synced = sync(
        home, feed, agreed=agreed, take_out=take_out, sealed=sealed_in(home), commit=commit
    )
    if synced.plan is None:
        return Night(connection, synced, remarks=tuple(feed.remarks))
    said = _owed(home, feed, connection)
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = connections.known(synced.plan.item.accounts)
    kept = [a for a in connection.accounts if a.ref in connection.ignored]
    after = replace(
        connections.well(connection), accounts=(*seen, *kept), billed=feed.billed, last=now
    )
    connections.store(home, after)
    return Night(after, synced, said, tuple(feed.remarks))


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


def _owed(home: Home, feed: PlaidFeed, connection: Connection) -> Owed:
    """What cards and loans owe, where that is paid for anyway: to ask would else cost more."""
    if "liabilities" not in feed.billed:
        return Owed()
    try:
        content = feed.kept("liabilities", feed.api.liabilities(feed.token))
        return owed(content, connection.item(), read(home.main_root, home=home))
    except PlaidError as error:
        if error.error_code not in WITHOUT:
            feed.remarks.append(error.message)
        return Owed()


def _page(home: Home, connection: Connection, secrets: Secrets, api: Api, code: str) -> str:
    """The page in update mode, where the bank wants its owner; empty where that is not it."""
    token = secrets.get(connection.secret) if code in LOGIN else None
    if token is None:
        return ""
    try:
        return link.opened(api, home, token=token).url
    except UserError:
        return ""  # the command that mends it is said anyway
