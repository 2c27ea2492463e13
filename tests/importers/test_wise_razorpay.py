"""Conversions in two files (Wise), and the tax on a processor's fee (Razorpay)."""

import uuid
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import apply
from importers.account import proposed
from importers.detect import load_profiles, read_statement_file
from importers.inbox.items import inbox
from importers.plan import plan_import
from importers.planned import ImportPlan

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
WISE, FEES = "Assets:Acme:Bank:Wise", "Expenses:Acme:Fees:Wise"
HEADER = (
    '"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance",'
    '"Exchange From","Exchange To","Exchange Rate","Payer Name","Payee Name",Merchant,"Total fees",'
    '"Exchange To Amount"\n'
)
SAID = "Converted 100.00 EUR to 107.54 USD"
# 99.57 at 1.08 is 107.54: the fee of 0.43 is a part of the 100.00.
GAVE = f"BALANCE-7,03-09-2026,-100.00,EUR,{SAID},,400.00,EUR,USD,1.08000,,,,0.43,107.54\n"
GOT = f"BALANCE-7,03-09-2026,107.54,USD,{SAID},,107.54,EUR,USD,1.08000,,,,0.00,107.54\n"
SENT = (
    "TRANSFER-9,04-09-2026,-357.38,EUR,Sent money to Ann,,42.62,EUR,GBP,0.8484,,Ann,,11.35,303.20\n"
    "TRANSFER-9,04-09-2026,-11.35,EUR,Wise Charges for: TRANSFER-9,,31.27,,,,,Wise,,0,\n"
)

RAZORPAY = "Assets:Acme:Clearing:Razorpay"
GST = "Assets:Acme:GST:Input:IGST"
RECON = (
    "transaction_entity,entity_id,amount,currency,fee (exclusive tax),tax,debit,credit,"
    "settlement_id,settled_at,settlement_utr\n"
)
SALES = (
    "payment,pay_1,1000.00,INR,20.00,3.60,0.00,976.40,setl_1,2026-09-03T13:33:57,UTR1\n"
    "payment,pay_2,99.99,INR,2.01,0.36,0.00,97.62,setl_1,2026-09-03T13:33:57,UTR1\n"
    "refund,rfnd_1,10.00,INR,0.00,0.00,10.00,0.00,setl_1,2026-09-03T13:33:57,UTR1\n"
)


def plan_of(home: Home, files: dict[str, str]) -> ImportPlan:
    books, paths = read(home.main_root), []
    for name, text in files.items():
        paths.append(home.path.parent / name)
        paths[-1].write_text(text)
    return plan_import(
        paths,
        home=home,
        books=books,
        reader=lambda path: read_statement_file(path, PROFILES),
        ask=lambda statement, hints: proposed(statement, hints, books.registry.entities["Acme"]),
    )


def bring(home: Home, files: dict[str, str]) -> Books:
    plan = plan_of(home, files)
    assert not plan.refused, [file.refused for file in plan.files]
    apply(home, plan.change, key=str(uuid.uuid4()))
    books = read(home.main_root)
    assert not [f.message for f in books.findings if f.severity == "error"]
    return books


def sums(books: Books) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for txn in books.transactions:
        for posting in txn.postings:
            found[posting.account, posting.units.currency] += posting.units.number
    return {key: number for key, number in found.items() if number}


def opens(home: Home, account: str, currencies: str, account_id: str, more: str = "") -> None:
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(
        f'{path.read_text()}2020-01-01 open {account} {currencies}\n  role: "bank"\n'
        f'  account-id: "{account_id}"\n  title-holder: "Acme"\n'
        f'  line: "cash-and-equivalents"\n{more}'
    )


@pytest.fixture
def wise(home: Home) -> Home:
    opens(home, WISE, "EUR,USD,GBP", "wise-1", f'  fees: "{FEES}"\n')
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(f"{path.read_text()}2020-01-01 open {FEES}\n")
    return home


# Wise


@pytest.mark.parametrize("order", [("eur", "usd"), ("usd", "eur")])
def test_both_files_of_a_conversion_are_one_entry_at_the_price_as_written(
    wise: Home, order: tuple[str, str]
) -> None:
    texts = {"eur": HEADER + GAVE, "usd": HEADER + GOT}
    books = bring(wise, {f"{name}.csv": texts[name] for name in order})
    (txn,) = books.transactions
    assert (txn.payee, txn.narration) == (SAID, "")
    journal = (wise.ledger / "acme/2026/2026-09.beancount").read_text()
    assert "-99.57 EUR @@ 107.54 USD" in " ".join(journal.split())
    assert sums(books) == {
        (WISE, "EUR"): Decimal("-100.00"),
        (WISE, "USD"): Decimal("107.54"),
        (FEES, "EUR"): Decimal("0.43"),
    }
    assert not inbox(books)
    again = plan_of(wise, {f"{name}.csv": texts[name] for name in order})
    assert not [said for file in again.files for said in file.warnings]
    assert not again.change.files


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (GAVE.replace("1.08000", "1.07540"), "100.00 at that rate is what was bought"),
        (GAVE.replace(",107.54\n", ",\n"), "an older export does not say what was bought"),
    ],
)
def test_a_fee_that_the_rate_does_not_show_is_no_part_of_the_amount(
    wise: Home, row: str, why: str
) -> None:
    books = bring(wise, {"eur.csv": HEADER + row, "usd.csv": HEADER + GOT})
    journal = (wise.ledger / "acme/2026/2026-09.beancount").read_text()
    assert "-100.00 EUR @@ 107.54 USD" in " ".join(journal.split()), why
    assert (FEES, "EUR") not in sums(books)


