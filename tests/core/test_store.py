"""The store: what it gives was put there, and whatever happens to it, the books stay right."""

import errno
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from edits import Editor
from small_books import new_books
from warmth import cold_books, compare, differences, forget, outcome, said, without_cache

from core.cache import store as store_module
from core.cache.store import GoneError, Store, store_of
from core.home import Home
from core.journal.leaf import Shelf
from core.journal.read import read

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "values")


@pytest.fixture
def books(tmp_path: Path, cache: Path) -> Home:
    home = new_books(tmp_path / "books", "months", 5)
    compare(home, ["nothing yet"])
    return home


def values(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "trimmed")


def test_what_is_put_is_what_one_gets(store: Store) -> None:
    assert store.get("a") is None
    for payload in (b"", b"x", b"\x00\n" * 1000):
        store.put("a", payload)
        assert store.get("a") == payload
    store.put("b", b"other")
    assert (store.get("a"), store.get("b")) == (b"\x00\n" * 1000, b"other")
    assert store.size()[0] == 2
    store.clear()
    assert (store.get("a"), store.size()) == (None, (0, 0))


def test_every_flipped_bit_and_every_missing_end_is_noticed(store: Store) -> None:
    store.put("a", b"some payload")
    (path,) = values(store.folder)
    whole = path.read_bytes()
    flipped = (
        whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        for at in range(len(whole))
        for bit in range(8)
    )
    cut = (whole[:end] for end in range(len(whole)))
    for raw in (*flipped, *cut, whole + b"x"):
        path.write_bytes(raw)
        assert store.get("a") is None
        assert not path.exists()
    path.write_bytes(whole)
    assert store.get("a") == b"some payload"


def test_a_value_under_another_name_is_not_believed(store: Store) -> None:
    store.put("a", b"of a")
    (a,) = values(store.folder)
    store.put("b", b"of b")
    (b,) = set(values(store.folder)) - {a}
    b.write_bytes(a.read_bytes())
    assert store.get("b") is None
    assert store.get("a") == b"of a"


def test_a_value_of_another_version_is_not_believed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", b"old")
    with monkeypatch.context() as patched:
        patched.setattr(store_module, "maker", lambda: b"bulkhead-cache 4.0 0000\n")
        assert store.get("a") is None
        store.put("a", b"new")
        assert store.get("a") == b"new"
    assert store.get("a") is None


def test_room_is_made_of_what_was_not_used_for_longest(store: Store) -> None:
    for number in range(10):
        store.put(str(number), b"x" * 1000)
        used = 1_000_000 + number
        os.utime(store._path(str(number)), (used, used))
    assert store.get("0") is not None  # and is used by that
    size = store.size()[1] // 10
    store.trim(limit=3 * size)
    assert [n for n in range(10) if store.get(str(n)) is not None] == [0, 8, 9]
    assert store.size()[1] <= 3 * size
    store.trim()
    assert store.size()[0] == 3


def test_a_disk_that_refuses_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a", b"kept")
    monkeypatch.setattr(tempfile, "mkstemp", _full)
    with pytest.raises(GoneError):
        store.put("a", b"more")
    assert store.get("a") == b"kept"


def _full(*_: object, **__: object) -> object:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_store_lies_where_nobody_else_can_write(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "books")
    home.path.mkdir()
    found = store_of(home)
    assert found
    assert found.folder.is_relative_to(cache)
    assert found != store_of(Home(tmp_path))
    (cache / "bulkhead").chmod(0o777)
    assert store_of(home) is None
    shutil.rmtree(cache / "bulkhead")
    (tmp_path / "elsewhere").mkdir()
    (cache / "bulkhead").symlink_to(tmp_path / "elsewhere")
    assert store_of(home) is None
    for place in (home.path, home.path / "ledger", tmp_path / "link"):
        (tmp_path / "link").unlink(missing_ok=True)
        (tmp_path / "link").symlink_to(home.path)
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        assert store_of(home) is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert store_of(home) is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "new"))
    assert store_of(home) is not None
    with without_cache():
        assert store_of(home) is None


