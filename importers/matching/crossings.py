"""Crossings between entities among imported lines: each half gets the link of its pair.

A rule says what a crossing is (``transfer`` and ``counterparty``). Its other half may come in the
same import, may be in the books, or may wait there in the inbox. Two lines that nobody has decided
are a pair too where their text says so and nothing else fits: they share a link and wait for the
decision what it was. They are never merged: each entity keeps its own entry.
"""

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import data

from core.entity import Account
from core.journal.books import Books
from core.journal.edit import Edit
from core.journal.links import new_link
from importers.desk import Desk
from importers.draft import Draft
from importers.matching.sides import TRANSIT, Side, evidence, near, sides


@dataclass(frozen=True)
class _Mark:
    """What an undecided side is told of its pair; it still waits for review."""

    side: Side
    link: str
    counterparty: str
    transfer: str = ""


def paired(desk: Desk, books: Books, known: Mapping[str, Account]) -> Desk:
    """The desk with links on its crossings. ``known`` are the accounts of the books and those that
    this import opens."""
    if not desk.drafts:
        return desk
    desk = desk.after(linked(desk.drafts, books))
    found = sides(desk, books, known)
    by_key: dict[tuple[str, Decimal], list[Side]] = defaultdict(list)
    for side in found:
        by_key[side.currency, side.number].append(side)
    marks = {mark.side.id: mark for mark in _undecided_halves(desk, by_key, books)}
    for mark in _undecided_pairs(by_key, found, books):
        marks.setdefault(mark.side.id, mark)
    drafts = [_marked(m.side.where, m) for m in marks.values() if isinstance(m.side.where, Draft)]
    edits = [_edit(mark) for mark in marks.values() if not isinstance(mark.side.where, Draft)]
    return desk.after(drafts, edits=edits)


def _undecided_halves(
    desk: Desk, by_key: Mapping[tuple[str, Decimal], Sequence[Side]], books: Books
) -> Iterator[_Mark]:
    """For each new crossing that a rule has named, the undecided line that must be its other half:
    it gets the link and the class, and waits for the account."""
    in_books = {link for txn in books.select("paired", _has_pair_link) for link in txn.links or ()}
    counts = Counter(draft.link for draft in desk.drafts)
    for draft in desk.drafts:
        if not draft.link or draft.link in in_books or counts[draft.link] > 1:
            continue
        halves = [
            side
            for side in near(by_key.get((draft.currency, -draft.number), ()), draft.date)
            if side.account.entity == draft.counterparty
        ]
        if len(halves) == 1:
            yield _Mark(halves[0], draft.link, draft.entity, draft.transfer)


def _undecided_pairs(
    by_key: Mapping[tuple[str, Decimal], Sequence[Side]], found: Iterable[Side], books: Books
) -> Iterator[_Mark]:
    """Undecided lines of two entities that must be one movement get one link."""
    partners = {
        side.id: [
            other
            for other in near(by_key.get((side.currency, -side.number), ()), side.date)
            if other.account.entity != side.account.entity
            and (isinstance(side.where, Draft) or isinstance(other.where, Draft))
            and (evidence(side, other) or _names(side, other, books) or _names(other, side, books))
        ]
        for side in found
    }
    for others in partners.values():
        # Each sees the other and nobody else; the pair is told once, by the side money left.
        if len(others) != 1 or others[0].number < 0 or len(partners[others[0].id]) != 1:
            continue
        into = others[0]
        out = partners[into.id][0]
        link = new_link(min(out.date, into.date))
        yield _Mark(out, link, into.account.entity)
        yield _Mark(into, link, out.account.entity)


def _names(side: Side, other: Side, books: Books) -> bool:
    """Whether the text of a side says the other's entity."""
    entity = books.registry.entities[other.account.entity]
    names = filter(None, (entity.name, entity.legal_name))
    return any(re.search(rf"\b{re.escape(n)}\b", side.text, re.IGNORECASE) for n in names)


