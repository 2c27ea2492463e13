"""Closed periods: what was sealed stays as it was.

Books that change behind a closed door prove nothing: record duties of RULLCA and the MBCA. A seal
covers the period's entries, first to last day; earlier periods have their own (DOMAIN D3, K2).
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.seal import NOTHING_BEFORE, Seal, added_line, seals_of
from core.soft_close import ADJUSTING, is_adjusting, soft_seals
from plugins.closing.approved import people_of, unapproved
from plugins.closing.chain import compared, is_as_soft_closed
from plugins.closing.sealed import Sealed
from plugins.rule import Rule, Scope, about, described
from plugins.veil.marks import may_say_when_known, says_when_known
from plugins.veil.transfers import entities_of
from plugins.veil.unsealed import CODE, FACTOR, added_to, at_seal, broken

_BACKDATED = dt.timedelta(days=35)


def changed_after_closing(books: Books) -> Iterator[Finding]:
    """VEIL-021: a closed period no longer says what was sealed; or an entry was known much later
    than its date (info)."""
    own = _own(books)
    seals = {e: of for e, of in seals_of(books.standing).items() if e in own}
    soft = [seal for e, of in soft_seals(books.standing).items() if e in own for seal in of]
    if seals or soft:
        sealed = Sealed(books.entire)  # a seal is over all that its period holds
        for each in seals.values():
            yield from _broken(each, sealed, books)
            yield from _padded_from_outside(each, books)
        for seal in soft:
            yield from _came_in(seal, sealed, books)
        sealed.remember()
    yield from _backdated(seals, books)


def _own(books: Books) -> set[str]:
    """The entities whose entries these books hold: one's own root holds no others'."""
    return {account.entity for account in books.accounts.values()}


def _broken(seals: Sequence[Seal], sealed: Sealed, books: Books) -> Iterator[Finding]:
    for each in compared(seals, sealed):
        seal, before, name = each.seal, each.before, each.seal.period.name
        if not each.chained:
            yield at_seal(seal, books, _off_chain(seal, before))
        if before and before.period.after < seal.period.first:
            yield at_seal(
                seal,
                books,
                f"{seal.entity} {name} was closed, but nothing between {before.period.name} and it;"
                " close the months in order",
            )
        if each.entries:
            if not each.figures:
                yield broken(seal, books, entries=True)
            continue
        yield _one_added(seal, each.prev, sealed, books) or broken(seal, books, entries=False)


def _one_added(seal: Seal, prev: str, sealed: Sealed, books: Books) -> Finding | None:
    """The entry that was added, where it is the only change: it is found without looking back."""
    lines = sealed.lines(seal)
    of = seal.entity, seal.period.name
    added = added_line(seal.hash, *of, prev, [line for line, _ in lines])
    new = [entry for line, entry in lines if line == added] if added else []
    return added_to(seal, new[-1], books) if new else None


def _came_in(seal: Seal, sealed: Sealed, books: Books) -> Iterator[Finding]:
    """What came into a soft-closed period, and is not an accountant's adjustment."""
    if not is_as_soft_closed(seal, sealed):
        found = _one_added(seal, NOTHING_BEFORE, sealed, books)
        yield found or broken(seal, books, entries=False)
    first, last = seal.period.first, seal.period.last
    for txn in books.select(ADJUSTING, is_adjusting):
        if first <= txn.date <= last and seal.entity in entities_of(txn, books):
            why = unapproved(txn, seal.entity, people_of(books))
            if why:
                message = (
                    f"{described(txn)} of {txn.date} adjusts {seal.entity} {seal.period.name}, "
                    f"which is soft-closed, and {why}"
                )
                yield about(books, txn, code=CODE, factor=FACTOR, message=message)


def _padded_from_outside(seals: Sequence[Seal], books: Books) -> Iterator[Finding]:
    """Pads in a closed period up to a balance that is not: who changes that changes the period."""
    entity = seals[0].entity
    standing = [e for e in books.standing if isinstance(e, data.Pad | data.Balance)]
    of_entity = [e for e in standing if books.registry.ent(e.account) == entity]
    balances: dict[str, list[dt.date]] = {}
    for entry in sorted(of_entity, key=lambda entry: entry.date):
        if isinstance(entry, data.Balance):
            balances.setdefault(entry.account, []).append(entry.date)
    for entry in of_entity:
        seal = _covering(seals, entry.date)
        if not isinstance(entry, data.Pad) or seal is None:
            continue
        days = balances.get(entry.account, [])
        place = bisect_right(days, entry.date)
        if place < len(days) and _covering(seals, days[place]) is None:
            file, line = books.where(entry)
            message = (
                f"the pad of {entry.account} in the closed {seal.period.name} goes up to the "
                f"balance of {days[place]}, which is not closed; book what it inserts by hand"
            )
            yield replace(at_seal(seal, books, message), date=entry.date, file=file, line=line)


def _covering(seals: Sequence[Seal], day: dt.date) -> Seal | None:
    return next((s for s in seals if s.period.first <= day <= s.period.last), None)


def _off_chain(seal: Seal, before: Seal | None) -> str:
    if before is None:
        return (
            f"the seal of {seal.entity} {seal.period.name} continues one that does not stand here; "
            "put back the close-period directives that were removed"
        )
    return (
        f"the seal of {seal.entity} {seal.period.name} continues another one of "
        f"{before.period.name} than stands here; whoever closed that period again has to close "
        "this one again"
    )


def _backdated(seals: Mapping[str, Sequence[Seal]], books: Books) -> Iterator[Finding]:
    """Entries of open periods that say that they were known more than 35 days after their date."""
    for txn in books.select("says when known", says_when_known):
        known = txn.meta["known"]
        entities = entities_of(txn, books)
        closed = [s.period.last for entity in entities for s in seals.get(entity, ())]
        if known - txn.date > _BACKDATED and not any(txn.date <= last for last in closed):
            yield about(
                books,
                txn,
                code=CODE,
                factor=FACTOR,
                severity=Severity.INFO,
                message=f"{described(txn)} is dated {(known - txn.date).days} days before it was "
                "known; see that its date is the day it happened",
                evidence=("the paper that shows when it happened",),
            )


def _may_concern(shape: Shape, books: Books) -> bool:
    """Shapes that say ``known:``, or that adjust."""
    return may_say_when_known(shape, books) or ADJUSTING in shape.tags


RULES = (
    Rule(
        CODE,
        "Closed period changed",
        FACTOR,
        Scope.EVERYTHING,
        False,
        changed_after_closing,
        meaning="the entries of a period that a close-period directive sealed are not those that "
        "were sealed: one was added, changed or removed, the chain of seals is broken, or a pad "
        "in it goes up to a balance outside; into one that a soft-close directive closed came what "
        "is no #adjusting entry with an accountant's approved-by:; an entry "
        "of an open period whose known: is more than 35 days after its date is an info",
        cure="take the change back and post in the first open period, with #adjusting and "
        'applies-to: "2026-01"; or have the period opened again by two people, and close it and '
        "those after it again",
        reference="the duty to keep records, RULLCA section 410 and MBCA section 16.01",
        looks_at=_may_concern,
        sees_assertions=True,
    ),
)
