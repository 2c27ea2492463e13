"""Small pairs of books: a ledger that never heard of Bulkhead, and edits of it."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from core.journal.sides import sides
from reports.bookdiff.model import BookDiff, compare
from scripts.books import check

OPENINGS = """\
option "title" "A household"
option "operating_currency" "USD"
2026-01-01 open Assets:Bank USD
2026-01-01 open Assets:Broker
2026-01-01 open Liabilities:Card USD
2026-01-01 open Equity:Opening
2026-01-01 open Expenses:Food
2026-01-01 open Expenses:Rent
2026-01-01 open Income:Pay
2026-01-01 commodity HOOL
"""
OPENING = """\
2026-01-02 * "Opening"
  Assets:Bank  1000.00 USD
  Equity:Opening
"""
LUNCH = """\
2026-01-05 * "Cafe" "Lunch" #out ^trip
  place: "Salem"
  Expenses:Food  10.00 USD
  Assets:Bank  -10.00 USD
"""
RENT = """\
2026-02-01 * "Landlord" "Rent, February"
  Expenses:Rent  500.00 USD
  Assets:Bank  -500.00 USD
"""
PAY = """\
2026-02-25 * "Boss" "Pay, February"
  Income:Pay  -900.00 USD
  Assets:Bank  900.00 USD
"""
SHARES = """\
2026-02-26 * "Broker" "Ten shares"
  Assets:Broker  10 HOOL {20.00 USD}
  Assets:Bank  -200.00 USD
"""
PRICE = "2026-03-31 price HOOL 25.00 USD\n"
DINNER = """\
2026-03-05 * "Bistro" "Dinner"
  Expenses:Food  20.00 USD
  Liabilities:Card  -20.00 USD
"""
ALL = (OPENINGS, OPENING, LUNCH, RENT, PAY, SHARES, DINNER, PRICE)
LEDGER = "\n".join(ALL)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def diffed(folder: Path, old: str, new: str) -> BookDiff:
    """The diff of two ledgers in one file each."""
    before = written(folder, "old/main.beancount", old)
    after = written(folder, "new/main.beancount", new)
    return compare(*sides(str(before), str(after), folder), check)


def edited(*edits: tuple[str, str], ledger: str = LEDGER) -> str:
    """The ledger with each text replaced once; a text that is not in it fails the test."""
    for old, new in edits:
        assert old in ledger, old
        ledger = ledger.replace(old, new, 1)
    return ledger


def kinds(diff: BookDiff) -> list[tuple[str, Sequence[str]]]:
    return [(change.kind, list(change.field_names)) for change in diff.changes]


def total(diff: BookDiff, month: str, figure: str, owner: str = "") -> Decimal:
    """A difference in the owner's currency; zero where it is none."""
    said = diff.figures.totals.get(owner, {}).get(month, {}).get(figure, {})
    return said.get(diff.figures.currency.get(owner, "USD"), Decimal(0))
