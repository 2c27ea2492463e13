"""``books coverage`` as people see it. The shapes are golden (``BOOKS_UPDATE_GOLDEN=1``)."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.home import Home
from scripts.main import cli

CASES = Path(__file__).resolve().parents[1] / "cases" / "coverage"


@pytest.fixture
def acme(home: Home) -> Home:
    folder = home.ledger / "acme" / "2026"
    folder.mkdir(exist_ok=True)
    text = (CASES / "acme.beancount").read_text()
    (folder / "2026-01.beancount").write_text(text)
    for name in ("january", "february", "june"):
        (folder / f"{name}.csv").write_text(name)
    return home


def said(home: Home, *args: str, code: int = 0) -> str:
    full = ["--home", str(home.path), "coverage", *args]
    result = CliRunner().invoke(cli, full, standalone_mode=False)
    assert (result.return_value, result.exception) == (code, None), result.output
    return result.output


@pytest.mark.parametrize(
    ("form", "suffix"), [("text", "txt"), ("md", "md"), ("json", "json")], ids=str
)
def test_the_whole_answer(acme: Home, form: str, suffix: str) -> None:
    text = said(acme, "--format", form)
    golden = CASES / f"acme.{suffix}"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_eighteen_months_fit_a_terminal(acme: Home) -> None:
    table = said(acme, "--from", "2025-01", "--to", "2026-06").split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 100


def test_strict_fails_where_there_are_holes(acme: Home) -> None:
    said(acme, "--account", "chase-4411", "--to", "2026-02", "--strict")
    said(acme, "--account", "chase-4411", "--to", "2026-03", "--strict", code=1)
    said(acme, "--account", "chase-4411", "--to", "2026-03")


def test_holes_before_the_first_month_are_counted(acme: Home) -> None:
    text = said(acme, "--from", "2026-06", "--account", "Assets:Acme:Bank:Checking")
    assert "Before the first month shown: 1 more" in text


def test_an_entity_without_accounts_has_nothing_to_cover(acme: Home) -> None:
    assert "No bank, card or investment cash account" in said(acme, "--entity", "jane")


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        (["--account", "chase-9999"], "there is no account 'chase-9999'"),
        (["--account", "chase-4411", "-e", "jane"], "there is no account 'chase-4411' of Jane"),
        (["--from", "2026"], "'2026' is not a month"),
        (["--from", "2026-13"], "'2026-13' is not a month"),
        (["--from", "2026-05", "--to", "2026-04"], "2026-05 is after 2026-04"),
    ],
    ids=str,
)
def test_what_it_cannot_answer(acme: Home, args: list[str], wrong: str) -> None:
    result = CliRunner().invoke(cli, ["--home", str(acme.path), "coverage", *args])
    assert result.exit_code != 0
    assert wrong in str(result.exception)


def test_the_json_lists_the_holes(acme: Home) -> None:
    answer = json.loads(said(acme, "--format", "json", "--account", "chase-4411"))
    assert [(hole["from"], hole["to"]) for hole in answer["holes"]] == [
        ("2026-03-01", "2026-03-31"),
        ("2026-06-11", "2026-06-20"),
    ]
