"""``books inbox``: what nobody has decided yet, and deciding it."""

import json
import uuid
from collections.abc import Mapping, Sequence

import click

from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.write import apply
from core.money import at_cents
from importers.categorise import rules_path
from importers.inbox import InboxItem, accepted, find, inbox, rule_for
from importers.likeness import Suggestion, suggestions
from importers.why import entry_of, reasons
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.table import print_table


@click.group("inbox", invoke_without_command=True)
@click.option("--entity", "-e", shell_complete=entities, default="", help="Only one entity's.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(ctx: click.Context, entity: str, form: str) -> None:
    """What nobody has decided yet: imported lines that no rule caught.

    \b
      books inbox
      books inbox accept ID --account Expenses:Acme:Office --rule
      books inbox why ID

    A suggestion is what was decided of lines like it, with its reason; nothing is done by itself.
    """
    if ctx.invoked_subcommand:
        return
    home = loading.home_from(ctx)
    books = loading.load(home)
    items = inbox(books)
    if entity:
        name = loading.entity_named(books, entity).name
        items = [item for item in items if item.entity == name]
    proposed = suggestions(items, books)
    if form == "json":
        told = [_json(item, books, proposed[item.id]) for item in items]
        click.echo(json.dumps({"items": told}, indent=2))
        return
    _show(items, proposed)


@command.command("accept")
@click.argument("item_id", metavar="ID")
@click.option(
    "--account",
    "-a",
    shell_complete=accounts,
    required=True,
    help="What it was: the account of the other side.",
)
@click.option("--rule", is_flag=True, help="Also write a rule, so that the next one needs nobody.")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--key", default="", hidden=True)
@click.pass_context
def accept(
    ctx: click.Context,
    item_id: str,
    account: str,
    rule: bool,
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """Decide one line: ID is the id that `books inbox` shows, or the end of it.

    \b
      books inbox accept 4c1f09 --account Expenses:Acme:Office
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    item = find(inbox(books), item_id)
    change = accepted(item, account, home=home, books=books)
    if rule:
        change = _with_rule(change, item, account, home, books)
    click.echo(change.diff(), nl=False)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    done = apply(home, change, key=key or str(uuid.uuid4()), commit=commit)
    for remark in done.remarks:
        click.echo(remark)
    left = len(inbox(books)) - 1
    click.echo(f"Accepted; {left} left in the inbox." if left else "Accepted; the inbox is empty.")


@command.command("why")
@click.argument("item_id", metavar="ID")
@click.pass_context
def why(ctx: click.Context, item_id: str) -> None:
    """Why this account? ID is the id of any bank line in the books, or a part of it at an end.

    \b
      books inbox why 4c1f09
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    line_id, txn = entry_of(item_id, books)
    file, line = books.where(txn)
    click.echo(f"{file}:{line} {txn.date} {txn.payee or txn.narration}")
    for posting in txn.postings:
        units = posting.units
        number = f"  {at_cents(units.number)} {units.currency}" if units and units.number else ""
        click.echo(f"  {posting.account}{number}")
        for key, value in (posting.meta or {}).items():
            if key.startswith("src"):
                click.echo(f"    from {value}")
    for reason in reasons(txn, home=home, books=books):
        click.echo(reason)
    waiting = [item for item in inbox(books) if item.id == line_id]
    for proposal in suggestions(waiting, books).get(line_id, ()):
        click.echo(f"suggestion: {_said(proposal)}")


def _with_rule(
    change: ChangeSet, item: InboxItem, account: str, home: Home, books: Books
) -> ChangeSet:
    entity = books.registry.entities[item.entity]
    path = rules_path(home, entity).relative_to(home.path)
    return ChangeSet(change.message, (*change.files, rule_for(item, account, path, home)))


def _said(proposal: Suggestion) -> str:
    return f"{proposal.account} ({proposal.reason})"


def _show(items: list[InboxItem], proposed: Mapping[str, Sequence[Suggestion]]) -> None:
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
                _said(proposed[item.id][0]) if proposed[item.id] else "",
            )
            for item in items
        ],
        right=("amount",),
    )
    click.echo(f"\n{len(items)} to decide: books inbox accept ID --account ACCOUNT [--rule]")


def _json(item: InboxItem, books: Books, proposed: Sequence[Suggestion]) -> dict[str, object]:
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
        "narration": item.txn.narration or "",
        "file": file,
        "line": line,
        "suggestions": [
            {"account": p.account, "reason": p.reason, "weight": p.weight} for p in proposed
        ],
    }
