"""Finishing a change: the door does it at once, and whoever comes after a crash does it first.

There is one way to finish, so that a change that was interrupted ends as any other does: renames,
key, commit, and only then the intent is forgotten.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from core import git
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal import intent, keys, undo
from core.journal.intent import Intent
from core.journal.lock import locked


@dataclass(frozen=True)
class Applied:
    """What the door did: the files (relative to the home), the commit, and remarks for a person.

    ``repeated`` is true when the key was known and nothing was done.
    """

    files: tuple[Path, ...]
    commit: str = ""
    remarks: tuple[str, ...] = ()
    repeated: bool = False


def recover(home: Home) -> Applied | None:
    """Finishes a change that a crash interrupted, before anybody reads half of it.

    Waits for a writer that is at work, but not for one that only commits any more: its files are
    whole, and the hook it waits for may be this very process. Returns what was finished, if
    anything was.
    """
    try:
        left = intent.pending(home)
        if left is None:
            return None
        with locked(home, wait=not keys.is_logged(home, left.key)) as held:
            return finish(home) if held else None
    except OSError as error:
        raise UserError(
            f"a change was interrupted and cannot be finished: {error.strerror}",
            file=str(error.filename or home.path),
            hint="mend the disk or the permissions, then run the command again",
            code=EXIT_FINDINGS,
        ) from error


def finish(home: Home) -> Applied | None:
    """Carries out the intent that stands, remembers its key, commits, forgets it. Under the lock.

    Raises OSError when the disk refuses before the change is complete; the intent still stands.
    """
    left = intent.pending(home)
    if left is None:
        return None
    if not keys.is_logged(home, left.key):
        intent.carry_out(home, left)
        if not left.undoes:
            if left.decision is not None:
                undo.remember(home, undo.from_json(left.decision))
            keys.remember(home, left.key, left.message, [step.path for step in left.steps])
    done = _committed(home, left)
    with contextlib.suppress(OSError):  # it is complete; who finds the intent sees that by the key
        intent.forget(home)
        if done.commit:
            keys.drop(home, left.key)
    return done


def _committed(home: Home, left: Intent) -> Applied:
    """The commit of exactly the files written; the owner's own changes are never swept in."""
    files = tuple(Path(step.path) for step in left.steps)
    if not left.commit or left.undoes:
        return Applied(files, "", (left.remark,) if left.remark else ())
    try:
        if not git.dirty(home.path, files):  # the crash came after the commit
            return Applied(files, git.head(home.path))
        if not intent.is_in_place(home, left):
            return Applied(files, "", ("written, but not committed: edited since by somebody",))
        trailers = {**left.trailers, "Books-Actor": left.actor, "Books-Key": left.key}
        made = git.commit(home.path, files, left.message, trailers)
        lost = "committed on no branch (detached HEAD): 'git switch -c NAME' keeps the commit"
        return Applied(files, made, () if git.branch(home.path) else (lost,))
    except UserError as error:  # a hook refused, most likely: the files are written all the same
        return Applied(files, "", (f"written, but not committed: {error.message}",))
    except OSError as error:
        return Applied(files, "", (f"written; git cannot be asked: {error.strerror}",))
