"""``books forecast``: the cash of the days to come."""

import json
from decimal import Decimal
from pathlib import Path

import click

from core import git
from core.bills.forecast import CASH_ROLES, DAYS, forecast
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.journal.books import Books
from core.journal.read import read
from core.money import parse_decimal
from reports.budget_month import as_text
from reports.forecast import forecast_json, forecast_report
from reports.render import render
from scripts import books as loading
from scripts.completing import entities
from scripts.output import put


@click.command("forecast", context_settings={"ignore_unknown_options": True})
@click.option("--entity", "-e", default="", shell_complete=entities, help="Whose.  [default: all]")
@click.option("--days", type=click.IntRange(1, 3660), default=DAYS, show_default=True)
@click.option("--buffer", default="0", metavar="AMOUNT", help="What should always be there.")
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
    ctx: click.Context,
    entity: str,
    days: int,
    buffer: str,
    form: str,
    file: Path | None,
    output: Path | None,
) -> int:
    """What is due in the days to come, and the first day on which cash is short.

    \b
      books forecast
      books forecast --entity acme --days 90 --buffer 5000
      books forecast --entity acme --format html -o forecast.html

    Counted are recurring payments (custom "recurring"), open bills and invoices with a due day, the
    schedules of loans and the targets of the budget; from the day of the newest entry on, with what
    is owed on cards taken off. JSON is a list, or one object with --entity. Exit status 1: some day
    ends below the buffer.
    """
    try:
        limit = parse_decimal(buffer)
    except ValueError as error:
        raise UserError(str(error), hint="write it as --buffer 5000.00") from error
    home = None if file else loading.home_from(ctx)
    books = loading.load(home) if home else read(file or Path())
    names = [loading.entity_named(books, entity).name] if entity else _with_cash(books)
    if form == "html" and len(names) > 1:
        raise UserError("a page shows one entity", hint="name one: --entity, or --format md")
    found = [forecast(books, name, days) for name in names]
    commit = git.head(home.path)[:9] if home else ""
    reports = [forecast_report(books, each, limit, commit) for each in found]
    if form == "json":
        said = [forecast_json(each, limit) for each in found]
        text = json.dumps(said[0] if entity else said, indent=2, ensure_ascii=False) + "\n"
    elif form == "text":
        text = "\n".join(as_text(report) for report in reports)
    else:
        text = "\n".join(render(report, form) for report in reports)
    if put(text, output) and home:
        loading.remember(home, "forecast", entity=", ".join(names), to=str(output))
    short = any(each.first_below(Decimal(limit)) for each in found)
    return EXIT_FINDINGS if short or any(report.failed for report in reports) else EXIT_OK


def _with_cash(books: Books) -> list[str]:
    """The entities that have an account with money in it."""
    having = {each.entity for each in books.accounts.values() if each.role in CASH_ROLES}
    names = [name for name in books.registry.entities if name in having]
    if not names:
        raise UserError(
            "no registered entity has an account with money in it",
            hint='give accounts role: "bank" or "cash" below their open directives',
        )
    return names
