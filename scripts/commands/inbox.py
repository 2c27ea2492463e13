"""``books inbox``: what nobody has decided yet, and deciding it."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.recovery import Applied
from core.money import at_cents
from importers.inbox.candidates import candidates
from importers.inbox.decide import duplicate, joined
from importers.inbox.items import InboxItem, find, inbox
from importers.inbox.likeness import suggestions
from importers.inbox.pending import decide_early, pendings
from importers.inbox.reviewed import normalised
from importers.inbox.why import entry_of, reasons
from plugins.veil.transfers import CLASSES
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.deciding import Answer, accepting, decide, of_payee, take_back, taking_back
from scripts.keyboard import keyboard
from scripts.reviewing import Review
from scripts.waiting import item_json, pending_json, show_pendings, show_table, suggested

_ITEM = click.argument("item_id", metavar="ID")


def _writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that decides."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show the change and do nothing."),
        click.option(
            "--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]"
        ),
        click.option("--key", default="", hidden=True),
    ):
        command = option(command)
    return command


@click.group("inbox", invoke_without_command=True)
@click.option("--entity", "-e", shell_complete=entities, default="", help="Only one entity's.")
@click.option("--list", "listed", is_flag=True, help="The table, on a terminal as well.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(ctx: click.Context, entity: str, listed: bool, commit: bool, form: str) -> None:
    """What nobody has decided yet: imported lines that no rule caught.

    \b
      books inbox                     on a terminal: decide them by keys, ? shows which
      books inbox accept ID --account Expenses:Acme:Office --rule
      books inbox why ID

    Elsewhere, and with --list, it is a table. A suggestion is what was decided of lines like it,
    with its reason; nothing is done by itself.
    """
    if ctx.invoked_subcommand:
        return
    home = loading.home_from(ctx)
    books = loading.load(home)
    name = loading.entity_named(books, entity).name if entity else ""
    items = [item for item in inbox(books) if not name or item.entity == name]
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if items and on_terminal and form == "text" and not listed:
        with keyboard() as keys:
            Review(home, name, commit, Console(highlight=False, markup=False), keys).run()
        return
    proposed = suggestions(items, books)
    waiting = [
        line
        for line in pendings(home, books.as_of)
        if not name or books.registry.ent(line.account) == name
    ]
    if form == "json":
        perhaps = candidates(items, books)
        told = [item_json(item, books, proposed[item.id], perhaps[item.id]) for item in items]
        said = {"items": told, "pending": [pending_json(line) for line in waiting]}
        click.echo(json.dumps(said, indent=2))
        return
    show_table(items, proposed)
    show_pendings(waiting)


@command.command("pending")
@click.argument("line_id", metavar="ID")
@click.option(
    "--account",
    "-a",
    shell_complete=accounts,
    required=True,
    help="What it will be booked against when it posts.",
)
@click.pass_context
def pending(ctx: click.Context, line_id: str, account: str) -> None:
    """Choose early: the account of a feed's pending line, for when it posts.

    \b
      books inbox pending 8xKd --account Expenses:Acme:Office

    Nothing is booked until then. A file's pending rows have no id: banks give them none.
    """
    home = loading.home_from(ctx)
    known = loading.load(home).accounts.get(account)
    if known is None or known.closed:
        raise UserError(f"the account {account} is not open", hint="open it first, or name another")
    line = decide_early(home, line_id, account)
    click.echo(f"{line.date} {line.payee}: {account}, once it posts.")


@command.command("accept")
@click.argument("item_ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--account",
    "-a",
    shell_complete=accounts,
    required=True,
    help="What it was: the account of the other side.",
)
@click.option("--payee", default="", help="All lines of a payee that wait for an account.")
@click.option("--part", default=0, help="Which posting, from 1, where several of an entry wait.")
@click.option(
    "--transfer", metavar="CLASS", default="", help=f"A crossing: {', '.join(sorted(CLASSES))}."
)
@click.option(
    "--counterparty", metavar="ENTITY", shell_complete=entities, default="", help="With whom."
)
@click.option("--rule", is_flag=True, help="Also write a rule, so that the next one needs nobody.")
@_writing
@click.pass_context
def accept(
    ctx: click.Context,
    item_ids: Sequence[str],
    account: str,
    payee: str,
    part: int,
    transfer: str,
    counterparty: str,
    rule: bool,
    dry_run: bool,
    commit: bool,
    key: str,
) -> None:
    """Decide lines: ID is the id that `books inbox` shows, or the end of it.

    \b
      books inbox accept 4c1f09 --account Expenses:Acme:Office
      books inbox accept --payee staples --account Expenses:Acme:Office --dry-run
      books inbox accept 4c1f09 -a Assets:Acme:DueFrom:Jane --transfer settlement \
        --counterparty jane
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    items = _wanted(books, item_ids, payee, account)
    answer = Answer(account, part, transfer, counterparty, rule)
    change = accepting(items, answer, home, books)
    said = "Accepted" if len(items) == 1 else f"Accepted {len(items)} lines"
    _do(home, change, said, dry_run=dry_run, commit=commit, key=key)


