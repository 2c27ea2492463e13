"""The intent: what makes a change of several files all or nothing.

Before the first file is renamed, a record of all renames is on disk, and so are the new contents
beside their places. A crash from then on leaves enough to finish; a crash before leaves the books
as they were. Undoing is an intent too: the old contents are put beside their places, and the
record of the way back replaces that of the way there.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.lock import sync_folder


@dataclass(frozen=True)
class Step:
    """One file: paths relative to the home; its hash before and after (None: no such file)."""

    path: str
    temporary: str
    base: str | None
    after: str | None


@dataclass(frozen=True)
class Intent:
    """A change on its way: its key, message and files, and whether it becomes a commit.

    ``remark`` is what a person is told instead of a commit. ``undoes`` marks the way back: nobody
    remembers its key. ``trailers`` are for the commit, beside the door's own; ``decision`` is what
    is kept of a change that may be taken back.
    """

    key: str
    message: str
    steps: tuple[Step, ...]
    actor: str = ""
    commit: bool = False
    remark: str = ""
    undoes: bool = False
    trailers: Mapping[str, str] = field(default_factory=dict)
    decision: Mapping[str, Any] | None = None


def intent_file(home: Home) -> Path:
    """Where the intent stands while a change is on its way."""
    return home.private / "intent.json"


def prepared(home: Home, contents: Mapping[str, tuple[str | None, bytes | None]]) -> list[Step]:
    """The steps to new contents: each written beside its place and on disk, none renamed yet.

    ``contents`` maps a path relative to the home to the hash it has and the bytes it will have
    (None: it goes). Raises OSError when the disk refuses; nothing is left beside then.
    """
    steps: list[Step] = []
    try:
        for path, (base, after) in contents.items():
            final = home.path / path
            temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
            steps.append(Step(path, str(temporary.relative_to(home.path)), base, digest(after)))
            if after is not None:
                _make_folders(final.parent)
                _sweep(final)
                _write(temporary, after, final.stat().st_mode & 0o777 if final.exists() else 0o644)
    except OSError:
        discard(home, steps)
        raise
    return steps


def discard(home: Home, steps: Iterable[Step]) -> None:
    """Removes what stands beside the places."""
    for step in steps:
        with contextlib.suppress(OSError):
            (home.path / step.temporary).unlink(missing_ok=True)


def record(home: Home, intent: Intent) -> None:
    """Puts the intent on disk; when this returns, the change will happen."""
    replaced(intent_file(home), json.dumps(asdict(intent)).encode(), 0o600)


def appended(path: Path, line: bytes) -> None:
    """Adds a line at the end of a private file, on disk at the return."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def replaced(path: Path, content: bytes, mode: int) -> None:
    """Puts ``content`` in the place of a file: all of it or nothing, and on disk at the return."""
    _make_folders(path.parent)
    _write(path.with_suffix(".tmp"), content, mode)
    path.with_suffix(".tmp").replace(path)
    sync_folder(path.parent)


def pending(home: Home) -> Intent | None:
    """The intent that a crash, or a writer at this moment, has left."""
    try:
        told = json.loads(intent_file(home).read_bytes())
    except FileNotFoundError:
        return None
    return Intent(**told | {"steps": tuple(Step(**step) for step in told["steps"])})


def carry_out(home: Home, intent: Intent) -> None:
    """Does every step that is not done yet, and makes them last.

    Raises UserError when a file was changed by somebody else in between: nothing of theirs is
    overwritten. Raises OSError when the disk refuses.
    """
    for step in intent.steps:
        final, temporary = home.path / step.path, home.path / step.temporary
        now = hash_of(final)
        if now == step.after:
            temporary.unlink(missing_ok=True)
        elif now == step.base and step.after is None:
            final.unlink()
        elif now == step.base and hash_of(temporary) == step.after:
            temporary.replace(final)
        else:
            raise UserError(
                "a change was interrupted, and this file has been edited since",
                file=step.path,
                hint=f"compare it with {step.temporary}, keep what is right, then delete "
                f"that file and {intent_file(home)}",
                code=EXIT_FINDINGS,
            )
    for folder in sorted({(home.path / step.path).parent for step in intent.steps}):
        sync_folder(folder)


def is_in_place(home: Home, intent: Intent) -> bool:
    """Whether every file is as the change left it: nobody has edited one since."""
    return all(hash_of(home.path / step.path) == step.after for step in intent.steps)


def forget(home: Home) -> None:
    """The change is done and known: the intent goes."""
    intent_file(home).unlink(missing_ok=True)
    sync_folder(home.private)


def digest(content: bytes | None) -> str | None:
    """The SHA-256 of a file's content; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def hash_of(path: Path) -> str | None:
    """The SHA-256 of a file; None where there is none."""
    return digest(path.read_bytes()) if path.is_file() else None


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _sweep(final: Path) -> None:
    """Removes what a crash before the intent left; under the lock nobody is writing it."""
    for stale in final.parent.glob(f".{final.name}.*.tmp"):
        stale.unlink()


def _make_folders(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir()
        sync_folder(new.parent)
