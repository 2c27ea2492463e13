"""``books audit``: who changed the books in a period, what, when and why."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from core import git_log
from core.actions import Log, read_log
from core.findings import Finding, UserError
from core.home import Home
from core.journal.closings import Closings
from core.journal.sides import sides
from core.people import People, people_in
from core.period import Period, parse_period
from importers.feed.cursor import RUN
from plugins.closing.verifying import verify
from reports.audit.trail import Recorded, Trail, trail
from reports.audit.worded import worded
from reports.pages.render import render
from scripts import books as loading
from scripts.commands.verify import put_in_place, taken_away
from scripts.output import as_pdf, put


@click.command("audit")
@click.option("--period", "-p", required=True, help="2026, 2026-Q3 or 2026-09: of the commits.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "html", "pdf", "json"]),
    default="text",
    show_default=True,
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.pass_context
def command(ctx: click.Context, period: str, form: str, output: Path | None) -> None:
    """Who changed the books in a period, what, when and why, and what git shows of it.

    \b
      books audit --period 2026-09 --format html -o audit-2026-09.html
      books audit -p 2026 --format pdf -o audit-2026.pdf

    Closed periods are verified; every commit stands with author, signature, request to merge and
    approvals, and every entry that it added, changed, moved or removed. What to look at comes
    first: rewritten history, commits past a review, late-dated entries, papers, roles, vendors.
    """
    if form == "pdf" and output is None:
        raise UserError("a PDF goes into a file", hint="add --output audit-2026-09.pdf")
    home = loading.home_from(ctx)
    found = _trail(home, parse_period(period))
    title = Path(home.path.resolve()).name
    made: bytes | str
    if form == "json":
        made = json.dumps(_json(found), indent=2, ensure_ascii=False) + "\n"
    else:
        page = worded(found, title)
        made = as_pdf(page) if form == "pdf" else render(page, form)
    if put(made, output):
        loading.remember(home, "audit", period=found.period.name, to=str(output))


def _trail(home: Home, period: Period) -> Trail:
    books = loading.load(home)
    return trail(
        home.path,
        books,
        period,
        verdicts=[
            *verify(books, Closings.of(books)),
            *taken_away(home, books),
            *put_in_place(home, books),
        ],
        before=_findings(home, git_log.last_before(home.path, period.first.isoformat())),
        actions=_in(read_log(home), period),
        after=_findings(home, git_log.last_before(home.path, period.after.isoformat())),
        people=_people(home),
    )


def _people(home: Home) -> People | None:
    """The people of the books; a file that cannot be read ends no audit."""
    try:
        return people_in(home.rules)
    except UserError as error:
        click.echo(f"books: addresses stand for people: {error}", err=True)
        return None


def _in(log: Log, period: Period) -> Log:
    """The actions of the period; a break of the chain stays one, wherever it is."""
    first, after = period.first.isoformat(), period.after.isoformat()
    return Log(tuple(a for a in log.actions if first <= a.when[:10] < after), log.broken)


def _findings(home: Home, commit: str) -> Sequence[Finding]:
    """The findings of the books at a commit; none where there was none, or no books in it."""
    if not commit:
        return []
    try:
        then, _ = sides(commit, "", home.path)
        return loading.check(then.read())
    except UserError:
        return []


def _json(found: Trail) -> dict[str, object]:
    return {
        "period": found.period.name,
        "first": found.period.first.isoformat(),
        "last": found.period.last.isoformat(),
        "head": found.head,
        "branch": found.branch,
        "closed": [
            {"entity": v.entity, "period": v.period, "holds": v.holds, "said": v.said}
            for v in found.verdicts
        ],
        "commits": [_commit(each) for each in found.commits],
        "late": [step.to_json() | {"commit": each.commit.id} for each, step in found.late],
        "papers": [
            {"path": paper.path, "kind": paper.kind, "commit": paper.commit.id}
            for paper in found.papers
        ],
        "altered": [entry.filename for entry in found.altered],
        "rewritten": list(found.rewritten),
        "roles": [each.commit.id for each in found.roles],
        "rules": [each.commit.id for each in found.machinery],
        "vendors": [step.to_json() | {"commit": each.commit.id} for each, step in found.vendors],
        "one_hand": [
            {"kind": each.kind, "who": each.who, "entity": each.entity, "said": each.said}
            for each in found.one_hand
        ],
        "one_person": found.is_alone,
        "compensating_control": found.control,
        "waived": [finding.to_json() for finding in found.waived],
        "opened": [finding.to_json() for finding in found.opened],
        "cured": [finding.to_json() for finding in found.cured],
        "uncommitted": [step.to_json() for step in found.uncommitted],
        "actions": [
            {"when": each.when, "who": each.who, "what": each.what, **each.details}
            for each in found.actions.actions
        ],
        "actions_broken": found.actions.broken,
    }


def _commit(each: Recorded) -> dict[str, object]:
    commit = each.commit
    return {
        "id": commit.id,
        "author": commit.author,
        "email": commit.email,
        "committer": commit.committer,
        "written": commit.written,
        "committed": commit.committed,
        "subject": commit.subject,
        "signature": each.signature,
        "request": each.request,
        "approvers": list(each.approvers),
        "direct": each.direct,
        "run": dict(commit.trailers).get(RUN, ""),
        "entries": [step.to_json() for step in each.steps],
    }
