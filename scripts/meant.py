"""Which lines a command of ``books inbox`` means, and where they wait."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from importers.inbox.items import InboxItem, find
from importers.inbox.reviewed import normalised
from importers.unattended.standing import BRANCH
from scripts import books as loading
from scripts.deciding import Checkout, of_payee, standing_branch

_Found = TypeVar("_Found")


def only_branch(ctx: click.Context) -> bool:
    """Whether a command stands after ``books inbox --branch``."""
    return bool(ctx.parent and ctx.parent.params.get("branch"))


def meant(
    ctx: click.Context, find_in: Callable[[Checkout, Books], _Found]
) -> tuple[Checkout, Books, _Found]:
    """What a command is about, and where it is: in the checkout, else on the branch; there alone
    after ``books inbox --branch``. Raises UserError where neither has it, with what the first one
    says."""
    home = loading.home_from(ctx)
    books = loading.load(home)
    refused = UserError(f"nothing waits on {BRANCH}", hint="books inbox", code=EXIT_FINDINGS)
    if not only_branch(ctx):
        try:
            return (at := Checkout(home, home)), books, find_in(at, books)
        except UserError as error:
            refused = error
    there = standing_branch(home, books)
    if there is None:
        raise refused
    theirs = loading.load(there.tree)
    try:
        return there, theirs, find_in(there, theirs)
    except UserError as error:
        raise (error if only_branch(ctx) else refused) from error


def wanted(
    items: Sequence[InboxItem], books: Books, ids: Sequence[str], payee: str, account: str
) -> list[InboxItem]:
    """The items that are meant: those named, or those of a payee in the books of the account."""
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
