"""The one door: everything that is written in a home goes through ``apply``.

Lock, finish what a crash left, look the key up, compare the base hashes, read the result back
before anything changes, write beside, fsync, record the intent, rename, fsync the directories,
commit. What would bring a new parse, booking or validation error is refused; findings of rules and
balance checks are the caller's to report.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict

from core import git
from core.findings import EXIT_FINDINGS, Finding, UserError
from core.home import Home
from core.journal import intent, keys, recovery, undo
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.intent import Intent
from core.journal.lock import locked, sync_folder
from core.journal.read import read_as_it_stands
from core.journal.recovery import Applied
from core.journal.undo import Decision

# A failed balance assertion is a fact about the books, not a fault of what was written.
_REPORTED_NOT_REFUSED = {"BC-BALANCE"}
_UNREAD = {"LINT-FILE", "LINT-INCLUDE"}


def apply(
    home: Home,
    change: ChangeSet,
    *,
    key: str,
    actor: str = "owner",
    commit: bool = True,
    trailers: Mapping[str, str] | None = None,
    decides: bool = False,
    takes_back: str = "",
) -> Applied:
    """Applies ``change`` to the home under its lock, all files or, on any refusal, none.

    ``key`` names the intent: a second call with it returns the first answer and does nothing.
    ``trailers`` (one line each) stand in the commit beside the door's own.
    ``decides`` keeps the way back of the change (``core/journal/undo.py``); ``takes_back`` is the
    key of a decision that this change takes back.
    Raises UserError when a file has changed since the change was computed, when the result would
    not load, or when the disk refuses; every file is then as it was.
    """
    change = change.effective()
    if not change.files:
        return Applied(())
    try:
        with locked(home):
            decision = None
            if decides or takes_back:
                decision = undo.decision_of(change, key, takes_back)
            return _apply(home, change, key, actor, commit, trailers or {}, decision)
    except OSError as error:
        raise UserError(
            f"could not be written: {error.strerror}; nothing was changed",
            file=str(error.filename or home.path),
            hint="free some space or mend the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error


def keep(home: Home, name: str, content: bytes) -> None:
    """Private state: the file ``name`` below ``.books/``, replaced whole and on disk at the return.

    It is no part of the books and of no commit. Raises UserError when the disk refuses; the file
    is then as it was.
    """
    path = home.private / name
    try:
        with locked(home):
            intent.replaced(path, content, 0o600)
    except OSError as error:
        raise UserError(
            f"could not be written: {error.strerror}",
            file=str(error.filename or path),
            hint="free some space or mend the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error


def append(home: Home, name: str, line: Callable[[bytes], bytes]) -> None:
    """Private state that only grows: a line at the end of the file ``name`` below ``.books/``, made
    by ``line`` from what the file holds, on disk at the return.

    Raises UserError when the disk refuses; a line is never left in halves by anything but a crash,
    and what a crash left of one is ended first.
    """
    path = home.private / name
    try:
        with locked(home):
            content = path.read_bytes() if path.is_file() else b""
            if content and not content.endswith(b"\n"):
                intent.appended(path, b"\n")
                content += b"\n"
            intent.appended(path, line(content))
    except OSError as error:
        raise UserError(
            f"could not be written: {error.strerror}",
            file=str(error.filename or path),
            hint="free some space or mend the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error


def forget(home: Home, name: str) -> None:
    """Takes the file ``name`` below ``.books/`` away, for good at the return; it may be missing.

    Raises UserError when the disk refuses.
    """
    path = home.private / name
    try:
        with locked(home):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                sync_folder(path.parent)
    except OSError as error:
        raise UserError(
            f"could not be removed: {error.strerror}",
            file=str(error.filename or path),
            hint="mend the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error


def _apply(
    home: Home,
    change: ChangeSet,
    key: str,
    actor: str,
    commit: bool,
    trailers: Mapping[str, str],
    decision: Decision | None,
) -> Applied:
    recovery.finish(home)
    known = keys.files_of(home, key)
    if known is not None:
        return Applied(known, repeated=True)
    _check_paths(home, change)
    _check_bases(home, change)
    _read_back(home, change)
    remark = ""
    committing = commit and git.is_checkout(home.path)
    unsaved = git.dirty(home.path, [f.path for f in change.files]) if committing else []
    if commit and not committing:
        remark = "not committed: the books are in no git repository"
    elif unsaved:
        names = ", ".join(path.as_posix() for path in unsaved)
        remark = f"not committed: {names} had changes of your own; commit when you are ready"
    contents = {f.path.as_posix(): (f.base, f.after) for f in change.files}
    planned = Intent(
        key,
        change.message,
        tuple(intent.prepared(home, contents)),
        actor=actor,
        commit=committing and not unsaved,
        remark=remark,
        trailers=dict(trailers),
        decision=None if decision is None else asdict(decision),
    )
    try:
        intent.record(home, planned)
        done = recovery.finish(home)
    except OSError:
        _undo(home, change, planned)
        raise
    return done or Applied(tuple(f.path for f in change.files))


def _undo(home: Home, change: ChangeSet, planned: Intent) -> None:
    """The way back after the disk refused in the middle: every file as it was, or it is said.

    The way back is an intent as well, so that a crash on it ends on one side or the other.
    """
    try:
        if intent.pending(home) is None:
            intent.discard(home, planned.steps)
            return
        keys.drop(home, planned.key)
        undo.drop(home, planned.key)
        now = {f.path.as_posix(): intent.hash_of(home.path / f.path) for f in change.files}
        changed = [f for f in change.files if now[f.path.as_posix()] != f.base]
        back = {f.path.as_posix(): (now[f.path.as_posix()], f.before) for f in changed}
        steps = tuple(intent.prepared(home, back))
        intent.record(home, Intent(planned.key, planned.message, steps, undoes=True))
        recovery.finish(home)
        intent.discard(home, planned.steps)
    except OSError as error:
        raise UserError(
            f"the disk refused ({error.strerror}) when the change was half done",
            file=str(error.filename or home.path),
            hint="nothing is lost: the next command finishes the change as soon as it can write",
            code=EXIT_FINDINGS,
        ) from error


def _check_paths(home: Home, change: ChangeSet) -> None:
    for file in change.files:
        full = home.path / file.path
        inside = full.parent.resolve().is_relative_to(home.path.resolve())
        if file.path.is_absolute() or ".." in file.path.parts or not inside or full.is_symlink():
            raise UserError("may not be written: it is outside the home or a link", file=str(full))
        if file.after is None and file.path.suffix == ".beancount":
            raise UserError("is a journal, which no change deletes", file=str(full))


def _check_bases(home: Home, change: ChangeSet) -> None:
    for file in change.files:
        if intent.hash_of(home.path / file.path) != file.base:
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
    base = home.path.resolve()
    overlay = {base / f.path: f.after for f in change.files if f.after is not None}
    result = read_as_it_stands(home.main_root, home=home, overlay=overlay)
    unread = next((f for f in result.findings if f.code in _UNREAD), None)
    for path in overlay:
        if path.suffix == ".beancount" and path not in result.files:
            if unread:  # it may well be the file that includes this one
                raise UserError(
                    f"{unread.message}; nothing was written",
                    file=unread.file,
                    line=unread.line,
                    code=EXIT_FINDINGS,
                )
            shown = path.relative_to(home.path.resolve()).as_posix()
            raise UserError(
                "would not be part of the books: no root includes it; nothing was written",
                file=shown,
                hint="the entity's ledger.beancount must include "
                '"[0-9][0-9][0-9][0-9]/*.beancount"',
                code=EXIT_FINDINGS,
            )
    arriving = {f"there is no file {file.path.as_posix()};" for file in change.files}
    after = _breaking(result, arriving)
    if not after:
        return
    new = after - _breaking(read_as_it_stands(home.main_root, home=home))
    if new:
        (code, message), _ = new.most_common(1)[0]
        raise UserError(
            f"the change would not load ({code}: {message}); nothing was written",
            file=change.files[0].path.as_posix(),
            code=EXIT_FINDINGS,
        )


def _breaking(books: Books, arriving: Collection[str] = ()) -> Counter[tuple[str, str]]:
    """What is wrong with the books, save for documents that the same change brings: their messages
    begin with one of ``arriving``."""
    found = (f for f in books.findings if f.code not in _REPORTED_NOT_REFUSED)
    return Counter(
        _kind(f)
        for f in found
        if f.code != "BC-DOCUMENT" or not any(f.message.startswith(said) for said in arriving)
    )


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message
