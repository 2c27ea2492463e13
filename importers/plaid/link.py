"""Connecting a bank: a page of Plaid's, where its owner logs in, and the token for what that gives.

No password of a bank ever passes through here. The token is encrypted before anything else is
done with it.
"""

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.masked import Secret
from core.secrets import Secrets
from importers.feed import connections
from importers.feed.connections import Connection, Known
from importers.plaid import parse
from importers.plaid.api import Api
from importers.plaid.errors import PlaidError
from importers.plaid.feed import NAME

_POLL = 2
# The secret that stands from before an exchange until its token is kept.
_INTENT = "plaid-exchange"


@dataclass(frozen=True)
class Page:
    """A page for a person; ``url`` is to be opened in a browser."""

    token: Secret
    url: str


@dataclass(frozen=True)
class Permitted:
    """What a person has permitted, not yet exchanged."""

    public_token: Secret
    institution: str
    institution_id: str
    accounts: tuple[Known, ...]


def opened(
    api: Api, home: Home, *, products: tuple[str, ...] = (), token: Secret | None = None
) -> Page:
    """A page to connect a bank with, or to mend the login of ``token``."""
    user = "books-" + hashlib.sha256(str(home.path.resolve()).encode()).hexdigest()[:16]
    said = parse.loaded(api.link(user, products, token), "link")
    url, link_token = said.get("hosted_link_url"), said.get("link_token")
    if not isinstance(url, str) or not isinstance(link_token, str):
        raise UserError(
            "Plaid gives no address for its page",
            hint="Hosted Link has to be switched on for these keys, in Plaid's dashboard",
            code=EXIT_FINDINGS,
        )
    return Page(Secret(link_token), url)


def awaited(
    api: Api,
    page: Page,
    seconds: int,
    *,
    update: bool = False,
    sleep: Callable[[int], None] = time.sleep,
) -> Permitted | None:
    """Waits until the person is done; what they permitted, nothing after an ``update``.

    Raises UserError where they closed the page, or did not come to an end in time.
    """
    for waited in range(0, max(seconds, 1), _POLL):
        if waited:
            sleep(_POLL)
        said = parse.loaded(api.link_status(page.token), "link")
        try:
            sessions = [s for s in said.get("link_sessions") or () if s.get("finished_at")]
            found = [each for each in map(_permitted, sessions) if each is not None]
            ended = [s for s in sessions if not (s.get("exit") or s.get("on_exit"))]
        except parse.ODD as error:
            raise parse.odd("link", error) from error
        if found and not update:
            return found[0]
        if update and ended:
            return None
        if sessions and not ended:
            raise UserError(
                "the page was closed before the bank had agreed; nothing is connected",
                hint="run the command again",
                code=EXIT_FINDINGS,
            )
    raise UserError(
        f"nobody finished at Plaid's page within {seconds} seconds; nothing is connected",
        hint="run the command again, with a longer --wait",
        code=EXIT_FINDINGS,
    )


def connected(home: Home, api: Api, secrets: Secrets, permitted: Permitted) -> Connection:
    """Exchanges what was permitted for a token, and remembers the connection.

    Raises UserError for a bank that is connected already, before anything is exchanged: nothing is
    billed then.
    """
    twin = connections.twin(home, permitted.institution_id, permitted.accounts)
    if twin is not None:
        raise UserError(
            f"{permitted.institution} is connected already, as {twin.scope}; nothing was connected",
            hint=f"if it has stopped working: books bank repair {twin.scope}; to say what its "
            f"accounts are: books bank accounts {twin.scope}",
            code=EXIT_FINDINGS,
        )
    # What is exchanged cannot be exchanged again: whoever comes after a crash is told of it.
    secrets.put(_INTENT, Secret(f"{permitted.institution}\n{permitted.public_token.reveal()}"))
    said = parse.loaded(api.exchange(permitted.public_token), "the exchange")
    token = Secret(str(said["access_token"]))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    connection = Connection(
        NAME,
        str(said["item_id"]),
        permitted.institution,
        permitted.institution_id,
        # Known before anybody has said what they are in the books: a second login is refused now.
        accounts=permitted.accounts,
        linked=day,
    )
    try:
        secrets.put(connection.secret, token)
        connections.store(home, connection)
    except UserError:
        api.remove(token)  # what nobody can reach is not to be paid for
        raise
    secrets.drop(_INTENT)
    return connection


def lost(api: Api, secrets: Secrets) -> str:
    """The bank of an exchange after which the program ended before it had kept the token; empty
    where there was none. What was permitted and not exchanged yet is ended here, and not told."""
    intent = secrets.get(_INTENT)
    if intent is None:
        return ""
    institution, _, public_token = intent.reveal().partition("\n")
    try:
        said = parse.loaded(api.exchange(Secret(public_token)), "the exchange")
        api.remove(Secret(str(said["access_token"])))
        institution = ""
    except PlaidError as error:
        if error.passes:
            raise
    secrets.drop(_INTENT)
    names = [each.name for each in secrets.stored()]
    is_kept = connections.unfinished(secrets.home, names, NAME) or any(
        each.institution == institution for each in connections.connections(secrets.home)
    )
    return "" if is_kept else institution


def _permitted(session: Mapping[str, Any]) -> Permitted | None:
    added = (session.get("results") or {}).get("item_add_results") or ()
    if added:
        said = added[0]
        return _of(said["public_token"], said.get("institution"), said.get("accounts"))
    success = session.get("on_success") or {}
    if success.get("public_token"):
        metadata = success.get("metadata") or {}
        return _of(success["public_token"], metadata.get("institution"), metadata.get("accounts"))
    return None


def _of(token: object, institution: Any, accounts: Any) -> Permitted:
    bank = institution or {}
    shown = tuple(map(parse.shown, accounts or ()))
    name, bank_id = str(bank.get("name") or "Bank"), str(bank.get("institution_id") or "")
    return Permitted(Secret(str(token)), name, bank_id, shown)
