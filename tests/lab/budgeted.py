"""Small books with a budget, written in a test."""

from pathlib import Path

from beancount import loader

from core.budget.engine import BudgetMonth
from core.budget.ledger import budgets_in, ledger_of
from core.budget.month import month_named
from core.journal.books import Books

JANUARY = Path(__file__).resolve().parents[1] / "cases" / "budget" / "january.beancount"
CHART = """
2025-12-01 custom "entity" "Jane" "person"
  currency: "USD"
2025-12-01 open Assets:Jane:Bank
2025-12-01 open Assets:Jane:Cash
2025-12-01 open Assets:Jane:Savings
2025-12-01 open Liabilities:Jane:Card:Visa
2025-12-01 open Liabilities:Jane:Card:Amex
2025-12-01 open Equity:Jane:OpeningBalances
2025-12-01 open Income:Jane:Salary
2025-12-01 open Expenses:Jane:Food
2025-12-01 open Expenses:Jane:Food:Dining
2025-12-01 open Expenses:Jane:Home
2025-12-01 open Expenses:Jane:Work
2025-12-01 open Expenses:Jane:Other
2026-01-01 custom "bud-account" Assets:Jane:Bank "cash"
2026-01-01 custom "bud-account" Assets:Jane:Cash "cash"
2026-01-01 custom "bud-account" Liabilities:Jane:Card:Visa "credit"
2026-01-01 custom "bud-account" Liabilities:Jane:Card:Amex "credit"
"""


def config(mode: str = "envelope", model: str = "payment") -> str:
    """A budget of Jane's from January 2026 on."""
    return f'{CHART}2026-01-01 custom "bud-config" "Jane" "{mode}" "USD"\n  card-model: "{model}"\n'


def books_of(text: str) -> Books:
    """The books that a text says; Beancount must have nothing against them."""
    entries, errors, options = loader.load_string(text, dedent=True)
    assert not errors, errors
    return Books.of(entries, options)


def month(books: Books, name: str, entity: str = "Jane") -> BudgetMonth:
    """One month of an entity's budget."""
    found = budgets_in(books)
    assert not found.problems, found.problems
    return ledger_of(books, found.budgets[entity]).month(month_named(name))
