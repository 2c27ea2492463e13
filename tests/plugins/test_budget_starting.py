"""A first budget from twelve months: medians and means to the cent, as far as the money goes."""

from decimal import Decimal

import pytest
from beancount import loader
from budgeted import CHART, books_of, config, month

from core.budget.ledger import budgets_in
from core.budget.month import month_named
from core.findings import UserError
from core.journal.books import Books
from core.journal.render import render
from plugins.budget.starting import Start, proposed_start

START = month_named("2027-01")
D = Decimal
ROLES = (
    CHART[: CHART.index("2026-01-01 custom")]
    .replace(
        "2025-12-01 open Assets:Jane:Bank\n", '2025-12-01 open Assets:Jane:Bank\n  role: "bank"\n'
    )
    .replace("open Liabilities:Jane:Card:Visa", 'open Liabilities:Jane:Card:Visa\n  role: "card"')
)
CAR = '2026-05-03 * "Garage"\n  Expenses:Jane:Home  130.00 USD\n  Assets:Jane:Bank\n'


def months(cash: str = "9000.00", first: int = 1) -> str:
    """A year: food every month (10, 20, … by card), one repair in May, money on the first day."""
    text = f'2026-{first:02}-01 * "Salary"\n  Assets:Jane:Bank  {cash} USD\n  Income:Jane:Salary\n'
    for number in range(first, 13):
        text += (
            f'2026-{number:02}-10 * "Grocer"\n  Expenses:Jane:Food  {number * 10}.00 USD\n'
            "  Liabilities:Jane:Card:Visa\n"
        )
    return ROLES + text + CAR


def proposed(text: str) -> Start:
    return proposed_start(books_of(text), "Jane", START)


def test_what_is_regular_gets_its_median_and_the_rest_a_twelfth() -> None:
    found = proposed(months())
    food, home = found.envelopes
    assert (food.name, food.amount, food.how, food.spent_in) == ("Food", D("65.00"), "median", 12)
    # 130 ÷ 12 = 10.8333…, rounded up
    assert (home.name, home.amount, home.how, home.spent_in) == ("Home", D("10.84"), "mean", 1)
    assert found.said.startswith("Proposed from 12 months, 2026-01 to 2026-12")
    assert (found.cash, found.cards) == (["Assets:Jane:Bank"], ["Liabilities:Jane:Card:Visa"])


def test_one_bad_month_does_not_move_a_median() -> None:
    bad = '2026-03-20 * "Party"\n  Expenses:Jane:Food  5000.00 USD\n  Assets:Jane:Bank\n'
    assert proposed(months() + bad).envelopes[0].amount == D("75.00")  # 30 is now 5,030


def test_books_that_begin_later_are_asked_for_what_they_have() -> None:
    found = proposed(months(first=10).replace("2026-05-03", "2026-11-03"))
    assert found.last - found.first + 1 == 3
    assert [each.amount for each in found.envelopes] == [D("110.00"), D("43.34")]
    with pytest.raises(UserError, match="say nothing of the months before"):
        proposed_start(books_of(months(first=10)), "Jane", month_named("2026-01"))


def test_no_more_is_assigned_than_there_is_and_the_regular_comes_first() -> None:
    found = proposed(months(cash="200.00"))  # 200 - 130 in cash
    assert found.ready == D("70.00")
    assert [each.assigned for each in found.envelopes] == [D("65.00"), D("5.00")]


def test_what_is_proposed_is_a_budget_that_adds_up() -> None:
    text = months()
    orders = "\n".join(render(order).text for order in proposed(text).orders())
    done = month(books_of(text + orders), "2027-01")
    assert {each.name: each.assigned for each in done.envelopes} == {
        "Food": D("65.00"),
        "Home": D("10.84"),
    }
    assert (done.gap, done.ready) == (0, D("8870.00") - D("75.84"))
    assert 'why: "median of 2026-01 to 2026-12"' in orders


def test_who_has_a_budget_keeps_it() -> None:
    with pytest.raises(UserError, match="Jane has a budget already"):
        proposed_start(books_of(config()), "Jane", START)


def test_books_without_roles_say_what_is_missing() -> None:
    bare = CHART[: CHART.index("2026-01-01 custom")]
    with pytest.raises(UserError, match="role bank or cash"):
        proposed(bare)


def test_two_accounts_of_one_name_and_one_like_a_card_get_longer_names() -> None:
    more = """
2026-01-01 open Expenses:Jane:Car:Insurance
2026-01-01 open Expenses:Jane:Home:Insurance
2026-01-01 open Expenses:Jane:Fees:Visa
2026-06-01 * "Three"
  Expenses:Jane:Car:Insurance   1.00 USD
  Expenses:Jane:Home:Insurance  1.00 USD
  Expenses:Jane:Fees:Visa       1.00 USD
  Assets:Jane:Bank
"""
    names = [each.name for each in proposed(months() + more).envelopes]
    assert names == ["Car Insurance", "Fees Visa", "Food", "Home", "Home Insurance"]


def test_a_closed_month_is_not_begun_in() -> None:
    entries, _, options = loader.load_string(
        months() + '2027-02-01 custom "close-period" "Jane" "2027-01"\n  hash: "0123456789abcdef"\n'
    )
    books = Books.of(entries, options)
    assert not budgets_in(books).budgets
    with pytest.raises(UserError, match="was closed on 2027-02-01"):
        proposed_start(books, "Jane", START)
