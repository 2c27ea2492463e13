"""``books bank pending``: what the banks have not posted yet, and deciding it beforehand."""

import click

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.lock import alone
from core.journal.write import keep
from core.money import at_cents
from importers.feed import cache as caches
from importers.feed.cache import Decision
from importers.feed.connections import Connection, connections
from scripts import books as loading
from scripts.completing import accounts
from scripts.table import print_table


@click.command("pending")
@click.argument("line_id", metavar="[ID]", default="")
@click.option("--account", "-a", shell_complete=accounts, default="", help="What it is for.")
@click.option("--payee", default="", help="What the payee is to be called.")
@click.option("--narration", default="", help="What it was.")
@click.pass_context
def command(ctx: click.Context, line_id: str, account: str, payee: str, narration: str) -> None:
    """List the pending lines; or decide one now, for when it posts with its final amount.

    \b
      books bank pending
      books bank pending p1x1 --account Expenses:Acme:Meals --narration "Lunch with Ann"

    Pending lines are no entries: banks change and drop them. ID may be the end of it. Where the
    bank does not say which posted line it has become, the decision is offered in the inbox.
    """
    home = loading.home_from(ctx)
    if not line_id:
        _list(home)
        return
    decision = Decision(account, payee, narration)
    if decision == Decision():
        raise click.UsageError("decide something: --account, --payee or --narration")
    if account and account not in loading.load(home).accounts:
        raise UserError(f"there is no account {account}", hint="open it first", code=EXIT_FINDINGS)
    connection, found = _wanted(home, line_id)
    with alone(home, f"feed/{connection.scope}.lock") as is_alone:
        if not is_alone:
            raise UserError(
                f"{connection.institution} is being synced; nothing was written",
                hint="run the command again when that has finished",
                code=EXIT_FINDINGS,
            )
        after = caches.decide_pending(caches.loaded(home, connection.scope), found, decision)
        keep(home, caches.place(connection.scope), caches.dumped(after))
    click.echo("Kept for when it posts.")


def _list(home: Home) -> None:
    rows = []
    for connection in connections(home):
        cache = caches.loaded(home, connection.scope)
        for line in sorted(cache.pendings.values(), key=lambda each: (each.date, each.id)):
            _, decision = cache.decided.get(line.id, (line, Decision()))
            decided = (decision.account, decision.payee, decision.narration)
            rows.append(
                (
                    line.id[-12:],
                    line.date.isoformat(),
                    connection.institution,
                    line.payee,
                    f"{at_cents(line.amount)} {line.currency}",
                    ", ".join(filter(None, decided)),
                )
            )
    if rows:
        print_table(("id", "date", "bank", "payee", "amount", "decided"), rows, right=("amount",))
    else:
        click.echo("Nothing is pending.")


def _wanted(home: Home, line_id: str) -> tuple[Connection, str]:
    """The pending line that a person means. Raises UserError for none, and for several."""
    found = [
        (connection, each)
        for connection in connections(home)
        for each in caches.loaded(home, connection.scope).pendings
        if each.endswith(line_id)
    ]
    if len(found) != 1:
        many = "several pending lines end" if found else "no pending line ends"
        raise UserError(f"{many} in '{line_id}'", hint="books bank pending lists them")
    return found[0]
