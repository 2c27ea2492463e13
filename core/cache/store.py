"""The store: named values in the user's cache directory, each with a checksum of its own.

A value is written beside and renamed, so that a reader sees all of it or none. What is torn,
flipped, forged under another name, or of another version is noticed, removed and computed again.
Nothing here is needed, and nothing is ever unpickled.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from core.home import Home

_LOG = logging.getLogger("bulkhead")
MAX_BYTES = 2_000_000_000
_DAY = 86_400
_EVERY = 3_600  # seconds between two looks at the size
ROOMS = ("core", "plugins")  # whose code decides what is kept


class GoneError(Exception):
    """What was to be kept could not be, or is there no more: do without the store."""


class LostError(GoneError):
    """A value is gone that another one counts on: compute both again."""


@dataclass(frozen=True)
class Store:
    """Values of one home below ``folder``; names are plain text without slashes.

    With ``put_here`` it knows of no value but those put through it (see ``anew``).
    """

    folder: Path
    put_here: set[str] | None = field(default=None, compare=False)

    def anew(self) -> "Store":
        """The same store, as if it were empty: everything is computed and put there again."""
        return Store(self.folder, set())

    def get(self, name: str) -> bytes | None:
        """The value called ``name``, or None where there is none that can be believed."""
        if self.put_here is not None and name not in self.put_here:
            return None
        path = self._path(name)
        try:
            with path.open("rb") as file:
                raw = file.read()
                age = time.time() - os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        head, payload = _split(raw)
        if head != _head(name, payload):
            if head.startswith(maker()):  # else it is only of another version
                _LOG.info("cache: %s is damaged, computing it again", path)
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        if age > _DAY:  # what is used stays when room is made
            with contextlib.suppress(OSError):
                os.utime(path)
        return payload

    def put(self, name: str, payload: bytes) -> None:
        """Keeps a value under ``name``, in place of what was there.

        Raises GoneError where the disk refuses.
        """
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, beside = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_head(name, payload))
                    file.write(payload)
                # a name that is taken over makes some file systems (ext4) wait for the disk
                path.unlink(missing_ok=True)
                Path(beside).replace(path)
            except BaseException:
                Path(beside).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise GoneError(f"{self.folder}: {error.strerror}") from error
        if self.put_here is not None:
            self.put_here.add(name)

    def size(self) -> tuple[int, int]:
        """How many values there are, and their bytes."""
        found = [status.st_size for _, status in self._files()]
        return len(found), sum(found)

    def clear(self) -> None:
        """Removes everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def trim(self, limit: int = MAX_BYTES) -> None:
        """Removes what was not used for longest until ``limit`` bytes are left.

        Looks at most once an hour: it is called after every reading that kept something.
        """
        mark = self.folder / "trimmed"
        with contextlib.suppress(OSError):
            if limit == MAX_BYTES and time.time() - mark.stat().st_mtime < _EVERY:
                return
        files = sorted(self._files(), key=lambda item: item[1].st_mtime)
        total = sum(status.st_size for _, status in files)
        with contextlib.suppress(OSError):
            for path, status in files:
                if total <= limit:
                    break
                path.unlink(missing_ok=True)
                total -= status.st_size
            mark.touch()

    def _path(self, name: str) -> Path:
        hashed = hashlib.sha256(name.encode()).hexdigest()
        return self.folder / hashed[:2] / hashed[2:]

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for pattern in ("??/*", "projection-*.duckdb"):
            for path in self.folder.glob(pattern):
                with contextlib.suppress(OSError):
                    yield path, path.stat()


@dataclass(frozen=True)
class Scratch(Store):
    """A store in memory that lives as long as who made it: for who reads two states of books and
    may keep nothing, or has nowhere to. ``held`` are things as they are, by their names."""

    folder: Path = Path("(in memory)")
    held: dict[str, Any] = field(default_factory=dict, compare=False)
    _values: dict[str, bytes] = field(default_factory=dict, compare=False)

    def anew(self) -> "Scratch":
        """An empty one."""
        return Scratch()

    def get(self, name: str) -> bytes | None:
        """The value called ``name``, or None."""
        return self._values.get(name)

    def put(self, name: str, payload: bytes) -> None:
        """Holds a value under ``name``, in place of what was there."""
        self._values[name] = payload

    def trim(self, limit: int = MAX_BYTES) -> None:
        """All of it goes when nobody holds it any more."""


def _head(name: str, payload: bytes) -> bytes:
    """Whose value it is, made by what, and the checksum of all that."""
    return maker() + hashlib.sha256(name.encode() + b"\n" + payload).digest()


def _split(raw: bytes) -> tuple[bytes, bytes]:
    end = len(maker()) + hashlib.sha256().digest_size
    return raw[:end], raw[end:]


@cache
def maker() -> bytes:
    """What decides how a value is computed: Beancount, and the text of our own rooms.

    A release number would do for a release; a contributor's checkout has the same one for months.
    """
    code = hashlib.sha256()
    here = Path(__file__).resolve().parents[2]
    for room in ROOMS:
        for path in sorted((here / room).rglob("*.py")):
            code.update(path.relative_to(here).as_posix().encode() + path.read_bytes())
    return f"bulkhead-cache {version('beancount')} {code.hexdigest()}\n".encode()


def store_of(home: Home) -> Store | None:
    """The store of a home; None where it may not be used: ``--no-cache``, or no safe place for it.

    It lies in the cache directory of the user (``$XDG_CACHE_HOME``, else ``~/.cache``), never in
    the home, which others may have written, and in nobody else's folder.
    """
    if os.environ.get("BOOKS_NO_CACHE"):
        return None
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    try:
        folder = base.resolve() / "bulkhead"
        if folder.is_relative_to(home.path.resolve()):
            return None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.lstat()
    except (OSError, RuntimeError):
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
        _LOG.info("cache: %s belongs to someone else, not used", folder)
        return None
    own = folder / hashlib.sha256(os.fsencode(home.path.resolve())).hexdigest()[:32]
    with contextlib.suppress(OSError):
        own.mkdir(mode=0o700, exist_ok=True)
    return Store(own)
