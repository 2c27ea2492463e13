"""What was posted on each account, added up by day in one look at each file's transactions.

As JSON has it, and kept with the file, so that after an edit only that file is added up again.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from beancount.core import data, position

from core.journal.books import Books
from core.journal.parts import Parts, Piece

# Account, currency, month (year * 12 + month - 1), the sum, and what was posted on each day. Where
# rows are kept the sum is text and the days are ``ordinal=number`` words, else they are numbers.
Row = list[Any]
ZERO = Decimal(0)
_SUMS = "sums by day"
_Held = tuple[str, str]  # account and currency
_Days = dict[int, Decimal]  # by ordinal
_Posted = dict[int, dict[_Held, _Days]]  # by month
_Made = Callable[[str, str, int, _Days], Row]


def sums(books: Books, entity: str) -> Iterator[Row]:
    """The rows of an entity's accounts in all files."""
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
    """Adds up the transactions of the books, all of which somebody walks through anyhow. Nobody
    keeps these, so that nothing is put into words to be read again at once."""
    books.gathered(_SUMS, [_by_entity(_posted(transactions), _row)])


def sums_of(piece: Piece, parts: Parts, at_hand: Callable[[], Iterable[data.Transaction]]) -> None:
    """Adds up a file whose transactions are at hand, so that the sums are known later."""
    parts.gathered(piece, _SUMS, _of_file, at_hand)


def may_sum_up(parts: Parts) -> None:
    """Lets these books say what their sums are, before anybody has asked for them."""
    parts.gathers(_SUMS, _of_file)


def days_of(row: Row) -> Mapping[int, Decimal]:
    """What was posted on each day of the row's month, by ordinal."""
    days: Mapping[int, Decimal] | str = row[4]
    if not isinstance(days, str):
        return days
    said = (each.split("=") for each in days.split())
    return {int(day): Decimal(number) for day, number in said}


def sums_by_day(transactions: Iterable[data.Transaction]) -> list[Row]:
    """The rows of these transactions, as JSON has them."""
    return list(_rows(_posted(transactions), _worded))


def _of_file(transactions: Iterable[data.Transaction]) -> dict[str, Any]:
    return _by_entity(_posted(transactions), _worded)


def _by_entity(posted: _Posted, made: _Made) -> dict[str, Any]:
    first: dict[str, int] = {}
    for of_month in posted.values():
        for (account, _), days in of_month.items():
            day = min(days)
            first[account] = min(day, first.get(account, day))
    of_entities: dict[str, list[Row]] = {}
    for row in _rows(posted, made):  # by what may be an entity: who they are is declared elsewhere
        of_entities.setdefault(f"of {row[0].split(':')[1]}", []).append(row)
    return {**of_entities, "first": first}


def _rows(posted: _Posted, made: _Made) -> Iterator[Row]:
    """A row of each month in which an account moved, in order."""
    moved = ((*held, month) for month, of_month in posted.items() for held in of_month)
    for account, currency, month in sorted(moved):
        days = posted[month][account, currency]
        if any(days.values()):
            yield made(account, currency, month, days)


def _row(account: str, currency: str, month: int, days: _Days) -> Row:
    return [account, currency, month, sum(days.values(), ZERO), days]


def _worded(account: str, currency: str, month: int, days: _Days) -> Row:
    moved = [(day, number) for day, number in sorted(days.items()) if number]
    total = sum((number for _, number in moved), ZERO)
    return [
        account,
        currency,
        month,
        str(total),
        " ".join(f"{day}={number}" for day, number in moved),
    ]


def _posted(transactions: Iterable[data.Transaction]) -> _Posted:
    """What was posted on each day.

    Transactions of one day mostly come one after the other: they are added up by account first, so
    that month and day are only looked up where the day changes.
    """
    posted: _Posted = {}
    today: dict[_Held, Decimal] = {}
    last = dt.date.min
    for txn in transactions:
        if txn.date != last:
            _put(today, last, posted)
            today, last = {}, txn.date
        for posting in txn.postings:
            account, units, cost, _, _, _ = posting
            if units is None or cost is not None:
                number, currency = book_value(posting)
            else:  # nearly always, and without a call
                number, currency = units.number or ZERO, units.currency
            held = account, currency
            today[held] = today[held] + number if held in today else number
    _put(today, last, posted)
    return posted


def _put(today: Mapping[_Held, Decimal], day: dt.date, posted: _Posted) -> None:
    """Puts the sums of a day with those of its month."""
    of_month, ordinal = posted.setdefault(month_of(day), {}), day.toordinal()
    for held, number in today.items():
        days = of_month.setdefault(held, {})
        days[ordinal] = days[ordinal] + number if ordinal in days else number


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
