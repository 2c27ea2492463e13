"""``plugin "bulkhead.budget"``: budgets in bean-check and Fava, without the rest of the rules."""

from pathlib import Path

from beancount import loader

BOOKS = """
plugin "bulkhead.budget"
2026-01-01 open Assets:Bank
2026-01-01 open Income:Salary
2026-01-01 open Expenses:Food
2026-01-01 open Expenses:Fun
2026-01-01 custom "bud-config" "" "envelope" "USD"
2026-01-01 custom "bud-account" Assets:Bank "cash"
2026-01-01 custom "bud-envelope" "" "Food" Expenses:Food "rollover"
2026-01-02 * "Salary"
  Assets:Bank  100.00 USD
  Income:Salary
"""


def errors(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "books.beancount"
    path.write_text(BOOKS + text)
    _, found, _ = loader.load_file(str(path))
    return [error.message for error in found]


def test_books_in_order_have_no_error_though_nobody_is_registered(tmp_path: Path) -> None:
    assert errors("", tmp_path) == []


def test_what_the_rules_call_an_error_is_one(tmp_path: Path) -> None:
    fun = '2026-01-03 * "Cinema"\n  Expenses:Fun  10.00 USD\n  Assets:Bank\n'
    found = errors(fun, tmp_path)
    assert [message.partition(" ")[0] for message in found] == ["BUD-01", "BUD-05"]


def test_a_warning_is_none_and_a_malformed_directive_is_one(tmp_path: Path) -> None:
    food = '2026-01-03 * "Lunch"\n  Expenses:Food  10.00 USD\n  Assets:Bank\n'
    assert errors(food, tmp_path) == []  # BUD-04 in an open month
    (said,) = errors('2026-01-02 custom "bud-assign" "" "Foot" "2026-01" 5.00 USD\n', tmp_path)
    assert "did you mean Food?" in said
