"""Debts: what is open after repayments, first in first out, is what the balance says."""

import datetime as dt
from decimal import Decimal

from beancount.core import data
from hypothesis import given
from hypothesis import strategies as st

from plugins.veil.owed import DUE_FROM, Debt, Move

START = dt.date(2026, 1, 1)
TXN = data.Transaction({}, START, "*", None, "", frozenset(), frozenset(), [])
MOVES = st.lists(st.tuples(st.integers(0, 300), st.integers(-500, 500)), max_size=12)


def debt(moves: list[tuple[int, int]]) -> Debt:
    booked = [
        Move(START + dt.timedelta(days=day), DUE_FROM, Decimal(cents) / 100, "A", TXN)
        for day, cents in moves
    ]
    return Debt("Acme", "Jane", "USD", booked)


def oldest(moves: list[tuple[int, int]]) -> int | None:
    found = debt(moves).oldest_open(DUE_FROM, dt.date.max)
    return (found.date - START).days if found else None


def test_repayments_settle_the_oldest_first() -> None:
    assert oldest([(0, 300), (50, 100), (60, -300)]) == 50
    assert oldest([(0, 300), (50, 100), (60, -299)]) == 0
    assert oldest([(0, 300), (60, -300)]) is None


def test_what_is_overpaid_is_open_since_the_payment() -> None:
    assert oldest([(0, 300), (60, -301)]) == 60
    assert oldest([(0, 300), (60, -301), (70, 1)]) is None


@given(MOVES)
def test_something_is_open_exactly_when_something_is_owed(moves: list[tuple[int, int]]) -> None:
    is_owed = debt(moves).balance(DUE_FROM, dt.date.max) != 0
    assert (oldest(moves) is not None) == is_owed


@given(MOVES, st.integers(0, 300))
def test_what_is_booked_later_makes_nothing_open_earlier(
    moves: list[tuple[int, int]], day: int
) -> None:
    until = START + dt.timedelta(days=day)
    before = debt([move for move in moves if move[0] <= day]).oldest_open(DUE_FROM, dt.date.max)
    assert debt(moves).oldest_open(DUE_FROM, until) == before
