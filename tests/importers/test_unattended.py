"""Nights without anybody: the standing branch, its request to merge, and who is told."""

import datetime as dt
import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bank as files
import forges
import pytest
from crash_deeds import new_home
from plaids import CHECKING, Nights, chase, committed, line, nights, shop

from core import branches, git
from core.findings import UserError
from core.home import Home
from core.journal.lock import alone
from core.journal.read import read
from core.masked import Secret
from core.sealing_keys import new_key
from importers.feed import connections
from importers.plaid.api import Api
from importers.plaid.fake.banks import FakeAccount, FakeBank
from importers.plaid.fake.plaid import Fault
from importers.posted import posted
from importers.unattended import history
from importers.unattended.forge import Forge, forge_of
from importers.unattended.run import BUSY, Outcome, unattended
from importers.unattended.standing import BRANCH, folder, waiting

OURS = f"refs/heads/{BRANCH}"


class Runs:
    """A home with a bank, run without anybody; ``sent`` is what its owner was notified of."""

    def __init__(self, plaid: Nights) -> None:
        self.plaid, self.home = plaid, plaid.home
        self.sent: list[str] = []
        self.forge: Forge | None = None
        self.can_send = True

    def git(self, *args: str, where: Path | None = None) -> str:
        name = ("-c", "user.name=Jane", "-c", "user.email=jane@localhost")
        done, said = git.call(where or self.home.path, *name, *args)
        assert done, said
        return said

    def send(self, _title: str, text: str) -> bool:
        self.sent += [text] if self.can_send else []
        return self.can_send

    def once(self) -> Outcome:
        def night(connection, tree):
            return self.plaid.night(connection, tree=tree)

        banks = connections.connections(self.home)
        return unattended(self.home, banks, night, forge=lambda _: self.forge, send=self.send)

    def well(self) -> Outcome:
        outcome = self.once()
        assert not outcome.failed, outcome.said
        return outcome

    def on(self, name: str) -> list[str]:
        """The ids of bank lines on a branch, each as often as it is there."""
        with_tree = self.home.private / "looked-at"
        branches.worktree(self.home.path, with_tree, branches.tip(self.home.path, name))
        git.call(with_tree, "checkout", "--quiet", "--detach", name)
        there = Home(with_tree)
        books = read(there.main_root, home=there)
        found = [i for row in posted(books, books.accounts) for i in row.ids]
        branches.drop_worktree(self.home.path, with_tree)
        return sorted(i.rpartition(":")[2] for i in found)


@pytest.fixture
def bank() -> FakeBank:
    return chase()


