"""``books budget``: a month of the budget, and what a person decides on it."""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from beancount.core import data

from core import git
from core.budget.ledger import BudgetLedger, budgets_in, ledger_of
from core.budget.month import first_day, last_day, month_of, months_between, name_of
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.journal.books import Books
from core.journal.read import read
from core.money import at_cents, parse_decimal
from core.period import Period
from plugins.budget.deciding import Desk
from reports.budget_month import as_text, month_json, month_report
from reports.budget_plan import plan_json, plan_report, planned_entities
from reports.model import Report
from reports.render import render
from scripts import books as loading
from scripts.budgeting import budget_of, tell_problems, write
from scripts.commands.budget_start import import_, start
from scripts.completing import entities
from scripts.output import put
from scripts.paired import day_of, was_done

_FURTHEST = 240  # months after the newest: who asks for more has mistyped a year


@click.group("budget", invoke_without_command=True)
@click.option("--entity", "-e", default="", shell_complete=entities, help="Whose budget.")
@click.option(
    "--month",
    "-m",
    default="",
    metavar="M",
    help="2026-01 or 2026-01..2026-06.  [default: today's]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "md"]),
    default="text",
    show_default=True,
)
@click.option("--file", type=click.Path(path_type=Path), help="A root file, wherever it lies.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.pass_context
def command(
    ctx: click.Context, entity: str, month: str, form: str, file: Path | None, output: Path | None
) -> int:
    """A month of the budget as one screen, and deciding on it.

    \b
      books budget
      books budget --entity jane --month 2026-01 --format json
      books budget assign Groceries 500 --month 2026-02

    Without --month it is today's, as far as the books reach, else that of the newest entry. Where
    an entity has plans for periods instead of envelopes, it is plan against actual. JSON is one
    object, and a list for a range of months. Exit status 1: the money does not add up.
    """
    if ctx.invoked_subcommand:
        return EXIT_OK
    home = None if file else loading.home_from(ctx)
    books = loading.load(home) if home else read(file or Path())
    tell_problems(books)
    commit = git.head(home.path)[:9] if home else ""
    shown = _plans(books, entity, month, commit) or _months(books, entity, month, commit)
    if form == "json":
        said: Any = [each for each, _ in shown] if ".." in month else shown[0][0]
        text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    elif form == "text":
        text = "\n".join(as_text(report) for _, report in shown)
    elif form == "html" and len(shown) > 1:
        raise UserError("a page shows one month", hint="ask for one, or for --format md")
    else:
        text = "\n".join(render(report, form) for _, report in shown)
    put(text, output)
    return EXIT_FINDINGS if any(report.failed for _, report in shown) else EXIT_OK


_Shown = list[tuple[dict[str, Any], Report]]


def _months(books: Books, entity: str, month: str, commit: str) -> _Shown:
    ledger = ledger_of(books, budget_of(books, entity))
    found = [ledger.month(number) for number in _asked(month, ledger, day_of(""))]
    return [(month_json(done), month_report(books, done, commit)) for done in found]


def _plans(books: Books, entity: str, month: str, commit: str) -> _Shown:
    """Plan against actual, for an entity that has plans and no envelopes."""
    budgets, planning = budgets_in(books), planned_entities(books)
    name = loading.entity_named(books, entity).name if entity and planning else ""
    if not entity and not budgets.budgets and len(planning) == 1:
        (name,) = planning
    if name not in planning or budgets.named(name):
        return []
    periods = [
        Period(name_of(number), first_day(number), last_day(number))
        for number in _months_of(month, month_of(books.as_of), min(day_of(""), books.as_of))
    ]
    return [(plan_json(books, name, p), plan_report(books, name, p, commit)) for p in periods]


def _asked(month: str, ledger: BudgetLedger, today: dt.date) -> list[int]:
    return _months_of(month, ledger.newest, first_day(ledger.current(today)))


def _months_of(month: str, newest: int, usual: dt.date) -> list[int]:
    """The months that a person names; without a name the usual one."""
    months = months_between(month) if month else [month_of(usual)]
    if months[-1] > newest + _FURTHEST:
        raise UserError(f"{name_of(months[-1])} is more than twenty years after the newest entry")
    return months


def _writing(function: Callable[..., None]) -> Callable[..., None]:
    """The options of all that writes."""
    for option in (
        click.option("--entity", "-e", default="", shell_complete=entities, help="Whose budget."),
        click.option("--month", "-m", default="", metavar="M", help="[default: today's]"),
        click.option("--date", "day", default="", metavar="DATE", help="[default: today]"),
        click.option("--dry-run", is_flag=True, help="Show the change and do nothing."),
        click.option("--yes", "-y", is_flag=True, help="Do it without asking."),
        click.option("--commit/--no-commit", default=True, help="Commit in a git home."),
        click.option("--key", default="", hidden=True),
        click.pass_context,
    ):
        function = option(function)
    return function


def _decided(
    ctx: click.Context,
    decide: Callable[[Desk], tuple[str, list[data.Custom]]],
    *,
    entity: str,
    month: str,
    day: str,
    key: str,
    dry_run: bool,
    yes: bool,
    commit: bool,
) -> None:
    """Takes a decision on the budget that is meant, and writes it."""
    above = ctx.parent.params if ctx.parent else {}
    if above.get("file"):
        raise UserError("--file only shows a budget", hint="what writes needs a home: --home")
    home = loading.home_from(ctx)
    if was_done(home, key):
        return
    books = loading.load(home)
    ledger: BudgetLedger = ledger_of(books, budget_of(books, entity or above.get("entity", "")))
    months = _asked(month or above.get("month", ""), ledger, day_of(day))
    if len(months) > 1:
        raise UserError("one month at a time", hint="--month 2026-01")
    ledger.month(months[0])
    said, orders = decide(Desk(books, ledger, months[0], day_of(day)))
    if not orders:
        click.echo(said)
        return
    owner = ledger.budget.entity
    write(
        f"Budget of {owner}, {name_of(months[0])}: {said}",
        orders,
        entity=owner,
        home=home,
        books=books,
        key=key,
        dry_run=dry_run,
        yes=yes,
        commit=commit,
    )


def _number(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as error:
        raise UserError(str(error), hint="write it as 1250.00") from error


_SIGNED = {"ignore_unknown_options": True}  # -50.00 is an amount


@command.command("assign", context_settings=_SIGNED)
@click.argument("envelope")
@click.argument("amount")
@_writing
def assign(ctx: click.Context, envelope: str, amount: str, **options: Any) -> None:
    """Give money that is ready to an envelope or a card; a negative amount takes it back.

    \b
      books budget assign Groceries 500 --month 2026-02
    """
    number = _number(amount)
    _decided(
        ctx,
        lambda desk: (f"{at_cents(number)} to {envelope}", desk.assign(envelope, number)),
        **options,
    )


@command.command("move")
@click.argument("source")
@click.argument("target")
@click.argument("amount")
@_writing
def move(ctx: click.Context, source: str, target: str, amount: str, **options: Any) -> None:
    """Move money from one envelope to another.

    \b
      books budget move Dining Groceries 40
    """
    number = _number(amount)
    said = f"{at_cents(number)} from {source} to {target}"
    _decided(ctx, lambda desk: (said, desk.move(source, target, number)), **options)


@command.command("hold")
@click.argument("amount")
@_writing
def hold(ctx: click.Context, amount: str, **options: Any) -> None:
    """Keep money that is ready for the next month.

    \b
      books budget hold 300
    """
    number = _number(amount)
    _decided(ctx, lambda desk: (f"{at_cents(number)} held", desk.hold(number)), **options)


@command.command("cover")
@click.argument("envelope")
@click.option("--from", "source", default="", help="An envelope.  [default: ready to assign]")
@_writing
def cover(ctx: click.Context, envelope: str, source: str, **options: Any) -> None:
    """Bring an overspent envelope to zero, or set aside a card's uncovered debt.

    \b
      books budget cover Dining --from Groceries
    """
    said = f"{envelope} covered" + (f" from {source}" if source else "")
    _decided(ctx, lambda desk: (said, desk.cover(envelope, source)), **options)


@command.command("fund")
@click.argument("envelopes", nargs=-1)
@_writing
def fund(ctx: click.Context, envelopes: tuple[str, ...], **options: Any) -> None:
    """Assign what targets ask for in the month, as far as the money goes.

    \b
      books budget fund
      books budget fund Insurance
    """

    def decide(desk: Desk) -> tuple[str, list[data.Custom]]:
        orders, missing = desk.fund(envelopes)
        if missing:
            click.echo(f"{at_cents(missing)} more is needed than is ready to assign.")
        return "targets funded" if orders else "Nothing was assigned.", orders

    _decided(ctx, decide, **options)


command.add_command(start)
command.add_command(import_)
