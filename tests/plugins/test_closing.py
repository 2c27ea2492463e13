"""The checklist of a closing: each line with books that fail it, and the seal's figures."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from core.home import Home
from core.journal.read import read
from core.journal.render import render
from core.period import parse_period
from plugins.closing.checklist import checklist
from plugins.closing.closing import seal
from plugins.run import run_rules

Write = Callable[[str, str], Path]
TODAY = dt.date(2026, 10, 5)
MONTH, NEXT = "ledger/acme/2026/2026-09.beancount", "ledger/acme/2026/2026-10.beancount"
MORE = "ledger/acme/2026/2026-01.beancount"
PRICES = "ledger/prices.beancount"
ACCOUNTS = """
2020-01-01 custom "veil-rule" "VEIL-019" "off"
2020-01-01 open Assets:Acme:Bank  USD
  role: "bank"
  account-id: "ally-0001"
  title-holder: "Acme LLC"
2020-01-01 open Assets:Acme:Receivable  USD
  role: "ar"
2020-01-01 open Assets:Acme:Stock
  role: "inventory"
2020-01-01 open Assets:Acme:Euro  EUR
2020-01-01 open Assets:Acme:Depreciated  USD
  line: "accumulated-depreciation"
2020-01-01 open Assets:Acme:Insurance  USD
  line: "prepaid"
2020-01-01 open Liabilities:Acme:Withheld  USD
  role: "withholding"
2020-01-01 open Income:Acme:Work  USD
"""
BALANCE = """
2026-10-01 balance Assets:Acme:Bank  {0} USD
  statement: "../documents/2026-09.txt"
"""
RENT = """
2026-09-03 * "Landlord" "Rent"
  Expenses:Acme:Office  40.00 USD
  Assets:Acme:Bank
