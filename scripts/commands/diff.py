"""``books diff``: what a change does to the books."""

import os
from pathlib import Path

import click

from core import git
from core.findings import EXIT_FINDINGS, EXIT_OK
from core.home import home_of
from core.journal.sides import sides
from scripts import books as loading
from scripts.output import put

FORMS = ("text", "md", "json", "html")


@click.command("diff")
@click.argument("base")
@click.argument("head", required=False, default="")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="The root file that revisions are of, for a ledger that is no home.",
)
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.option("--exit-code", is_flag=True, help="Exit 1 where anything but the layout differs.")
@click.pass_context
def command(
    ctx: click.Context,
    base: str,
    head: str,
    file: Path | None,
    form: str,
    output: Path | None,
    exit_code: bool,
) -> int:
    """What lies between two states of the books: in figures, findings and transactions.

    \b
      books diff HEAD                          what is not committed yet
      books diff main HEAD                     what a branch does
      books diff old.beancount new.beancount   two root files, of any Beancount ledger
      books diff ../books-of-last-year .       two folders
      books diff v1 --file main.beancount      a ledger that is no home, in git

    BASE and HEAD are git revisions, folders or root files; without HEAD it is the working copy.
    What exists as a path is a path. A reformat, a re-sort, a moved file, a comment or a consistent
    rename of an account is no financial change. It changes nothing and runs no code that the books
    name.

    Exit status: 0 (with --exit-code: 1 where something differs), 2 where a side means nothing,
    cannot be read, or, for HEAD, does not parse.
    """
    from reports.bookdiff.model import compare
    from reports.bookdiff.render import render

    before, after = sides(base, head, _here(ctx, base, head, file), file)
    diff = compare(before, after, loading.check)
    text = render(diff, form)
    put(text, output)
    return EXIT_FINDINGS if exit_code and diff.differs else EXIT_OK


def _here(ctx: click.Context, base: str, head: str, file: Path | None) -> Path:
    """The home that is meant where no side and no option says a place; else this folder."""
    if git.is_bare(Path.cwd()):
        return Path.cwd()
    around = home_of(Path.cwd() / "x")
    given = ctx.find_root().obj or os.environ.get("BOOKS_HOME")
    named = file is not None or any(Path(text).exists() for text in (base, head) if text)
    if (given or around) and not named:
        return loading.home_from(ctx).path
    return around.path if around else Path.cwd()
