"""Where a run begins: the cursor of the newest commit that used one, or a newer one of our own.

The cursor is a trailer of the commit that used it, so that taking the commit back takes the cursor
back, too. Runs that brought nothing for the books have no commit; theirs is kept in the cache, and
holds as long as the commit it followed is part of the history. Of two cursors the older one is
always right: what comes again changes nothing.
"""

from urllib.parse import quote, unquote

from core import git
from core.home import Home
from importers.feed.cache import Cache

TRAILER = "Books-Cursor"


def trailer(scope: str, cursor: str) -> dict[str, str]:
    """The trailer for a commit that has used everything before ``cursor``."""
    return {TRAILER: f"{scope} {quote(cursor, safe='=+/-_.:')}"}


def committed(home: Home, scope: str) -> list[str]:
    """The cursors of the item in the commits behind HEAD, newest first."""
    if not git.is_checkout(home.path):
        return []
    said = (value.partition(" ") for value in git.trailers(home.path, TRAILER))
    return [unquote(cursor) for owner, _, cursor in said if owner == scope]


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
