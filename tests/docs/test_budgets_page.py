"""docs/budgets.md: each worked month is what the engine says, and every word is on the page."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from fava.core.budgets import calculate_budget, parse_budgets

from core.bills.matching import recurring_in
from core.bills.recurring import EVERY, EXPLAINED
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


JANUARY = Path(__file__).resolve().parents[1] / "cases" / "budget" / "january.beancount"
SIDE_BY_SIDE = {
    cells[0]: cells[1:]
    for line in PAGE.partition("## Side by side")[2].splitlines()
    if line.startswith("| ") and len(cells := [c.strip() for c in line.strip("|").split("|")]) == 7
}
NUMBER = re.compile(r"−?[\d,]+\.\d\d")


def column(place: int) -> dict[str, Decimal | None]:
    """A program's figures by row; None where it has none."""
    found = {}
    for name, cells in SIDE_BY_SIDE.items():
        number = NUMBER.match(cells[place])
        found[name] = Decimal(number[0].replace("−", "-").replace(",", "")) if number else None
    return found


@pytest.mark.parametrize(("model", "place"), [("payment", 4), ("pool", 5)])
def test_our_columns_of_the_comparison_are_what_the_engine_says(model: str, place: int) -> None:
    text = JANUARY.read_text()
    text = text[: text.index("2026-02-01 custom")]
    text = text.replace('start: "2026-01"', f'start: "2026-01"\n  card-model: "{model}"')
    entries, errors, options = loader.load_string(text)
    assert not errors
    books = Books.of(entries, options)
    ledger = ledger_of(books, budgets_in(books).budgets["Jane"])
    first, second = ledger.month(ledger.budget.start), ledger.month(ledger.budget.start + 1)
    before, after = ({e.name: e.available for e in month.envelopes} for month in (first, second))
    (visa,) = second.cards
    pays = model == "payment"
    assert column(place) == {
        "": None,
        "a limit by income": None,
        "ready to assign, January": first.ready,
        "dining, January": before["Dining"],
        "clothing, January": before["Clothing"],
        "dining, February": after["Dining"],
        "groceries, February": after["Groceries"],
        "ready to assign, February": second.ready,
        "set aside for the card": visa.set_aside if pays else None,
        "card debt not covered": visa.uncovered if pays else None,
    }


def test_favas_column_is_what_fava_computes() -> None:
    text = "".join(
        f'2026-01-01 custom "budget" Expenses:Jane:{account} "monthly" {amount} USD\n'
        for account, amount in (
            ("Food:Groceries", "500.00"),
            ("Food:Dining", "200.00"),
            ("Clothing", "0.00"),
        )
    )
    entries, _, _ = loader.load_string(text)
    budgets, errors = parse_budgets(entries)
    assert not errors

    def planned(account: str, month: int) -> Decimal:
        first, last = dt.date(2026, month, 1), dt.date(2026, month + 1, 1)
        said = calculate_budget(budgets, f"Expenses:Jane:{account}", first, last)
        return said["USD"].quantize(Decimal("0.01"))

    favas = column(0)
    assert favas["dining, January"] == planned("Food:Dining", 1)
    assert favas["clothing, January"] == planned("Clothing", 1)
    assert favas["dining, February"] == planned("Food:Dining", 2)
    assert favas["groceries, February"] == planned("Food:Groceries", 2)


def test_the_recurring_directive_on_the_page_is_understood() -> None:
    (written,) = re.findall(r"^```beancount\n(.*recurring.*\n(?:  .*\n)*)```", PAGE, re.M)
    text = f'2026-01-01 custom "entity" "Acme" "llc"\n{written}'
    entries, errors, options = loader.load_string(text)
    assert not errors
    found = recurring_in(Books.of(entries, options))
    assert not found.problems
    assert [series.payee for series in found.series] == ["Adobe"]


@pytest.mark.parametrize("word", [*EVERY, *EXPLAINED])
def test_every_word_of_recurring_payments_is_on_the_page(word: str) -> None:
    section = PAGE.partition("## What comes again")[2].partition("\n## ")[0]
    assert re.search(rf"[` ]{word}[`:]", section)
