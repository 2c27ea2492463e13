"""PDF statements: what a template reads, what does not add up, and files that mean harm."""

import contextlib
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pdfs
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from core.config import parse_config
from core.findings import UserError
from core.sandbox import Ending, Limits, run
from importers.detect import load_profiles, read_statement_file
from importers.pdf.read import read_pages
from importers.pdf.template import Template, load_templates
from importers.pdf.text import Word, page_text
from importers.pdf.words import words_of
from importers.statement import RefusedFileError, StatementFile
from scripts.main import cli

CHECKOUT = Path(__file__).resolve().parents[2]
PROFILES = load_profiles(CHECKOUT / "rules" / "sources")

HARBOR: dict[str, Any] = {
    "institution": "Harbor Bank",
    "kind": "bank",
    "currency": "USD",
    "recognise": ["^Harbor Bank", "Statement of account"],
    "account": r"Account number: (\d+)",
    "period": r"from (?P<from>\S+) to (?P<to>\S+)",
    "period-format": "%m/%d/%Y",
    "opening": r"^Opening balance (?P<amount>.+)$",
    "closing": r"^Closing balance (?P<amount>.+)$",
    "date-format": "%m/%d",
    "sections": [
        {
            "begin": "^Date Description",
            "end": "^Closing balance",
            "columns": {
                "date": [50, 95],
                "description": [95, 375],
                "debit": [375, 435],
                "credit": [435, 495],
            },
        }
    ],
    "skip": [r"^Page \d"],
    "continuation": [95, 375],
    "identity": {"version": 1},
}
PIER: dict[str, Any] = {
    "institution": "Pier Card",
    "kind": "card",
    "currency": "USD",
    "recognise": ["^Pier Card"],
    "account": r"ending in (\d{4})",
    "period": r"^Closing date (?P<to>.+)$",
    "period-format": "%B %d, %Y",
    "opening": r"^Previous balance (?P<amount>.+)$",
    "closing": r"^New balance (?P<amount>.+)$",
    "sign": "inverted",
    "date-format": "%b %d",
    "sections": [
        {
            "begin": "^Payments$",
            "sign": "as-is",
            "row": r"^(?P<date>\w{3} \d\d) (?P<description>.+) (?P<amount>[\d,.]+)$",
        },
        {
            "begin": "^Purchases$",
            "end": "^Interest rates",
            "row": r"^(?P<date>\w{3} \d\d) (?P<transaction>\w{3} \d\d) (?P<description>.+?)"
            r" (?P<amount>-?[\d,.]+-?(?: CR)?)$",
        },
    ],
    "identity": {"version": 1},
}
TEMPLATES = {
    **load_templates(CHECKOUT / "rules" / "templates"),
    "harbor": Template.model_validate(HARBOR),
    "pier": Template.model_validate(PIER),
}

FIRST = """
Harbor Bank
Statement of account
Account number: 000123454411
from 12/16/2025 to 01/15/2026
Opening balance 1,000.00
Date|Description|Withdrawals|Deposits|Balance
12/20|RENT OFFICE|400.00||600.00
|unit 12, December
01/05|CUSTOMER PAYMENT||250.00|850.00
Page 1 of 2
"""
SECOND = """
Harbor Bank
Date|Description|Withdrawals|Deposits|Balance
01/14|COFFEE|3.50||846.50
|
|All amounts in dollars
Closing balance 846.50
01/15|AN ADVERTISEMENT|9.99
"""
CARD = """
Pier Card
account ending in 9077
Closing date January 15, 2026
Previous balance 200.00
New balance 132.75
Payments
Jan 02|THANK YOU|200.00
Purchases
Dec 28|Dec 24|BOOKS|100.00
Jan 05|Jan 03|TRAIN|50.25
Jan 07|Jan 06|BOOKS BACK|10.00 CR
Jan 08|Jan 06|TRAIN BACK|-5.00
Jan 09|Jan 06|FEE BACK|2.50-
Interest rates
Jan 10|Jan 10|EXAMPLE|99.00
"""


def read(tmp_path: Path, raw: bytes, **templates: Template) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_bytes(raw)
    return read_statement_file(path, PROFILES, {**TEMPLATES, **templates})


def refusal(tmp_path: Path, raw: bytes, **templates: Template) -> str:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, raw, **templates)
    return str(caught.value)


def told(file: StatementFile) -> list[tuple[str, str, str]]:
    (statement,) = file.statements
    return [(line.date.isoformat(), line.payee, str(line.amount)) for line in statement.lines]


