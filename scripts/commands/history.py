"""``books history``: one entry through all commits, or all that one run did."""

import difflib
import json
from collections.abc import Iterator, Sequence

import click

from core.findings import EXIT_FINDINGS, UserError
from core.git_log import Logged, log
from core.home import Home
from core.journal.past import Past, Step, only_journals
from importers.feed.cursor import RUN
from scripts import books as loading

_SHORTEST = 4


@click.command("history")
@click.argument("wanted", metavar="[ENTRY]", default="")
@click.option("--run", "run_id", metavar="ID", default="", help="What one run of the feeds did.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(ctx: click.Context, wanted: str, run_id: str, form: str) -> None:
    """Follow an entry through edits, moves and renames, over all commits.

    \b
      books history plaid-9f3c21…
      books history ^ic-26-046
      books history ledger/acme/2026/2026-09.beancount:12
      books history --run 3f9a5c21d04b

    ENTRY is an id or a link (both halves of a pair are followed), or the place where it stands. An
    entry that was taken out is found by its id or link. A run is found by what its commits say
    (Books-Run), or the beginning of it, on all branches.
    """
    if bool(wanted) == bool(run_id):
        raise click.UsageError("one of ENTRY and --run ID")
    home = loading.home_from(ctx)
    if run_id:
        _tell_run(home, run_id, form)
        return
    found = Past(home.path).of(wanted)
    if form == "json":
        click.echo(json.dumps([[_json(s) for s in steps] for steps in found], indent=2))
        return
    for number, steps in enumerate(found):
        if number:
            click.echo()
        for step in steps:
            click.echo("\n".join(_told(step)))


def _tell_run(home: Home, run_id: str, form: str) -> None:
    """What the commits of a run did, oldest first. Raises UserError where there is none."""
    past = Past(home.path)
    commits = _of_run(home, run_id)
    if form == "json":
        said = [[_json(s) for s in past.steps(c)] or [_bare(c)] for c in commits]
        click.echo(json.dumps(said, indent=2))
        return
    for commit in commits:
        steps = past.steps(commit)
        click.echo(f"{commit.written[:10]} {commit.id[:9]} {commit.subject}")
        for step in steps:
            place = step.after or step.before
            where = f"{place.path}:{place.line}" if place else ""
            click.echo(f"  {step.kind} {where}")
    newest = " ".join(commit.id[:9] for commit in commits[::-1] if len(commit.parents) < 2)
    if newest:
        click.echo(f"\nTo take it back, on the branch that has it: git revert {newest}")


def _of_run(home: Home, run_id: str) -> list[Logged]:
    """The commits of the one run whose name begins so, with their journals alone."""
    if len(run_id) < _SHORTEST:
        raise UserError(f"a run is named by {_SHORTEST} letters at least", hint="books status")
    found = list(log(home.path, saying=f"{RUN}: {run_id}", tip="--all"))[::-1]
    names = {c.id: value for c in found for key, value in c.trailers if key == RUN}
    runs = sorted({name for name in names.values() if name.startswith(run_id)})
    if len(runs) != 1:
        raise UserError(
            f"no commit is of a run '{run_id}'" if not runs else f"which of {', '.join(runs)}?",
            hint="'git log' shows the trailer Books-Run; a run that brought nothing has no commit",
            code=EXIT_FINDINGS,
        )
    return [only_journals(c) for c in found if names.get(c.id) == runs[0]]


def _bare(commit: Logged) -> dict[str, object]:
    """A commit of which no journal is part."""
    return {"commit": commit.id, "written": commit.written, "subject": commit.subject}


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
