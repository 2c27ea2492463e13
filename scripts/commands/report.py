"""``books report NAME``: statements of one entity for one period."""

from dataclasses import replace
from pathlib import Path

import click

from core import git
from core.entity import Entity
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.journal.books import Books
from core.journal.read import read
from core.period import Period, parse_period
from reports.budget_month import as_text
from reports.catalogue import FLOW, REPORTS
from reports.model import Report
from reports.render import render
from scripts import books as loading
from scripts.completing import entities
from scripts.output import put


@click.command("report")
@click.argument("name", type=click.Choice(sorted([*REPORTS, FLOW])))
@click.option("--entity", "-e", shell_complete=entities, help="Whose statement, e.g. acme.")
@click.option("--group", is_flag=True, help="Of all entities together: money-flow.")
@click.option("--period", "-p", required=True, help="2026, 2026-Q3, 2026-09 or FY2026.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "md", "csv", "json"]),
    default="md",
    show_default=True,
)
@click.option("--file", type=click.Path(path_type=Path), help="A root file, wherever it lies.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    entity: str | None,
    group: bool,
    period: str,
    form: str,
    file: Path | None,
    output: Path | None,
) -> int:
    """Statements, each with the identities that prove it; one that fails is loud and exits 1.

    money-flow shows where money came from and went, as a drawing (html) and a table.

    \b
      books report balance-sheet --entity acme --period 2026-Q3
      books report income-statement -e acme -p 2026 --format html -o acme-2026.html
      books report money-flow --group --period 2026-09 --format html -o flow.html
    """
    from reports.projected import from_tables  # and DuckDB with it

    home = None if file else loading.home_from(ctx)
    if bool(entity) == group:
        raise click.UsageError("Say whose: --entity NAME or --group.")
    if group and name != FLOW:
        raise click.UsageError(f"--group is for {FLOW}; {name} is of one entity.")
    books = loading.load(home) if home else read(file or Path())
    owner = loading.entity_named(books, entity) if entity else None
    when = parse_period(period, owner.fiscal_year_end if owner else "12-31")
    if name == FLOW:
        report = _flow(books, owner, when)
    else:
        who = owner.name if owner else ""
        found = loading.check(books) if books.parts else ()
        report = from_tables(books, found, lambda: REPORTS[name](books, who, when))
    commit = git.head(home.path)[:9] if home else ""
    report = replace(report, commit=commit)
    text = as_text(report) if form == "text" else render(report, form)
    if put(text, output) and home:
        whose = owner.name if owner else ""
        loading.remember(home, f"report {name}", entity=whose, period=when.name, to=str(output))
    return EXIT_FINDINGS if report.failed else EXIT_OK


def _flow(books: Books, owner: Entity | None, when: Period) -> Report:
    from reports.flow.worded import money_flow_report

    if owner:
        return money_flow_report(books, [owner.name], when)
    keeping = [each.name for each in books.registry.entities.values() if each.books]
    keeping = [name for name in keeping if any(a.entity == name for a in books.accounts.values())]
    if not keeping:
        raise UserError("these books have no registered entity")
    return money_flow_report(books, keeping, when, group="Group")
