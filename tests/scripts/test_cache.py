"""The cache as a person meets it: seen, emptied, left aside, and an answer to every save."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from core.home import Home
from scripts.main import cli

PROGRAM = Path(sys.executable).parent / "books"
MONTH = "ledger/acme/2026/2026-09.beancount"
HALF = """
2026-09-03 * "Jane" "Advance" ^ic-26-0903
  transfer: "settlement"
  counterparty: "Jane"
  Assets:Acme:DueFrom:Jane  10.00 USD
  Liabilities:Acme:AP
"""


def run(home: Home, *args: str) -> Result:
    done = CliRunner().invoke(
        cli, ["--home", str(home.path), *args], catch_exceptions=False, standalone_mode=False
    )
    assert not done.exception
    return done


def values(home: Home) -> int:
    return int(run(home, "cache", "info").output.splitlines()[1].split()[0])


def test_what_is_kept_can_be_seen_and_emptied(home: Home) -> None:
    assert values(home) == 0
    run(home, "check")
    kept = values(home)
    assert kept > 0
    assert run(home, "cache", "clear").output == f"{kept} values removed.\n"
    assert values(home) == 0


@pytest.mark.parametrize("args", [("check", "--no-cache"), ("--no-cache", "check")])
def test_without_the_cache_nothing_is_kept(home: Home, args: tuple[str, ...]) -> None:
    run(home, *args)
    assert values(home) == 0
    assert "BOOKS_NO_CACHE" not in os.environ


def test_the_second_check_says_the_same_and_reads_nothing_anew(
    home: Home, write: Callable[[str, str], Path]
) -> None:
    write(MONTH, HALF)
    first, second = run(home, "check"), run(home, "check", "--verbose")
    assert "VEIL-005" in first.output
    assert first.output in second.output
    assert ", 0 of " in second.output


@pytest.mark.parametrize("entity", ["acme", "jane"])
def test_one_entity_is_told_of_alike_with_the_cache_and_without(
    home: Home, write: Callable[[str, str], Path], entity: str
) -> None:
    write(MONTH, HALF)
    write("ledger/jane/2026/2026-09.beancount", "")
    write("ledger/jane/2026/2026-08.beancount", "2026-08-01 nonsense\n")
    said = [run(home, "check", "-e", entity, *more).output for more in ((), (), ("--no-cache",))]
    assert said[0] == said[1] == said[2]


def test_watching_says_what_a_save_brings_and_what_it_cures(
    home: Home, write: Callable[[str, str], Path]
) -> None:
    before = (home.path / MONTH).read_text()
    with Watched(home) as watched:
        watched.until("Nothing to report", "Watching")
        write(MONTH, HALF)
        watched.until("2026-09.beancount", "VEIL-005", "2 errors")
        write(MONTH, "2026-09-03 nonsense\n")
        watched.until("cured: VEIL-005", "BC-LEXER", "1 error")
        write(MONTH, before)
        watched.until("cured: BC-LEXER", "Nothing to report")
    assert watched.code == 0


def test_watching_speaks_in_text_only(home: Home) -> None:
    done = CliRunner().invoke(cli, ["--home", str(home.path), "check", "--watch", "--format=json"])
    assert "leave --format out" in str(done.exception)


class Watched:
    """``books check --watch`` in a process of its own, line by line."""

    def __init__(self, home: Home) -> None:
        self._child = subprocess.Popen(
            [PROGRAM, "--home", home.path, "check", "--watch"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._lines: Queue[str] = Queue()
        self.code = -1
        Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.send_signal(signal.SIGINT)
        self.code = self._child.wait(timeout=120)

    def until(self, *words: str) -> None:
        """Reads on until each of the words was said, in this order."""
        seen, deadline = "", time.monotonic() + 30
        for word in words:
            while word not in seen:
                try:
                    seen += self._lines.get(timeout=deadline - time.monotonic())
                except (Empty, ValueError):
                    pytest.fail(f"no “{word}” after: {seen}")
            seen = seen[seen.index(word) :]

    def _read(self) -> None:
        for line in self._child.stdout or ():
            self._lines.put(line)
