"""What is wrong with the projection's file is noticed, whoever reads or writes it meanwhile."""

import datetime as dt
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from projected import (
    FOUND,
    LAST,
    NAMES,
    SALE,
    agree,
    booked,
    from_nothing,
    tables,
)

from core.home import Home
from core.journal.read import read
from core.projection.sync import path_of, synced

CHECKOUT = Path(__file__).resolve().parents[2]
SPAWN = multiprocessing.get_context("spawn")


def flipped(path: Path) -> None:
    """Every kilobyte of the middle has another byte."""
    raw = bytearray(path.read_bytes())
    for at in range(len(raw) // 8, len(raw), 1024):
        raw[at] ^= 0xFF
    path.write_bytes(raw)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def foreign(path: Path) -> None:
    path.write_text("not a database\n" * 1000)


def another(path: Path) -> None:
    path.unlink()
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE TABLE meta AS SELECT 'state' AS name, 1 AS other")


def old(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE meta SET value = '0' WHERE name IN ('schema', 'state')")
        db.execute("DELETE FROM postings")


@pytest.mark.parametrize("spoil", [flipped, cut, foreign, another, old])
@pytest.mark.parametrize("is_edited", [False, True])
def test_a_spoilt_file_is_made_again(home, write, spoil, is_edited) -> None:
    sales = [SALE.format(day=f"2026-06-{n % 28 + 1:02}", n=n) for n in range(300)]
    books = booked(home, write, *sales)
    synced(books, []).close()
    spoil(path_of(books, books.parts))
    if is_edited:
        write(NAMES[1], SALE.format(day="2026-07-02", n=5))
        books = read(home.main_root, home=home)
    with synced(books, []) as projection, from_nothing(books, []) as other:
        agree(projection, books, dt.date(2026, 6, 15), LAST)
        assert tables(projection, "files", "meta") == tables(other, "files", "meta")
    with synced(books, []) as projection:
        agree(projection, books, LAST)


def test_a_file_that_rots_while_it_is_open_is_made_again(home, write, caplog) -> None:
    caplog.set_level("INFO", "bulkhead")
    sales = [SALE.format(day=f"2026-06-{n % 28 + 1:02}", n=n) for n in range(300)]
    books = booked(home, write, *sales)
    with synced(books, []) as projection:
        flipped(path_of(books, books.parts))
        agree(projection, books, LAST)
        tables(projection)
    assert "damaged, made again" in caplog.text


# Several processes.


def sync_and_look(path: str, rounds: int) -> None:
    """Reads books that others change, and looks whether their projection is theirs."""
    home = Home(Path(path))
    for _ in range(rounds):
        books = read(home.main_root, home=home)
        with synced(books, []) as projection:
            agree(projection, books, LAST)


def sync_edits(path: str, seed: int, rounds: int) -> None:
    """Changes a file of the books and syncs, again and again."""
    home = Home(Path(path))
    for number in range(rounds):
        file = home.path / NAMES[seed]
        fresh = file.with_suffix(".new")
        fresh.write_text(
            "\n".join(SALE.format(day="2026-06-03", n=number * 7 % 99) for _ in range(20))
        )
        fresh.replace(file)
        synced(read(home.main_root, home=home), []).close()


def test_readers_and_syncers_at_once_see_whole_books(home, write) -> None:
    booked(home, write, SALE.format(day="2026-06-01", n=12))
    path = str(home.path)
    crew = [SPAWN.Process(target=sync_edits, args=(path, seed, 12)) for seed in (0, 1)]
    crew += [SPAWN.Process(target=sync_and_look, args=(path, 25)) for _ in range(2)]
    for process in crew:
        process.start()
    for process in crew:
        process.join(timeout=120)
    assert [process.exitcode for process in crew] == [0] * 4


def test_a_sync_that_is_killed_loses_nothing(home, write) -> None:
    sales = [SALE.format(day=f"2026-06-{n % 28 + 1:02}", n=n) for n in range(500)]
    books = booked(home, write, *sales)
    synced(books, []).close()
    folder = path_of(books, books.parts).parent
    killed = 0
    for wait in (0.0, 0.01, 0.02, 0.04, 0.08):
        process = SPAWN.Process(target=sync_edits, args=(str(home.path), 1, 1000))
        process.start()
        deadline = time.monotonic() + 60
        while not list(folder.glob("*.new")) and time.monotonic() < deadline:
            assert process.is_alive()
            time.sleep(0.001)
        time.sleep(wait)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        killed += bool(list(folder.glob("*.new")))
        books = read(home.main_root, home=home)
        with synced(books, []) as projection:
            agree(projection, books, LAST)
    assert killed
    write(NAMES[2], SALE.format(day="2026-08-01", n=1))
    synced(read(home.main_root, home=home), []).close()
    assert not list(folder.glob("*.new"))


def test_without_a_store_it_is_made_in_memory(home, write, monkeypatch) -> None:
    monkeypatch.setenv("BOOKS_NO_CACHE", "1")
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    assert books.parts is None
    with synced(books, [FOUND]) as projection:
        agree(projection, books, LAST)
        assert len(projection.rows("FROM books.findings")) == 1


@pytest.mark.parametrize("args", [["--help"], ["check"]])
def test_commands_that_do_not_need_it_do_not_load_it(home, args) -> None:
    code = (
        "import sys\nfrom scripts.main import main\n"
        f"try: main({args!r})\nexcept SystemExit: pass\n"
        "sys.exit('duckdb' in sys.modules)"
    )
    env = {**os.environ, "BOOKS_HOME": str(home.path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=CHECKOUT, check=False)
    assert done.returncode == 0