"""
ALL = (
    "the period is over",
    "closed in order",
    "bank and card accounts reconciled",
    "no error",
    "nothing undecided or in transit",
    "what entities owe each other agrees",
    "receivables are open invoices",
    "payables are open bills",
    "no stock below zero",
    "loans by their schedules",
    "depreciation",
    "prepaid expenses",
    "taxes and filings",
    "closing rates",
    "trial balance",
)


@pytest.fixture
def month(home: Home, write: Write) -> Home:
    """A September with one rent, and its statement: ready to be closed."""
    write(MORE, ACCOUNTS)
    write("ledger/acme/documents/2026-09.txt", "closing balance -40.00")
    write(MONTH, RENT)
    write(NEXT, BALANCE.format("-40.00"))
    return home


def missing(home: Home, period: str = "2026-09", note: str = "") -> dict[str, tuple[str, ...]]:
    """The checks that fail, each with what stands against it."""
    books = read(home.main_root, home=home, as_of=TODAY)
    findings = [*books.findings, *run_rules(books)]
    found = checklist(books, "Acme", parse_period(period), findings, today=TODAY, note=note)
    assert tuple(check.name for check in found) == ALL
    return {check.name: check.lacking for check in found if not check.met}


def test_a_month_that_is_ready(month: Home) -> None:
    assert missing(month) == {}


def test_a_month_that_is_not_over(month: Home) -> None:
    assert missing(month, "2026-10")["the period is over"] == ("it ends on 2026-10-31",)


def test_a_month_without_a_statement(month: Home, write: Write) -> None:
    write(NEXT, BALANCE.format("-40.00").replace("2026-10-01", "2026-10-02"))
    (why,) = missing(month)["bank and card accounts reconciled"]
    assert "has no balance on 2026-10-01" in why


def test_a_balance_that_fails(month: Home, write: Write) -> None:
    write(NEXT, BALANCE.format("-41.00"))
    assert "bank and card accounts reconciled" in missing(month)


@pytest.mark.parametrize(
    ("name", "entries", "said"),
    [
        (
            "nothing undecided or in transit",
            '2026-09-30 ! "Depot" "?"\n  review: "categorise"\n  Assets:Acme:Suspense  9.00 USD\n'
            "  Liabilities:Acme:AP\n",
            ("Assets:Acme:Suspense holds 9.00 USD", "nobody has decided “Depot” yet"),
        ),
        (
            "receivables are open invoices",
            '2026-09-30 * "Client" "Work"\n  Assets:Acme:Receivable  9.00 USD\n'
            "  Income:Acme:Work\n",
            ("Assets:Acme:Receivable holds 9.00 USD that no inv- link explains",),
        ),
        (
            "payables are open bills",
            '2026-09-30 * "Depot" "Paper"\n  Expenses:Acme:Office  9.00 USD\n'
            "  Liabilities:Acme:AP\n",
            ("Liabilities:Acme:AP holds -9.00 USD that no bill- link explains",),
        ),
        (
            "no stock below zero",
            '2026-09-30 * "Client" "Sold" ^inv-1\n  Assets:Acme:Stock  -3 BOLT {1.00 USD}\n'
            "  Assets:Acme:Receivable  3.00 USD\n",
            ("Assets:Acme:Stock holds -3 BOLT",),
        ),
        (
            "depreciation",
            '2026-08-31 * "Depreciation"\n  Expenses:Acme:Office  5.00 USD\n'
            "  Assets:Acme:Depreciated\n",
            ("Assets:Acme:Depreciated was depreciated in the period before, and not in this one",),
        ),
        (
            "prepaid expenses",
            '2026-08-01 * "Insurer" ^bill-1\n  Assets:Acme:Insurance  5.00 USD\n'
            "  Liabilities:Acme:AP\n",
            ("Assets:Acme:Insurance was written off in the period before, and not in this one",),
        ),
        (
            "taxes and filings",
            '2026-09-30 * "Revenue" ^bill-1\n  Liabilities:Acme:Withheld  5.00 USD\n'
            "  Liabilities:Acme:AP\n",
            ("Liabilities:Acme:Withheld was paid 5.00 USD more than was withheld",),
        ),
        (
            "closing rates",
            '2026-09-30 * "Exchange" ^bill-1\n  Assets:Acme:Euro  5.00 EUR @ 1.10 USD\n'
            "  Liabilities:Acme:AP\n",
            ("no price of EUR in USD from the week up to 2026-09-30",),
        ),
        (
            "taxes and filings",
            '2026-01-01 custom "obligation" "Acme" "annual-report"\n  every: "year"\n'
            '  due: "09-15"\n',
            ("VEIL-024",),
        ),
    ],
)
def test_what_stands_in_the_way(
    month: Home, write: Write, name: str, entries: str, said: tuple[str, ...]
) -> None:
    write("ledger/acme/2026/2026-08.beancount", entries)
    lacking = missing(month)[name]
    assert len(lacking) == len(said)
    for line, part in zip(lacking, said, strict=True):
        assert part in line


@pytest.mark.parametrize(
    "entries",
    [
        '2026-09-30 * "Client" ^inv-1\n  Assets:Acme:Receivable  9.00 USD\n  Income:Acme:Work\n',
        '2026-09-30 * "Depot" ^bill-9\n  Expenses:Acme:Office  9.00 USD\n  Liabilities:Acme:AP\n',
        '2026-09-30 * "Power" #adjusting ^adj-26-abcdef\n  Expenses:Acme:Office  9.00 USD\n'
        "  Liabilities:Acme:AP\n",
        '2026-08-31 * "Dep."\n  Expenses:Acme:Office  5.00 USD\n  Assets:Acme:Depreciated\n'
        '2026-09-30 * "Dep."\n  Expenses:Acme:Office  5.00 USD\n  Assets:Acme:Depreciated\n',
        '2026-07-01 * "Insurer" ^bill-1\n  Assets:Acme:Insurance  5.00 USD\n'
        "  Liabilities:Acme:AP\n",
        '2026-10-01 ! "Depot" "?"\n  review: "categorise"\n  Assets:Acme:Suspense  9.00 USD\n'
        "  Liabilities:Acme:AP\n",
        '2026-09-30 * "Exchange" ^bill-1\n  Assets:Acme:Euro  5.00 EUR @ 1.10 USD\n'
        "  Liabilities:Acme:AP\n2026-09-24 price EUR 1.10 USD\n",
    ],
    ids=["invoice", "bill", "accrual", "depreciated", "older insurance", "next month's", "a price"],
)
def test_what_does_not(month: Home, write: Write, entries: str) -> None:
    write("ledger/acme/2026/2026-08.beancount", entries)
    assert missing(month) == {}


def test_a_debt_that_disagrees_is_explained_by_a_note_only(month: Home, write: Write) -> None:
    accounts = month.ledger / "acme/accounts.beancount"
    assert "Assets:Acme:DueFrom:Jane" in accounts.read_text()
    owed = '2026-09-09 * "Jane" "Groceries"\n  Assets:Acme:DueFrom:Jane  8.00 USD\n'
    write(MONTH, RENT + owed + "  Assets:Acme:Bank\n")
    write(NEXT, BALANCE.format("-48.00"))
    name = "what entities owe each other agrees"
    assert missing(month)[name] == (
        "Jane owes Acme 0 USD by its own books, and 8.00 USD by the other's",
    )
    assert name not in missing(month, note="she pays in October")


def sealed(home: Home, write: Write, period: str = "2026-09") -> None:
    books = read(home.main_root, home=home)
    entry = seal(books, "Acme", parse_period(period), day=TODAY, closed_by="jane@example.org")
    path = home.path / NEXT
    path.write_text(f"{path.read_text()}\n{render(entry).text}\n")


def found(home: Home) -> list[str]:
    """What VEIL-021 says, warm and cold."""
    warm, patch = run_rules(read(home.main_root, home=home)), pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setenv("BOOKS_NO_CACHE", "1")
        assert warm == run_rules(read(home.main_root, home=home))
    return [finding.message for finding in warm if finding.code == "VEIL-021"]


def test_a_closed_month_is_closed(month: Home, write: Write) -> None:
    sealed(month, write)
    assert found(month) == []
    (why,) = missing(month)["closed in order"]
    assert why == "2026-09 is closed already; to change it, reopen it"
    (why,) = missing(month, "2026-11")["closed in order"]
    assert why == "the newest closed period is 2026-09: close what begins on 2026-10-01"
    assert "closed in order" not in missing(month, "2026-10")


EURO = """
2026-08-30 * "Exchange" ^bill-1
  Assets:Acme:Euro  5.00 EUR @ 1.10 USD
  Liabilities:Acme:AP
