"""What is computed of all books is computed once, however many rules ask for it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from beancount.core import prices
from veil_cases import CASES, books_of

from core.journal.books import Books
from plugins.veil.declared import CompanyExpenses, _closed, accounts_of_roles, dealings, worth
from plugins.veil.distributions import distributions
from plugins.veil.dues import dues_of
from plugins.veil.evidence import _by_link
from plugins.veil.figures import converted, figures_of

CASE = CASES / "veil-013/all_that_is_expected_in_euros_at_the_rate_of_the_day.beancount"
DAY = dt.date(2026, 9, 30)
ASKED: dict[str, Callable[[Books], object]] = {
    "dealings": dealings,
    "banks": lambda books: accounts_of_roles(frozenset({"bank"}), books),
    "company expenses": CompanyExpenses.of,
    "closed periods": _closed,
    "documents": _by_link,
    "distributions": distributions,
    "figures": figures_of,
    "dues": lambda books: dues_of(books, figures_of(books)),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_what_was_computed_is_kept(ask: Callable[[Books], object]) -> None:
    books = books_of(CASE)
    assert ask(books) is ask(books)


def test_roles_are_told_apart() -> None:
    books = books_of(CASE)
    assert "Assets:Acme:Bank" in accounts_of_roles(frozenset({"bank"}), books)
    assert "Assets:Acme:Bank" not in accounts_of_roles(frozenset({"card"}), books)


def test_the_prices_are_put_in_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    build = prices.build_price_map
    monkeypatch.setattr(prices, "build_price_map", lambda e: made.append(e) or build(e))
    books = books_of(CASE)
    for _ in range(2):
        assert worth(Decimal(2), "EUR", "USD", DAY, books) == 2
        assert worth(Decimal(0), "EUR", "USD", DAY, books) == 0
        assert worth(Decimal(2), "USD", "USD", DAY, books) == 2
        assert converted({"EUR": Decimal(2)}, "USD", DAY, books) == 2
    assert len(made) == 1
