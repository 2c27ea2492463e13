"""A decision can be taken back: byte for byte, once, and while nobody else was at its files."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import UserError
from core.home import Home
from core.journal import undo
from core.journal.change import ChangeSet, FileChange, content
from core.journal.recovery import recover
from core.journal.write import apply

NAME = Path("rules/categorise/acme.yaml")
TEXTS = st.none() | st.text("ab\n€", max_size=8).map(str.encode)


class StoppedError(Exception):
    """The machine stops."""


def decision(home: Home, after: bytes | None) -> ChangeSet:
    return ChangeSet("Decide", (FileChange(NAME, content(home.path / NAME), after),))


def take_back(home: Home, key: str) -> None:
    last = undo.last(home)
    change = undo.taken_back(home, last)
    apply(home, change, key=key, commit=False, takes_back=last.key)


@given(before=TEXTS, after=TEXTS)
def test_the_way_back_leads_to_the_very_bytes(
    tmp_path_factory: pytest.TempPathFactory, before: bytes | None, after: bytes | None
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    path = home.path / "x.yaml"
    file = FileChange(Path("x.yaml"), before, after)
    if after is not None:
        path.write_bytes(after)
    (back,) = undo.taken_back(home, undo.decision_of(ChangeSet("x", (file,)), "k")).files
    assert (back.before, back.after) == (after, before)


def test_a_change_that_is_no_decision_is_not_taken_back(home: Home) -> None:
    apply(home, decision(home, b"version: 1\n"), key="k")
    with pytest.raises(UserError, match="there is no decision to take back"):
        undo.last(home)


def test_what_was_taken_back_is_not_taken_back_again(home: Home) -> None:
    first = content(home.path / NAME)
    for number in (1, 2):
        after = f"version: 1\n# {number}\n".encode()
        apply(home, decision(home, after), key=f"k{number}", decides=True)
    take_back(home, "u2")
    assert undo.last(home).key == "k1"
    take_back(home, "u1")
    assert content(home.path / NAME) == first
    with pytest.raises(UserError, match="there is no decision"):
        undo.last(home)


def test_a_file_that_says_something_else_is_left_alone(home: Home) -> None:
    apply(home, decision(home, b"version: 1\n"), key="k", decides=True)
    (home.path / NAME).write_text("version: 1\n# mine\n")
    with pytest.raises(UserError, match="has changed since the decision 'Decide'"):
        undo.taken_back(home, undo.last(home))


def test_a_torn_line_of_the_log_hides_no_other(home: Home) -> None:
    apply(home, decision(home, b"version: 1\n"), key="k", decides=True)
    log = home.private / "decisions.jsonl"
    log.write_text(log.read_text() + '{"key": "torn')
    assert undo.last(home).key == "k"


def test_no_change_deletes_a_journal(home: Home) -> None:
    path = Path("ledger/acme/accounts.beancount")
    gone = FileChange(path, content(home.path / path), None)
    with pytest.raises(UserError, match="is a journal, which no change deletes"):
        apply(home, ChangeSet("x", (gone,)), key="k")
    assert (home.path / path).is_file()


def stopping_at(count: int, patch: pytest.MonkeyPatch, error: Exception) -> list[int]:
    """From the ``count``-th fsync or rename on, each fails."""
    left = [count]

    def counted(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def call(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise error
            return real(*args, **named)

        patch.setattr(owner, name, call)

    counted(os, "fsync")
    counted(Path, "replace")
    return left


@pytest.mark.parametrize("error", [StoppedError(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("count", range(20))
def test_who_crashes_finds_the_decision_exactly_where_it_was_made(
    home: Home, count: int, error: Exception
) -> None:
    before, after = content(home.path / NAME), b"version: 1\n# decided\n"
    with pytest.MonkeyPatch.context() as patch:
        stopping_at(count, patch, error)
        with contextlib.suppress(StoppedError, UserError):
            apply(home, decision(home, after), key="k", commit=False, decides=True)
    recover(home)
    if content(home.path / NAME) == before:
        with pytest.raises(UserError, match="there is no decision"):
            undo.last(home)
    else:
        take_back(home, "u")
        assert content(home.path / NAME) == before


def test_the_steps_end_somewhere_below_twenty(home: Home) -> None:
    """So that the test above reaches the last one."""
    with pytest.MonkeyPatch.context() as patch:
        left = stopping_at(20, patch, StoppedError())
        apply(home, decision(home, b"version: 1\n"), key="k", commit=False, decides=True)
    assert 0 <= left[0] < 15
