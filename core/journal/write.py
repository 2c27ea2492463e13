"""The one door: everything that is written in a home goes through ``apply``.

Lock, finish what a crash left, look the key up, compare the base hashes, read the result back
before anything changes, write beside, fsync, record the intent, rename, fsync the directories,
commit. What would bring a new parse, booking or validation error is refused; findings of rules and
balance checks are the caller's to report.
"""

import datetime as dt
import fcntl
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core import git
from core.findings import EXIT_FINDINGS, Finding, UserError
from core.home import Home
from core.journal import intent
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.intent import Intent, Step
from core.journal.read import read

# A failed balance assertion is a fact about the books, not a fault of what was written.
_REPORTED_NOT_REFUSED = {"BC-BALANCE"}
# How long, in seconds, a writer waits for another one before it gives up.
PATIENCE = 30.0


@dataclass(frozen=True)
class Applied:
    """What the door did: the files (relative to the home), the commit, and remarks for a person.

    ``repeated`` is true when the key was known and nothing was done.
    """

    files: tuple[Path, ...]
    commit: str = ""
    remarks: tuple[str, ...] = ()
    repeated: bool = False


def apply(
    home: Home, change: ChangeSet, *, key: str, actor: str = "owner", commit: bool = True
) -> Applied:
    """Applies ``change`` to the home under its lock, all files or, on any refusal, none.

    ``key`` names the intent: a second call with it returns the first answer and does nothing.
    Raises UserError when a file has changed since the change was computed, when the result would
    not load, or when the disk refuses; every file is then as it was.
    """
    change = change.effective()
    if not change.files:
        return Applied(())
    with _locked(home):
        _finish(home)
        known = _recall(home, key)
        if known:
            return known
        _check_bases(home, change)
        _check_paths(home, change)
        _read_back(home, change)
        committing = commit and git.is_checkout(home.path)
        unsaved = git.dirty(home.path, [f.path for f in change.files]) if committing else []
        intent.record(home, _prepared(home, change, key))
        _finish(home)
        done = Applied(tuple(f.path for f in change.files))
        if commit and not committing:
            return replace(done, remarks=("not committed: the books are in no git repository",))
        return _committed(home, change, done, key, actor, unsaved) if committing else done


def recover(home: Home) -> None:
    """Finishes a change that a crash interrupted, before anybody reads half of it."""
    if intent.intent_file(home).exists():
        with _locked(home):
            _finish(home)


def _finish(home: Home) -> None:
    """Carries the recorded intent out, remembers its key, and forgets it. Under the lock."""
    left = intent.pending(home)
    if left:
        intent.carry_out(home, left)
        _remember(home, left)
        intent.forget(home)


