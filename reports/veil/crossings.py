"""Every crossing of a period: what an entity gave another or received, in the books of both.

An entry's part in a crossing is its interface postings towards a party, in units, without accounts
in transit: their debits are what the entity gave, their credits what it received. So the sums of
crossings are sums of postings. Where no entry of the entity's side has such a posting, the money it
moved counts.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books
from core.period import Period
from plugins.veil.transfers import is_mixed, keeps_books, pair_links, parties, posting_party
from reports.veil.papers import FILED, Paper, at, papers_of

ZERO = Decimal(0)
UNCLASSIFIED, MIXED = "no class", "two entities in one entry"
_MONEY = frozenset({"bank", "card", "cash", "in-transit"})


@dataclass(frozen=True)
class Part:
    """What one entry of ``entity`` gave ``party`` and received from it, in one currency; both are
    positive. ``currency`` is empty where the entry names the party but moves nothing towards it."""

    entity: str
    party: str
    date: dt.date
    transfer: str
    currency: str
    gave: Decimal
    received: Decimal
    where: str
    txn: data.Transaction


@dataclass(frozen=True)
class Crossing:
    """One entry's part, with the other books' answer to it.

    ``link`` is the pair's; ``others`` are where the party's entries of that link stand, and
    ``answered`` is false where the party keeps books here and has none. ``findings`` are the codes
    of what the rules say of the entry or of its pair, waived ones apart.
    """

    part: Part
    link: str
    others: tuple[str, ...]
    answered: bool
    papers: tuple[Paper, ...]
    findings: tuple[str, ...]

    @property
    def is_documented(self) -> bool:
        """Whether a paper that is there and signed stands behind it."""
        return any(paper.state == FILED for paper in self.papers)


def parts(books: Books) -> tuple[Part, ...]:
    """All parts of all entries that cross, by date, place, party and currency."""
    known: tuple[Part, ...] | None = books.memo.get("crossing parts")
    if known is None:
        found = [part for group in _by_side(books) for part in _parts(group, books)]
        found += [part for txn in books.transactions for part in _mixed(txn, books)]
        found.sort(key=lambda p: (p.date, p.entity, p.where, p.party, p.currency))
        known = books.memo["crossing parts"] = tuple(found)
    return known


def crossings(
    books: Books, entity: str, period: Period, findings: Mapping[str, Sequence[Finding]]
) -> tuple[Crossing, ...]:
    """The crossings of ``entity`` in the period, those that only the other's books have included:
    where its own books are not here, all of them. ``findings`` are by place (``file:line``).
    """
    pairs: dict[tuple[str, ...], _Pair] = {}
    seen = is_seen(entity, books)
    found = []
    for part in _parts_of(books).get(entity, ()):
        if not period.first <= part.date <= period.last:
            continue
        links = tuple(pair_links(part.txn)) or (part.where,)
        if links not in pairs:
            pairs[links] = _pair(part.txn, books, findings)
        pair = pairs[links]
        others = pair.by_entity.get(part.party, ())
        answered = bool(others) or not is_seen(part.party, books)
        if part.entity == entity or not answered or not seen:
            link = links[0] if pair_links(part.txn) else ""
            found.append(Crossing(part, link, others, answered, pair.papers, pair.codes))
    return tuple(found)


def _parts_of(books: Books) -> Mapping[str, Sequence[Part]]:
    """The parts by whose entry they are of, and by party."""
    known: dict[str, list[Part]] | None = books.memo.get("crossing parts of")
    if known is None:
        known = books.memo["crossing parts of"] = {}
        for part in parts(books):
            known.setdefault(part.entity, []).append(part)
            known.setdefault(part.party, []).append(part)
    return known


@dataclass(frozen=True)
class _Pair:
    """What all entries of a pair have in common: looked up once for each."""

    by_entity: Mapping[str, tuple[str, ...]]
    papers: tuple[Paper, ...]
    codes: tuple[str, ...]


def _pair(txn: data.Transaction, books: Books, findings: Mapping[str, Sequence[Finding]]) -> _Pair:
    linked = [each for link in pair_links(txn) for each in books.by_link[link]]
    sides = {at(each, books): each for each in (linked or [txn])}
    by_entity: dict[str, list[str]] = {}
    for place, each in sides.items():
        for name in books.registry.ents(each):
            by_entity.setdefault(name, []).append(place)
    told = {f.code for place in sides for f in findings.get(place, ()) if not f.waived}
    return _Pair(
        {name: tuple(places) for name, places in by_entity.items()},
        papers_of(list(sides.values()), books),
        tuple(sorted(told)),
    )


def is_seen(party: str, books: Books) -> bool:
    """Whether the party's own books are among these."""
    return keeps_books(party, books) and (books.kind == "group" or party in _own(books))


