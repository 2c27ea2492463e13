"""The lock of a home: one writer at a time, and how a reader knows that it met none.

A reader does not wait for writers, and writers do not wait for it. It takes the home's ``stamp``
before and after it has read the files; every change moves the stamp, so that two equal ones mean
that no change happened in between.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home

# How long, in seconds, a writer waits for another one before it gives up.
PATIENCE = 30.0


@contextmanager
def locked(home: Home, *, wait: bool = True) -> Iterator[bool]:
    """Holds the home's lock; gives whether it does, which without ``wait`` it may not.

    The kernel lets the lock go when the process ends, however it ends. Raises UserError where
    another writer keeps it for longer than ``PATIENCE``.
    """
    if not home.private.is_dir():
        home.private.mkdir(mode=0o700, exist_ok=True)
        sync_folder(home.path)
    with held(home.private / "lock", PATIENCE if wait else 0) as is_held:
        if wait and not is_held:
            raise UserError(
                "another 'books' command is writing in this home; nothing was written",
                hint="run the command again when it has finished",
                code=EXIT_FINDINGS,
            )
        yield is_held


@contextmanager
def alone(home: Home, name: str) -> Iterator[bool]:
    """Holds the lock ``name`` below ``.books/``, for a job that no other process does at the same
    time; gives whether it does, without waiting."""
    path = home.private / name
    home.private.mkdir(mode=0o700, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with held(path, 0) as is_held:
        yield is_held


@contextmanager
def held(path: Path, patience: float) -> Iterator[bool]:
    """Holds the lock on a file, waiting so many seconds for it; gives whether it does."""
    with path.open("a") as lock:
        if not _taken(lock.fileno(), patience):
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def stamp(home: Home) -> tuple[object, ...]:
    """What every change of the door alters: the intent that stands, and the log of keys."""
    return tuple(_identity_of(home.private / name) for name in ("intent.json", "door.jsonl"))


def sync_folder(folder: os.PathLike[str]) -> None:
    """Makes the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _taken(lock: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _identity_of(path: os.PathLike[str]) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - one call, no exception for a file that is missing
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
