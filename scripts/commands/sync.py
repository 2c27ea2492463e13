"""``books sync``: what the connected banks have, into the books."""

import json
from collections.abc import Callable
from typing import Any

import click

from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.masked import masked
from core.money import at_cents, plain
from importers.feed.connections import connections, named
from importers.feed.night import Night
from importers.feed.plan import FeedPlan
from importers.feed.sync import written
from importers.planned import Proof
from importers.unattended.history import named as new_run
from importers.unattended.standing import BRANCH, waiting
from scripts.commands.secrets import secrets_of
from scripts.unattended import nights

_DIFF_LINES = 60


@click.command("sync")
@click.option("--bank", default="", help="Only this one: its short name, or the bank's name.")
@click.option(
    "--take-out", is_flag=True, help="Take out the entries of lines that the bank has taken back."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context, bank: str, take_out: bool, dry_run: bool, commit: bool, form: str
) -> int:
    """Fetch new, corrected and pending lines of the connected banks; a second run changes nothing.

    \b
      books sync                    every bank
      books sync --bank chase       one of them
      books sync --dry-run          shows the entries, and writes none

    New lines are booked as by 'books import': by the rules, or against Suspense for 'books inbox'.
    A bank that asks for the login again does not hold up the others; the page to mend it is shown.
    Exit status 1 when a bank could not be synced, 0 when another sync of it is under way.
    """
    secrets = secrets_of(ctx)
    home = secrets.home
    wanted = [named(home, bank)] if bank else connections(home)
    if not wanted:
        raise UserError("no bank is connected", hint="books bank add", code=EXIT_FINDINGS)
    show = form == "text"
    agreed = _refusing(show) if dry_run else written
    night = nights(secrets, agreed=agreed, take_out=take_out, commit=commit, run_id=new_run())
    done = [_told(night(each, home), show, dry_run) for each in wanted]
    left = waiting(home)
    if show and left:
        click.echo(f"{BRANCH} is ahead by {left}, not merged yet: git merge {BRANCH}")
    return report(done, form)


def report(nights: list[Night], form: str) -> int:
    """The exit status; as JSON, what became of each bank."""
    if form == "json":
        text = json.dumps([as_json(night) for night in nights], indent=2, ensure_ascii=False)
        click.echo(masked(text))
    return EXIT_FINDINGS if any(night.error for night in nights) else EXIT_OK


def _refusing(show: bool) -> Callable[[FeedPlan], bool]:
    def refuse(plan: FeedPlan) -> bool:
        diff = plan.change.effective().diff().splitlines()
        if show:
            click.echo("\n".join(diff[:_DIFF_LINES]))
        if show and len(diff) > _DIFF_LINES:
            click.echo(f"… and {len(diff) - _DIFF_LINES} more lines of the same kind")
        return False

    return refuse


def _told(night: Night, show: bool, dry_run: bool = False) -> Night:
    if show:
        for line in told(night, dry_run):
            click.echo(masked(line))
    return night


def told(night: Night, dry_run: bool = False) -> list[str]:
    """What a person reads of a bank's run, line by line."""
    name = f"{night.connection.institution} ({night.connection.scope})"
    if night.error:
        said = str(night.error)
        lines = [said if said.startswith(name) else f"{name}: {said}"]
        if night.repair_url:
            lines.append(f"  its page: {night.repair_url}")
        return lines
    synced = night.synced
    if synced is None or synced.plan is None:
        return [f"{name}: {', '.join(synced.remarks) if synced else ''}; nothing was done"]
    plan, done = synced.plan, synced.applied
    said = plan.change.message.partition(": ")[2]
    commit = f" (commit {done.commit[:9]})" if done.commit else ""
    lines = [f"{name}: {said}{commit}" + ("; dry run, nothing was written" if dry_run else "")]
    lines += [f"  {remark}" for remark in (*synced.remarks, *night.remarks, *night.needs)]
    lines += [f"  {removal.sentence}" for removal in plan.removals]
    if not plan.taken_out and not all(removal.refused for removal in plan.removals):
        lines.append("  nothing was taken out; to agree: books sync --take-out")
    waiting = len(plan.cache.pendings)
    if waiting:
        lines.append(f"  {waiting} pending; they are booked when they post")
    for file in plan.imported.files:
        lines += [f"  {warning}" for warning in file.warnings]
        for statement in file.statements:
            if statement.proof is not None:
                lines.append(f"  {statement.proof.account}: {_compared(statement.proof)}")
    lines += [f"  {text}" for text in (*night.owed.remarks, *night.owed.agrees)]
    for due in night.owed.dues:
        amount = f"{at_cents(due.amount)} " if due.amount is not None else ""
        lines.append(f"  {due.account}: {amount}due {due.day}")
    return lines


def _compared(proof: Proof) -> str:
    bank = f"the bank says {at_cents(proof.closing)} {proof.currency}"
    if proof.holds:
        return f"{bank}, and so do the books"
    much = "more" if proof.gap > 0 else "less"
    return f"{bank}, the books {at_cents(abs(proof.gap))} {much} (compared, not asserted)"


def as_json(night: Night) -> dict[str, Any]:
    """What became of a bank, as docs/banks.md documents it."""
    plan = night.synced.plan if night.synced else None
    return {
        "bank": night.connection.scope,
        "institution": night.connection.institution,
        "error": night.error.message if night.error else "",
        "repair": night.repair_url,
        "busy": night.is_busy,
        "new": len(plan.imported.drafts) if plan else 0,
        "corrected": plan.corrected if plan else 0,
        "removals": [removal.sentence for removal in plan.removals] if plan else [],
        "pending": len(plan.cache.pendings) if plan else 0,
        "commit": night.synced.applied.commit if night.synced else "",
        "remarks": [*night.remarks, *night.needs, *_warnings(plan)],
        "owed": [*night.owed.remarks, *night.owed.agrees],
        "due": [
            {
                "account": due.account,
                "date": due.day.isoformat(),
                "amount": plain(due.amount) if due.amount is not None else None,
            }
            for due in night.owed.dues
        ],
    }


def _warnings(plan: FeedPlan | None) -> list[str]:
    """Where what is held is otherwise than the books will say, and the like."""
    return [warning for file in plan.imported.files for warning in file.warnings] if plan else []
