"""Rules on books in pieces: after an edit each rule sees what it must see again, and no more.

Rules of the scope LINK see the transactions of the files that changed, those linked with them now
or before, and those they found something about the last time; all others were in order when they
were last seen, and still are. Rules of the scope DECLARED see no transaction. All others see what
they look at, which is kept for each file. A change of the registry or of policy shows all to all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any

from beancount.core import data

from core.cache.slim import digest, slim
from core.cache.store import GoneError
from core.findings import Finding
from core.journal.books import Books
from core.journal.parts import Parts, Piece
from plugins.memory import Memory, Seen
from plugins.rule import Rule, Scope

Judge = Callable[[Rule, Books], Iterable[Finding]]


def all_findings(rules: Sequence[Rule], books: Books, judge: Judge) -> list[Finding]:
    """What ``judge`` says of every rule on the books, seen as far as is needed."""
    parts = books.parts
    if parts is not None:
        try:
            return _piecewise(rules, books, parts, judge)
        except GoneError:
            pass  # what is needed of the past is no longer kept: look at everything
    return [finding for rule in rules for finding in judge(rule, books)]


def _piecewise(rules: Sequence[Rule], books: Books, parts: Parts, judge: Judge) -> list[Finding]:
    linked = [rule for rule in rules if rule.scope is Scope.LINK]
    looking = [rule for rule in rules if rule.scope is not Scope.LINK and rule.looks_at]
    memory = Memory.of(parts, f"rules {books.root} {books.kind}")
    now = _seen(books, parts)
    extracts = _Extracts(looking, books, parts, now)
    found = _linked(linked, books, parts, judge, memory, now, extracts)
    extract = extracts.books()
    for rule in rules:
        if rule.scope is Scope.LINK:
            continue
        if rule.scope is Scope.DECLARED:
            found += judge(rule, _only(books, ()))
        else:
            found += judge(rule, extract if rule.looks_at else books)
    return found


def _linked(
    rules: Sequence[Rule],
    books: Books,
    parts: Parts,
    judge: Judge,
    memory: Memory,
    now: Seen,
    extracts: "_Extracts",
) -> list[Finding]:
    """The findings of rules of the scope LINK, of which only some places are judged again."""
    before = memory.seen
    if before is None or before.customs != now.customs:
        if books.are_made:
            whole = [finding for rule in rules for finding in judge(rule, books)]
            return _remembered(whole, memory, now)
        batches: Iterable[_Wanted] = _batches(parts)
    elif (before.files, before.accounts) == (now.files, now.accounts) and not before.places:
        return []
    else:
        batches = [_again(before, now, books, parts)]
    found: list[Finding] = []
    for wanted in batches:
        judged = {piece: piece.transactions(places) for piece, places in wanted.items() if places}
        if before is None:  # while they are at hand: nobody makes them a second time
            extracts.keep(judged)
        again, seen = _in_sight(judged, books, parts)
        view = _only(books, seen)
        found += [
            finding
            for rule in rules
            for finding in judge(rule, view)
            if (finding.file, finding.line) in again
        ]
    return _remembered(found, memory, now)


def _remembered(found: list[Finding], memory: Memory, now: Seen) -> list[Finding]:
    places = sorted({(finding.file, finding.line) for finding in found})
    memory.keep(replace(now, places=places))
    return found


_Wanted = dict[Piece, set[int]]  # places to be judged
_Judged = dict[Piece, dict[int, data.Transaction]]  # what stands there
_BATCH = 20_000  # directives: what is judged for the first time is not all held at once


def _batches(parts: Parts) -> Iterator[_Wanted]:
    """All places, some pieces at a time."""
    batch: _Wanted = {}
    size = 0
    for piece in parts.pieces:
        batch[piece] = set(piece.places)
        size += len(batch[piece])
        if size >= _BATCH:
            yield batch
            batch, size = {}, 0
    if batch:
        yield batch


def _again(before: Seen, now: Seen, books: Books, parts: Parts) -> _Wanted:
    """The places that an edit makes it necessary to judge again."""
    names = before.accounts.keys() | now.accounts.keys()
    changed = {a for a in names if before.accounts.get(a) != now.accounts.get(a)}
    links: set[str] = set()
    wanted: _Wanted = {}
    unseen = [
        piece
        for sheaf in parts.sheaves
        if sheaf not in before.sheaves or not sheaf.accounts.isdisjoint(changed)
        for piece in sheaf.pieces
    ]
    for piece in unseen:
        ident, leaf = before.files.get(piece.name, ("", ""))
        if ident == piece.ident and not piece.accounts & changed:
            continue
        wanted[piece] = set(piece.places)
        links |= piece.links.keys()
        if leaf and leaf != piece.leaf.key:
            links |= set(parts.once_linked(leaf))
    for file in before.files.keys() - now.files.keys():
        links |= set(parts.once_linked(before.files[file][1]))
    lines: dict[str, list[int]] = {}
    for file, line in before.places:
        lines.setdefault(str(books.base / file), []).append(line)
    for sheaf in parts.sheaves:
        for piece in sheaf.linked(links):
            wanted.setdefault(piece, set()).update(_places(piece, links))
        for name in sheaf.by_name.keys() & lines.keys():
            piece = sheaf.by_name[name]
            wanted.setdefault(piece, set()).update(piece.places_on(lines[name]))
    return wanted


def _in_sight(
    judged: _Judged, books: Books, parts: Parts
) -> tuple[set[tuple[str, int]], list[data.Transaction]]:
    """The files and lines to be judged, and the transactions to be seen for that: those and their
    partners."""
    shown = cache(books.relative)
    again = {
        (shown(str(txn.meta["filename"])), int(txn.meta["lineno"]))
        for txns in judged.values()
        for txn in txns.values()
    }
    partners = {
        link for txns in judged.values() for txn in txns.values() for link in txn.links or ()
    }
    seen: list[data.Transaction] = []
    concerned = {piece for sheaf in parts.sheaves for piece in sheaf.linked(partners)}
    concerned |= judged.keys()
    for piece in parts.pieces:
        if piece not in concerned:
            continue
        have = judged.get(piece, {})
        more = piece.transactions(_places(piece, partners) - have.keys())
        seen += [txn for _, txn in sorted((have | more).items())]
    return again, seen


def _places(piece: Piece, links: Set[str]) -> set[int]:
    """The places of the piece's transactions that carry one of the links."""
    return {place for link in piece.links.keys() & links for place in piece.links[link]}


