"""``books reconcile``: a bank's statement beside the books, and the marks of what it has."""

import datetime as dt
import json
import re
import sys
import uuid
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import click

from core.entity import Account
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.write import apply
from core.money import parse_decimal
from importers.reconcile.bank import banks
from importers.reconcile.marking import marking
from importers.reconcile.reconciliation import Reconciliation, reconciled
from importers.statement import StatementFile
from scripts import books as loading
from scripts.completing import accounts
from scripts.importing import reader_of
from scripts.reconciled import as_json, as_markdown, as_text

_SAID = re.compile(r"(?P<row>\d+)=(?P<file>.+):(?P<line>\d+)")


@click.command("reconcile")
@click.argument("name", metavar="ACCOUNT", shell_complete=accounts)
@click.option(
    "--statement", type=click.Path(path_type=Path), required=True, help="The bank's file."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Only up to the evening of this day.  [default: the statement's last]",
)
@click.option(
    "--balance", metavar="AMOUNT", help="The closing balance, where the file does not say it."
)
@click.option(
    "--match", "said", metavar="ROW=FILE:LINE", multiple=True, help="Which entry a line is."
)
@click.option(
    "--bank-error", "errors", type=int, metavar="ROW", multiple=True, help="A line that is wrong."
)
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--yes", "-y", is_flag=True, help="Write without asking.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "md"]), default="text", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    statement: Path,
    until: dt.datetime | None,
    balance: str | None,
    said: Sequence[str],
    errors: Sequence[int],
    dry_run: bool,
    yes: bool,
    form: str,
) -> int:
    """Match a statement with the books, list what is outstanding, and mark what the bank has.

    \b
      books reconcile chase-4411 --statement ~/Downloads/Chase4411.CSV --until 2026-09-30
      books reconcile Assets:Acme:Bank:Checking --statement sep.ofx --yes
      books reconcile chase-4411 --statement sep.csv --match 12=ledger/acme/2026/2026-08.beancount:9

    Lines and postings are matched by id, else by amount within three days, then seven, and by their
    texts; deposits may be several. Where nothing tells two apart you are asked. With a difference,
    or with lines that the books lack, nothing is written and the exit status is 1.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    account = _account(books, name)
    if not statement.is_file():
        raise UserError("there is no such file", file=str(statement))
    file = reader_of(home)(statement)
    sides = banks(
        file,
        account,
        books,
        until=until.date() if until else None,
        balance=_amount(balance) if balance else None,
    )
    places = _places(home, said)
    done = []
    for side in sides:
        # Of several currencies each has rows of its own; of one, a row that is not there is said.
        own = {line.row for line in side.lines} if len(sides) > 1 else {*places, *errors}
        of_side = {row: at for row, at in places.items() if row in own}
        wrong = [row for row in errors if row in own]
        done.append(reconciled(books, side, said=of_side, errors=wrong))
    return _finish(home, books, account, file, done, form=form, dry_run=dry_run, yes=yes)


def _finish(
    home: Home,
    books: Books,
    account: Account,
    file: StatementFile,
    done: Sequence[Reconciliation],
    *,
    form: str,
    dry_run: bool,
    yes: bool,
) -> int:
    """Shows it and, where all of it closes, writes the marks."""
    closes = all(of.closes for of in done)
    change, remarks = (
        marking(home, books, account, file, done) if closes else (ChangeSet("", ()), [])
    )
    if form == "json":
        writes = bool(change.files) and yes and not dry_run
        if writes:
            remarks += apply(home, change, key=str(uuid.uuid4())).remarks
        said = {
            "reconciliations": [as_json(of, books) for of in done],
            "closes": closes,
            "written": writes,
            "remarks": remarks,
            "diff": change.diff(),
        }
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
        return EXIT_OK if closes else EXIT_FINDINGS
    for of in done:
        shown = as_markdown(of, books) if form == "md" else as_text(of, books)
        click.echo("\n".join(shown) + "\n")
    if not closes:
        click.echo("Nothing was written.")
        return EXIT_FINDINGS
    for remark in remarks:
        click.echo(remark)
    if not change.files:
        click.echo("It is reconciled, and the books say so already.")
        return EXIT_OK
    return _write(home, change, dry_run=dry_run, yes=yes)


def _write(home: Home, change: ChangeSet, *, dry_run: bool, yes: bool) -> int:
    click.echo(change.diff(), nl=False)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return EXIT_OK
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("nobody is there to be asked", hint="say --yes, or --dry-run")
        click.confirm("Write it?", abort=True)
    for remark in apply(home, change, key=str(uuid.uuid4())).remarks:
        click.echo(remark)
    click.echo("Reconciled.")
    return EXIT_OK


def _account(books: Books, name: str) -> Account:
    """The account of this name or account-id; raises UserError for none, or several."""
    found = [a for a in books.accounts.values() if name in {a.name, a.account_id} and name]
    if len(found) == 1:
        return found[0]
    raise UserError(
        f"there {'are several accounts' if found else 'is no account'} '{name}'",
        hint="name it as its open directive does",
    )


def _amount(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as error:
        raise UserError(str(error), hint="write --balance 1234.56") from error


def _places(home: Home, said: Sequence[str]) -> dict[int, list[tuple[str, int]]]:
    """The rows with the places (file as Beancount names it, line) that a person gives them."""
    found: dict[int, list[tuple[str, int]]] = {}
    for each in said:
        match = _SAID.fullmatch(each)
        if match is None:
            raise UserError(
                f"'{each}' says no entry",
                hint="write --match 12=ledger/acme/2026/2026-09.beancount:40",
            )
        file = str((home.path / match["file"]).resolve())
        found.setdefault(int(match["row"]), []).append((file, int(match["line"])))
    return found
