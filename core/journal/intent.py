"""The intent: what makes a change of several files all or nothing.

Before the first file is renamed, a record of all renames is on disk, and so are the new contents
beside their places. A crash from then on leaves enough to finish; a crash before leaves the books
as they were. Whoever comes next, reader or writer, finishes it first.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from core.findings import UserError
from core.home import Home


@dataclass(frozen=True)
class Step:
    """One rename: paths relative to the home, the hash before (None: no file) and after."""

    path: str
    temporary: str
    base: str | None
    after: str


@dataclass(frozen=True)
class Intent:
    """A change that is on its way: its key, its message, its renames."""

    key: str
    message: str
    steps: tuple[Step, ...]


def intent_file(home: Home) -> Path:
    """Where the intent stands while a change is on its way."""
    return home.private / "intent.json"


def record(home: Home, intent: Intent) -> None:
    """Puts the intent on disk; when this returns, the change will happen."""
    path = intent_file(home)
    beside = path.with_suffix(".tmp")
    with beside.open("w", encoding="utf-8") as out:
        json.dump(asdict(intent), out)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def pending(home: Home) -> Intent | None:
    """The intent that a crash, or a writer at this moment, has left."""
    try:
        told = json.loads(intent_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    steps = tuple(Step(**step) for step in told["steps"])
    return Intent(told["key"], told["message"], steps)


def carry_out(home: Home, intent: Intent) -> None:
    """Does every rename that is not done yet, and makes them last.

    Raises UserError when a file was changed by somebody else in between: nothing of theirs is
    overwritten.
    """
    for step in intent.steps:
        final, temporary = home.path / step.path, home.path / step.temporary
        now = _hash(final)
        if now == step.after:
            temporary.unlink(missing_ok=True)
        elif now == step.base and _hash(temporary) == step.after:
            temporary.replace(final)
        else:
            raise UserError(
                "a change was interrupted, and this file has been edited since",
                file=step.path,
                hint=f"compare it with {step.temporary}, keep what is right, then delete "
                f"that file and {intent_file(home)}",
            )
    for folder in sorted({(home.path / step.path).parent for step in intent.steps}):
        sync_folder(folder)


def forget(home: Home) -> None:
    """The change is done and known: the intent goes."""
    intent_file(home).unlink(missing_ok=True)
    sync_folder(home.private)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
