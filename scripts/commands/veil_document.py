"""``books veil document``: papers drafted from the books, filed and attached in one change."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.write import apply
from core.period import parse_period
from scripts import books as loading
from scripts.paired import number_of

_Command = Callable[..., None]


@click.group("document")
def document() -> None:
    """Draft a paper from the books, or attach the papers that entries name.

    \b
      books veil document resolution ic-26-042 ic-26-043 --date 2026-09-15
      books veil document note N-02
      books veil document minutes acme FY2025

    Each draft is a PDF below the entity's documents/, attached to its entries by a document
    directive with its SHA-256. It is a draft for the owner and counsel: it counts for nothing until
    it is signed. Drafting a paper again changes nothing.
    """


def _writing(command: _Command) -> _Command:
    """The options of what writes."""
    for option in (
        click.option("--key", default="", hidden=True),
        click.option(
            "--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]"
        ),
        click.option("--yes", "-y", is_flag=True, help="Do it without asking."),
        click.option("--dry-run", is_flag=True, help="Show the change and do nothing."),
    ):
        command = option(command)
    return command


def _drafting(command: _Command) -> _Command:
    """The options of a command that drafts a paper."""
    again = click.option(
        "--replace", is_flag=True, help="Draft again what says something else by now."
    )
    return _writing(again(command))


_ENTITY = click.option("--entity", "-e", metavar="E", default="", help="Only this company's paper.")
_DATE = click.option("--date", "day", metavar="DATE", default="", help="The day of the paper.")


@document.command("resolution")
@click.argument("links", metavar="LINK...", nargs=-1, required=True)
@_ENTITY
@_DATE
@_drafting
@click.pass_context
def resolution(
    ctx: click.Context, /, links: Sequence[str], entity: str, day: str, **how: Any
) -> None:
    """The owners' consent to what the entries of LINK moved; for a distribution with the figures of
    both solvency tests at that date.

    \b
      books veil document resolution ic-26-042 ic-26-043 --date 2026-09-15

    Each company of the link gets its own. Without --date it is of the day of the first entry.
    """
    from reports.papers.consent import consent
    from reports.papers.distribution import KINDS, distribution
    from reports.papers.linked import companies, movements, of_links

    home, books = _loaded(ctx)
    txns = of_links(books, links)
    drafts = []
    for company in companies(books, txns, _company(books, entity)):
        kinds = {m.kind for m in movements(books, txns, company) if m.gives}
        if kinds and kinds <= KINDS:
            drafts.append(distribution(books, links, company, _day(day)))
        elif kinds & KINDS:
            raise UserError("one link is a distribution, another is not; draft them one by one")
        else:
            drafts.append(consent(books, links, company, _day(day)))
    _file(home, books, drafts, **how)


@document.command("capital-call")
@click.argument("entity", metavar="ENTITY")
@click.option("--amount", metavar="NUMBER", required=True, help="In the company's currency.")
@click.option("--date", "day", metavar="DATE", required=True, help="The day of the call.")
@click.option("--due", metavar="DATE", required=True, help="By when it is to be paid.")
@click.option("--purpose", metavar="TEXT", default="", help="What the capital is for.")
@_drafting
@click.pass_context
def capital_call(
    ctx: click.Context, /, entity: str, amount: str, day: str, due: str, purpose: str, **how: Any
) -> None:
    """A call for capital from every owner of ENTITY, by what they own on that day.

    \b
      books veil document capital-call acme --amount 20000 --date 2026-11-02 --due 2026-11-30
    """
    from reports.papers.capital_call import capital_call as drafted

    home, books = _loaded(ctx)
    company = loading.entity_named(books, entity)
    draft = drafted(
        books,
        company.name,
        number_of(amount, company),
        date=_needed(day),
        due=_needed(due),
        purpose=purpose,
    )
    _file(home, books, [draft], **how)


@document.command("note")
@click.argument("name", metavar="LOAN")
@_drafting
@click.pass_context
def note(ctx: click.Context, /, name: str, **how: Any) -> None:
    """The promissory note of a declared loan, with its schedule of payments.

    \b
      books veil document note N-02
    """
    from reports.papers.note import note as drafted

    home, books = _loaded(ctx)
    _file(home, books, [drafted(books, name)], **how)


@document.command("expense-report")
@click.argument("links", metavar="LINK...", nargs=-1, required=True)
@_ENTITY
@_DATE
@_drafting
@click.pass_context
def expense_report(
    ctx: click.Context, /, links: Sequence[str], entity: str, day: str, **how: Any
) -> None:
    """The expense report of who is paid back, under an accountable plan.

    \b
      books veil document expense-report ic-26-039

    LINK is that of the expenses or of their repayment.
    """
    from reports.papers.expenses import expense_report as drafted

    home, books = _loaded(ctx)
    _file(home, books, [drafted(books, links, _company(books, entity), _day(day))], **how)


@document.command("affidavit")
@click.argument("entry", metavar="ID|LINK")
@_ENTITY
@_DATE
@_drafting
@click.pass_context
def affidavit(ctx: click.Context, /, entry: str, entity: str, day: str, **how: Any) -> None:
    """The affidavit that stands in for a missing receipt.

    \b
      books veil document affidavit chase-7702-1f0c9a2b7d3e4f56

    The entry is named by the id on its bank posting, or by its link; without a link it gets one.
    """
    from reports.papers.affidavit import affidavit as drafted

    home, books = _loaded(ctx)
    _file(home, books, [drafted(books, entry, _company(books, entity), _day(day))], **how)


@document.command("allocation")
@click.argument("name", metavar="NAME")
@_drafting
@click.pass_context
def allocation(ctx: click.Context, /, name: str, **how: Any) -> None:
    """The agreement behind an allocation key, by which companies share costs.

    \b
      books veil document allocation A1
    """
    from reports.papers.allocation import allocation as drafted

    home, books = _loaded(ctx)
    _file(home, books, [drafted(books, name)], **how)


@document.command("minutes")
@click.argument("entity", metavar="ENTITY")
@click.argument("year", metavar="FY2026")
@_DATE
@_drafting
@click.pass_context
def minutes(ctx: click.Context, /, entity: str, year: str, day: str, **how: Any) -> None:
    """The minutes of the owners' year-end meeting, with the figures and acts of the fiscal year.

    \b
      books veil document minutes acme FY2025
    """
    from reports.papers.minutes import minutes as drafted

    home, books = _loaded(ctx)
    company = loading.entity_named(books, entity)
    period = parse_period(year, company.fiscal_year_end)
    _file(home, books, [drafted(books, company.name, period, _day(day))], **how)


@document.command("signed")
@click.argument("paper", metavar="PAPER")
@click.argument("scan", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--date", "day", metavar="DATE", required=True, help="The day of the last signature.")
@_writing
@click.pass_context
def signed(ctx: click.Context, /, paper: str, scan: Path, day: str, **how: Any) -> None:
    """Keep the signed FILE of a drafted PAPER, and attach it where the draft is attached.

    \b
      books veil document signed 2026-09-15-bh-r3-ic-26-042.pdf ~/scan.pdf --date 2026-09-16

    PAPER is the draft's file name. From then on it is evidence, of the day of its signature.
    """
    from reports.papers.signed import signed as kept

    home, books = _loaded(ctx)
    _write(home, kept(home, books, paper, scan, _needed(day)), (), **how)


@document.command("convert")
@click.option("--entity", "-e", metavar="E", default="", help="Only this entity's entries.")
@_writing
@click.pass_context
def convert(ctx: click.Context, /, entity: str, **how: Any) -> None:
    """Turn the paths that entries name (receipt:, resolution:, …) into document directives.

    \b
      books veil document convert --entity acme --dry-run

    Both are read alike; a directive also carries the file's SHA-256, and Fava shows it.
    """
    from reports.papers.attach import attached

    home, books = _loaded(ctx)
    change, remarks, count = attached(home, books, _company(books, entity))
    if count:
        click.echo(f"{count} paths become document directives.")
    _write(home, change, remarks, **how)


def _loaded(ctx: click.Context) -> tuple[Home, Books]:
    home = loading.home_from(ctx)
    return home, loading.load(home)


def _company(books: Books, name: str) -> str:
    return loading.entity_named(books, name).name if name else ""


def _day(text: str) -> dt.date | None:
    return _needed(text) if text else None


def _needed(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"'{text}' is not a date", hint="write it like 2026-09-30") from error


def _file(home: Home, books: Books, drafts: Sequence[Any], *, replace: bool, **how: Any) -> None:
    from reports.papers.filing import filed

    loading.refuse_unread(books)
    change, remarks = filed(home, books, drafts, replace=replace)
    _write(home, change, remarks, **how)


def _write(
    home: Home,
    change: ChangeSet,
    remarks: Sequence[str],
    *,
    dry_run: bool,
    yes: bool,
    commit: bool,
    key: str,
) -> None:
    change = change.effective()
    if not change.files:
        for remark in remarks:
            click.echo(remark)
        click.echo("Nothing to do: it is all there.")
        return
    click.echo(change.diff(), nl=False)
    for remark in remarks:
        click.echo(remark)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    if not yes:
        click.confirm("Write this?", abort=True)
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in done.remarks:
        click.echo(remark)
    click.echo("Written.")
