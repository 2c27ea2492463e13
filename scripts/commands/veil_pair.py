"""``books veil pair``: a payment between two entities, both halves at once."""

from decimal import Decimal
from pathlib import Path

import click

from core.findings import UserError
from core.journal.books import Books
from core.journal.links import new_link
from core.money import at_cents
from plugins.veil.converting import far_from_price
from plugins.veil.pairing import CLASSES, Payment, pair
from plugins.veil.refusing import BY_HAND
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.paired import amount_of, converted, day_of, document, two, was_done, write


@click.command("pair")
@click.option(
    "--from",
    "giver",
    required=True,
    metavar="ENTITY",
    shell_complete=entities,
    help="Who gives the money.",
)
@click.option(
    "--to",
    "receiver",
    required=True,
    metavar="ENTITY",
    shell_complete=entities,
    help="Who gets it, or whose cost is paid.",
)
@click.option("--amount", required=True, help='How much: 500.00, or "500.00 EUR".')
@click.option(
    "--received",
    default="",
    metavar="AMOUNT",
    help='What the receiver got, where a bank converted: "8300.00 INR".',
)
@click.option(
    "--class",
    "transfer",
    required=True,
    type=click.Choice((*CLASSES, *BY_HAND)),
    help="What it is; payroll and asset-transfer are told, and booked by hand.",
)
@click.option("--date", "day", default="", metavar="DATE", help="When.  [default: today]")
@click.option("--text", default="", help="What to say in both entries.")
@click.option("--note", default="", help="The promissory note that a loan belongs to.")
@click.option(
    "--resolution",
    type=click.Path(path_type=Path),
    help="The paper that allows it, a file below ledger/.",
)
@click.option(
    "--paper/--no-paper",
    "papers",
    default=True,
    help="Draft the consent or note that the class wants.  [default: paper]",
)
@click.option(
    "--account-from",
    multiple=True,
    metavar="ACCOUNT",
    shell_complete=accounts,
    help="The giver's account, where its role does not tell: of money, or of what it is for.",
)
@click.option(
    "--account-to",
    multiple=True,
    metavar="ACCOUNT",
    shell_complete=accounts,
    help="The receiver's account, likewise.",
)
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def command(
    ctx: click.Context,
    giver: str,
    receiver: str,
    amount: str,
    received: str,
    transfer: str,
    day: str,
    text: str,
    note: str,
    resolution: Path | None,
    papers: bool,
    account_from: tuple[str, ...],
    account_to: tuple[str, ...],
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """Book a payment from one entity to another: both halves, with one link, as one change.

    \b
      books veil pair --from acme --to jane --amount 1000 --class distribution \\
        --resolution ledger/acme/documents/resolutions/2026-09-consent.pdf
      books veil pair --from jane --to acme --amount 42.50 --class expense-on-behalf \\
        --account-to Expenses:Acme:Supplies
      books veil pair --from acme --to pune --amount "100.00 USD" --received "8300.00 INR" \\
        --class contribution

    The accounts are found by role and counterparty. A settlement of more than is owed is refused;
    where nothing is owed it is an advance. A loan repayment is booked as principal. Where a bank
    converts, say both amounts: what is owed stays in its currency, and the price stands with the
    money. What the owners decide on gets the draft of their consent, and a loan that of its note:
    they count when they are signed.
    """
    home = loading.home_from(ctx)
    if was_done(home, key):
        return
    books = loading.load(home)
    names = two(books, giver, receiver)
    given = amount_of(amount, books.registry.entities[names[0]])
    number, currency = Decimal(given.number or 0), given.currency
    date = day_of(day)
    _belong(account_from, names[0], "--account-from", books)
    _belong(account_to, names[1], "--account-to", books)
    got = converted(received, given, books.registry.entities[names[1]])
    payment = Payment(
        *names, number, currency, transfer, date, text, note, (*account_from, *account_to), got
    )
    if got and (remark := far_from_price(given, got, date, books)):
        click.echo(f"Look again: {remark}")
    halves = pair(payment, books, new_link(date))
    evidence = [document(resolution, halves[0], home, books)] if resolution else []
    message = f"{names[0]} to {names[1]}: {transfer} of {at_cents(number)} {currency}"
    message += f", received as {got}" if got else ""
    write(
        message,
        [*halves, *evidence],
        home=home,
        books=books,
        key=key,
        dry_run=dry_run,
        commit=commit,
        papers=papers,
    )


def _belong(names: tuple[str, ...], entity: str, option: str, books: Books) -> None:
    for name in names:
        if books.registry.ent(name) != entity:
            raise UserError(f"{option} {name} is no account of {entity}")