def _committed(
    home: Home, change: ChangeSet, done: Applied, key: str, actor: str, unsaved: list[Path]
) -> Applied:
    """The commit of exactly the files written; the owner's own changes are never swept in."""
    if unsaved:
        names = ", ".join(path.as_posix() for path in unsaved)
        remark = f"not committed: {names} had changes of your own; commit when you are ready"
        return Applied(done.files, "", (remark,))
    trailers = {"Books-Actor": actor, "Books-Key": key}
    try:
        made = git.commit(home.path, done.files, change.message, trailers)
    except UserError as error:  # a hook refused, most likely: the files are written all the same
        return Applied(done.files, "", (f"written, but not committed: {error.message}",))
    lost = "committed on no branch (detached HEAD): 'git switch -c NAME' keeps the commit"
    return Applied(done.files, made, () if git.branch(home.path) else (lost,))


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    """One writer at a time in a home, whichever process it is in."""
    home.private.mkdir(mode=0o700, exist_ok=True)
    with (home.private / "lock").open("a") as lock:
        _wait_for(lock.fileno())
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def _wait_for(lock: int) -> None:
    """Takes the lock; raises UserError where another writer keeps it too long."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise UserError(
                    "another 'books' command is writing in this home; nothing was written",
                    hint="run the command again when it has finished",
                    code=EXIT_FINDINGS,
                ) from error
            time.sleep(0.05)
        else:
            return


def _check_paths(home: Home, change: ChangeSet) -> None:
    for file in change.files:
        full = home.path / file.path
        inside = full.parent.resolve().is_relative_to(home.path.resolve())
        if file.path.is_absolute() or ".." in file.path.parts or not inside or full.is_symlink():
            raise UserError("may not be written: it is outside the home or a link", file=str(full))


def _check_bases(home: Home, change: ChangeSet) -> None:
    for file in change.files:
        full = home.path / file.path
        now = hashlib.sha256(full.read_bytes()).hexdigest() if full.is_file() else None
        if now != file.base:
            raise UserError(
                "has changed since this change was computed; nothing was written",
                file=file.path.as_posix(),
                hint="run the command again",
                code=EXIT_FINDINGS,
            )


def _read_back(home: Home, change: ChangeSet) -> None:
    """Refuses what would bring an error that the books do not have already."""
    if not any(file.path.suffix == ".beancount" for file in change.files):
        return
    overlay = {home.path.resolve() / file.path: file.after for file in change.files}
    result = read(home.main_root, home=home, overlay=overlay)
    for path in overlay:
        if path.suffix == ".beancount" and path not in result.files:
            shown = path.relative_to(home.path.resolve()).as_posix()
            raise UserError(
                "would not be part of the books: no root includes it; nothing was written",
                file=shown,
                hint="the entity's ledger.beancount must include "
                '"[0-9][0-9][0-9][0-9]/*.beancount"',
                code=EXIT_FINDINGS,
            )
    after = _breaking(result)
    if not after:
        return
    new = after - _breaking(read(home.main_root, home=home))
    if new:
        (code, message), _ = new.most_common(1)[0]
        raise UserError(
            f"the change would not load ({code}: {message}); nothing was written",
            file=change.files[0].path.as_posix(),
            code=EXIT_FINDINGS,
        )


def _breaking(books: Books) -> Counter[tuple[str, str]]:
    return Counter(_kind(f) for f in books.findings if f.code not in _REPORTED_NOT_REFUSED)


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message


def _prepared(home: Home, change: ChangeSet, key: str) -> Intent:
    """Every file written beside its place and on disk; none renamed yet."""
    steps: list[Step] = []
    try:
        for file in change.files:
            temporary = _write_beside(home, file).relative_to(home.path)
            after = hashlib.sha256(file.after).hexdigest()
            steps.append(Step(file.path.as_posix(), temporary.as_posix(), file.base, after))
    except OSError as error:
        for step in steps:
            (home.path / step.temporary).unlink(missing_ok=True)
        raise UserError(
            f"could not be written: {error.strerror}; nothing was changed",
            file=str(error.filename or home.path),
            hint="free some space or mend the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error
    return Intent(key, change.message, tuple(steps))


def _write_beside(home: Home, file: FileChange) -> Path:
    final = home.path / file.path
    _make_folders(final.parent)
    for stale in final.parent.glob(f".{final.name}.*.tmp"):
        stale.unlink()  # a crash before the intent left it; under the lock nobody is writing it
    temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
    mode = final.stat().st_mode & 0o777 if final.exists() else 0o644
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(file.after)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _make_folders(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir()
        intent.sync_folder(new.parent)


def _log(home: Home) -> Path:
    return home.private / "door.jsonl"


def _recall(home: Home, key: str) -> Applied | None:
    """The answer that was given to this key, if it was."""
    if not _log(home).is_file():
        return None
    for line in _log(home).read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # a torn last line: its change was never acknowledged
        if isinstance(record, Mapping) and record.get("key") == key:
            return Applied(tuple(Path(name) for name in record["files"]), repeated=True)
    return None


def _remember(home: Home, done: Intent) -> None:
    record = {
        "key": done.key,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "message": done.message,
        "files": [step.path for step in done.steps],
    }
    with _log(home).open("a", encoding="utf-8") as log:
        log.write(json.dumps(record) + "\n")
        log.flush()
        os.fsync(log.fileno())
