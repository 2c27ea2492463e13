"""The gallery of findings: one small book for each code, and exactly what is said about it.

``tests/cases/errors/<code>/`` (``<code>.<what>/`` where a code has several) holds a root file
``books.beancount`` (it may include the gallery's ``chart.beancount``) or a whole home, and
``expected.txt``. ``command.txt`` names the command where it is not ``check``, and what lies in
``committed/`` is in git before the rest is put over it. ``BOOKS_UPDATE_GOLDEN=1`` writes what is
said now; read the diff as a stranger would: where, what, what next. ``proposed/`` is laid over
``tests/cases/proposal`` (and ``base/``) on a branch of its own, for what ``books review`` finds.
"""

import os
import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest

from core import git, sandbox
from scripts.codes import CODES
from scripts.main import main

GALLERY = Path(__file__).resolve().parents[1] / "cases" / "errors"
CASES = sorted(path for path in GALLERY.iterdir() if path.is_dir())


def arguments(case: Path) -> list[str]:
    given = case / "command.txt"
    if given.exists():
        return given.read_text().split()
    return ["check", "books.beancount"] if (case / "books.beancount").exists() else ["check"]


def propose(case: Path, where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with the branches main and proposal, whose commits have the same ids always."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Paula")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "paula@example.com")
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-11-20T12:00:00+00:00")
    monkeypatch.setattr(sandbox, "_bubblewrap", lambda: "")
    shutil.rmtree(where)
    shutil.copytree(GALLERY.parent / "proposal", where)
    if (case / "base").exists():
        shutil.copytree(case / "base", where, dirs_exist_ok=True)
    git.init(where)
    git.commit(where, [Path()], "Start", {})
    with chdir(where):
        subprocess.run(["git", "checkout", "-q", "-b", "proposal"], check=True)
    shutil.copytree(case / "proposed", where, symlinks=True, dirs_exist_ok=True)
    for empty in (case / "proposed").rglob("*"):
        if empty.is_file() and not empty.stat().st_size:  # stands for a file that is removed
            (where / empty.relative_to(case / "proposed")).unlink()
    git.commit(where, [Path()], "Propose", {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_gallery_says_what_is_expected(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "case"
    committed = case / "committed"
    if committed.exists():
        shutil.copytree(committed, where)
        git.init(where)
        git.commit(where, [Path()], "Start", {})
    left_out = shutil.ignore_patterns("committed")
    shutil.copytree(case, where, symlinks=True, dirs_exist_ok=True, ignore=left_out)
    if (where / "books.beancount").exists():
        shutil.copy(GALLERY / "chart.beancount", where)
    if (case / "proposed").exists():
        propose(case, where, monkeypatch)
    monkeypatch.chdir(where)
    monkeypatch.delenv("BOOKS_HOME", raising=False)
    args = arguments(case)
    with pytest.raises(SystemExit) as ended:
        main(args)
    said = capsys.readouterr()
    shown = f"$ books {' '.join(args)}\n{said.out}{said.err}exit {ended.value.code}\n"
    assert str(tmp_path) not in shown
    expected = case / "expected.txt"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        expected.write_text(shown)
    assert shown == expected.read_text()
    assert case.name.upper().partition(".")[0] in shown


def test_every_code_of_the_table_is_in_the_gallery() -> None:
    assert {case.name.upper().partition(".")[0] for case in CASES} == set(CODES)
