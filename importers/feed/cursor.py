"""Where a run begins: the cursor of the newest commit that used one, or a newer one of our own.

The cursor is a trailer of the commit that used it, so that taking the commit back takes the cursor
back, too: by a reset, by closing the branch, or by a revert. Runs that brought nothing for the
books have no commit; theirs is kept in the cache, and holds as long as the commit it followed is
part of the history. Of two cursors the older one is always right: what comes again changes nothing.
"""

from urllib.parse import quote, unquote

from core import git, git_log
from core.home import Home
from importers.feed.cache import Cache

TRAILER = "Books-Cursor"
RUN = "Books-Run"


def trailer(scope: str, cursor: str) -> dict[str, str]:
    """The trailer for a commit that has used everything before ``cursor``."""
    return {TRAILER: f"{scope} {quote(cursor, safe='=+/-_.:')}"}


def of_run(run_id: str) -> dict[str, str]:
    """The trailer for every commit of the run ``run_id``; none where the run has no name."""
    return {RUN: run_id} if run_id else {}


def committed(home: Home, scope: str) -> list[str]:
    """The cursors of the item in the commits behind HEAD, newest first.

    Where commits were reverted, their lines are not there any more: what counts then is older than
    they are, or newer than the revert.
    """
    if not git.is_checkout(home.path):
        return []
    found: list[tuple[str, list[str]]] = []
    undoing: list[tuple[int, frozenset[str]]] = []
    gone: set[str] = set()
    for place, word in enumerate(git_log.words(home.path, TRAILER)):
        if word.reverts and word.id not in gone:  # a revert that was reverted has undone nothing
            gone |= word.reverts
            undoing.append((place, word.reverts))
        said = (value.partition(" ") for value in word.values)
        found.append((word.id, [unquote(cursor) for owner, _, cursor in said if owner == scope]))
    lost = [place for place, (commit, own) in enumerate(found) if own and commit in gone]
    ids = {found[place][0] for place in lost}
    since = min((place for place, reverts in undoing if reverts & ids), default=len(found))
    before = max(lost, default=-1)
    kept = (own for place, (_, own) in enumerate(found) if place < since or place > before)
    return [cursor for own in kept for cursor in own]


def followed(home: Home, scope: str, cache: Cache) -> str:
    """The commit's cursor that a run without a commit follows: the one that it began from, however
    the clocks of those that made the commits went."""
    cursors = committed(home, scope)
    return cache.journal if cache.journal in cursors else next(iter(cursors), "")


def begin(home: Home, scope: str, cache: Cache) -> str:
    """Where the next run begins; empty where there was none."""
    cursors = committed(home, scope)
    if cache.journal in (*cursors, ""):
        # The same commit, or a newer one that this cache has not seen: a crash, or another machine.
        return cache.cursor
    return cursors[0] if cursors else ""
