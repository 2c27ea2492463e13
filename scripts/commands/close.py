"""``books close``: the checklist, and the seal of a period."""

import json
import uuid
from collections.abc import Sequence

import click
from beancount.core import data

from core import git
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.placement import month_file, placed
from core.journal.render import render
from core.journal.write import apply
from core.period import Period, parse_period
from core.seal import seal_of
from plugins.closing.checklist import Check, checklist
from plugins.closing.closing import seal, soft_seal
from plugins.closing.soft import soft_checklist
from scripts import books as loading
from scripts.completing import entities
from scripts.paired import day_of
from scripts.tagging import refuse_uncommitted


@click.command("close")
@click.argument("entity", metavar="ENTITY", shell_complete=entities)
@click.argument("period", metavar="PERIOD")
@click.option("--check", "only_check", is_flag=True, help="The checklist, and nothing more.")
@click.option(
    "--soft", is_flag=True, help="Ordinary entries end; an accountant's adjusting ones may come."
)
@click.option("--by", metavar="WHO", default="", help="Who closes.  [default: git's user.email]")
@click.option("--reviewed-by", metavar="WHO", default="", help="Who has looked it through.")
@click.option("--note", default="", help="A remark on the seal; it explains debts that disagree.")
@click.option("--date", "day", default="", metavar="DATE", help="Closed when.  [default: today]")
@click.option("--sign", is_flag=True, help="Sign the tag with your key.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.pass_context
def command(
    ctx: click.Context,
    entity: str,
    period: str,
    only_check: bool,
    soft: bool,
    by: str,
    reviewed_by: str,
    note: str,
    day: str,
    sign: bool,
    form: str,
    dry_run: bool,
) -> None:
    """Close a month, quarter or year of an entity: what it says now is sealed.

    \b
      books close acme 2026-09 --check
      books close acme 2026-09 --soft
      books close acme 2026-09 --reviewed-by cpa@example.org

    Every line of the checklist must hold. The seal is a close-period directive with the hash of the
    period's entries, which goes on from the period before, and the hash of its figures; its commit
    gets the tag close/Acme/2026-09. What is changed in a closed period afterwards is VEIL-021;
    corrections go into an open one. 'books reopen' opens it again.

    --soft comes before that, if you like: from then on only entries with #adjusting that an
    accountant approved (approved-by:) may come into the period; all others are VEIL-021.
    """
    home = loading.home_from(ctx)
    date = day_of(day)
    books = loading.load(home, as_of=date)
    owner = loading.entity_named(books, entity)
    of = parse_period(period, owner.fiscal_year_end)
    note = " ".join(note.split())
    if soft:
        if reviewed_by:
            raise UserError("a soft close is reviewed by nobody", hint="leave out --reviewed-by")
        found = soft_checklist(books, owner.name, of, today=date)
    else:
        found = checklist(books, owner.name, of, loading.check(books), today=date, note=note)
    _show(owner.name, of, found, form)
    lacking = sum(not check.met for check in found)
    if only_check or lacking:
        ctx.exit(EXIT_FINDINGS if lacking else 0)
    who = by or git.user(home.path)
    if not who:
        raise UserError("nobody is said to close", hint="give --by jane@example.org")
    if soft:
        entry = soft_seal(books, owner.name, of, day=date, closed_by=who, note=note)
    else:
        entry = seal(
            books, owner.name, of, day=date, closed_by=who, reviewed_by=reviewed_by, note=note
        )
    refuse_uncommitted(home, books, entry)
    message = f"{'Soft-close' if soft else 'Close'} {owner.name} {of.name}"
    if not written(home, books, [entry], message, dry_run=dry_run):
        return
    if git.is_checkout(home.path):
        tag = git.tag(home.path, seal_of(entry).tag, message, sign=sign)
        click.echo(f"Tagged {tag}. Push it with the branch: git push origin {tag}")
    if soft:
        click.echo(f"{owner.name} {of.name} is soft-closed: only adjusting entries may come in.")
    else:
        click.echo(f"{owner.name} {of.name} is closed. Its hash is {entry.meta['hash']}")


def written(
    home: Home, books: Books, entries: Sequence[data.Custom], message: str, *, dry_run: bool
) -> bool:
    """Shows directives of an entity as one change and, unless it is a dry run, applies it."""
    blocks = []
    for entry in entries:
        owner = books.registry.entities[str(entry.values[0].value)]
        blocks.append((month_file(owner, entry.date), owner, render(entry)))
    files, remarks = placed(home, books, blocks)
    change = ChangeSet(message, tuple(files))
    click.echo(change.diff(), nl=False)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return False
    for remark in (*remarks, *apply(home, change, key=str(uuid.uuid4())).remarks):
        click.echo(remark)
    return True


def _show(entity: str, period: Period, found: Sequence[Check], form: str) -> None:
    if form == "json":
        rows = [
            {"check": check.name, "met": check.met, "said": check.said, "lacking": check.lacking}
            for check in found
        ]
        head = {"entity": entity, "period": period.name, "last": period.last.isoformat()}
        click.echo(json.dumps(head | {"checks": rows}, indent=2, ensure_ascii=False))
        return
    click.echo(f"{entity}, {period.first} to {period.last}\n")
    for check in found:
        mark, said = ("✓", check.said) if check.met else ("✗", f"{len(check.lacking)} to mend")
        click.echo(f"  {mark} {check.name}: {said}")
        for line in check.lacking:
            click.echo(f"      {line}")
    lacking = sum(not check.met for check in found)
    stands = "stand" if lacking > 1 else "stands"
    click.echo(f"\n{lacking or 'Nothing'} of {len(found)} {stands} in the way.\n")
