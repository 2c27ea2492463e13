"""``books veil loan``: a loan's schedule, and its next instalment as entries."""

import json
import uuid
from collections.abc import Sequence
from decimal import Decimal

import click

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.links import new_link
from core.journal.placement import month_file, placed
from core.journal.render import render
from core.journal.write import apply
from core.loans.ledger import loans_in
from core.loans.posting import halves, instalment_in, schedule_of
from core.loans.schedule import Row
from core.loans.terms import Loan
from core.money import at_cents
from core.period import Period, parse_period
from plugins.veil.refusing import refuse_closed
from scripts import books as loading
from scripts.completing import accounts
from scripts.table import print_table

_HEADINGS = ("no.", "due", "what", "payment", "interest", "principal", "balance")


@click.command("loan")
@click.argument("note", metavar="NOTE")
@click.option("--schedule", "show", is_flag=True, help="The whole schedule; so without --post.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "md"]), default="text", show_default=True
)
@click.option("--post", "month", metavar="YYYY-MM", help="Book the instalment due in a month.")
@click.option(
    "--from", "paid_from", shell_complete=accounts, default="", help="The borrower's bank account."
)
@click.option("--to", "paid_to", shell_complete=accounts, default="", help="The lender's.")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def loan(
    ctx: click.Context,
    note: str,
    show: bool,
    form: str,
    month: str | None,
    paid_from: str,
    paid_to: str,
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """A loan's schedule to the cent, and its instalments as entries in both books.

    \b
      books veil loan N-01 --schedule
      books veil loan N-01 --post 2026-10 --dry-run

    NOTE is the id of a custom "loan" directive. What is booked is both halves of the instalment,
    with one link, interest and principal split by the schedule.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    known = loans_in(books).declared.loans
    found = [each for name, each in known.items() if name.casefold() == note.casefold()]
    if not found:
        declared = ", ".join(sorted(known)) or "none is declared"
        raise UserError(f"there is no loan '{note}'", hint=f"known: {declared}")
    if not month:
        _show(found[0], schedule_of(found[0], books, books.as_of), form)
        return
    if show:
        raise UserError("--schedule shows and --post books; ask for one of them")
    period = parse_period(month)
    if len(period.name) != len("2026-10"):
        raise UserError(f"'{month}' is no month", hint="write --post 2026-10")
    loading.refuse_unread(books)
    change, remarks = _posted(found[0], period, home, books, paid_from, paid_to)
    click.echo(change.diff(), nl=False)
    for remark in remarks:
        click.echo(remark)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in done.remarks:
        click.echo(remark)
    click.echo(f"Booked: {change.message}.")


def _posted(
    loan: Loan, month: Period, home: Home, books: Books, paid_from: str, paid_to: str
) -> tuple[ChangeSet, list[str]]:
    """The change that books the instalment of a month, and remarks for a person."""
    row, remarks = instalment_in(loan, month, books)
    entries = halves(loan, row, books, link=new_link(row.due), paid_from=paid_from, paid_to=paid_to)
    refuse_closed(books, [half.entity.name for half in entries], row.due)
    blocks = [(month_file(h.entity, row.due), h.entity, render(h.txn)) for h in entries]
    files, more = placed(home, books, blocks)
    message = f"Loan {loan.id}, instalment {row.number}, due {row.due}"
    return ChangeSet(message, tuple(files)), [*remarks, *more]


def _show(loan: Loan, rows: Sequence[Row], form: str) -> None:
    if not rows and form != "json":
        click.echo(
            f"{loan.id} has no schedule: nothing says when it is paid back, or nothing is due."
        )
        return
    if form == "json":
        click.echo(json.dumps(_json(loan, rows), indent=2))
        return
    title = (
        f"{loan.id}: {loan.lender} lends {loan.borrower} {at_cents(loan.principal)} "
        f"{loan.currency} at {(loan.rate or Decimal(0)).normalize():f} percent, {loan.kind}"
    )
    headings = _HEADINGS if not loan.escrow else (*_HEADINGS, "escrow")
    table = [(*_cells(row), *([at_cents(row.escrow)] if loan.escrow else [])) for row in rows]
    totals = f"Paid {_total(rows, 'payment')}, of it interest {_total(rows, 'interest')}."
    if form == "md":
        click.echo(f"# {title}\n\n| {' | '.join(headings)} |")
        click.echo("|---:|---|---|" + "---:|" * (len(headings) - 3))
        for cells in table:
            click.echo(f"| {' | '.join(cells)} |")
        click.echo(f"\n{totals}")
        return
    click.echo(f"{title}\n")
    print_table(headings, table, right=("no.", *headings[3:]))
    click.echo(f"\n{totals}")


def _cells(row: Row) -> tuple[str, ...]:
    money = (row.payment, row.interest, row.principal, row.balance)
    return (str(row.number or ""), str(row.due), row.what, *map(at_cents, money))


def _total(rows: Sequence[Row], column: str) -> str:
    return at_cents(sum((getattr(row, column) for row in rows), Decimal(0)))


def _json(loan: Loan, rows: Sequence[Row]) -> dict[str, object]:
    money = ("payment", "interest", "principal", "escrow", "balance")
    return {
        "loan": loan.id,
        "lender": loan.lender,
        "borrower": loan.borrower,
        "kind": loan.kind,
        "principal": at_cents(loan.principal),
        "currency": loan.currency,
        "rate": None if loan.rate is None else str(loan.rate),
        "rows": [
            {"number": row.number or None, "due": row.due.isoformat(), "what": row.what}
            | {name: at_cents(getattr(row, name)) for name in money}
            for row in rows
        ],
        "totals": {name: _total(rows, name) for name in money[:3]},
    }
