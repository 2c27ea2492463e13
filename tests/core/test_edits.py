"""Edits by the thousand: after each, the warm reading says what a full one says."""

from pathlib import Path

import pytest
from edits import Editor
from small_books import KINDS, new_books
from warmth import compare, forget

from core.journal import warm


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test's own, and a process that remembers nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()


def edited(path: Path, kind: str, seed: int, count: int) -> None:
    """Edits books of a kind and compares after each, now and then as another process would."""
    home = new_books(path, kind, seed)
    editor = Editor(home, seed)
    compare(home, ["nothing yet"])
    for number in range(count):
        editor.edit()
        if number % 5 == 0:
            forget()
        roots: list[Path | None] = [None]
        if number % 10 == 0:
            roots += home.entity_roots
        told = [f"{kind}, seed {seed}", *editor.did]
        for root in roots:
            compare(home, told, root)
        if number % 6 == 0:
            compare(home, [*told, "and an overlay"], overlay=editor.overlay())
        if number % 40 == 39:
            editor.back_to_the_start()


@pytest.mark.parametrize("kind", KINDS)
def test_no_edit_can_be_told_from_a_full_reading(tmp_path: Path, kind: str) -> None:
    edited(tmp_path / "books", kind, 1, 50)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize("kind", KINDS)
def test_no_edit_of_thousands_can_be_told_from_a_full_reading(
    tmp_path: Path, kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # half of them trust a file's status soon, not after seconds
        monkeypatch.setattr(warm, "_SETTLES", 30_000_000)
    edited(tmp_path / "books", kind, seed, 100)
