"""``books secrets``: what is kept encrypted below ``.books/``, and the key it is kept with."""

import sys

import click

from core.masked import Secret
from core.sealing_keys import Keys, new_key
from core.secrets import Secrets
from scripts import books as loading
from scripts.table import print_table

# What a person may store: nothing else of theirs is asked for.
NAMES = {"plaid-client-id": "Plaid's client_id", "plaid-secret": "Plaid's secret"}


@click.group("secrets", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
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
    if stored:
        print_table(("secret", "key", "stored"), [(s.name, s.key_id, s.stored) for s in stored])
    else:
        click.echo("No secrets are kept here.")
    click.echo(f"Key: {secrets.keys.where()}")


@command.command("set")
@click.argument("name", type=click.Choice(sorted(NAMES)))
@click.pass_context
def set_(ctx: click.Context, name: str) -> None:
    """Store a secret; its value is asked for, or read from a pipe, and never an argument."""
    secrets = secrets_of(ctx)
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
@click.pass_context
def forget(ctx: click.Context, name: str) -> None:
    """Forget a secret that you have stored; the tokens of banks go with 'books bank remove'."""
    secrets_of(ctx).drop(name)
    click.echo(f"{name} is forgotten.")


@command.command("rotate")
@click.pass_context
def rotate(ctx: click.Context) -> None:
    """Encrypt every secret with another key: a new one of the keyring, or BOOKS_KEY.

    With BOOKS_KEY, set BOOKS_KEY_OLD to the key before. A backup made before needs the old key.
    """
    count = secrets_of(ctx).rotate()
    click.echo(f"{count} secrets are encrypted anew; the old key opens none of them.")


@command.command("new-key")
def key() -> None:
    """Print a fresh key for BOOKS_KEY, and keep nothing of it."""
    click.echo(new_key())


def secrets_of(ctx: click.Context) -> Secrets:
    """The secrets of the home that a command is about."""
    home = loading.home_from(ctx)
    return Secrets(home, Keys(home))
