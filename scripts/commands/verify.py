"""``books verify``: every closed period computed again, from the books or a bare repository."""

import json
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import click

from core import git
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home, find_home
from core.journal.books import Books
from core.journal.closings import Closings, tags_of
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
            if not (git.is_bare(from_bare) or git.is_checkout(from_bare)):
                raise UserError(f"{from_bare} is no git repository")
            git.clone(from_bare.resolve(), folder / "books")
            home = find_home(folder / "books")
        else:
            home = loading.home_from(ctx)
        books = loading.load(home)
        found = [
            *verify(books, Closings.of(books)),
            *taken_away(home, books),
            *put_in_place(home, books),
        ]
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


def put_in_place(home: Home, books: Books) -> list[Verdict]:
    """Seals that are not what the newest tag of their closing holds: somebody changed the books and
    sealed them anew, or an older seal came back."""
    found = []
    for seal in chain.from_iterable(seals_of(books.standing).values()):
        tag = next(iter(tags_of(home.path, seal.tag)), "")
        if tag and not git.holds(home.path, tag, seal.hash):
            said = f"its seal is another than the tag {tag} holds; nothing opened the period again"
            said += ", or it was closed again without a tag"
            of = seal.entity, seal.period.name
            found.append(Verdict(*of, holds=False, said=said, hash=seal.hash))
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
    every = {(verdict.entity, verdict.period) for verdict in found}
    broken = len({(v.entity, v.period) for v in found if not v.holds})
    if not found:
        click.echo("No period is closed.")
    else:
        periods = "period" if len(every) == 1 else "periods"
        click.echo(f"\n{len(every)} closed {periods}, {broken or 'none'} not as sealed.")
