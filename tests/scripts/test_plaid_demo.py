"""``books demo --plaid``: made-up banks, four nights, and the end of the plain demo."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from plaids import loopback_only

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from scripts.main import cli


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "books"
    run = ["demo", "--plaid", "--no-serve", "--dir", str(folder)]
    with loopback_only():
        result = CliRunner().invoke(cli, run)
    assert result.exit_code == 0, result.output
    return folder, result.output


def test_the_nights_are_told_and_the_end_is_the_plain_demos(demo: tuple[Path, str]) -> None:
    _, said = demo
    for told in (
        "1 new, 3 known from another source",
        "2 pending; they are booked when they post",
        "1 corrected by the bank",
        "asks for the login again (ITEM_LOGIN_REQUIRED)",
        "its owner logs in again at Ally",
        "the bank has taken back 310.00 USD",
        "and so do the books",
        "things need you:",
    ):
        assert told in said


def test_the_books_hold_the_lines_with_plaids_ids(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    text = "".join(path.read_text() for path in sorted(folder.glob("ledger/*/2026/*.beancount")))
    assert text.count(' id: "plaid-') == 6
    assert text.count(' id-2: "plaid-') == 4
    assert "57.60 USD" in text
    assert "48.00 USD\n    id:" not in text
    books = read(Home(folder).main_root, home=Home(folder))
    assert [f for f in books.findings if f.severity == "error"] == []
    status = subprocess.run(
        ["git", "-C", str(folder), "status", "--porcelain"], capture_output=True, check=True
    )
    assert status.stdout == b""


def test_the_end_says_what_to_look_at_and_that_is_there(demo: tuple[Path, str]) -> None:
    folder, told = demo
    assert "'books sync' would reach nobody" in told
    run_id = told.partition("books history --run ")[2].split()[0]
    said = CliRunner().invoke(cli, ["--home", str(folder), "history", "--run", run_id])
    assert "Sync Chase: 1 corrected by the bank" in said.output
    assert "books bank repair plaid-" in told
    assert "nothing was taken out; to agree: books sync --take-out" in told


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for wrong in ("file", "file/below"):
        said = CliRunner().invoke(cli, ["demo", "--no-serve", "--dir", str(tmp_path / wrong)])
        assert isinstance(said.exception, UserError)
        assert "cannot be written" in said.exception.message
    assert (tmp_path / "file").read_text() == "mine"