"""
BEFORE = "ledger/acme/2026/2026-08.beancount"


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        (PRICES, "1.12 USD", "1.13 USD"),  # a price of what it holds
        (BEFORE, "5.00 EUR", "6.00 EUR"),  # an entry before the first seal
        (MORE, 'USD\n  role: "ar"', 'USD "FIFO"\n  role: "ar"'),  # how lots are booked
    ],
)
def test_a_figure_that_changed_without_a_sealed_entry(
    month: Home, write: Write, file: str, was: str, becomes: str
) -> None:
    write(BEFORE, EURO)
    write(PRICES, "2026-09-30 price EUR 1.12 USD\n2026-09-30 price GBP 1.30 USD\n")
    sealed(month, write)
    assert found(month) == []
    path = month.path / file
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, becomes))
    (message,) = found(month)
    assert "its figures are not" in message
    path.write_text(text)
    assert found(month) == []


def test_what_changes_no_figure_of_the_month(month: Home, write: Write) -> None:
    write(BEFORE, EURO)
    prices = "2026-09-30 price EUR 1.12 USD\n2026-09-30 price GBP 1.30 USD\n"
    write(PRICES, prices)
    sealed(month, write)
    write(PRICES, prices.replace("1.30", "1.31"))  # of what it does not hold
    assert found(month) == []
    write(PRICES, prices.replace("1.12", "1.120") + "2026-10-01 price EUR 1.20 USD\n")
    assert found(month) == []
    write(BEFORE, f"\n; moved down\n{EURO}")
    assert found(month) == []


def test_a_pad_with_another_source(month: Home, write: Write) -> None:
    pad = "2026-09-10 pad Liabilities:Acme:AP Equity:Acme:OpeningBalances\n"
    write(MONTH, f"{RENT}{pad}2026-09-11 balance Liabilities:Acme:AP  -50.00 USD\n")
    sealed(month, write)
    assert found(month) == []
    late = '2026-08-10 * "Depot" "Late"\n  Expenses:Acme:Office  7.00 USD\n  Liabilities:Acme:AP\n'
    write(BEFORE, late)
    (message,) = found(month)  # the pad inserts 7.00 less
    assert "its figures are not" in message
