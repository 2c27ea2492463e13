"""What a feed has besides posted lines: pending ones, and what a person has decided on them.

``.books/feed/<item>.json``, private to the machine. Pending lines are never entries: banks change
their amounts and ids until they post. What was decided on one is kept after it is gone, since the
posted line may come days later and may not say which one it was.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from importers.feed import exact
from importers.feed.contract import FeedLine
from importers.feed.record import as_json, from_json

VERSION = 1
# A pending line posts within two weeks; what was decided on it is forgotten after two months.
POSTS_WITHIN = dt.timedelta(days=14)
_KEPT = dt.timedelta(days=60)


@dataclass(frozen=True)
class Decision:
    """What a person has decided on a pending line; what is empty is left as the bank says it."""

    account: str = ""
    payee: str = ""
    narration: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cache:
    """``pendings`` and ``decided`` are by the feed's id; ``claimed`` are pending ids whose posted
    line has come. ``removals`` are posted lines that the bank has taken back and whose entries
    still stand. ``accounts`` are the ledger accounts of the pending lines, by the feed's reference,
    as far as the books have them. ``cursor`` is where the next run begins, as long as the newest
    cursor in the commits is still ``journal``.
    """

    cursor: str = ""
    journal: str = ""
    pendings: Mapping[str, FeedLine] = field(default_factory=dict)
    decided: Mapping[str, tuple[FeedLine, Decision]] = field(default_factory=dict)
    claimed: frozenset[str] = frozenset()
    removals: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)


def decide_pending(cache: Cache, line_id: str, decision: Decision) -> Cache:
    """The cache with what a person decides on a pending line, until it posts.

    Raises UserError where no such line is pending.
    """
    line = cache.pendings.get(line_id)
    if line is None:
        raise UserError(
            f"no pending line has the id '{line_id}'",
            hint="it may have posted by now: 'books inbox' lists what waits",
        )
    return replace(cache, decided={**cache.decided, line_id: (line, decision)})


def offers(cache: Cache, line: FeedLine) -> list[Decision]:
    """The decisions on pending lines that ``line`` may be, where the feed does not say it: of the
    same account and sign, at most two weeks older, of the same amount or a like payee."""
    return [
        decision
        for line_id, (pending, decision) in cache.decided.items()
        if line_id not in cache.claimed and _may_be(pending, line)
    ]


def _may_be(pending: FeedLine, line: FeedLine) -> bool:
    same = (pending.account, pending.currency) == (line.account, line.currency)
    in_time = dt.timedelta(0) <= line.date - pending.date <= POSTS_WITHIN
    if not same or not in_time or pending.amount * line.amount <= 0:
        return False
    one, other = sorted((_bare(pending.payee), _bare(line.payee)), key=len)
    alike = one == other or (len(one) >= 4 and other.startswith(one))
    # A tip raises it, a deposit at the petrol pump is more than the fill: by half at the most.
    near = abs(line.amount - pending.amount) * 2 <= max(abs(line.amount), abs(pending.amount))
    return line.amount == pending.amount or (alike and near)


def _bare(payee: str) -> str:
    return re.sub(r"\W+", "", payee.casefold())


def after(
    cache: Cache, lines: Iterable[FeedLine], removed: Iterable[str], posted: Iterable[str]
) -> Cache:
    """The cache after the ``lines`` of a run, pending and posted, and the ids ``removed`` by it;
    ``posted`` are ids that are known to have posted before."""
    pendings = dict(cache.pendings)
    claimed = set(cache.claimed)
    for line_id in removed:
        pendings.pop(line_id, None)
    for line in lines:
        if line.pending:
            pendings[line.id] = line
        else:
            pendings.pop(line.id, None)
            claimed |= {line.pending_id, line.id} & cache.decided.keys()
    gone = {line.pending_id for line in lines if not line.pending} | set(posted)
    pendings = {i: line for i, line in pendings.items() if i not in gone}
    newest = max((line.date for line in lines), default=dt.date.min)
    decided = {
        line_id: (pendings.get(line_id, line), decision)
        for line_id, (line, decision) in cache.decided.items()
        if line_id in pendings or newest - line.date <= _KEPT
    }
    return replace(
        cache, pendings=pendings, decided=decided, claimed=frozenset(claimed & decided.keys())
    )


def place(scope: str) -> str:
    """The cache's file, below ``.books/``."""
    return f"feed/{scope}.json"


def loaded(home: Home, scope: str) -> Cache:
    """The cache of an item, empty where there is none. Raises UserError for a damaged file."""
    path = home.private / place(scope)
    if not path.is_file():
        return Cache()
    try:
        said = exact.loads(path.read_bytes())
        if said["version"] != VERSION:
            raise ValueError(f"version {said['version']} is not known here")
        decided = {
            line_id: (from_json(told["line"]), _decision(told["decision"]))
            for line_id, told in said["decided"].items()
        }
        return Cache(
            str(said["cursor"]),
            str(said["journal"]),
            {line_id: from_json(line) for line_id, line in said["pendings"].items()},
            decided,
            frozenset(map(str, said["claimed"])),
            tuple(map(str, said["removals"])),
            {str(ref): str(name) for ref, name in said.get("accounts", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise UserError(
            f"is damaged: {error}",
            file=str(path),
            hint="move it away and run the command again: the books are whole; pending lines come "
            "again, what you had decided on them does not",
            code=EXIT_FINDINGS,
        ) from error


def dumped(cache: Cache) -> bytes:
    """The cache as its file holds it."""
    decided = {
        line_id: {"line": as_json(line), "decision": vars(decision)}
        for line_id, (line, decision) in cache.decided.items()
    }
    said = {
        "version": VERSION,
        "cursor": cache.cursor,
        "journal": cache.journal,
        "pendings": {line_id: as_json(line) for line_id, line in cache.pendings.items()},
        "decided": decided,
        "claimed": sorted(cache.claimed),
        "removals": list(cache.removals),
        "accounts": dict(cache.accounts),
    }
    return (exact.dumps(said) + "\n").encode()


def _decision(said: Mapping[str, object]) -> Decision:
    tags = said["tags"]
    if not isinstance(tags, list):
        raise TypeError("tags are a list")
    return Decision(
        str(said["account"]), str(said["payee"]), str(said["narration"]), tuple(map(str, tags))
    )
