"""``books status``: one screen of how the nights go, how fresh each account is, what needs you."""

import datetime as dt
import json
from typing import Any

import click

from core.home import Home
from core.journal.books import Books
from core.masked import masked
from importers.feed.connections import connections
from importers.proof.freshness import freshness
from importers.unattended import history
from importers.unattended.run import TO_MERGE
from importers.unattended.standing import BRANCH, waiting
from plugins.closing.soft import standings
from scripts import books as loading
from scripts.needs import needs
from scripts.table import print_table

_SHOWN = 7


@click.command("status")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(ctx: click.Context, form: str) -> int:
    """Last run, next run, how fresh each account is, what is closed, and what needs you.

    \b
      books status
      books status --format json

    It only reads; the bank is not asked.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    said = status(home, books, dt.datetime.now().astimezone())
    if form == "json":
        click.echo(masked(json.dumps(said, indent=2, ensure_ascii=False)))
        return 0
    _show(said)
    return 0


def status(home: Home, books: Books, moment: dt.datetime) -> dict[str, Any]:
    """All that the screen says, as JSON; ``moment`` is local time."""
    past = history.loaded(home)
    due = history.next_run(past, moment)
    last = past.last
    things = needs(home, books, loading.check(books))
    left = waiting(home)
    # What the run said of its commits is over once they are merged.
    told = [line for line in (last.said if last else ()) if left or not line.startswith(TO_MERGE)]
    return {
        "last": None
        if last is None
        else {
            "run": last.id,
            "at": last.ended or last.started,
            "well": last.well,
        },
        "interrupted": bool(last and not last.ended),
        "said": told,
        "last_success": past.success.ended if past.success else None,
        "next": due.isoformat(timespec="minutes") if due else None,
        "scheduler": past.scheduler,
        "to_merge": left,
        "banks": [
            {
                "bank": f"{bank.institution} ({bank.scope})",
                "last_success": bank.last or None,
                "health": bank.trouble_code or bank.trouble or "well",
            }
            for bank in connections(home)
        ],
        "accounts": [
            {
                "account": one.account,
                "last_line": one.last_line.isoformat() if one.last_line else None,
                "last_balance": one.last_balance.isoformat() if one.last_balance else None,
                "state": one.state,
            }
            for one in freshness(books)
        ],
        "periods": [
            {
                "entity": one.entity,
                "closed": one.closed.period.name if one.closed else None,
                "soft_closed": [seal.period.name for seal in one.soft],
                "reopened": list(one.reopened),
            }
            for one in standings(books)
        ],
        "needs": [{"kind": n.kind, "what": n.title, "command": n.command} for n in things],
    }


def _show(said: dict[str, Any]) -> None:
    last = said["last"]
    if last is None:
        click.echo("Last run: none; 'books schedule install' begins one every night.")
    else:
        how = "well" if last["well"] else "in trouble"
        how = "interrupted, or under way" if said["interrupted"] else how
        click.echo(f"Last run: {last['at']}, {how} ({last['run']})")
        for line in said["said"]:
            click.echo(masked(f"  {line}"))
    if said["scheduler"]:
        by = said["scheduler"]
        click.echo(f"Next run: {said['next'] or 'not known'} ({by})")
    if said["to_merge"]:
        many = said["to_merge"]
        click.echo(f"{BRANCH}: {many} commit{'s wait' if many > 1 else ' waits'} to be merged")
    if said["banks"]:
        rows = [(b["bank"], b["last_success"] or "never", b["health"]) for b in said["banks"]]
        print_table(("bank", "last success", "health"), rows)
    accounts = [
        (a["account"], a["last_line"] or "none", a["last_balance"] or "never", a["state"])
        for a in said["accounts"]
    ]
    print_table(("account", "last line", "last statement", "state"), accounts)
    if said["periods"]:
        periods = [
            (
                p["entity"],
                p["closed"] or "none",
                ", ".join(p["soft_closed"]) or "none",
                ", ".join(p["reopened"]) or "none",
            )
            for p in said["periods"]
        ]
        print_table(("entity", "closed up to", "soft-closed", "to be closed again"), periods)
    wanted = said["needs"]
    if not wanted:
        click.echo("Nothing needs you.")
        return
    click.echo(f"What needs you ({len(wanted)}):")
    for each in wanted[:_SHOWN]:
        click.echo(f"  {each['kind']}: {each['what']}\n    {each['command']}")
    if len(wanted) > _SHOWN:
        click.echo(f"  … and {len(wanted) - _SHOWN} more: books check, books inbox")
