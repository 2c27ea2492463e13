"""The general ledger: by hand, and against the trial balance on any books."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journal.books import Books
from core.period import parse_period
from reports import general_ledger as module
from reports.catalogue import REPORTS
from reports.model import Report
from reports.render import render
from reports.trial_balance import trial_balance

CHART = """
2025-01-01 custom "entity" "Acme" "llc"
2025-01-01 custom "entity" "AcmeHoldings" "llc"
2025-01-01 open Assets:Acme:Bank
2025-01-01 open Assets:AcmeHoldings:Bank
2025-01-01 open Assets:Acme:Till
2025-01-01 open Liabilities:Acme:Loan
2025-01-01 open Equity:Acme:Members:Jane
2025-01-01 open Equity:AcmeHoldings:Members:Jane
2025-01-01 open Income:Acme:Sales
2025-01-01 open Expenses:Acme:Rent
"""
BOOKS = (
    CHART
    + """
2025-12-30 * "Jane" "Capital" ^ic-26-k3x7qa ^cap-1
  Assets:Acme:Bank          500.00 USD
  Equity:Acme:Members:Jane
2025-12-31 * "Safe" "Into the till and back"
  Assets:Acme:Till            5.00 USD
  Assets:Acme:Bank
2025-12-31 * "Safe" "Into the till and back"
  Assets:Acme:Bank            5.00 USD
  Assets:Acme:Till
2025-12-31 * "Jane" "Another company's capital"
  Assets:AcmeHoldings:Bank   77.00 USD
  Equity:AcmeHoldings:Members:Jane
2026-01-02 * "Landlord | Sons" "Rent,
  two months"
  Expenses:Acme:Rent        120.00 USD
  Assets:Acme:Bank
2026-01-31 * "=SUM(A1)" "Sale"
  Assets:Acme:Bank           40.00 USD
  Income:Acme:Sales
2026-02-01 * "Client" "A day too late for January"
  Assets:Acme:Bank            9.00 USD
  Income:Acme:Sales
"""
)


def books(text: str) -> Books:
    entries, errors, options = loader.load_string(text)
    assert not errors, errors
    return Books.of(entries, options)


def ledger(text: str = BOOKS, period: str = "2026-01") -> Report:
    return REPORTS["general-ledger"](books(text), "Acme", parse_period(period))


def folio(found: Report, account: str) -> list[tuple]:
    """Label, texts and amounts of the rows below an account's heading."""
    start = next(i for i, row in enumerate(found.rows) if row.label == account)
    end = next(i for i, row in enumerate(found.rows) if i > start and row.kind == "total")
    return [(r.label, r.texts, r.amounts) for r in found.rows[start + 1 : end + 1]]


def test_an_account_opens_moves_and_closes() -> None:
    none = ("", "", "")
    assert folio(ledger(), "Assets:Acme:Bank") == [
        ("Opening", none, (None, None, Decimal("500.00"))),
        (
            "2026-01-02",
            ("Landlord | Sons", "Rent, two months", ""),
            (None, Decimal("120.00"), Decimal("380.00")),
        ),
        ("2026-01-31", ("=SUM(A1)", "Sale", ""), (Decimal("40.00"), None, Decimal("420.00"))),
        ("Closing", none, (Decimal("40.00"), Decimal("120.00"), Decimal("420.00"))),
    ]
    assert not ledger().failed


def test_links_are_shown_as_the_journal_writes_them() -> None:
    (_, row, _) = folio(ledger(period="2025"), "Equity:Acme:Members:Jane")
    assert row[1] == ("Jane", "Capital", "^cap-1 ^ic-26-k3x7qa")
    assert row[2] == (None, Decimal("500.00"), Decimal("-500.00"))


def test_only_this_entity_and_what_has_a_balance_or_moved() -> None:
    accounts = [row.label for row in ledger().rows if row.kind == "heading"]
    assert accounts == [
        "Assets:Acme:Bank",
        "Equity:Acme:Members:Jane",
        "Expenses:Acme:Rent",
        "Income:Acme:Sales",
    ]
    assert "Assets:Acme:Till" in [row.label for row in ledger(period="2025").rows]


def test_a_second_currency_has_a_folio_of_its_own() -> None:
    text = BOOKS + (
        '2026-01-09 * "Client" "In euros"\n  Assets:Acme:Bank  7.00 EUR\n  Income:Acme:Sales\n'
    )
    found = ledger(text)
    assert folio(found, "Assets:Acme:Bank, EUR")[-1][2] == (Decimal(7), Decimal(0), Decimal(7))
    assert folio(found, "Assets:Acme:Bank, USD")[-1][2][2] == Decimal("420.00")
    assert not found.failed
    assert {i.name.rpartition(", ")[2] for i in found.identities} == {"EUR", "USD"}


def test_an_account_that_closes_otherwise_than_the_trial_balance_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = parse_period("2026-02")
    monkeypatch.setattr(module, "trial_balance", lambda b, e, _p: trial_balance(b, e, later))
    found = ledger()
    assert found.failed
    failing = {identity.name for identity in found.identities if not identity.ok}
    assert "Assets:Acme:Bank closes as in the trial balance" in failing
    assert "Expenses:Acme:Rent closes as in the trial balance" not in failing


def test_texts_stay_texts_in_every_form() -> None:
    found = ledger()
    lines = render(found, "md").splitlines()
    row = next(line for line in lines if "Landlord" in line)
    assert "Landlord \\| Sons | Rent, two months |" in row
    cells = next(r for r in csv.reader(io.StringIO(render(found, "csv"))) if "Sale" in r)
    assert cells == ["2026-01-31", "'=SUM(A1)", "Sale", "", "40.00", "", "420.00"]
    as_json = json.loads(render(found, "json"))
    assert as_json["text_columns"] == ["Payee", "Narration", "Links"]
    assert ["Landlord | Sons", "Rent, two months", ""] in [r["texts"] for r in as_json["rows"]]


ACCOUNTS = [
    line.split()[2] for line in CHART.splitlines() if " open " in line and "Holdings" not in line
]
ENTRY = st.tuples(
    st.dates(dt.date(2025, 1, 2), dt.date(2026, 12, 31)),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.decimals(-99999, 99999, places=2),
    st.sampled_from(["USD", "EUR"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRY, max_size=20), st.sampled_from(["2025", "2026", "2026-Q2", "2025-11"]))
def test_every_account_closes_as_in_the_trial_balance_on_any_books(
    entries: list, period: str
) -> None:
    text = CHART + "".join(
        f'{day} * "x"\n  {one}  {amount} {currency}\n  {other}  {-amount} {currency}\n'
        for day, one, other, amount, currency in entries
    )
    found = ledger(text, period)
    assert not found.failed, found.identities
    closing = sum((r.amounts[2] for r in found.rows if r.label == "Closing"), Decimal(0))
    assert closing == 0
