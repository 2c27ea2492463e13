"""Vanguard's download: holdings and transactions in one file, and a fund that is the cash."""

import uuid
from decimal import Decimal
from pathlib import Path

import pytest

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import apply
from importers.detect import load_profiles, read_statement_file
from importers.inbox.items import inbox
from importers.statement import RefusedFileError, StatementFile
from scripts.importing import leave_unknown, plan_files

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
BASE = "Assets:Jane:Broker:Vanguard"
HOLDINGS = (
    "Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,\n"
    "10005678,FERN INDEX FUND,FERN,12.5,20.00,250.00,\n"
    "10005678,FEDERAL MONEY MARKET,VMFXX,41.15,1.00,41.15,\n\n\n\n"
)
HEADER = (
    "Account Number,Trade Date,Settlement Date,Transaction Type,Transaction Description,"
    "Investment Name,Symbol,Shares,Share Price,Principal Amount,Commissions and Fees,Net Amount,"
    "Accrued Interest,Account Type,\n"
)
OLDER = HEADER.replace("Commissions and Fees", "Commission Fees")


def row(day: str, action: str, symbol: str, shares: str, price: str, net: str, fee: str = "0.0",
        account: str = "10005678") -> str:  # fmt: skip
    name = {"FERN": "FERN INDEX FUND", "VMFXX": "FEDERAL MONEY MARKET"}.get(symbol, "CASH")
    return (
        f"{account},{day},{day},{action},{action} of it,{name},{symbol},{shares},{price},{net},"
        f"{fee},{net},0.0,CASH,\n"
    )


FUNDED = row("2026-09-01", "Funds Received", "", "0.00000", "0.0", "300.00")
SWEPT = row("2026-09-01", "Sweep in", "VMFXX", "0.00000", "1.0", "-300.00")
BOUGHT = row("2026-09-03", "Buy", "FERN", "10.0000", "20.00", "-204.95", "4.95")
PAID = row("2026-09-10", "Dividend", "FERN", "0.0", "0.0", "50.00")
REINVESTED = row("2026-09-10", "Reinvestment", "FERN", "2.5000", "20.00", "-50.00")
FUND_PAID = row("2026-09-30", "Dividend", "VMFXX", "0.0", "0.0", "1.15")
FUND_KEPT = row("2026-09-30", "Reinvestment", "VMFXX", "0.0", "0.0", "-1.15")
SOLD = row("2026-10-05", "Sell", "FERN", "-4.0000", "25.00", "100.00")
MONTH = HOLDINGS + HEADER + SOLD + FUND_KEPT + FUND_PAID + REINVESTED + PAID + BOUGHT
MONTH += SWEPT + FUNDED


@pytest.fixture
def jane(home: Home) -> Home:
    path = home.ledger / "jane/accounts.beancount"
    path.write_text(
        f'{path.read_text()}2020-01-01 open {BASE}:Cash USD\n  role: "bank"\n'
        '  account-id: "vanguard-5678"\n  line: "cash-and-equivalents"\n'
    )
    return home


def said(tmp_path: Path, text: str) -> StatementFile:
    path = tmp_path / "OfxDownload.csv"
    path.write_text(text)
    return read_statement_file(path, PROFILES)


def bring(home: Home, text: str) -> Books:
    path = home.path.parent / "OfxDownload.csv"
    path.write_text(text)
    plan = plan_files(home, read(home.main_root), [path], leave_unknown)
    assert not plan.refused, plan.files[0].refused
    apply(home, plan.change, key=str(uuid.uuid4()))
    books = read(home.main_root)
    assert not [f.message for f in books.findings if f.severity == "error"]
    return books


def held(books: Books) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for txn in books.transactions:
        for posting in txn.postings:
            name = posting.account.removeprefix("Assets:Jane:Broker:")
            sums[name] = sums.get(name, Decimal(0)) + posting.units.number
    return {name: number for name, number in sums.items() if number}


