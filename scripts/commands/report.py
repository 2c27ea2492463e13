"""``books report NAME``: statements of one entity for one period."""

from dataclasses import replace
from pathlib import Path

import click

from core import git
from core.findings import EXIT_FINDINGS, EXIT_OK
from core.journal.read import read
from core.period import parse_period
from reports.catalogue import REPORTS
from reports.render import render
from scripts import books as loading
from scripts.completing import entities


@click.command("report")
@click.argument("name", type=click.Choice(sorted(REPORTS)))
@click.option(
    "--entity", "-e", shell_complete=entities, required=True, help="Whose statement, e.g. acme."
)
@click.option("--period", "-p", required=True, help="2026, 2026-Q3, 2026-09 or FY2026.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md", "csv", "json"]),
    default="md",
    show_default=True,
)
@click.option("--file", type=click.Path(path_type=Path), help="A root file, wherever it lies.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    entity: str,
    period: str,
    form: str,
    file: Path | None,
    output: Path | None,
) -> int:
    """Statements, each with the identities that prove it; one that fails is loud and exits 1.

    \b
      books report balance-sheet --entity acme --period 2026-Q3
      books report income-statement -e acme -p 2026 --format html -o acme-2026.html
    """
    from reports.projected import from_tables  # and DuckDB with it

    home = None if file else loading.home_from(ctx)
    books = loading.load(home) if home else read(file or Path())
    owner = loading.entity_named(books, entity)
    when = parse_period(period, owner.fiscal_year_end)
    found = loading.check(books) if books.parts else ()
    report = from_tables(books, found, lambda: REPORTS[name](books, owner.name, when))
    commit = git.head(home.path)[:9] if home else ""
    text = render(replace(report, commit=commit), form)
    if output:
        output.write_text(text, encoding="utf-8")
        if home:
            loading.remember(
                home, f"report {name}", entity=owner.name, period=when.name, to=str(output)
            )
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=not text.endswith("\n"))
    return EXIT_FINDINGS if report.failed else EXIT_OK
