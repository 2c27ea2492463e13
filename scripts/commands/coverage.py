"""``books coverage``: which days of each account statements and feeds cover, and the holes."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import click

from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.journal.books import Books
from core.period import month_end, parse_period
from importers.proof.coverage import Covered, Hole, Month, coverage
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.table import print_table

# So many months fit beside an account's name in 100 columns.
_ACROSS = 18
_MARKS = {"full": "●", "part": "◐", "lines": "○", "none": "–"}
_LEGEND = (
    "● covered by statements or feeds   ◐ in part   ○ lines without their file   – nothing\n"
    "✓ the balance at the month's end is proven"
)


@click.command("coverage")
@click.option("--entity", "-e", shell_complete=entities, default="", help="Only one entity's.")
@click.option(
    "--account", "-a", shell_complete=accounts, default="", help="Only this one, or its account-id."
)
@click.option("--from", "first", metavar="YYYY-MM", help="The first month.  [default: 18 months]")
@click.option("--to", "last", metavar="YYYY-MM", help="The last month.  [default: the books' own]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "md"]), default="text", show_default=True
)
@click.option("--strict", is_flag=True, help="Exit with 1 when there are holes.")
@click.pass_context
def command(
    ctx: click.Context,
    entity: str,
    account: str,
    first: str | None,
    last: str | None,
    form: str,
    strict: bool,
) -> int:
    """Per account and month: what statements cover, what feeds cover, and the holes.

    \b
      books coverage
      books coverage --entity acme --from 2025-01 --to 2025-12
      books coverage --account chase-4411 --format json
      books coverage --to 2026-09 --strict      exit status 1 when there are holes

    A hole is a day, from the account's first line to the books' newest, that no statement, feed or
    imported line covers. Days without a file are none where the balances before and after them
    hold and no line is between.
    """
    books = loading.load(loading.home_from(ctx))
    every = coverage(books, _wanted(books, entity, account))
    start, end = _span(books, first, last)
    found = [covered.within(start, end) for covered in every]
    before = sum(len([h for h in covered.holes if h.first < start]) for covered in every)
    if form == "json":
        click.echo(json.dumps(_json(found, books, start, end), indent=2))
    elif not any(covered.months for covered in found):
        click.echo("No bank, card or investment cash account has days in these months.")
    elif form == "md":
        click.echo("\n".join(_markdown(found, books, before)))
    else:
        _show(found, books, before)
    return EXIT_FINDINGS if strict and any(covered.holes for covered in found) else EXIT_OK


def _wanted(books: Books, entity: str, account: str) -> list[str]:
    """The names of the accounts to look at; raises UserError for one that is not there."""
    owner = loading.entity_named(books, entity).name if entity else ""
    wanted = [
        a.name
        for a in books.accounts.values()
        if (not owner or a.entity == owner) and (not account or account in {a.name, a.account_id})
    ]
    if account and not wanted:
        of_whom = f" of {owner}" if owner else ""
        raise UserError(
            f"there is no account '{account}'{of_whom}",
            hint="name it as its open directive does, or by its account-id",
        )
    return wanted


def _span(books: Books, first: str | None, last: str | None) -> tuple[dt.date, dt.date]:
    end = _month(last) if last else books.as_of.replace(day=1)
    months = end.year * 12 + end.month - _ACROSS
    start = _month(first) if first else dt.date(max(months // 12, 1), months % 12 + 1, 1)
    if start > end:
        raise UserError(
            f"{start:%Y-%m} is after {end:%Y-%m}",
            hint="--from is the earlier month, --to the later",
        )
    return start, month_end(end.year, end.month)


def _month(text: str) -> dt.date:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise UserError(f"'{text}' is not a month", hint="write 2026-09")
    return parse_period(text).first


def _show(found: Sequence[Covered], books: Books, before: int) -> None:
    months = _all_months(found)
    for place in range(0, len(months), _ACROSS):
        block = months[place : place + _ACROSS]
        heads = [f"{m:%Y}\n{m:%m}" if m.month == 1 or m == block[0] else f"\n{m:%m}" for m in block]
        rows = []
        for covered in found:
            by_month = {month.first: month for month in covered.months}
            if any(m in by_month for m in block):
                cells = [_mark(by_month[m]) if m in by_month else "" for m in block]
                rows.append((covered.label, *cells))
        print_table(("account", *heads), rows)
        click.echo()
    click.echo(_LEGEND)
    for sentence in _sentences(found, books, before):
        click.echo(sentence)


def _markdown(found: Sequence[Covered], books: Books, before: int) -> Iterator[str]:
    """A table of months and accounts, in words, and the holes as a list."""
    months = _all_months(found)
    shown = [covered for covered in found if covered.months]
    yield f"| month | {' | '.join(covered.label for covered in shown)} |"
    yield "|---" * (len(shown) + 1) + "|"
    cells = [{month.first: month for month in covered.months} for covered in shown]
    for first in months:
        said = (_words(by_month.get(first)) for by_month in cells)
        yield f"| {first:%Y-%m} | {' | '.join(said)} |"
    for sentence in _sentences(found, books, before):
        yield f"- {sentence.strip()}" if sentence.startswith("  ") else f"{sentence}\n".lstrip()


def _words(month: Month | None) -> str:
    if month is None:
        return ""
    return f"{month.state}, proven" if month.proven else month.state


def _all_months(found: Sequence[Covered]) -> list[dt.date]:
    return sorted({month.first for covered in found for month in covered.months})


def _mark(month: Month) -> str:
    return _MARKS[month.state] + ("✓" if month.proven else "")


def _sentences(found: Sequence[Covered], books: Books, before: int) -> Iterator[str]:
    holes = [(covered, hole) for covered in found for hole in covered.holes]
    yield ""
    if holes:
        yield f"{len(holes)} {'hole' if len(holes) == 1 else 'holes'} as of {books.as_of}:"
        for covered, hole in holes:
            yield f"  {covered.label}: {hole.first} to {hole.last}: {_advice(hole, books.as_of)}"
    else:
        yield f"No holes as of {books.as_of}."
    if before:
        yield f"Before the first month shown: {before} more; --from shows them."
    for covered in found:
        days = sum(
            (gap.last - gap.first).days + 1 for month in covered.months for gap in month.bridged
        )
        if days:
            yield (
                f"{covered.label}: {days} {'day' if days == 1 else 'days'} without a file, and no "
                "hole: the balances before and after hold, and no line is between."
            )


def _advice(hole: Hole, as_of: dt.date) -> str:
    """What to do about a hole."""
    first, last = f"{hole.first:%B %Y}", f"{hole.last:%B %Y}"
    end = month_end(hole.last.year, hole.last.month)
    if first != last:
        said = f"import the statements of {first} to {last}"
    elif hole.last == as_of < end:
        said = f"{first} is not over; import what the bank has so far"
    elif hole.first.day == 1 and hole.last == end:
        said = f"import the {first} statement"
    else:
        said = f"import the statement of these days of {first}"
    if hole.lines:
        said += (
            f"; {hole.lines} {'line lies' if hole.lines == 1 else 'lines lie'} there without one"
        )
    return said


def _json(found: Sequence[Covered], books: Books, start: dt.date, end: dt.date) -> dict[str, Any]:
    return {
        "as_of": books.as_of.isoformat(),
        "from": f"{start:%Y-%m}",
        "to": f"{end:%Y-%m}",
        "accounts": [
            {
                "account": covered.account,
                "entity": covered.entity,
                "account_id": covered.account_id,
                "months": [
                    {
                        "month": f"{month.first:%Y-%m}",
                        "state": month.state,
                        "by": list(month.by),
                        "lines": month.lines,
                        "missing": [_days(gap) for gap in month.missing],
                        "bridged": [_days(gap) for gap in month.bridged],
                        "proven": month.proven,
                    }
                    for month in covered.months
                ],
            }
            for covered in found
        ],
        "holes": [
            {
                "account": covered.account,
                "account_id": covered.account_id,
                **_days(hole),
                "lines": hole.lines,
                "do": _advice(hole, books.as_of),
            }
            for covered in found
            for hole in covered.holes
        ],
    }


def _days(hole: Hole) -> dict[str, str]:
    return {"from": hole.first.isoformat(), "to": hole.last.isoformat()}
