"""docs/budgets.md: each worked month is what the engine says, and every word is on the page."""

import re
from pathlib import Path

import pytest
from beancount import loader

from core.budget.declared import FORMS
from core.budget.ledger import budgets_in, ledger_of
from core.budget.terms import CARD_MODELS, FLAGS, KINDS, MODES
from core.journal.books import Books
from reports.budget_month import as_text, month_report

PAGE = (Path(__file__).resolve().parents[2] / "docs/budgets.md").read_text()
WORKED = re.findall(r"^```beancount\n(.*?)^```\n+.*?^```text\n(.*?)^```", PAGE, re.M | re.S)


@pytest.mark.parametrize(("journal", "shown"), WORKED, ids=["envelope", "zero-based"])
def test_a_worked_month_is_what_the_engine_says(journal: str, shown: str) -> None:
    accounts = sorted(set(re.findall(r"\b(?:Assets|Liabilities|Income|Expenses):[\w:]+", journal)))
    opens = "\n".join(f"2026-01-01 open {account}" for account in accounts)
    entries, errors, options = loader.load_string(f"{journal}\n{opens}")
    assert not errors
    books = Books.of(entries, options)
    found = budgets_in(books)
    assert not found.problems
    (budget,) = found.budgets.values()
    done = ledger_of(books, budget).month(budget.start)
    said = as_text(month_report(books, done)).split("\n", 2)[2]  # below its heading
    assert said == shown
    assert done.gap == 0


@pytest.mark.parametrize(
    "word", [*FORMS, "bud-plan", *MODES, *CARD_MODELS, *KINDS, *FLAGS, "start:", "card-model:"]
)
def test_every_word_is_on_the_page(word: str) -> None:
    assert re.search(rf"[`\"]{word}[`\" ]", PAGE)
