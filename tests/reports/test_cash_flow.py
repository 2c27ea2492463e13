"""The cash flow statement and the members' equity: the worked case, and laws on any books."""

import datetime as dt
from decimal import Decimal

import pytest
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journal.books import Books
from core.period import parse_period
from reports.catalogue import REPORTS
from reports.model import Report
from reports.render import render

CHART = "\n".join(
    f'2024-01-01 open {account}\n  line: "{line}"'
    + (f'\n  role: "{role}"' if (role := {"cash-and-equivalents": "bank"}.get(line)) else "")
    for account, line in (
        ("Assets:Acme:Bank", "cash-and-equivalents"),
        ("Assets:Acme:Savings", "cash-and-equivalents"),
        ("Assets:Acme:AR", "receivables"),
        ("Assets:Acme:Inventory", "inventory"),
        ("Assets:Acme:Prepaid", "prepaid"),
        ("Assets:Acme:Equipment", "property-and-equipment"),
        ("Assets:Acme:Depreciation", "accumulated-depreciation"),
        ("Assets:Acme:Shares", "investments"),
        ("Liabilities:Acme:AP", "payables"),
        ("Liabilities:Acme:Accrued", "accrued"),
        ("Liabilities:Acme:Loans", "loans"),
        ("Equity:Acme:Members:Ada:Capital", "capital"),
        ("Equity:Acme:Retained", "retained"),
        ("Income:Acme:Sales", "revenue"),
        ("Income:Acme:Gain", "gains"),
        ("Expenses:Acme:COGS", "cogs"),
        ("Expenses:Acme:Rent", "operating-expenses"),
        ("Expenses:Acme:Depreciation", "operating-expenses"),
        ("Expenses:Acme:Interest", "interest-expense"),
    )
)
HEAD = f'2024-01-01 custom "entity" "Acme" "llc"\n{CHART}\n'

# DOMAIN I-8, told as a year of entries: sales 150,000 on account of which 142,500 came in; goods of
# 61,000 used; rent and the rest so that net income is 48,000.
CASE_8 = """
2024-12-31 * "Opening"
  Assets:Acme:Bank          18400 USD
  Assets:Acme:AR            21000 USD
  Assets:Acme:Inventory     14000 USD
  Assets:Acme:Prepaid        1200 USD
  Assets:Acme:Equipment     60000 USD
  Assets:Acme:Depreciation -25000 USD
  Liabilities:Acme:AP       -9900 USD
  Liabilities:Acme:Accrued  -3400 USD
  Liabilities:Acme:Loans   -30000 USD
  Equity:Acme:Retained     -46300 USD
2025-01-31 * "Sales on account"
  Assets:Acme:AR           150000 USD
  Income:Acme:Sales       -150000 USD
2025-02-28 * "Customers pay"
  Assets:Acme:Bank         142500 USD
  Assets:Acme:AR          -142500 USD
2025-03-01 * "Goods on account"
  Assets:Acme:Inventory     59000 USD
  Liabilities:Acme:AP      -59000 USD
2025-03-02 * "Goods sold"
  Expenses:Acme:COGS        61000 USD
  Assets:Acme:Inventory    -61000 USD
2025-03-31 * "Suppliers are paid"
  Liabilities:Acme:AP       54900 USD
  Assets:Acme:Bank         -54900 USD
2025-04-01 * "Rent, with what is prepaid"
  Expenses:Acme:Rent        32000 USD
  Assets:Acme:Prepaid         600 USD
  Liabilities:Acme:Accrued    900 USD
  Assets:Acme:Bank         -33500 USD
2025-05-01 * "Old machine sold"
  Assets:Acme:Bank           8000 USD
  Assets:Acme:Depreciation  15000 USD
  Assets:Acme:Equipment    -20000 USD
  Income:Acme:Gain          -3000 USD
2025-06-01 * "Machine bought for cash"
  Assets:Acme:Equipment     30000 USD
  Assets:Acme:Bank         -30000 USD
2025-06-02 * "Machine bought with a note"
  Assets:Acme:Equipment     10000 USD
  Liabilities:Acme:Loans   -10000 USD
2025-07-01 * "New loan"
  Assets:Acme:Bank          15000 USD
  Liabilities:Acme:Loans   -15000 USD
2025-08-01 * "Principal"
  Liabilities:Acme:Loans     6000 USD
  Assets:Acme:Bank          -6000 USD
2025-09-01 * "Ada" "Contribution"
  Assets:Acme:Bank           5000 USD
  Equity:Acme:Members:Ada:Capital  -5000 USD
2025-10-01 * "Ada" "Distribution"
  Equity:Acme:Members:Ada:Capital  20000 USD
  Assets:Acme:Bank         -20000 USD
2025-12-31 * "Depreciation"
  Expenses:Acme:Depreciation 12000 USD
  Assets:Acme:Depreciation  -12000 USD
"""


