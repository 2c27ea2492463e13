"""git, the one other program that the ground floor starts."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.findings import EXIT_FAULT, UserError


def is_checkout(home: Path) -> bool:
    """Whether ``home`` lies in a git work tree."""
    return _git(home, "rev-parse", "--is-inside-work-tree", check=False).strip() == "true"


def init(home: Path) -> None:
    """A new repository at ``home`` with the branch main."""
    _git(home, "init", "--quiet", "--initial-branch=main")


def head(home: Path) -> str:
    """The commit that is checked out, or an empty string before the first one."""
    return _git(home, "rev-parse", "--verify", "--quiet", "HEAD", check=False).strip()


def branch(home: Path) -> str:
    """The branch that is checked out, or an empty string where HEAD is detached."""
    return _git(home, "symbolic-ref", "--quiet", "--short", "HEAD", check=False).strip()


def prefix(folder: Path) -> str:
    """The way from the top of the work tree to ``folder``, with a slash at its end.

    Empty at the top, and outside of any work tree.
    """
    return _git(folder, "rev-parse", "--show-prefix", check=False).strip()


def dirty(home: Path, paths: Iterable[Path]) -> list[Path]:
    """Those of ``paths`` (relative to ``home``) that differ from the last commit."""
    listed = [path.as_posix() for path in paths]
    if not listed:
        return []
    status = _git(home, "status", "--porcelain", "-z", "--untracked-files=all", "--", *listed)
    top = Path(_git(home, "rev-parse", "--show-toplevel").strip())
    # each record: two letters, a blank, and the path from the top of the work tree
    changed = {(top / record[3:]).resolve() for record in status.split("\0") if record}
    return [Path(path) for path in listed if (home / path).resolve() in changed]


def commit(home: Path, paths: Iterable[Path], message: str, trailers: Mapping[str, str]) -> str:
    """Commits exactly ``paths`` and nothing else that is staged; returns the commit.

    Raises UserError when git refuses (a hook, for one): the files stay as they are.
    """
    names = [path.as_posix() for path in paths]
    text = message + "\n\n" + "".join(f"{key}: {value}\n" for key, value in trailers.items())
    _git(home, "add", "--", *names)
    _git(home, *_identity(home), "commit", "--quiet", "--only", "-m", text, "--", *names)
    return head(home)


def _identity(home: Path) -> list[str]:
    """A name for the commit where the owner has given git none."""
    if _git(home, "config", "user.email", check=False).strip() or os.environ.get(
        "GIT_AUTHOR_EMAIL"
    ):
        return []
    return ["-c", "user.name=books", "-c", "user.email=books@localhost"]


def _git(home: Path, *args: str, check: bool = True) -> str:
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("GIT_DIR", "GIT_INDEX"))
    }
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, arguments are a list
            ["git", "-C", str(home), *args],  # noqa: S607 - the owner's git, wherever it is
            capture_output=True,
            text=True,
            env=environment | {"LC_ALL": "C.UTF-8"},
            check=False,
        )
    except FileNotFoundError as error:
        raise UserError("git is not installed", hint="install git and run this again") from error
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise UserError(f"git {args[0]} failed: {said}", code=EXIT_FAULT)
    return done.stdout
