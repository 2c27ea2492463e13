"""``books budget start`` and ``books budget import``: how a budget begins."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import click

from core.budget.month import month_of, months_between, name_of
from core.entity import Entity
from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.money import at_cents, round_half_up
from plugins.budget.starting import proposed_start
from scripts import books as loading
from scripts.budgeting import write
from scripts.completing import entities
from scripts.paired import day_of, was_done
from scripts.table import print_table

_FOUNDING = (
    click.option("--entity", "-e", default="", shell_complete=entities, help="Whose budget."),
    click.option("--month", "-m", default="", metavar="M", help="Its first.  [default: see above]"),
    click.option("--dry-run", is_flag=True, help="Show the change and do nothing."),
    click.option("--yes", "-y", is_flag=True, help="Do it without asking."),
    click.option("--commit/--no-commit", default=True, help="Commit in a git home."),
    click.option("--key", default="", hidden=True),
    click.pass_context,
)


def _founding(function: Callable[..., None]) -> Callable[..., None]:
    """The options of what begins a budget."""
    for option in _FOUNDING:
        function = option(function)
    return function


def _opened(ctx: click.Context, entity: str) -> tuple[Home, Books, Entity]:
    """The home, its books, and whose budget begins; raises UserError."""
    above = ctx.parent.params if ctx.parent else {}
    if above.get("file"):
        raise UserError("--file only shows a budget", hint="what writes needs a home: --home")
    home = loading.home_from(ctx)
    books = loading.load(home)
    named = entity or above.get("entity", "")
    own = [each for each in books.registry.entities.values() if each.books]
    people = [each for each in own if each.is_person] or own
    if not named and len(people) != 1:
        names = ", ".join(each.name for each in own) or "none is registered"
        raise UserError("whose budget?", hint=f"name one: --entity ({names})")
    return home, books, loading.entity_named(books, named) if named else people[0]


def _first(ctx: click.Context, month: str) -> int | None:
    said = month or (ctx.parent.params.get("month", "") if ctx.parent else "")
    months = months_between(said) if said else [None]
    if len(months) > 1:
        raise UserError("a budget begins in one month", hint="--month 2026-01")
    return months[0]


@click.command("start")
@_founding
def start(ctx: click.Context, entity: str, month: str, key: str, **how: bool) -> None:
    """Propose envelopes and amounts from what the last twelve months spent.

    \b
      books budget start --entity jane --dry-run
      books budget start --entity jane --month 2026-10

    Each expense account gets an envelope: the median of the months where it was spent in more than
    half of them, else the mean; as far as there is money. It begins in today's month, as far as the
    books reach. Nothing is written over: who has a budget is refused.
    """
    home, books, owner = _opened(ctx, entity)
    if was_done(home, key):
        return
    asked = _first(ctx, month)
    usual = month_of(min(day_of(""), books.as_of))
    found = proposed_start(books, owner.name, usual if asked is None else asked)
    click.echo(found.said)
    print_table(
        ("Envelope", "Account", "Monthly", "How", "Months", "Assigned"),
        [
            (e.name, e.account, at_cents(e.amount), e.how, str(e.spent_in), at_cents(e.assigned))
            for e in found.envelopes
        ],
        right=("Monthly", "Months", "Assigned"),
    )
    total, given = (
        sum((getattr(e, what) for e in found.envelopes), Decimal(0))
        for what in ("amount", "assigned")
    )
    click.echo(
        f"A month takes {at_cents(total)} {found.currency}; {at_cents(round_half_up(found.ready))} "
        f"is ready to assign, {at_cents(given)} is assigned."
    )
    write(
        f"Budget of {owner.name} from {name_of(found.month)}",
        list(found.orders()),
        entity=owner.name,
        home=home,
        books=books,
        key=key,
        founds=True,
        **how,
    )


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", "accounts", multiple=True, metavar="CATEGORY=ACCOUNT")
@_founding
def import_(
    ctx: click.Context,
    file: Path,
    accounts: tuple[str, ...],
    entity: str,
    month: str,
    key: str,
    **how: bool,
) -> None:
    """Take over the envelopes of YNAB or Actual from its export.

    \b
      books budget import ynab.zip --entity jane --dry-run
      books budget import actual.zip --month 2026-01 --account "Food=Expenses:Jane:Food"

    YNAB: the zip of Plan.csv and Register.csv, or Plan.csv. Actual: the zip with db.sqlite. Taken
    over are categories, groups, what was assigned by month from the first month on with what was
    left from before, money held, and targets with a month. Transactions are not: banks have them.
    It begins in the newest month with anything assigned, up to today's.
    """
    from importers.budgets.export import read_export
    from importers.budgets.taken import taken_over

    home, books, owner = _opened(ctx, entity)
    if was_done(home, key):
        return
    wanted = dict(_mapped(each) for each in accounts)
    export = read_export(file)
    taken = taken_over(
        export,
        books,
        owner,
        month=_first(ctx, month),
        accounts=wanted,
        today=day_of(""),
    )
    for remark in taken.remarks:
        click.echo(remark)
    write(
        f"Budget of {owner.name} from {name_of(taken.month)}, as {export.program} had it",
        taken.orders,
        entity=owner.name,
        home=home,
        books=books,
        key=key,
        founds=True,
        **how,
    )


def _mapped(text: str) -> tuple[str, str]:
    category, equals, account = text.rpartition("=")
    if not equals or not category.strip() or not account.strip():
        raise UserError(f"“{text}” maps nothing", hint='"Groceries=Expenses:Jane:Food"')
    return category.strip(), account.strip()
