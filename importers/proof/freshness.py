"""How fresh each bank, card and cash account is: its newest line, its last proven balance.

Days are counted from the books' own date, never from the clock: the same books say the same.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from beancount.core import data

from core.journal.books import Books

ROLES = frozenset({"bank", "card", "cash"})
# A statement comes every month; a few days later its lines should be in the books.
FRESH_DAYS, DUE_DAYS = 35, 70


@dataclass(frozen=True)
class Freshness:
    """One open account: its newest line and its newest balance assertion (None: none yet).

    ``age`` is the days from the newest line to the books' date; ``holds`` is false where the last
    assertion failed.
    """

    account: str
    entity: str
    last_line: dt.date | None
    last_balance: dt.date | None
    holds: bool
    age: int | None

    @property
    def state(self) -> str:
        """``empty``, ``wrong`` (the last balance failed), ``fresh``, ``due`` or ``stale``."""
        if self.age is None:
            return "empty"
        if not self.holds:
            return "wrong"
        if self.age <= FRESH_DAYS:
            return "fresh"
        return "due" if self.age <= DUE_DAYS else "stale"


def freshness(books: Books) -> Iterator[Freshness]:
    """Every open account with a statement behind it, by entity and name."""
    lines: dict[str, int] = {}
    for newest in books.by_file("newest", _newest):
        for name, day in newest.items():
            lines[name] = max(lines.get(name, 0), day)
    failed = {
        entry.account
        for entry in books.standing
        if isinstance(entry, data.Balance)
        and entry.diff_amount is not None
        and entry.date == books.last_balance[entry.account]
    }
    for account in sorted(books.accounts.values(), key=lambda a: (a.entity, a.name)):
        if account.role not in ROLES or not account.is_open(books.as_of):
            continue
        last = dt.date.fromordinal(lines[account.name]) if account.name in lines else None
        yield Freshness(
            account.name,
            account.entity,
            last,
            books.last_balance.get(account.name),
            account.name not in failed,
            (books.as_of - last).days if last else None,
        )


def _newest(transactions: Iterable[data.Transaction]) -> dict[str, int]:
    """The day (ordinal) of the newest transaction of each account."""
    days: dict[str, int] = {}
    for txn in transactions:
        for posting in txn.postings:
            days[posting.account] = max(days.get(posting.account, 0), txn.date.toordinal())
    return days
