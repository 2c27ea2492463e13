"""What is made from the program is up to date: ``make docs`` writes it."""

import re

import pytest

from scripts.codes import CODES, page
from scripts.generated import generated
from scripts.kinds import KINDS
from scripts.shipped import SHIPPED

SOURCES = [
    path
    for room in ("core", "plugins", "importers", "reports", "web", "scripts")
    for path in sorted((SHIPPED / room).rglob("*.py"))
]


@pytest.mark.parametrize("path", generated(), ids=str)
def test_a_made_file_is_up_to_date(path) -> None:
    assert (SHIPPED / path).read_text() == generated()[path], "run 'make docs'"


def test_every_code_that_the_program_gives_out_is_in_the_table() -> None:
    given = re.compile(r'"((?:VEIL-\d{3}|(?:LINT|REPORT)-[A-Z]+))"')
    codes = {code for path in SOURCES for code in given.findall(path.read_text())}
    assert codes
    assert codes - set(CODES) == set()


def test_every_code_has_a_page_that_says_what_and_what_to_do() -> None:
    for code in CODES.values():
        assert code.meaning
        assert code.cure
        assert code.code in page(code)
        assert code.reference or not code.code.startswith("VEIL-")


def test_every_model_of_a_file_has_a_kind() -> None:
    loaded = re.compile(r"load_config\(\s*[\w.]+,\s*([A-Z]\w+)")
    models = {name for path in SOURCES for name in loaded.findall(path.read_text())}
    assert models == {kind.model.__name__ for kind in KINDS}
