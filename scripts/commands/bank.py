"""``books bank``: connecting banks through Plaid, how they are, mending and ending a connection."""

import datetime as dt
import sys

import click

from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.masked import Secret
from core.secrets import Secrets
from importers.feed import cache as caches
from importers.feed import connections
from importers.feed.connections import Connection
from importers.plaid import link, parse
from importers.plaid.api import Api
from importers.plaid.errors import PlaidError
from importers.plaid.feed import NAME, PlaidFeed
from importers.simplefin.api import Access, claimed
from importers.simplefin.feed import NAME as SIMPLEFIN
from importers.simplefin.feed import SimplefinFeed, banks
from scripts.commands.bank_list import command as listed
from scripts.commands.bank_list import unfinished
from scripts.commands.secrets import secrets_of
from scripts.completing import entities
from scripts.connecting import Answers, connect_accounts
from scripts.plaid_access import plaid_api

_WAIT = 900
_BOOKED = frozenset({"bank", "card"})


@click.group("bank")
def command() -> None:
    """Connect banks through Plaid; your password is typed at Plaid's page, and never comes here.

    \b
      books bank add                 prints an address to open, and waits until you are done
      books bank list                which are connected, how they are, what is paid for
      books bank accounts chase      asks again which accounts of the books they are
      books bank repair chase        the bank asks for the login again
      books bank remove chase        ends the connection, and what it costs

    Then 'books sync' fetches. docs/banks.md says what is needed first.
    """


command.add_command(listed)


_ANSWERS = (
    click.option(
        "--account",
        "said",
        multiple=True,
        metavar="4411=NAME",
        help="Which account of the books one is, by the end of its number; or 4411=ignore.",
    ),
    click.option(
        "--entity", "-e", default="", shell_complete=entities, help="Whose new accounts are."
    ),
    click.option("--yes", "-y", is_flag=True, help="Open new accounts without asking."),
    click.option("--commit/--no-commit", default=True, help="Commit in a git home."),
)


@command.command("add")
@click.option("--simplefin", is_flag=True, help="By SimpleFIN; its setup token is asked for.")
@click.option("--investments", is_flag=True, help="Trades and holdings too; Plaid bills it.")
@click.option("--liabilities", is_flag=True, help="Statements and due dates too; Plaid bills it.")
@click.option("--wait", default=_WAIT, show_default=True, help="Seconds to wait for you.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked for, and ask nobody.")
@click.pass_context
def add(
    ctx: click.Context,
    simplefin: bool,
    investments: bool,
    liabilities: bool,
    wait: int,
    dry_run: bool,
    said: tuple[str, ...],
    entity: str,
    yes: bool,
    commit: bool,
) -> int:
    """Connect a bank: open the address that is printed, choose the bank, log in there.

    A bank that is connected already is refused before anything is billed. Two years of lines are
    asked for, which cannot be done later. Each account is asked for once: which one of the books
    it is stands on its open directive.
    """
    secrets = secrets_of(ctx)
    answers = _answers(said, entity, yes)
    wanted = {"investments": investments, "liabilities": liabilities}
    products = tuple(name for name, is_wanted in wanted.items() if is_wanted)
    if dry_run:
        return _would_add(secrets, products, simplefin)
    secrets.ready()
    if simplefin:
        return _add_simplefin(secrets, answers, commit)
    api = plaid_api(secrets)
    _tell_of_lost(secrets, api)
    page = link.opened(api, secrets.home, products=products)
    click.echo(f"Open this address in a browser, and log in at your bank there:\n\n  {page.url}\n")
    permitted = link.awaited(api, page, wait)
    if permitted is None:
        raise UserError("nothing was permitted; nothing is connected", code=EXIT_FINDINGS)
    connection = link.connected(secrets.home, api, secrets, permitted)
    click.echo(f"{connection.institution} is connected, as {connection.scope}.")
    _map(secrets, connection, answers, commit)
    click.echo("Next: books sync")
    return EXIT_OK