def report(name: str, text: str, period: str = "2025") -> Report:
    entries, errors, options = loader.load_string(HEAD + text)
    assert not errors, errors
    found = REPORTS[name](Books.of(entries, options), "Acme", parse_period(period))
    assert not found.failed, [i for i in found.identities if not i.ok]
    return found


def figures(found: Report) -> dict[str, str]:
    return {
        row.label: f"{row.amounts[-1]:.0f}" for row in found.rows if row.amounts[-1] is not None
    }


def test_the_worked_case_to_the_cent() -> None:
    got = figures(report("cash-flow", CASE_8))
    assert {
        "Net income": "48000",  # 150,000 − 61,000 − 32,000 − 12,000 + 3,000
        "Depreciation and amortisation": "12000",
        "Less gains and losses of what was sold": "-3000",
        "Change in receivables": "-7500",
        "Change in inventory": "2000",
        "Change in prepaid": "-600",
        "Change in payables": "4100",
        "Change in accrued": "-900",
        "Cash from operating activities": "54100",
        "Proceeds of property and equipment": "8000",
        "Purchases of property and equipment": "-30000",
        "Cash from investing activities": "-22000",
        "Borrowed": "15000",
        "Principal repaid": "-6000",
        "Contributions of owners": "5000",
        "Distributions to owners": "-20000",
        "Cash from financing activities": "-6000",
        "Net change in cash": "26100",
        "Cash at the beginning": "18400",
        "Cash at the end": "44500",
        "Deals without cash": "10000",
    }.items() <= got.items()
    assert "Effect of exchange rates on cash" not in got


def test_its_members_equity() -> None:
    found = report("members-equity", CASE_8)
    rows = {row.label: row.amounts for row in found.rows}
    assert rows["Ada"] == (0, 5000, 0, -20000, 0, -15000)
    assert rows["Total"] == (46300, 5000, 48000, -20000, 0, 79300)
    assert figures(found)["Of these with owners in cash"] == "-15000"


@pytest.mark.parametrize("note", ["40000", "30000"])
def test_a_purchase_partly_on_a_loan_is_cash_only_for_the_rest(note: str) -> None:
    rest = 40000 - int(note)
    text = (
        '2025-06-01 * "House"\n  Assets:Acme:Equipment  40000 USD\n'
        f"  Liabilities:Acme:Loans  -{note} USD\n  Assets:Acme:Bank  -{rest} USD\n"
    )
    got = figures(report("cash-flow", text))
    assert got["Deals without cash"] == note
    assert got["Cash from investing activities"] == f"{-rest}"
    assert got["Cash from financing activities"] == "0"


@pytest.mark.parametrize(
    ("legs", "operating", "investing", "financing"),
    [
        # the buyer pays 5 of the 8 to the lender
        ("Bank 3|Liabilities:Acme:Loans 5|Equipment -8", 0, 3, 0),
        # an owner brings a machine of 50 and 10 in cash
        ("Bank 10|Equipment 50|Equity:Acme:Members:Ada:Capital -60", 0, 0, 10),
        # a machine of 40, of which 10 are paid later
        ("Equipment 40|Liabilities:Acme:AP -10|Bank -30", 0, -30, 0),
        # this year's depreciation within the disposal
        ("Bank 8|Expenses:Acme:Depreciation 2|Equipment -10", 0, 8, 0),
        # a customer's money and a repayment in one entry are both cash
        ("Bank 600|Liabilities:Acme:Loans 400|Income:Acme:Sales -1000", 1000, 0, -400),
        # costs of a purchase that go the same way stay what they are
        ("Equipment 40|Expenses:Acme:Rent 5|Bank -45", -5, -40, 0),
    ],
)
def test_what_paid_for_one_another_within_an_entry_is_no_cash(
    legs: str, operating: int, investing: int, financing: int
) -> None:
    told = [leg.split() for leg in legs.split("|")]
    lines = [f"  {a if ':' in a else f'Assets:Acme:{a}'}  {n} USD" for a, n in told]
    got = figures(report("cash-flow", '2025-06-01 * "One entry"\n' + "\n".join(lines) + "\n"))
    found = [
        got[f"Cash from {what} activities"] for what in ("operating", "investing", "financing")
    ]
    assert found == [str(operating), str(investing), str(financing)]


