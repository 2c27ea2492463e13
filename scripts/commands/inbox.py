"""``books inbox``: what nobody has decided yet, and deciding it."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.recovery import Applied
from core.money import at_cents
from importers.feed.cache import Decision
from importers.inbox.candidates import candidates
from importers.inbox.decide import duplicate, joined
from importers.inbox.items import InboxItem, find, inbox
from importers.inbox.likeness import suggestions
from importers.inbox.pending import decide_early, pendings
from importers.inbox.why import entry_of, reasons
from importers.unattended.deciding import sent
from importers.unattended.standing import BRANCH
from plugins.veil.transfers import CLASSES
from scripts import books as loading
from scripts.completing import accounts, entities
from scripts.deciding import (
    Answer,
    Checkout,
    accepting,
    decide,
    standing_branch,
    take_back,
    taking_back,
)
from scripts.keyboard import keyboard
from scripts.meant import meant, only_branch, wanted
from scripts.reviewing import Review
from scripts.waiting import (
    item_json,
    pending_json,
    show_branch,
    show_pendings,
    show_table,
    suggested,
)

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
@click.option("--branch", is_flag=True, help=f"Only what waits on {BRANCH}.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context, entity: str, listed: bool, branch: bool, commit: bool, form: str
) -> None:
    """What nobody has decided yet: imported lines that no rule caught.

    \b
      books inbox                     on a terminal: decide them by keys, ? shows which
      books inbox accept ID --account Expenses:Acme:Office --rule
      books inbox why ID
      books inbox --branch            what the nights brought, before it is merged

    Lines that wait on import/open are decided there, in commits of that branch; your checkout stays
    as it is. Ids say which are meant.

    Elsewhere, and with --list, it is a table. A suggestion is what was decided of lines like it,
    with its reason; nothing is done by itself.
    """
    if ctx.invoked_subcommand:
        return
    home = loading.home_from(ctx)
    books = loading.load(home)
    name = loading.entity_named(books, entity).name if entity else ""
    here = Checkout(home, home)
    items = [] if branch else here.items(books, name)
    there = standing_branch(home, books)
    unmerged, their_books = _unmerged(there, books, name)
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if (items or unmerged) and on_terminal and form == "text" and not listed:
        _review(here if items else None, there if unmerged else None, name, commit)
        return
    waiting = [
        line
        for line in pendings(home, books.as_of)
        if not name or books.registry.ent(line.account) == name
    ]
    if form == "json":
        said = {
            "items": _told(items, books),
            "pending": [pending_json(line) for line in waiting],
            "unmerged": _told(unmerged, their_books),
        }
        click.echo(json.dumps(said, indent=2))
        return
    if not branch:
        show_table(items, suggestions(items, books))
    show_branch(unmerged)
    if not branch:
        show_pendings(waiting)
    elif not unmerged:
        click.echo(f"Nothing to decide waits on {BRANCH}.")


def _unmerged(there: Checkout | None, books: Books, name: str) -> tuple[list[InboxItem], Books]:
    """What waits on the branch, with its books; nothing where it cannot be read."""
    if there is None:
        return [], books
    try:
        found = loading.load(there.tree)
    except UserError:
        return [], books
    return there.items(found, name), found


def _told(items: Sequence[InboxItem], books: Books) -> list[dict[str, object]]:
    proposed, perhaps = suggestions(items, books), candidates(items, books)
    return [item_json(item, books, proposed[item.id], perhaps[item.id]) for item in items]


def _review(here: Checkout | None, there: Checkout | None, name: str, commit: bool) -> None:
    """By keys: first what waits in the checkout, then, unless somebody quits, on the branch."""
    console = Console(highlight=False, markup=False)
    with keyboard() as keys:
        if here is not None and not Review(here, name, commit, console, keys).run():
            there = None
        if there is not None:
            review = Review(there, name, commit, console, keys)
            console.print(f"\nOn {BRANCH}, which is not merged yet:")
            review.run()
    if there is not None and review.decided:
        _send(there)


@command.command("pending")
@click.argument("line_id", metavar="ID")
@click.option(
    "--account",
    "-a",
    shell_complete=accounts,
    default="",
    help="What it will be booked against when it posts.",
)
@click.option("--payee", default="", help="What the payee is to be called.")
@click.option("--narration", default="", help="What it was.")
@click.option("--dry-run", is_flag=True, help="Show what would be kept, and keep nothing.")
@click.pass_context
def pending(
    ctx: click.Context, line_id: str, account: str, payee: str, narration: str, dry_run: bool
) -> None:
    """Decide early: what a feed's pending line is, for when it posts.

    \b
      books inbox pending 8xKd --account Expenses:Acme:Office
      books inbox pending 8xKd -a Expenses:Acme:Meals --narration "Lunch with Ann"

    Nothing is booked until then, with the amount that it then has. Where the bank does not say
    which posted line it has become, the decision is offered in the inbox. A file's pending rows
    have no id: banks give them none.
    """
    decision = Decision(account, payee, narration)
    if decision == Decision():
        raise click.UsageError("decide something: --account, --payee or --narration")
    home = loading.home_from(ctx)
    known = loading.load(home).accounts.get(account)
    if account and (known is None or known.closed):
        raise UserError(f"the account {account} is not open", hint="open it first, or name another")
    line = decide_early(home, line_id, decision, keeps=not dry_run)
    click.echo(f"{line.date} {line.payee}: {line.decided}, once it posts.")
    if dry_run:
        click.echo("Dry run: nothing was kept.")


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
    at, books, items = meant(ctx, lambda at, b: wanted(at.items(b), b, item_ids, payee, account))
    answer = Answer(account, part, transfer, counterparty, rule)
    change = accepting(items, answer, at.tree, books)
    said = "Accepted" if len(items) == 1 else f"Accepted {len(items)} lines"
    _do(at, change, said, dry_run=dry_run, commit=commit, key=key)


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
    at, books, item = meant(ctx, lambda at, books: find(at.items(books), item_id))
    change = duplicate(item, of, home=at.tree, books=books)
    _do(at, change, "Joined with the other line", dry_run=dry_run, commit=commit, key=key)


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
    at, books, item = meant(ctx, lambda at, books: find(at.items(books), item_id))
    change = joined(item, other, home=at.tree, books=books)
    _do(at, change, "Joined with its other side", dry_run=dry_run, commit=commit, key=key)


@command.command("undo")
@click.option("--dry-run", is_flag=True, help="Show the change and do nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.option("--branch", is_flag=True, help=f"The last one on {BRANCH}.")
@click.pass_context
def undo(ctx: click.Context, dry_run: bool, commit: bool, branch: bool) -> None:
    """Take the last decision back; once more takes back the one before.

    \b
      books inbox undo
      books inbox undo --branch

    A decision can be taken back as long as nobody has changed its files since.
    """
    home = loading.home_from(ctx)
    at: Checkout | None = Checkout(home, home)
    if branch or only_branch(ctx):
        at = standing_branch(home, loading.load(home))
    if at is None:
        raise UserError(f"nothing waits on {BRANCH}", hint="books inbox undo", code=EXIT_FINDINGS)
    if dry_run:
        change = taking_back(at.tree)[1]
        _tell(change, None)
        return
    change, done = take_back(at, commit=commit)
    _tell(change, done)
    click.echo(f"{change.message}.")
    _send(at)


@command.command("why")
@click.argument("item_id", metavar="ID")
@click.pass_context
def why(ctx: click.Context, item_id: str) -> None:
    """Why this account? ID is the id of any bank line in the books, or a part of it at an end.

    \b
      books inbox why 4c1f09
    """
    at, books, (line_id, txn) = meant(ctx, lambda _, books: entry_of(item_id, books))
    home = at.tree
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


def _do(
    at: Checkout, change: ChangeSet, said: str, *, dry_run: bool, commit: bool, key: str
) -> None:
    if dry_run:
        _tell(change, None)
        return
    done = decide(at, change, key=key, commit=commit)
    _tell(change, done)
    left = len(at.items(loading.load(at.tree)))
    if at.is_branch:
        click.echo(f"{said} on {BRANCH}; {left or 'nothing'} left there.")
        _send(at)
        return
    click.echo(f"{said}; {left} left in the inbox." if left else f"{said}; the inbox is empty.")


def _send(at: Checkout) -> None:
    """What is decided on the branch, to the remote that has it."""
    said = sent(at.home) if at.is_branch else ""
    if said:
        click.echo(said)


def _tell(change: ChangeSet, done: Applied | None) -> None:
    """The diff, and what the door said; nothing was done where ``done`` is None."""
    click.echo(change.effective().diff(), nl=False)
    if done is None:
        click.echo("Dry run: nothing was written.")
        return
    for remark in done.remarks:
        click.echo(remark)
