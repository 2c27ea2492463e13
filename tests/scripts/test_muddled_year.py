"""A year with forty-two sins, and the way out of it: by the command line alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from muddled_year import DECISIONS, SINS, muddled
from proper_year import larkin
from year_books import at_the_banks

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from scripts import books as loading
from scripts.main import main

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in the home below ``tmp_path``, and gives what it said."""

    def command(*args: str, code: int = 0) -> str:
        monkeypatch.chdir(tmp_path)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*args])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out + said.err

    return command


def load(path: Path) -> Books:
    return read(Home(path).main_root, home=Home(path))


def test_the_same_year_without_sins_has_no_finding_at_all(tmp_path: Path) -> None:
    year = larkin(tmp_path)
    year.write()
    books = load(tmp_path)
    assert len(books.transactions) > 300
    assert loading.check(books) == []


def test_each_sin_is_found_by_its_rule_and_nothing_else_is(tmp_path: Path) -> None:
    places = muddled(tmp_path)
    books = load(tmp_path)
    assert len(books.transactions) > 400
    assert len(SINS) >= 40
    found = loading.check(books)
    expected = set()
    for sin in SINS:
        here = [f for f in found if (f.file, f.line) in places[sin.number]]
        assert {f.code for f in here} >= set(sin.codes), sin
        expected |= {f.fingerprint for f in here if f.code in sin.codes}
    assert [f for f in found if f.fingerprint not in expected] == []


def test_the_command_and_a_few_decisions_bring_it_to_no_error(tmp_path: Path, run: Run) -> None:
    muddled(tmp_path)
    (tmp_path / "ledger/birch/documents/filings/agent.txt").write_text("Renewed 2026-12-30\n")
    before = at_the_banks(load(tmp_path))
    assert errors(run)
    said = run("veil", "fix", "--all", "--yes")
    assert "findings fewer" in said
    assert "left for you" in said
    for decision in DECISIONS:
        found = [
            f
            for f in errors(run, every=True)
            if f["code"] == decision.code and (decision.at in f["message"] + f["file"])
        ]
        assert found, decision
        assert "Mended." in run("veil", "fix", found[0]["fingerprint"], "--yes", *decision.answer)
    run("veil", "fix", "--all", "--yes")
    assert errors(run) == []
    after = load(tmp_path)
    assert {key: n for key, n in at_the_banks(after).items() if n} == before
    assert not [f for f in after.findings if f.code.startswith("BC-")]
    for entity in ("alder", "birch", "nora"):
        report = ("report", "balance-sheet", "-e", entity, "-p", "2026", "--format", "json")
        sheet = json.loads(run(*report))
        assert sheet["identities"]
        assert all(each["ok"] for each in sheet["identities"]), entity
    # What is mended stays mended: the command has nothing more to do.
    assert "Nothing can be mended without a decision." in run("veil", "fix", "--all", "--yes")


def errors(run: Run, *, every: bool = False) -> list[dict[str, str]]:
    try:
        text = run("check", "--format", "json")
    except AssertionError:
        text = run("check", "--format", "json", code=1)
    findings = json.loads(text)["findings"]
    return [f for f in findings if every or f["severity"] == "error"]
