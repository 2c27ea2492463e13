"""What was posted, added up in one look: right, and not a second time."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from core.home import Home
from core.journal.books import Books
from core.journal.parts import Piece
from core.journal.read import read
from plugins.veil import gathering
from plugins.veil.gathering import (
    book_value,
    days_of,
    first_days,
    may_sum_up,
    month_of,
    sum_up,
    sums,
    sums_by_day,
    sums_of,
)

D = Decimal
LOTS = """
2026-01-05 * "Ten shares at five, in two lots, and one without a cost"
  Assets:Acme:Shares    4 ACME {5.00 USD}
  Assets:Acme:Shares    6 ACME {5.00 USD}
  Assets:Acme:Shares    1 ACME
  Assets:Acme:Bank  -50.00 USD
  Equity:Acme:Opening  -1 ACME
2026-01-07 * "A fee and its refund on the same day"
  Assets:Acme:Bank    3.00 USD
  Assets:Acme:Bank   -3.00 USD
2026-02-02 * "Euro"
  Assets:Acme:Euro    2.00 EUR
  Assets:Acme:Euro    2.00 USD
  Equity:Acme:Opening
"""
DAYS = """
2026-03-03 * "Euro first"
  Assets:Acme:Early    1.00 EUR
  Assets:Acme:Late    -1.00 EUR
2026-03-05 * "Then dollars"
  Assets:Acme:Early    1.00 USD
  Assets:Acme:Late    -1.00 USD
2026-03-04 * "And dollars of a day before"
  Assets:Acme:Late     1.00 GBP
  Assets:Acme:Early   -1.00 GBP
2026-03-06 * "Of nothing left on its only day"
  Assets:Acme:Through  9.00 USD
  Assets:Acme:Through -9.00 USD
"""


def booked(text: str) -> list[data.Transaction]:
    entries, _, _ = loader.load_string(text)
    return [entry for entry in entries if isinstance(entry, data.Transaction)]


def test_by_account_currency_and_month_with_what_has_a_cost_at_its_cost() -> None:
    january, february = month_of(dt.date(2026, 1, 1)), month_of(dt.date(2026, 2, 1))
    fifth, second = dt.date(2026, 1, 5).toordinal(), dt.date(2026, 2, 2).toordinal()
    rows = [row for row in sums_by_day(booked(LOTS)) if "Opening" not in row[0]]
    assert rows == [
        ["Assets:Acme:Bank", "USD", january, "-50.00", f"{fifth}=-50.00"],
        ["Assets:Acme:Euro", "EUR", february, "2.00", f"{second}=2.00"],
        ["Assets:Acme:Euro", "USD", february, "2.00", f"{second}=2.00"],
        ["Assets:Acme:Shares", "ACME", january, "1", f"{fifth}=1"],
        ["Assets:Acme:Shares", "USD", january, "50.00", f"{fifth}=50.00"],
    ]


def test_what_has_no_amount_is_worth_nothing() -> None:
    bare = data.Posting("Assets:Acme:Bank", None, None, None, None, None)
    assert book_value(bare) == (0, "")
    day, none = dt.date(2026, 1, 5), frozenset[str]()
    txn = data.Transaction({}, day, "*", None, "", none, none, [bare])
    assert sums_by_day([txn]) == []
    ((shares, *_),) = [txn.postings for txn in booked(LOTS) if "shares" in txn.narration]
    assert book_value(shares) == (D("20.00"), "USD")


def test_the_first_day_of_an_account_in_whatever_currency_and_file() -> None:
    books = Books.of(booked(DAYS), {})
    assert first_days(books) == {
        "Assets:Acme:Early": dt.date(2026, 3, 3),
        "Assets:Acme:Late": dt.date(2026, 3, 3),
        "Assets:Acme:Through": dt.date(2026, 3, 6),
    }


def never(*_: object) -> None:
    pytest.fail("it was added up already")


def summed(books: Books) -> list[tuple[object, ...]]:
    """What was posted, whether it stands in words or not; words leave out days that come to 0."""
    rows = sums(books, "Acme")
    return [(*row[:3], D(row[3]), {d: n for d, n in days_of(row).items() if n}) for row in rows]


@pytest.mark.parametrize("ask", [summed, first_days])
def test_what_somebody_added_up_on_the_way_is_not_added_up_again(
    ask: Callable[[Books], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions = booked(LOTS + DAYS)
    expected = ask(Books.of(transactions, {}))
    books = Books.of(transactions, {})
    sum_up(books, transactions)
    monkeypatch.setattr(gathering, "_of_file", never)
    assert ask(books) == expected


@pytest.fixture
def warm(home: Home, write: Callable[[str, str], Path]) -> Books:
    """Books in files that nobody has added up."""
    opened = "".join(
        f"2020-01-01 open Assets:Acme:{name}\n" for name in ("Early", "Late", "Through")
    )
    write("ledger/acme/2026/2026-03.beancount", opened + DAYS)
    return read(home.main_root, home=home)


@pytest.mark.parametrize("ask", [lambda books: list(sums(books, "Acme")), first_days])
def test_a_file_whose_transactions_are_at_hand_is_added_up_from_those(
    warm: Books, ask: Callable[[Books], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ask(Books.of(list(warm.transactions), {}))
    again = read(warm.root)
    assert again.parts is not None
    at_hand = {piece.name: list(piece.transactions().values()) for piece in again.parts.pieces}
    monkeypatch.setattr(Piece, "transactions", never)
    for piece in again.parts.pieces:
        sums_of(piece, again.parts, lambda piece=piece: at_hand[piece.name])
    monkeypatch.setattr(gathering, "_of_file", never)
    assert ask(again) == expected


def test_what_may_be_added_up_has_a_name_before_anybody_asks(warm: Books) -> None:
    assert warm.parts is not None
    assert warm.parts.answer("sums by day", "of Acme") is None
    may_sum_up(warm.parts)
    name = warm.parts.answer("sums by day", "of Acme")
    assert name
    assert warm.parts.answer("sums by day", "of Jane") != name
    assert sum(D(row[3]) for row in sums(warm, "Acme")) == 0
