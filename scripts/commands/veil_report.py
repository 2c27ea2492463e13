"""``books veil report``: the veil statement of an entity, or the matrix of the group."""

from dataclasses import replace
from pathlib import Path

import click

from core import git
from core.findings import EXIT_OK, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.period import parse_period
from reports.pages.render import render
from reports.veil.as_json import as_json
from reports.veil.statement import (
    GroupStatement,
    VeilStatement,
    group_statement,
    veil_statement,
)
from reports.veil.worded import worded, worded_group
from scripts import books as loading
from scripts.completing import entities
from scripts.output import as_pdf, put


@click.command("report")
@click.option("--entity", "-e", default="", shell_complete=entities, help="Whose, e.g. acme.")
@click.option("--group", is_flag=True, help="Who owes and paid whom, of all entities.")
@click.option("--period", "-p", required=True, help="2026, 2026-Q3, 2026-09 or FY2026.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "html", "pdf", "json"]),
    default="text",
    show_default=True,
)
@click.option("--file", type=click.Path(path_type=Path), help="A root file, wherever it lies.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.pass_context
def command(
    ctx: click.Context,
    entity: str,
    group: bool,
    period: str,
    form: str,
    file: Path | None,
    output: Path | None,
) -> int:
    """The veil statement: what an owner hands to a lawyer.

    \b
      books veil report --entity acme --period 2026
      books veil report -e acme -p 2026 --format pdf -o acme-veil-2026.pdf
      books veil report --group -p 2026-Q3 --format html -o group.html

    Every crossing of the period by class with its paper, who owes and who paid whom by both books,
    dues by age, loans against their schedules, capital accounts, shares, the formalities calendar,
    findings by factor, waivers with their reasons, and a score to be recomputed from the page. It
    is no legal opinion. What it finds does not make it fail: 'books check' does.
    """
    if bool(entity) == group:
        raise UserError("one of --entity and --group is needed", hint="write --entity acme")
    if form == "pdf" and output is None:
        raise UserError("a PDF goes into a file", hint="add --output acme-veil-2026.pdf")
    home = None if file else loading.home_from(ctx)
    books = loading.load(home) if home else read(file or Path())
    statement = _statement(books, entity, period, home)
    if form == "json":
        made: bytes | str = as_json(statement)
    else:
        page = (
            worded(statement, books)
            if isinstance(statement, VeilStatement)
            else worded_group(statement, books)
        )
        made = as_pdf(page) if form == "pdf" else render(page, form)
    if put(made, output) and home:
        loading.remember(home, "veil report", entity=entity, period=period, to=str(output))
    return EXIT_OK


def _statement(
    books: Books, entity: str, period: str, home: Home | None
) -> VeilStatement | GroupStatement:
    commit = git.head(home.path)[:9] if home else ""
    findings = loading.check(books)
    if not entity:
        return replace(group_statement(books, parse_period(period), findings), commit=commit)
    owner = loading.entity_named(books, entity)
    when = parse_period(period, owner.fiscal_year_end)
    return replace(veil_statement(books, owner.name, when, findings), commit=commit)
