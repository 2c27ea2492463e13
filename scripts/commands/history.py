"""``books history``: one entry through all commits."""

import difflib
import json
from collections.abc import Iterator, Sequence

import click

from core.journal.past import Past, Step
from scripts import books as loading


@click.command("history")
@click.argument("wanted", metavar="ENTRY")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(ctx: click.Context, wanted: str, form: str) -> None:
    """Follow an entry through edits, moves and renames, over all commits.

    \b
      books history plaid-9f3c21…
      books history ^ic-26-046
      books history ledger/acme/2026/2026-09.beancount:12

    ENTRY is an id or a link (both halves of a pair are followed), or the place where it stands. An
    entry that was taken out is found by its id or link.
    """
    home = loading.home_from(ctx)
    found = Past(home.path).of(wanted)
    if form == "json":
        click.echo(json.dumps([[_json(s) for s in steps] for steps in found], indent=2))
        return
    for number, steps in enumerate(found):
        if number:
            click.echo()
        for step in steps:
            click.echo("\n".join(_told(step)))


def _told(step: Step) -> Iterator[str]:
    commit = step.commit
    place = step.after or step.before
    where = f"{place.path}:{place.line}" if place else ""
    if commit.id:
        yield f"{commit.written[:10]} {commit.id[:9]} {commit.author} <{commit.email}>"
        yield f"  {commit.subject}"
    else:
        yield commit.subject
    if step.kind == "moved" and step.before:
        yield f"  moved from {step.before.path}:{step.before.line} to {where}"
    else:
        yield f"  {step.kind} {where}"
    yield from (f"    {line}" for line in _diff(step))


def _diff(step: Step) -> Sequence[str]:
    """The lines of the entry, with what went and what came."""
    before, after = (side.text.split("\n") if side else [] for side in (step.before, step.after))
    return [line.rstrip() for line in difflib.ndiff(before, after) if not line.startswith("?")]


def _json(step: Step) -> dict[str, object]:
    commit = step.commit
    return {
        "commit": commit.id,
        "author": commit.author,
        "email": commit.email,
        "written": commit.written,
        "committed": commit.committed,
        "subject": commit.subject,
        **step.to_json(),
    }