class _Extracts:
    """Of each piece the transactions that one of some rules looks at."""

    def __init__(self, rules: Sequence[Rule], books: Books, parts: Parts, now: Seen) -> None:
        self._rules = rules
        # several rules look at the same: each function is asked once
        self._looks = tuple(dict.fromkeys(rule.looks_at for rule in rules if rule.looks_at))
        self._books = books
        self._parts = parts
        self._now = now

    def books(self) -> Books:
        """The books with no other transactions than those."""
        at_hand: dict[str, list[data.Transaction]] | None = None
        if self._books.are_made:
            at_hand = {piece.name: [] for piece in self._parts.pieces}
            for txn in self._books.transactions:
                at_hand[txn.meta["filename"]].append(txn)
        codes = [rule.code for rule in self._rules]
        found: list[data.Transaction] = []
        for sheaf in self._parts.sheaves:
            declared = {account: self._now.accounts.get(account) for account in sheaf.accounts}
            said = [codes, self._now.customs, declared]
            if sheaf.memo.get("said") != said:
                looked_at = [
                    txn
                    for piece in sheaf.pieces
                    for txn in self._of(piece, at_hand[piece.name] if at_hand else None)
                ]
                sheaf.memo.update(said=said, looked_at=looked_at)
            found += sheaf.memo["looked_at"]
        return _only(self._books, found)

    def keep(self, whole: _Judged) -> None:
        """Looks at pieces of which all transactions are at hand, so that it is known later."""
        for piece, transactions in whole.items():
            self._of(piece, transactions.values())

    def _of(
        self, piece: Piece, at_hand: Iterable[data.Transaction] | None
    ) -> list[data.Transaction]:
        declared = [self._now.accounts.get(account, "") for account in sorted(piece.accounts)]
        name = digest([self._now.customs, declared])
        return self._parts.extract(piece, name, self._is_looked_at, at_hand)

    def _is_looked_at(self, txn: data.Transaction) -> bool:
        return any(looks_at(txn, self._books) for looks_at in self._looks)


def _only(books: Books, transactions: Iterable[data.Transaction]) -> Books:
    """The books with no other transactions than these, which come in the order of the files."""
    entries = [*books.standing, *transactions]
    return replace(books, entries=sorted(entries, key=data.entry_sortkey), parts=None)


def _seen(books: Books, parts: Parts) -> Seen:
    files = dict(chain.from_iterable(sheaf.idents.items() for sheaf in parts.sheaves))
    return Seen(files, _customs(books), _accounts(books), (), parts.sheaves)


def _customs(books: Books) -> str:
    """What the registry and policy say, wherever it stands."""
    return digest([_said(e) for e in books.standing if isinstance(e, data.Custom)])


def _accounts(books: Books) -> dict[str, str]:
    """What is said of each account, wherever it stands."""
    said: dict[str, list[Any]] = {}
    for entry in books.standing:
        if isinstance(entry, data.Open | data.Close):
            said.setdefault(entry.account, []).append(_said(entry))
    return {account: digest(each) for account, each in said.items()}


def _said(entry: data.Directive) -> list[Any]:
    kind, day, (_, _, meta), *values = slim(entry, "")
    return [kind, day, meta, values]
