"""``books init DIR``: start your own books."""

import datetime as dt
from pathlib import Path

import click

from core.findings import EXIT_FAULT, EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.read import read
from scripts import books as loading
from scripts import starter
from scripts.forges import FORGES, files_for
from scripts.founding import found, refuse_full


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--person", "people", multiple=True, help="Someone with a household: --person Jane.")
@click.option("--llc", "companies", multiple=True, help="A company: --llc Acme. Repeatable.")
@click.option("--currency", default="USD", show_default=True, help="The books' currency.")
@click.option(
    "--review", "forge", type=click.Choice([*FORGES]), help="Have proposals checked there."
)
@click.option("--since", default="", metavar="DATE", help="The oldest entry that will come.")
@click.option("--dry-run", is_flag=True, help="Name the files, and write none.")
def command(
    directory: Path,
    people: tuple[str, ...],
    companies: tuple[str, ...],
    currency: str,
    forge: str | None,
    since: str,
    dry_run: bool,
) -> None:
    """Start your own books in DIRECTORY: a git repository with ledger/ and rules/.

    \b
      books init mybooks --person Jane --llc Acme
      cd mybooks
      books import ~/Downloads/Chase4411.CSV --entity acme --yes
      books serve
    """
    if not people and not companies:
        raise UserError("whose books?", hint="books init DIR --person Jane --llc Acme")
    parties = _parties(people, companies)
    today = dt.datetime.now(dt.UTC).astimezone().date()
    first = _since(since, today)
    files = starter.files(parties, first, today, currency.upper())
    files |= files_for(forge) if forge else {}
    if dry_run:
        refuse_full(directory)
        for path in sorted(files):
            click.echo(f"would be written: {directory / path}")
        return
    try:
        found(directory, files, _must_check, message="Start the books", actor="init")
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}; nothing was left behind",
            file=str(error.filename or directory),
            hint="free some space or mend the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error
    names = ", ".join(each.legal_name for each in parties)
    company = next((p for p in parties if not p.is_person), parties[0])
    click.echo(f"Books for {names} are in {directory}. Next:\n")
    click.echo(f"  cd {directory}")
    click.echo(f"  books import YOUR-BANK-EXPORT.csv --entity {company.folder} --yes")
    click.echo("  books serve")


def _must_check(home: Home) -> None:
    findings = loading.check(read(home.main_root, home=home))
    if findings:
        raise UserError(f"the new books do not check: {findings[0].message}", code=EXIT_FAULT)


def _parties(people: tuple[str, ...], companies: tuple[str, ...]) -> list[starter.Party]:
    try:
        parties = [starter.party(name, is_person=False) for name in companies]
        parties += [starter.party(name, is_person=True) for name in people]
    except ValueError as error:
        raise UserError(str(error)) from error
    names = [each.name.casefold() for each in parties]
    if len(set(names)) < len(names):
        raise UserError("two of them have the same name", hint="every entity needs its own")
    return parties


def _since(text: str, today: dt.date) -> dt.date:
    if not text:
        # Banks hand out up to seven years; an earlier line would meet an account not yet open.
        return dt.date(today.year - 7, 1, 1)
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"'{text}' is not a date", hint="write it as 2020-01-01") from error
