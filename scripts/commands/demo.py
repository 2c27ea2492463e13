"""``books demo``: the example group from bank files to statements, in a minute."""

import shutil
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import click

from core import git
from core.findings import UserError
from core.home import Home
from core.journal.write import apply
from core.period import parse_period
from reports.catalogue import REPORTS
from reports.render import render
from scripts import books as loading
from scripts.importing import leave_unknown, plan_files, waiting_files
from scripts.needs import needs
from scripts.shipped import SHIPPED

_PERIOD = "2026-Q3"


@click.command("demo")
@click.option("--serve/--no-serve", default=True, help="Serve the pages at the end.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="A new folder for it.")
@click.option("--plaid", is_flag=True, help="Connect made-up banks, and sync a few nights.")
@click.option("--port", default=5000, show_default=True, help="0 takes a free one.")
def command(serve: bool, directory: Path | None, plaid: bool, port: int) -> None:
    """Copy the example, import its bank files, check, report and serve.

    The example: Jane, Acme Widgets LLC (60 % hers) and Harbor Rentals LLC, and Acme India (80 %
    Acme's, in rupees); eighteen months. Nothing of yours is touched; the copy is a git repository
    of its own.

    With --plaid three made-up banks are connected besides, by a Plaid of our own on this machine,
    and four nights are synced: pending lines that post, a correction, a line taken back, a login
    that has to be renewed. Nothing leaves this machine.
    """
    home = _copied(directory)
    click.echo(f"1. The example books are in {home.path}")
    _import(home)
    if plaid:
        from scripts.plaid_demo import simulated

        simulated(home)
    books = loading.load(home)
    findings = loading.check(books)
    click.echo(f"3. Checked {len(books.transactions)} transactions of the group")
    _reports(home)
    open_things = needs(home, books, findings)
    click.echo(f"\n{len(open_things)} things need you:\n")
    for number, need in enumerate(open_things, start=1):
        click.echo(f"  {number}. {need.title}")
        if need.where:
            click.echo(f"     {need.where}")
        for line in need.command.splitlines():
            click.echo(f"     $ {line}")
        click.echo("")
    click.echo(f"To try a command: cd {home.path}")
    if serve:
        from scripts.commands.serve import run

        run(home, port)


def _copied(directory: Path | None) -> Home:
    """A copy of the example, in a git repository of its own."""
    if directory is None:
        directory = Path(tempfile.mkdtemp(prefix="books-demo-"))
    try:
        if directory.exists() and any(directory.iterdir()):
            raise UserError("is not empty; the demo wants a new folder", file=str(directory))
        home = Home(directory.resolve())
        for name in ("ledger", "rules"):
            shutil.copytree(SHIPPED / name, home.path / name, dirs_exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror or error}",
            file=str(directory),
            hint="--dir names a new folder, in one that you may write to",
        ) from error
    # the profiles that come with the product are read anyway
    shutil.rmtree(home.rules / "sources", ignore_errors=True)
    (home.path / ".gitignore").write_text(".books/\n/reports/\n", encoding="utf-8")
    git.init(home.path)
    names = [Path(".gitignore"), Path("ledger"), Path("rules")]
    git.commit(home.path, names, "The example group", {"Books-Actor": "demo"})
    return home


def _import(home: Home) -> None:
    """Imports the bank files that wait in the example's inbox."""
    books = loading.load(home)
    plan = plan_files(home, books, waiting_files(home), leave_unknown)
    for file in plan.files:
        if file.refused:
            raise UserError(file.refused, file=str(file.path), code=1)
    done = apply(home, plan.change, key=str(uuid.uuid4()), actor="demo")
    decided = sum(1 for draft in plan.drafts if not draft.review)
    click.echo(
        f"2. Imported {len(plan.drafts)} bank lines from {len(plan.files)} files "
        f"(commit {done.commit[:9]}); rules decided {decided}"
    )


def _reports(home: Home) -> None:
    """Every statement of every entity, as pages."""
    books = loading.load(home)
    folder = home.path / "reports"
    folder.mkdir(exist_ok=True)
    keepers = [e for e in books.registry.entities.values() if e.books and e.kind != "elimination"]
    for entity in keepers:
        period = parse_period(_PERIOD, entity.fiscal_year_end)
        for name, report in REPORTS.items():
            told = replace(report(books, entity.name, period), commit=git.head(home.path)[:9])
            page = render(told, "html")
            (folder / f"{entity.folder}-{name}-{_PERIOD}.html").write_text(page, encoding="utf-8")
    count = len(keepers) * len(REPORTS)
    click.echo(f"4. Wrote {count} statements to {folder}")
