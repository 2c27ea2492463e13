"""Hard cases of importing from end to end: real files, the readers that know them, the books.

The others stand beside what they are about, with their number in their name: 1, 3 to 5, 7 and 9 in
``test_plan``, 22 in ``test_second_source``, 23 to 25 in ``test_transfers``, 26 in ``test_payouts``,
27 in ``test_balances`` and ``test_formats``, 28 in ``test_csv``, ``test_qif`` and ``test_propose``,
29 in ``test_proof``, 30 in ``test_pdf``, and those about feeds (8, 10 to 21) in ``test_feed``.
The ones without a number are all here.
"""

import datetime as dt
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from bank import CHECKING, open_accounts
from feeds import Bank, synced
from feeds import line as feed_line

from core.home import Home
from core.identity import ids_of
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import apply
from scripts.importing import leave_unknown, plan_files

CSV = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/{b:02}/2026,"CORNER SHOP {b}",-{b}.00,ACH_DEBIT,,,
DEBIT,09/{a:02}/2026,"CORNER SHOP {a}",-{a}.00,ACH_DEBIT,,,
"""
OFX = """\
OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>
<DTSERVER>20260930<LANGUAGE>ENG<FI><ORG>Chase<FID>1</FI></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>1<ACCTID>000123454411<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260901<DTEND>20260930
{lines}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home, [CHECKING])
    return home


def line(date: str, amount: str, name: str, fitid: str) -> str:
    return (
        f"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{date}<TRNAMT>{amount}<FITID>{fitid}"
        f"<NAME>{name}</STMTTRN>\n"
    )


def bring(home: Home, name: str, text: str) -> Books:
    """The books after a file of this name was imported."""
    path = home.path.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    plan = plan_files(home, read(home.main_root), [path], leave_unknown)
    assert not plan.refused, plan.files[0].refused
    apply(home, plan.change, key=str(uuid.uuid4()))
    return read(home.main_root)


def days(books: Books) -> list[int]:
    return [txn.date.day for txn in books.transactions]


def test_02_exports_that_overlap_bring_each_line_once_from_any_folder(acme: Home) -> None:
    bring(acme, "chase4411.csv", CSV.format(a=3, b=9))
    books = bring(acme, "other folder/Chase4411_Activity.CSV", CSV.format(a=9, b=20))
    assert days(books) == [3, 9, 20]
    assert not any("folder" in i for t in books.transactions for i in ids_of(t.postings[0]))


def test_06_without_a_bank_id_the_content_is_the_id_and_twins_are_counted(acme: Home) -> None:
    twin = line("20260903", "-4.50", "COFFEE", "")
    books = bring(acme, "a.ofx", OFX.format(lines=twin + twin))
    first, second = (ids_of(t.postings[0])[0] for t in books.transactions)
    assert second == f"{first}-2"
    assert days(bring(acme, "b.ofx", OFX.format(lines=twin + twin + twin))) == [3, 3, 3]


def test_08_an_id_with_odd_characters_is_text_and_no_link(acme: Home) -> None:
    odd = "2026/09^03 #7 &quot;é&quot;"
    books = bring(acme, "a.ofx", OFX.format(lines=line("20260903", "-4.50", "COFFEE", odd)))
    (txn,) = books.transactions
    assert not txn.links
    assert not txn.tags
    assert not books.findings
    assert days(bring(acme, "b.ofx", OFX.format(lines=line("20260903", "-4.50", "C", odd)))) == [3]


def test_a_line_near_midnight_keeps_the_banks_own_day(acme: Home) -> None:
    late = line("20260930233000[-5:EST]", "-4.50", "COFFEE", "F1")
    (txn,) = bring(acme, "a.ofx", OFX.format(lines=late)).transactions
    assert txn.date == dt.date(2026, 9, 30)


def test_a_wrong_extension_does_not_matter(acme: Home) -> None:
    late = line("20260930", "-4.50", "COFFEE", "F1")
    assert days(bring(acme, "statement.csv", OFX.format(lines=late))) == [30]
    assert days(bring(acme, "chase4411.pdf", CSV.format(a=3, b=9))) == [3, 9, 30]


def test_a_name_with_html_in_it_is_shown_plain_and_kept_raw(acme: Home) -> None:
    text = CSV.format(a=3, b=9).replace("CORNER SHOP 3", "SMITH &amp; SONS")
    first = bring(acme, "chase4411.csv", text).transactions[0]
    assert first.payee == "SMITH & SONS"
    kept = Path(acme.ledger).rglob("*chase4411.csv")
    assert "SMITH &amp; SONS" in next(p for p in kept if "documents" in p.parts).read_text()


CAMT = """\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>S1</Id>
<Acct><Id><IBAN>DE89370400440000004411</IBAN></Id></Acct>
<Ntry><Amt Ccy="USD">40.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-09-03</Dt></BookgDt><AddtlNtryInf>RENT</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="USD">40.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-09-04</Dt></BookgDt><AddtlNtryInf>RENT</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


def test_a_camt_reversal_undoes_what_it_reverses(acme: Home) -> None:
    books = bring(acme, "september.xml", CAMT)
    assert [str(t.postings[0].units) for t in books.transactions] == ["-40.00 USD", "40.00 USD"]


def test_a_category_that_nobody_knows_is_imported_uncategorised(acme: Home) -> None:
    strange = replace(feed_line("t1", 3, "-20.00"), category="QUANTUM_SNACKS")
    synced(acme, Bank().adds(strange))
    (txn,) = read(acme.main_root).transactions
    assert (txn.meta["review"], str(txn.postings[0].units)) == ("categorise", "-20.00 USD")


def test_units_without_a_cost_basis_get_no_invented_lot(acme: Home) -> None:
    path = acme.ledger / "acme/accounts.beancount"
    path.write_text(
        f"{path.read_text()}2020-01-01 open Assets:Acme:Broker:Vanguard:Cash USD\n"
        '  role: "bank"\n  account-id: "vanguard-5678"\n  line: "cash-and-equivalents"\n'
    )
    header = (
        "Account Number,Trade Date,Settlement Date,Transaction Type,Transaction Description,"
        "Investment Name,Symbol,Shares,Share Price,Principal Amount,Commissions and Fees,"
        "Net Amount,Accrued Interest,Account Type,\n"
    )
    row = (
        "10005678,2026-09-03,2026-09-03,{},From Oak,FERN FUND,FERN,{},20.0,{n},0.0,{n},0.0,CASH,\n"
    )
    rows = row.format("Transfer (incoming)", "3.0", n="0.0") + row.format("Sell", "-1.0", n="25.0")
    books = bring(acme, "OfxDownload.csv", header + rows)
    fern = [p for t in books.transactions for p in t.postings if p.units.currency == "FERN"]
    assert fern
    assert not [p for p in fern if p.cost]
    assert {t.meta["review"] for t in books.transactions} == {"lots"}