def _marked(draft: Draft, mark: _Mark) -> Draft:
    return replace(
        draft,
        link=mark.link,
        counterparty=mark.counterparty,
        transfer=mark.transfer,
        review="transfer",
        perhaps=(),
    )


def _edit(mark: _Mark) -> Edit:
    assert not isinstance(mark.side.where, Draft)  # noqa: S101 - those are changed, not edited
    said = {"transfer": mark.transfer, "counterparty": mark.counterparty, "review": "transfer"}
    return Edit(
        mark.side.where[0],
        without=("review", "perhaps"),
        head={name: value for name, value in said.items() if value},
        link=mark.link,
    )


def linked(drafts: Iterable[Draft], books: Books) -> list[Draft]:
    """The drafts, each crossing with its ``^ic-`` link.

    A crossing takes the link of the one half that waits for it: the same class, the opposite
    amount, at most five days apart, in the counterparty's books or among these drafts. Two such
    halves are no answer: then, and where there is none, the link is new.
    """
    waiting = _waiting_halves(books)
    out = []
    for draft in drafts:
        if not draft.transfer or not draft.counterparty:
            out.append(draft)
            continue
        key = (draft.counterparty, draft.entity, draft.transfer, draft.currency, -draft.number)
        half = _only_near(waiting.get(key, ()), draft.date)
        if half is not None:
            waiting[key].remove(half)
            out.append(replace(draft, link=half[1]))
            continue
        link = new_link(draft.date)
        own = (draft.entity, draft.counterparty, draft.transfer, draft.currency, draft.number)
        waiting.setdefault(own, []).append((draft.date, link))
        out.append(replace(draft, link=link))
    return out


def waiting_link(
    entity: str,
    counterparty: str,
    transfer: str,
    day: dt.date,
    number: Decimal,
    currency: str,
    books: Books,
) -> str:
    """The link of the one half in the counterparty's books that waits for what ``entity`` gained on
    ``day``; empty where there is none, or more than one."""
    key = (counterparty, entity, transfer, currency, -number)
    half = _only_near(_waiting_halves(books).get(key, ()), day)
    return half[1] if half else ""


def _only_near(halves: Iterable[tuple[dt.date, str]], day: dt.date) -> tuple[dt.date, str] | None:
    near = [half for half in halves if abs(half[0] - day) <= TRANSIT]
    return near[0] if len(near) == 1 else None


_Half = tuple[str, str, str, str, Decimal]


def _waiting_halves(books: Books) -> dict[_Half, list[tuple[dt.date, str]]]:
    """Transfers in the books whose link has one entity only, by who, to whom, class and amount."""
    waiting: dict[_Half, list[tuple[dt.date, str]]] = {}
    linked: dict[str, list[data.Transaction]] = {}
    for txn in books.select("paired", _has_pair_link):
        for link in filter(_is_pair, txn.links or ()):
            linked.setdefault(link, []).append(txn)
    for link, txns in linked.items():
        entities = set().union(*(books.registry.ents(txn) for txn in txns))
        if len(entities) != 1 or len(txns) != 1:
            continue
        txn, (entity,) = txns[0], entities
        party, transfer = txn.meta.get("counterparty"), txn.meta.get("transfer")
        for posting in txn.postings:
            units = posting.units
            if units is None or units.number is None:
                continue
            if books.role(posting.account) not in {"bank", "card", "cash"}:
                continue
            key = (entity, str(party), str(transfer), units.currency, units.number)
            waiting.setdefault(key, []).append((txn.date, link))
    return waiting


def _has_pair_link(txn: data.Transaction) -> bool:
    return any(map(_is_pair, txn.links or ()))


def linked_with(link: str, books: Books) -> list[data.Transaction]:
    """The transactions of a pair link, in order."""
    return [txn for txn in books.select("paired", _has_pair_link) if link in (txn.links or ())]


def _is_pair(link: str) -> bool:
    return link.startswith("ic-")