def test_without_room_the_books_are_right(books: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor(books, 1)
    monkeypatch.setattr(tempfile, "mkstemp", _full)
    for _ in range(10):
        editor.edit()
        compare(books, editor.did)
    monkeypatch.undo()
    compare(books, editor.did)


def test_room_for_only_some_values_does_no_harm(
    books: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, chance, real = Editor(books, 2), random.Random(2), tempfile.mkstemp  # noqa: S311

    def sometimes(*args: object, **kwargs: object) -> object:
        return real(*args, **kwargs) if chance.random() < 0.9 else _full()

    monkeypatch.setattr(tempfile, "mkstemp", sometimes)
    for _ in range(25):
        editor.edit()
        compare(books, editor.did)


def damaged(folder: Path, chance: random.Random) -> None:
    """Deletes, cuts, flips or mixes up some values."""
    paths = values(folder)
    for path in chance.sample(paths, min(len(paths), chance.choice([1, 3, 10, 1000]))):
        raw = bytearray(path.read_bytes())
        at = chance.randrange(len(raw)) if raw else 0
        match chance.randrange(4):
            case 0:
                path.unlink()
            case 1:
                path.write_bytes(raw[:at])
            case 2 if raw:
                raw[at] ^= 1 << chance.randrange(8)
                path.write_bytes(raw)
            case _:
                path.write_bytes(chance.choice([p for p in paths if p.exists()]).read_bytes())


def test_damage_to_the_store_never_changes_the_books(books: Home, cache: Path) -> None:
    editor, chance = Editor(books, 3), random.Random(3)  # noqa: S311
    for number in range(24):
        if number % 3 == 0:
            editor.edit()
        damaged(cache, chance)
        if number % 2:
            forget()
        compare(books, editor.did)


def test_values_that_go_before_the_entries_are_asked_for(books: Home, cache: Path) -> None:
    wanted = said(cold_books(books))
    for chosen in (slice(None), slice(0, None, 2), slice(1, None, 3)):
        forget()
        read(books.main_root, home=books)
        forget()
        found = read(books.main_root, home=books)
        for path in values(cache)[chosen]:
            path.unlink()
        forget()
        assert said(found)["entries"] == wanted["entries"]


def test_a_store_that_lost_a_part_is_filled_again(books: Home, cache: Path) -> None:
    """Else the books would be read from beginning to end each time from then on."""
    for number in range(0, len(values(cache)), 5):
        paths = values(cache)
        paths[number % len(paths)].unlink()
        forget()
        compare(books, [f"without {number}"])
        again = read(books.main_root, home=books)
        assert again.parts is not None
        forget()
        assert read(books.main_root, home=books).parts is not None


class _Plain(Store):
    """Gives every value that is asked for."""

    def get(self, name: str) -> bytes | None:
        return b"1" if name else None


def test_a_shelf_serves_many_threads(tmp_path: Path) -> None:
    shelf, store, wrong = Shelf(3), _Plain(tmp_path), []

    def work(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        try:
            for _ in range(5_000):
                assert shelf.of(str(chance.randrange(6)), store, lambda value: value) == 1
        except Exception as error:
            wrong.append(error)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(usual)
    assert not wrong


STATES = ("10.00", "20.00", "30.00", "40.00")
STEP = '2026-02-03 * "Step"\n  Expenses:Acme:Misc  {} USD\n  Liabilities:Acme:AP\n'
LOT = '2026-02-04 * "Lot"\n  Assets:Acme:Free  1 GEM {{{} USD}}\n  Liabilities:Acme:AP\n'


def amounts(home: Home) -> tuple[str, ...]:
    """What the edited file says by now."""
    txns = read(home.main_root, home=home).transactions
    told = [txn for txn in txns if txn.narration in {"Step", "Lot"}]
    return tuple(str(txn.postings[1].units.number) for txn in told)


def read_many(path: Path, seconds: float) -> None:
    """Reads until time is up; ends with an error where a reading is of no state there was."""
    home, states = Home(path), {(f"-{n}", f"-{n}") for n in STATES}
    for _ in _until(seconds):
        found = amounts(home)
        if found not in states:
            raise AssertionError(found)


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def test_two_processes_read_while_a_third_edits(books: Home) -> None:
    journal = books.ledger / "acme/2026/2026-02.beancount"

    def write(number: str) -> None:
        beside = journal.with_suffix(".new")
        beside.write_text(STEP.format(number) + "\n" + LOT.format(number))
        beside.replace(journal)

    write(STATES[0])
    readers = [SPAWN.Process(target=read_many, args=(books.path, 1.0)) for _ in range(2)]
    for reader in readers:
        reader.start()
    number = 0
    while any(reader.is_alive() for reader in readers):
        number += 1
        write(STATES[number % len(STATES)])
        readers[0].join(0.005)
    assert [reader.exitcode for reader in readers] == [0, 0]
    assert not differences(books)
    assert "error" not in outcome(books, books.main_root)


def read_until_killed(path: Path) -> None:
    """Reads and judges these books again and again, each time as if for the first time."""
    home = Home(path)
    while True:
        forget()
        shutil.rmtree(store_of(home).folder, ignore_errors=True)  # type: ignore[union-attr]
        said(read(home.main_root, home=home))


@pytest.mark.slow
def test_a_reader_killed_at_any_moment_leaves_a_store_that_does_no_harm(books: Home) -> None:
    chance = random.Random(3)  # noqa: S311
    editor = Editor(books, 3)
    for _ in range(12):
        reader = SPAWN.Process(target=read_until_killed, args=(books.path,))
        reader.start()
        reader.join(1 + chance.random())
        reader.kill()
        reader.join()
        editor.edit()
        forget()
        assert not differences(books), editor.did
