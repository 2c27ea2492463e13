"""Which changes have been made: the key of each, so that the same one again does nothing.

git is the memory: a commit of the door carries its key as the trailer ``Books-Key``, and taking
the commit back frees the key. Until there is such a commit, and where there is no git, the key
stands in ``.books/door.jsonl``, a line for each change.
"""

import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core import git
from core.home import Home
from core.journal.lock import sync_folder


def files_of(home: Home, key: str) -> tuple[Path, ...] | None:
    """The files that the change with this key wrote, or None when there was none."""
    for record in _records(home):
        if record["key"] == key:
            return tuple(Path(name) for name in record["files"])
    if not git.is_checkout(home.path):
        return None
    done = git.with_trailer(home.path, "Books-Key", key)
    return None if done is None else git.files_of(home.path, done)


def is_logged(home: Home, key: str) -> bool:
    """Whether the log holds the key: every file of its change has been written."""
    return any(record["key"] == key for record in _records(home))


def remember(home: Home, key: str, message: str, files: Sequence[str]) -> None:
    """Puts the key on disk. Raises OSError when the disk refuses."""
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    line = json.dumps({"key": key, "at": at, "message": message, "files": list(files)})
    log = _log(home)
    is_new = not log.exists()
    with log.open("ab+") as out:
        # a line that a full disk or a crash tore stays alone: its change was not acknowledged
        torn = out.seek(0, os.SEEK_END) and (out.seek(-1, os.SEEK_END), out.read(1))[1] != b"\n"
        out.write(("\n" if torn else "").encode() + line.encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    if is_new:
        sync_folder(home.private)


def drop(home: Home, key: str) -> None:
    """Takes a key out of the log: git holds it now, or its change has been undone."""
    if not is_logged(home, key):
        return
    kept = [json.dumps(record) + "\n" for record in _records(home) if record["key"] != key]
    beside = _log(home).with_suffix(".tmp")
    with beside.open("w", encoding="utf-8") as out:
        out.writelines(kept)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(_log(home))
    sync_folder(home.private)


def _log(home: Home) -> Path:
    return home.private / "door.jsonl"


def _records(home: Home) -> Iterator[dict[str, Any]]:
    if not _log(home).is_file():
        return
    for line in _log(home).read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # torn: its change was never acknowledged
        if isinstance(record, dict) and {"key", "files"} <= record.keys():
            yield record
