"""Which ledger account each account of a bank is: asked once, kept in the books."""

import datetime as dt
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

import click

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.write import apply
from importers.feed import connections
from importers.feed.accounts import ledger_account
from importers.feed.connections import Connection
from importers.feed.contract import FeedAccount, Item
from importers.feed.mapping import Mapped, chosen, fitting, mapping, proposed
from importers.plaid.api import DAYS
from scripts import books as loading

IGNORE = "ignore"


@dataclass(frozen=True)
class Answers:
    """What a person has said beforehand: ``accounts`` by the end of the number or the name (a
    ledger account, or ``ignore``), ``entity`` whose new accounts are; ``yes``: open them."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    entity: str = ""
    yes: bool = False

    def named(self, account: FeedAccount) -> str:
        """What was said of an account, or nothing."""
        said = {key.casefold(): value for key, value in self.accounts.items()}
        return said.get(account.name.casefold()) or said.get(account.mask.casefold()) or ""


def connect_accounts(
    home: Home,
    connection: Connection,
    accounts: Sequence[FeedAccount],
    answers: Answers,
    *,
    commit: bool = True,
    dry_run: bool = False,
    indent: str = "  ",
) -> Connection:
    """The connection, with its accounts known; the answers stand in the books. ``dry_run``: they
    are shown, and nothing is kept.

    Raises UserError where something is to be asked and nobody is there: the connection stays, and
    ``books bank accounts`` asks again.
    """
    books = loading.load(home)
    mapped: list[Mapped] = []
    ignored: list[str] = []
    slug = connection.slug
    for each in accounts:
        item = replace(connection, slug=slug).item(tuple(accounts))
        name = answers.named(each)
        found = None if name else ledger_account(each, item, books)
        if found is not None:
            mapped.append(Mapped(each, found))
            continue
        name = name or _asked(each, item, books, answers)
        if name == IGNORE:
            ignored.append(each.ref)
            continue
        if name in books.accounts:
            account, slug = chosen(each, item, name, books)
            slug = slug if account.account_id else connection.slug or slug
            mapped.append(Mapped(each, account))
            continue
        owner = _owner(books, answers, name)
        made = _new(each, item, owner, name)
        _refuse_twice(each, made, mapped)
        mapped.append(Mapped(each, made, is_new=True))
    after = replace(
        connection,
        slug=slug,
        accounts=connections.known(tuple(accounts)),
        ignored=tuple(ignored),
    )
    change, remarks = mapping(home, books, after.item(tuple(accounts)), mapped)
    if dry_run:
        click.echo(change.effective().diff() + "Dry run: nothing was written.")
        return connection
    done = apply(home, change, key=str(uuid.uuid4()), actor="bank", commit=commit)
    connections.store(home, after)
    for kept in mapped:
        shown = "opened" if kept.is_new else "known"
        click.echo(f"{indent}{_shown(kept.feed_account)}: {kept.account.name} ({shown})")
    for each in accounts:
        if each.ref in ignored:
            click.echo(f"{indent}{_shown(each)}: ignored")
    for remark in (*remarks, *done.remarks):
        click.echo(f"{indent}{remark}")
    return after


def is_there() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _asked(account: FeedAccount, item: Item, books: Books, answers: Answers) -> str:
    may_be = fitting(account, books)
    options = [a.name for a in may_be]
    if answers.yes:
        alike = [a.name for a in may_be if a.account_id]
        if alike:
            _one(account, alike)
        return ""
    if not is_there():
        key = account.mask or account.name
        raise UserError(
            f"which account of the books is {_shown(account)} at {item.institution}?",
            hint=f"--account '{key}=Assets:NAME:Bank:Checking', '{key}=ignore', or --entity NAME "
            "--yes to open one",
            code=EXIT_FINDINGS,
        )
    click.echo(f"{_shown(account)} at {item.institution} is")
    for number, name in enumerate(options, start=1):
        click.echo(f"  {number}  {name}")
    click.echo("  n  a new account\n  i  none of the books: ignore it")
    said = click.prompt(
        "Which", type=click.Choice([*map(str, range(1, len(options) + 1)), "n", "i"])
    )
    if said == "i":
        return IGNORE
    return "" if said == "n" else options[int(said) - 1]


def _one(account: FeedAccount, options: Sequence[str]) -> NoReturn:
    """An account of the books has a number that ends alike, at a bank of another name: a question,
    even for who says yes to everything."""
    raise UserError(
        f"{_shown(account)} may be {', '.join(options)}, or a new account",
        hint=f"--account '{account.mask or account.name}={options[0]}'",
        code=EXIT_FINDINGS,
    )


def _owner(books: Books, answers: Answers, name: str) -> Entity:
    if name:
        parts = name.split(":")
        return loading.entity_named(books, parts[1] if len(parts) > 1 else name)
    if answers.entity:
        return loading.entity_named(books, answers.entity)
    keepers = [e for e in books.registry.entities.values() if e.books and e.kind != "elimination"]
    if len(keepers) == 1:
        return keepers[0]
    if not is_there():
        raise UserError("whose is the new account?", hint="--entity NAME", code=EXIT_FINDINGS)
    names = [e.name for e in keepers]
    return loading.entity_named(books, click.prompt("Whose", type=click.Choice(names, False)))


def _new(account: FeedAccount, item: Item, owner: Entity, name: str) -> Account:
    # The bank gives what is two years old; an account is open before its first line.
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=DAYS + 1)
    return proposed(account, item, owner, day, name)


def _refuse_twice(account: FeedAccount, made: Account, mapped: Sequence[Mapped]) -> None:
    """Two accounts of a bank that end alike would be opened as one."""
    other = [m.feed_account for m in mapped if m.account.name == made.name]
    if other:
        raise UserError(
            f"{_shown(account)} and {_shown(other[0])} would both be {made.name}",
            hint=f"name one: --account '{account.name}={made.name}B'",
            code=EXIT_FINDINGS,
        )


def _shown(account: FeedAccount) -> str:
    return f"{account.name} ({account.mask or 'no number'})"
