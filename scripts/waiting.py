"""What waits in the inbox, as a table and as JSON."""

from collections.abc import Mapping, Sequence

import click

from core.journal.books import Books
from core.money import at_cents
from importers.inbox.candidates import Candidate
from importers.inbox.items import InboxItem
from importers.inbox.likeness import Suggestion
from importers.inbox.pending import Pending
from importers.unattended.standing import BRANCH
from scripts.table import print_table


def suggested(proposal: Suggestion) -> str:
    """A suggestion with its reason."""
    return f"{proposal.account} ({proposal.reason})"


def show_table(items: Sequence[InboxItem], proposed: Mapping[str, Sequence[Suggestion]]) -> None:
    """Prints a row for each item, with its likeliest suggestion."""
    if not items:
        click.echo("The inbox is empty: every line is decided.")
        return
    print_table(
        ("id", "date", "account", "amount", "payee", "why", "suggestion"),
        [
            (
                item.id[-8:],
                str(item.txn.date),
                item.account,
                f"{at_cents(item.number)} {item.currency}",
                item.txn.payee or item.txn.narration or "",
                item.review,
                suggested(proposed[item.id][0]) if proposed[item.id] else "",
            )
            for item in items
        ],
        right=("amount",),
    )
    click.echo(f"\n{len(items)} to decide: books inbox accept ID --account ACCOUNT [--rule]")


def show_pendings(lines: Sequence[Pending]) -> None:
    """Prints what waits at the bank, greyed on a terminal: it is in no books yet."""
    if not lines:
        return
    click.echo(click.style(f"\nPending at the bank, not in the books ({len(lines)}):", dim=True))
    for line in lines:
        said = f"  {line.date}  {line.account or line.source}  {at_cents(line.amount)}"
        said += f" {line.currency}  {line.payee}"
        said += f"  → {line.decided}" if line.decided else ""
        said += f"  [{line.id}]" if line.id else ""
        click.echo(click.style(said, dim=True))


def show_branch(items: Sequence[InboxItem]) -> None:
    """Prints what waits on the branch."""
    if not items:
        return
    count = f"{len(items)} {'entry waits' if len(items) == 1 else 'entries wait'}"
    click.echo(f"\n{count} on {BRANCH}, which is not merged yet:")
    for item in items:
        said = item.txn.payee or item.txn.narration or item.id
        money = f"{at_cents(item.number)} {item.currency}"
        click.echo(f"  {item.id[-8:]}  {item.txn.date}  {item.account}  {money}  {said}")
    click.echo("The same commands decide them, in commits on the branch: books inbox --branch")


def pending_json(line: Pending) -> dict[str, object]:
    """A pending line; ``id`` is empty where nothing can be decided of it."""
    return {
        "id": line.id,
        "date": line.date.isoformat(),
        "account": line.account,
        "amount": at_cents(line.amount),
        "currency": line.currency,
        "payee": line.payee,
        "source": line.source,
        "decided": line.decided,
    }


def item_json(
    item: InboxItem,
    books: Books,
    proposed: Sequence[Suggestion],
    perhaps: Sequence[Candidate],
) -> dict[str, object]:
    """An item with its suggestions and the lines that its question is about."""
    file, line = books.where(item.txn)
    return {
        "id": item.id,
        "review": item.review,
        "entity": item.entity,
        "account": item.account,
        "date": item.txn.date.isoformat(),
        "amount": at_cents(item.number),
        "currency": item.currency,
        "payee": item.txn.payee or "",
        "payee_group": item.group,
        "narration": item.txn.narration or "",
        "file": file,
        "line": line,
        "suggestions": [
            {"account": p.account, "reason": p.reason, "weight": p.weight} for p in proposed
        ],
        "perhaps": [_line(candidate) for candidate in perhaps],
    }


def _line(candidate: Candidate) -> dict[str, object]:
    return {
        "id": candidate.id,
        "date": candidate.date.isoformat(),
        "account": candidate.account,
        "amount": at_cents(candidate.number),
        "currency": candidate.currency,
        "payee": candidate.name,
        "file": candidate.file,
        "line": candidate.line,
    }
