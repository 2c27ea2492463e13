"""Promises 1, 2 and 4: killed at any call, refused by the disk at any call, and the power goes.

One traced run lists every (system call, n) between the door's entry and its return; then the same
deed is done from the same state once for each of them. Calls that only look leave the disk as they
found it: of those in a row the first stands for all. ``make test`` takes every fifteenth, ``-m
slow`` takes all.
"""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_bench import Bench, Ended, Point, between_marks
from crash_deeds import post
from machine import require

from core.findings import UserError
from core.home import Home
from core.journal.intent import intent_file
from core.journal.read import read
from core.journal.recovery import recover
from scripts.main import cli

DEEDS = ("append", "pair", "import", "init")
# How many transactions the deed brings.
BRINGS = {"append": 1, "pair": 2, "import": 3, "init": 0}
# How many calls the deed makes at the least, and how many of them leave a state of their own.
CALLS, STATES = 300, 80
PARTS = 2


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    require(shutil.which("strace") is not None, "strace is not installed")
    monkeypatch.delenv("BOOKS_HOME", raising=False)
    made = Bench(tmp_path)
    yield made
    made.close()


def transactions(home: Home) -> int:
    books = read(home.main_root, home=home)
    assert not books.findings, books.findings
    return len(books.transactions)


def git_says(home: Home) -> str:
    asked = ["git", "-C", str(home.path), "status", "--porcelain", "--", "ledger", "rules"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def again(home: Home, deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same deed once more, as who got no answer would."""
    monkeypatch.chdir(home.path)
    if deed == "import":
        wanted = ["import", "chase-4411.csv", "--entity", "acme", "--yes", "--key", "k"]
        cli.main(wanted, standalone_mode=False)
    elif deed == "init":
        if not (home.path / "new/ledger").exists():
            cli.main(["init", "new", "--person", "Jane", "--llc", "Acme"], standalone_mode=False)
    else:
        with contextlib.suppress(UserError):  # the books have it already
            post(home.path, deed)


def judge(home: Home, deed: str, ended: Ended, at: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing lost, nothing torn, and after another try nothing doubled."""
    what = f"{deed} at {at.call} {at.n}: {ended.code} {ended.said}\n{at.line}"
    if deed == "init":
        new = Home(home.path / "new")
        if new.path.exists():
            assert transactions(new) == 0, what
        else:
            assert ended.code, what
        again(home, deed, monkeypatch)
        assert transactions(new) == 0, what
        assert git_says(new) == "", what
        return
    recover(home)
    found = transactions(home)
    assert found in ({BRINGS[deed]} if ended.code == 0 else {0, BRINGS[deed]}), what
    if found == 0 or deed == "import":
        again(home, deed, monkeypatch)
        assert transactions(home) == BRINGS[deed], what
    assert git_says(home) == "", what
    assert not intent_file(home).exists(), what
    assert not list(home.ledger.rglob("*.tmp")), what


# Calls that change nothing outside the process; a pipe's other end is a git at work.
LOOKS = {"newfstatat", "lseek", "ioctl", "getdents64", "getcwd", "close", "pipe2"}
READS = re.compile(r"read\(\d+<(?!pipe:)|openat\((?!.*O_(WRONLY|RDWR|CREAT))")


def only_looks(point: Point) -> bool:
    return point.call in LOOKS or bool(READS.match(point.line))


def states(points: list[Point]) -> list[Point]:
    """The points without those that find the disk, and every child, as the one before them did."""
    before = [None, *points]
    pairs = zip(before, points, strict=False)
    return [at for last, at in pairs if not (last and only_looks(last) and only_looks(at))]


def kill_at(bench: Bench, deed: str, points: list[Point], monkeypatch: pytest.MonkeyPatch) -> int:
    killed = 0
    for point in points:
        home = bench.fresh("home")
        only = f"trace={point.call}", f"inject={point.call}:signal=SIGKILL:when={point.n}"
        ended = bench.run(home, deed, "-e", only[0], "-e", only[1])
        assert ended.code in {0, -9}, ended.said
        killed += ended.code == -9
        judge(home, deed, ended, point, monkeypatch)
    return killed


@pytest.mark.parametrize("deed", DEEDS)
def test_killed_here_and_there(bench: Bench, deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    points = bench.points(deed)
    assert len(points) >= CALLS
    found = states(points)
    assert len(found) >= STATES
    assert kill_at(bench, deed, found[::15], monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("deed", DEEDS)
def test_killed_at_every_call(
    bench: Bench, deed: str, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = states(bench.points(deed))[part::PARTS]
    killed = kill_at(bench, deed, points, monkeypatch)
    # a call that waits for git may come once less often; then there was nothing to die at
    assert killed >= 0.9 * len(points)


# The calls at which a disk can refuse, and with what.
REFUSALS = {
    "openat": ("ENOSPC", "EIO"),
    "write": ("ENOSPC", "EIO"),
    "fsync": ("ENOSPC", "EIO"),
    "mkdir": ("ENOSPC", "EIO"),
    "rename": ("ENOSPC", "EIO"),
    "unlink": ("EIO",),
    "read": ("EIO",),
}


NAMED = r"No space left|Input/output error|git|would not load|do not check"


def contents(home: Home) -> dict[str, bytes]:
    return {
        path.relative_to(home.path).as_posix(): path.read_bytes()
        for top in (home.ledger, home.rules, home.path / "new")
        for path in top.rglob("*")
        if path.is_file()
    }


def refuse_at(bench: Bench, deed: str, points: list[Point], monkeypatch: pytest.MonkeyPatch) -> int:
    refused = 0
    for point in points:
        errors = ("EIO",) if only_looks(point) else REFUSALS[point.call]  # a look needs no room
        for error in errors:
            home = bench.fresh("home")
            before = contents(home)
            only = f"trace={point.call}", f"inject={point.call}:error={error}:when={point.n}"
            ended = bench.run(home, deed, "-e", only[0], "-e", only[1])
            what = f"{deed}, {error} at {point.call} {point.n}: {ended.said}\n{point.line}"
            assert "Traceback" not in ended.said, what
            assert ended.code in {0, 1, 2, 3}, what
            if ended.code and "half done" not in ended.said:
                refused += 1
                assert contents(home) == before, what
                assert re.search(
                    r"No space left|Input/output error|git|not (check|load)", ended.said
                ), what
            if ended.code or not re.search("not committed|git cannot", ended.said):
                judge(home, deed, ended, point, monkeypatch)
    return refused


@pytest.mark.parametrize("deed", DEEDS)
def test_refused_here_and_there(bench: Bench, deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point for point in bench.points(deed) if point.call in REFUSALS]
    assert refuse_at(bench, deed, points[::12], monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("deed", DEEDS)
def test_refused_at_every_call(
    bench: Bench, deed: str, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [point for point in bench.points(deed) if point.call in REFUSALS][part::2]
    assert refuse_at(bench, deed, points, monkeypatch) >= 20


RENAME = re.compile(r'rename\("([^"]+)", "([^"]+)"\) = 0')
FSYNC = re.compile(r"fsync\(\d+<([^>]+)>\) = 0")
WRITE = re.compile(r"write\(\d+<([^>]+)>")
MKDIR = re.compile(r'mkdir\("([^"]+)", \w+\) = 0')
UNLINK = re.compile(r'unlink\("([^"]+)"\) = 0')


@pytest.mark.parametrize("deed", DEEDS)
def test_what_the_power_may_not_take_is_on_disk_in_order(bench: Bench, deed: str) -> None:
    """File before rename, name before answer, intent before the first journal, key before it goes.

    What was written, made, renamed or removed is lasting only after an fsync of the file or of the
    folder that holds its name.
    """
    home = bench.fresh("home")
    ended = bench.run(home, deed)
    assert ended.code == 0, ended.said
    unsynced: set[str] = set()  # files whose content, folders whose names may be lost
    renamed = []
    for line in between_marks(ended.trace):
        if (written := WRITE.match(line)) and str(home.path) in written[1]:
            unsynced.add(written[1])
        elif synced := FSYNC.match(line):
            unsynced.discard(synced[1])
        elif made := MKDIR.match(line):
            unsynced.add(str(Path(made[1]).parent))
        elif gone := UNLINK.match(line):
            if gone[1].endswith("intent.json"):
                assert unsynced == set(), f"the intent goes while {unsynced} may be lost"
            unsynced.add(str(Path(gone[1]).parent))
        elif moved := RENAME.match(line):
            source, target = moved[1], moved[2]
            below = {path for path in unsynced if path == source or path.startswith(f"{source}/")}
            assert not below, f"{target} gets its name before {below} is on disk"
            if target.endswith(".beancount"):
                assert f"{home.private}/intent.json" in renamed, f"no intent before {target}"
                assert str(home.private) not in unsynced, "the intent may be lost"
            renamed.append(target)
            unsynced.add(str(Path(target).parent))
    assert not unsynced, f"answered while {unsynced} may be lost"
