"""``books import --reflow``: what edited rules change in the books, shown first, then done."""

import datetime as dt
import json
import sys
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

import click

from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.write import apply
from core.money import at_cents
from importers.draft import Draft
from importers.rules.origin import BookedLine
from importers.rules.reflow import Reflow, reflow
from scripts import books as loading
from scripts.importing import reader_of

_MOST_LEFT = 10


@dataclass(frozen=True)
class Reflowing:
    """One run, as its options say."""

    entity: str = ""
    since: dt.date | None = None
    dry_run: bool = False
    yes: bool = False
    commit: bool = True
    form: str = "text"
    key: str = ""

    def run(self, home: Home) -> int:
        """Shows what becomes of which entries, asks, and has the door do it."""
        books = loading.load(home)
        owner = loading.entity_named(books, self.entity).name if self.entity else ""
        plan = reflow(
            home=home, books=books, reader=reader_of(home), entity=owner, since=self.since
        )
        if self.form == "json":
            click.echo(json.dumps(_json(plan, books), indent=2, ensure_ascii=False))
        else:
            _show(plan, books)
        if self.dry_run:
            if self.form == "text":
                click.echo("Dry run: nothing was written.")
            return EXIT_OK
        if not plan.redone:
            return EXIT_OK
        self._ask(len(plan.redone))
        key = self.key or str(uuid.uuid4())
        done = apply(home, plan.change, key=key, actor="import", commit=self.commit)
        if self.form == "text":
            for remark in done.remarks:
                click.echo(remark)
            said = f" (commit {done.commit[:9]})" if done.commit else ""
            click.echo(f"Reflowed {_entries(len(plan.redone))}{said}.")
        return EXIT_OK

    def _ask(self, count: int) -> None:
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise UserError(
                f"{_entries(count)} would change; nothing was written",
                hint="add --yes to change them",
                code=EXIT_FINDINGS,
            )
        click.confirm(f"Change {_entries(count)} so?", abort=True, err=self.form == "json")


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _show(plan: Reflow, books: Books) -> None:
    click.echo(plan.change.effective().diff(), nl=False)
    if not plan.redone:
        click.echo("Nothing to reflow: every entry that rules made is as they make it now.")
    reasons = Counter(left.reason for left in plan.left)
    for reason, count in reasons.items():
        stay = "stays as it is" if count == 1 else "stay as they are"
        click.echo(f"{_entries(count)} {stay}: {reason}.")
        of_reason = [left for left in plan.left if left.reason == reason]
        for left in of_reason[:_MOST_LEFT]:
            file, line = books.where(left.booked.txn)
            txn = left.booked.txn
            says = left.draft.others[0].account if left.draft.rule else ""
            rule = f": rule '{left.draft.rule}' says {says}" if says else ""
            click.echo(f"  {file}:{line} {txn.date} {txn.payee or txn.narration}{rule}")
        if count > _MOST_LEFT:
            click.echo(f"  … and {count - _MOST_LEFT} more")
    for source in plan.unread:
        click.echo(f"{source} is gone or unreadable; its lines are known by their entries only.")


def _json(plan: Reflow, books: Books) -> dict[str, Any]:
    return {
        "changed": [_entry(booked, draft, books) for booked, draft in plan.redone],
        "left": [
            _entry(left.booked, left.draft, books) | {"reason": left.reason} for left in plan.left
        ],
        "unread": list(plan.unread),
    }


def _entry(booked: BookedLine, draft: Draft, books: Books) -> dict[str, Any]:
    file, line = books.where(booked.txn)
    stands = [p.account for place, p in enumerate(booked.txn.postings) if place != booked.own]
    return {
        "id": booked.id,
        "entity": draft.entity,
        "date": booked.txn.date.isoformat(),
        "payee": booked.txn.payee or "",
        "amount": at_cents(draft.number),
        "currency": draft.currency,
        "stands": stands,
        "rule": draft.rule,
        "accounts": [leg.account for leg in draft.others],
        "file": file,
        "line": line,
    }
