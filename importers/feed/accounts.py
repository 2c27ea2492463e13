"""Which ledger account a feed's account is: by institution, end of the number, and name.

References change when a login is made anew, so they are never kept: ``account-id: "chase-4411"`` on
the ``open`` directive is what lasts. Where one institution has two accounts with that end, the name
decides: the last part of the ledger account's name, or ``account-name`` on its ``open``.
"""

import re
from collections.abc import Callable

from core.entity import Account
from core.findings import UserError
from core.journal.books import Books
from importers.feed.contract import FeedAccount, Item

_ROLES = frozenset({"bank", "card", "cash"})

# Asked for the ledger account of a feed's account that none of the books matches.
Ask = Callable[[FeedAccount, Item], Account | None]


def unasked(_account: FeedAccount, _item: Item) -> Account | None:
    """Nobody is asked: an account that the books do not have is a question."""
    return None


def ledger_account(account: FeedAccount, item: Item, books: Books) -> Account | None:
    """The ledger account; None where the books have none. Raises UserError for two."""
    slug = slug_of(item)
    known = [a for a in books.accounts.values() if a.role in _ROLES and not a.closed]
    at_bank = [a for a in known if a.account_id.casefold().startswith(f"{slug}-")]
    found = [a for a in at_bank if account.mask and _tail(a) == account.mask.casefold()]
    if len(found) == 1:
        return found[0]
    named = [a for a in (found or at_bank) if _bare(account.name) in _names(a)]
    if len(named) == 1 and (found or not account.mask):
        return named[0]
    if found:
        names = ", ".join(a.name for a in found)
        raise UserError(
            f"the feed's account {account.name!r} ({account.mask}) could be {names}",
            hint=f'write account-name: "{account.name}" on the open directive of the right one',
            code=1,
        )
    return None


def unknown(account: FeedAccount, item: Item) -> UserError:
    """What is said where no ledger account is the feed's."""
    return UserError(
        f"no account of the books is {account.name!r} ({account.mask or 'no number'}) at "
        f"{item.institution}; nothing was written",
        hint=f'write account-id: "{slug_of(item)}-{account.mask or "NAME"}" on the open directive '
        "of the account it is"
        + ("" if account.mask else f', with account-name: "{account.name}"')
        + "; 'books bank accounts' does so",
        code=1,
    )


def slug_of(item: Item) -> str:
    """The institution as ``account-id`` spells it: its first word, in lower case, unless the
    owner's books call it something else (``bofa``)."""
    if item.slug:
        return item.slug
    words = re.findall(r"[a-z0-9]+", item.institution.casefold())
    return words[0] if words else "bank"


def _tail(account: Account) -> str:
    return account.account_id.rpartition("-")[2].casefold()


def _names(account: Account) -> set[str]:
    said = account.meta.get("account-name")
    names = (account.name.rpartition(":")[2], said if isinstance(said, str) else "")
    return {_bare(name) for name in names} - {""}


def _bare(name: str) -> str:
    return re.sub(r"\W+", "", name.casefold())
