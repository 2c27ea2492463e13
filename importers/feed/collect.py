"""All pages of a run, and what is left of them: nothing is used before the last page is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings import EXIT_FINDINGS, UserError
from importers.feed.contract import Feed, FeedLine, Page, PagesChangedError

# How often the pages are read again from the first cursor, and how many a bank may have.
ATTEMPTS = 5
_MOST = 10_000


@dataclass(frozen=True)
class Net:
    """What a run brings in the end: each line once, as it is now, and the ids that are no more.

    ``cursor`` is where the next run begins.
    """

    lines: tuple[FeedLine, ...] = ()
    removed: tuple[str, ...] = ()
    cursor: str = ""


def collect(feed: Feed, cursor: str) -> Net:
    """The net effect of everything since ``cursor``.

    Pages that change while they are read are read again, all of them, from the same cursor. Raises
    UserError where that does not end, or where the answer does.
    """
    for _ in range(ATTEMPTS):
        try:
            pages = _pages(feed, cursor)
        except PagesChangedError:
            continue
        return _net(pages, cursor)
    raise UserError(
        f"the bank's data changed {ATTEMPTS} times while it was read; nothing was written",
        hint="run the command again in a few minutes",
        code=EXIT_FINDINGS,
    )


def _pages(feed: Feed, cursor: str) -> list[Page]:
    pages: list[Page] = []
    asked = {cursor}
    for page in feed.pages(cursor):
        pages.append(page)
        if not page.has_more:
            return pages
        if len(pages) >= _MOST or page.next_cursor in asked:  # it would turn in a circle
            break
        asked.add(page.next_cursor)
    raise UserError(
        f"the feed's answer does not end properly after {len(pages)} pages; nothing was written",
        hint="run the command again; if it stays so, the connector has a fault",
        code=EXIT_FINDINGS,
    )


def _net(pages: Sequence[Page], cursor: str) -> Net:
    """An id that is removed on one page and added on a later one is there; on one page, removed is
    the last word."""
    now: dict[str, FeedLine | None] = {}
    for page in pages:
        for line in (*page.added, *page.modified):
            now.pop(line.id, None)
            now[line.id] = line
        for line_id in page.removed:
            now[line_id] = None
    lines = tuple(line for line in now.values() if line is not None)
    removed = tuple(line_id for line_id, line in now.items() if line is None)
    return Net(lines, removed, pages[-1].next_cursor or cursor)
