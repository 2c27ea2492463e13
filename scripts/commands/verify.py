"""``books verify``: every closed period computed again, from the books or a bare repository."""

import json
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from core import git
from core.findings import EXIT_FINDINGS
from core.home import Home, find_home
from core.journal.books import Books
from core.journal.closings import Closings
from core.seal import reopened_in, seals_of
from plugins.closing.verifying import Verdict, verify
from scripts import books as loading


@click.command("verify")
@click.option(
    "--from-bare",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="REPO",
    help="A repository (a bare clone, too) of which nothing but its commits is used.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(ctx: click.Context, from_bare: Path | None, form: str) -> None:
    """Compute every closed period again, and name what is not as it was sealed.

    \b
      books verify
      books verify --from-bare /backup/books.git

    Hashes of entries and figures are compared with the seals. Where one differs, the entry that was
    added, changed or removed is found by the tag of the closing. Exit status 1 where a period does
    not hold, or a seal that a tag knows is gone.
    """
    with ExitStack() as stack:
        if from_bare is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="books-verify-")))
            git.clone(from_bare.resolve(), folder / "books")
            home = find_home(folder / "books")
        else:
            home = loading.home_from(ctx)
        books = loading.load(home)
        found = [*verify(books, Closings.of(books)), *taken_away(home, books)]
    if form == "json":
        click.echo(json.dumps([asdict(verdict) for verdict in found], indent=2, ensure_ascii=False))
    else:
        _show(found)
    ctx.exit(0 if all(verdict.holds for verdict in found) else EXIT_FINDINGS)


def taken_away(home: Home, books: Books) -> list[Verdict]:
    """Closings that a tag knows and the books do not: their seal is gone, and nothing opened them
    again."""
    known = {(s.entity, s.period.name) for of in seals_of(books.standing).values() for s in of}
    known |= reopened_in(books.standing)
    found = []
    for tag in git.tags(home.path, "close/*/*"):
        _, entity, name = tag.split("/", 2)
        closing = entity, name.partition(".")[0]
        if closing not in known:
            known.add(closing)
            said = f"was closed (tag {tag}), and its seal is gone; put the directive back"
            found.append(Verdict(*closing, holds=False, said=said))
    return found


def _show(found: list[Verdict]) -> None:
    for verdict in found:
        mark = "✓" if verdict.holds else "✗"
        click.echo(f"{mark} {verdict.entity} {verdict.period}: {verdict.said}")
        for each in verdict.differences:
            click.echo(f"    {each.kind} {each.place}")
            if each.was:
                click.echo(f"      was {each.was}")
            if each.now:
                click.echo(f"      is  {each.now}")
    broken = sum(not verdict.holds for verdict in found)
    if not found:
        click.echo("No period is closed.")
    else:
        periods = "period" if len(found) == 1 else "periods"
        click.echo(f"\n{len(found)} closed {periods}, {broken or 'none'} not as sealed.")
