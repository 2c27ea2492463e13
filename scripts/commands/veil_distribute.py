"""``books veil distribute``: how much a company may pay its owners, and the entries for it."""

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import click

from core.findings import EXIT_FINDINGS, UserError
from core.journal.write import apply
from core.money import at_cents
from plugins.veil.distributing import Accounts, Proposal, booked, proposed, refusal
from plugins.veil.solvency import Solvency, money
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.drafting import with_papers
from scripts.paired import number_of
from scripts.table import print_table


@click.command("distribute")
@click.argument("entity", shell_complete=entities)
@click.option("--amount", required=True, help="What all owners get together.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="[default: today]")
@click.option("--note", default="", help="What the entries say.")
@click.option(
    "--resolution",
    type=click.Path(path_type=Path),
    help="The owners' consent, a file of the books; it becomes a document of the entries.",
)
@click.option(
    "--paper/--no-paper",
    "papers",
    default=True,
    help="Without --resolution, draft the owners' consent.  [default: paper]",
)
@click.option("--from", "paid_from", shell_complete=accounts, default="", help="The bank account.")
@click.option(
    "--to", "paid_to", shell_complete=accounts, multiple=True, help="An owner's bank account."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--dry-run", is_flag=True, help="Show the figures and the change, and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def distribute(
    ctx: click.Context,
    entity: str,
    amount: str,
    day: dt.datetime | None,
    note: str,
    resolution: Path | None,
    papers: bool,
    paid_from: str,
    paid_to: tuple[str, ...],
    form: str,
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """Pay the owners of a company by their shares, as far as it is lawful.

    \b
      books veil distribute acme --amount 4500 --dry-run
      books veil distribute acme --amount 4500 --resolution CONSENT.pdf

    Both solvency tests are shown: assets against liabilities, and cash with what is expected
    against what falls due. An amount above the largest lawful one is refused (exit 1). Each owner
    gets a pair of entries; one who keeps no books here, the company's alone. The resolution with
    the solvency determination is drafted with them.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    loading.refuse_unread(books)
    company = loading.entity_named(books, entity)
    when = day.date() if day else dt.datetime.now().astimezone().date()
    proposal = proposed(company, number_of(amount, company), when, books, note=note)
    if form == "text":
        _show(proposal)
    if not proposal.is_lawful:
        if form == "text":
            raise UserError(refusal(proposal), code=EXIT_FINDINGS)
        click.echo(json.dumps({**_json(proposal), "refused": refusal(proposal)}, indent=2))
        ctx.exit(EXIT_FINDINGS)
    change, remarks = booked(
        proposal, home, books, accounts=Accounts(paid_from, paid_to), resolution=resolution
    )
    if papers and resolution is None:
        links = [share.link for share in proposal.shares]
        change, more = with_papers(home, books, change, links, consent=True)
        remarks += more
    if not dry_run:
        done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
        remarks += done.remarks
    if form == "json":
        told = {"written": not dry_run, "remarks": remarks, "diff": change.diff()}
        click.echo(json.dumps({**_json(proposal), "refused": None, **told}, indent=2))
        return
    if dry_run:
        click.echo(change.diff(), nl=False)
    for remark in remarks:
        click.echo(remark)
    names = ", ".join(file.path.as_posix() for file in change.files)
    click.echo("Dry run: nothing was written." if dry_run else f"Wrote {names}.")


def _show(proposal: Proposal) -> None:
    """The two tests before and after, the largest lawful amount, and who gets what."""
    currency, before = proposal.entity.currency, proposal.test
    after = before.after(proposal.amount)
    name = proposal.entity.legal_name or proposal.entity.name
    click.echo(f"{name}: {money(proposal.amount, currency)} on {proposal.date}\n")
    rows = [
        ("assets", money(before.assets), money(before.assets - proposal.amount)),
        ("less liabilities", money(before.liabilities), money(before.liabilities)),
        ("less preferences", money(before.senior), money(before.senior)),
        ("left", money(before.balance_sheet), money(after.balance_sheet)),
    ]
    print_table(("balance sheet test", "before", "after"), rows, right=("before", "after"))
    rows = [
        ("cash", money(before.cash), money(before.cash - proposal.amount)),
        (f"expected in {before.horizon} days", money(before.receipts), money(before.receipts)),
        (f"due in {before.horizon} days", money(before.obligations), money(before.obligations)),
        ("left", money(before.cash_flow), money(after.cash_flow)),
    ]
    click.echo()
    print_table(("cash-flow test", "before", "after"), rows, right=("before", "after"))
    click.echo(f"\nLargest lawful distribution: {money(before.largest, currency)}\n")
    print_table(
        ("owner", "share", "amount"),
        [(s.owner.name, f"{s.percent} %", at_cents(s.amount)) for s in proposal.shares],
        right=("share", "amount"),
    )
    click.echo()


def _json(proposal: Proposal) -> dict[str, Any]:
    return {
        "entity": proposal.entity.name,
        "date": proposal.date.isoformat(),
        "currency": proposal.entity.currency,
        "amount": at_cents(proposal.amount),
        "largest_lawful": money(proposal.test.largest),
        "before": _tests(proposal.test),
        "after": _tests(proposal.test.after(proposal.amount)),
        "shares": [
            {
                "owner": share.owner.name,
                "percent": str(share.percent),
                "amount": at_cents(share.amount),
                "link": share.link,
                "keeps_books": share.owner.books,
            }
            for share in proposal.shares
        ],
    }


def _tests(test: Solvency) -> dict[str, Any]:
    return {
        "balance_sheet": {
            "assets": money(test.assets - test.distributed),
            "liabilities": money(test.liabilities),
            "preferences": money(test.senior),
            "margin": money(test.balance_sheet),
        },
        "cash_flow": {
            "cash": money(test.cash - test.distributed),
            "expected": money(test.receipts),
            "due": money(test.obligations),
            "days": test.horizon,
            "margin": money(test.cash_flow),
        },
    }
