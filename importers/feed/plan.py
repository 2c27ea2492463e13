"""What a run of a feed would do to the books: computed, shown, and not yet done.

New lines take the way of every import (``importers/plan.py``): other sources of a line,
conversions, transfers, crossings. Corrected and removed lines become edits of the entries that hold
them. The file of the run is decoded again before anything is made of it, so that what is booked is
what is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.home import Home
from core.identity import by_feed
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange
from core.journal.edit import Edit
from importers.feed.accounts import Ask, unasked
from importers.feed.cache import Cache, after
from importers.feed.collect import Net
from importers.feed.contract import OPENING, FeedLine, Item
from importers.feed.decided import Deciding
from importers.feed.entries import Sealed, entries, unsealed
from importers.feed.modified import Correction
from importers.feed.planning import Planning
from importers.feed.record import Told, told
from importers.feed.removed import Removal, removal
from importers.plan import Beside, plan_import
from importers.planned import ImportPlan


@dataclass(frozen=True)
class FeedPlan:
    """A run of a feed: ``imported`` are its new lines, as of any import; ``removals`` what the bank
    has taken back, done only where ``taken_out``; ``cache`` is to be kept once ``change`` is
    applied. ``remarks`` are for a person; of them ``unseen`` are what no entry will ever show."""

    item: Item
    imported: ImportPlan
    change: ChangeSet
    cache: Cache
    corrected: int = 0
    removals: tuple[Removal, ...] = ()
    taken_out: bool = False
    remarks: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


def plan_feed(
    home: Home,
    books: Books,
    item: Item,
    net: Net,
    cache: Cache,
    *,
    take_out: bool = False,
    sealed: Sealed = unsealed,
    ask: Ask = unasked,
) -> FeedPlan:
    """What the ``net`` effect of a run does to ``books``.

    ``take_out``: a person has agreed to what the bank takes back; else it is listed again by every
    run until somebody does. ``ask`` is asked for the ledger account of an account that the books do
    not have. Raises UserError for a question only the owner can answer.
    """
    known = told(home, books, item.scope)
    run = Planning(home, books, item, known, ask)
    lines = [run.in_time(line) for line in net.lines if not _is_over(line, known, run)]
    fresh = [line for line in lines if not line.pending and _is_news(line, known)]
    again = {line.id for line in lines if not line.pending}
    gone = dict.fromkeys(i for i in (*cache.removals, *net.removed) if i not in again)
    own = {line_id: by_feed(item.scope, line_id) for line_id in (*gone, *(i.id for i in fresh))}
    there = entries(books, own.values())
    cache = after(cache, net.lines, net.removed, known.posted_pendings)
    cache = replace(cache, accounts=run.known(line.account for line in cache.pendings.values()))
    deciding = Deciding(cache, {line.id: line for line in fresh}, books)
    corrections = run.corrections(fresh, own, there, sealed, Deciding(cache, {}, books).on)
    removals = tuple(
        removal(i, own[i], there[own[i]], books, sealed) for i in gone if own[i] in there
    )
    done = [r for r in removals if take_out and not r.refused]
    silent = [i for i in gone if own[i] not in there and i in known.lines]
    files = run.files(fresh, [*(r.line_id for r in done), *silent], there, own)
    imported = plan_import(
        [file.path for file in files],
        home=home,
        books=books,
        reader={file.path: run.statements(file) for file in files}.__getitem__,
        ask=lambda statement, _hints: run.opened.get(statement.account),
        beside=Beside(
            edits=(*_edits(corrections.values()), *(r.edit for r in done)),
            again=frozenset(i for i, c in corrections.items() if c.again),
            settled=deciding,
            documents=tuple(FileChange(f.path, None, f.content) for f in files if f.content),
        ),
    )
    left = tuple(r.line_id for r in removals if r not in done)
    remarks = [*imported.remarks, *(c.remark for c in corrections.values() if c.remark)]
    unseen = [c.remark for c in corrections.values() if c.remark and not c.edit]
    remarks += [
        f"{d.date} {d.payee}: the line is new, and the books of {d.entity} are sealed on its day; "
        "'books check' says what to do"
        for d in imported.drafts
        if sealed(d.entity, d.date)
    ]
    corrected = sum(1 for c in corrections.values() if c.edit)
    message = _message(item, imported, corrections.values(), len(done))
    return FeedPlan(
        item,
        imported,
        replace(imported.change, message=message),
        replace(cache, removals=left),
        corrected,
        removals,
        take_out,
        (*remarks, *deciding.remarks),
        tuple(unseen),
    )


def _is_over(line: FeedLine, known: Told, run: Planning) -> bool:
    """Whether a line would open an account that has been opened, by a run before or by a person."""
    if not line.id.startswith(OPENING):
        return False
    return line.account in {told.account for told in known.lines.values()} or run.is_held(line)


def _is_news(line: FeedLine, known: Told) -> bool:
    before = known.lines.get(line.id)
    return before is None or before.facts != line.facts


def _edits(corrections: Iterable[Correction]) -> Iterable[Edit]:
    return (c.edit for c in corrections if c.edit)


def _message(
    item: Item, imported: ImportPlan, corrections: Iterable[Correction], removed: int
) -> str:
    corrections = list(corrections)
    drafts = imported.drafts
    counts = {
        "new": len(drafts) - sum(1 for c in corrections if c.again),
        "to review": sum(1 for draft in drafts if draft.review),
        "known from another source": sum(s.joined for f in imported.files for s in f.statements),
        "corrected by the bank": sum(1 for c in corrections if c.edit),
        "taken back by the bank": removed,
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count > 0)
    return f"Sync {item.institution}: {said or 'nothing new'}"
