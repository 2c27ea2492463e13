"""VEIL-021 to the entry: what was added, changed or removed in a closed period, or alters its
figures from outside.

The rule sees that a seal does not hold, and mostly no more. Where the books of the closing are at
hand, one finding for each entry, price, option or pad that did it stands in for the rule's. While
every seal holds nothing is asked for and nothing computed.

A figure that follows in a later period from what was named is not found again.
"""

import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.period import Period
from core.seal import Seal, seals_of
from core.soft_close import soft_seals
from plugins.closing.chain import Compared, compared, is_as_soft_closed
from plugins.closing.differences import CHANGED, Change, changes, figures
from plugins.closing.sealed import Line, Sealed
from plugins.closing.telling import Telling
from plugins.closing.verifying import Closed, nobody_knows, otherwise_booked
from plugins.veil.unsealed import CODE, broken

_FIRST = dt.date(1700, 1, 1)  # nothing is dated before it
_DAY = dt.timedelta(days=1)


def named(findings: Sequence[Finding], books: Books, closed: Closed) -> list[Finding]:
    """The findings, those of VEIL-021 named to the entry as far as ``closed`` knows the books at
    the closings. Those that are new have no fingerprint yet."""
    is_off = any(f.code == CODE and f.severity is Severity.ERROR for f in findings)
    if closed is nobody_knows or not is_off:
        return list(findings)
    sealed = Sealed(books)
    found = list(findings)
    for seals in seals_of(books.standing).values():
        off = [each for each in compared(seals, sealed) if not each.holds]
        if off:
            found = _Entity(seals, off, sealed, books, closed).named(found)
    for soft in soft_seals(books.standing).values():
        for seal in soft:
            if not is_as_soft_closed(seal, sealed):
                found = _named_softly(found, seal, sealed, books, closed)
    return found


def _named_softly(
    findings: Sequence[Finding], seal: Seal, sealed: Sealed, books: Books, closed: Closed
) -> list[Finding]:
    """The findings with those on a soft-closed period named."""
    general, past = broken(seal, books, entries=False), closed(seal)
    if past is None:
        instead = replace(general, evidence=(_lacking(seal),))
        return [instead if f.message == general.message else f for f in findings]
    telling = Telling(seal, past, books)
    found = list(map(telling.inside, changes(Sealed(past).lines(seal), sealed.lines(seal))))
    said = {(f.file, f.line, f.message) for f in found}
    said |= {(general.file, general.line, general.message)} if found else set()
    return [*(f for f in findings if (f.file, f.line, f.message) not in said), *found]


def _lacking(seal: Seal) -> str:
    return f"the tag {seal.tag}, which names the entry and is not here: 'git fetch --tags'"


class _Past:
    """An entity's books at a closing."""

    def __init__(self, books: Books, entity: str) -> None:
        self.books = books
        self.sealed = Sealed(books)
        self._entity = entity

    def holds(self, seal: Seal) -> bool:
        """Whether they are what was sealed."""
        return (seal.period, seal.hash) in self._holding

    @cached_property
    def _holding(self) -> set[tuple[Period, str]]:
        seals = seals_of(self.books.standing).get(self._entity, ())
        return {(c.seal.period, c.seal.hash) for c in compared(seals, self.sealed) if c.holds}


