"""Books in pieces, as the warm reader has them: a piece for each file, and what the whole adds.

Who needs no more than some of the entries asks here for no more: the rules, above all, judge again
what an edit can have changed.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakValueDictionary

from beancount.core import data

from core.cache.shelf import Shelf
from core.cache.slim import Slim, content, digest, slim, thick
from core.cache.store import Store
from core.findings import Finding
from core.journal.books import ENTITY, GROUP, NO_DAY, Books
from core.journal.bundle import Bundle, Sources
from core.journal.leaf import Leaf, kept_links
from core.journal.lots import Month, outcome
from core.journal.placement import misplaced
from core.journal.proofs import Padding
from core.journal.trouble import Trouble, plain_gap
from core.journal.walk import Plan

Gaps = Mapping[tuple[str, int], Decimal]


class Made:
    """A file's directives, as long as somebody holds them: the group's books and an entity's share
    them, and so do the books before an edit and after it."""

    def __init__(self, entries: Sequence[data.Directive]) -> None:
        self.entries = entries


_MADE: "WeakValueDictionary[str, Made]" = WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class Piece:
    """One file's transactions as they stand in the books, with what its pads insert at the end.

    A transaction has a place: in the file's body, or after it.
    """

    leaf: Leaf
    months: Sequence[Month]
    padding: Sequence[data.Transaction]

    @property
    def name(self) -> str:
        """The file."""
        return self.leaf.file

    @cached_property
    def ident(self) -> str:
        """Another one as soon as any of the transactions is another."""
        if not self.months and not self.padding:
            return self.leaf.short
        said = [self.leaf.short, *(month.files[self.name] for month in self.months)]
        said += [repr(txn) for txn in self.padding]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    @property
    def links(self) -> Mapping[str, Sequence[int]]:
        """Each link, and the places of the transactions that carry it."""
        return self.leaf.head.links

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that its transactions name."""
        if not self.padding:
            return self.leaf.head.accounts
        inserted = {posting.account for txn in self.padding for posting in txn.postings}
        return self.leaf.head.accounts | inserted

    def directives(self) -> list[data.Directive]:
        """All directives of the file, without what is inserted."""
        return [entry for _, entry in self._placed(range(self.leaf.head.count)) if entry]

    @cached_property
    def made(self) -> Made:
        """The same, shared with whoever else holds them."""
        held = _MADE.get(self.ident)
        if held is None:
            held = _MADE[self.ident] = Made(self.directives())
        return held

    @property
    def places(self) -> range:
        """All places of the piece."""
        return range(self.leaf.head.count + len(self.padding))

    def transactions(self, places: Iterable[int] | None = None) -> dict[int, data.Transaction]:
        """The transactions by their places, or those at some places."""
        wanted = self.places if places is None else sorted(places)
        found: dict[int, data.Transaction] = {}
        if not wanted:
            return found
        count = self.leaf.head.count
        for place, entry in self._placed(place for place in wanted if place < count):
            if isinstance(entry, data.Transaction):
                found[place] = entry
        found.update({place: self.padding[place - count] for place in wanted if place >= count})
        return found

    def places_on(self, lines: Iterable[int]) -> set[int]:
        """The places of what begins on these lines."""
        wanted = set(lines)
        count = self.leaf.head.count
        lots = _became(self) if self.months else {}
        own = {
            place
            for place, line in enumerate(self.leaf.lines())
            if line in wanted and lots.get(place, True)
        }
        inserted = enumerate(self.padding, start=count)
        return own | {place for place, txn in inserted if txn.meta["lineno"] in wanted}

    def _placed(self, places: Iterable[int]) -> list[tuple[int, data.Directive | None]]:
        """What stands at these places of the body, with its place, in order."""
        if not self.months:
            return list(self.leaf.placed(places))
        lots, wanted = _became(self), list(places)
        found = dict(self.leaf.placed(place for place in wanted if place not in lots))
        for place in wanted:
            if place in lots:
                row = lots[place]
                found[place] = thick(row, self.name) if row else None
        return sorted(found.items())


@lru_cache(maxsize=8)  # a piece is asked several times in a row, and too large to keep for long
def _became(piece: Piece) -> Mapping[int, Slim | None]:
    return outcome(piece.months, piece.leaf.path)