def _would_add(secrets: Secrets, products: tuple[str, ...], simplefin: bool) -> int:
    """What would be asked for, as far as this machine knows it: nobody is asked anything, no page
    is opened, and no key is made. Raises UserError where Plaid's own secrets are not here."""
    if simplefin:
        click.echo("A setup token would be asked for, and claimed at the bridge: that works once.")
    else:
        host = plaid_api(secrets).credentials.host
        what = ", ".join(("transactions", *products))
        click.echo(f"A page of {host} would be opened, for {what}; Plaid bills each of them.")
    click.echo(f"The token would be encrypted with the key of: {secrets.keys.where()}.")
    click.echo("Dry run: nobody was asked, nothing was written.")
    return EXIT_OK


def _add_simplefin(secrets: Secrets, answers: Answers, commit: bool) -> int:
    """Claims the setup token; each bank behind it is a connection."""
    token = secrets.get("simplefin-access")
    if token is None:
        if sys.stdin.isatty():
            said = click.prompt("The setup token, as the bridge shows it", hide_input=True)
        else:
            said = sys.stdin.readline()
        token = claimed(Secret(said))
        # It works once: what it gave is kept before anything else can go wrong.
        secrets.put("simplefin-access", token)
    today = dt.datetime.now(dt.UTC).date()
    found = banks(Access(token, "SimpleFIN").accounts(today, today), token)
    if not found:
        raise UserError(
            "no bank is behind that token yet",
            hint="connect one at the bridge; the access is kept for the next try",
            code=EXIT_FINDINGS,
        )
    for connection in found:
        secrets.put(connection.secret, token)
        connections.store(secrets.home, connection)
        click.echo(f"{connection.institution} is connected, as {connection.scope}.")
    secrets.drop("simplefin-access")
    for connection in found:
        _map(secrets, connection, answers, commit)
    click.echo("Next: books sync")
    return EXIT_OK


@command.command("accounts")
@click.argument("bank")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.pass_context
def accounts(
    ctx: click.Context,
    bank: str,
    dry_run: bool,
    said: tuple[str, ...],
    entity: str,
    yes: bool,
    commit: bool,
) -> int:
    """Ask again which accounts of the books the accounts of a bank are."""
    secrets = secrets_of(ctx)
    connection = connections.named(secrets.home, bank)
    answers = _answers(said, entity, yes)
    _map(secrets, connection, answers, commit, dry_run=dry_run)
    return EXIT_OK


for _option in _ANSWERS:
    add, accounts = _option(add), _option(accounts)


@command.command("repair")
@click.argument("bank")
@click.option("--wait", default=_WAIT, show_default=True, help="Seconds to wait for you.")
@click.option("--dry-run", is_flag=True, help="Say what would be opened, and ask nobody.")
@click.pass_context
def repair(ctx: click.Context, bank: str, wait: int, dry_run: bool) -> int:
    """Log in again where the bank asks for it; the connection, its lines and ids stay the same."""
    secrets = secrets_of(ctx)
    connection = connections.named(secrets.home, bank)
    if connection.feed != NAME:
        raise UserError(
            f"the login of {connection.institution} is mended at the SimpleFIN bridge",
            hint="log in there; the next 'books sync' goes on",
            code=EXIT_FINDINGS,
        )
    api = plaid_api(secrets)
    token = secrets.get(connection.secret)
    if token is None:
        raise UserError(
            f"the token of {connection.institution} is not here",
            hint="take .books/secrets/ from a backup, or remove the bank and add it again",
        )
    if dry_run:
        name = f"{connection.institution} ({connection.scope})"
        click.echo(f"A page of {api.credentials.host} would be opened, for a new login of {name}.")
        return EXIT_OK
    page = link.opened(api, secrets.home, token=token)
    click.echo(f"Open this address in a browser, and log in again:\n\n  {page.url}\n")
    link.awaited(api, page, wait, update=True)
    trouble = parse.item_error(api.item(token))
    if trouble:
        raise UserError(
            f"{connection.institution} still says {trouble}",
            hint="run the command again",
            code=EXIT_FINDINGS,
        )
    connections.store(secrets.home, connections.well(connection))
    click.echo(f"{connection.institution} is well again. Next: books sync")
    return EXIT_OK


