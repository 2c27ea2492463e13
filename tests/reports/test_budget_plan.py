"""Budget against actual: the same plan as Fava's charts, and what is favourable."""

import datetime as dt
from decimal import Decimal

import pytest
from beancount import loader
from fava.core.budgets import calculate_budget, parse_budgets
from hypothesis import given, settings
from hypothesis import strategies as st

from core.budget.plans import INTERVALS, plans_in, plans_of
from core.entity import Registry
from core.journal.books import Books
from core.money import round_half_up
from core.period import parse_period
from reports.budget_plan import compared, plan_report
from reports.render import render

D = Decimal
DAYS = st.integers(0, 900).map(lambda days: dt.date(2024, 1, 1) + dt.timedelta(days))
BUDGETS = st.tuples(
    DAYS, st.sampled_from(sorted(INTERVALS)), st.integers(-9999, 99999), st.sampled_from("AB")
)
CHART = """
2026-01-01 custom "entity" "Acme" "llc"
  fiscal-year-end: "12-31"
2026-01-01 open Assets:Acme:Bank
2026-01-01 open Income:Acme:Sales
2026-01-01 open Expenses:Acme:Rent
2026-01-01 open Expenses:Acme:Rent:Garage
2026-01-01 open Expenses:Acme:Travel
"""


def books_of(text: str) -> Books:
    entries, errors, options = loader.load_string(CHART + text, dedent=True)
    assert not errors
    return Books.of(entries, options)


@settings(deadline=None, max_examples=60)
@given(st.lists(BUDGETS, min_size=1, max_size=6), DAYS, st.integers(0, 400))
def test_fava_plans_the_same_to_the_last_digit_that_counts(
    budgets: list[tuple[dt.date, str, int, str]], first: dt.date, length: int
) -> None:
    lines = [
        f'{day} custom "budget" Expenses:Acme:Rent "{interval}" {cents}.37 {currency}AA'
        for day, interval, cents, currency in sorted(budgets, key=lambda each: each[0])
    ]
    entries, errors, _ = loader.load_string("\n".join(lines))
    assert not errors
    theirs, problems = parse_budgets(entries)
    assert not problems
    last = first + dt.timedelta(length)
    expected = calculate_budget(theirs, "Expenses:Acme:Rent", first, last + dt.timedelta(1))
    ours = plans_of(entries, Registry({})).planned("Expenses:Acme:Rent", first, last)
    assert {c: round_half_up(n, 12) for c, n in ours.items()} == {
        c: round_half_up(n, 12) for c, n in expected.items()
    }


def test_more_income_and_less_expense_are_favourable() -> None:
    books = books_of("""
2026-01-01 custom "bud-plan" Income:Acme:Sales "2026-Q1" 3000.00 USD
2026-01-01 custom "budget" Expenses:Acme:Rent "monthly" 500.00 USD
2026-01-01 custom "bud-plan" Expenses:Acme:Travel "2026-02" 100.00 USD
2026-02-10 * "Sold"
  Assets:Acme:Bank  3100.00 USD
  Income:Acme:Sales
2026-02-11 * "Garage"
  Expenses:Acme:Rent:Garage  550.00 USD
  Assets:Acme:Bank
2026-02-12 * "Train"
  Expenses:Acme:Travel  90.00 USD
  Assets:Acme:Bank
""")
    found = {c.account: c for c in compared(books, "Acme", parse_period("2026-Q1"))}
    sales, rent = found["Income:Acme:Sales"], found["Expenses:Acme:Rent"]
    travel = found["Expenses:Acme:Travel"]
    assert (sales.plan, sales.actual, sales.variance, sales.favourable) == (3000, 3100, 100, True)
    assert (round_half_up(rent.plan), rent.actual, rent.favourable) == (1500, 550, True)
    assert (travel.plan, travel.actual, travel.percent, travel.favourable) == (100, 90, -10, True)
    february = {c.account: c for c in compared(books, "Acme", parse_period("2026-02"))}
    assert round_half_up(february["Income:Acme:Sales"].plan) == round_half_up(D(3000) * 28 / 90)
    rent = february["Expenses:Acme:Rent"]
    assert (round_half_up(rent.plan), rent.variance > 0, rent.favourable) == (500, True, False)
    assert round_half_up(rent.plan_to_date) == 1000
    text = render(plan_report(books, "Acme", parse_period("2026-02")), "md")
    assert "| Rent | unfavourable | 500.00 | 550.00 | 50.00 | 10.00 | 1,000.00 | 550.00 |" in text


def test_the_days_of_a_plan_are_its_alone() -> None:
    books = books_of("""
2026-01-01 custom "budget" Expenses:Acme:Rent "monthly" 500.00 USD
2026-01-01 custom "bud-plan" Expenses:Acme:Rent "2026-02" 700.00 USD
""")
    found = plans_in(books).planned("Expenses:Acme:Rent", dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    assert round_half_up(found["USD"]) == 1700


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('Expenses:Acme:Rent "2026-Q5" 1.00 USD', "is not a period"),
        ('"Acme" "2026" 1.00 USD', 'written: custom "bud-plan"'),
        ('Expenses:Acme:Travel "2026-02" 1.00 USD', "for these days already"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(line: str, said: str) -> None:
    books = books_of(f"""
2026-01-01 custom "bud-plan" Expenses:Acme:Travel "2026" 100.00 USD
2026-01-02 custom "bud-plan" {line}
""")
    ((_, problem),) = plans_in(books).problems
    assert said in problem
