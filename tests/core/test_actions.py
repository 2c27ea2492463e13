"""The log of actions: it only grows, and whoever edits it breaks its chain."""

import json
from pathlib import Path

import pytest

from core.actions import Log, read_log, record
from core.findings import UserError
from core.home import Home


@pytest.fixture
def log(home: Home) -> Path:
    for number in range(3):
        record(home, "export parquet", to=f"tables-{number}")
    return home.private / "actions.jsonl"


def test_what_was_done_stands_in_order_with_who(home: Home, log: Path) -> None:
    found = read_log(home)
    assert [each.details["to"] for each in found.actions] == ["tables-0", "tables-1", "tables-2"]
    assert all(each.who and each.when.endswith("+00:00") for each in found.actions)
    assert found.broken == 0
    assert log.stat().st_mode & 0o077 == 0


def test_there_may_be_none(home: Home) -> None:
    assert read_log(home) == Log()


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_that_was_taken_out_or_edited_is_missed(home: Home, log: Path, line: int) -> None:
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:line] + lines[line + 1 :]))
    assert read_log(home).broken == line + 1
    edited = lines[line].replace(f"tables-{line}", "nowhere")
    log.write_text("".join([*lines[:line], edited, *lines[line + 1 :]]))
    assert read_log(home).broken == line + 2


def test_what_a_crash_left_of_a_line_is_told_and_stops_nothing(home: Home, log: Path) -> None:
    with log.open("a") as file:
        file.write('{"details": {"to"')
    record(home, "serve", port="5000")
    found = read_log(home)
    assert [each.what for each in found.actions][-1] == "serve"
    assert found.broken == 4


def test_nonsense_is_no_traceback(home: Home, log: Path) -> None:
    log.write_bytes(b"\xff\xfe\n[]\n" + json.dumps({"details": 3}).encode() + b"\n")
    assert read_log(home) == Log((), 1)


def test_a_folder_in_its_place_is_told(home: Home) -> None:
    (home.private / "actions.jsonl").mkdir(parents=True)
    with pytest.raises(UserError, match="could not be written"):
        record(home, "serve")
