"""A run without anybody, for the command line: every connected bank by its connector."""

import os
from collections.abc import Callable, Collection
from functools import cache

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.masked import Secret
from core.secrets import Secrets
from importers.feed.connections import Connection, connections
from importers.feed.night import Night
from importers.feed.plan import FeedPlan
from importers.feed.sync import written
from importers.plaid import run as plaid
from importers.plaid.api import Api
from importers.simplefin import run as simplefin
from importers.simplefin.feed import NAME as SIMPLEFIN
from importers.unattended.forge import forge_of
from importers.unattended.history import named
from importers.unattended.notify import sender
from importers.unattended.run import Outcome, unattended
from importers.unattended.state import unpacked
from scripts.plaid_access import plaid_api

# The environment goes before what is stored.
FORGE_TOKEN = ("forge-token", "BOOKS_FORGE_TOKEN")
NOTIFY = ("notify-urls", "BOOKS_NOTIFY")


def nights(
    secrets: Secrets,
    *,
    agreed: Callable[[FeedPlan], bool] = written,
    take_out: bool = False,
    commit: bool = True,
    run_id: str = "",
) -> Callable[[Connection, Home], Night]:
    """One bank's run, by the connector that it is connected with; what a connector knows us by is
    asked for once, and only where a bank needs it."""

    @cache
    def at_plaid() -> Api:
        return plaid_api(secrets)

    def night(connection: Connection, tree: Home) -> Night:
        if connection.feed == SIMPLEFIN:
            return simplefin.run(
                secrets.home,
                connection,
                secrets,
                agreed=agreed,
                take_out=take_out,
                commit=commit,
                tree=tree,
                run_id=run_id,
            )
        return plaid.run(
            secrets.home,
            connection,
            secrets,
            at_plaid(),
            agreed=agreed,
            take_out=take_out,
            commit=commit,
            tree=tree,
            run_id=run_id,
        )

    return night


def run_once(secrets: Secrets, only: Collection[str] = ()) -> Outcome:
    """One unattended run, of all banks or ``only`` those with these short names.

    Raises UserError where no bank is connected, or nobody can be told.
    """
    home = secrets.home
    state = os.environ.get("BOOKS_STATE")
    if state:
        unpacked(home, state)
    banks = [bank for bank in connections(home) if not only or bank.scope in only]
    if not banks:
        raise UserError("no bank is connected", hint="books bank add", code=EXIT_FINDINGS)
    run_id = named()
    token, urls = known(secrets, FORGE_TOKEN), known(secrets, NOTIFY)
    return unattended(
        home,
        banks,
        nights(secrets, run_id=run_id),
        forge=lambda remote: forge_of(home.path, remote, token),
        send=sender(urls) if urls else None,
        run_id=run_id,
    )


def known(secrets: Secrets, names: tuple[str, str]) -> Secret | None:
    """A secret by the variable that gives it, else as it is stored."""
    given = os.environ.get(names[1])
    return Secret(given) if given else secrets.get(names[0])
