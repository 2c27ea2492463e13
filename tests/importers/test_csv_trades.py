"""Brokers' CSV files: the words of the action column say what was done to a holding."""

from decimal import Decimal
from pathlib import Path

import pytest

from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, Statement, Trade

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
HEADER = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'


def read(tmp_path: Path, *rows: str) -> Statement:
    path = tmp_path / "export.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    (statement,) = read_statement_file(path, PROFILES).statements
    return statement


def trade(tmp_path: Path, row: str) -> Trade | None:
    (line,) = read(tmp_path, row).lines
    return line.trade


def test_a_sale_takes_units_out_and_says_its_charges(tmp_path: Path) -> None:
    sold = trade(tmp_path, "09/03/2026,Sell,FERN,Fern Fund,10,$25.00,$0.05,$249.95")
    assert sold
    assert (sold.action, sold.units, sold.price) == ("sell", Decimal(-10), Decimal(25))
    assert (sold.commission, sold.total) == (Decimal("0.05"), Decimal("249.95"))
    assert (sold.security.ticker, sold.security.name) == ("FERN", "Fern Fund")


def test_income_has_its_kind_and_no_units(tmp_path: Path) -> None:
    paid = trade(tmp_path, "09/03/2026,Qualified Dividend,FERN,Fern Fund,,,,$4.10")
    assert paid
    assert (paid.action, paid.income, paid.units) == ("income", "DIV", 0)


def test_the_longer_word_counts(tmp_path: Path) -> None:
    bought = trade(tmp_path, "09/03/2026,Reinvest Shares,FERN,Fern Fund,1,$4.10,,-$4.10")
    assert bought
    assert bought.action == "buy"


def test_a_split_adds_units_and_needs_no_amount(tmp_path: Path) -> None:
    (line,) = read(tmp_path, "09/03/2026,Stock Split,FERN,Fern Fund,10,,,").lines
    assert line.trade
    assert (line.amount, line.trade.action, line.trade.units) == (0, "split", 10)


def test_an_action_that_moves_cash_alone_is_an_ordinary_line(tmp_path: Path) -> None:
    assert trade(tmp_path, "09/03/2026,MoneyLink Deposit,,Jane Roe,,,,$25.00") is None


def test_a_date_is_read_without_the_note_behind_it(tmp_path: Path) -> None:
    (line,) = read(tmp_path, "09/03/2026 as of 09/01/2026,Bank Interest,,Oak,,,,$0.03").lines
    assert line.date.isoformat() == "2026-09-03"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("09/03/2026,Spin-off,FERN,Fern Fund,10,,,$0.00", "Spin-off.*does not know"),
        ("09/03/2026,Buy,FERN,Fern Fund,,$4.10,,-$4.10", "has no Quantity"),
        ("09/03/2026,Buy,FERN,Fern Fund,1,$4.10,,", "is not an amount"),
    ],
)
def test_units_that_would_be_lost_refuse_the_file(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(RefusedFileError, match=said):
        read(tmp_path, row)
