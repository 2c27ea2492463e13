"""Investment statements in OFX: what each kind of record says of cash, units, lots and charges."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine, Trade

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
FUND = "<SECID><UNIQUEID>000000111<UNIQUEIDTYPE>CUSIP</SECID>"
CASH = "<SUBACCTSEC>CASH<SUBACCTFUND>CASH"
PLAN = "<SUBACCTSEC>CASH<SUBACCTFUND>OTHER<INV401KSOURCE>MATCH"
FILE = """<OFX><SIGNONMSGSRSV1><SONRS><FI><ORG>Oak Brokers</FI></SONRS></SIGNONMSGSRSV1>
<INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20260930160000[-5:EST]<CURDEF>USD
<INVACCTFROM><BROKERID>oak<ACCTID>9001-2216</INVACCTFROM>
<INVTRANLIST><DTSTART>20260901<DTEND>20260930
{records}
</INVTRANLIST>
<INVPOSLIST>{positions}</INVPOSLIST>
<INVBAL><AVAILCASH>120.50<MARGINBALANCE>{margin}<SHORTBALANCE>0</INVBAL>
</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>
<SECLISTMSGSRSV1><SECLIST><MFINFO><SECINFO>
<SECID><UNIQUEID>000000111<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>Fern  Index Fund<TICKER>fern
</SECINFO></MFINFO></SECLIST></SECLISTMSGSRSV1></OFX>"""


def tran(day: str = "20260903233000[-5:EST]", memo: str = "") -> str:
    return f"<INVTRAN><FITID>A1<DTTRADE>{day}<DTSETTLE>20260905<MEMO>{memo}</INVTRAN>{FUND}"


def read(tmp_path: Path, records: str, positions: str = "", margin: str = "0") -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_text(FILE.format(records=records, positions=positions, margin=margin))
    return read_statement_file(path, PROFILES)


def statement(tmp_path: Path, records: str, positions: str = "") -> Statement:
    (only,) = read(tmp_path, records, positions).statements
    return only


def line(tmp_path: Path, records: str) -> StatementLine:
    (only,) = statement(tmp_path, records).lines
    return only


def trade(tmp_path: Path, records: str) -> Trade:
    found = line(tmp_path, records).trade
    assert found
    return found


def test_a_purchase_says_security_units_price_charges_and_what_the_cash_lost(
    tmp_path: Path,
) -> None:
    bought = line(
        tmp_path,
        f"<BUYMF><INVBUY>{tran(memo='Bought')}<UNITS>10<UNITPRICE>20.00<COMMISSION>4.95"
        f"<FEES>0.30<LOAD>0.20<TAXES>0.10<TOTAL>-205.55{CASH}</INVBUY><BUYTYPE>BUY</BUYMF>",
    )
    assert (bought.date, bought.amount) == (dt.date(2026, 9, 3), Decimal("-205.55"))
    assert (bought.payee, bought.narration, bought.bank_id) == ("Fern Index Fund", "Bought", "A1")
    assert bought.trade
    security = bought.trade.security
    assert (security.ticker, security.unique_id) == ("FERN", "000000111")
    assert (bought.trade.action, bought.trade.units) == ("buy", Decimal(10))
    assert (bought.trade.price, bought.trade.commission) == (Decimal(20), Decimal("4.95"))
    assert bought.trade.fees == Decimal("0.60")
    assert bought.trade.total == Decimal("-205.55")


def test_the_statement_says_its_account_cash_and_period(tmp_path: Path) -> None:
    found = statement(tmp_path, "")
    assert (found.account_id, found.kind, found.currency) == ("9001-2216", "investment", "USD")
    assert (found.balance, found.balance_date) == (Decimal("120.50"), dt.date(2026, 9, 30))
    assert found.period == (dt.date(2026, 9, 1), dt.date(2026, 9, 30))


@pytest.mark.parametrize("kind", ["STOCK", "MF", "DEBT", "OPT", "OTHER"])
@pytest.mark.parametrize("units", ["4", "-4"])
def test_a_sale_takes_units_out_whatever_sign_the_broker_gives_them(
    tmp_path: Path, kind: str, units: str
) -> None:
    sold = trade(
        tmp_path,
        f"<SELL{kind}><INVSELL>{tran()}<UNITS>{units}<UNITPRICE>25<COMMISSION>1.00"
        f"<WITHHOLDING>9.00<TOTAL>90.00{CASH}</INVSELL><SELLTYPE>SELL</SELL{kind}>",
    )
    assert (sold.action, sold.units, sold.total) == ("sell", Decimal(-4), Decimal(90))
    assert (sold.commission, sold.withholding) == (Decimal(1), Decimal(9))


def test_a_purchase_takes_cash_whatever_sign_the_broker_gives_it(tmp_path: Path) -> None:
    record = f"<BUYSTOCK><INVBUY>{tran()}<UNITS>10<UNITPRICE>20<TOTAL>200{CASH}</INVBUY></BUYSTOCK>"
    assert line(tmp_path, record).amount == Decimal(-200)


def test_a_purchase_that_is_taken_back_brings_its_cash(tmp_path: Path) -> None:
    record = (
        f"<BUYSTOCK><INVBUY>{tran()}<UNITS>-10<UNITPRICE>20<TOTAL>200{CASH}</INVBUY></BUYSTOCK>"
    )
    found = line(tmp_path, record)
    assert (found.amount, found.trade and found.trade.units) == (Decimal(200), Decimal(-10))


def test_an_employers_contribution_never_was_in_the_cash(tmp_path: Path) -> None:
    found = line(
        tmp_path,
        f"<BUYMF><INVBUY>{tran()}<UNITS>10<UNITPRICE>20.00<TOTAL>-200.00{PLAN}</INVBUY></BUYMF>",
    )
    assert found.amount == 0
    assert found.trade
    assert (found.trade.total, found.trade.source) == (Decimal(-200), "MATCH")


def test_a_reinvestment_moves_no_cash_and_says_what_it_reinvested(tmp_path: Path) -> None:
    found = line(
        tmp_path,
        f"<REINVEST>{tran()}<INCOMETYPE>CGLONG<TOTAL>-12.40<SUBACCTSEC>CASH<UNITS>0.5"
        "<UNITPRICE>24.80</REINVEST>",
    )
    assert found.amount == 0
    assert found.trade
    assert (found.trade.action, found.trade.income) == ("reinvest", "CGLONG")
    assert (found.trade.units, found.trade.total) == (Decimal("0.5"), Decimal("-12.40"))


@pytest.mark.parametrize(
    ("record", "action", "amount", "income"),
    [
        (f"<INCOME>{{}}<INCOMETYPE>DIV<TOTAL>41.04{CASH}</INCOME>", "income", "41.04", "DIV"),
        (f"<INVEXPENSE>{{}}<TOTAL>-2.10{CASH}</INVEXPENSE>", "expense", "-2.10", ""),
        (
            "<MARGININTEREST>{}<TOTAL>-3.20<SUBACCTFUND>MARGIN</MARGININTEREST>",
            "expense",
            "-3.20",
            "INTEREST",
        ),
        (f"<RETOFCAP>{{}}<TOTAL>15{CASH}</RETOFCAP>", "return-of-capital", "15", ""),
        (
            "<JRNLFUND>{}<SUBACCTTO>CASH<SUBACCTFROM>MARGIN<TOTAL>70</JRNLFUND>",
            "journal",
            "0",
            "",
        ),
        (
            "<JRNLFUND>{}<SUBACCTTO>OTHER<SUBACCTFROM>CASH<TOTAL>70</JRNLFUND>",
            "journal",
            "-70",
            "",
        ),
        (
            "<CLOSUREOPT>{}<OPTACTION>EXPIRE<UNITS>-2<SHPERCTRCT>100</CLOSUREOPT>",
            "closure",
            "0",
            "EXPIRE",
        ),
    ],
)
def test_other_records_say_what_they_did_and_what_the_cash_gained(
    tmp_path: Path, record: str, action: str, amount: str, income: str
) -> None:
    found = line(tmp_path, record.format(tran()))
    assert found.trade
    assert (found.trade.action, found.amount) == (action, Decimal(amount))
    assert found.trade.income == income


def test_dividends_that_lost_tax_say_how_much(tmp_path: Path) -> None:
    record = f"<INCOME>{tran()}<INCOMETYPE>DIV<TOTAL>85<WITHHOLDING>15{CASH}</INCOME>"
    found = trade(tmp_path, record)
    assert (found.total, found.withholding) == (Decimal(85), Decimal(15))


def test_a_split_says_its_ratio_the_units_it_added_and_the_cash_for_fractions(
    tmp_path: Path,
) -> None:
    found = line(
        tmp_path,
        f"<SPLIT>{tran()}<OLDUNITS>10<NEWUNITS>20<NUMERATOR>2<DENOMINATOR>1<FRACCASH>0.75</SPLIT>",
    )
    assert found.trade
    assert (found.trade.action, found.trade.units) == ("split", Decimal(10))
    assert (found.trade.numerator, found.trade.denominator) == (Decimal(2), Decimal(1))
    assert found.amount == Decimal("0.75")


def test_a_transfer_in_kind_brings_the_lot_the_file_states(tmp_path: Path) -> None:
    found = trade(
        tmp_path,
        f"<TRANSFER>{tran()}<UNITS>5<TFERACTION>IN<AVGCOSTBASIS>18.20<DTPURCHASE>20240105"
        "</TRANSFER>",
    )
    assert (found.action, found.units) == ("transfer", Decimal(5))
    assert (found.cost, found.acquired) == (Decimal("18.20"), dt.date(2024, 1, 5))


def test_a_transfer_in_kind_without_a_basis_has_none(tmp_path: Path) -> None:
    found = trade(tmp_path, f"<TRANSFER>{tran()}<UNITS>5<TFERACTION>OUT<UNITPRICE>20</TRANSFER>")
    assert (found.units, found.cost, found.acquired) == (Decimal(-5), None, None)


def test_a_cash_movement_of_the_account_is_an_ordinary_line(tmp_path: Path) -> None:
    found = line(
        tmp_path,
        "<INVBANKTRAN><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260904<TRNAMT>400.00<FITID>B"
        "<NAME>Deposit</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN>",
    )
    assert (found.payee, found.amount, found.trade) == ("Deposit", Decimal(400), None)


def test_positions_say_what_is_held_and_at_which_price_of_which_day(tmp_path: Path) -> None:
    held = (
        f"<POSMF><INVPOS>{FUND}<HELDINACCT>CASH<POSTYPE>{{}}<UNITS>{{}}<UNITPRICE>21<MKTVAL>210"
        "<DTPRICEASOF>20260929</INVPOS></POSMF>"
    )
    found = statement(tmp_path, "", held.format("LONG", "10") + held.format("SHORT", "3"))
    first, second = found.positions
    assert (first.security.ticker, first.units, first.value) == ("FERN", Decimal(10), Decimal(210))
    assert (first.date, first.price_date) == (dt.date(2026, 9, 30), dt.date(2026, 9, 29))
    assert second.units == -3


def test_an_open_order_is_no_transaction(tmp_path: Path) -> None:
    order = f"<INVOOLIST><OOBUYMF><OO><FITID>O1{FUND}<UNITS>5</OO></OOBUYMF></INVOOLIST>"
    content = FILE.format(records="", positions="", margin="0")
    path = tmp_path / "export.dat"
    path.write_text(content.replace("<INVBAL>", order + "<INVBAL>"))
    (found,) = read_statement_file(path, PROFILES).statements
    assert (found.lines, found.positions) == ((), ())


def test_money_borrowed_on_margin_is_told_since_the_balance_does_not_hold_it(
    tmp_path: Path,
) -> None:
    assert read(tmp_path, "").warnings == ()
    (warning,) = read(tmp_path, "", margin="-50").warnings
    assert "-50.00 on margin" in warning


def test_a_record_that_is_not_closed_does_not_hide_the_next(tmp_path: Path) -> None:
    record = f"<INCOME>{tran()}<INCOMETYPE>DIV<TOTAL>1{CASH}"
    assert [x.amount for x in statement(tmp_path, record * 3).lines] == [Decimal(1)] * 3


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (f"<INCOME>{tran()}<INCOMETYPE>DIV{CASH}</INCOME>", "has no total"),
        (f"<BUYMF><INVBUY>{tran()}<TOTAL>-20{CASH}</INVBUY></BUYMF>", "has no units"),
        (f"<INCOME>{tran('20260231')}<TOTAL>1{CASH}</INCOME>", "which is none"),
        (f"<INCOME>{tran()}<TOTAL>1..0{CASH}</INCOME>", "is not an amount"),
    ],
)
def test_what_a_record_leaves_out_is_not_worked_out(tmp_path: Path, record: str, said: str) -> None:
    with pytest.raises(RefusedFileError, match=said) as caught:
        statement(tmp_path, record)
    assert caught.value.line == 5
