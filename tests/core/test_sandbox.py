"""The sandbox: what a child says, and that nothing a child does can hurt whoever called it."""

import socket
import sys
from pathlib import Path

import confined
import pytest

from core import sandbox
from core.sandbox import Ending, Limits, Outcome, run

QUICK = Limits(cpu=1, wall=30)


def test_the_value_comes_back() -> None:
    assert run(confined.count, b"abc") == Outcome(Ending.OK, {"bytes": 3, "half": 1.5})


def test_a_large_file_goes_in_whole() -> None:
    assert run(confined.count, bytes(20_000_000)).value["bytes"] == 20_000_000


def test_a_refusal_keeps_its_reason_hint_and_line() -> None:
    outcome = run(confined.refuse, b"")
    assert outcome == Outcome(Ending.REFUSED, None, "is no statement", "ask the bank", 7)


def test_the_child_sees_nothing_of_the_parents_surroundings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BANK_TOKEN", "canary")
    assert run(confined.surroundings, b"").value == {"environment": ["LC_ALL"], "folder": "/"}


def test_a_child_that_computes_for_ever_is_ended() -> None:
    assert run(confined.spin, b"", QUICK) == Outcome(Ending.TOO_SLOW)


def test_a_child_that_waits_for_ever_is_ended() -> None:
    assert run(confined.sleep, b"", Limits(wall=2)) == Outcome(Ending.TOO_SLOW)


@pytest.mark.skipif(sys.platform == "darwin", reason="the kernel does not keep RLIMIT_AS")
@pytest.mark.parametrize("greedy", [confined.eat, confined.eat_little_by_little])
def test_a_child_that_wants_too_much_memory_is_ended(greedy) -> None:
    assert run(greedy, b"") == Outcome(Ending.TOO_MUCH_MEMORY)


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        (confined.secret_error, "RuntimeError"),  # and not what its text quotes of the file
        (confined.recurse, "RecursionError"),
        (confined.no_json, "TypeError"),
        (confined.die, "SIGABRT"),
        (confined.leave, "exit status 9"),
    ],
)
def test_a_crash_is_an_outcome(failing, reason: str) -> None:
    assert run(failing, b"") == Outcome(Ending.CRASHED, reason=reason)


@pytest.mark.parametrize("writing", [confined.write_file, confined.write_by_descriptor])
def test_a_child_writes_no_file(tmp_path: Path, writing) -> None:
    target = tmp_path / "new"
    assert run(writing, str(target).encode()) == Outcome(Ending.CRASHED, reason="PermissionError")
    assert not target.exists()


def test_a_child_removes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.touch()
    assert run(confined.remove_file, str(target).encode()).reason == "PermissionError"
    assert target.exists()


@pytest.mark.parametrize("act", [confined.start_program, confined.fork, confined.kill_parent])
def test_a_child_starts_and_ends_no_other_process(act) -> None:
    assert run(act, b"") == Outcome(Ending.CRASHED, reason="PermissionError")


def test_a_child_reaches_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run(confined.connect, str(port).encode()).reason == "PermissionError"


def test_bubblewrap_is_given_no_folder_that_somebody_only_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python run as ``python -m`` has the current folder, perhaps /, in its path."""
    monkeypatch.setattr(sandbox, "_bubblewrap", lambda: "bwrap")
    monkeypatch.setattr(sys, "path", ["/", "/home/jane", *sys.path])
    place = sandbox.Place(tmp_path / "trees", tmp_path / "scratch")
    command = sandbox._walled(["python"], ["/opt/books"], place)
    assert "/opt/books" in command
    assert str(place.read) in command
    assert not {"/", "/home/jane"} & set(command[: command.index("--chdir")])
