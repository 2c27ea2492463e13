"""The one door: what it writes stays, what it refuses changes nothing."""

import datetime as dt
import multiprocessing
import subprocess
from pathlib import Path

import pytest

from core import git
from core.findings import UserError
from core.git_log import words
from core.home import Home
from core.journal.change import Block, ChangeSet, FileChange, insert_blocks
from core.journal.read import read
from core.journal.write import apply, keep

MONTH = Path("ledger/acme/2026/2026-09.beancount")


def office(day: int, payee: str = "Office Depot", amount: str = "12.00") -> Block:
    date = dt.date(2026, 9, day)
    text = (
        f'{date} * "{payee}" "Paper"\n  Expenses:Acme:Office   {amount} USD\n  Liabilities:Acme:AP'
    )
    return Block(date, text)


def posting(home: Home, *blocks: Block) -> ChangeSet:
    before = (home.path / MONTH).read_bytes()
    after, _ = insert_blocks(before.decode(), blocks)
    return ChangeSet("Post", (FileChange(MONTH, before, after.encode()),))


def payees(home: Home) -> list[str]:
    return [txn.payee for txn in read(home.main_root).transactions]


def git_log(home: Home) -> str:
    return subprocess.run(
        ["git", "-C", home.path, "log", "--format=%s%n%b"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def cursors(home: Home) -> list[str]:
    return [value for word in words(home.path, "Books-Cursor") for value in word.values]


def test_what_is_written_can_be_read_and_is_committed(home: Home) -> None:
    done = apply(home, posting(home, office(3)), key="k1", actor="test")
    assert payees(home) == ["Office Depot"]
    assert done.commit
    assert "Books-Key: k1" in git_log(home)
    assert "Books-Actor: test" in git_log(home)


def test_what_came_with_the_change_stands_in_its_commit(home: Home) -> None:
    apply(home, posting(home, office(3)), key="k1", trailers={"Books-Cursor": "bank 7"})
    apply(home, posting(home, office(4)), key="k2", trailers={"Books-Cursor": "bank 9"})
    apply(home, posting(home, office(5)), key="k3")
    assert cursors(home) == ["bank 9", "bank 7"]
    assert "Books-Cursor: bank 9\nBooks-Actor: owner\nBooks-Key: k2" in git_log(home)


def test_a_message_that_speaks_of_a_trailer_is_none(home: Home) -> None:
    change = posting(home, office(3))
    apply(home, ChangeSet("Books-Cursor: bank 1", change.files), key="k1")
    assert cursors(home) == []


def test_private_state_is_replaced_whole_and_committed_nowhere(home: Home) -> None:
    for content in (b"one", b"two"):
        keep(home, "feed/bank.json", content)
    path = home.private / "feed/bank.json"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o600)
    assert [p.name for p in path.parent.iterdir()] == ["bank.json"]
    assert git.changed(home.path, ["."]) == []


def test_private_state_that_cannot_be_written_says_so(home: Home) -> None:
    keep(home, "feed/bank.json", b"one")
    (home.private / "feed/bank.tmp").mkdir()
    with pytest.raises(UserError, match="could not be written"):
        keep(home, "feed/bank.json", b"two")
    assert (home.private / "feed/bank.json").read_bytes() == b"one"


def test_the_same_key_again_does_nothing(home: Home) -> None:
    apply(home, posting(home, office(3)), key="k1")
    again = apply(home, posting(home, office(4)), key="k1")
    assert again.repeated
    assert payees(home) == ["Office Depot"]


def test_a_file_that_changed_meanwhile_is_not_overwritten(home: Home) -> None:
    change = posting(home, office(3))
    (home.path / MONTH).write_text(";; the owner was here\n")
    with pytest.raises(UserError, match="has changed since"):
        apply(home, change, key="k")
    assert (home.path / MONTH).read_text() == ";; the owner was here\n"


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (Block(dt.date(2026, 9, 3), '2026-09-03 * "x" "y"\n  Expenses:Acme:Nowhere  1 USD'), "BC-"),
        (Block(dt.date(2026, 9, 3), "2026-09-03 * nonsense"), "BC-LEXER"),
        (
            Block(dt.date(2026, 9, 3), '2026-09-03 * "x" "y"\n  Expenses:Acme:Office (1/0) USD'),
            "LINT",
        ),
    ],
)
def test_what_would_not_load_is_refused_and_leaves_every_byte(
    home: Home, block: Block, why: str
) -> None:
    before = (home.path / MONTH).read_bytes()
    with pytest.raises(UserError, match=why):
        apply(home, posting(home, block), key="k")
    assert (home.path / MONTH).read_bytes() == before
    assert not list(home.ledger.rglob("*.tmp"))