class _Entity:
    """The periods of one entity that are not as they were sealed."""

    def __init__(
        self,
        seals: Sequence[Seal],
        off: Sequence[Compared],
        sealed: Sealed,
        books: Books,
        closed: Closed,
    ) -> None:
        self._seals, self._off = seals, off
        self._sealed, self._books, self._closed = sealed, books, closed
        self._once: set[object] = set()

    def named(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings with those of the rule on these periods named."""
        pasts = self._pasts()
        found: list[Finding] = []
        for each in self._off:
            past = pasts[each.seal.period]
            found += [] if past is None else self._causes(each.seal, past)
        instead = dict(self._instead(pasts, some=bool(found)))
        said = {(f.file, f.line, f.message) for f in found}
        kept = (instead.get(finding.message, finding) for finding in findings)
        return [*(f for f in kept if f and (f.file, f.line, f.message) not in said), *found]

    def _pasts(self) -> dict[Period, _Past | None]:
        """The books in which each seal holds, the newest closing first: mostly it is one state of
        them for all; else those that its own closing left."""
        known: list[_Past] = []
        found: dict[Period, _Past | None] = {}
        for each in reversed(self._off):
            past = next((past for past in known if past.holds(each.seal)), None)
            books = None if past else self._closed(each.seal)
            if books is not None:
                past = next((past for past in known if past.books is books), None)
                if past is None:
                    past = _Past(books, each.seal.entity)
                    known.append(past)
            found[each.seal.period] = past
        return found

    def _instead(
        self, pasts: dict[Period, _Past | None], *, some: bool
    ) -> Iterator[tuple[str, Finding | None]]:
        """By its message, what stands in for the rule's finding on each period: nothing where
        ``some`` cause was named, else what more is known."""
        for each in self._off:
            seal, past = each.seal, pasts[each.seal.period]
            general = broken(seal, self._books, entries=each.entries)
            if past is None:
                yield general.message, replace(general, evidence=(_lacking(seal),))
            elif past.holds(seal):
                yield general.message, None if some else general
            elif not some and not changes(past.sealed.lines(seal), self._sealed.lines(seal)):
                why = f"it was closed{otherwise_booked(seal)}"
                yield general.message, replace(general, evidence=(*general.evidence, why))

    def _causes(self, seal: Seal, past: _Past) -> Iterator[Finding]:
        """What is another in a period, and what alters its figures from outside."""
        then, now = past.sealed, self._sealed
        telling = Telling(seal, past.books, self._books)
        inside = changes(then.lines(seal), now.lines(seal))
        yield from map(telling.inside, inside)
        other = figures(then.figures(seal), now.figures(seal))
        for figure in other:
            if figure["type"] in {"price", "option"} and self._is_new(figure):
                yield telling.figure(figure)
        touched = {figure["account"] for figure in other if figure["type"] == "closing"}
        moved = {_undated(line) for change in inside for line in change.lines if line}
        for change in self._outside(seal, then, touched) if touched else ():
            if moved.isdisjoint(map(_undated, change.lines)) and self._is_new(change.lines):
                yield telling.outside(change)

    def _is_new(self, what: object) -> bool:
        """Whether nobody has said this of an earlier period."""
        is_new = what not in self._once
        self._once.add(what)
        return is_new

    def _outside(self, seal: Seal, then: Sealed, touched: set[str]) -> Iterator[Change]:
        """What changed beside the sealed periods and moves these accounts in this one."""
        for span in self._unsealed(seal):
            draft = replace(seal, period=span)
            for change in changes(then.lines(draft), self._sealed.lines(draft)):
                if touched & _moved(change):
                    yield change
        targets = (self._targets(of, seal, touched) for of in (then, self._sealed))
        yield from changes(*targets)

    def _unsealed(self, seal: Seal) -> Iterator[Period]:
        """The spans before a period that no seal covers."""
        start = _FIRST
        for each in self._seals:
            if start < each.period.first <= seal.period.first:
                yield Period("", start, each.period.first - _DAY)
            start = each.period.after

    def _targets(self, sealed: Sealed, seal: Seal, touched: set[str]) -> list[Line]:
        """The balances outside of closed periods up to which pads of the accounts go."""
        of_entity = sealed.standing(seal.entity)
        found = []
        for account in sorted(touched):
            own = [e for e in of_entity if getattr(e, "account", "") == account]
            balances = [e for e in own if isinstance(e, data.Balance)]
            days = [e.date for e in balances]
            pads = (e for e in own if isinstance(e, data.Pad) and e.date <= seal.period.last)
            places = {bisect_right(days, pad.date) for pad in pads}
            found += [balances[place] for place in sorted(places) if place < len(balances)]
        return [sealed.line(e) for e in found if not self._is_sealed(e.date)]

    def _is_sealed(self, day: dt.date) -> bool:
        return any(seal.period.first <= day <= seal.period.last for seal in self._seals)


def _moved(change: Change) -> set[str]:
    """The accounts whose sums a change alters: none where other words are all that changed."""
    sides = [side[1] for side in (change.before, change.after) if side]
    if change.kind == CHANGED and len({_effect(entry) for entry in sides}) == 1:
        return set()
    found = set()
    for entry in sides:
        if isinstance(entry, data.Transaction):
            found |= {posting.account for posting in entry.postings}
        elif isinstance(entry, data.Pad):
            found |= {entry.account, entry.source_account}
    return found


def _effect(entry: data.Directive) -> str:
    """What an entry does to sums, wherever in an open span it is dated."""
    if isinstance(entry, data.Transaction):
        return repr(sorted(f"{p.account} {p.units} {p.cost}" for p in entry.postings))
    return repr((getattr(entry, "account", ""), getattr(entry, "source_account", ""), entry.date))


def _undated(line: str) -> str:
    """A canonical line of an entry, whenever that is."""
    return json.dumps(json.loads(line) | {"date": ""}, sort_keys=True) if line else ""
