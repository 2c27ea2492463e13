"""Books in git with a change of one file on top, as a fresh clone in CI has them."""

import shutil
from collections.abc import Callable
from pathlib import Path

from generate import edit
from measure import Job, command

from core import git
from core.home import Home

DIFF, DIFF_UNKEPT, REVIEW = (
    "books diff, a fresh clone",
    "books diff --no-cache",
    "books review, a fresh clone",
)


def proposed(home: Home, folder: Path, journal: Path) -> Path:
    """A repository in ``folder`` with the books as they are, and an edit of one journal."""
    shutil.copytree(home.path, folder)
    git.init(folder)
    written = [path.relative_to(folder) for path in folder.rglob("*.*") if path.is_file()]
    books = [path for path in written if path.parts[0] != ".git"]
    git.commit(folder, books, "The books", {})
    changed = journal.relative_to(home.path)
    edit(folder / changed)
    git.commit(folder, [changed], "A change", {})
    return folder


def proposals(books: Path, folder: Path) -> list[tuple[str, Job]]:
    """What is asked of a proposal, each with nothing kept from before."""
    cache = folder.with_name("no cache")
    asked = ("env", f"XDG_CACHE_HOME={cache}", books, "--home", folder)
    between = ("HEAD~1", "HEAD")
    gone = _gone(cache)
    return [
        (DIFF, command(*asked, "diff", *between, before=gone)),
        (DIFF_UNKEPT, command(*asked, "diff", "--no-cache", *between)),
        (REVIEW, command(*asked, "review", "--base", "HEAD~1", "--head", "HEAD")),
    ]


def _gone(folder: Path) -> Callable[[], None]:
    return lambda: shutil.rmtree(folder, ignore_errors=True)
