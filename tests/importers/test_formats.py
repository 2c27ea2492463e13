"""Statement files written here: every quirk that banks have, and files that mean harm."""

import contextlib
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.findings import UserError
from importers.csv.profile import Profile
from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, StatementFile

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")

OFX = """\
OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><FI><ORG>Test Bank</FI></SONRS>
</SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>1<ACCTID>000987654321<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260903233000[-5:EST]<TRNAMT>-12.34<FITID>A1
<NAME>Tea &amp; Co<MEMO>Oolong</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>100.00<DTASOF>20260930</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
and a line behind the end
"""
CHASE = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/03/2026,"TEA, INC",-12.34,ACH_DEBIT,87.66,,
CREDIT,09/01/2026,OPENING,100.00,ACH_CREDIT,100.00,,
"""


def read(tmp_path: Path, content: str | bytes, name: str = "export.dat") -> StatementFile:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_statement_file(path, PROFILES)


def refusal(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, content)
    return str(caught.value)


def test_an_ofx_line_keeps_the_banks_own_day_and_raw_text(tmp_path: Path) -> None:
    (statement,) = read(tmp_path, OFX).statements
    (line,) = statement.lines
    assert line.date == dt.date(2026, 9, 3)  # 23:30 in New York is the next day in Greenwich
    assert (line.amount, line.payee, line.narration) == (Decimal("-12.34"), "Tea & Co", "Oolong")
    assert line.cells["NAME"] == "Tea &amp; Co"
    assert line.bank_id == "A1"
    assert (statement.account_id, statement.balance) == ("000987654321", Decimal("100.00"))
    assert statement.balance_date == dt.date(2026, 9, 30)


@pytest.mark.parametrize(
    ("old", "new", "amount"),
    [
        ("-12.34", "$120", "120"),
        ("-12.34", "1,234.56", "1234.56"),
        ("-12.34", "-12,34", "-12.34"),
        ("-12.34", "+5", "5"),
    ],
)
def test_an_ofx_amount_as_banks_write_it(tmp_path: Path, old: str, new: str, amount: str) -> None:
    (statement,) = read(tmp_path, OFX.replace(old, new)).statements
    assert statement.lines[0].amount == Decimal(amount)


@pytest.mark.parametrize(
    "changed",
    [
        OFX[OFX.index("<OFX>") :],
        OFX[: OFX.index("<OFX>")].replace("\n", " ") + OFX[OFX.index("<OFX>") :],
        "<?xml version='1.0'?>\n<!-- OFXHEADER:100 -->\n" + OFX[OFX.index("<OFX>") :],
        OFX.replace("CHARSET:1252\n", ""),
        OFX.replace("<FITID>A1", "<FITID>"),
        OFX.replace("<CURDEF>USD", ""),
        OFX.replace("\n", "\r\n"),
    ],
)
def test_an_odd_header_or_an_empty_tag_changes_nothing(tmp_path: Path, changed: str) -> None:
    (statement,) = read(tmp_path, changed).statements
    assert [line.amount for line in statement.lines] == [Decimal("-12.34")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_accents_survive_a_header_that_lies(tmp_path: Path, encoding: str) -> None:
    (statement,) = read(tmp_path, OFX.replace("Oolong", "Café").encode(encoding)).statements
    assert statement.lines[0].narration == "Café"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + OFX, "declares a document type"),
        ("<OFX></OFX>", "holds no statement"),
        (OFX.replace("20260903233000[-5:EST]", "20260231"), "which is none"),
        (OFX.replace("-12.34", "12..34"), "'12..34' is not an amount"),
        (OFX.replace("-12.34", "1,234"), "thousands or as decimals"),
        ("<OFX>" + "<STMTRS>" * 100, "nested too deeply"),
        ("<OFX><INVSTMTMSGSRSV1></OFX>", "holds no statement"),
        ("", "is empty"),
        (b"\x00\x01\x02", "NUL"),
        ("%PDF-1.7", "is damaged"),
        ("When,What,How much\n1,2,3\n", "no profile knows its columns (When, What, How much)"),
        (CHASE.replace("-12.34", "12..34"), "export.dat:2"),
        (CHASE.replace("09/03/2026", "03.09.2026"), "is not a date as this bank writes it"),
        (CHASE.replace("TEA", "x" * 200_000), "field larger than"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    assert said in refusal(tmp_path, content)


def test_a_csv_is_known_by_its_columns_whatever_its_name(tmp_path: Path) -> None:
    file = read(tmp_path, "A title\n\n" + CHASE, "export.qfx")
    (statement,) = file.statements
    assert (file.format, file.institution, statement.kind) == ("csv", "Chase", "bank")
    assert [line.row for line in statement.lines] == [4, 5]
    assert statement.lines[0].payee == "TEA, INC"
    assert (statement.balance, statement.balance_date) == (Decimal("87.66"), dt.date(2026, 9, 3))


def test_a_header_alone_is_no_success_to_be_silent_about(tmp_path: Path) -> None:
    file = read(tmp_path, CHASE.splitlines()[0] + "\n")
    assert file.warnings == ("has a header and no transactions",)


def test_27_a_cards_inverted_sign_is_turned(tmp_path: Path) -> None:
    text = "Trans. Date,Post Date,Description,Amount,Category\n09/01/2026,09/02/2026,TEA,5.00,x\n"
    assert read(tmp_path, text).statements[0].lines[0].amount == Decimal("-5.00")


def test_dates_that_read_two_ways_are_refused_unless_a_row_decides(tmp_path: Path) -> None:
    profile = Profile.model_validate(
        {
            "institution": "Both",
            "kind": "bank",
            "header": ["When", "Who", "Sum"],
            "columns": {"date": "When", "payee": "Who", "amount": "Sum"},
            "date-format": ["%m/%d/%Y", "%d/%m/%Y"],
            "identity": {"version": 1, "columns": ["When"]},
        }
    )
    path = tmp_path / "x.csv"
    path.write_text("When,Who,Sum\n03/04/2026,A,1\n")
    with pytest.raises(RefusedFileError, match="day or with the month first"):
        read_statement_file(path, {"both": profile})
    path.write_text("When,Who,Sum\n03/04/2026,A,1\n13/04/2026,A,1\n")
    lines = read_statement_file(path, {"both": profile}).statements[0].lines
    assert [line.date for line in lines] == [dt.date(2026, 4, 3), dt.date(2026, 4, 13)]


def test_two_profiles_with_one_header_are_a_question(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(CHASE)
    twice = {"one": PROFILES["chase-checking"], "two": PROFILES["chase-checking"]}
    with pytest.raises(RefusedFileError, match="the columns of one and of two"):
        read_statement_file(path, twice)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.sampled_from([OFX.encode(), CHASE.encode()]),
    cuts=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 9), st.binary(max_size=6))),
)
def test_a_mutated_file_is_read_or_refused_and_never_crashes(
    tmp_path: Path, seed: bytes, cuts: list[tuple[int, int, bytes]]
) -> None:
    for start, length, new in cuts:
        seed = seed[:start] + new + seed[start + length :]
    path = tmp_path / "fuzz"
    path.write_bytes(seed)
    with contextlib.suppress(UserError):
        assert read_statement_file(path, PROFILES).format in {"ofx", "csv"}