def test_a_quarter_is_booked_with_its_lots_and_the_fund_of_the_cash_is_no_holding(
    jane: Home,
) -> None:
    books = bring(jane, MONTH)
    sums = held(books)
    # 300.00 - 204.95 + 50.00 - 50.00 + 1.15 + 100.00
    assert sums["Vanguard:Cash"] == Decimal("196.20")
    assert sums["Vanguard:FERN"] == Decimal("8.5")
    assert sums["Expenses:Jane:Commissions"] == Decimal("4.95")
    # of the lot at 20.00, 4 were sold at 25.00
    assert sums["Income:Jane:CapitalGains"] == Decimal("-20.00")
    assert [item.review for item in inbox(books)] == ["transfer"]  # where the 300.00 came from


def test_the_older_name_of_the_commissions_column_is_known_too(tmp_path: Path) -> None:
    (line,) = said(tmp_path, HOLDINGS + OLDER + BOUGHT).statements[0].lines
    assert line.trade
    assert line.trade.commission == Decimal("4.95")


def test_what_is_swept_is_left_out_aloud(tmp_path: Path) -> None:
    file = said(tmp_path, MONTH)
    assert [str(line.amount) for line in file.statements[0].lines] == [
        "100.00", "1.15", "-50.00", "50.00", "-204.95", "300.00",
    ]  # fmt: skip
    assert file.warnings == (
        "1 row left out: Transaction Type is “Reinvestment”",
        "1 row left out: Transaction Type is “Sweep in”",
    )


def test_two_accounts_in_one_file_are_two_statements(tmp_path: Path) -> None:
    other = row("2026-09-02", "Dividend", "FERN", "0.0", "0.0", "2.00", account="10009999")
    numbers = [s.account_id for s in said(tmp_path, HOLDINGS + HEADER + PAID + other).statements]
    assert numbers == ["10005678", "10009999"]


def test_a_word_is_the_whole_action(tmp_path: Path) -> None:
    cancelled = row("2026-09-04", "Buy Cancel", "FERN", "-10.0", "20.00", "200.00")
    with pytest.raises(RefusedFileError, match="“Buy Cancel”, which the profile does not know"):
        said(tmp_path, HEADER + cancelled)


def test_money_that_comes_in_by_transfer_is_money_and_shares_are_shares(tmp_path: Path) -> None:
    cash = row("2026-09-04", "Transfer (incoming)", "", "0.0", "0.0", "75.00")
    kind = row("2026-09-05", "Transfer (incoming)", "FERN", "3.0", "20.00", "0.0")
    money, units = said(tmp_path, HEADER + cash + kind).statements[0].lines
    assert (money.trade, money.amount) == (None, Decimal("75.00"))
    assert units.trade
    assert (units.trade.action, units.trade.units, units.amount) == ("transfer", 3, 0)


def test_the_table_of_a_pension_plan_beneath_is_told_of(tmp_path: Path) -> None:
    plan = (
        "\nAccount Number,Trade Date,Run Date,Transaction Activity,Transaction Description,"
        "Investment Name,Share Price,Transaction Shares,Dollar Amount,\n"
    )
    more = "90001,09/04/2026,09/04/2026,Contribution,Pay,TARGET 2050,10.0,2.0,20.00,\n"
    empty = said(tmp_path, HEADER + PAID + plan)
    assert (len(empty.statements[0].lines), empty.warnings) == (1, ())
    full = said(tmp_path, HEADER + PAID + plan + more)
    assert full.warnings == ("line 4 begins another table, which is not read",)


OUT = row("2026-09-20", "Stock split", "FERN", "-10.0", "0.0", "0.0")
INTO = row("2026-09-20", "Stock split", "FERN", "5.0", "0.0", "0.0")


def test_a_reverse_split_in_two_rows_leaves_the_new_units_at_the_old_cost(jane: Home) -> None:
    books = bring(jane, HEADER + INTO + OUT + BOUGHT + FUNDED)
    lots = [p for t in books.transactions for p in t.postings if p.account == f"{BASE}:FERN"]
    assert sum(p.units.number for p in lots) == 5
    assert sum(p.units.number * p.cost.number for p in lots) == 200
    assert [item.review for item in inbox(books)] == ["transfer"]


def test_a_split_that_takes_all_units_away_waits_for_its_lots(jane: Home) -> None:
    books = bring(jane, HEADER + OUT + BOUGHT + FUNDED)
    assert held(books)["Vanguard:FERN"] + held(books)["Vanguard:FERN:Unmatched"] == 0
    assert sorted(item.review for item in inbox(books)) == ["lots", "transfer"]
