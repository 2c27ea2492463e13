"""XLSX exports by the profiles that know the same columns as CSV."""

import contextlib
import datetime as dt
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.findings import UserError
from importers.csv.profile import Profile
from importers.csv.sheet import read_workbook
from importers.csv.workbook import sheets_of
from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, StatementFile

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
HEADER = ("Details", "Posting Date", "Description", "Amount", "Type", "Balance", "Check or Slip #")
DAY = dt.date(2026, 9, 3)
ROWS = (
    ("Account", "4411"),
    (),
    HEADER,
    ("DEBIT", DAY, "TEA, INC", -12.34, "ACH_DEBIT", 87.66, ""),
    (
        "CREDIT",
        dt.datetime(2026, 9, 1, 23, 59),  # noqa: DTZ001
        "OPENING",
        100,
        "ACH_CREDIT",
        100,
        "",
    ),
)


def workbook(*sheets: Sequence[Sequence[Any]], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
        for place, code in (formats or {}).items():
            sheet[place].number_format = code
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(raw: bytes, path: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed, as another program might have written it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == path else content)
    return out.getvalue()


def in_sheet(old: str, new: str) -> bytes:
    """The usual workbook with something in the XML of its sheet replaced."""

    def change(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return rewritten(workbook(ROWS), "xl/worksheets/sheet1.xml", change)


def as_excel_writes(first: str = "<t>Account</t>") -> bytes:
    """The usual workbook with its texts in a part of their own; ``first`` is the first of them."""
    texts: list[bytes] = []

    def shared(cell: re.Match[bytes]) -> bytes:
        texts.append(cell[2])
        return b'%s t="s"><v>%d</v>' % (cell[1], len(texts) - 1)

    def change(content: bytes) -> bytes:
        inline = rb'(<c r="\w+") t="inlineStr"><is>(.*?)</is>'
        return re.sub(inline, shared, content)

    raw = rewritten(workbook(ROWS), "xl/worksheets/sheet1.xml", change)
    assert texts[0] == b"<t>Account</t>"
    texts[0] = first.encode()
    out = io.BytesIO(raw)
    with zipfile.ZipFile(out, "a", 8) as archive:
        space = b' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        items = b"".join(b"<si>%s</si>" % text for text in texts)
        archive.writestr("xl/sharedStrings.xml", b"<sst%s>%s</sst>" % (space, items))
    return out.getvalue()


def read(tmp_path: Path, raw: bytes, **more: Profile) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_bytes(raw)
    return read_statement_file(path, {**PROFILES, **more})


def refusal(tmp_path: Path, raw: bytes) -> str:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, raw)
    return str(caught.value)


def amounts(file: StatementFile) -> list[str]:
    return [str(line.amount) for line in file.statements[0].lines]


def test_a_workbook_is_read_by_the_profile_of_its_columns(tmp_path: Path) -> None:
    file = read(tmp_path, workbook(ROWS))
    assert (file.format, file.institution) == ("xlsx", "Chase")
    (statement,) = file.statements
    assert [(line.row, line.date, line.payee) for line in statement.lines] == [
        (4, DAY, "TEA, INC"),
        (5, dt.date(2026, 9, 1), "OPENING"),
    ]
    assert amounts(file) == ["-12.34", "100"]
    assert statement.balance == Decimal("87.66")


def test_the_ids_are_those_of_the_same_rows_in_csv(tmp_path: Path) -> None:
    (sheet,) = read(tmp_path, workbook(ROWS)).statements
    text = ",".join(HEADER) + '\nDEBIT,09/03/2026,"TEA, INC",-12.34,ACH_DEBIT,87.66,\n'
    (table,) = read(tmp_path, text.encode()).statements
    assert sheet.identity == table.identity
    columns = table.identity[1]
    assert [sheet.lines[0].cells[c] for c in columns] == [table.lines[0].cells[c] for c in columns]


@pytest.mark.parametrize(
    ("stored", "amount"),
    [
        ("-12.340000000000001", "-12.34"),  # what a program writes that stores binary numbers
        ("-0.30000000000000004", "-0.3"),
        ("-1.234E1", "-12.34"),
        ("-12.30", "-12.30"),
        ("-12345678901234567890", "-12345678901234567890"),
    ],
)
def test_a_number_is_what_is_stored_and_no_float(tmp_path: Path, stored: str, amount: str) -> None:
    assert amounts(read(tmp_path, in_sheet("<v>-12.34</v>", f"<v>{stored}</v>")))[0] == amount


@pytest.mark.parametrize(
    ("code", "amount"),
    [("General", "-12.345"), ("0.000", "-12.345"), ("#,##0.000;[Red]-#,##0.000", "-12.345")],
)
def test_a_number_that_is_shown_whole_is_taken(tmp_path: Path, code: str, amount: str) -> None:
    rows = [*ROWS[:3], ("DEBIT", DAY, "TEA", -12.345, "ACH_DEBIT", 87.66, "")]
    assert amounts(read(tmp_path, workbook(rows, formats={"D4": code}))) == [amount]


@pytest.mark.parametrize("code", ["0.00", "#,##0", '"$"#,##0.00_);[Red]("$"#,##0.00)'])
def test_an_amount_that_holds_more_than_it_shows_is_refused(tmp_path: Path, code: str) -> None:
    rows = [*ROWS[:3], ("DEBIT", DAY, "TEA", -12.345, "ACH_DEBIT", 87.66, "")]
    said = refusal(tmp_path, workbook(rows, formats={"D4": code}))
    assert "export.dat:4: Amount: '-12.345 (shown with" in said


def test_what_no_amount_is_read_from_may_hold_more_than_it_shows(tmp_path: Path) -> None:
    rows = [*ROWS[:3], ("DEBIT", DAY, "TEA", -12, "ACH_DEBIT", 87.66, 1.23456)]
    assert amounts(read(tmp_path, workbook(rows, formats={"G4": "0.00"}))) == ["-12"]


def test_numbers_and_dates_are_right_whatever_a_profile_expects(tmp_path: Path) -> None:
    german = Profile.model_validate(
        {
            "institution": "Sparbank",
            "kind": "bank",
            "header": ["Tag", "Wer", "Betrag"],
            "columns": {"date": "Tag", "payee": "Wer", "amount": "Betrag"},
            "date-format": ["%d.%m.%Y", "%m.%d.%Y"],
            "delimiter": ";",
            "decimal": ",",
            "grouping": ".",
            "identity": {"version": 1, "columns": ["Tag"]},
        }
    )
    rows = [("Tag", "Wer", "Betrag"), (dt.date(2026, 4, 3), "TEE", 1234.567), ("", "", "")]
    file = read(tmp_path, workbook(rows), german=german)
    assert amounts(file) == ["1234.567"]
    assert file.statements[0].lines[0].date == dt.date(2026, 4, 3)  # a date is never undecided


def test_a_workbook_that_counts_from_1904_has_its_own_days(tmp_path: Path) -> None:
    raw = workbook([*ROWS[:3], ("DEBIT", 44806, "TEA", -1, "ACH", 9, "")], formats={"B4": "d/m/yy"})
    change = lambda xml: xml.replace(b"<workbookPr/", b'<workbookPr date1904="1"/')  # noqa: E731
    assert read(tmp_path, raw).statements[0].lines[0].date == dt.date(2022, 9, 2)
    moved = rewritten(raw, "xl/workbook.xml", change)
    assert read(tmp_path, moved).statements[0].lines[0].date == dt.date(2026, 9, 3)


def test_the_sheet_with_the_header_is_read_wherever_it_stands(tmp_path: Path) -> None:
    assert amounts(read(tmp_path, workbook([("Notes",)], ROWS))) == ["-12.34", "100"]


def test_a_shared_text_with_several_fonts_is_one_text(tmp_path: Path) -> None:
    runs = "<r><t>Acc</t></r><r><t>ount</t></r><rPh><t>read aloud</t></rPh>"
    assert sheets_of(as_excel_writes(runs))[0]["rows"][0] == ["Account", "4411"]
    assert amounts(read(tmp_path, as_excel_writes())) == ["-12.34", "100"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (workbook(ROWS, ROWS), "chase-checking in sheet Sheet 1 and of chase-checking in sheet"),
        (workbook([("When", "What")]), "no profile knows the columns of its sheets (Sheet 1)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
        (workbook(ROWS)[:3000], "is damaged"),
        (b"PK\x03\x04", "is damaged"),
        (in_sheet("<v>-12.34</v>", "<f>D5*2</f>"), "D4 is a formula without its value"),
        (in_sheet("<v>-12.34</v>", "<v>1e999</v>"), "D4 holds “1e999”, which is no value"),
        (in_sheet("<v>-12.34</v>", "<v>nan</v>"), "D4 holds “nan”"),
        (in_sheet('t="n"><v>-12.34</v>', 't="s"><v>999</v>'), "D4 holds “999”"),
        (in_sheet('r="A1"', 'r="ZZZ1"'), "more than 200 columns"),
        (in_sheet('<row r="5"', '<row r="5000000"'), "more than 100000 rows"),
        (in_sheet("<v>-12.34</v>", "<v>-12.34"), "is damaged"),
        (in_sheet("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), "a document type"),
    ],
)
def test_a_workbook_that_cannot_be_right_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    assert said in refusal(tmp_path, raw)


@pytest.mark.parametrize(
    ("name", "said"), [("content.xml", "OpenDocument"), ("a.csv", "is an archive")]
)
def test_another_archive_is_named(tmp_path: Path, name: str, said: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "x")
    assert said in refusal(tmp_path, out.getvalue())


def test_an_archive_that_swells_is_refused(tmp_path: Path) -> None:
    raw = rewritten(workbook(ROWS), "docProps/app.xml", lambda xml: bytes(110_000_000))
    assert len(raw) < 1_000_000
    assert "unpacks to more than 100 MB" in refusal(tmp_path, raw)


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    row = b"<row><c><v>1</v></c></row>"
    raw = rewritten(
        workbook(ROWS),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</sheetData>", row * 3_500_000 + b"</sheetData>"),
    )
    assert "more than 100000 rows" in refusal(tmp_path, raw)


def refused_of(mutants: int) -> int:
    """How many of that many damaged workbooks are refused; each other one is read.

    Damaged inside: a damaged archive is mostly noticed by its checksum alone.
    """
    seed, names = workbook(ROWS), ("xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml")
    refused = 0
    for number in range(mutants):
        dice = random.Random(number)  # noqa: S311 - the same mutants each time

        def damaged(xml: bytes, dice: random.Random = dice) -> bytes:
            at, length = dice.randrange(len(xml)), dice.randint(0, 9)
            return xml[:at] + dice.choice((b"", b"9", b'"', dice.randbytes(2))) + xml[at + length :]

        raw = rewritten(seed, dice.choice(names), damaged)
        try:
            for sheet in sheets_of(raw):
                assert isinstance(sheet["rows"], list)
        except UserError:
            refused += 1
    return refused


def test_a_mutated_workbook_is_read_or_refused_and_never_crashes() -> None:
    assert 0 < refused_of(150) < 150


@pytest.mark.slow
def test_many_mutated_workbooks_are_read_or_refused() -> None:
    assert 0 < refused_of(10_000) < 10_000


def test_a_damaged_workbook_goes_the_whole_way(tmp_path: Path) -> None:
    seed = workbook(ROWS)
    for at in range(100, len(seed), len(seed) // 8):
        raw = seed[:at] + bytes(8) + seed[at + 8 :]
        with contextlib.suppress(RefusedFileError):
            file = read_workbook(tmp_path, raw, PROFILES, "x.xlsx")
            assert amounts(file) == ["-12.34", "100"]