def _own(books: Books) -> set[str]:
    if "own entities" not in books.memo:
        books.memo["own entities"] = {account.entity for account in books.accounts.values()}
    found: set[str] = books.memo["own entities"]
    return found


def _by_side(books: Books) -> Iterable[list[data.Transaction]]:
    """The entries that cross, those of one entity and one link together."""
    found: dict[tuple[str, str], list[data.Transaction]] = {}
    for index, txn in enumerate(books.transactions):
        if is_mixed(txn, books) or not parties(txn, books):
            continue
        for entity in books.registry.ents(txn):
            links = pair_links(txn)
            found.setdefault((entity, links[0] if links else str(index)), []).append(txn)
    return found.values()


def _parts(side: Sequence[data.Transaction], books: Books) -> Iterator[Part]:
    by_entry = [(txn, _towards(txn, books)) for txn in side]
    in_money = not any(sums for _, sums in by_entry)
    for txn, towards in by_entry:
        (entity,) = books.registry.ents(txn)
        named = parties(txn, books) - {entity}
        sums = towards
        if in_money and len(named) == 1:
            sums = _in_money(txn, min(named), books)
        seen = {party for party, _ in sums}
        for (party, currency), (gave, received) in sums.items():
            yield _part(txn, entity, party, currency, gave, received, books)
        for party in sorted(named - seen):
            yield _part(txn, entity, party, "", ZERO, ZERO, books)


def _part(
    txn: data.Transaction,
    entity: str,
    party: str,
    currency: str,
    gave: Decimal,
    received: Decimal,
    books: Books,
) -> Part:
    said = txn.meta.get("transfer")
    transfer = said if isinstance(said, str) and said else UNCLASSIFIED
    return Part(entity, party, txn.date, transfer, currency, gave, received, at(txn, books), txn)


_Sums = dict[tuple[str, str], tuple[Decimal, Decimal]]


def _mixed(txn: data.Transaction, books: Books) -> Iterator[Part]:
    """The parts of an entry of two entities or more (VEIL-001): what it took from each, and brought
    to each; with more than two nobody can say from whom to whom."""
    entities = sorted(books.registry.ents(txn))
    for entity in entities if len(entities) > 1 else ():
        sums: dict[str, Decimal] = {}
        for posting in txn.postings:
            if posting.units and books.registry.ent(posting.account) == entity:
                currency, number = posting.units.currency, posting.units.number or ZERO
                sums[currency] = sums.get(currency, ZERO) - number
        moved = {currency: number for currency, number in sums.items() if number}
        for party in entities:
            if party != entity and len(entities) == 2 and moved:
                for currency, number in moved.items():
                    both = max(number, ZERO), max(-number, ZERO)
                    yield Part(entity, party, txn.date, MIXED, currency, *both, at(txn, books), txn)
            elif party != entity:
                yield Part(entity, party, txn.date, MIXED, "", ZERO, ZERO, at(txn, books), txn)


def _towards(txn: data.Transaction, books: Books) -> _Sums:
    """By party and currency what the interface postings debit and credit."""
    sums: _Sums = {}
    for posting in txn.postings:
        said, units = posting_party(posting, books), posting.units
        if not said or units is None or books.role(posting.account) == "in-transit":
            continue
        known = books.registry.named(said)
        _add(sums, known.name if known else said, units.currency, units.number or ZERO)
    return sums


def _in_money(txn: data.Transaction, party: str, books: Books) -> _Sums:
    sums: _Sums = {}
    for posting in txn.postings:
        if books.role(posting.account) in _MONEY and posting.units is not None:
            _add(sums, party, posting.units.currency, -(posting.units.number or ZERO))
    return sums


def _add(sums: _Sums, party: str, currency: str, number: Decimal) -> None:
    gave, received = sums.get((party, currency), (ZERO, ZERO))
    sums[party, currency] = gave + max(number, ZERO), received + max(-number, ZERO)
