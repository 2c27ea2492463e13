"""``books bank list``: which banks are connected, how they are, and what is paid for."""

import json

import click

from core.entity import Account
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.journal.books import Books
from core.masked import masked
from core.secrets import Secrets
from importers.feed import connections
from importers.feed.accounts import ledger_account
from importers.feed.connections import Connection, Known
from importers.feed.contract import FeedAccount
from importers.plaid.feed import NAME
from scripts import books as loading
from scripts.commands.secrets import secrets_of
from scripts.table import print_table


@click.command("list")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(ctx: click.Context, form: str) -> int:
    """The connected banks: accounts, newest success, health, and what is paid for."""
    secrets = secrets_of(ctx)
    home = secrets.home
    found = connections.connections(home)
    if form == "json":
        books = loading.load(home)
        said = [_bank_json(each, books) for each in found]
        left = [each.scope for each in unfinished(secrets)]
        text = json.dumps({"banks": said, "unfinished": left}, indent=2, ensure_ascii=False)
        click.echo(masked(text))
        return EXIT_FINDINGS if any(each.trouble for each in found) else EXIT_OK
    for each in unfinished(secrets):
        click.echo(f"A connection was not finished, and is billed: books bank remove {each.scope}")
    if not found:
        click.echo("No bank is connected; 'books bank add' connects one.")
        return EXIT_OK
    books = loading.load(home)
    rows = []
    for each in found:
        for number, account in enumerate(each.accounts or (None,)):
            first = number == 0
            rows.append(
                (
                    f"{each.institution} ({each.scope})" if first else "",
                    _named(account, each, books),
                    (each.last or "never") if first else "",
                    (each.trouble_code or each.trouble or "well") if first else "",
                    (", ".join(each.billed) or "not known yet") if first else "",
                )
            )
    print_table(("bank", "account", "last success", "health", "billed until removed"), rows)
    return EXIT_FINDINGS if any(each.trouble for each in found) else EXIT_OK


def unfinished(secrets: Secrets) -> list[Connection]:
    """The connections of which only the token was kept: they are billed."""
    names = [each.name for each in secrets.stored()]
    return connections.unfinished(secrets.home, names, NAME)


def _bank_json(each: Connection, books: Books) -> dict[str, object]:
    accounts = [
        {
            "name": account.name,
            "ends_in": account.mask,
            "kind": account.kind,
            "ignored": account.ref in each.ignored,
            "account": found.name if (found := _ledger(account, each, books)) else None,
        }
        for account in each.accounts
    ]
    return {
        "bank": each.scope,
        "institution": each.institution,
        "accounts": accounts,
        "last_success": each.last or None,
        "health": each.trouble_code or each.trouble or "well",
        "billed": list(each.billed),
    }


def _named(account: Known | None, connection: Connection, books: Books) -> str:
    if account is None:
        return ""
    if account.ref in connection.ignored:
        return f"{account.name} {account.mask}: ignored"
    found = _ledger(account, connection, books)
    return f"{account.name} {account.mask}: {found.name if found else 'not in the books'}"


def _ledger(account: Known, connection: Connection, books: Books) -> Account | None:
    shown = FeedAccount(account.ref, account.mask, account.name, account.kind)
    try:
        return ledger_account(shown, connection.item(), books)
    except UserError:
        return None
