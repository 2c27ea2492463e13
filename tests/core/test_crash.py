"""A change of two journals, stopped dead at every step: both halves or none, and never twice."""

import contextlib
import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.findings import UserError
from core.home import Home
from core.journal.change import Block, ChangeSet, FileChange, content, insert_blocks
from core.journal.intent import intent_file
from core.journal.read import read
from core.journal.recovery import recover
from core.journal.write import apply

DAY = dt.date(2026, 9, 3)
HALVES = {
    Path("ledger/acme/2026/2026-09.beancount"): Block(
        DAY,
        '2026-09-03 * "Jane" "Draw" ^ic-26-aaaaaa\n'
        "  Equity:Acme:Members:Jane:Distributions  10.00 USD\n"
        "  Liabilities:Acme:AP",
    ),
    Path("ledger/jane/2027/2027-01.beancount"): Block(
        DAY,
        '2026-09-03 * "Acme" "Draw" ^ic-26-aaaaaa\n'
        "  Assets:Jane:Cash  10.00 USD\n"
        "  Assets:Jane:InvestIn:Acme",
    ),
}


def pair(home: Home) -> ChangeSet:
    files = []
    for path, block in HALVES.items():
        before = content(home.path / path)
        text, _ = insert_blocks((before or b"").decode(), [block])
        files.append(FileChange(path, before, text.encode()))
    return ChangeSet("Pair", tuple(files))


def halves(home: Home) -> int:
    return len(read(home.main_root).transactions)


class StoppedError(BaseException):
    """The machine stops here: nothing catches it."""


def stopping_at(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call of the door to the disk counts; before the one of this number all ends."""
    left = [count]
    monkeypatch.setenv("BOOKS_NO_CACHE", "1")  # a reader that keeps things calls it as well

    def counted(name: str, owner: Any) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise StoppedError
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    for name in ("open", "fsync", "close"):
        counted(name, os)
    for name in ("replace", "unlink", "mkdir"):
        counted(name, Path)


@pytest.mark.parametrize("count", range(60))
def test_a_stop_at_any_step_leaves_both_halves_or_none(home: Home, count: int) -> None:
    change = pair(home)
    with pytest.MonkeyPatch.context() as patch:
        stopping_at(count, patch)
        try:
            apply(home, change, key="k", commit=False)
            acknowledged = True
        except (StoppedError, UserError):
            acknowledged = False
    recover(home)
    found = halves(home)
    assert found == 2 if acknowledged else found in {0, 2}
    retried = change if found == 2 else pair(home)
    apply(home, retried, key="k", commit=False)
    assert halves(home) == 2
    assert not read(home.main_root).findings
    assert not intent_file(home).exists()
    assert not list(home.ledger.rglob("*.tmp"))


def test_the_steps_end_somewhere_below_sixty(home: Home) -> None:
    """So that the test above reaches the last one."""
    with pytest.MonkeyPatch.context() as patch:
        stopping_at(59, patch)
        apply(home, pair(home), key="k", commit=False)
    assert halves(home) == 2


def test_an_edit_after_the_crash_is_not_overwritten(home: Home) -> None:
    change = pair(home)
    for count in range(60):
        with pytest.MonkeyPatch.context() as patch:
            stopping_at(count, patch)
            with contextlib.suppress(StoppedError, UserError):
                apply(home, change, key=f"k{count}", commit=False)
        if intent_file(home).exists():
            break
    edited = home.path / next(iter(HALVES))
    edited.write_text(";; the owner was quicker\n")
    with pytest.raises(UserError, match="has been edited since"):
        recover(home)
    assert edited.read_text() == ";; the owner was quicker\n"
