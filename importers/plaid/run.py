"""One run of one bank at Plaid: its lines into the books, what it owes beside them, its health."""

from collections.abc import Callable
from dataclasses import replace

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from core.secrets import Secrets
from importers.feed.connections import Connection
from importers.feed.contract import Item
from importers.feed.night import Night, Owed, ended_badly, ended_well, sealed_in, token_of
from importers.feed.plan import FeedPlan
from importers.feed.sync import sync, written
from importers.plaid import link
from importers.plaid.api import Api
from importers.plaid.card_statements import book_statements
from importers.plaid.errors import LOGIN, WITHOUT, PlaidError
from importers.plaid.feed import PlaidFeed
from importers.plaid.liabilities import owed
from importers.plaid.payments import book_payments
from importers.plaid.statements import archived


def run(
    home: Home,
    connection: Connection,
    secrets: Secrets,
    api: Api,
    *,
    agreed: Callable[[FeedPlan], bool] = written,
    take_out: bool = False,
    commit: bool = True,
    tree: Home | None = None,
    run_id: str = "",
) -> Night:
    """Brings the books up to what one bank has; what goes wrong with it is in the answer.

    ``agreed``, ``take_out``, ``commit``, ``tree`` and ``run_id`` are as
    ``importers.feed.sync.sync`` takes them. Its cursor stays where it was unless everything went
    well.
    """
    api = replace(api, bank=f"{connection.institution} ({connection.scope})")
    books = tree or home
    try:
        feed = PlaidFeed(home, api, token_of(secrets, connection), connection)
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
        if synced.plan and any(file.warnings for file in synced.plan.imported.files):
            feed.remarks += feed.open_lots
        said, answer = (Owed(), b"")
        if synced.plan is not None:
            said, answer = _owed(books, feed, connection)
        if answer and commit and agreed is written:
            _book_owed(home, books, feed, connection.item(), answer, run_id)
        if synced.plan and commit and agreed is written:
            _file_statements(books, feed, synced.plan.item, run_id)
        return ended_well(
            home,
            connection,
            synced,
            owed=said,
            billed=feed.billed,
            remarks=feed.remarks,
            needs=feed.needs,
        )
    except UserError as error:
        code = getattr(error, "error_code", "")
        page = _page(home, connection, secrets, api, code)
        return ended_badly(home, connection, error, needs_owner=code in LOGIN, repair_url=page)


def _owed(tree: Home, feed: PlaidFeed, connection: Connection) -> tuple[Owed, bytes]:
    """What cards and loans owe, where that is paid for anyway (to ask would else cost more); and
    the answer itself."""
    if "liabilities" not in feed.billed:
        return Owed(), b""
    try:
        content = feed.kept("liabilities", feed.api.liabilities(feed.token))
        return owed(content, connection.item(), read(tree.main_root, home=tree)), content
    except PlaidError as error:
        if error.error_code not in WITHOUT:
            feed.remarks.append(error.message)
        return Owed(), b""


def _book_owed(
    home: Home, tree: Home, feed: PlaidFeed, item: Item, answer: bytes, run_id: str
) -> None:
    """Statements of cards, and payments to lenders by the lender's own split; what hinders that
    costs nobody a night."""
    sealed = sealed_in(tree)
    try:
        books = read(tree.main_root, home=tree)
        feed.remarks += book_statements(tree, books, item, answer, sealed, run_id)
        books = read(tree.main_root, home=tree)
        feed.remarks += book_payments(home, tree, books, item, answer, sealed, run_id)
    except UserError as error:
        feed.remarks.append(f"what is owed could not be booked: {error.message}")


def _file_statements(tree: Home, feed: PlaidFeed, item: Item, run_id: str) -> None:
    """The bank's PDFs, where that is paid for anyway; a bank that has none costs nobody a night."""
    if "statements" not in feed.billed:
        return
    try:
        feed.remarks += archived(tree, item, feed.api, feed.token, run_id=run_id)
    except UserError as error:
        if getattr(error, "error_code", "") not in WITHOUT:
            feed.remarks.append(f"statements: {error.message}")


def _page(home: Home, connection: Connection, secrets: Secrets, api: Api, code: str) -> str:
    """The page in update mode, where the bank wants its owner; empty where that is not it."""
    token = secrets.get(connection.secret) if code in LOGIN else None
    if token is None:
        return ""
    try:
        return link.opened(api, home, token=token).url
    except UserError:
        return ""  # the command that mends it is said anyway
