"""Layouts of banks, each as a line or two of what its export looks like, and what must come out."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, StatementFile

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")

WELLS_FARGO = (
    '"09/03/2026","-12.00","*","","TEA HOUSE"\n"09/01/2026","900.00","*","","CLIENT DEPOSIT"\n'
)
BARCLAYS = (
    "Barclays Bank Delaware\nAccount Number: XXXXXXXXXXXX1974\n"
    "Account Balance as of September 26 2026:    $81.43\n\n"
    "Transaction Date,Description,Category,Amount\n"
)
VENMO = (
    "Account Statement - (@jane)\nAccount Activity\n"
    ",ID,Datetime,Type,Status,Note,From,To,Amount (total),Beginning Balance,Ending Balance\n"
    ",1,2026-09-01T10:00:00,Payment,Complete,rent,Ann Client,Jane Doe,+ $20.00,,\n"
    ",2,2026-09-02T10:00:00,Payment,Complete,tea,Jane Doe,Bob Seller,- $5.00,,\n"
)

# File, profile, and of each line: day, amount as the owner sees it, payee.
LAYOUTS = [
    (WELLS_FARGO, "wells-fargo", [(3, "-12.00", "TEA HOUSE"), (1, "900.00", "CLIENT DEPOSIT")]),
    (
        '"DATE","DESCRIPTION","AMOUNT","CHECK #","STATUS"\n'
        '"09/03/2026","TEA HOUSE","-12.00","","Posted"\n'
        '"09/04/2026","COFFEE","-3.00","","Pending"\n',
        "wells-fargo-history",
        [(3, "-12.00", "TEA HOUSE")],
    ),
    (
        "Date (UTC),Description,Amount,Status,Source Account,Bank Description,Reference,Note\n"
        "09-03-2026,Tea House,-12.00,Sent,Mercury Checking xx8655,TEA HOUSE LLC,,\n"
        "09-04-2026,Lost,-1.00,Failed,Mercury Checking xx8655,LOST,,\n",
        "mercury",
        [(3, "-12.00", "Tea House")],
    ),
    (
        "Date, Time, Amount, Type, Description\n2026-09-03, 10:00:00, -12.00, Withdrawal, Tea\n",
        "ally",
        [(3, "-12.00", "Tea")],
    ),
    (
        "Transaction Date,Transaction Description,Transaction Type,Debit,Credit,Balance\n"
        '09/03/2026,Tea,Debit,$12.00,0,$88.00\n09/01/2026,Pay,Credit,0,"$1,000.00",$100.00\n',
        "discover-bank",
        [(3, "-12.00", "Tea"), (1, "1000.00", "Pay")],
    ),
    (  # a payment is negative in newer exports, and positive in older ones
        "Status,Date,Description,Debit,Credit,Member Name\n"
        "Cleared,09/03/2026,TEA,12.00,,JANE\nCleared,09/02/2026,PAYMENT,,-50.00,JANE\n"
        "Cleared,09/01/2026,REFUND,,7.00,JANE\n",
        "citi-card",
        [(3, "-12.00", "TEA"), (2, "50.00", "PAYMENT"), (1, "7.00", "REFUND")],
    ),
    (
        '"Date","Transaction","Name","Memo","Amount"\n'
        '"2026-09-03","DEBIT","TEA HOUSE","24431; 05814","-12.00"\n',
        "us-bank",
        [(3, "-12.00", "TEA HOUSE")],
    ),
    (
        "Date,Description,Withdrawals,Deposits,Category,Balance\n"
        '"09/03/2026","TEA","$12.00","","Food","$1,088.00"\n',
        "pnc",
        [(3, "-12.00", "TEA")],
    ),
    (BARCLAYS + "09/03/2026,TEA,DEBIT,-12.00\n", "barclays-us-card", [(3, "-12.00", "TEA")]),
    (
        "Number,Date,Account,Amount,Subcategory,Memo\n"
        "1,03/09/2026,20-00-00 12345678,-12.00,PAYMENT,TEA\n",
        "barclays-uk",
        [(3, "-12.00", "TEA")],
    ),
    (  # who the other side is stands in one of three columns
        '"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance",'
        '"Payer Name","Payee Name",Merchant,"Total fees"\n'
        "CARD-1,03-09-2026,-12.00,EUR,Card transaction,,88.00,,,Tea House,0.00\n"
        "TRANSFER-1,01-09-2026,100.00,EUR,Received money,INV-1,100.00,Ann Client,,,0.00\n",
        "wise",
        [(3, "-12.00", "Tea House"), (1, "100.00", "Ann Client")],
    ),
    (
        "transaction_entity,entity_id,amount,currency,fee (exclusive tax),tax,debit,credit,"
        "settlement_id,settled_at,settlement_utr\n"
        "payment,pay_1,100.00,INR,2.00,0.36,0.00,97.64,setl_1,2026-09-03T13:33:57,UTR1\n"
        "refund,rfnd_1,10.00,INR,0.00,0.00,10.00,0.00,setl_1,03/09/2026 13:33:57,UTR1\n"
        "payment,pay_2,5.00,INR,0.10,0.02,0.00,4.88,,,\n",
        None,  # dates in two forms are no export
        [],
    ),
    (
        "Date,Description,Card Member,Account #,Amount\n09/03/2026,TEA,JANE DOE,-11009,12.00\n",
        "american-express-short",
        [(3, "-12.00", "TEA")],
    ),
    (
        "Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes\n"
        "03/09/2026,Tea House,REF,CARD,-12.00,88.00,EATING,\n",
        "starling",
        [(3, "-12.00", "Tea House")],
    ),
    (
        "Date,Type,Description,Value,Balance,Account Name,Account Number\n"
        '03 Sep 2026,POS,"TEA , LONDON GB",-12.00,88.00,Doe J,600000-12345678\n',
        "natwest",
        [(3, "-12.00", "TEA , LONDON GB")],
    ),
    (
        "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,"
        "Debit Amount,Credit Amount,Balance,\n"
        "03/09/2026,DEB,'11-22-33,87651234,TEA,12.00,,88.00,\n",
        "lloyds",
        [(3, "-12.00", "TEA")],
    ),
    (
        '"Account Name:","FlexAccount ****45678"\n"Account Balance:","£88.00"\n\n'
        '"Date","Transaction type","Description","Paid out","Paid in","Balance"\n'
        '"03 Sep 2026","Visa purchase","TEA","£12.00","","£88.00"\n',
        "nationwide",
        [(3, "-12.00", "TEA")],
    ),
    (
        '"Booking Date","Value Date","Partner Name","Partner Iban",Type,"Payment Reference",'
        '"Account Name","Amount (EUR)","Original Amount"\n'
        "2026-09-03,2026-09-03,Tea House,,Presentment,,Main,-12.00,\n",
        "n26",
        [(3, "-12.00", "Tea House")],
    ),
    (
        '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";'
        '"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"Betrag";"Waehrung";"Info"\n'
        '"DE00";"03.09.26";"03.09.26";"KARTE";"Einkauf";"Teehaus";"";"-1.012,00";"EUR";'
        '"Umsatz gebucht"\n'
        '"DE00";"04.09.26";"04.09.26";"KARTE";"Einkauf";"Kiosk";"";"-2,00";"EUR";'
        '"Umsatz vorgemerkt"\n',
        "sparkasse",
        [(3, "-1012.00", "Teehaus")],
    ),
    (VENMO, "venmo", [(1, "20.00", "Ann Client"), (2, "-5.00", "Bob Seller")]),
    (  # each transaction has a second row with its description
        "Account details for:,FRANK Account 700-123456-001\nLedger Balance,88.00\n\n"
        "Transaction date,Value date,Description,Withdrawals (SGD),Deposits (SGD)\n"
        "03/09/2026,03/09/2026,DEBIT PURCHASE,12.00,\n,,TEA HOUSE\n",
        "ocbc",
        [(3, "-12.00", "DEBIT PURCHASE TEA HOUSE")],
    ),
]


def read(tmp_path: Path, text: str) -> StatementFile:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode("cp1252"))
    return read_statement_file(path, PROFILES)


@pytest.mark.parametrize(
    ("text", "name", "expected"), LAYOUTS, ids=[str(name) for _, name, _ in LAYOUTS]
)
def test_a_layout_is_read_by_its_profile(
    tmp_path: Path, text: str, name: str | None, expected: list[tuple[int, str, str]]
) -> None:
    if name is None:
        with pytest.raises(RefusedFileError, match="is not a date"):
            read(tmp_path, text)
        return
    (statement,) = read(tmp_path, text).statements
    assert statement.identity[0] == f"{name}-1"
    assert [(line.date, line.amount, line.payee) for line in statement.lines] == [
        (dt.date(2026, 9, day), Decimal(amount), payee) for day, amount, payee in expected
    ]


def test_razorpay_is_net_of_fee_and_tax(tmp_path: Path) -> None:
    text = next(t for t, _, _ in LAYOUTS if "settlement_utr" in t)
    rows = text.splitlines()
    (statement,) = read(tmp_path, "\n".join([rows[0], rows[1], rows[3]])).statements
    assert [(line.amount, line.bank_id) for line in statement.lines] == [
        (Decimal("97.64"), "pay_1")  # pay_2 is not settled yet
    ]


def test_an_account_of_either_kind_is_left_to_the_books(tmp_path: Path) -> None:
    assert read(tmp_path, WELLS_FARGO).statements[0].kind == "any"


@pytest.mark.parametrize(
    "changed",
    [
        WELLS_FARGO.replace('"*"', '"x"', 1),  # one row without the star
        "Date,Amount\n" + WELLS_FARGO,
        WELLS_FARGO.replace(',"TEA HOUSE"', ""),
    ],
)
def test_a_shape_is_every_rows(tmp_path: Path, changed: str) -> None:
    with pytest.raises(RefusedFileError):
        read(tmp_path, changed)


def test_a_header_that_others_have_too_needs_its_preamble(tmp_path: Path) -> None:
    rows = "Transaction Date,Description,Category,Amount\n09/03/2026,TEA,Food,12.00\n"
    with pytest.raises(RefusedFileError, match="no profile knows its columns"):
        read(tmp_path, rows)


def test_entities_are_decoded_for_display_and_kept_in_the_cells(tmp_path: Path) -> None:
    text = "Date, Time, Amount, Type, Description\n2026-09-03,10:00,-1.00,W,Tea &amp; Caf&#233;\n"
    (line,) = read(tmp_path, text).statements[0].lines
    assert (line.payee, line.cells["Description"]) == ("Tea & Café", "Tea &amp; Caf&#233;")