@pytest.fixture
def runs(home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    with nights(home, bank) as plaid:
        plaid.connect(bank)
        yield Runs(plaid)


@pytest.fixture
def remote(runs: Runs, tmp_path: Path) -> Path:
    """The books are pushed to a repository elsewhere."""
    path = tmp_path / "elsewhere.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
    runs.git("remote", "add", "origin", str(path))
    runs.git("push", "-q", "-u", "origin", "main")
    return path


def test_a_run_commits_on_its_own_branch_and_leaves_the_checkout_alone(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    before = git.head(runs.home.path)
    (runs.home.path / "ledger/jane/notes.txt").write_text("half a thought")
    outcome = runs.well()
    assert (outcome.commits, waiting(runs.home)) == (1, 1)
    assert git.head(runs.home.path) == before
    assert runs.plaid.books().transactions == ()
    assert (runs.on("main"), runs.on(OURS)) == ([], ["ax1"])
    trailers = runs.git("log", "-1", "--format=%(trailers)", OURS)
    assert "Books-Cursor: plaid-" in trailers
    assert "Books-Actor: feed" in trailers
    assert f"to merge: git switch main && git merge {BRANCH}" in outcome.said


def test_a_second_run_brings_nothing_and_the_next_line_goes_on_top(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    tip = branches.tip(runs.home.path, OURS)
    assert runs.well().commits == 1
    assert branches.tip(runs.home.path, OURS) == tip
    bank.adds(shop("b", 2, "30.00"))
    assert runs.well().commits == 2
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_what_was_merged_is_no_longer_proposed(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    runs.git("merge", "-q", BRANCH)
    assert runs.well().commits == 0
    bank.adds(shop("b", 2, "30.00"))
    assert runs.well().commits == 1
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_what_was_merged_as_one_other_commit_is_not_brought_again(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    runs.git("merge", "-q", "--squash", BRANCH)
    runs.git("commit", "-qm", "Squashed")
    assert runs.well().commits == 0
    bank.adds(shop("b", 2, "30.00"))
    assert runs.well().commits == 1
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_deleting_the_branch_unmerged_brings_its_lines_again(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    runs.git("branch", "-D", BRANCH)
    assert runs.well().commits == 1
    assert runs.on(OURS) == ["ax1", "bx1"]


@pytest.mark.parametrize("how", ["commit", "merge"])
def test_a_merged_run_that_is_reverted_brings_its_lines_again(
    runs: Runs, bank: FakeBank, how: str
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    runs.git("merge", "-q", "--no-ff", "-m", "First", BRANCH)
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    second = branches.tip(runs.home.path, OURS)
    runs.git("merge", "-q", "--no-ff", "-m", "Second", BRANCH)
    runs.git("revert", "--no-edit", *(["-m", "1", "HEAD"] if how == "merge" else [second]))
    assert runs.on("main") == ["ax1"]
    assert runs.well().commits == 1
    assert runs.on(OURS) == ["ax1", "bx1"]
    runs.git("merge", "-q", "--no-ff", "-m", "Third", BRANCH)
    assert runs.well().commits == 0  # what is newer than the revert counts again
    bank.adds(shop("c", 3, "40.00"))
    runs.well()
    assert runs.on(OURS) == ["ax1", "bx1", "cx1"]


def test_a_revert_that_is_reverted_has_taken_nothing_back(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    runs.git("merge", "-q", BRANCH)
    runs.git("revert", "--no-edit", "HEAD")
    runs.git("revert", "--no-edit", "HEAD")
    asked = len(runs.plaid.fake.asked)
    assert runs.well().commits == 0
    (cursor,) = {
        body.get("cursor", "")
        for path, body in runs.plaid.fake.asked[asked:]
        if path == "/transactions/sync"
    }
    assert cursor
    assert runs.on(OURS) == ["ax1"]


def test_an_earlier_run_that_is_reverted_brings_no_later_line_twice(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    first = branches.tip(runs.home.path, OURS)
    runs.git("merge", "-q", BRANCH)
    bank.adds(line("b", "checking", "2026-10-02", "30.00", "Late"))
    runs.well()
    runs.git("merge", "-q", BRANCH)
    runs.git("revert", "--no-edit", first)
    assert runs.on("main") == ["bx1"]
    runs.well()
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_the_branch_takes_in_what_the_owner_does(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    files.open_accounts(runs.home, ["Assets:Acme:Bank:Savings"])
    committed(runs.home)
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    assert branches.is_behind(runs.home.path, "main", OURS)
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_lines_that_the_owner_has_synced_too_are_there_once(runs: Runs, bank: FakeBank) -> None:
    connection = connections.connections(runs.home)[0]
    bank.adds(shop("a", 1, "20.00"), shop("b", 2, "30.00"))
    runs.well()
    runs.plaid.synced(connection)  # by hand, in the checkout
    bank.adds(shop("c", 3, "40.00"))
    runs.well()
    assert runs.on(OURS) == ["ax1", "bx1", "cx1"]
    runs.git("merge", "-q", BRANCH)
    assert runs.on("main") == ["ax1", "bx1", "cx1"]


def test_a_conflict_makes_the_branch_anew(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    month = runs.home.ledger / "acme/2026/2026-09.beancount"
    month.parent.mkdir(exist_ok=True)
    month.write_text("; September, by hand\n")
    committed(runs.home)
    bank.adds(shop("b", 2, "30.00"))
    outcome = runs.well()
    assert any("made anew" in said for said in outcome.said)
    assert runs.on(OURS) == ["ax1", "bx1"]
    runs.git("merge", "-q", BRANCH)
    assert month.read_text().startswith("; September, by hand\n")


def test_a_conflict_with_a_persons_work_on_the_branch_is_theirs(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    runs.git("switch", "-q", BRANCH)
    month = runs.home.ledger / "acme/2026/2026-09.beancount"
    month.write_text(month.read_text().replace("Suspense", "Suspense ; looked at"))
    committed(runs.home)
    runs.git("switch", "-q", "main")
    month.parent.mkdir(exist_ok=True)
    month.write_text("; September, by hand\n")
    committed(runs.home)
    tip = branches.tip(runs.home.path, OURS)
    outcome = runs.once()
    assert outcome.failed
    assert "By hand" in runs.sent[0]
    assert branches.tip(runs.home.path, OURS) == tip


def test_what_a_killed_run_has_left_in_the_work_tree_is_thrown_away(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    (folder(runs.home) / "ledger/acme/main.beancount").write_text("half")
    (folder(runs.home) / "ledger/acme/2027").mkdir()
    (folder(runs.home) / "ledger/acme/2027/2027-01.beancount").write_text("half")
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    assert runs.on(OURS) == ["ax1", "bx1"]


@pytest.mark.parametrize("left", ["gitdir: /nowhere\n", "", None])
def test_a_work_tree_that_git_no_longer_knows_is_made_anew(
    runs: Runs, bank: FakeBank, left: str | None
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    pointer = folder(runs.home) / ".git"
    if left is None:
        shutil.rmtree(runs.home.path / ".git/worktrees")
    else:
        pointer.write_text(left)
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_a_lock_that_a_machine_left_when_it_went_down_is_no_obstacle(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    at = Path(runs.git("rev-parse", "--absolute-git-dir", where=folder(runs.home)))
    (at / "index.lock").write_text("")
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    assert runs.on(OURS) == ["ax1", "bx1"]


def dying(runs: Runs, dies_at: int) -> None:
    """A run that kills its own process at a step, if it has so many."""
    steps = itertools.count(1)

    def step(done):
        def counted(*args, **named):
            if next(steps) == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return done(*args, **named)

        return counted

    for owner, name in ((os, "fsync"), (Path, "replace"), (subprocess, "run"), (Api, "_call")):
        setattr(owner, name, step(getattr(owner, name)))
    os._exit(0 if not runs.once().failed else 1)


@pytest.mark.parametrize("stride", [19, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_between_any_two_calls_the_next_run_ends_as_if_nothing_had_been(
    runs: Runs, bank: FakeBank, remote: Path, tmp_path: Path, stride: int
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    bank.modifies(shop("a", 1, "21.00")).adds(shop("b", 2, "30.00"))
    files.open_accounts(runs.home, ["Assets:Acme:Bank:Savings"])
    committed(runs.home)
    deaths = 0
    for number in itertools.count(1, stride):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(runs.home.path, copy / "books")
        shutil.copytree(remote, copy / "elsewhere.git")
        there = Runs(Nights(Home(copy / "books"), runs.plaid.fake))
        there.git("remote", "set-url", "origin", str(copy / "elsewhere.git"))
        child = multiprocessing.get_context("fork").Process(target=dying, args=(there, number))
        child.start()
        child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        deaths += 1
        there.well()
        assert there.on(OURS) == ["ax1", "bx1"], number
        assert branches.tip(copy / "elsewhere.git", OURS) == branches.tip(there.home.path, OURS)
        there.git("merge", "-q", "--no-edit", BRANCH)
        assert [row[2] for row in there.plaid.told()] == ["-21.00", "-30.00"]
        shutil.rmtree(copy)
    assert deaths > 3


def test_a_second_run_at_the_same_time_ends_cleanly(runs: Runs) -> None:
    with alone(runs.home, "schedule.lock"):
        outcome = runs.once()
    assert (outcome.said, outcome.is_busy, outcome.failed) == ([BUSY], True, False)
    assert history.loaded(runs.home).runs == ()


def test_books_without_git_say_what_to_do(runs: Runs) -> None:
    (runs.home.path / ".git").rename(runs.home.path / "gone")
    outcome = runs.once()
    assert outcome.failed
    assert "git init" in outcome.said[0]


def test_a_branch_that_the_owner_is_on_is_not_pulled_away(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    runs.git("switch", "-q", BRANCH)
    outcome = runs.once()
    assert outcome.failed
    assert "git switch main" in outcome.said[0]
    assert runs.plaid.books().transactions != ()


# What goes to a remote


def test_the_branch_is_pushed_and_a_command_opens_the_request(
    runs: Runs, bank: FakeBank, remote: Path
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    outcome = runs.well()
    assert branches.tip(remote, OURS) == branches.tip(runs.home.path, OURS)
    runs.git("config", "books.forge", "gitea")
    runs.forge = forge_of(runs.home.path, "origin", None)
    outcome = runs.well()
    assert any(said.startswith("to merge: tea pr create") for said in outcome.said)


def test_deleting_the_branch_at_the_remote_rewinds_it(
    runs: Runs, bank: FakeBank, remote: Path
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    first = branches.tip(runs.home.path, OURS)
    subprocess.run(["git", "-C", remote, "branch", "-D", BRANCH], check=True, capture_output=True)
    runs.well()
    assert branches.tip(runs.home.path, OURS) != first
    assert runs.on(OURS) == ["ax1"]


def test_a_reviewers_commit_at_the_remote_stays(
    runs: Runs, bank: FakeBank, remote: Path, tmp_path: Path
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    other = tmp_path / "reviewer"
    subprocess.run(["git", "clone", "-q", "-b", BRANCH, remote, other], check=True)
    (other / "ledger/acme/note.txt").write_text("seen")
    runs.git("add", "-A", where=other)
    runs.git("commit", "-qm", "Seen", where=other)
    runs.git("push", "-q", where=other)
    bank.adds(shop("b", 2, "30.00"))
    runs.well()
    assert "Seen" in runs.git("log", "--format=%s", OURS)
    assert branches.tip(remote, OURS) == branches.tip(runs.home.path, OURS)
    assert runs.on(OURS) == ["ax1", "bx1"]


def test_a_remote_that_is_gone_is_told_once_and_the_next_run_pushes(
    runs: Runs, bank: FakeBank, remote: Path
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    remote.rename(remote.with_name("away"))
    assert runs.once().failed
    assert runs.once().failed
    assert len(runs.sent) == 1
    remote.with_name("away").rename(remote)
    runs.well()
    assert branches.tip(remote, OURS) == branches.tip(runs.home.path, OURS)


@pytest.mark.parametrize("kind", ["github", "gitea", "gitlab"])
def test_one_request_is_opened_and_brought_up_to_date(
    runs: Runs, bank: FakeBank, remote: Path, kind: str
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    with forges.forge(kind) as there:
        runs.forge = Forge(kind, there.address, "jane/books", Secret(forges.TOKEN))
        assert runs.well().request.endswith("/1")
        bank.adds(shop("b", 2, "30.00"))
        assert runs.well().request.endswith("/1")
        (request,) = there.requests
        assert request["title"] == "Bank lines: 2 runs, 2 to review"
        assert (request["head"], request["base"]) == (BRANCH, "main")


@pytest.mark.parametrize("kind", ["github", "gitea", "gitlab"])
def test_closing_the_request_unmerged_rewinds_the_branch(
    runs: Runs, bank: FakeBank, remote: Path, kind: str
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    with forges.forge(kind) as there:
        runs.forge = Forge(kind, there.address, "jane/books", Secret(forges.TOKEN))
        runs.well()
        first = branches.tip(remote, OURS)
        there.requests[0] |= {"state": "closed", "sha": first}
        bank.adds(shop("b", 2, "30.00"))
        outcome = runs.well()
        assert (outcome.commits, len(there.requests)) == (1, 2)
        assert not branches.is_behind(remote, first, OURS)
        assert runs.on(OURS) == ["ax1", "bx1"]


def test_a_forge_that_refuses_costs_no_line_and_shows_no_token(
    runs: Runs, bank: FakeBank, remote: Path
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    with forges.forge("github") as there:
        runs.forge = Forge("github", there.address, "jane/books", Secret("wrong-token-here"))
        outcome = runs.once()
        assert outcome.failed
        assert runs.on(OURS) == ["ax1"]
        assert "401" in runs.sent[0]
        assert "wrong-token-here" not in "".join((*outcome.said, *runs.sent))


@pytest.mark.parametrize(
    ("address", "kind", "api", "path"),
    [
        ("git@github.com:jane/books.git", "github", "https://api.github.com", "jane/books"),
        ("https://github.com/jane/books", "github", "https://api.github.com", "jane/books"),
        ("https://u:p@gitlab.com/a/b/c.git", "gitlab", "https://gitlab.com/api/v4", "a/b/c"),
        ("ssh://git@codeberg.org/j/b.git", "gitea", "https://codeberg.org/api/v1", "j/b"),
    ],
)
def test_the_forge_is_known_by_its_address(
    runs: Runs, address: str, kind: str, api: str, path: str
) -> None:
    runs.git("remote", "add", "origin", address)
    assert forge_of(runs.home.path, "origin", None) == Forge(kind, api, path)


def test_a_forge_that_is_not_known_is_none_and_one_that_does_not_exist_is_refused(
    runs: Runs,
) -> None:
    runs.git("remote", "add", "origin", "https://git.example.org/jane/books.git")
    assert forge_of(runs.home.path, "origin", None) is None
    runs.git("config", "books.forge", "sourceforge")
    with pytest.raises(UserError, match="no forge"):
        forge_of(runs.home.path, "origin", None)


# Who is told, and how often


def test_20_a_login_that_its_owner_must_mend_is_told_once_and_again_when_it_comes_back(
    runs: Runs, bank: FakeBank
) -> None:
    login = runs.plaid.fake.logins[0]
    login.error = "ITEM_LOGIN_REQUIRED"
    for _ in range(3):
        assert runs.once().failed
    assert len(runs.sent) == 1
    assert "books bank repair" in runs.sent[0]
    assert "/link/" in runs.sent[0]
    login.error = ""
    runs.well()
    login.error = "ITEM_LOGIN_REQUIRED"
    runs.once()
    assert len(runs.sent) == 2


def test_20_one_bank_in_trouble_holds_up_no_other(
    home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    ally = FakeBank("ally", "Ally", [FakeAccount("x", "9", "X")])
    with nights(home, bank, ally) as plaid:
        plaid.connect(ally)
        plaid.connect(bank)
        plaid.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
        runs = Runs(plaid)
        bank.adds(shop("a", 1, "20.00"))
        outcome = runs.once()
        assert outcome.failed
        assert runs.on(OURS) == ["ax1"]


def test_a_permission_that_ends_soon_is_told_once(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importers.plaid.feed.today", lambda: dt.date(2026, 9, 1))
    runs.plaid.fake.logins[0].ends = "2026-12-01T00:00:00Z"
    runs.well()
    assert runs.sent == []
    runs.plaid.fake.logins[0].ends = "2026-09-10T00:00:00Z"
    runs.well()
    runs.well()
    (told,) = runs.sent
    assert "your permission ends on 2026-09-10: books bank repair" in told


def test_12_a_line_that_the_bank_takes_back_is_told_once_and_stays_until_somebody_agrees(
    runs: Runs, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    runs.well()
    bank.removes("a")
    runs.well()
    runs.well()
    (told,) = runs.sent
    assert "books sync --take-out" in told
    assert runs.on(OURS) == ["ax1"]


def test_a_correction_that_no_entry_will_show_is_told_once(runs: Runs, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"), shop("b", 2, "30.00"))
    runs.well()
    runs.git("merge", "-q", "--no-edit", BRANCH)
    before = next(
        path for path in runs.home.ledger.rglob("*.beancount") if "ax1" in path.read_text()
    )
    entries = before.read_text().split("\n\n")
    before.write_text("\n\n".join(entry for entry in entries if "ax1" not in entry))
    runs.git("commit", "-qam", "It was somebody else's")
    bank.modifies(shop("a", 1, "25.00"), shop("b", 2, "35.00"))  # b is there, and says it itself
    runs.well()
    runs.well()
    (told,) = runs.sent
    assert "2026-09-01 Corner Shop: the bank has corrected a line whose entry is no longer" in told
    assert "30.00" not in told


def test_what_could_not_be_sent_is_sent_next_time(runs: Runs) -> None:
    runs.plaid.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
    runs.can_send = False
    assert any("could not be sent" in said for said in runs.once().said)
    runs.can_send = True
    runs.once()
    assert len(runs.sent) == 1


def test_a_bank_that_is_down_is_told_only_when_it_lasts(runs: Runs) -> None:
    connection = connections.connections(runs.home)[0]
    runs.well()
    runs.plaid.fake.faults.append(
        Fault("/accounts/get", kind="INSTITUTION_ERROR", code="INSTITUTION_DOWN", times=99)
    )
    assert runs.once().failed
    assert runs.sent == []
    now = next(c for c in connections.connections(runs.home) if c.id == connection.id)
    old = connections.Connection(**{**vars(now), "last": "2026-01-01T00:00:00Z"})
    connections.store(runs.home, old)
    runs.once()
    assert len(runs.sent) == 1


def test_the_history_says_what_became_of_each_run(runs: Runs, bank: FakeBank) -> None:
    runs.well()
    runs.plaid.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
    runs.once()
    past = history.loaded(runs.home)
    assert [run.well for run in past.runs] == [True, False]
    assert past.success == past.runs[0]
    (runs.home.private / "schedule.json").write_text("{")
    assert history.loaded(runs.home) == history.History()
    runs.plaid.fake.logins[0].error = ""
    runs.well()


def test_books_in_a_folder_of_a_larger_repository(
    tmp_path: Path, bank: FakeBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    whole = tmp_path / "whole"
    made = new_home(tmp_path / "made")
    files.open_accounts(made, [CHECKING])
    shutil.rmtree(made.path / ".git")
    shutil.copytree(made.path, whole / "money")
    (whole / "letters.txt").write_text("Dear Ann\n")
    git.init(whole)
    home = Home(whole / "money")
    committed(Home(whole))
    with nights(home, bank) as plaid:
        plaid.connect(bank)
        bank.adds(shop("a", 1, "20.00"))
        runs = Runs(plaid)
        runs.well()
        runs.git("merge", "-q", BRANCH)
        assert plaid.ids() == [f"{connections.connections(home)[0].scope}:ax1"]
        assert runs.well().commits == 0
