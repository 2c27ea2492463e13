"""MT940 statements written here: marks, dates over the year's end, ways of writing :86:, cuts."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from core.identity import LineIds
from importers.detect import read_statement_file
from importers.statement import RefusedFileError, StatementFile, StatementLine

FIRST = """\
:20:STARTUMS
:25:12345678/0000004411
:28C:00001/001
:60F:C260901EUR100,00
:61:2609030903D12,34NTRFNONREF//B1
SUPPLEMENT
:86:177?00ONLINE?20EREF+INV-7?21SVWZ+Oolong and c?22ups?30NOLADE21
?31DE02120300000000202051?32Tea and?33 Co
:62F:C260930EUR87,66
:64:C260930EUR87,66
-
"""
SECOND = """\
:20:STARTUMS
:25:12345678/0000004411
:28C:00002/001
:60F:C260930EUR87,66
:61:2610011001C5,NMSCNONREF
:86:A GIFT
:62F:C261031EUR92,66
-
"""
INTERIM = """\
:20:REF
:25:4411
:28C:1/1
:34F:EURD0,00
:13D:2609031730+0000
:61:2609030903D0,42NMSCNONREF//B9
:86:FEE
:90D:1EUR0,42
:90C:0EUR0,00
"""


def read(tmp_path: Path, content: str | bytes) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_statement_file(path, {})


def refusal(tmp_path: Path, content: str | bytes) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, content)
    assert caught.value.file
    return caught.value


def with_line(line: str, text: str = "") -> str:
    return (
        f":20:X\n:25:4411\n:28C:1\n:60F:C260901EUR0,\n:61:{line}\n"
        + f":86:{text}\n" * bool(text)
        + ":62F:C260930EUR0,\n"
    )


def only_line(tmp_path: Path, line: str, text: str = "") -> StatementLine:
    (statement,) = read(tmp_path, with_line(line, text)).statements
    return statement.lines[0]


def test_each_statement_of_a_file_keeps_its_balances(tmp_path: Path) -> None:
    file = read(tmp_path, FIRST + SECOND)
    first, second = file.statements
    (tea,) = first.lines
    assert (file.format, file.warnings) == ("mt940", ())
    assert (first.account_id, first.currency) == ("12345678/0000004411", "EUR")
    assert (first.opening, first.opening_date) == (Decimal(100), dt.date(2026, 9, 1))
    assert (first.balance, first.balance_date) == (Decimal("87.66"), dt.date(2026, 9, 30))
    assert (second.balance, second.balance_date) == (Decimal("92.66"), dt.date(2026, 10, 31))
    assert (tea.date, tea.amount, tea.payee) == (
        dt.date(2026, 9, 3),
        Decimal("-12.34"),
        "Tea and Co",
    )
    assert (tea.narration, tea.reference) == ("Oolong and cups", "INV-7")
    assert (tea.bank_id, tea.counter_account) == ("B1", "DE02120300000000202051")
    assert tea.cells[":61:"] == "2609030903D12,34NTRFNONREF//B1\nSUPPLEMENT"
    (gift,) = second.lines
    assert (gift.amount, gift.payee, gift.bank_id) == (Decimal(5), "A GIFT", "")


@pytest.mark.parametrize(
    "changed",
    [
        FIRST.replace("\n", "\r\n"),
        "\ufeff\n\n" + FIRST,
        FIRST.replace("-\n", ""),
        FIRST.removesuffix("\n"),
        "{1:F01BANKDEFFXXXX0000000000}{2:O9400000}{4:\n" + FIRST.replace("\n-\n", "\n-}\n"),
        ":940:\n" + FIRST,
    ],
)
def test_what_stands_around_a_statement_changes_nothing(tmp_path: Path, changed: str) -> None:
    (plain,) = read(tmp_path, FIRST).statements
    (statement,) = read(tmp_path, changed).statements
    assert [(line.amount, line.payee, line.cells) for line in statement.lines] == [
        (line.amount, line.payee, line.cells) for line in plain.lines
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (statement,) = read(tmp_path, SECOND.replace("GIFT", "CAFÉ").encode(encoding)).statements
    assert statement.lines[0].payee == "A CAFÉ"


@pytest.mark.parametrize(
    ("mark", "amount"),
    [("C", 5), ("D", -5), ("RC", -5), ("RD", 5), ("CR", 5), ("DR", -5), ("RCR", -5), ("RDR", 5)],
)
def test_a_reversed_credit_goes_out_and_a_reversed_debit_comes_back(
    tmp_path: Path, mark: str, amount: int
) -> None:
    # A third letter is the currency's (EUR), not a reversal.
    assert only_line(tmp_path, f"2609030903{mark}5,00NTRFNONREF").amount == amount


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2612300102", "2027-01-02"),
        ("2701021230", "2026-12-30"),
        ("2612311231", "2026-12-31"),
        ("2402280229", "2024-02-29"),
        ("2702300301", "2027-03-01"),
        ("260903", "2026-09-03"),
        ("260903    ", "2026-09-03"),
    ],
)
def test_the_year_of_an_entry_is_the_one_nearest_to_its_value(
    tmp_path: Path, written: str, day: str
) -> None:
    assert only_line(tmp_path, f"{written}D5,00NTRFNONREF").date.isoformat() == day


def test_interest_to_the_30_of_february_has_an_entry_date(tmp_path: Path) -> None:
    assert only_line(tmp_path, "2702300301D5,00NTRFNONREF").transaction_date is None
    assert "“270230” is not a date" in refusal(tmp_path, with_line("270230D5,00NTRFNONREF")).message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("177?00FEE?20SVWZ+A?21 B?32Ann", ("Ann", "A B", "", "")),
        ("177?00FEE?20EREF+NOTPROVIDED?21SVWZ+A?32Ann", ("Ann", "A", "", "")),
        ("177?00FEE", ("FEE", "", "", "")),
        ("177?20Rent?21 for May?32Ann", ("Ann", "Rent for May", "", "")),
        ("177?20KREF+1?21MTLG:Text?32Ann", ("Ann", "Text", "", "")),
        ("177?20What? is this?32Ann", ("Ann", "What? is this", "", "")),
        ("177@20SVWZ+A@32Ann@31NL1", ("Ann", "A", "", "NL1")),
        ("/EREF/E1/IBAN/NL1/NAME/Ann/REMI/Rent", ("Ann", "Rent", "E1", "NL1")),
        ("/CNTP/NL1/ABNANL2A/Ann/Bath//REMI/Rent/", ("Ann", "Rent", "", "NL1")),
        ("FREE TEXT\nIN TWO LINES", ("FREE TEXT IN TWO LINES", "", "", "")),
        ("X" * 65 + "\nY", ("X" * 65 + "Y", "", "", "")),
        ("177 dollars", ("177 dollars", "", "", "")),
    ],
)
def test_the_text_of_a_line(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    line = only_line(tmp_path, "2609030903D5,00NTRFNONREF", text)
    assert (line.payee, line.narration, line.reference, line.counter_account) == told


def test_a_text_behind_the_closing_balance_is_no_lines(tmp_path: Path) -> None:
    (statement,) = read(tmp_path, SECOND.replace("-\n", ":86:GOODBYE\n-\n")).statements
    assert statement.lines[0].cells[":86:"] == "A GIFT"


def paged() -> str:
    first = FIRST.replace("62F", "62M")
    return first + SECOND.replace("60F", "60M")


def test_the_pages_of_a_statement_are_one(tmp_path: Path) -> None:
    file = read(tmp_path, paged())
    (statement,) = file.statements
    assert [line.amount for line in statement.lines] == [Decimal("-12.34"), Decimal(5)]
    assert (statement.opening, statement.balance) == (Decimal(100), Decimal("92.66"))
    assert file.warnings == ()


def test_a_page_alone_has_no_closing_balance(tmp_path: Path) -> None:
    file = read(tmp_path, FIRST.replace("62F", "62M"))
    assert file.statements[0].balance is None
    assert "intermediate balance" in file.warnings[0]


def test_lines_that_do_not_add_up_are_told(tmp_path: Path) -> None:
    file = read(tmp_path, FIRST.replace("62F:C260930EUR87,66", "62F:C260930EUR88,66"))
    assert file.statements[0].balance == Decimal("88.66")
    assert "opening 100.00 + lines -12.34 = 87.66, the file says 88.66" in file.warnings[0]


def test_an_owed_balance_is_negative(tmp_path: Path) -> None:
    text = FIRST.replace("C260901EUR100,00", "D260901EUR100,00").replace(
        "62F:C260930EUR87,66", "62F:D260930EUR112,34"
    )
    file = read(tmp_path, text)
    assert (file.statements[0].opening, file.statements[0].balance) == (-100, Decimal("-112.34"))
    assert file.warnings == ()


@pytest.mark.parametrize("number", ["NL71RABO0123456789EUR", "NL71RABO0123456789 EUR"])
def test_a_currency_behind_the_account_is_not_its_number(tmp_path: Path, number: str) -> None:
    (statement,) = read(tmp_path, FIRST.replace("12345678/0000004411", number)).statements
    assert statement.account_id == "NL71RABO0123456789"


def test_an_interim_report_is_read_as_what_it_is(tmp_path: Path) -> None:
    # The facts of the sample say no currency: the report gives one for its limits and sums only,
    # so it is on the lines, and not what the account is kept in.
    file = read(tmp_path, INTERIM)
    (statement,) = file.statements
    (line,) = statement.lines
    assert (statement.currency, statement.balance, statement.opening) == (None, None, None)
    assert (line.amount, line.currency, line.bank_id) == (Decimal("-0.42"), "EUR", "B9")
    assert "interim report (MT942)" in file.warnings[0]


def test_a_line_that_is_only_expected_is_left_out(tmp_path: Path) -> None:
    expected = INTERIM.replace(":90D:1", ":61:2609040904EC7,00NTRFNONREF\n:86:SOON\n:90D:2")
    file = read(tmp_path, expected)
    assert len(file.statements[0].lines) == 1
    assert file.warnings[1] == "4411: 1 expected lines are left out"
    assert "cannot be read" in refusal(tmp_path, FIRST.replace("0903D12", "0903X12")).message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (FIRST[: FIRST.index(":62F:")], "ends before its :62F: or :62M:"),
        (FIRST + SECOND[: SECOND.index(":62F:")], "ends before its :62F: or :62M:"),
        (FIRST[: FIRST.index(":62F:") + 18], "ends within its closing balance"),
        (FIRST[: FIRST.index(":62F:") + 14], ":62F: cannot be read: “C260930EU”"),
        (FIRST[FIRST.index(":25:") :], ":25: stands outside of a statement"),
        (FIRST.replace(":60F:", ":60X:"), "has no :60F:"),
        (FIRST.replace("C260901EUR", "C260901USD"), "opens in USD and closes in EUR"),
        (FIRST.replace("C260901EUR100,00", "C260901EUR100.00"), ":60F: cannot be read"),
        (FIRST.replace("C260901EUR", "C260931EUR"), ":60F: cannot be read"),
        (FIRST.replace("D12,34", "D12.34"), ":61: cannot be read"),
        (FIRST.replace("D12,34", "D" + "1" * 30 + ","), "is not an amount"),
        (FIRST.replace("2609030903", "2609031303"), "“1303” is not a date"),
        (FIRST.replace(":64:", ":61:2609030903D1,NTRFNONREF\n:64:"), "behind the end"),
        (FIRST.replace("ONLINE", "ON\0LINE"), "NUL"),
        (INTERIM[: INTERIM.index(":90D:")], "ends before its :90D: or :90C:"),
        (INTERIM.replace(":90D:1", ":90D:2"), "says it has 2 lines and has 1"),
        (INTERIM.replace(":90D:1EUR", ":90D:EUR"), ":90D: cannot be read"),
        (INTERIM.replace(":34F:EURD", ":34F:D"), ":34F: cannot be read"),
        ("1\n2\n3\n4\n", "no profile knows its columns"),
        (FIRST + " " * 10_000_000, "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    error = refusal(tmp_path, content)
    assert said in error.message
    assert error.code == 1


def test_wherever_a_file_is_cut_only_whole_statements_are_read(tmp_path: Path) -> None:
    whole = [s.lines for s in read(tmp_path, FIRST + SECOND).statements]
    seen: set[int] = set()
    for end in range(1, len(FIRST + SECOND)):
        try:
            file = read(tmp_path, (FIRST + SECOND)[:end])
        except RefusedFileError:
            continue
        assert [s.lines for s in file.statements] == whole[: len(file.statements)]
        assert [s.balance for s in file.statements] == [Decimal("87.66"), Decimal("92.66")][
            : len(file.statements)
        ]
        seen.add(len(file.statements))
    assert seen == {1, 2}


def test_twins_have_two_ids(tmp_path: Path) -> None:
    line = ":61:2609030903D5,00NTRFNONREF\n:86:TEA\n"
    text = FIRST.replace(":62F:C260930EUR87,66", line + line + ":62F:C260930EUR77,66")
    (statement,) = read(tmp_path, text).statements
    ids = LineIds("bank-4411")
    version, columns = statement.identity
    made = [ids.by_cells(version, columns, found.cells) for found in statement.lines[1:]]
    assert made[1] == f"{made[0]}-2"
