"""``books adjust``: an adjusting entry, and its reversal."""

from pathlib import Path

import click

from core import git
from core.findings import UserError
from core.journal.links import new_link
from core.period import parse_period
from plugins.closing.adjusting import Adjustment, adjusted
from plugins.closing.soft import refuse_unapproved
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.paired import amount_of, document, was_done, write


@click.command("adjust")
@click.argument("entity", metavar="ENTITY", shell_complete=entities)
@click.argument("period", metavar="PERIOD")
@click.option("--debit", required=True, metavar="ACCOUNT", shell_complete=accounts)
@click.option("--credit", required=True, metavar="ACCOUNT", shell_complete=accounts)
@click.option("--amount", required=True, help='How much: 500.00, or "500.00 EUR".')
@click.option("--why", required=True, help="What is adjusted; it stands in the entry.")
@click.option("--approved-by", default="", metavar="WHO", help="[default: git's user.email]")
@click.option("--reverse", is_flag=True, help="Take it back on the first day of the next period.")
@click.option("--applies-to", default="", metavar="PERIOD", help="The closed period it corrects.")
@click.option("--paper", type=click.Path(path_type=Path), help="Its computation, below ledger/.")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def command(
    ctx: click.Context,
    entity: str,
    period: str,
    debit: str,
    credit: str,
    amount: str,
    why: str,
    approved_by: str,
    reverse: bool,
    applies_to: str,
    paper: Path | None,
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """Book an accrual, deferral, estimate or correction on the last day of a period.

    \b
      books adjust acme 2026-09 --debit Expenses:Acme:Rent --credit Liabilities:Acme:Accrued \\
        --amount 1200.00 --why "September's rent, billed in October" --reverse

    It carries #adjusting and who approved it; the reversal #reversing and the exact negatives. What
    belongs to a closed period goes into an open one, with --applies-to. Into a soft-closed one it
    goes if an accountant approves, by rules/people.yaml where there is one.
    """
    home = loading.home_from(ctx)
    if was_done(home, key):
        return
    books = loading.load(home)
    owner = loading.entity_named(books, entity)
    of = parse_period(period, owner.fiscal_year_end)
    if applies_to:
        applies_to = parse_period(applies_to, owner.fiscal_year_end).name
    who = approved_by or git.user(home.path)
    if not who:
        raise UserError("nobody is said to approve it", hint="give --approved-by cpa@example.org")
    adjustment = Adjustment(
        owner.name,
        debit,
        credit,
        amount_of(amount, owner),
        " ".join(why.split()),
        who,
        applies_to,
    )
    entries = adjusted(adjustment, of, new_link(of.last, "adj"), books, reverse=reverse)
    refuse_unapproved(entries[0], owner.name, books)
    papers = [document(paper, entries[0], home, books)] if paper else []
    write(
        f"Adjust {owner.name} {of.name}: {adjustment.why}",
        [*entries, *papers],
        home=home,
        books=books,
        key=key,
        dry_run=dry_run,
        commit=commit,
    )
