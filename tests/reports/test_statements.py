"""Statements of a small company, figured by hand; identities that must hold on any books."""

import csv
import datetime as dt
import io
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st

from core.findings import UserError
from core.journal.books import Books
from core.period import parse_period
from reports.catalogue import REPORTS
from reports.model import Identity, Report, Row
from reports.render import render, shown

GOLDEN = Path(__file__).parent / "golden"
CHART = """
2025-01-01 custom "entity" "Acme" "llc"
  legal-name: "Acme <Widgets> LLC"
2025-01-01 custom "entity" "AcmeHoldings" "llc"
2025-01-01 open Assets:Acme:Bank
  role: "bank"
  line: "cash-and-equivalents"
2025-01-01 open Assets:Acme:Bank:Euro
  role: "bank"
2025-01-01 open Assets:AcmeHoldings:Bank
  role: "bank"
  line: "cash-and-equivalents"
2025-01-01 open Assets:Acme:Stock
  line: "inventory"
2025-01-01 open Liabilities:Acme:Loan
  line: "loans"
2025-01-01 open Equity:Acme:Members:Jane:Contributions
  line: "capital"
2025-01-01 open Equity:AcmeHoldings:Members:Jane:Contributions
  line: "capital"
2025-01-01 open Income:Acme:Sales
  line: "revenue"
2025-01-01 open Expenses:Acme:COGS
  line: "cogs"
2025-01-01 open Expenses:Acme:Rent
  line: "operating-expenses"
2025-01-01 open Expenses:Acme:Interest
  line: "interest-expense"
"""
# Cash: 1000 + 500 - 300 (stock) + 400 - 120 - 10 - 110 (euros) + 100 EUR at 1.20 = 1,480.00
# Inventory: 3 of 10 at 30 sold, 210.00 left. Result: 400 - 90 - 120 - 10 = 180, of which the
# rent of 2025, 20.00 more, is an earlier result.
BOOKS = (
    CHART
    + """
2025-12-31 * "Landlord" "Rent of the year before"
  Expenses:Acme:Rent     20.00 USD
  Assets:Acme:Bank
2026-01-02 * "Jane" "Capital"
  Assets:Acme:Bank     1020.00 USD
  Equity:Acme:Members:Jane:Contributions
2026-01-02 * "Jane" "Another company's capital"
  Assets:AcmeHoldings:Bank   77.00 USD
  Equity:AcmeHoldings:Members:Jane:Contributions
2026-01-03 * "Bank" "Loan"
  Assets:Acme:Bank      500.00 USD
  Liabilities:Acme:Loan
2026-01-04 * "Supplier" "Stock"
  Assets:Acme:Stock   10 WIDGET {30.00 USD}
  Assets:Acme:Bank
2026-02-01 * "Client" "Sale"
  Assets:Acme:Bank      400.00 USD
  Income:Acme:Sales
  Assets:Acme:Stock   -3 WIDGET {30.00 USD}
  Expenses:Acme:COGS     90.00 USD
2026-02-02 * "Landlord" "Rent"
  Expenses:Acme:Rent    120.00 USD
  Assets:Acme:Bank
2026-02-03 * "Bank" "Interest"
  Expenses:Acme:Interest 10.00 USD
  Assets:Acme:Bank
2026-02-04 * "Bank" "Euros"
  Assets:Acme:Bank:Euro  100.00 EUR @ 1.10 USD
  Assets:Acme:Bank
2026-03-31 price EUR 1.20 USD
"""
)


def books(text: str) -> Books:
    entries, errors, options = loader.load_string(text)
    assert not errors
    return Books.of(entries, options)


def report(name: str, text: str = BOOKS, period: str = "2026-Q1") -> Report:
    return REPORTS[name](books(text), "Acme", parse_period(period))


def figures(found: Report) -> dict[str, Decimal | None]:
    return {row.label: row.amounts[0] for row in found.rows if row.amounts}


def test_the_balance_sheet_by_hand() -> None:
    found = report("balance-sheet")
    got = figures(found)
    # Cash: 1000 + 500 - 300 + 400 - 120 - 10 - 110 = 1,360 and 100 EUR at the closing 1.20
    assert got["Cash and equivalents"] == Decimal("1480.00")
    assert got["Inventory"] == Decimal("210.00")
    assert got["Assets"] == Decimal("1690.00")
    assert got["Loans"] == Decimal("500.00")
    assert got["Capital, Jane"] == Decimal("1020.00")
    assert got["Retained and allocated"] == Decimal("-20.00")
    assert got["Current-year result"] == Decimal("180.00")
    assert got["Unrealised currency difference"] == Decimal("10.00")
    assert got["Liabilities and equity"] == Decimal("1690.00")
    assert not found.failed


def test_the_income_statement_by_hand() -> None:
    got = figures(report("income-statement"))
    assert got["Net revenue"] == Decimal("400.00")
    assert got["Gross profit"] == Decimal("310.00")
    assert got["Operating income"] == Decimal("190.00")
    assert got["Net income"] == Decimal("180.00")
    assert got["Gross margin %"] == Decimal("77.5")


