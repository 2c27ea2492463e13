"""The identity of a bank line: the same line of the same bank is one posting for ever.

An id is the bank's own, scoped by account, amount and date, because banks reuse theirs (a fee
shares the id of its purchase); where there is none, a hash of the raw cells that the profile's
versioned ``identity`` names. Twins differ by an occurrence index. The file's path and the cleaned
payee never count: they change.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from core.money import plain


@dataclass
class LineIds:
    """Gives the lines of one statement their ids, in the order of the file.

    ``scope`` is the account's ``account-id``, or its name where it has none.
    """

    scope: str
    _seen: Counter[str] = field(default_factory=Counter)

    def by_bank(self, bank_id: str, date: dt.date, amount: Decimal) -> str:
        """The id of a line for which the bank gives one."""
        parts = (self.scope, bank_id, date.isoformat(), plain(amount.normalize()))
        return self._indexed(f"{self.scope}-{_digest(parts)}")

    def by_cells(self, version: str, columns: Sequence[str], cells: Mapping[str, str]) -> str:
        """The id of a line for which the bank gives none, from its raw cells."""
        values = (" ".join(cells.get(column, "").split()) for column in columns)
        return self._indexed(f"{self.scope}-{_digest((self.scope, version, *values))}")

    def _indexed(self, base: str) -> str:
        self._seen[base] += 1
        return base if self._seen[base] == 1 else f"{base}-{self._seen[base]}"


def by_feed(scope: str, line_id: str) -> str:
    """The id of a line that a feed hands out, whose ids are unique within ``scope`` (one login at
    one bank).

    Amount and date are no part of it: the bank corrects them and keeps the id. An id that no
    journal can hold as it is (control characters, hundreds of letters) is hashed.
    """
    fits = line_id.isprintable() and line_id == line_id.strip() and 0 < len(line_id) <= 100
    return f"{scope}:{line_id if fits else _digest((line_id,))}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def ids_of(posting: data.Posting) -> list[str]:
    """Every id on a posting: ``id``, ``id-2``, …"""
    meta = posting.meta or {}
    return [
        value
        for key, value in meta.items()
        if isinstance(value, str) and (key == "id" or key.startswith("id-"))
    ]


def known_ids(transactions: Iterable[data.Transaction]) -> list[str]:
    """The ids of all bank lines in the transactions."""
    return [
        line_id for txn in transactions for posting in txn.postings for line_id in ids_of(posting)
    ]
