"""The inbox: the posted lines that nobody has decided yet.

It is no store of its own but a query over the books for ``review:``. Accepting an item rewrites
the one transaction where it stands: the other account, the flag and the ``review:`` line; all else
stays as it was written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.identity import ids_of
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.edit import Edit
from core.journal.placement import placed
from importers.investing.accounts import IN_KIND
from importers.investing.moves import LOTS
from importers.posted import is_undecided
from importers.rule_text import NewRule, appended


@dataclass(frozen=True)
class InboxItem:
    """One undecided line: ``number`` is the bank account's side, signed as the owner sees it."""

    id: str
    review: str
    entity: str
    account: str
    number: Decimal
    currency: str
    txn: data.Transaction


def inbox(books: Books) -> list[InboxItem]:
    """Every transaction with ``review:``, oldest first."""
    items = []
    for txn in books.select("review", is_undecided):
        review = str(txn.meta["review"])
        bank = next((p for p in txn.postings if ids_of(p)), txn.postings[0])
        units = bank.units
        if units is None or units.number is None:
            continue
        ids = ids_of(bank)
        entity = books.registry.ent(bank.account) or ""
        line_id = ids[0] if ids else f"{txn.date}:{txn.meta.get('lineno', 0)}"
        items.append(
            InboxItem(line_id, review, entity, bank.account, units.number, units.currency, txn)
        )
    return items


def find(items: Iterable[InboxItem], wanted: str) -> InboxItem:
    """The item whose id is, ends with or begins with ``wanted``; raises UserError unless one."""
    items = list(items)
    exact = [item for item in items if item.id == wanted]
    found = exact or [i for i in items if i.id.startswith(wanted) or i.id.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UserError(
            f"nothing in the inbox has the id '{wanted}'", hint="'books inbox' lists the ids"
        )
    raise UserError(f"{len(found)} items have an id like '{wanted}'", hint="write more of the id")


def accepted(item: InboxItem, account: str, *, home: Home, books: Books) -> ChangeSet:
    """The change that books ``item`` against ``account``.

    Raises UserError when the account is unknown, closed or another entity's, or when the
    transaction no longer stands in its file as it was read.
    """
    _check_account(item, account, books)
    files, _ = placed(home, books, (), [decided(item, account, books)])
    payee = item.txn.payee or item.txn.narration or item.id
    return ChangeSet(f"Accept {payee}: {account}", tuple(files))


def decided(item: InboxItem, account: str, books: Books) -> Edit:
    """The edit that books ``item`` against ``account``.

    Raises UserError where more or fewer than one posting waits for it.
    """
    others = [(n, p) for n, p in enumerate(item.txn.postings) if p.account != item.account]
    suspense = [place for place, p in others if books.role(p.account) == "suspense"]
    waiting = suspense or [place for place, p in others if p.cost is None and p.price is None]
    hint = "edit it by hand"
    if item.review == LOTS:
        # An account is an answer to where units came from, not to which lots were sold.
        waiting = [place for place, p in others if p.account.endswith(f":{IN_KIND}")]
        hint = (
            "it waits for its lots: put the units into the holding's account, with {…} behind "
            "them, and add a posting for the gain, without an amount; then take out review:"
        )
    if len(waiting) != 1:
        file, line = books.where(item.txn)
        raise UserError(
            "the transaction needs exactly one posting that waits for an account",
            file=file,
            line=line,
            hint=hint,
            code=EXIT_FINDINGS,
        )
    flag = "*" if item.txn.flag == "!" else ""
    return Edit(item.txn, flag=flag, without=("review", "perhaps"), accounts={waiting[0]: account})


def rule_for(item: InboxItem, account: str, path: Path, home: Home) -> FileChange:
    """The rules file with a rule for the item's payee at its end; what stands there is kept.

    Raises UserError where the file would not be right with it.
    """
    payee = item.txn.payee or item.txn.narration
    if not payee:
        raise UserError("the line has no payee to make a rule of", hint="leave out --rule")
    pattern = f"^{re.escape(payee)}$".replace(r"\ ", " ")
    direction = "in" if item.number > 0 else "out"
    return appended([NewRule(payee, pattern, direction, account)], path, home)


def _check_account(item: InboxItem, account: str, books: Books) -> None:
    known = books.accounts.get(account)
    if known is None:
        near = [name for name in books.accounts if name.endswith(account.rpartition(":")[2])]
        hint = (
            f"did you mean {near[0]}?" if near else f"open it first: {item.txn.date} open {account}"
        )
        raise UserError(f"the account {account} is not opened", hint=hint)
    if known.entity != item.entity:
        raise UserError(
            f"{account} belongs to {known.entity}, the line to {item.entity}",
            hint="one transaction never touches two entities; book this side against a due-from, "
            "due-to or equity account and the other side in the other books",
        )
    if not known.is_open(item.txn.date):
        raise UserError(f"{account} is not open on {item.txn.date}")
