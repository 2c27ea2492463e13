"""One run of a feed: what the bank has, the plan, the door, and only then the cursor."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core import git
from core.home import Home
from core.journal.lock import alone
from core.journal.read import read
from core.journal.recovery import Applied, recover
from core.journal.write import apply, keep
from importers.feed import cache as caches
from importers.feed import exact
from importers.feed.accounts import Ask, unasked
from importers.feed.collect import Net, collect
from importers.feed.contract import Feed
from importers.feed.cursor import begin, followed, of_run, trailer
from importers.feed.entries import Sealed, unsealed
from importers.feed.plan import FeedPlan, plan_feed

BUSY = "another sync of this bank is running"


@dataclass(frozen=True)
class Synced:
    """What a run did; no ``plan``: nothing, for the reason in ``remarks``."""

    plan: FeedPlan | None = None
    applied: Applied = field(default_factory=lambda: Applied(()))
    remarks: tuple[str, ...] = ()


def written(_plan: FeedPlan) -> bool:
    """Nobody is asked whether a plan is to be written: what it does is in git."""
    return True


def sync(
    home: Home,
    feed: Feed,
    *,
    agreed: Callable[[FeedPlan], bool] = written,
    take_out: bool = False,
    sealed: Sealed = unsealed,
    ask: Ask = unasked,
    commit: bool = True,
    tree: Home | None = None,
    run_id: str = "",
) -> Synced:
    """Brings the books up to what the bank has.

    ``tree`` are the books where they are not those of ``home``: another checkout of them. What a
    feed has besides lines always lies in ``home``. ``run_id`` names the run in its commits.

    ``agreed`` is shown the plan, and nothing is written unless it says so. A second run of the
    same item at the same time does nothing. However this ends, the next run goes on from there: the
    cursor is never ahead of the journal. Raises UserError as ``collect``, ``plan_feed`` and the
    door do.
    """
    item = feed.item()
    scope = item.scope
    tree = tree or home
    with alone(home, f"feed/{scope}.lock") as is_alone:
        if not is_alone:
            return Synced(remarks=(BUSY,))
        recover(tree)
        cache = caches.loaded(home, scope)
        start = begin(tree, scope, cache)
        net = collect(feed, start)
        _keep_raw(home, scope, net)
        books = read(tree.main_root, home=tree)
        plan = plan_feed(tree, books, item, net, cache, take_out=take_out, sealed=sealed, ask=ask)
        if not agreed(plan):
            return Synced(plan)
        applied = apply(
            tree,
            plan.change,
            key=f"feed {scope} {uuid.uuid4()}",
            actor="feed",
            commit=commit,
            trailers=trailer(scope, net.cursor) | of_run(run_id),
        )
        # In git only a commit counts: who throws uncommitted files away gets the lines again.
        lasting = not applied.files or bool(applied.commit) or not git.is_checkout(tree.path)
        newest = net.cursor if applied.commit else followed(tree, scope, cache)
        after = replace(plan.cache, cursor=net.cursor if lasting else start, journal=newest)
        if after != cache:
            keep(home, caches.place(scope), caches.dumped(after))
        return Synced(plan, applied, (*plan.remarks, *applied.remarks))


def _keep_raw(home: Home, scope: str, net: Net) -> None:
    """The provider's own answer, for who has to look what it said; private, and in no commit."""
    rows = [{"line": line.raw} for line in net.lines]
    rows += [{"removed": {"id": line_id}} for line_id in net.removed]
    if not rows:
        return
    content = "".join(exact.dumps(row) + "\n" for row in rows).encode()
    name = f"feed/{scope}.raw/{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    if not (home.private / name).is_file():
        keep(home, name, content)
