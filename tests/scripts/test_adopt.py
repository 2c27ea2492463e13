"""Books that know nothing of Bulkhead: what they lack is told, and every byte stays.

Beancount's own example ledger, and three written as documentation writes them; what is said about
those is golden (``BOOKS_UPDATE_GOLDEN=1``).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.home import Home
from scripts.main import main

CASES = Path(__file__).resolve().parents[1] / "cases" / "adopt"
LEDGERS = sorted(CASES.glob("*.beancount"))


def adopt(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["adopt", *args])
    assert ended.value.code == 0
    return capsys.readouterr().out


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda path: path.stem)
def test_a_ledger_in_the_style_of_documentation(
    ledger: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(ledger, tmp_path)
    monkeypatch.chdir(tmp_path)
    before = hashes(tmp_path)
    said = adopt(capsys, ledger.name)
    assert hashes(tmp_path) == before
    golden = ledger.with_suffix(".txt")
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.write_text(said)
    assert said == golden.read_text()


def test_beancounts_own_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = tmp_path / "example.beancount"
    program = Path(sys.executable).parent / "bean-example"
    wanted = ["--seed", "1", "--date-begin", "2025-01-01", "--date-end", "2026-06-30"]
    subprocess.run([program, *wanted, "-o", ledger], check=True, capture_output=True)
    before = hashes(tmp_path)
    told = json.loads(adopt(capsys, str(ledger), "--format", "json"))
    assert hashes(tmp_path) == before
    assert told["findings"] == []
    assert told["owners"] == ["US"]
    assert told["transactions"] > 300
    assert [lack["what"].split(":")[0] for lack in told["lacks"]] == [
        "no owner of books is registered",
        "accounts do not say whose they are",
        "accounts with balance assertions do not say which bank account they are",
        "accounts have no line on the statements",
        "the root does not ask for the rules, so bean-check and Fava do not run them",
        "bank lines carry no id, so an import cannot know them again",
    ]


def test_books_of_our_own_lack_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "It lacks nothing." in adopt(capsys, str(home.main_root))


def test_a_file_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["adopt", "nowhere.beancount"])
    assert ended.value.code == 2
    assert "no such file" in capsys.readouterr().err