@command.command("webhook")
@click.argument("url")
@click.option("--dry-run", is_flag=True, help="Say which banks, and tell nobody.")
@click.pass_context
def webhook(ctx: click.Context, url: str, dry_run: bool) -> int:
    """Tell Plaid where to send its webhooks: what leads to 'books serve --webhooks' from outside.

    \b
      books bank webhook https://books.example.org/webhooks/plaid

    A webhook only begins the nightly run earlier; without any, nothing is missed.
    """
    if not url.startswith("https://"):
        raise click.UsageError("the address begins with https://")
    secrets = secrets_of(ctx)
    for connection in connections.connections(secrets.home):
        token = secrets.get(connection.secret) if connection.feed == NAME else None
        if token is None:
            continue
        if not dry_run:
            plaid_api(secrets).webhook(token, url)
        click.echo(f"{connection.institution} ({connection.scope}): {url}")
    return EXIT_OK


@command.command("remove")
@click.argument("bank")
@click.option("--yes", "-y", is_flag=True, help="Without asking.")
@click.option("--dry-run", is_flag=True, help="Say what would end, and end nothing.")
@click.pass_context
def remove(ctx: click.Context, bank: str, yes: bool, dry_run: bool) -> int:
    """End a connection, and what it costs; what was booked stays, and is known again later."""
    secrets = secrets_of(ctx)
    half = [each for each in unfinished(secrets) if each.scope == bank]
    connection = half[0] if half else connections.named(secrets.home, bank)
    name = f"{connection.institution} ({connection.scope})"
    if dry_run:
        billed = ", ".join(connection.billed) or "not known"
        click.echo(f"{name} would be disconnected; billed until then: {billed}.")
        return EXIT_OK
    if not yes:
        if not sys.stdin.isatty():
            raise UserError(f"{name} would be disconnected", hint="add --yes to do it")
        click.confirm(f"Disconnect {name}?", abort=True)
    token = secrets.get(connection.secret)
    if connection.feed != NAME:
        click.echo("Disable the access at the SimpleFIN bridge too, where no other bank needs it.")
    elif token is not None:
        try:
            plaid_api(secrets).remove(token)
        except PlaidError as error:
            if error.error_code not in {"ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"}:
                raise
    else:
        click.echo("Its token is not here: if it is still billed, end it in Plaid's dashboard.")
    connections.store(secrets.home, connections.ended(connection))
    secrets.drop(connection.secret)
    click.echo(f"{name} is disconnected; the books keep what it brought.")
    return EXIT_OK


def _tell_of_lost(secrets: Secrets, api: Api) -> None:
    """Where the program ended between Plaid's exchange and keeping its token."""
    lost = link.lost(api, secrets)
    if lost:
        click.echo(
            f"The last attempt to connect {lost} ended before its token was kept. If Plaid's "
            "dashboard\nshows a connection that 'books bank list' does not, end it there: it is "
            "billed.\n"
        )


def _answers(said: tuple[str, ...], entity: str, yes: bool) -> Answers:
    pairs = [each.partition("=") for each in said]
    for key, equals, name in pairs:
        if not (key.strip() and equals and name.strip()):
            raise click.UsageError(f"--account is written 4411=NAME, not {key}{equals}{name}")
    return Answers({key.strip(): name.strip() for key, _, name in pairs}, entity, yes)


def _map(
    secrets: Secrets,
    connection: Connection,
    answers: Answers,
    commit: bool,
    *,
    dry_run: bool = False,
) -> None:
    """Asks for the accounts that are booked; what is asked for stays open where nobody answers."""
    token = secrets.get(connection.secret)
    if token is None:
        raise UserError(f"the token of {connection.institution} is not here")
    wanted = connections.wanting_all(connection)
    feed: PlaidFeed | SimplefinFeed
    if connection.feed == SIMPLEFIN:
        feed = SimplefinFeed(secrets.home, Access(token, connection.institution), wanted)
    else:
        feed = PlaidFeed(secrets.home, plaid_api(secrets), token, wanted)
    found = feed.item().accounts
    for remark in feed.remarks:
        click.echo(f"  {remark}")
    try:
        after = connect_accounts(
            secrets.home, wanted, found, answers, commit=commit, dry_run=dry_run
        )
    except UserError as error:
        raise UserError(
            error.message,
            hint=f"{error.hint}\n  with: books bank accounts {connection.scope}",
            code=error.code,
        ) from error
    if not dry_run and not set(connection.ignored) <= set(after.ignored):
        caches.rewound(secrets.home, connection.scope)
        click.echo("  The next sync asks for all lines again; those that are known change nothing.")
