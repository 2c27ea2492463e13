"""``books reopen``: a closed period opened again, by two people and for a reason."""

import click

from core.people import PEOPLE, people_in
from core.period import parse_period
from plugins.closing.approved import two_people
from plugins.closing.closing import opened_again
from scripts import books as loading
from scripts.commands.close import written
from scripts.completing import entities
from scripts.paired import day_of


@click.command("reopen")
@click.argument("entity", metavar="ENTITY", shell_complete=entities)
@click.argument("period", metavar="PERIOD")
@click.option("--reason", required=True, help="Why; it stands in the books.")
@click.option("--approved-by", required=True, metavar="WHO", help="The owner who approves it.")
@click.option("--second-by", required=True, metavar="WHO", help="The second person.")
@click.option("--date", "day", default="", metavar="DATE", help="When.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.pass_context
def command(
    ctx: click.Context,
    entity: str,
    period: str,
    reason: str,
    approved_by: str,
    second_by: str,
    day: str,
    dry_run: bool,
) -> None:
    """Open a closed period again, and every one that was closed after it.

    \b
      books reopen acme 2026-08 --reason "rent was booked twice" \\
          --approved-by jane@example.org --second-by cpa@example.org

    Every later closing continues its hash, so that all of them have to be closed again. Where there
    is rules/people.yaml, an owner approves, and the second person is another owner or an
    accountant of the entity: by name, login or address. Most mistakes need no reopening: book a
    correction in an open period, with #adjusting and applies-to: "2026-08".
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    owner = loading.entity_named(books, entity)
    people = people_in(home.rules)
    if people is None:
        click.echo(f"{PEOPLE} names nobody: who the two are was not looked at.")
    else:
        approved_by, second_by = two_people(people, owner.name, approved_by, second_by)
    entries = opened_again(
        books,
        owner.name,
        parse_period(period, owner.fiscal_year_end),
        day=day_of(day),
        reason=reason,
        approved_by=approved_by,
        second_by=second_by,
    )
    names = ", ".join(str(entry.values[1].value) for entry in entries)
    if written(home, books, entries, f"Reopen {owner.name} {names}", dry_run=dry_run):
        click.echo(f"{owner.name} {names} may be changed, and must be closed again.")
