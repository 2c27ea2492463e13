"""What was decided before: the reviewed two-sided entries of the books, as suggestions need them.

Reviewed is what carries the flag ``*`` and no ``review:``; nothing else ever teaches anything. What
was booked against suspense taught nobody what it was, and is not among them either.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from beancount.core import data

from core.identity import ids_of
from core.journal.books import Books

_STATEMENTS = frozenset({"bank", "card", "cash"})
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Decision:
    """A reviewed entry: ``account`` is its other side; ``into`` says that money came in."""

    entity: str
    payee: str
    narration: str
    into: bool
    account: str
    date: dt.date

    @property
    def text(self) -> str:
        """What it is called by: its payee, else its narration."""
        return self.payee or self.narration


def reviewed(books: Books) -> list[Decision]:
    """Every decision in the books, oldest first."""
    found = [
        decision
        for rows in books.by_file("reviewed with two sides", _rows)
        for row in rows
        if (decision := _decision(row, books)) is not None
    ]
    return sorted(found, key=lambda d: (d.date, d.entity, d.payee, d.narration, d.account))


@lru_cache(maxsize=1 << 16)  # a session in the inbox asks for the same payees again and again
def normalised(text: str) -> str:
    """The words of a payee in lower case, without the numbers of shops, days and cards."""
    pieces = (piece for piece in text.casefold().split() if not any(map(str.isdigit, piece)))
    return " ".join(word for piece in pieces for word in _WORD.findall(piece))


def _rows(transactions: Iterable[data.Transaction]) -> list[list[Any]]:
    """The reviewed entries with two postings of one file, as JSON has it."""
    rows: list[list[Any]] = []
    for txn in transactions:
        if txn.flag != "*" or txn.meta.get("review") or len(txn.postings) != 2:
            continue
        sides = []
        for posting in txn.postings:
            number = posting.units.number if posting.units else None
            sides.append([posting.account, bool(number and number > 0), bool(ids_of(posting))])
        rows.append([txn.date.toordinal(), txn.payee or "", txn.narration or "", *sides])
    return rows


def _decision(row: list[Any], books: Books) -> Decision | None:
    """The decision that a row tells; None where it tells none."""
    day, payee, narration, *sides = row
    with_id = [side for side in sides if side[2]]
    of_statements = [side for side in sides if books.role(side[0]) in _STATEMENTS]
    # With both sides in own accounts, the one with the bank's line is the statement's.
    own = with_id if len(with_id) == 1 else of_statements
    if len(own) != 1:
        return None
    other = sides[1] if own[0] is sides[0] else sides[0]
    entity = books.registry.ent(own[0][0])
    if entity is None or books.role(other[0]) == "suspense":
        return None
    return Decision(entity, payee, narration, own[0][1], other[0], dt.date.fromordinal(day))
