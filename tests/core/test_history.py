"""What a file has said, over the commits behind HEAD."""

import subprocess
from pathlib import Path

from core import git
from core.home import Home

FILE = Path("rules/categorise/acme.yaml")


def commit(home: Home, text: str) -> None:
    (home.path / FILE).write_text(text)
    git.commit(home.path, [FILE], text, {})


def run(home: Home, *args: str) -> None:
    who = ["-c", "user.name=Jane", "-c", "user.email=jane@localhost"]
    subprocess.run(["git", *who, *args], cwd=home.path, check=True, capture_output=True)


def test_every_content_comes_once_and_the_newest_first(home: Home) -> None:
    (first,) = git.history(home.path, FILE, 10)
    for text in ("one", "two", "one", "three"):
        commit(home, text)
    assert list(git.history(home.path, FILE, 10)) == [b"three", b"one", b"two", first]
    assert list(git.history(home.path, FILE, 2)) == [b"three", b"one"]


def test_what_is_not_committed_and_what_no_file_is_have_no_history(home: Home) -> None:
    (home.path / FILE).write_text("not yet")
    assert b"not yet" not in list(git.history(home.path, FILE, 10))
    assert list(git.history(home.path, Path("rules/nothing.yaml"), 10)) == []


def test_what_stood_on_a_merged_branch_counts(home: Home) -> None:
    run(home, "checkout", "-q", "-b", "side")
    commit(home, "on the side")
    commit(home, "main")
    run(home, "checkout", "-q", "main")
    commit(home, "main")
    run(home, "merge", "-q", "-m", "Merge", "side")
    assert b"on the side" in list(git.history(home.path, FILE, 10))


def test_a_file_that_was_taken_out_still_has_said_what_it_said(home: Home) -> None:
    commit(home, "one")
    run(home, "rm", "-q", FILE.as_posix())
    run(home, "commit", "-q", "-m", "Gone")
    assert next(git.history(home.path, FILE, 10)) == b"one"
