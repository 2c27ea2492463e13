"""``books export parquet``: the books as files that other programs read."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from scripts import books as loading
from scripts.completing import entities

if TYPE_CHECKING:
    from core.projection.parquet import Written


@click.group("export")
def command() -> None:
    """The books as files that other programs read.

    \b
      books export parquet --to tables
    """


@command.command("parquet")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("parquet"),
    show_default=True,
    help="The folder to write into; it is made.",
)
@click.option("--entity", "-e", shell_complete=entities, default="", help="Of one entity alone.")
@click.option("--year", "-y", type=click.IntRange(1, 9999), help="Of one calendar year alone.")
@click.option("--force", is_flag=True, help="Replace the tables that the folder holds.")
@click.pass_context
def parquet(ctx: click.Context, target: Path, entity: str, year: int | None, force: bool) -> None:
    """Postings, transactions, accounts, prices and monthly balances as Parquet files.

    \b
      books export parquet --to tables
      books export parquet --to acme-2026 --entity acme --year 2026

    Postings and transactions are in folders by entity and year. docs/projection.md explains every
    column. A folder that is not empty needs --force, which replaces these tables and touches
    nothing else in it.
    """
    from core.projection.parquet import write_parquet
    from core.projection.schema import ProjectionError, UnfitError
    from core.projection.sync import synced

    home = loading.home_from(ctx)
    _refuse(home, target, force)
    books = loading.load(home)
    owner = loading.entity_named(books, entity).name if entity else ""
    try:
        with synced(books, loading.check(books)) as projection:
            target.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target))
            try:
                written = write_parquet(projection, fresh, entity=owner, year=year)
                _move(fresh, target, written)
            finally:
                shutil.rmtree(fresh)
    except UnfitError as error:
        raise UserError(
            f"these books cannot be exported without rounding: {error}",
            hint="nothing was written; docs/projection.md says which numbers fit",
            code=EXIT_FINDINGS,
        ) from error
    except ProjectionError as error:
        raise UserError(f"the tables cannot be made: {error}", code=EXIT_FINDINGS) from error
    loading.remember(home, "export parquet", to=str(target), entity=owner, year=str(year or ""))
    for table in written:
        click.echo(f"wrote {target / table.name}: {table.rows} rows")


def _refuse(home: Home, target: Path, force: bool) -> None:
    """Raises UserError for a folder that is in use, or is part of the books."""
    where = target.resolve()
    if any(where.is_relative_to(part) for part in (home.ledger, home.rules, home.private)):
        raise UserError(f"{target} is part of the books", hint="give another folder with --to")
    if not force and target.is_dir() and any(target.iterdir()):
        raise UserError(
            f"{target} is not empty; nothing was written",
            hint="give another folder with --to, or replace the tables in it with --force",
        )


def _move(fresh: Path, target: Path, written: "tuple[Written, ...]") -> None:
    """Puts what was written in the place of what is there."""
    for table in written:
        old = target / table.name
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
        (fresh / table.name).rename(old)