def test_an_old_error_elsewhere_does_not_stop_a_good_change(home: Home) -> None:
    (home.ledger / "jane" / "2026" / "2026-09.beancount").write_text(
        '2026-09-01 * "typo"\n  Expenses:Jane:Nowhere  1 USD\n  Assets:Jane:Cash\n'
    )
    apply(home, posting(home, office(3)), key="k", commit=False)
    assert "Office Depot" in payees(home)


def test_a_balance_that_fails_is_written_and_left_to_the_check(home: Home) -> None:
    block = Block(dt.date(2026, 9, 5), "2026-09-05 balance Liabilities:Acme:AP  5.00 USD")
    apply(home, posting(home, block), key="k")
    assert [f.code for f in read(home.main_root).findings] == ["BC-BALANCE"]


def test_a_file_that_no_root_includes_is_refused(home: Home) -> None:
    stray = Path("ledger/acme/notes.beancount")
    change = ChangeSet("Stray", (FileChange(stray, None, b"2026-09-01 open Assets:Acme:X\n"),))
    with pytest.raises(UserError, match="no root includes it"):
        apply(home, change, key="k")
    assert not (home.path / stray).exists()


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "ledger/../../x"])
def test_nothing_is_written_outside_the_home(home: Home, name: str) -> None:
    change = ChangeSet("Out", (FileChange(Path(name), None, b"x"),))
    with pytest.raises(UserError, match="outside the home"):
        apply(home, change, key="k")


def test_the_owners_uncommitted_work_is_not_swept_into_the_commit(home: Home) -> None:
    other = home.ledger / "prices.beancount"
    other.write_text("2026-09-01 price EUR 1.10 USD\n")
    apply(home, posting(home, office(3)), key="k1")
    status = subprocess.run(
        ["git", "-C", home.path, "status", "--porcelain"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "prices.beancount" in status
    (home.path / MONTH).write_text((home.path / MONTH).read_text() + ";; half a thought\n")
    done = apply(home, posting(home, office(4)), key="k2")
    assert not done.commit
    assert "changes of your own" in done.remarks[0]


def test_a_disk_that_refuses_leaves_the_file_and_says_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (home.path / MONTH).read_bytes()
    change = posting(home, office(3))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.journal.intent.os.fsync", full)
    with pytest.raises(UserError, match="No space left on device"):
        apply(home, change, key="k")
    assert (home.path / MONTH).read_bytes() == before
    assert not list(home.ledger.rglob(".*.tmp"))


def _post_until_done(path: Path, worker: int, rounds: int) -> None:
    home = Home(path)
    for number in range(rounds):
        while True:
            block = office(1 + number % 28, payee=f"worker {worker} round {number}")
            try:
                apply(home, posting(home, block), key=f"{worker}-{number}", commit=False)
                break
            except UserError as error:
                if "changed since" not in error.message:
                    raise


def test_writers_at_the_same_time_lose_nothing(home: Home) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_post_until_done, args=(home.path, worker, 5)) for worker in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0] * 4
    expected = {f"worker {worker} round {number}" for worker in range(4) for number in range(5)}
    assert sorted(payees(home)) == sorted(expected)
    assert not read(home.main_root).findings


def test_a_hook_that_refuses_leaves_the_entry_written_and_says_so(home: Home) -> None:
    hook = home.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho no thanks >&2\nexit 1\n")
    hook.chmod(0o755)
    done = apply(home, posting(home, office(3)), key="k")
    assert payees(home) == ["Office Depot"]
    assert not done.commit
    assert "no thanks" in done.remarks[0]
