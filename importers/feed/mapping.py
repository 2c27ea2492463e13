"""Which ledger account a feed's account is, once its owner has said so: kept in the books.

``account-id: "chase-4411"`` on the ``open`` directive is all there is to it (``accounts.py`` finds
the account by it ever after, whatever the feed calls it): an account that is there gets the line,
a new one is opened with it.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from beancount.core import data

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.placement import as_read
from core.journal.render import clean_text
from importers.account import Hints
from importers.account import proposed as proposed_by_import
from importers.feed.accounts import slug_of
from importers.feed.contract import FeedAccount, Item
from importers.statement import Statement
from importers.written import changes

# The metadata by which the name decides between accounts whose numbers end alike.
NAME = "account-name"
_NO_NUMBER = "0000"


@dataclass(frozen=True)
class Mapped:
    """A feed's account with the ledger account it is; ``is_new``: to be opened."""

    feed_account: FeedAccount
    account: Account
    is_new: bool = False


def fitting(account: FeedAccount, books: Books) -> list[Account]:
    """The open accounts it may be: of its kind, first those whose number ends alike under another
    name of the bank, then those of which no bank is known."""
    roles = {"card"} if account.kind == "card" else {"bank"}
    roles = {"bank", "card"} if account.kind == "any" else roles
    known = [a for a in books.accounts.values() if a.role in roles and not a.closed]
    alike = [a for a in known if account.mask and a.account_id.rpartition("-")[2] == account.mask]
    return [*alike, *(a for a in known if not a.account_id)]


def proposed(
    account: FeedAccount, item: Item, entity: Entity, opened: dt.date, name: str = ""
) -> Account:
    """The account to open for a feed's account that is none of the books'; ``name``: called so.

    Raises UserError where it has no name and the feed does not say the end of its number.
    """
    has_number = len(re.sub(r"\D", "", account.mask)) >= len(_NO_NUMBER)
    if not has_number and not name:
        raise UserError(
            f"{item.institution} does not say the number of {account.name}, by which a new account "
            "would be named",
            hint=f"name it: --account '{account.name}=Assets:{entity.name}:Bank:Savings', or "
            f"'{account.name}=ignore'",
            code=EXIT_FINDINGS,
        )
    # Without a number of its own, what is made of that one is replaced below.
    statement = Statement(
        account.mask if has_number else _NO_NUMBER,
        account.currency,
        (),
        kind="card" if account.kind == "card" else "bank",
    )
    hints = Hints(Path(item.institution), item.institution)
    made = proposed_by_import(statement, hints, entity)
    own = replace(made, account_id=_id_of(account, item), opened=opened)
    return replace(own, name=name) if name else own


def chosen(account: FeedAccount, item: Item, name: str, books: Books) -> tuple[Account, str]:
    """The account that a person names, and how its ``account-id`` spells the bank.

    Raises UserError for a name that is none, is another bank's, or is of another kind.
    """
    found = books.accounts.get(name)
    if found is None or found.closed or found.role not in {"bank", "card", "cash"}:
        raise UserError(
            f"{name} is no open bank, card or cash account of the books",
            hint='its open directive says role: "bank", "card" or "cash"',
        )
    if account.kind != "any" and (found.role == "card") != (account.kind == "card"):
        raise UserError(
            f"{name} is a {found.role} account, {account.name} a {account.kind} account"
        )
    slug, _, tail = found.account_id.rpartition("-")
    if found.account_id and tail != account.mask:
        raise UserError(
            f"{name} is {found.account_id}, and {account.name} ends in {account.mask or 'nothing'}",
            hint="name another account; or correct the account-id on its open directive",
        )
    return found, slug or slug_of(item)


def mapping(
    home: Home, books: Books, item: Item, mapped: Sequence[Mapped]
) -> tuple[ChangeSet, list[str]]:
    """The change that keeps the answers in the books, and remarks for a person."""
    opened = [_named(m, item) for m in mapped if m.is_new]
    first, remarks = changes(home, books, (), opened)
    files = {change.path: change for change in first.files}
    for each in mapped:
        said = {} if each.account.account_id else {"account-id": _id_of(each.feed_account, item)}
        if NAME not in each.account.meta and not _is_clear(each, item):
            said[NAME] = each.feed_account.name
        if each.is_new or not said:
            continue
        path, line = _place(home, books, each.account)
        before = files[path].before if path in files else as_read(home, books, path)
        now = files[path].after if path in files else before
        added = [f"  {key}: {_quoted(value)}" for key, value in said.items()]
        files[path] = FileChange(path, before, _inserted(now or b"", each.account, line, added))
    names = ", ".join(m.account.name for m in mapped)
    return ChangeSet(f"{item.institution}: connect {names}", tuple(files.values())), remarks


def _quoted(text: str) -> str:
    return '"' + clean_text(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(each: Mapped, item: Item) -> Account:
    """The account to open, with the feed's name where its number is not enough to find it by."""
    if _is_clear(each, item):
        return each.account
    return replace(
        each.account, meta={**each.account.meta, NAME: clean_text(each.feed_account.name)}
    )


def _is_clear(each: Mapped, item: Item) -> bool:
    """Whether the account is found by its number alone: it has one, and no other ends alike."""
    mask = each.feed_account.mask
    return bool(mask) and sum(a.mask == mask for a in item.accounts) == 1


def _id_of(account: FeedAccount, item: Item) -> str:
    return f"{slug_of(item)}-{account.mask or account.name}"


def _place(home: Home, books: Books, account: Account) -> tuple[Path, int]:
    for entry in books.standing:
        if isinstance(entry, data.Open) and entry.account == account.name:
            file = Path(str(entry.meta["filename"])).relative_to(home.path.resolve())
            return file, int(entry.meta["lineno"])
    raise UserError(f"{account.name} is opened in no file", code=EXIT_FINDINGS)


def _inserted(content: bytes, account: Account, line: int, added: list[str]) -> bytes:
    """The file with lines beneath the ``open`` directive, which may have moved down by what was
    put into the file above it."""
    lines = content.decode().splitlines(keepends=True)
    is_open = (n for n in range(line - 1, len(lines)) if f" open {account.name}" in lines[n])
    place = next(is_open, line - 1)
    end = "\r\n" if lines[place].endswith("\r\n") else "\n"
    if not lines[place].endswith("\n"):
        lines[place] += end
    lines[place + 1 : place + 1] = [text + end for text in added]
    return "".join(lines).encode()