def test_the_trial_balance_balances_and_knows_only_its_entity() -> None:
    found = report("trial-balance")
    assert not found.failed
    assert not [row for row in found.rows if "AcmeHoldings" in row.label]
    bank = next(row for row in found.rows if row.label == "Assets:Acme:Bank")
    assert bank.amounts == (
        None,
        Decimal("20.00"),
        Decimal("1920.00"),
        Decimal("540.00"),
        Decimal("1360.00"),
        None,
    )


def test_a_fiscal_year_that_ends_in_june_splits_the_result_there() -> None:
    text = BOOKS.replace('"Acme <Widgets> LLC"', '"Acme <Widgets> LLC"\n  fiscal-year-end: "06-30"')
    got = figures(report("balance-sheet", text))
    assert got["Current-year result"] == Decimal("160.00")
    assert "Retained and allocated" not in got


def test_an_overdraft_is_a_debt_and_not_less_cash() -> None:
    text = BOOKS + '2026-03-30 * "x" "y"\n  Expenses:Acme:Rent  1400.00 USD\n  Assets:Acme:Bank\n'
    found = report("balance-sheet", text)
    assert figures(found)["Bank overdrafts"] == Decimal("40.00")
    assert figures(found)["Cash and equivalents"] == Decimal("120.00")
    assert not found.failed


def test_an_account_without_a_line_is_named_and_never_guessed() -> None:
    text = BOOKS.replace('COGS\n  line: "cogs"', "COGS")
    found = report("income-statement", text)
    assert found.failed
    assert [f.code for f in found.findings] == ["REPORT-LINE"]
    assert figures(found)["Unassigned"] == Decimal("-90.00")
    assert figures(found)["Net income"] == Decimal("180.00")


def test_a_line_of_the_wrong_statement_does_not_fit() -> None:
    text = BOOKS.replace('COGS\n  line: "cogs"', 'COGS\n  line: "inventory"')
    assert report("income-statement", text).findings


def test_a_missing_price_names_the_day_and_the_pair() -> None:
    text = BOOKS.replace("2026-03-31 price EUR 1.20 USD", "")
    with pytest.raises(UserError, match="no price of EUR in USD on or before 2026-03-31"):
        report("balance-sheet", text)


def test_a_later_price_is_not_used() -> None:
    text = BOOKS.replace("2026-03-31 price", "2026-04-01 price")
    with pytest.raises(UserError, match="no price of EUR"):
        report("balance-sheet", text)


def test_lines_not_reviewed_are_counted() -> None:
    text = BOOKS.replace('"Landlord" "Rent"\n', '"Landlord" "Rent"\n  review: "categorise"\n')
    found = report("income-statement", text)
    assert (found.unreviewed.count, found.unreviewed.amount) == (1, Decimal("120.00"))
    assert "1 imported lines are not reviewed" in render(found, "md")


def broken() -> Report:
    good = report("balance-sheet")
    bad = Identity("Assets = liabilities + equity", Decimal("100.00"), Decimal("99.99"))
    return Report(**{**good.__dict__, "identities": (bad,)})


def test_an_identity_that_fails_by_a_cent_is_loud() -> None:
    assert broken().failed
    for form in ("html", "md", "csv"):
        assert "IDENTITY FAILED" in render(broken(), form)
    assert json.loads(render(broken(), "json"))["identities"][0]["ok"] is False


def test_html_escapes_and_a_spreadsheet_gets_no_formula() -> None:
    assert "Acme &lt;Widgets&gt; LLC" in render(report("balance-sheet"), "html")
    good = report("balance-sheet")
    evil = Report(**{**good.__dict__, "rows": (Row('=HYPERLINK("x")', (Decimal("-1.00"),)),)})
    rows = list(csv.reader(io.StringIO(render(evil, "csv"))))
    assert ['\'=HYPERLINK("x")', "-1.00"] in rows
    assert "=HYPERLINK" in render(evil, "html")


@pytest.mark.parametrize("form", ["html", "md", "csv", "json"])
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_looks_as_it_did(name: str, form: str) -> None:
    golden = GOLDEN / f"{name}.{form}"
    text = render(report(name), form)
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, newline="")
    assert text == golden.read_bytes().decode()


@pytest.mark.parametrize(
    ("number", "text"),
    [("1234567.891", "1,234,567.89"), ("-0.005", "(0.01)"), ("0.004", "0.00"), ("-0.004", "0.00")],
)
def test_an_amount_is_rounded_half_up_for_people(number: str, text: str) -> None:
    assert shown(Decimal(number)) == text


ACCOUNTS = (
    "Assets:Acme:Bank",
    "Liabilities:Acme:Loan",
    "Equity:Acme:Members:Jane:Contributions",
    "Income:Acme:Sales",
    "Expenses:Acme:COGS",
    "Expenses:Acme:Rent",
    "Expenses:Acme:Interest",
)
ENTRY = st.tuples(
    st.dates(dt.date(2025, 1, 2), dt.date(2026, 12, 31)),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.decimals(-99999, 99999, places=2),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRY, max_size=25), st.sampled_from(["2025", "2026", "2026-Q2", "2025-11"]))
def test_the_identities_hold_on_any_books(entries: list, period: str) -> None:
    text = CHART + "".join(
        f'{day} * "x"\n  {one}  {amount} USD\n  {other}  {-amount} USD\n'
        for day, one, other, amount in entries
    )
    loaded = books(text)
    for make in REPORTS.values():
        found = make(loaded, "Acme", parse_period(period))
        assert not found.failed, found.identities
