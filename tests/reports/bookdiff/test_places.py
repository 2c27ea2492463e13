"""Where a diff may be asked: below the root, in a shallow clone, in a bare repository."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ledger_pairs import LEDGER, LUNCH, RENT, edited, written

from core import git
from scripts.main import cli

LUNCHES = 'include "years/*.beancount"\n' + edited((LUNCH, ""))


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A ledger that is no home, in a folder with a blank and other letters; its rent went up."""
    folder = tmp_path / "Bücher 资产"
    folder.mkdir()
    git.init(folder)
    ledger = folder / "my ledger"
    written(ledger, "main.beancount", LUNCHES)
    written(ledger, "years/2026 一月.beancount", LUNCH)
    written(ledger, "years/more.beancount", "; nothing yet\n")
    for text in (LUNCHES, LUNCHES.replace("500.00", "550.00")):
        written(ledger, "main.beancount", text)
        subprocess.run(["git", "-C", folder, "add", "-A"], check=True)
        git.commit(folder, [Path("my ledger")], "The ledger", {})
    return folder


@pytest.mark.parametrize("below", ["my ledger", "my ledger/years"])
def test_a_diff_finds_the_root_above_in_its_work_tree(repository, monkeypatch, below) -> None:
    monkeypatch.chdir(repository / below)
    said = run("diff", "HEAD~1")
    assert "expenses +50.00 USD" in said.output, said.output
    assert said.exit_code == 0


def test_a_folder_outside_of_a_work_tree_does_not_look_above(tmp_path, monkeypatch) -> None:
    written(tmp_path, "main.beancount", LEDGER)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    said = run("diff", "HEAD")
    assert isinstance(said.exception, Exception)
    assert "which root file" in str(said.exception)


def test_a_bare_repository_compares_two_revisions(repository, tmp_path, monkeypatch) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", repository, bare], check=True)
    before = sorted(path for path in bare.rglob("*") if path.is_file())
    monkeypatch.chdir(bare)
    root = ("--file", "my ledger/main.beancount")
    said = run("diff", "HEAD~1", "HEAD", *root)
    assert "expenses +50.00 USD" in said.output, said.output
    assert sorted(path for path in bare.rglob("*") if path.is_file()) == before
    for asked, told in (
        (("HEAD",), "no working copy"),
        (("nope", "HEAD", *root), "'nope' is no revision"),
        (("HEAD~1", "HEAD"), "which root file"),
        (("HEAD~1", "HEAD", "--file", "other.beancount"), "other.beancount is not in"),
    ):
        assert told in str(run("diff", *asked).exception)


def test_a_bare_repository_of_a_home(home, write, tmp_path, monkeypatch) -> None:
    write("ledger/acme/2026/2026-09.beancount", RENT.replace(":", ":Acme:", 1))
    subprocess.run(["git", "-C", home.path, "add", "-A"], check=True)
    git.commit(home.path, [Path("ledger")], "Rent", {})
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", home.path, bare], check=True)
    monkeypatch.chdir(bare)
    said = run("diff", "HEAD~1", "HEAD")
    assert "Transactions: 1 added" in said.output, said.output


def test_a_shallow_clone_says_why_it_does_not_know_a_revision(
    repository, tmp_path, monkeypatch
) -> None:
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", repository.as_uri(), shallow], check=True)
    monkeypatch.chdir(shallow / "my ledger")
    assert "fetch-depth: 0" in str(run("diff", "HEAD~1").exception)
    monkeypatch.chdir(repository / "my ledger")
    assert "fetch-depth" not in str(run("diff", "HEAD~9").exception)
