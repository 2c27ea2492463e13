"""What was posted on each account, added up by day in one look at each file's transactions.

As JSON has it, and kept with the file, so that after an edit only that file is added up again.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from beancount.core import data, position

from core.journal.books import Books
from core.journal.parts import Parts, Piece

Row = list[Any]
ZERO = Decimal(0)
_SUMS = "sums by day"
_Days = dict[dt.date, Decimal]


def sums(books: Books, entity: str) -> Iterator[Row]:
    """The rows of ``sums_by_day`` of an entity's accounts in all files."""
    for of_file in books.by_file(_SUMS, _of_file, f"of {entity}"):
        yield from of_file


def first_days(books: Books) -> dict[str, dt.date]:
    """The day of each account's first posting."""
    found: dict[str, int] = {}
    for of_file in books.by_file(_SUMS, _of_file, "first"):
        for account, day in of_file.items():
            found[account] = min(day, found.get(account, day))
    return {account: dt.date.fromordinal(day) for account, day in found.items()}


def sum_up(books: Books, transactions: Iterable[data.Transaction]) -> None:
    """Adds up the transactions of the books, all of which somebody walks through anyhow."""
    books.gathered(_SUMS, [_of_file(transactions)])


def sums_of(piece: Piece, parts: Parts, at_hand: Callable[[], Iterable[data.Transaction]]) -> None:
    """Adds up a file whose transactions are at hand, so that the sums are known later."""
    parts.gathered(piece, _SUMS, _of_file, at_hand)


def may_sum_up(parts: Parts) -> None:
    """Lets these books say what their sums are, before anybody has asked for them."""
    parts.gathers(_SUMS, _of_file)


def _of_file(transactions: Iterable[data.Transaction]) -> dict[str, Any]:
    posted = _posted(transactions)
    first: dict[str, int] = {}
    for (account, _), days in posted.items():
        day = min(days).toordinal()
        first[account] = min(day, first.get(account, day))
    of_entities: dict[str, list[Row]] = {}
    for row in _rows(posted):  # by what may be an entity: who they are is declared elsewhere
        of_entities.setdefault(f"of {row[0].split(':')[1]}", []).append(row)
    return {**of_entities, "first": first}


def sums_by_day(transactions: Iterable[data.Transaction]) -> list[Row]:
    """Of each account, currency and month (year * 12 + month - 1): the sum, and what was posted on
    each day, as ``ordinal=number`` words."""
    return _rows(_posted(transactions))


def _posted(transactions: Iterable[data.Transaction]) -> dict[tuple[str, str], _Days]:
    """By account and currency: what was posted on each day."""
    posted: defaultdict[tuple[str, str], _Days] = defaultdict(dict)
    for txn in transactions:
        day = txn.date
        for posting in txn.postings:
            account, units, cost, _, _, _ = posting
            if units is None or cost is not None:
                number, currency = book_value(posting)
            else:  # nearly always, and without a call
                number, currency = units.number or ZERO, units.currency
            days = posted[account, currency]
            days[day] = days[day] + number if day in days else number
    return posted


def _rows(posted: dict[tuple[str, str], _Days]) -> list[Row]:
    rows: list[Row] = []
    for (account, currency), by_day in sorted(posted.items()):
        days = ((day, number) for day, number in sorted(by_day.items()) if number)
        for month, each in groupby(days, lambda item: month_of(item[0])):
            of_month = list(each)
            total = sum((number for _, number in of_month), ZERO)
            said = " ".join(f"{day.toordinal()}={number}" for day, number in of_month)
            rows.append([account, currency, month, str(total), said])
    return rows


def book_value(posting: data.Posting) -> tuple[Decimal, str]:
    """The posting's amount: at cost where it has one, else its units."""
    units, cost = posting.units, posting.cost
    if units is None or units.number is None:
        return ZERO, ""
    if isinstance(cost, position.Cost):
        return Decimal(units.number * cost.number), str(cost.currency)
    return Decimal(units.number), str(units.currency)


def month_of(day: dt.date) -> int:
    """The month of a day as a number that counts on."""
    return day.year * 12 + day.month - 1
