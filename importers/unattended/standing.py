"""The standing branch ``import/open``, in a work tree of its own below ``.books/``.

It begins where the books are, and takes in what they and reviewers add. What it holds is made anew
rather than mended: the cursor stands in its commits, so that where the branch goes, is closed, or
does not merge with the books any more, the bank is asked again from where the books are.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core import branches, git
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.read import read
from core.journal.recovery import recover
from importers.feed.cursor import of_run
from importers.posted import posted

BRANCH = "import/open"
ACTOR = "feed"
_FOLDER = "worktree"
_OURS, _THEIRS = f"refs/heads/{BRANCH}", f"refs/remotes/{{}}/{BRANCH}"


@dataclass(frozen=True)
class Standing:
    """The branch, ready for a run: ``tree`` is the home in its work tree.

    ``base`` is the name of the books' branch and ``bases`` its commits here and at the ``remote``
    (empty where there is none); ``there`` is the branch's commit at the remote.
    ``remarks`` are for a person.
    """

    tree: Home
    base: str
    bases: tuple[str, ...]
    remote: str = ""
    there: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def commits(self) -> list[str]:
        """What the branch holds and the books do not: first lines, oldest first."""
        found = branches.subjects(self.tree.path, self.bases, "HEAD", "Books-Actor")
        return [subject for subject, _ in found]


def folder(home: Home) -> Path:
    """Where the work tree lies: git notes its whole path, so that a copy of the books has another,
    and never works in those that it was copied from."""
    place = hashlib.sha256(str(home.path.resolve()).encode()).hexdigest()[:8]
    return home.private / f"{_FOLDER}-{place}"


def waiting(home: Home) -> int:
    """How many commits of the branch wait to be merged."""
    if not git.is_checkout(home.path) or not branches.tip(home.path, _OURS):
        return 0
    base = branches.main_branch(home.path, branches.remote(home.path))
    return branches.count(home.path, f"refs/heads/{base}", _OURS)


def unmerged(home: Home) -> Home | None:
    """The books of the branch as the newest run left them; None where nothing waits on it."""
    if not waiting(home):
        return None
    tree = Home(folder(home) / git.prefix(home.path))
    at_tip = branches.tip(tree.path, "HEAD") if (tree.path / "ledger").is_dir() else ""
    return tree if at_tip and at_tip == branches.tip(home.path, _OURS) else None


@contextmanager
def standing(home: Home, closed: str = "", run_id: str = "") -> Iterator[Standing]:
    """The branch as it is to be worked on; afterwards nothing holds it, and it may be deleted.

    ``closed`` is the commit at which its request to merge was closed unmerged, as far as that is
    known; ``run_id`` names the run in the merges. Raises UserError where the books are in no git,
    or where only a person can merge.
    """
    if not git.is_checkout(home.path):
        raise UserError(
            "an unattended run works on a branch of its own, and these books are in no git",
            hint="git init, and commit the books; or 'books sync' by hand",
        )
    if git.branch(home.path) == BRANCH:
        raise UserError(
            f"your checkout is on {BRANCH}, which a run would move; nothing was fetched",
            hint="git switch main",
            code=EXIT_FINDINGS,
        )
    remote = branches.remote(home.path)
    base = branches.main_branch(home.path, remote)
    theirs = _THEIRS.format(remote)
    before = branches.tip(home.path, theirs) if remote else ""
    trouble = branches.fetched(home.path, remote) if remote else ""
    there = branches.tip(home.path, theirs) if remote else ""
    found = (f"refs/heads/{base}", f"refs/remotes/{remote}/{base}")
    bases = tuple(dict.fromkeys(filter(None, (branches.tip(home.path, name) for name in found))))
    if not bases:
        raise UserError(f"the branch {base} has no commit yet", code=EXIT_FINDINGS)
    ended = (bool(before) and not there and not trouble) or (bool(closed) and closed == there)
    ours = "" if ended else branches.tip(home.path, _OURS)
    at = folder(home)
    home.private.mkdir(mode=0o700, exist_ok=True)
    branches.worktree(home.path, at, bases[0])
    tree = Home(at / git.prefix(home.path))
    remarks = [f"{remote} could not be asked: {trouble}"] if trouble else []
    remarks += _kept(home, (before, there, *bases)) if ended else []
    if (tree.path / "ledger").is_dir():
        recover(tree)
    branches.cleaned(at)
    start = ours or ("" if ended else there) or bases[0]
    try:
        branches.switched(at, BRANCH, start)
    except UserError:  # a machine that went down has left it so that git does not take it
        branches.drop_worktree(home.path, at)
        branches.worktree(home.path, at, bases[0])
        branches.switched(at, BRANCH, start)
    try:
        if not ended and there and not branches.is_behind(at, there, "HEAD"):
            _taken_in(at, there, f"{remote}/{BRANCH}", "HEAD", run_id)
        if not _follows(tree, at, bases, base, run_id):
            _anew(at, bases, base, there, run_id)
            remarks.append(
                f"{BRANCH} no longer went together with {base}: it was made anew, and what the "
                "banks had said since is asked for again"
            )
        yield Standing(tree, base, bases, remote, there, tuple(remarks))
    finally:
        branches.left(at)


def _kept(home: Home, known: tuple[str, ...]) -> list[str]:
    """Where the branch ends at the remote, what a person has committed on it and nobody has sent
    gets a branch of its own; what to tell of it."""
    ours = branches.tip(home.path, _OURS)
    sent = tuple(filter(None, known))
    found = branches.subjects(home.path, sent, ours, "Books-Actor") if ours else []
    own = [subject for subject, actor in found if actor != ACTOR]
    if not own:
        return []
    name = f"import/kept-{ours[:9]}"
    git.call(home.path, "branch", "--force", name, ours)
    return [
        f"{BRANCH} was ended with work of yours that was not pushed ({own[0]}): it is on {name}"
    ]


def _follows(tree: Home, at: Path, bases: tuple[str, ...], base: str, run_id: str) -> bool:
    """Takes in what the books have; whether that went well and no line is there twice."""
    start = branches.tip(at, "HEAD")
    for commit in bases:
        if branches.is_behind(at, commit, "HEAD"):
            continue
        if not branches.merged(at, commit, _merging(base, run_id)):
            return False
    if branches.is_same(at, bases[0]):  # merged as other commits (squashed): it begins again
        branches.switched(at, BRANCH, bases[0])
    is_new = branches.tip(at, "HEAD") not in {start, *bases}
    return not (is_new and _doubled(tree))


def _doubled(tree: Home) -> bool:
    """Whether a bank's line stands twice: both branches have brought it."""
    books = read(tree.main_root, home=tree)
    counts = Counter(line_id for row in posted(books, books.accounts) for line_id in row.ids)
    return any(count > 1 for count in counts.values())


