"""``books check``: the lint, Beancount's own checks, and every rule."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import click

from core import git, show
from core.findings import EXIT_OK, Finding, UserError, exit_code
from core.home import home_of
from core.journal.books import Books
from core.journal.read import read
from core.memory import collector_paused
from core.sarif import as_github, as_sarif
from scripts import books as loading
from scripts.codes import CODES
from scripts.completing import entities


@click.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--file", "file_option", type=click.Path(path_type=Path), help="The same as FILE.")
@click.option(
    "--entity", "-e", shell_complete=entities, default="", help="Check one entity's root alone."
)
@click.option("--as-of", "as_of", metavar="DATE", help="The day that date rules compare with.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "md", "sarif", "github"]),
    default="text",
    show_default=True,
)
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, until Ctrl-C.")
@click.pass_context
def command(
    ctx: click.Context,
    file: Path | None,
    file_option: Path | None,
    entity: str,
    as_of: str | None,
    form: str,
    strict: bool,
    watch: bool,
) -> int:
    """Check the books: what is wrong, where, and the directive that mends it.

    \b
      books check                       the whole group
      books check --entity acme         one entity's root alone
      books check some/file.beancount   one root file anywhere
      books check --watch               what each save brings and cures
      books check --format github       marks on a pull request; sarif: for code scanning

    Exit status: 0 fine (and after --watch), 1 findings of severity error (with --strict, warnings
    count), 2 usage.
    --as-of is what a directive custom "as-of" says, else the newest transaction's date: an old
    commit checks the same today.
    """
    path, day = file or file_option, _day(as_of)

    def check() -> tuple[Books, list[Finding]]:
        with collector_paused():  # among books that all live on it would look in vain
            books = _books(ctx, path, entity, day)
            return books, loading.check(books)

    if watch:
        _watch(ctx, path, form, check)
        return EXIT_OK
    books, findings = check()
    click.echo(_shown(findings, books, form), nl=False)
    return exit_code(findings, strict=strict)


def _watch(
    ctx: click.Context,
    path: Path | None,
    form: str,
    check: Callable[[], tuple[Books, list[Finding]]],
) -> None:
    from scripts.watching import watching

    if form != "text":
        raise UserError("--watch speaks in text; leave --format out")
    home = home_of(path) if path else loading.home_from(ctx)
    if home is None:
        raise UserError("--watch watches a home; this file lies in none", file=str(path))
    watching(home, check)


def _shown(findings: list[Finding], books: Books, form: str) -> str:
    match form:
        case "json":
            return show.as_json(findings, as_of=books.as_of)
        case "md":
            return show.as_markdown(findings, as_of=books.as_of)
        case "sarif":
            from importlib.metadata import version

            number = version("bulkhead-books")
            return as_sarif(findings, CODES, version=number, prefix=git.prefix(books.base))
        case "github":
            said = as_github(findings, CODES, prefix=git.prefix(books.base))
            return f"{said}{show.summary(findings, books.as_of)}\n"
    return show.as_text(findings, books.base, as_of=books.as_of)


def _books(ctx: click.Context, file: Path | None, entity: str, as_of: dt.date | None) -> Books:
    if file is not None:
        return read(file, as_of=as_of)
    return loading.load(loading.home_from(ctx), entity=entity, as_of=as_of)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"'{text}' is not a date", hint="write it as 2026-09-30") from error
