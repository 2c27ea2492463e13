"""The bank's statements as PDF, into the archive of the books; nothing is read from them here.

``ledger/<folder>/documents/statements/<account>/<date>.statement-<hash>.pdf``, with a ``document``
directive that carries the hash and Plaid's name of the statement, by which it is known.
"""

import calendar
import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from beancount.core import data

from core.entity import Account
from core.findings import UserError
from core.home import Home
from core.identity import by_feed
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.placement import month_file, placed
from core.journal.read import read
from core.journal.render import render
from core.journal.write import apply
from core.masked import Secret
from importers.feed.accounts import ledger_account
from importers.feed.contract import Item
from importers.feed.cursor import of_run
from importers.plaid.api import Api
from importers.plaid.parse import ODD, loaded, odd

META = "statement-id"
_MOST_AT_ONCE = 24


def archived(tree: Home, item: Item, api: Api, token: Secret, *, run_id: str = "") -> list[str]:
    """Puts the statements that the books do not have yet into the archive; what to tell of it.

    Raises UserError where Plaid or the door refuses, and for a file that is not what Plaid's hash
    says: none of them is kept then.
    """
    content = api.statements(token)
    books = read(tree.main_root, home=tree)
    wanted = list(_missing(content, item, books))[:_MOST_AT_ONCE]
    if not wanted:
        return []
    blocks, files = [], []
    for account, day, statement_id in wanted:
        pdf, said = api.statement(token, statement_id)
        sha256 = hashlib.sha256(pdf).hexdigest()
        if said.casefold() != sha256 or not pdf.startswith(b"%PDF"):
            raise UserError(
                f"the statement of {day} for {account.name} is not the file that Plaid names",
                hint="run the command again",
            )
        entity = books.registry.entities[account.entity]
        path = _place(entity.folder, account, day, sha256)
        journal = month_file(entity, day)
        name = by_feed(item.scope, statement_id)
        shown = os.path.relpath(path, journal.parent)
        directive = data.Document(
            {"sha256": sha256, META: name}, day, account.name, shown, frozenset(), frozenset()
        )
        blocks.append((journal, entity, render(directive)))
        files.append(FileChange(path, None, pdf))
    changes, remarks = placed(tree, books, blocks)
    count = len(wanted)
    said = f"File {count} statement{'s' if count > 1 else ''} of {item.institution}"
    done = apply(
        tree,
        ChangeSet(said, (*changes, *files)),
        key=f"statements {uuid.uuid4()}",
        actor="feed",
        trailers=of_run(run_id),
    )
    return [f"{count} statements filed", *remarks, *done.remarks]


def _missing(content: bytes, item: Item, books: Books) -> Iterator[tuple[Account, dt.date, str]]:
    known = {e.meta.get(META) for e in books.standing if isinstance(e, data.Document)}
    shown = {account.ref: account for account in item.accounts}
    try:
        for told in loaded(content, "statements")["accounts"]:
            of = shown.get(str(told["account_id"]))
            account = ledger_account(of, item, books) if of else None
            for each in told["statements"] if account else ():
                statement_id, day = str(each["statement_id"]), _day(each)
                is_open = account is not None and account.is_open(day)
                if account and is_open and by_feed(item.scope, statement_id) not in known:
                    yield account, day, statement_id
    except ODD as error:
        raise odd("statements", error) from error


def _day(said: Mapping[str, Any]) -> dt.date:
    """The day of a statement; the last of its month where the bank does not say."""
    posted = said.get("date_posted")
    if posted:
        return dt.date.fromisoformat(posted)
    year, month = int(said["year"]), int(said["month"])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _place(folder: str, account: Account, day: dt.date, sha256: str) -> Path:
    base = Path("ledger", folder, "documents", "statements", *account.name.split(":"))
    return base / f"{day}.statement-{sha256[:8]}.pdf"