def _anew(at: Path, bases: tuple[str, ...], base: str, there: str, run_id: str) -> None:
    others = [
        subject
        for subject, actor in branches.subjects(at, bases, there or "HEAD", "Books-Actor")
        + branches.subjects(at, bases, "HEAD", "Books-Actor")
        if actor != ACTOR
    ]
    if others:
        raise UserError(
            f"{BRANCH} and {base} cannot be merged by themselves, and {BRANCH} holds work of a "
            f"person's ({others[0]}); nothing was fetched",
            hint=f"merge {BRANCH} into {base} by hand: git merge {BRANCH}",
            code=EXIT_FINDINGS,
        )
    branches.switched(at, BRANCH, bases[0])
    for commit in bases[1:]:
        if not branches.is_behind(at, commit, "HEAD"):
            _taken_in(at, commit, f"the remote's {base}", base, run_id)


def _taken_in(at: Path, commit: str, name: str, into: str, run_id: str) -> None:
    if not branches.merged(at, commit, _merging(name, run_id)):
        raise UserError(
            f"{name} does not merge with {into if into != 'HEAD' else BRANCH}; nothing was fetched",
            hint=f"merge them by hand: git switch {into if into != 'HEAD' else BRANCH}, then "
            f"git merge {name}",
            code=EXIT_FINDINGS,
        )


def _merging(name: str, run_id: str) -> str:
    """The message of a merge into the branch, with the run's name as its trailer."""
    said = "".join(f"\n\n{key}: {value}" for key, value in of_run(run_id).items())
    return f"Merge {name} into {BRANCH}{said}"
