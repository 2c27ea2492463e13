"""``books secrets``: what is kept encrypted below ``.books/``, and the key it is kept with."""

import json
import sys

import click

from core.masked import Secret
from core.sealing_keys import Keys, new_key
from core.secrets import Secrets
from scripts import books as loading
from scripts.table import print_table

# What a person may store: nothing else of theirs is asked for.
NAMES = {
    "forge-token": "the forge's token, which may open pull requests",
    "notify-urls": "apprise's addresses to be notified at",
    "plaid-client-id": "Plaid's client_id",
    "plaid-secret": "Plaid's secret",
}


_FORM = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group("secrets", invoke_without_command=True)
@_FORM
@click.pass_context
def command(ctx: click.Context, form: str) -> None:
    """What is kept encrypted: names, when, and with which key; never a value.

    \b
      books secrets                     what is there
      books secrets set plaid-secret    asks for the value, and shows nothing of it
      books secrets rotate              encrypts all of it with another key

    The key is BOOKS_KEY, a systemd credential called books-key, or made in the system's keyring.
    """
    if ctx.invoked_subcommand:
        return
    secrets = secrets_of(ctx)
    stored = secrets.stored()
    if form == "json":
        rows = [{"name": s.name, "key": s.key_id, "stored": s.stored} for s in stored]
        click.echo(json.dumps({"secrets": rows, "key": secrets.keys.where()}, indent=2))
        return
    if stored:
        print_table(("secret", "key", "stored"), [(s.name, s.key_id, s.stored) for s in stored])
    else:
        click.echo("No secrets are kept here.")
    click.echo(f"Key: {secrets.keys.where()}")


@command.command("set")
@click.argument("name", type=click.Choice(sorted(NAMES)))
@click.option("--dry-run", is_flag=True, help="Ask for no value, and store nothing.")
@click.pass_context
def set_(ctx: click.Context, name: str, dry_run: bool) -> None:
    """Store a secret; its value is asked for, or read from a pipe, and never an argument."""
    secrets = secrets_of(ctx)
    if dry_run:
        verb = "replaced" if _is_there(secrets, name) else "stored"
        click.echo(f"{name} would be {verb}, encrypted with the key of: {secrets.keys.where()}.")
        return
    secrets.ready()
    if sys.stdin.isatty():
        value = click.prompt(NAMES[name], hide_input=True)
    else:
        value = sys.stdin.readline()
    if not value.strip():
        raise click.UsageError("the value is empty")
    secrets.put(name, Secret(value.strip()))
    click.echo(f"{name} is stored.")


@command.command("forget")
@click.argument("name", type=click.Choice(sorted(NAMES)))
@click.option("--dry-run", is_flag=True, help="Say what would go, and forget nothing.")
@click.pass_context
def forget(ctx: click.Context, name: str, dry_run: bool) -> None:
    """Forget a secret that you have stored; the tokens of banks go with 'books bank remove'."""
    secrets = secrets_of(ctx)
    if dry_run:
        is_there = _is_there(secrets, name)
        click.echo(f"{name} would be forgotten." if is_there else f"{name} is not stored.")
        return
    secrets.drop(name)
    click.echo(f"{name} is forgotten.")


@command.command("rotate")
@click.option("--dry-run", is_flag=True, help="Name them, and change nothing; no key is made.")
@click.pass_context
def rotate(ctx: click.Context, dry_run: bool) -> None:
    """Encrypt every secret with another key: a new one of the keyring, or BOOKS_KEY.

    With BOOKS_KEY, set BOOKS_KEY_OLD to the key before. A backup made before needs the old key.
    """
    secrets = secrets_of(ctx)
    if dry_run:
        found = secrets.outdated()
        for each in found:
            click.echo(f"{each.name}, now with the key {each.key_id}")
        click.echo(f"{len(found)} secrets would be encrypted anew.")
        return
    count = secrets.rotate()
    click.echo(f"{count} secrets are encrypted anew; the old key opens none of them.")


@command.command("new-key")
def key() -> None:
    """Print a fresh key for BOOKS_KEY, and keep nothing of it."""
    click.echo(new_key())


def _is_there(secrets: Secrets, name: str) -> bool:
    return any(each.name == name for each in secrets.stored())


def secrets_of(ctx: click.Context) -> Secrets:
    """The secrets of the home that a command is about."""
    home = loading.home_from(ctx)
    return Secrets(home, Keys(home))
