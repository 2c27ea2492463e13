"""Branches, remotes and work trees of a repository, for what works beside the owner's checkout."""

import re
import uuid
from pathlib import Path

from core import git
from core.findings import EXIT_FINDINGS, UserError

# Seconds that a remote may take; nobody is there to end it.
_PATIENCE = 120


def tip(folder: Path, name: str) -> str:
    """The commit that a name means, or nothing."""
    known, commit = git.call(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return commit if known else ""


def is_behind(folder: Path, older: str, newer: str) -> bool:
    """Whether ``older`` is part of the history of ``newer``."""
    return git.call(folder, "merge-base", "--is-ancestor", older, newer)[0]


def count(folder: Path, base: str, name: str) -> int:
    """How many commits, merges aside, ``name`` has that ``base`` has not."""
    known, said = git.call(folder, "rev-list", "--count", "--no-merges", f"{base}..{name}")
    return int(said) if known else 0


def subjects(
    folder: Path, bases: tuple[str, ...], name: str, trailer: str
) -> list[tuple[str, str]]:
    """The first line and the value of a trailer, of each commit that ``name`` has and no base has,
    merges aside, oldest first."""
    shown = f"--format=%s%x1f%(trailers:key={trailer},valueonly,separator=%x20)"
    without = [f"^{base}" for base in bases]
    _, said = git.call(folder, "log", "--reverse", "--no-merges", "-z", shown, name, *without)
    rows = (row.partition("\x1f") for row in said.split("\0") if row)
    return [(subject.strip(), value.strip()) for subject, _, value in rows]


def setting(folder: Path, name: str) -> str:
    """A setting of git's, or nothing."""
    known, value = git.call(folder, "config", "--get", name)
    return value if known else ""


def remote(folder: Path) -> str:
    """The remote that is pushed to: ``origin``, else the only one, else none."""
    names = git.call(folder, "remote")[1].split()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else ""


def main_branch(folder: Path, remote_name: str) -> str:
    """The branch that holds the books: what the remote calls so, else main or master, else the one
    that is checked out. Raises UserError where there is none."""
    known, said = git.call(folder, "symbolic-ref", "--short", f"refs/remotes/{remote_name}/HEAD")
    if remote_name and known:
        return said.removeprefix(f"{remote_name}/")
    for name in ("main", "master"):
        if tip(folder, f"refs/heads/{name}"):
            return name
    found = git.branch(folder)
    if not found or not git.head(folder):
        raise UserError(
            "the repository of the books has no branch main",
            hint="'git switch -c main' names the one that is checked out",
            code=EXIT_FINDINGS,
        )
    return found


def fetched(folder: Path, remote_name: str) -> str:
    """Asks the remote what is new; empty, or why it could not be asked."""
    done, said = git.call(
        folder, "fetch", "--quiet", "--prune", remote_name, patience=_PATIENCE
    )  # fmt: skip
    return "" if done else _without_keys(said)


def pushed(folder: Path, remote_name: str, branch: str, known: str) -> str:
    """Sends a branch, in the place of the commit ``known`` to be there (empty: of none); empty,
    or why it was refused. Nothing that somebody else has sent since is overwritten."""
    lease = f"--force-with-lease=refs/heads/{branch}:{known}"
    where = f"refs/heads/{branch}:refs/heads/{branch}"
    done, said = git.call(folder, "push", "--quiet", lease, remote_name, where, patience=_PATIENCE)
    return "" if done else _without_keys(said)


def _without_keys(said: str) -> str:
    """What git says of an address, without the password that may be in it."""
    return re.sub(r"://[^@/\s]+@", "://", said)


def worktree(folder: Path, at: Path, commit: str) -> None:
    """A work tree of the repository at ``at``, on no branch; what stands there and is none that git
    can mend, such as what a crash has left of one, is moved aside. Raises UserError where git
    refuses."""
    git.call(folder, "worktree", "repair")
    git.call(folder, "worktree", "prune")
    if (at / ".git").exists() and git.call(at, "rev-parse", "--git-dir")[0]:
        return
    if at.is_dir():
        at.replace(at.with_name(f"{at.name}-lost-{uuid.uuid4().hex[:6]}"))
    done, said = git.call(folder, "worktree", "add", "--force", "--detach", str(at), commit)
    if not done:
        raise UserError(f"git cannot make a work tree: {said}", file=str(at), code=EXIT_FINDINGS)


def drop_worktree(folder: Path, at: Path) -> None:
    """Takes a work tree away; its branch stays."""
    git.call(folder, "worktree", "remove", "--force", str(at))


def cleaned(tree: Path) -> None:
    """Throws away what is not committed; ignored files stay."""
    git.call(tree, "merge", "--abort")
    git.call(tree, "reset", "--hard", "--quiet")
    git.call(tree, "clean", "--quiet", "-d", "--force")


def switched(tree: Path, branch: str, commit: str) -> None:
    """The work tree on ``branch``, which is at ``commit`` from now on.

    Raises UserError where the branch is checked out elsewhere.
    """
    done, said = git.call(tree, "checkout", "--quiet", "-B", branch, commit)
    if not done:
        raise UserError(
            f"the branch {branch} cannot be worked on: {said}",
            hint="where your own checkout is on it: git switch main",
            code=EXIT_FINDINGS,
        )


def left(tree: Path) -> None:
    """The work tree on no branch: its owner may then merge, move or delete the branch."""
    git.call(tree, "checkout", "--quiet", "--detach")


def is_same(tree: Path, commit: str) -> bool:
    """Whether the work tree's commit holds the very same files as another."""
    return git.call(tree, "diff", "--quiet", commit, "HEAD")[0]


def merged(tree: Path, commit: str, message: str) -> bool:
    """Merges a commit into the branch of the work tree; where that conflicts, nothing is done."""
    name = git.identity(tree)
    done, _ = git.call(tree, *name, "merge", "--quiet", "--no-edit", "-m", message, commit)
    if not done:
        git.call(tree, "merge", "--abort")
    return done
