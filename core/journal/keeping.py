"""Where the values of a reading are kept: on the disk, in memory, or nowhere."""

from contextlib import suppress
from pathlib import Path

from core.cache.slim import content
from core.cache.store import GoneError, Store, store_of
from core.journal.walk import Plan


def store_for(plan: Plan) -> Store | None:
    """The store on the disk, else the scratch, else None.

    Who has a scratch and reads a root that was never read here leaves no more than a mark, and
    keeps all of it the second time: a fresh clone, which is read once, need not pay for that.
    """
    store = store_of(plan.home) if plan.home else None
    scratch = plan.scratch
    if store is None or scratch is None:
        return store or scratch
    if root_name(plan.root) not in scratch.held:
        mark = seen_name(plan.root)
        if store.get(mark) is not None:
            return store
        with suppress(GoneError):
            store.put(mark, content({}))
    return scratch


def seen_name(root: Path) -> str:
    """The name under which the store has what was seen of a root's files."""
    return f"seen {root}"


def root_name(root: Path) -> str:
    """The name under which a scratch holds what is remembered of a root."""
    return f"root {root}"
