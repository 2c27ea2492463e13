"""``books veil settle``: what two entities owe each other, paid."""

import click

from core.journal.links import new_link
from core.money import at_cents
from plugins.veil.settling import Settlement, owed_between, settled
from scripts import books as loading
from scripts.completing import entities
from scripts.paired import day_of, two, was_done, write


@click.command("settle")
@click.argument("one", metavar="ENTITY", shell_complete=entities)
@click.argument("other", metavar="ENTITY", shell_complete=entities)
@click.option("--date", "day", default="", metavar="DATE", help="As of when.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def command(
    ctx: click.Context, one: str, other: str, day: str, dry_run: bool, commit: bool, key: str
) -> None:
    """Settle what two entities owe each other: both debts to zero, the difference paid by bank.

    \b
      books veil settle acme harbor --dry-run

    The two sets of books must agree on what is owed at the end of the day; where they do not, it
    says by how much. The pair books a payment: make it at the bank too.
    """
    home = loading.home_from(ctx)
    if was_done(home, key):
        return
    books = loading.load(home)
    loading.refuse_unread(books)
    names = two(books, one, other)
    date = day_of(day)
    found = owed_between(*names, date, books)
    if not found:
        click.echo(f"{names[0]} and {names[1]} owe each other nothing on {date}.")
        return
    halves = []
    for settlement in found:
        click.echo(_said(settlement))
        halves += settled(settlement, books, new_link(date))
    write(
        f"{names[0]} and {names[1]} settle as of {date}",
        halves,
        home=home,
        books=books,
        key=key,
        dry_run=dry_run,
        commit=commit,
    )


def _said(settlement: Settlement) -> str:
    paid = settlement.payment
    owed = f"{paid.giver} owes {at_cents(settlement.by_giver)} {paid.currency}"
    if settlement.by_receiver:
        owed += f" and is owed {at_cents(settlement.by_receiver)}"
    if not paid.number:
        return f"{owed}: no money moves."
    return f"{owed}: {paid.giver} pays {paid.receiver} {at_cents(paid.number)} {paid.currency}."
