"""What the rules on capital need of each file, gathered in one look at its transactions.

Sums by account and day, what is due, what was allocated, as JSON has it: kept with the file, so
that after an edit only that file is looked through again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from beancount.core import data, position

from core.journal.books import Books

Row = list[Any]
_LINKS = ("bill-", "inv-")
_OWN = ("Assets:", "Liabilities:")
ZERO = Decimal(0)


def gathered(books: Books, what: str) -> Iterator[Row]:
    """The rows of all files: ``sums``, ``due`` or ``allocated``."""
    if "gathered" not in books.memo:
        books.memo["gathered"] = books.by_file("sums, dues and allocations", _of_file)
    for of_file in books.memo["gathered"]:
        yield from of_file[what]


def _of_file(transactions: Iterable[data.Transaction]) -> dict[str, list[Row]]:
    found = list(transactions)
    return {
        "sums": sums_by_day(found),
        "due": due_entries(found),
        "allocated": allocations(found),
    }


def sums_by_day(transactions: Iterable[data.Transaction]) -> list[Row]:
    """Of each account, currency and month (year * 12 + month - 1): the sum, and what was posted on
    each day, as ``ordinal=number`` words."""
    sums: dict[tuple[str, str, dt.date], Decimal] = {}
    for txn in transactions:
        day = txn.date
        for posting in txn.postings:
            number, currency = book_value(posting)
            key = posting.account, currency, day
            sums[key] = sums[key] + number if key in sums else number
    rows: list[Row] = []
    ordered = sorted((key, number) for key, number in sums.items() if number)
    for (account, currency, month), each in groupby(
        ordered, lambda item: (item[0][0], item[0][1], month_of(item[0][2]))
    ):
        days = [(key[2].toordinal(), number) for key, number in each]
        total = sum((number for _, number in days), ZERO)
        said = " ".join(f"{day}={number}" for day, number in days)
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


def due_entries(transactions: Iterable[data.Transaction]) -> list[list[Any]]:
    """Of each entry with ``due:`` or the link of an invoice or bill: its day, the due day or 0,
    the link or nothing, and its postings to assets and liabilities."""
    rows = []
    for txn in transactions:
        due = txn.meta.get("due")
        links = [each for each in txn.links if each.startswith(_LINKS)] if txn.links else []
        if not links and not isinstance(due, dt.date):
            continue
        postings = []
        for posting in txn.postings:
            number, currency = book_value(posting)
            if posting.account.startswith(_OWN):
                postings.append([posting.account, currency, str(number)])
        day = due.toordinal() if isinstance(due, dt.date) else 0
        rows.append([txn.date.toordinal(), day, min(links, default=""), postings])
    return rows


def allocations(transactions: Iterable[data.Transaction]) -> list[list[Any]]:
    """The postings to other equity of entries that allocate: day, account, currency, amount."""
    rows: list[list[Any]] = []
    for txn in transactions:
        if any(posting.account.startswith(_OWN) for posting in txn.postings):
            continue
        parts = [posting.account.split(":") for posting in txn.postings]
        if not any(each[2:3] == ["Members"] for each in parts):
            continue
        for posting, (root, _, *rest) in zip(txn.postings, parts, strict=True):
            if root == "Equity" and rest[:1] not in (["Members"], ["OpeningBalances"]):
                number, currency = book_value(posting)
                rows.append([txn.date.toordinal(), posting.account, currency, str(number)])
    return rows


def month_of(day: dt.date) -> int:
    """The month of a day as a number that counts on."""
    return day.year * 12 + day.month - 1
