"""OFX files that are damaged, or written as some banks do: nothing of them may be read wrongly."""

import contextlib
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.findings import UserError
from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, StatementFile, StatementLine

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
OPENING = (
    "<OFX><BANKMSGSRSV1><STMTTRNRS><STATUS><CODE>0<SEVERITY>INFO<MESSAGE>Fine</STATUS>\n"
    "<STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>77</BANKACCTFROM><BANKTRANLIST>\n"
)
TEA = "<STMTTRN><DTPOSTED>20260903<TRNAMT>-12.34<FITID>A<NAME>Tea</STMTTRN>\n"
ENDING = (
    "</BANKTRANLIST><LEDGERBAL><BALAMT>5.00<DTASOF>20260903</LEDGERBAL>"
    "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
)
WHOLE = OPENING + TEA + ENDING


def read(tmp_path: Path, content: str) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_text(content)
    return read_statement_file(path, PROFILES)


def only_line(tmp_path: Path, content: str) -> StatementLine:
    (statement,) = read(tmp_path, content).statements
    (line,) = statement.lines
    return line


@pytest.mark.parametrize(
    "content",
    [
        OPENING + TEA,
        OPENING + TEA + "<STMTTRN><DTPOSTED>20260904<FITID>B<TRNAMT>-12.3",
        WHOLE.removesuffix("</OFX>"),
        WHOLE.removesuffix(">"),
    ],
)
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(RefusedFileError, match="ends before </OFX>") as caught:
        read(tmp_path, content)
    assert caught.value.hint
    assert caught.value.line


def test_what_stands_in_a_comment_is_no_transaction(tmp_path: Path) -> None:
    assert only_line(tmp_path, OPENING + TEA + f"<!-- {TEA} -->" + ENDING).row == 3


def test_the_text_of_a_cdata_section_is_text(tmp_path: Path) -> None:
    line = only_line(tmp_path, WHOLE.replace("Tea", "<![CDATA[Tea & <b> Co]]>"))
    assert line.payee == "Tea & <b> Co"


@pytest.mark.parametrize("opened", ["<!--", "<![CDATA["])
def test_a_section_without_an_end_is_refused(tmp_path: Path, opened: str) -> None:
    with pytest.raises(RefusedFileError, match="without"):
        read(tmp_path, WHOLE.replace("<FITID>", opened))


def test_an_aggregate_may_be_a_leaf(tmp_path: Path) -> None:
    assert only_line(tmp_path, WHOLE.replace("<NAME>", "<PAYEE>")).payee == "Tea"
    assert only_line(tmp_path, WHOLE.replace("<NAME>", "<CURRENCY>USD<NAME>")).payee == "Tea"
    nested = WHOLE.replace("<NAME>Tea", "<PAYEE><NAME>Tea<CITY>Bath</PAYEE>")
    assert only_line(tmp_path, nested).payee == "Tea"


def test_an_element_that_closes_itself_holds_nothing(tmp_path: Path) -> None:
    (statement,) = read(
        tmp_path, WHOLE.replace("<LEDGERBAL>", "<LEDGERBAL/><AVAILBAL>").replace("</LEDGERBAL>", "")
    ).statements
    assert statement.balance is None


def test_an_account_that_the_bank_could_not_send_is_told(tmp_path: Path) -> None:
    failed = "<STMTTRNRS><STATUS><CODE>2003<SEVERITY>ERROR<MESSAGE>Account closed</STATUS>"
    file = read(tmp_path, WHOLE.replace("</BANKMSGSRSV1>", failed + "</STMTTRNRS></BANKMSGSRSV1>"))
    assert file.warnings == ("the bank says “Account closed”: an account may be missing",)
    note = failed.replace("ERROR", "WARN")
    assert not read(tmp_path, WHOLE.replace("</BANKMSGSRSV1>", note + "</BANKMSGSRSV1>")).warnings


def test_an_error_without_words_is_told_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError, match="status 2000"):
        read(tmp_path, "<OFX><SONRS><STATUS><CODE>2000<SEVERITY>ERROR</STATUS></SONRS></OFX>")


@pytest.mark.parametrize(
    ("old", "new"),
    [("-12.34", "1,234"), ("-12.34", ""), ("20260903<TRNAMT>", "<TRNAMT>"), ("5.00", "5..00")],
)
def test_a_refusal_says_the_line_and_what_to_do(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, WHOLE.replace(old, new))
    assert caught.value.line in {3, 4}
    assert caught.value.hint
    assert "nothing of the file was used" in caught.value.message


def test_two_lists_and_two_lines_with_one_fitid_are_kept(tmp_path: Path) -> None:
    lists = TEA + "</BANKTRANLIST><BANKTRANLIST>" + TEA.replace("-12.34", "-0.12")
    (statement,) = read(tmp_path, OPENING + lists + ENDING).statements
    assert [line.amount for line in statement.lines] == [Decimal("-12.34"), Decimal("-0.12")]
    assert statement.balance == Decimal("5.00")


@pytest.mark.parametrize(
    "bomb",
    [
        "<OFX><" + "A" * 2_000_000,
        "<OFX>" + "<A" * 1_000_000,
        "<OFX>" + "<!--" * 500_000,
        "<OFX>" + "<!" * 1_000_000,
        "<OFX>" + "<![CDATA[" * 200_000,
        "<OFX>" + " " * 9_000_000 + "<",
        "<OFX>" + "<A>" * 3_400_000,
    ],
    ids=lambda bomb: bomb[:12],
)
def test_a_bomb_is_refused_soon(tmp_path: Path, bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(RefusedFileError):
        read(tmp_path, bomb)
    assert time.process_time() - started < 15


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cuts=st.lists(
        st.tuples(
            st.integers(0, len(WHOLE)),
            st.integers(0, 20),
            st.sampled_from(
                "|<|>|</|/>|<!--|-->|<![CDATA[|]]>|&#x0;|<PAYEE>|<STMTTRN>|</STMTTRN>|<STMTRS>"
                "|<STATUS>|\0|９|1e9|,".split("|")
            ),
        ),
        max_size=6,
    )
)
def test_a_mutated_file_is_read_or_refused(
    tmp_path: Path, cuts: list[tuple[int, int, str]]
) -> None:
    text = WHOLE
    for start, length, new in cuts:
        text = text[:start] + new + text[start + length :]
    with contextlib.suppress(UserError):
        assert read(tmp_path, text).statements
