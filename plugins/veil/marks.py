"""What some rules must know of every transaction, found in one pass over each file and kept.

When each account begins, and where the few transactions stand that carry a certain mark: ``recon:
"no"`` (no statement has it yet) or ``known:`` (a date).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beancount.core import data

from core.journal.books import Books

_MEMO = "marks"


@dataclass(frozen=True)
class Marks:
    """The day of each asset's and liability's first posting; the transactions with a mark."""

    first_days: Mapping[str, dt.date]
    outstanding: Sequence[data.Transaction]
    known: Sequence[data.Transaction]


def marks(books: Books) -> Marks:
    """The marks of all transactions."""
    found: Marks | None = books.memo.get(_MEMO)
    if found is None:
        found = books.memo[_MEMO] = _marks(books)
    return found


def _marks(books: Books) -> Marks:
    days: dict[str, int] = {}
    places: dict[str, list[tuple[str, int]]] = {"outstanding": [], "known": []}
    for of_file in books.by_file("first days and marks", _made):
        for account, day in of_file["days"].items():
            days[account] = min(day, days.get(account, day))
        for mark, standing in places.items():
            standing += [(file, line) for file, line in of_file[mark]]
    return Marks(
        {account: dt.date.fromordinal(day) for account, day in days.items()},
        *(list(books.standing_at(standing).values()) for standing in places.values()),
    )


def _made(transactions: Iterable[data.Transaction]) -> dict[str, Any]:
    """The same of one file, as JSON has it."""
    days: dict[str, int] = {}
    outstanding, known = [], []
    for txn in transactions:
        place = [txn.meta["filename"], txn.meta["lineno"]]
        day = txn.date.toordinal()
        for posting in txn.postings:
            if posting.account.startswith(("Assets:", "Liabilities:")):
                days[posting.account] = min(day, days.get(posting.account, day))
        if says_no(txn.meta) or any(says_no(posting.meta) for posting in txn.postings):
            outstanding.append(place)
        if isinstance(txn.meta.get("known"), dt.date):
            known.append(place)
    return {"days": days, "outstanding": outstanding, "known": known}


def says_no(meta: Mapping[str, object] | None) -> bool:
    """Whether metadata says ``recon: "no"``."""
    value = meta.get("recon") if meta else None
    return value is False or (isinstance(value, str) and value.strip().casefold() == "no")
