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
from core.seal import Seal, added_line, seals_of
from plugins.closing.chain import compared
from plugins.closing.sealed import Sealed
from plugins.rule import Rule, Scope, about, described
from plugins.veil.marks import may_say_when_known, says_when_known
from plugins.veil.transfers import entities_of

CODE = "VEIL-021"
FACTOR = "Backdating; unreliable records"
_BACKDATED = dt.timedelta(days=35)


def changed_after_closing(books: Books) -> Iterator[Finding]:
    """VEIL-021: a closed period no longer says what was sealed; or an entry was known much later
    than its date (info)."""
    seals = {e: of for e, of in seals_of(books.standing).items() if e in _own(books)}
    if seals:
        sealed = Sealed(books.entire)  # a seal is over all that its period holds
        for each in seals.values():
            yield from _broken(each, sealed, books)
            yield from _padded_from_outside(each, books)
        sealed.remember()
    yield from _backdated(seals, books)


def _own(books: Books) -> set[str]:
    """The entities whose entries these books hold: one's own root holds no others'."""
    return {account.entity for account in books.accounts.values()}


def _broken(seals: Sequence[Seal], sealed: Sealed, books: Books) -> Iterator[Finding]:
    for each in compared(seals, sealed):
        seal, before, name = each.seal, each.before, each.seal.period.name
        if not each.chained:
            yield _at(seal, books, _off_chain(seal, before))
        if before and before.period.after < seal.period.first:
            yield _at(
                seal,
                books,
                f"{seal.entity} {name} was closed, but nothing between {before.period.name} and it;"
                " close the months in order",
            )
        if each.entries:
            if not each.figures:
                yield broken(seal, books, entries=True)
            continue
        lines = sealed.lines(seal)
        added = added_line(seal.hash, seal.entity, name, each.prev, [line for line, _ in lines])
        new = [entry for line, entry in lines if line == added] if added else []
        yield added_to(seal, new[-1], books) if new else broken(seal, books, entries=False)


def broken(seal: Seal, books: Books, *, entries: bool) -> Finding:
    """A closed period that is not as it was sealed, where nothing in it can be named: its figures,
    or its ``entries`` as well."""
    return _at(seal, books, _other_figures(seal) if entries else _other_entries(seal))


def _other_entries(seal: Seal) -> str:
    entity, name = seal.entity, seal.period.name
    return (
        f"the entries of {entity} in {name} are not those that were sealed; compare "
        f"them with the commit of the closing (tag close/{entity}/{name}), take the "
        f"change back, and book a correction in an open period with #adjusting and "
        f'applies-to: "{name}"'
    )


def _other_figures(seal: Seal) -> str:
    name = f"{seal.entity} {seal.period.name}"
    return (
        f"the entries of {name} are those that were sealed, its figures are not: a pad, a price of "
        "the period, an option, or an entry before it was changed; 'books verify' names which: "
        "take it back"
    )


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
            yield replace(_at(seal, books, message), date=entry.date, file=file, line=line)


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


def _at(seal: Seal, books: Books, message: str) -> Finding:
    """A finding at the seal itself, where no entry can be named."""
    file, line = books.where(seal.entry)
    return Finding(
        CODE,
        Severity.ERROR,
        message,
        factor=FACTOR,
        entities=(seal.entity,),
        date=seal.period.last,
        file=file,
        line=line,
        evidence=(f"the entries as they were closed: tag close/{seal.entity}/{seal.period.name}",),
        identity=(seal.entity, seal.period.name, message),
    )


def added_to(seal: Seal, entry: data.Directive, books: Books) -> Finding:
    """An entry that was added to a closed period."""
    message = (
        f"{in_words(entry)} of {entry.date} was added to {seal.entity} {seal.period.name} after "
        "it was closed; date it in an open period, with #adjusting and "
        f'applies-to: "{seal.period.name}"'
    )
    if isinstance(entry, data.Transaction):
        return about(books, entry, code=CODE, factor=FACTOR, message=message)
    file, line = books.where(entry)
    return Finding(
        CODE,
        Severity.ERROR,
        message,
        factor=FACTOR,
        entities=(seal.entity,),
        date=entry.date,
        file=file,
        line=line,
    )


def in_words(entry: data.Directive) -> str:
    """An entry in a few words."""
    if isinstance(entry, data.Transaction):
        return described(entry)
    return f"the {type(entry).__name__.casefold()} directive"


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
        "in it goes up to a balance outside; an entry "
        "of an open period whose known: is more than 35 days after its date is an info",
        cure="take the change back and post in the first open period, with #adjusting and "
        'applies-to: "2026-01"; or have the period opened again by two people, and close it and '
        "those after it again",
        reference="the duty to keep records, RULLCA section 410 and MBCA section 16.01",
        looks_at=may_say_when_known,
        sees_assertions=True,
    ),
)
