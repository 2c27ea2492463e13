"""Deciding lines on the standing branch, in its own work tree: the owner's checkout stays as it is.

A decision there is a commit of a person's on the branch. It is merged with the lines, and keeps the
branch from being made anew (``standing.py``).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from core import branches, git
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.lock import alone
from core.journal.recovery import recover
from importers.unattended.standing import BRANCH, folder, unmerged


@contextmanager
def on_branch(home: Home) -> Iterator[Home]:
    """The work tree on the branch, for one decision: no run is at work there meanwhile. What is not
    committed at the end is thrown away.

    Raises UserError where a run is under way, and where nothing waits on the branch.
    """
    with alone(home, "schedule.lock") as is_alone:
        if not is_alone:
            raise UserError(
                f"a run is at work on {BRANCH}; nothing was decided",
                hint="the same again in a minute",
                code=EXIT_FINDINGS,
            )
        tree = unmerged(home)
        if tree is None:
            raise UserError(
                f"nothing waits on {BRANCH} any more", hint="books inbox", code=EXIT_FINDINGS
            )
        at = folder(home)
        branches.switched(at, BRANCH, branches.tip(at, "HEAD"))
        try:
            recover(tree)
            branches.cleaned(at)
            yield tree
        finally:
            branches.cleaned(at)
            branches.left(at)


def sent(home: Home) -> str:
    """Sends the branch to the remote that has it, so that its request shows what was decided; what
    to tell of it, or nothing where there is no such remote."""
    remote = branches.remote(home.path)
    there = branches.tip(home.path, f"refs/remotes/{remote}/{BRANCH}") if remote else ""
    ours = branches.tip(home.path, f"refs/heads/{BRANCH}")
    if not there or there == ours or not git.is_checkout(home.path):
        return ""
    refused = branches.pushed(home.path, remote, BRANCH, there)
    if refused:
        return f"{BRANCH} could not be pushed to {remote} ({refused}); the next run tries again"
    return f"{BRANCH} is pushed to {remote}; its request shows what you decided"
