"""Deciding what waits on ``import/open``: on that branch, before it is merged."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import bank as files
import pytest
from click.testing import CliRunner, Result
from plaids import CHECKING, Nights, chase, committed, nights, shop
from terminal import terminal

from core import branches, git
from core.home import Home
from core.journal.lock import alone
from core.journal.read import read
from core.sealing_keys import new_key
from importers.plaid.fake.banks import FakeBank
from importers.plaid.fake.plaid import CLIENT_ID, SECRET
from importers.unattended.standing import BRANCH, folder, unmerged
from scripts.main import cli

OFFICE = "Expenses:Acme:Office"
Type = Callable[..., Result]


@pytest.fixture
def bank() -> FakeBank:
    return chase().adds(shop("a", 1, "20.00"), shop("b", 2, "30.00", "Paper Mill"))


@pytest.fixture
def plaid(home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    with nights(home, bank) as ready:
        monkeypatch.setenv("PLAID_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("PLAID_SECRET", SECRET)
        monkeypatch.setenv("PLAID_ENV", ready.fake.address)
        ready.connect(bank)
        yield ready


@pytest.fixture
def types(home: Home) -> Type:
    def type_(*words: str) -> Result:
        run = ["--home", str(home.path), *words]
        return CliRunner().invoke(cli, run, standalone_mode=False)

    return type_


def at(home: Home, *asked: str) -> str:
    done, said = git.call(home.path, *asked)
    assert done, said
    return said


def reviews(home: Home) -> dict[str, str]:
    """What waits on the branch, by payee: why."""
    tree = unmerged(home)
    assert tree is not None
    books = read(tree.main_root, home=tree)
    return {t.payee or "": str(t.meta.get("review", "")) for t in books.transactions}


def test_a_line_is_decided_on_the_branch_and_the_checkout_stays(types: Type, plaid: Nights) -> None:
    home = plaid.home
    types("schedule", "run")
    (home.ledger / "acme/thoughts.txt").write_text("half a thought")
    before, status = git.head(home.path), at(home, "status", "--porcelain")
    listed = types("inbox").output
    assert "2 entries wait on import/open, which is not merged yet:" in listed
    first, second = json.loads(types("inbox", "--format", "json").output)["unmerged"]
    assert (first["payee"], first["review"]) == ("Corner Shop", "categorise")
    dry = types("inbox", "accept", first["id"], "--account", OFFICE, "--dry-run")
    assert "nothing was written" in dry.output
    assert reviews(home) == {"Corner Shop": "categorise", "Paper Mill": "categorise"}
    done = types("inbox", "accept", first["id"], "--account", OFFICE)
    assert "Accepted on import/open; 1 left there." in done.output
    assert (git.head(home.path), at(home, "status", "--porcelain")) == (before, status)
    assert reviews(home) == {"Corner Shop": "", "Paper Mill": "categorise"}
    assert "Books-Actor: inbox" in at(home, "log", "-1", "--format=%(trailers)", BRANCH)
    rest = types("inbox", "--branch", "accept", "--payee", "Paper Mill", "--account", OFFICE)
    assert "nothing left there" in rest.output
    at(home, "merge", "-q", BRANCH)
    assert "every line is decided" in types("inbox").output
    assert second["id"] in plaid.ids()


def test_the_next_run_goes_on_top_of_what_was_decided(
    types: Type, plaid: Nights, bank: FakeBank
) -> None:
    types("schedule", "run")
    types("inbox", "accept", "--payee", "corner shop", "--account", OFFICE)
    bank.adds(shop("c", 3, "40.00", "Third"))
    said = types("schedule", "run").output
    assert "import/open holds 3 commits" in said
    assert reviews(plaid.home) == {
        "Corner Shop": "",
        "Paper Mill": "categorise",
        "Third": "categorise",
    }


def test_a_decision_on_the_branch_can_be_taken_back(types: Type, plaid: Nights) -> None:
    types("schedule", "run")
    types("inbox", "accept", "--payee", "corner shop", "--account", OFFICE)
    assert "no decision to take back" in str(types("inbox", "undo").exception)
    assert "nothing was written" in types("inbox", "undo", "--branch", "--dry-run").output
    assert reviews(plaid.home)["Corner Shop"] == ""
    assert "Take back" in types("inbox", "undo", "--branch").output
    assert reviews(plaid.home)["Corner Shop"] == "categorise"


def test_what_the_checkout_has_too_is_decided_in_the_checkout(
    types: Type, plaid: Nights, bank: FakeBank
) -> None:
    types("schedule", "run")
    at(plaid.home, "merge", "-q", BRANCH)
    bank.adds(shop("c", 3, "40.00", "Third"))
    types("schedule", "run")
    said = json.loads(types("inbox", "--format", "json").output)
    assert [i["payee"] for i in said["items"]] == ["Corner Shop", "Paper Mill"]
    assert [i["payee"] for i in said["unmerged"]] == ["Third"]
    tip = branches.tip(plaid.home.path, BRANCH)
    done = types("inbox", "accept", said["items"][0]["id"], "--account", OFFICE)
    assert "Accepted; 1 left in the inbox." in done.output
    assert branches.tip(plaid.home.path, BRANCH) == tip
    refused = types("inbox", "--branch", "accept", said["items"][1]["id"], "--account", OFFICE)
    assert refused.exception is not None


def test_while_a_run_is_at_work_nothing_is_decided(types: Type, plaid: Nights) -> None:
    types("schedule", "run")
    tip = branches.tip(plaid.home.path, BRANCH)
    accept = ("inbox", "accept", "--payee", "corner shop", "--account", OFFICE)
    with alone(plaid.home, "schedule.lock"):
        assert "a run is at work on import/open" in str(types(*accept).exception)
    uncommitted = types(*accept, "--no-commit")
    assert "is a commit there" in str(uncommitted.exception)
    assert branches.tip(plaid.home.path, BRANCH) == tip


def test_a_hook_that_refuses_the_commit_leaves_the_branch_as_it_was(
    types: Type, plaid: Nights
) -> None:
    types("schedule", "run")
    hook = git.hooks(plaid.home.path) / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    refused = types("inbox", "accept", "--payee", "corner shop", "--account", OFFICE)
    assert "nothing was decided on import/open" in str(refused.exception)
    assert "not today" in str(refused.exception)
    assert reviews(plaid.home)["Corner Shop"] == "categorise"
    assert at(plaid.home, "-C", str(folder(plaid.home)), "status", "--porcelain") == ""


@pytest.fixture
def remote(plaid: Nights, tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
    at(plaid.home, "remote", "add", "origin", str(path))
    at(plaid.home, "push", "-q", "-u", "origin", "main")
    return path


def test_what_is_decided_is_sent_to_the_request(types: Type, plaid: Nights, remote: Path) -> None:
    types("schedule", "run")
    done = types("inbox", "accept", "--payee", "corner shop", "--account", OFFICE)
    assert "import/open is pushed to origin" in done.output
    assert branches.tip(remote, BRANCH) == branches.tip(plaid.home.path, BRANCH)


def test_what_was_decided_and_not_sent_is_kept_when_the_branch_ends_elsewhere(
    types: Type, plaid: Nights, remote: Path, tmp_path: Path
) -> None:
    types("schedule", "run")
    remote.rename(tmp_path / "away.git")
    done = types("inbox", "accept", "--payee", "corner shop", "--account", OFFICE)
    assert "could not be pushed" in done.output
    (tmp_path / "away.git").rename(remote)
    decided = branches.tip(plaid.home.path, BRANCH)
    at(plaid.home, "-C", str(remote), "branch", "-D", BRANCH)
    said = types("schedule", "run").output
    kept = f"import/kept-{decided[:9]}"
    assert f"it is on {kept}" in said
    assert branches.tip(plaid.home.path, kept) == decided
    assert reviews(plaid.home)["Corner Shop"] == "categorise"


def test_by_keys_first_the_checkout_then_the_branch(
    types: Type, plaid: Nights, bank: FakeBank
) -> None:
    types("schedule", "run")
    at(plaid.home, "merge", "-q", BRANCH)
    bank.adds(shop("c", 3, "40.00", "Third"))
    types("schedule", "run")
    types("inbox", "accept", "--payee", "paper mill", "--account", OFFICE)
    before = git.head(plaid.home.path)
    with terminal("--home", str(plaid.home.path), "inbox") as person:
        person.expect("Corner Shop")
        person.press("a")
        person.expect("Account:")
        person.press("Office\r")
        person.expect("The inbox is empty")
        person.expect("On import/open, which is not merged yet:")
        person.expect("Third")
        person.press("a")
        person.expect("Account:")
        person.press("Office\r")
        said = person.end()
    assert "books inbox undo --branch" in said
    assert reviews(plaid.home)["Third"] == ""
    assert len(at(plaid.home, "rev-list", f"{before}..HEAD").split()) == 1