def test_30_a_statement_from_december_to_january_has_days_of_both_years(tmp_path: Path) -> None:
    file = read(tmp_path, pdfs.statement(FIRST, SECOND))
    assert told(file) == [
        ("2025-12-20", "RENT OFFICE unit 12, December", "-400.00"),
        ("2026-01-05", "CUSTOMER PAYMENT", "250.00"),
        ("2026-01-14", "COFFEE", "-3.50"),
    ]
    (statement,) = file.statements
    assert (file.format, file.institution, file.warnings) == ("pdf", "Harbor Bank", ())
    assert (statement.account_id, statement.currency, statement.kind) == (
        "000123454411",
        "USD",
        "bank",
    )
    assert (statement.opening, statement.opening_date) == (
        Decimal("1000.00"),
        dt.date(2025, 12, 15),
    )
    assert (statement.balance, statement.balance_date) == (Decimal("846.50"), dt.date(2026, 1, 15))
    assert statement.period == (dt.date(2025, 12, 16), dt.date(2026, 1, 15))


def test_the_day_in_a_lines_id_has_its_year(tmp_path: Path) -> None:
    (statement,) = read(tmp_path, pdfs.statement(FIRST, SECOND)).statements
    version, columns = statement.identity
    assert version == "harbor-1"
    cells = [statement.lines[0].cells.get(column, "") for column in columns]
    assert cells == ["2025-12-20", "RENT OFFICE", "", "400.00", ""]


