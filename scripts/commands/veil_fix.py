"""``books veil fix``: the cure of a finding, computed, asked for, drafted, or told."""

import sys
import uuid
from collections.abc import Sequence

import click

from core.findings import EXIT_FINDINGS, Finding, Severity, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.write import apply
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Paper
from scripts import books as loading
from scripts.mending import Mended, all_tried, asked, tried


@click.command("fix")
@click.argument("finding_id", metavar="FINDING", default="")
@click.option("--all", "every", is_flag=True, help="All cures that need no decision, at once.")
@click.option("--entity", "-e", metavar="E", default="", help="With --all: only of this entity.")
@click.option("--code", "-c", multiple=True, metavar="CODE", help="With --all: only of this code.")
@click.option("--as", "chosen", metavar="WHAT", default="", help="What to book it as.")
@click.option("--who", metavar="E", default="", help="Whose it is.")
@click.option("--account", metavar="ACCOUNT", default="", help="Which account bears a cost.")
@click.option(
    "--say", "said", multiple=True, metavar="KEY=VALUE", help="A fact: receipt=PATH, rate=5.00."
)
@click.option("--waive", metavar="REASON", default="", help="Leave it, and say why.")
@click.option("--by", metavar="NAME", default="", help="Who waives it.")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def fix(
    ctx: click.Context,
    finding_id: str,
    every: bool,
    entity: str,
    code: tuple[str, ...],
    chosen: str,
    who: str,
    account: str,
    said: tuple[str, ...],
    waive: str,
    by: str,
    dry_run: bool,
    yes: bool,
    commit: bool,
    key: str,
) -> None:
    """Mend a finding: the change is shown first, and judged before it is written.

    \b
      books veil fix 3f9a5c21
      books veil fix 3f9a5c21 --as distribution
      books veil fix 3f9a5c21 --say receipt=documents/receipts/2026-03-chair.pdf
      books veil fix 3f9a5c21 --waive "ratified on 2026-04-02" --by "Jane Roe"
      books veil fix --all --entity acme --dry-run

    FINDING is the fingerprint that `books check --format json` and the home page show, or its
    beginning. Where the cure is a decision, the answers are listed; where it is a paper, that is
    drafted, and counts when it is signed. A cure that brings another error is refused. No cure
    touches what a bank account says.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    if every:
        if finding_id:
            raise UserError("--all mends all findings; name one, or say --all")
        owner = loading.entity_named(books, entity).name if entity else ""
        wanted = [each.upper() for each in code]
        _fix_all(home, books, wanted, owner, dry_run=dry_run, yes=yes, commit=commit, key=key)
        return
    if not finding_id:
        raise UserError("which finding?", hint="'books check --format json' lists them; or --all")
    finding = _found(books, finding_id)
    answer = Answer(chosen, who, account, _facts(said), waive, by)
    cure = asked(finding, books, answer)
    while isinstance(cure, Choice):
        answer = _decided(finding, cure, answer)
        cure = asked(finding, books, answer)
    if isinstance(cure, ByHand):
        raise UserError(
            f"only a person can cure this {finding.code}", hint=cure.told, code=EXIT_FINDINGS
        )
    if isinstance(cure, Paper):
        _draft(home, books, finding, cure, dry_run=dry_run, yes=yes, commit=commit, key=key)
        return
    done = tried(home, books, finding, cure)
    for each in done.come:
        click.echo(f"It brings: {_line(each)}")
    if _written(
        home,
        done.change,
        done.remarks,
        f"Mend {finding.code} so?",
        dry_run=dry_run,
        yes=yes,
        commit=commit,
        key=key,
    ):
        click.echo("Mended.")


def _found(books: Books, finding_id: str) -> Finding:
    found = [f for f in loading.check(books) if f.fingerprint.startswith(finding_id.casefold())]
    if len(found) != 1:
        what = f"{len(found)} findings begin with" if found else "there is no finding"
        raise UserError(f"{what} '{finding_id}'", hint="'books check --format json' lists them")
    return found[0]


def _facts(said: Sequence[str]) -> dict[str, str]:
    facts = {}
    for each in said:
        key, equals, value = each.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise UserError(f"'{each}' says nothing", hint="write --say receipt=PATH")
        facts[key.strip()] = value.strip()
    return facts


def _decided(finding: Finding, choice: Choice, answer: Answer) -> Answer:
    """What the person at the terminal decides; raises UserError where there is none."""
    names = list(choice.answers)
    listed = [f"{choice.option} {name}: {what}" for name, what in choice.answers.items()]
    taken = {"--as": answer.chosen, "--who": answer.who, "--account": answer.account}
    given = taken.get(choice.option, "")
    if given or choice.option in {"--say", "--account"} or not sys.stdin.isatty():
        said = f"{choice.option} {given} is none of them" if given else "this is a decision"
        raise UserError(
            f"{finding.code}: {said}; the answers are",
            hint="\n  ".join([*listed, "--waive REASON --by NAME: leave it, and say why"]),
            code=EXIT_FINDINGS,
        )
    click.echo(f"{finding.code}: {finding.message}")
    for line in listed:
        click.echo(f"  {line}")
    said = click.prompt("Which", type=click.Choice(names))
    if choice.option == "--who":
        return Answer(answer.chosen, said, answer.account, answer.said)
    return Answer(said, answer.who, answer.account, answer.said)


def _fix_all(
    home: Home,
    books: Books,
    wanted: Sequence[str],
    entity: str,
    *,
    dry_run: bool,
    yes: bool,
    commit: bool,
    key: str,
) -> None:
    """All that needs no decision as one change; then what is left, with how."""
    done = all_tried(home, books, wanted, entity)
    if not done.change.files:
        _left(done, wanted, entity)
        click.echo("Nothing can be mended without a decision.")
        return
    for each in done.come:
        click.echo(f"It brings: {_line(each)}")
    count = len(done.gone) - len(done.come)
    asking = f"Mend {len(done.gone)} findings so?"
    if _written(
        home,
        done.change,
        done.remarks,
        asking,
        dry_run=dry_run,
        yes=yes,
        commit=commit,
        key=key,
    ):
        click.echo(f"Mended: {count} finding{'' if count == 1 else 's'} fewer.")
    _left(done, wanted, entity)


def _left(done: Mended, wanted: Sequence[str], entity: str) -> None:
    rest = [
        f
        for f in done.after
        if f.severity is not Severity.INFO
        and (not wanted or f.code in wanted)
        and (not entity or entity in f.entities)
    ]
    if not rest:
        click.echo("Nothing is left to decide.")
        return
    click.echo(f"{len(rest)} left for you ('books veil fix FINDING' says how):")
    for each in rest:
        click.echo(f"  {_line(each)}")


def _line(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}"
    return (
        f"{finding.fingerprint[:8]} {finding.severity.value} {finding.code} {where} "
        f"{finding.message}"
    )


def _written(
    home: Home,
    change: ChangeSet,
    remarks: Sequence[str],
    asking: str,
    *,
    dry_run: bool,
    yes: bool,
    commit: bool,
    key: str,
) -> bool:
    click.echo(change.diff(), nl=False)
    for remark in remarks:
        click.echo(remark)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return False
    if not yes:
        click.confirm(asking, abort=True)
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in done.remarks:
        click.echo(remark)
    return True


def _draft(
    home: Home,
    books: Books,
    finding: Finding,
    paper: Paper,
    *,
    dry_run: bool,
    yes: bool,
    commit: bool,
    key: str,
) -> None:
    """The paper, drafted and filed; it counts when it is signed."""
    from reports.papers.filing import filed
    from scripts.papers import drafted

    change, remarks = filed(home, books, [drafted(books, paper)])
    change = change.effective()
    if change.files and not _written(
        home,
        change,
        remarks,
        f"Draft the {paper.kind}?",
        dry_run=dry_run,
        yes=yes,
        commit=commit,
        key=key,
    ):
        return
    said = "Drafted." if change.files else "It is drafted already."
    click.echo(
        f"{said} Sign it, then: books veil document signed PAPER.pdf SCAN.pdf --date DATE; "
        f"until then {finding.code} stands."
    )
