"""Transfers between accounts of one entity: the two bank lines of one movement find each other.

Two lines are sides of one transfer when they are in two accounts, of opposite amounts, at most five
days apart, and something in their text says so: the number or the bank of the other account, or a
word for it. On one day they become one transaction; on two days each is booked against the
entity's in-transit account. Where a line could belong to two others, or nothing but the amounts
speaks for it, it is a question: ``review: "transfer"``, with ``perhaps:``. Never a guess.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import data

from core.entity import Account
from core.journal.books import Books
from core.journal.edit import Edit
from importers.desk import Desk
from importers.draft import Draft, Leg, sources
from importers.matching.sides import (
    TRANSIT,
    Side,
    evidence,
    has_word,
    near,
    perhaps_of,
    sides,
    waits,
)
from importers.opening import Opening
from importers.posted import posted


@dataclass(frozen=True)
class _Match:
    one: Side
    other: Side


def transferred(desk: Desk, books: Books, opening: Opening) -> Desk:
    """The desk with the transfers that are found in it and between it and the inbox."""
    if not desk.drafts:
        return desk
    known: Mapping[str, Account] = {**books.accounts, **opening.accounts}
    desk = _arrived(desk, books, known)
    found = sides(desk, books, known)
    matches, questions = _matched(found)
    changed = [
        replace(draft, review="transfer", perhaps=questions[draft.id])
        for draft in desk.drafts
        if questions.get(draft.id)
    ]
    gone: list[str] = []
    edits = list(_asked_again(found, questions, books))
    for match in matches:
        out, into = sorted((match.one, match.other), key=lambda side: side.number)
        if out.date == into.date:
            gone.append(_one(out, into, changed, edits))
            continue
        entity = books.registry.entities[out.account.entity]
        transit = opening.in_transit(entity, out.currency)
        for side in (out, into):
            _by_way_of(transit.name, side, changed, edits)
    return desk.after(changed, gone, edits)


def _arrived(desk: Desk, books: Books, known: Mapping[str, Account]) -> Desk:
    """The desk with the lines that end a transfer which is in transit already."""
    transit = {a.name: a.entity for a in known.values() if a.role == "in-transit"}
    if not transit:
        return desk
    open_ends: dict[tuple[str, str, Decimal], list[tuple[dt.date, str]]] = defaultdict(list)
    rows = sorted(posted(books, transit), key=lambda row: row.date)
    for row in rows:
        entity = transit[row.account]
        ends = open_ends[entity, row.currency, -row.number]
        begun = [end for end in ends if row.date - end[0] <= TRANSIT]
        if begun:
            ends.remove(begun[0])
        else:
            open_ends[entity, row.currency, row.number].append((row.date, row.account))
    claims: dict[tuple[str, str, Decimal], list[Draft]] = defaultdict(list)
    for draft in desk.drafts:
        key = (draft.entity, draft.currency, draft.moved)
        if key in open_ends and waits(draft, known):
            claims[key].append(draft)
    changed = []
    for key, drafts in claims.items():
        for draft in drafts:
            near = [end for end in open_ends[key] if abs(end[0] - draft.date) <= TRANSIT]
            rivals = [d for d in drafts if abs(d.date - draft.date) <= 2 * TRANSIT]
            if len(near) == 1 and len(rivals) == 1:
                leg = Leg(near[0][1], -draft.moved, draft.currency)
                others = (leg, *draft.others[1:])
                changed.append(replace(draft, others=others, review="", perhaps=()))
    return desk.after(changed)


def _asked_again(
    found: Sequence[Side], questions: Mapping[str, tuple[str, ...]], books: Books
) -> Iterator[Edit]:
    """The lines of the inbox whose question is another one now, with what it is."""
    for side in found:
        if isinstance(side.where, Draft) or side.id not in questions:
            continue
        txn, now = side.where[0], questions[side.id]
        before, review = perhaps_of(txn), txn.meta["review"]
        is_other = review not in {"categorise", "transfer"} or any(
            name in books.accounts for name in before
        )
        if is_other or set(now) == set(before):
            continue
        asks = "transfer" if now or has_word(side) else "categorise"
        head = {"review": asks, **({"perhaps": ", ".join(now)} if now else {})}
        yield Edit(txn, without=("review", "perhaps"), head=head)


def _matched(found: Sequence[Side]) -> tuple[list[_Match], dict[str, tuple[str, ...]]]:
    """The sides that surely belong together, and what those that are left may belong to: of the
    inbox those about which something is known now that was not before."""
    by_key: dict[tuple[str, str, Decimal], list[Side]] = defaultdict(list)
    for side in found:
        by_key[side.account.entity, side.currency, side.number].append(side)
    partners: dict[str, list[Side]] = {}
    doubts: dict[str, tuple[str, ...]] = {}
    for side in found:
        others = near(by_key.get((side.account.entity, side.currency, -side.number), ()), side.date)
        others = [other for other in others if other.account.name != side.account.name]
        doubts[side.id] = tuple(other.id for other in others)
        likely = [other for other in others if _is_new(side) or _is_new(other)]
        if not likely:
            continue
        weights = [evidence(side, other) for other in likely]
        most = max(weights)
        partners[side.id] = [
            other for other, weight in zip(likely, weights, strict=True) if most and weight == most
        ]
    matches = []
    done: set[str] = set()
    for side in found:
        other = None if side.id in done else _sure(side, partners)
        if other is not None and other.id not in done and _sure(other, partners) == side:
            matches.append(_Match(side, other))
            done |= {side.id, other.id}
    return matches, {
        side.id: tuple(i for i in doubts[side.id] if i not in done)[:5]
        for side in found
        if side.id not in done and (side.id in partners or done & set(doubts[side.id]))
    }


def _is_new(side: Side) -> bool:
    return isinstance(side.where, Draft)


def _sure(side: Side, partners: Mapping[str, Sequence[Side]]) -> Side | None:
    """The only side this one can belong to.

    Twins between the same two accounts, as many on one as on the other, stand in for each other:
    the first belongs to the first.
    """
    best = partners.get(side.id, ())
    if len(best) < 2:
        return best[0] if best else None
    twins = [list(partners.get(other.id, ())) for other in best]
    same = all(other.account == best[0].account for other in best)
    mirrored = all(len(t) == len(best) and all(s.account == side.account for s in t) for t in twins)
    if not same or not mirrored:
        return None
    place = sorted((s.date, s.id) for s in twins[0]).index((side.date, side.id))
    return sorted(best, key=lambda other: (other.date, other.id))[place]


def _by_way_of(transit: str, side: Side, changed: list[Draft], edits: list[Edit]) -> None:
    """A side booked against the in-transit account."""
    if isinstance(side.where, Draft):
        others = (Leg(transit, -side.number, side.currency), *side.where.others[1:])
        changed.append(replace(side.where, others=others, review="", perhaps=()))
    else:
        txn, _, waiting = side.where
        edits.append(_decided(txn, waiting, transit))


def _one(out: Side, into: Side, changed: list[Draft], edits: list[Edit]) -> str:
    """Both sides in one transaction, each posting with its line; the id of the draft that is none
    any more."""
    kept, gone = (out, into) if isinstance(into.where, Draft) else (into, out)
    assert isinstance(gone.where, Draft)  # noqa: S101 - one of a match is new
    leg, fees = gone.where.own, gone.where.others[1:]
    if isinstance(kept.where, Draft):
        narration = kept.where.narration or gone.where.payee
        others = (leg, *kept.where.others[1:], *fees)
        changed.append(
            replace(kept.where, others=others, narration=narration, review="", perhaps=())
        )
    else:
        txn, _, waiting = kept.where
        edit = replace(_decided(txn, waiting, leg.account), meta={waiting: sources(leg.lines)})
        if fees:
            more = tuple((fee.account, fee.number or Decimal(0), fee.currency) for fee in fees)
            edit = replace(edit, numbers={waiting: gone.where.number}, more=more)
        edits.append(edit)
    return gone.id


def _decided(txn: data.Transaction, waiting: int, account: str) -> Edit:
    flag = "*" if txn.flag == "!" else ""
    return Edit(txn, flag=flag, without=("review", "perhaps"), accounts={waiting: account})