@dataclass(frozen=True, eq=False)
class Sheaf:
    """The pieces of a bundle. It lives as long as none of them changes; ``memo`` holds what was
    found out about them."""

    pieces: Sequence[Piece]
    memo: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Piece]:
        """The pieces by their files."""
        return {piece.name: piece for piece in self.pieces}

    @cached_property
    def idents(self) -> Mapping[str, Sequence[str]]:
        """Of each file what it is now: its ident, and the key of its leaf."""
        return {piece.name: [piece.ident, piece.leaf.key] for piece in self.pieces}

    @cached_property
    def ident(self) -> str:
        """Another one as soon as any of the transactions is another."""
        return digest([[piece.name, piece.ident] for piece in self.pieces])

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that their transactions name."""
        return frozenset[str]().union(*(piece.accounts for piece in self.pieces))

    @cached_property
    def links(self) -> frozenset[str]:
        """The links that their transactions carry."""
        return frozenset(link for piece in self.pieces for link in piece.links)

    def linked(self, links: Set[str]) -> Sequence[Piece]:
        """The pieces with transactions that carry one of the links."""
        if self.links.isdisjoint(links):
            return ()
        return [piece for piece in self.pieces if not piece.links.keys().isdisjoint(links)]


_Beside = tuple[Sequence[Any], Sequence[Any]]  # what became of each file's lots, what is inserted


@dataclass
class Memo:
    """What this process knows of books in pieces: the sheaves of their bundles, with what stood
    beside each; and in ``seen`` what others keep until the next reading."""

    sheaves: Mapping[Bundle, tuple[_Beside, Sheaf]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)

    @property
    def bundles(self) -> Iterable[Bundle]:
        """Those of the reading before."""
        return self.sheaves.keys()

    def of(
        self, bundles: Iterable[Bundle], months: Iterable[Month], padding: Padding
    ) -> Sequence[Sheaf]:
        """The sheaves of these bundles, those at hand where nothing is new."""
        inserted: dict[str, list[data.Transaction]] = {}
        for (file, _), txn in padding.entries:
            inserted.setdefault(file, []).append(txn)
        lots: dict[str, list[Month]] = {}
        became: dict[str, list[str]] = {}  # a month that is another one may be the same for a file
        for month in months:
            for file, outcome_of_file in month.files.items():
                lots.setdefault(file, []).append(month)
                became.setdefault(file, []).append(outcome_of_file)
        found: dict[Bundle, tuple[_Beside, Sheaf]] = {}
        for bundle in bundles:
            beside = [*map(became.get, bundle.files)], [*map(inserted.get, bundle.files)]
            known = self.sheaves.get(bundle)
            if known is None or known[0] != beside:
                known = (
                    beside,
                    Sheaf(
                        [
                            Piece(leaf, lots.get(file, ()), inserted.get(file, ()))
                            for leaf, file in zip(bundle.leaves, bundle.files, strict=True)
                        ]
                    ),
                )
            found[bundle] = known
        self.sheaves = found
        return [sheaf for _, sheaf in found.values()]


@dataclass(frozen=True)
class Parts:
    """The files, the lots by month, and what the whole adds to them.

    ``standing`` are the directives that others are judged by, in order, with found documents and
    failed balances as Beancount leaves them; ``seen`` is at the disposal of who wants to find
    something again after the next reading in this process.
    """

    sheaves: Sequence[Sheaf]
    standing: Sequence[data.Directive]
    found: Sequence[data.Directive]
    padding: Padding
    gaps: Gaps
    sources: Sequence[Sources]
    troubles: Sequence[Trouble]
    store: Store
    seen: dict[str, Any]

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """Every file, in the order in which the files were reached."""
        return [piece for sheaf in self.sheaves for piece in sheaf.pieces]

    @cached_property
    def newest(self) -> dt.date:
        """The day of the newest transaction; of the newest entry where there is none."""
        day = max(source.effect.newest for source in self.sources)
        day = day or max(source.effect.last for source in self.sources)
        return dt.date.fromordinal(day) if day else NO_DAY

    def kind(self, owner: Callable[[str], str | None]) -> str:
        """A group where transactions of two entities are among the entries."""
        posted = {a for source in self.sources for a in source.effect.posted}
        return GROUP if len({owner(a) for a in posted} - {None}) > 1 else ENTITY

    def entries(self) -> list[data.Directive]:
        """All directives, in Beancount's order."""
        after: dict[tuple[str, int], list[data.Directive]] = {}
        for place, txn in self.padding.entries:
            after.setdefault(place, []).append(txn)
        out: list[data.Directive] = []
        for piece in self.pieces:
            for entry in piece.made.entries:
                out.append(replaced(entry, self.gaps))
                if after and isinstance(entry, data.Pad):
                    out += after.get((entry.meta["filename"], entry.meta["lineno"]), ())
        out += self.found
        out.sort(key=data.entry_sortkey)
        return out

    def astray(self, books: Books, plan: Plan) -> Iterator[Finding]:
        """The transactions that stand in another entity's folder."""
        if plan.home is None:
            return
        entities = books.registry.entities
        folders = {name: f"{plan.home.ledger / e.folder}/" for name, e in entities.items()}

        def is_at_home(piece: Piece) -> bool:
            owners = {books.registry.ent(account) for account in piece.accounts}
            names = [name for name in owners if name]
            return not names or (len(names) == 1 and piece.name.startswith(folders[names[0]]))

        for sheaf in self.sheaves:
            if sheaf.memo.get("folders") != folders:
                doubtful = [piece for piece in sheaf.pieces if not is_at_home(piece)]
                sheaf.memo.update(folders=folders, doubtful=doubtful)
            for piece in sheaf.memo["doubtful"]:
                yield from misplaced(piece.transactions().values(), books, plan.home)

    def recall(self, name: str) -> Any:
        """What was kept under this name (JSON), or None."""
        raw = self.store.get(name)
        return None if raw is None else json.loads(raw)

    def keep(self, name: str, value: Any) -> None:
        """Keeps a value (JSON) beside the books, until the next one of this name."""
        self.store.put(name, content(value))

    def once_linked(self, leaf_key: str) -> Iterable[str]:
        """The links of a leaf that was part of the books; raises GoneError where it is no more."""
        return kept_links(self.store, leaf_key)

    def extract(
        self,
        piece: Piece,
        name: str,
        wanted: Callable[[data.Transaction], bool],
        at_hand: Callable[[], Iterable[data.Transaction]] | None = None,
    ) -> list[data.Transaction]:
        """The wanted transactions of a piece, in no certain order. ``name`` says all that
        ``wanted`` depends on; what was found is kept, so that nobody looks through the piece a
        second time. ``at_hand`` gives all its transactions to whoever asks more than one thing."""

        def made() -> list[Slim]:
            of_piece = at_hand() if at_hand else piece.transactions().values()
            return [slim(txn, piece.name) for txn in of_piece if wanted(txn)]

        rows = _ANSWERS.once(f"extract {piece.ident} {name}", self.store, made)
        entries = (thick(row, piece.name) for row in rows)
        return [entry for entry in entries if isinstance(entry, data.Transaction)]

    def gathered(
        self,
        piece: Piece,
        name: str,
        made: Callable[[Iterable[data.Transaction]], Any],
        at_hand: Callable[[], Iterable[data.Transaction]] | None = None,
    ) -> Any:
        """What ``made`` makes of a piece's transactions, as JSON has it, kept as ``extract`` is."""
        every = at_hand or (lambda: piece.transactions().values())
        self.gathers(name, made)
        key = f"gathered {piece.ident} {name}"
        return _ANSWERS.once(key, self.store, lambda: made(every()))

    def gathers(self, name: str, made: Callable[[Iterable[data.Transaction]], Any]) -> None:
        """Learns what is ``gathered`` under this name."""
        self.seen[f"gathering {name}"] = made

    def answer(self, name: str, part: str) -> str | None:
        """A short name of what was ``gathered`` of all pieces (of its ``part``, where that is not
        empty), another one as soon as it is another; None where nobody has said how to gather."""
        made = self.seen.get(f"gathering {name}")
        if made is None:
            return None
        return digest([self._answer(sheaf, name, part, made) for sheaf in self.sheaves])

    def _answer(self, sheaf: Sheaf, name: str, part: str, made: Callable[..., Any]) -> str:
        key = ("answer", name, part)
        if key not in sheaf.memo:
            kept = f"answer {sheaf.ident} {part} {name}"
            answer = self.recall(kept)
            if answer is None:
                gathered = (self.gathered(piece, name, made) for piece in sheaf.pieces)
                answer = digest([each.get(part) if part else each for each in gathered])
                self.keep(kept, answer)
            sheaf.memo[key] = answer
        found: str = sheaf.memo[key]
        return found


# What was asked of pieces: small for each, and asked again after every edit.
_ANSWERS = Shelf(6_000_000)


def replaced(entry: data.Directive, gaps: Gaps) -> data.Directive:
    """The entry; an assertion that fails with the gap that it fails by."""
    if not gaps or not isinstance(entry, data.Balance):
        return entry
    gap = gaps.get((entry.meta["filename"], entry.meta["lineno"]))
    if gap is None:
        return entry
    return entry._replace(meta=entry.meta.copy(), diff_amount=plain_gap(entry, gap))
