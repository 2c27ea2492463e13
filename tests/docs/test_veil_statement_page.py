"""docs/veil-statement.md: its sections, keys and formula are those of the program."""

import json
import re
from pathlib import Path

from veil_books import veil_books

from core.period import parse_period
from reports.pages.page import Heading
from reports.veil import score
from reports.veil.as_json import as_json
from reports.veil.statement import group_statement, veil_statement
from reports.veil.worded import worded

PAGE = (Path(__file__).resolve().parents[2] / "docs/veil-statement.md").read_text()


def test_every_key_and_every_section_is_there(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    year = parse_period("2026")
    statement = veil_statement(books, "Acme", year)
    keys = json.loads(as_json(statement)).keys() | json.loads(as_json(group_statement(books, year)))
    assert {key for key in keys - {"report", "legal_name"} if f"`{key}`" not in PAGE} == set()
    table = PAGE.partition("| Section |")[2].partition("\n\n")[0]
    said = re.findall(r"^\| ([A-Z][^|]+) \|", table, re.MULTILINE)
    heads = [p.text for p in worded(statement, books).parts if isinstance(p, Heading)]
    sections = [text for text in heads if any(text.startswith(name) for name in said)]
    assert [next(n for n in said if text.startswith(n)) for text in sections] == said


def test_the_formula_is_the_programs() -> None:
    formula = PAGE.partition("score = ")[2].partition("\n\n")[0]
    assert [int(number) for number in re.findall(r"\d+", formula)] == [
        score.START,
        score.MOST_OF_FACTOR,
        score.ERROR,
        score.WARNING,
        score.PAPER,
    ]