@command.command("duplicate")
@_ITEM
@click.option("--of", metavar="ID", default="", help="The line that it is, where it is not clear.")
@_writing
@click.pass_context
def duplicate_of(
    ctx: click.Context, item_id: str, of: str, dry_run: bool, commit: bool, key: str
) -> None:
    """It is the same bank line as another: its entry goes, its id stands on the other as well.

    \b
      books inbox duplicate 4c1f09
      books inbox duplicate 4c1f09 --of 77ab21
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    change = duplicate(find(inbox(books), item_id), of, home=home, books=books)
    _do(home, change, "Joined with the other line", dry_run=dry_run, commit=commit, key=key)


@command.command("transfer")
@_ITEM
@click.argument("other", metavar="[ID]", default="")
@_writing
@click.pass_context
def transfer(
    ctx: click.Context, item_id: str, other: str, dry_run: bool, commit: bool, key: str
) -> None:
    """Two lines are one movement of money: one entry, or by way of the in-transit account.

    \b
      books inbox transfer 4c1f09 77ab21

    Between two entities both entries stay, get one link, and wait for what it was:
    `books inbox accept ID --account ACCOUNT --transfer CLASS`.
    """
    home = loading.home_from(ctx)
    books = loading.load(home)
    change = joined(find(inbox(books), item_id), other, home=home, books=books)
    _do(home, change, "Joined with its other side", dry_run=dry_run, commit=commit, key=key)


@command.command("undo")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.pass_context
def undo(ctx: click.Context, dry_run: bool, commit: bool) -> None:
    """Take the last decision back; once more takes back the one before.

    \b
      books inbox undo

    A decision can be taken back as long as nobody has changed its files since.
    """
    home = loading.home_from(ctx)
    if dry_run:
        change = taking_back(home)[1]
        _tell(change, None)
        return
    change, done = take_back(home, commit=commit)
    _tell(change, done)
    click.echo(f"{change.message}.")


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
        click.echo(f"suggestion: {suggested(proposal)}")


def _wanted(books: Books, ids: Sequence[str], payee: str, account: str) -> list[InboxItem]:
    """The items that are meant: those named, or those of a payee in the books of the account."""
    items = inbox(books)
    if bool(ids) == bool(payee):
        raise UserError("which lines?", hint="give ids, or --payee TEXT for all lines of a payee")
    if ids:
        named = [find(items, wanted) for wanted in ids]
        return list({item.id: item for item in named}.values())
    entity = account.partition(":")[2].partition(":")[0]
    group = normalised(payee) or payee.casefold()
    found = of_payee(items, entity, group, books)
    if not found:
        near = sorted({i.group for i in items if i.entity == entity and group in i.group})
        hint = f"there is: {', '.join(near[:5])}" if near else "'books inbox --list' shows them"
        raise UserError(f"no line of {entity or account} waits with the payee '{payee}'", hint=hint)
    return found


def _do(home: Home, change: ChangeSet, said: str, *, dry_run: bool, commit: bool, key: str) -> None:
    if dry_run:
        _tell(change, None)
        return
    done = decide(home, change, key=key, commit=commit)
    _tell(change, done)
    left = len(inbox(loading.load(home)))
    click.echo(f"{said}; {left} left in the inbox." if left else f"{said}; the inbox is empty.")


def _tell(change: ChangeSet, done: Applied | None) -> None:
    """The diff, and what the door said; nothing was done where ``done`` is None."""
    click.echo(change.effective().diff(), nl=False)
    if done is None:
        click.echo("Dry run: nothing was written.")
        return
    for remark in done.remarks:
        click.echo(remark)