def test_money_moved_between_ones_own_accounts_is_no_flow() -> None:
    text = (
        '2025-06-01 * "To savings"\n  Assets:Acme:Savings  500 USD\n  Assets:Acme:Bank  -500 USD\n'
    )
    got = figures(report("cash-flow", text))
    assert set(got.values()) == {"0"}


def test_cf_says_otherwise() -> None:
    text = (
        '2025-01-01 open Liabilities:Acme:Due\n  line: "due-to-related"\n  cf: "financing"\n'
        '2025-06-01 * "Advance"\n  Assets:Acme:Bank  500 USD\n  Liabilities:Acme:Due\n'
    )
    got = figures(report("cash-flow", text))
    assert got["Other financing, received"] == "500"
    assert got["Cash from operating activities"] == "0"


def test_an_account_without_a_line_is_named() -> None:
    text = (
        "2025-01-01 open Expenses:Acme:Odd\n"
        '2025-06-01 * "?"\n  Expenses:Acme:Odd  5 USD\n  Assets:Acme:Bank\n'
    )
    entries, _, options = loader.load_string(HEAD + text)
    found = REPORTS["cash-flow"](Books.of(entries, options), "Acme", parse_period("2025"))
    assert [finding.code for finding in found.findings] == ["REPORT-LINE"]
    assert all(identity.ok for identity in found.identities)


ACCOUNTS = [line.split()[2] for line in CHART.splitlines() if " open " in line]
LEGS = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.integers(-9999, 9999)), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.dates(dt.date(2024, 6, 1), dt.date(2026, 6, 1)), LEGS), max_size=8))
def test_both_methods_agree_and_equity_adds_up_on_any_books(
    drawn: list[tuple[dt.date, list[tuple[str, int]]]],
) -> None:
    text = ""
    for day, legs in drawn:
        cents = [(account, Decimal(n) / 100) for account, n in legs]
        rest = -sum((n for _, n in cents), Decimal(0))
        lines = "".join(f"  {a}  {n} USD\n" for a, n in [*cents, ("Assets:Acme:Bank", rest)])
        text += f'{day} * "x"\n{lines}'
    for name in ("cash-flow", "members-equity", "balance-sheet"):
        report(name, text)


SALES = "".join(
    f'{year}-{month:02}-10 * "Sale"\n  Assets:Acme:Bank  {month * 100} USD\n  Income:Acme:Sales\n'
    for year in (2024, 2025)
    for month in range(1, 13)
)


def test_trends_by_month_with_change_and_rolling_year() -> None:
    found = report("trends", SALES, "2025-Q2")
    assert found.columns == ("2025-04", "2025-05", "2025-06", "Change", "%", "12 months")
    rows = {row.label: row.amounts for row in found.rows}
    # 600 after 500 is 100 more, a fifth; July to December of 2024 is 5,700, with 2,100 of 2025
    assert rows["Revenue"] == (400, 500, 600, 100, 20, 7800)


def test_a_percentage_of_a_loss_is_not_given() -> None:
    text = '2025-04-10 * "Rent"\n  Expenses:Acme:Rent  900 USD\n  Assets:Acme:Bank\n'
    found = report("trends", text, "2025-Q2")
    rows = {row.label: row.amounts for row in found.rows}
    assert rows["Net income"] == (-900, 0, 0, 0, None, -900)


def test_a_year_has_twelve_steps_and_a_chart_that_says_what_it_shows() -> None:
    found = report("trends", SALES)
    assert len(found.columns) == 12 + 3
    page = render(found, "html")
    assert page.count("<rect") == 24
    assert "<desc" in page
    assert "Net revenue, Costs, Net income, 2025-01 to 2025-12" in page
