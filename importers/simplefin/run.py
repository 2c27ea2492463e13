"""One run of one bank behind SimpleFIN."""

from collections.abc import Callable

from core.findings import UserError
from core.home import Home
from core.secrets import Secrets
from importers.feed.connections import Connection
from importers.feed.night import Night, ended_badly, ended_well, sealed_in, token_of
from importers.feed.plan import FeedPlan
from importers.feed.sync import sync, written
from importers.simplefin.api import GONE, Access
from importers.simplefin.feed import SimplefinFeed


def run(
    home: Home,
    connection: Connection,
    secrets: Secrets,
    *,
    agreed: Callable[[FeedPlan], bool] = written,
    take_out: bool = False,
    commit: bool = True,
    tree: Home | None = None,
    run_id: str = "",
) -> Night:
    """Brings the books up to what one bank has, as ``importers.plaid.run.run`` does."""
    books = tree or home
    try:
        name = f"{connection.institution} ({connection.scope})"
        feed = SimplefinFeed(home, Access(token_of(secrets, connection), name), connection)
        synced = sync(
            home,
            feed,
            agreed=agreed,
            take_out=take_out,
            sealed=sealed_in(books),
            commit=commit,
            tree=books,
            run_id=run_id,
        )
        return ended_well(home, connection, synced, remarks=feed.remarks)
    except UserError as error:
        code = getattr(error, "error_code", "")
        return ended_badly(home, connection, error, needs_owner=code in {GONE, "ACCOUNTS_GONE"})
