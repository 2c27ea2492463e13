"""``books veil``: mending what crosses between entities, and the statement of it."""

import uuid

import click

from core.findings import UserError
from core.journal.repair import repair
from core.journal.write import apply
from scripts import books as loading
from scripts.commands import veil_pair, veil_report, veil_settle
from scripts.commands.veil_distribute import distribute
from scripts.commands.veil_document import document
from scripts.commands.veil_loan import loan


@click.group("veil")
def command() -> None:
    """Mend what crosses between entities unpaired, unclassified or undocumented, and report it."""


command.add_command(document)
command.add_command(loan)
command.add_command(distribute)


@command.command("fix")
@click.argument("finding_id", metavar="FINDING")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def fix(
    ctx: click.Context, finding_id: str, dry_run: bool, yes: bool, commit: bool, key: str
) -> None:
    """Do the cure that a finding proposes, as a diff that you see first.

    \b
      books veil fix 3f9a5c21

    FINDING is the fingerprint that `books check --format json` and the home page show, or its
    beginning.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    found = [f for f in loading.check(books) if f.fingerprint.startswith(finding_id.casefold())]
    if len(found) != 1:
        what = f"{len(found)} findings begin with" if found else "there is no finding"
        raise UserError(f"{what} '{finding_id}'", hint="'books check --format json' lists them")
    change, remarks = repair(found[0], home=home, books=books)
    click.echo(change.diff(), nl=False)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    if not yes:
        click.confirm(f"Mend {found[0].code} so?", abort=True)
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in (*remarks, *done.remarks):
        click.echo(remark)
    after = {f.fingerprint for f in loading.check(loading.load(home))}
    gone = found[0].fingerprint not in after
    click.echo("Mended." if gone else "Written, but the finding stands: see 'books check'.")


command.add_command(veil_pair.command)
command.add_command(veil_settle.command)
command.add_command(veil_report.command)