def test_a_card_has_sections_of_either_sign_and_credits(tmp_path: Path) -> None:
    file = read(tmp_path, pdfs.statement(CARD))
    assert told(file) == [
        ("2026-01-02", "THANK YOU", "200.00"),
        ("2025-12-28", "BOOKS", "-100.00"),
        ("2026-01-05", "TRAIN", "-50.25"),
        ("2026-01-07", "BOOKS BACK", "10.00"),
        ("2026-01-08", "TRAIN BACK", "5.00"),
        ("2026-01-09", "FEE BACK", "2.50"),
    ]
    (statement,) = file.statements
    assert (statement.opening, statement.balance) == (Decimal("-200.00"), Decimal("-132.75"))
    assert statement.lines[1].transaction_date == dt.date(2025, 12, 24)
    assert statement.period is None  # the first day is not printed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # a row that the text layer lost
        ("12/20|RENT OFFICE|400.00||600.00\n", "", "sum to 246.50"),
        # a total that is wrong by a cent
        ("Closing balance 846.50", "Closing balance 846.51", "a gap of 0.01"),
        ("Opening balance 1,000.00", "Opening balance 1,000.01", "a gap of -0.01"),
        # a day of another statement
        ("01/05|CUSTOMER", "03/05|CUSTOMER", "its 2 rows sum to -403.50"),
        ("Opening balance", "Opened with", "its opening balance is not found"),
        ("Closing balance", "Closed with", "its closing balance is not found"),
        ("Opening balance 1,000.00", "Opening balance 1,00.00", "is not an amount"),
        ("from 12/16/2025 to 01/15/2026", "no period", "its period is not found"),
        ("from 12/16/2025", "from 13/16/2025", "“13/16/2025” is not a date"),
        ("from 12/16/2025", "from 12/16/2026", "ends before it begins"),
        ("|400.00||600.00", "|400.00|1.00|600.00", "has both a debit (400.00) and a credit (1.00)"),
        ("|250.00|850.00", "|2x5|850.00", "'2x5' is not an amount"),
    ],
)
def test_30_where_something_is_lost_nothing_is_imported(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in FIRST + SECOND
    raw = pdfs.statement(FIRST.replace(old, new), SECOND.replace(old, new))
    refused = refusal(tmp_path, raw)
    assert said in refused
    assert "nothing of the file was used" in refused
    assert "books import --text FILE" in refused


def test_a_gap_is_told_with_all_that_leads_to_it(tmp_path: Path) -> None:
    raw = pdfs.statement(FIRST, SECOND.replace("846.50", "900.00"))
    assert (
        "opens at 1000.00, its 3 rows sum to -153.50, and it closes at 900.00: a gap of 53.50"
        in refusal(tmp_path, raw)
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Jan 05|Jan 03|TRAIN", "Mar 05|Jan 03|TRAIN", "“Mar 05” is no day of the statement's"),
        ("Jan 05|Jan 03|TRAIN", "Jan 05|Xyz 03|TRAIN", "“Xyz 03” is not a date"),
        ("10.00 CR", "-10.00 CR", "“-10.00 CR” has a sign and a side"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(tmp_path, pdfs.statement(CARD.replace(old, new)))


def test_a_leap_day_has_the_year_that_has_one(tmp_path: Path) -> None:
    text = CARD.replace("January 15, 2026", "March 15, 2024").replace("Dec 28", "Feb 29")
    text = text.replace("Jan 0", "Mar 0")
    assert told(read(tmp_path, pdfs.statement(text)))[1][0] == "2024-02-29"


def test_a_statement_without_rows_is_said_to_be_one(tmp_path: Path) -> None:
    empty = "\n".join(line for line in FIRST.splitlines() if "|" not in line or "Date" in line)
    file = read(tmp_path, pdfs.statement(empty, "Closing balance 1,000.00"))
    assert told(file) == []
    assert file.warnings == ("has a closing balance and no transactions",)


def test_two_templates_that_fit_are_a_question(tmp_path: Path) -> None:
    twice = {"other": TEMPLATES["pier"]}
    assert "by other and by pier" in refusal(tmp_path, pdfs.statement(CARD), **twice)


def test_the_template_that_knows_more_is_taken(tmp_path: Path) -> None:
    vague = {**PIER, "recognise": ["Harbor"], "institution": "Another"}
    file = read(tmp_path, pdfs.statement(FIRST, SECOND), vague=Template.model_validate(vague))
    assert file.institution == "Harbor Bank"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (pdfs.locked(), "is locked with a password"),
        (pdfs.scanned(), "has no text on its 1 pages, only pictures: it seems to be a scan"),
        (pdfs.statement("", "", ""), "has no text on its 3 pages"),
        (pdfs.statement("Pay stub|Net pay|4,228.00"), "no account statement"),
        (pdfs.statement("Shore Bank|Your balance|9.00"), "is a PDF that no template knows"),
        (pdfs.many_pages(10_000), "has more than 100 pages"),
        (pdfs.circle(), "has no text on its 0 pages"),
        (b"%PDF-1.7\n", "is damaged"),
        (pdfs.statement(CARD)[:2000], "is damaged"),
    ],
)
def test_a_pdf_that_is_no_readable_statement_is_refused_with_the_reason(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    assert said in refusal(tmp_path, raw)


def test_an_unknown_pdf_is_refused_with_the_way_to_a_template(tmp_path: Path) -> None:
    said = refusal(tmp_path, pdfs.statement("Shore Bank|Your balance|9.00"))
    assert "harbor, mercury-cards, pier" in said
    assert "'books import --text FILE'" in said


def test_the_text_shows_what_patterns_see_and_where_columns_stand(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(pdfs.statement(FIRST, SECOND))
    shown = page_text(path, "x.pdf").splitlines()
    assert shown[0] == "--- page 1"
    at = next(n for n, line in enumerate(shown) if "12/20" in line)
    assert shown[at] == "    7  12/20 RENT OFFICE 400.00 600.00"
    assert shown[at + 1].startswith("       at ")
    lefts = [place.split("-")[0] for place in shown[at + 1].split(": ")[1].split()]
    assert lefts == ["50", "100", "380", "500"]
    assert "--- page 2" in shown


def test_the_template_in_the_docs_reads_the_statement_in_these_tests(tmp_path: Path) -> None:
    page = (CHECKOUT / "docs/files.md").read_text()
    text = page.split("```yaml\n")[1].split("```")[0]
    shown = parse_config(text, Template, "docs/files.md")
    raw = pdfs.statement(FIRST, SECOND)
    path = tmp_path / "export.dat"
    path.write_bytes(raw)
    assert told(read_statement_file(path, PROFILES, {"harbor": shown})) == told(read(tmp_path, raw))


def test_the_command_prints_the_text(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    path.write_bytes(pdfs.statement(CARD))
    args = ["--home", str(CHECKOUT), "import", "--text"]
    result = CliRunner().invoke(cli, [*args, str(path)])
    assert result.exit_code == 0
    assert "Previous balance 200.00" in result.output
    path.write_bytes(pdfs.scanned())
    with pytest.raises(UserError, match="seems to be a scan"):
        CliRunner().invoke(cli, [*args, str(path)], catch_exceptions=False)


@pytest.mark.parametrize(
    ("bomb", "said"),
    [(pdfs.swelling(700), "needs too much memory"), (pdfs.nested(300_000), "no text")],
)
def test_a_bomb_is_refused_and_the_reader_lives(tmp_path: Path, bomb: bytes, said: str) -> None:
    assert len(bomb) < 1_000_000
    assert said in refusal(tmp_path, bomb)
    assert told(read(tmp_path, pdfs.statement(CARD)))


def test_drawing_without_end_is_ended() -> None:
    assert run(words_of, pdfs.laughing(9), Limits(cpu=2)).ending == Ending.TOO_SLOW


def read_words(pages: list[list[list[Any]]]) -> None:
    """Reads words as a child gave them: a statement or a refusal, never anything else."""
    with contextlib.suppress(RefusedFileError):
        words = [[Word(*word) for word in page] for page in pages]
        file = read_pages(Path("x.pdf"), words, TEMPLATES, "x.pdf")
        for statement in file.statements:
            total = sum((line.amount for line in statement.lines), Decimal(0))
            assert statement.opening is not None
            assert statement.opening + total == statement.balance


def read_mutants(seed: bytes, count: int, first: int) -> int:
    """Reads so many mutants with one child; how many of them had words."""
    outcome = run(pdfs.words_of_each, pdfs.pack(pdfs.mutants(seed, count, first)))
    assert outcome.ending == Ending.OK
    assert len(outcome.value) == count
    readable = [pages for pages in outcome.value if isinstance(pages, list)]
    for pages in readable:
        read_words(pages)
    return len(readable)


@pytest.mark.parametrize("seed", [pdfs.statement(FIRST, SECOND), pdfs.statement(CARD)])
def test_a_mutated_pdf_is_read_or_refused_and_never_crashes(seed: bytes) -> None:
    assert read_mutants(seed, 30, 0) > 0


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 10_000, 100))
def test_ten_thousand_mutants(first: int) -> None:
    seed = (pdfs.statement(FIRST, SECOND), pdfs.statement(CARD))[first // 100 % 2]
    read_mutants(seed, 100, first)


@given(
    changes=st.lists(
        st.tuples(st.integers(0, 40), st.text(max_size=8), st.floats(-1000, 1000)), max_size=5
    )
)
def test_words_that_say_anything_anywhere_are_read_or_refused(
    changes: list[tuple[int, str, float]],
) -> None:
    (words,) = words_of(pdfs.statement(CARD))
    for at, text, top in changes:
        words[at % len(words)] = [text, words[at % len(words)][1], 600, top]
    read_words([words])


YAML = """\
institution: Harbor
kind: bank
currency: USD
recognise: [Harbor]
period: '(?P<to>.+)'
period-format: "%m/%d/%Y"
closing: 'Closing (?P<amount>.+)'
identity: {version: 1}
"""


def test_a_template_for_a_balance_alone_is_short() -> None:
    assert parse_config(YAML, Template, "x.yaml").sections == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("recognise: [Harbor]", "recognise: []", "recognise"),
        ("recognise: [Harbor]", "recognise: ['(']", "is not a regular expression"),
        ("(?P<to>.+)", ".+", "'period' needs a group (?P<to>…)"),
        ("(?P<amount>.+)", ".+", "'closing' needs a group (?P<amount>…)"),
        ("%m/%d/%Y", "%m/%d", "does not write a day with its month and year"),
        ("identity:", 'date-format: "%d"\nidentity:', "does not write a day with its month"),
        ("identity:", "account: abc\nidentity:", "needs a group (…) around the number"),
        ("USD", "dollars", "currency"),
        ("identity:", "decimal: ','\nidentity:", "'decimal' and 'grouping' are the same"),
        ("identity:", "sections: [{begin: a, row: b}]\nidentity:", "needs the groups date"),
        ("identity:", "sections: [{begin: a}]\nidentity:", "name either 'row' or 'columns'"),
        (
            "identity:",
            "sections: [{begin: a, columns: {date: [1, 2], description: [2, 3]}}]\nidentity:",
            "name either 'amount' or both 'debit' and 'credit'",
        ),
        (
            "identity:",
            "sections: [{begin: a, columns: {date: [1, 2], description: [2, 3], amount: [3, 4]}}]\n"
            "identity:",
            "'opening' is needed",
        ),
        (
            "identity:",
            "sections: [{begin: a, row: '(?P<date>)(?P<description>)(?P<amount>)(?P<datum>)'}]"
            "\nidentity:",
            "unknown groups: datum",
        ),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_config(YAML.replace(old, new), Template, "x.yaml")
    assert said in str(caught.value)
