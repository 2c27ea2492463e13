"""``books veil settle``: what two entities owe each other, paid."""

from dataclasses import replace

import click
from beancount.core.amount import Amount

from core.findings import UserError
from core.journal.books import Books
from core.journal.links import new_link
from core.money import at_cents
from plugins.veil.converting import far_from_price
from plugins.veil.settling import Settlement, owed_between, settled
from scripts import books as loading
from scripts.completing import entities
from scripts.paired import converted, day_of, two, was_done, write


@click.command("settle")
@click.argument("one", metavar="ENTITY", shell_complete=entities)
@click.argument("other", metavar="ENTITY", shell_complete=entities)
@click.option("--date", "day", default="", metavar="DATE", help="As of when.  [default: today]")
@click.option(
    "--paid", default="", metavar="AMOUNT", help="What left the payer's bank, where it converts."
)
@click.option(
    "--received",
    default="",
    metavar="AMOUNT",
    help='What the other\'s bank got, where it converts: "8300.00 INR".',
)
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def command(
    ctx: click.Context,
    one: str,
    other: str,
    day: str,
    paid: str,
    received: str,
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """Settle what two entities owe each other: both debts to zero, the difference paid by bank.

    \b
      books veil settle acme harbor --dry-run
      books veil settle acme pune --received "8300.00 INR"

    The two sets of books must agree on what is owed at the end of the day; where they do not, it
    says by how much. The pair books a payment: make it at the bank too. Where a bank converts, say
    what it moved: the debt is settled in its own currency, at that price.
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
    found = _converted(found, paid, received, books)
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


def _converted(found: list[Settlement], paid: str, received: str, books: Books) -> list[Settlement]:
    """The settlements, with what the banks moved where somebody says that; raises UserError where
    it is not clear of which payment."""
    if not paid and not received:
        return found
    moving = [each for each in found if each.payment.number]
    if len(moving) != 1:
        raise UserError(
            f"there are {len(moving)} payments, so nobody knows which of them was converted",
            hint="settle them by 'books veil pair --class settlement', one by one",
        )
    (one,) = moving
    payment = one.payment
    claim = Amount(payment.number, payment.currency)
    entities = books.registry.entities
    left = converted(paid, claim, entities[payment.giver])
    got = converted(received, claim, entities[payment.receiver])
    for given, taken in ((left, claim), (claim, got)):
        if given and taken and (remark := far_from_price(given, taken, payment.date, books)):
            click.echo(f"Look again: {remark}")
    return [replace(each, paid=left, received=got) if each is one else each for each in found]


def _said(settlement: Settlement) -> str:
    paid = settlement.payment
    owed = f"{paid.giver} owes {at_cents(settlement.by_giver)} {paid.currency}"
    if settlement.by_receiver:
        owed += f" and is owed {at_cents(settlement.by_receiver)}"
    if not paid.number:
        return f"{owed}: no money moves."
    moved = [f"{one} left its bank" for one in (settlement.paid,) if one]
    moved += [f"{one} came in" for one in (settlement.received,) if one]
    told = f" ({', '.join(moved)})" if moved else ""
    pays = f"{paid.giver} pays {paid.receiver} {at_cents(paid.number)} {paid.currency}{told}."
    return f"{owed}: {pays}"