def test_one_side_of_a_conversion_alone_waits(wise: Home) -> None:
    (said,) = plan_of(wise, {"eur.csv": HEADER + GAVE}).files[0].warnings
    assert said.startswith("row 2: one side of a conversion without the other")
    books = bring(wise, {"eur.csv": HEADER + GAVE})
    assert [item.review for item in inbox(books)] == ["categorise"]


def test_money_between_ones_own_balances_in_one_currency_is_no_conversion(wise: Home) -> None:
    jar = "BALANCE-8,03-09-2026,-5.00,EUR,Moved 5.00 EUR to Savings,,395.00,,,,,,,0.00,\n"
    assert not plan_of(wise, {"eur.csv": HEADER + jar}).files[0].warnings
    books = bring(wise, {"eur.csv": HEADER + jar})
    assert [item.review for item in inbox(books)] == ["categorise"]


def test_the_fee_of_a_transfer_is_the_row_that_says_so_and_no_more(wise: Home) -> None:
    books = bring(wise, {"eur.csv": HEADER + SENT})
    assert sums(books)[FEES, "EUR"] == Decimal("11.35")
    assert sums(books)[WISE, "EUR"] == Decimal("-368.73")
    (item,) = inbox(books)
    assert (item.name, item.number) == ("Ann", Decimal("-357.38"))


# Razorpay


def test_a_sale_is_gross_fee_and_input_tax_and_the_net_is_the_processors(home: Home) -> None:
    more = '  fees: "Expenses:Acme:Razorpay"\n' + f'  fee-tax: "{GST}"\n'
    opens(home, RAZORPAY, "INR", "razorpay-acme", more)
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(
        f"{path.read_text()}2020-01-01 open Expenses:Acme:Razorpay INR\n"
        f"2020-01-01 open {GST} INR\n"
        '2020-01-01 open Assets:Acme:Suspense:INR INR\n  role: "suspense"\n'
    )
    books = bring(home, {"recon.csv": RECON + SALES})
    assert sums(books) == {
        (RAZORPAY, "INR"): Decimal("1064.02"),  # 976.40 + 97.62 - 10.00
        ("Expenses:Acme:Razorpay", "INR"): Decimal("22.01"),
        (GST, "INR"): Decimal("3.96"),
        ("Assets:Acme:Suspense:INR", "INR"): Decimal("-1089.99"),  # 1000.00 + 99.99 - 10.00
    }


def test_where_nobody_has_said_where_the_tax_goes_it_waits_and_the_owner_is_told(
    home: Home,
) -> None:
    opens(home, RAZORPAY, "INR", "razorpay-acme", '  fees: "Expenses:Acme:Razorpay"\n')
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(f"{path.read_text()}2020-01-01 open Expenses:Acme:Razorpay INR\n")
    (warning,) = plan_of(home, {"recon.csv": RECON + SALES}).files[0].warnings
    assert "2 taxes on fees wait in suspense" in warning
    assert 'fee-tax: "Assets:Acme:GST:Input:…"' in warning


def test_an_account_that_the_import_opens_names_both(home: Home) -> None:
    account = bring(home, {"recon.csv": RECON + SALES}).accounts[RAZORPAY]
    assert account.meta["fees"] == "Expenses:Acme:Fees:Razorpay"
    assert account.meta["fee-tax"] == "Assets:Acme:GST:Input:Razorpay"


def test_the_only_account_for_input_tax_is_taken(home: Home) -> None:
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(f'{path.read_text()}2020-01-01 open {GST} INR\n  line: "tax-recoverable"\n')
    account = bring(home, {"recon.csv": RECON + SALES}).accounts[RAZORPAY]
    assert account.meta["fee-tax"] == GST


DAY = "2026-09-03T13:00:00"
PAISA = st.decimals(min_value=0, max_value=99999, places=2)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(PAISA, PAISA, PAISA), min_size=1, max_size=5))
def test_gross_is_net_and_fee_and_tax_whatever_they_are(
    rows: list[tuple[Decimal, Decimal, Decimal]], tmp_path: Path
) -> None:
    path = tmp_path / "recon.csv"
    path.write_text(
        RECON
        + "".join(
            f"payment,pay_{n},{net + fee + tax},INR,{fee},{tax},0.00,{net},s,{DAY},U\n"
            for n, (net, fee, tax) in enumerate(rows)
        )
    )
    (statement,) = read_statement_file(path, PROFILES).statements
    assert [(line.amount, line.fee, line.fee_tax) for line in statement.lines] == rows
    assert [line.gross for line in statement.lines] == [sum(row) for row in rows]
