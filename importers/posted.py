"""What the books hold on the accounts that statements speak of: the postings, and nothing more."""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data

from core.identity import ids_of
from core.journal.books import Books

# What Beancount pads with is no bank line, whatever its amount.
PADDING = "P"

_MEMO = "posted by account"
# What a run of a feed is kept as: the runs of one feed are one source.
_RUN = re.compile(r"(?P<feed>\S+)\.\d{4}-\d\d-\d\d-\d{4,}\.jsonl( [0-9a-f]{8})?")


@dataclass(frozen=True)
class Posted:
    """A posting of the books: ``file`` and ``line`` of its transaction, its place in it (from 0).

    ``ids`` are those of the bank lines it is; ``sources`` are the files they came from, as ``src:``
    names them, without the row. ``padded`` is what Beancount inserted.
    """

    account: str
    date: dt.date
    number: Decimal
    currency: str
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    file: str
    line: int
    place: int
    padded: bool = False


def posted(books: Books, accounts: Collection[str]) -> list[Posted]:
    """The postings on ``accounts``, file by file."""
    by_account = books.memo.get(_MEMO)
    if by_account is None:
        by_account = books.memo[_MEMO] = {}
        for files in books.by_file("posted on balance sheet accounts, feeds whole", _rows):
            for file, rows in files.items():
                for row in rows:
                    by_account.setdefault(row[0], []).append((file, row))
    return [_posted(file, row) for name in accounts for file, row in by_account.get(name, ())]


def source_of(src: str) -> str:
    """The file that an ``src:`` names, with its hash: ``Chase.csv 3f9a5c21 row 12`` without row.
    Of a feed, whose runs are cut anyhow, the feed."""
    file = src.rpartition(" row ")[0] or src
    run = _RUN.fullmatch(file)
    return f"{run['feed']}.jsonl feed" if run else file


def _rows(transactions: Iterable[data.Transaction]) -> dict[str, list[list[Any]]]:
    """The postings outside income, expenses and equity, by file, as JSON has it."""
    files: dict[str, list[list[Any]]] = {}
    for txn in transactions:
        rows = files.setdefault(str(txn.meta["filename"]), [])
        for place, posting in enumerate(txn.postings):
            if posting.account.startswith(("Income:", "Expenses:", "Equity:")):
                continue
            units = posting.units
            if units is None or units.number is None:
                continue
            row = [posting.account, txn.date.toordinal(), str(units.number), units.currency]
            ids = ids_of(posting)
            row += [txn.meta["lineno"], place, ids, sources_of(posting) if ids else []]
            row.append(txn.flag == PADDING)
            rows.append(row)
    return files


def sources_of(posting: data.Posting) -> list[str]:
    """The files that a posting came from (``src``, ``src-2``, …), without the row."""
    meta = posting.meta or {}
    return [
        source_of(value)
        for key, value in meta.items()
        if isinstance(value, str) and (key == "src" or key.startswith("src-"))
    ]


def _posted(file: str, row: list[Any]) -> Posted:
    account, day, number, currency, line, place, ids, sources, padded = row
    return Posted(
        account,
        dt.date.fromordinal(day),
        Decimal(number),
        currency,
        tuple(ids),
        tuple(sources),
        file,
        line,
        place,
        padded,
    )


def covered(rows: Iterable[Posted]) -> dict[tuple[str, str], tuple[dt.date, dt.date]]:
    """From which day to which each source (by account, source) has lines in the books."""
    spans: dict[tuple[str, str], tuple[dt.date, dt.date]] = {}
    for row in rows:
        for source in row.sources:
            first, last = spans.get((row.account, source), (row.date, row.date))
            spans[row.account, source] = (min(first, row.date), max(last, row.date))
    return spans


def is_undecided(txn: data.Transaction) -> bool:
    """Whether a transaction waits for somebody's decision."""
    review = txn.meta.get("review")
    return isinstance(review, str) and bool(review)
