"""What waits at the bank and is in no books: pending lines, to be shown and no more.

Those of feeds are in the feeds' caches. Those of a bank's file are kept when it is imported, in
``.books/pending/<account>.json``, until a file of that account comes which is not older.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.findings import UserError
from core.home import Home
from core.journal.lock import alone
from core.journal.write import keep
from core.money import plain
from importers.feed.cache import (
    POSTS_WITHIN,
    Decision,
    decide_pending,
    dumped,
    loaded,
    place,
)
from importers.planned import ImportPlan, StatementPlan

_FOLDER = "pending"


@dataclass(frozen=True)
class Pending:
    """A line that has not posted: ``amount`` is what its account would gain, ``account`` the ledger
    account, or as much as is known of it; ``decided`` the account that somebody has chosen for it.
    ``id`` is empty where nothing can be decided of it yet: a file's pending rows have none."""

    date: dt.date
    account: str
    amount: Decimal
    currency: str
    payee: str
    source: str
    id: str = ""
    decided: str = ""


def pendings(home: Home, as_of: dt.date) -> list[Pending]:
    """Every pending line that is known, oldest first; what is older than lines take to post is
    left out. Raises UserError for a damaged cache of a feed."""
    found = [*_of_feeds(home), *_of_files(home)]
    found = [line for line in found if as_of - line.date <= POSTS_WITHIN]
    return sorted(found, key=lambda line: (line.date, line.account, line.payee, line.id))


def keep_pendings(home: Home, plan: ImportPlan) -> None:
    """Keeps the pending rows of the files that were imported, in the place of older ones."""
    for file in plan.files:
        for statement in file.statements:
            if statement.account is None or file.is_feed:
                continue
            rows, newest = _rows(statement), _newest(statement)
            before = _read(home.private / _place(statement))
            if newest and (rows or before.get("lines")) and str(before.get("day", "")) <= newest:
                said = {"day": newest, "source": file.path.name, "lines": rows}
                content = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
                keep(home, _place(statement), content.encode())


def decide_early(home: Home, line_id: str, account: str) -> Pending:
    """Keeps ``account`` as what a feed's pending line will be booked against once it posts.

    Raises UserError where no such line is pending, or a sync of its bank is running.
    """
    found = [line for line in _of_feeds(home) if line.id.startswith(line_id)]
    exact = [line for line in found if line.id == line_id] or found
    if len(exact) != 1:
        said = f"{len(exact)} pending lines have an id like" if exact else "no pending line has"
        raise UserError(
            f"{said} the id '{line_id}'" if not exact else f"{said} '{line_id}'",
            hint="'books inbox --list' shows those of feeds with their ids; it may have posted",
        )
    (line,) = exact
    with alone(home, f"feed/{line.source}.lock") as is_alone:
        if not is_alone:
            raise UserError("a sync of this bank is running", hint="run the command again after it")
        cache = loaded(home, line.source)
        before = cache.decided.get(line.id)
        decision = replace(before[1], account=account) if before else Decision(account)
        keep(home, place(line.source), dumped(decide_pending(cache, line.id, decision)))
    return replace(line, decided=account)


def _of_feeds(home: Home) -> Iterator[Pending]:
    for path in sorted((home.private / "feed").glob("*.json")):
        cache = loaded(home, path.stem)
        for line in cache.pendings.values():
            decided = cache.decided.get(line.id)
            yield Pending(
                line.date,
                cache.accounts.get(line.account, ""),
                line.amount,
                line.currency,
                line.payee or line.description,
                path.stem,
                line.id,
                decided[1].account if decided else "",
            )


def _of_files(home: Home) -> Iterator[Pending]:
    for path in sorted((home.private / _FOLDER).glob("*.json")):
        said = _read(path)
        for row in said.get("lines", ()):
            yield Pending(
                dt.date.fromisoformat(row["date"]),
                str(row["account"]),
                Decimal(row["amount"]),
                str(row["currency"]),
                str(row["payee"]),
                str(said.get("source", "")),
            )


def _read(path: Path) -> dict[str, Any]:
    """What is kept there; nothing where it is damaged: the next file brings it again."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    rows = said.get("lines") if isinstance(said, dict) else None
    return said if isinstance(rows, list) and all(map(_is_row, rows)) else {}


def _is_row(row: object) -> bool:
    try:
        assert isinstance(row, dict)  # noqa: S101 - whatever else it is, it is none of ours
        dt.date.fromisoformat(row["date"])
        return Decimal(row["amount"]).is_finite() and {"account", "currency", "payee"} <= set(row)
    except (AssertionError, KeyError, TypeError, ValueError, ArithmeticError):
        return False


def _rows(plan: StatementPlan) -> list[dict[str, str]]:
    account, currency = plan.account, plan.statement.currency
    name = account.name if account else ""
    own = account.currencies[0] if account and account.currencies else ""
    return [
        {
            "date": line.date.isoformat(),
            "account": name,
            "amount": plain(line.amount),
            "currency": line.currency or currency or own,
            "payee": line.payee or line.narration,
        }
        for line in plan.statement.pendings
    ]


def _newest(plan: StatementPlan) -> str:
    """The last day that the statement speaks of."""
    days = [line.date for line in (*plan.statement.lines, *plan.statement.pendings)]
    return max(days).isoformat() if days else ""


def _place(plan: StatementPlan) -> str:
    name = f"{plan.account.name if plan.account else ''}-{plan.statement.currency or ''}"
    return f"{_FOLDER}/{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.json"
