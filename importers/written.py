"""The drafts and edits of an import as one change of the books."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from beancount.core import data

from core.entity import Account, Entity
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet, FileChange
from core.journal.edit import Edit
from core.journal.placement import accounts_file, month_file, placed
from core.journal.render import render
from importers.draft import Draft, transaction
from importers.processors import FEE_TAX, FEES


def changes(
    home: Home,
    books: Books,
    drafts: Sequence[Draft],
    opened: Sequence[Account] = (),
    edits: Sequence[Edit] = (),
    more: Sequence[tuple[Path, Entity, Block]] = (),
    documents: Sequence[FileChange] = (),
) -> tuple[ChangeSet, list[str]]:
    """The change that books the drafts in their month files, opens accounts, does the edits, and
    adds ``more`` blocks and ``documents``; and remarks for a person."""
    blocks = []
    for account in opened:
        entity = books.registry.entities[account.entity]
        block = render(_open_directive(account, books.as_of))
        blocks.append((accounts_file(entity), entity, block))
    for draft in drafts:
        entity = books.registry.entities[draft.entity]
        block = render(transaction(draft))
        blocks.append((month_file(entity, draft.date), entity, block))
    files, remarks = placed(home, books, [*blocks, *more], edits)
    message = _message(drafts, opened, edits)
    return ChangeSet(message, (*files, *documents)), remarks


def _message(drafts: Sequence[Draft], opened: Sequence[Account], edits: Sequence[Edit]) -> str:
    accounts = sorted({draft.account for draft in drafts})
    if accounts:
        undecided = sum(1 for draft in drafts if draft.review)
        tail = f", {undecided} to review" if undecided else ""
        return f"Import {len(drafts)} lines of {', '.join(accounts)}{tail}"
    if edits:
        return f"Import the other side of {len(edits)} lines"
    if opened:
        return f"Open {', '.join(account.name for account in opened)}"
    return "Keep what the statements prove"


def _open_directive(account: Account, as_of: dt.date) -> data.Open:
    meta: dict[str, Any] = {
        key: value
        for key, value in (
            ("role", account.role),
            ("account-id", account.account_id),
            ("account-name", account.meta.get("account-name")),
            ("title-holder", account.title_holder),
            ("line", account.line),
            (FEES, account.meta.get(FEES)),
            (FEE_TAX, account.meta.get(FEE_TAX)),
        )
        if value
    }
    booking = data.Booking[account.booking] if account.booking else None
    return data.Open(meta, account.opened or as_of, account.name, list(account.currencies), booking)
