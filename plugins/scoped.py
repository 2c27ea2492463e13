"""Rules on books in pieces: after an edit each rule sees what it must see again, and no more.

Rules of the scope LINK see the transactions of the files that changed, those linked with them now
or before, and those they found something about the last time; all others were in order when they
were last seen, and still are. Rules of the scope DECLARED see no transaction. All others see what
they look at, which is kept for each file. A change of the registry or of policy shows all to all.
"""

from collections.abc import Callable, Iterable, Sequence, Set
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
from plugins.looks import Looks
from plugins.memory import Memory, Seen
from plugins.rule import Rule, Scope
from plugins.sight import Sight, looked_at
from plugins.verdicts import Verdicts

Judge = Callable[[Rule, Books], Iterable[Finding]]


def all_findings(rules: Sequence[Rule], books: Books, judge: Judge) -> list[Finding]:
    """What ``judge`` says of every rule on the books, seen as far as is needed."""
    if books.parts is not None:
        try:
            return _piecewise(rules, books, books.parts, judge)
        except GoneError:
            pass  # what is needed of the past is no longer kept: look at everything
    shown = looked_at(rules, books)
    return [finding for rule in rules for finding in judge(rule, shown(rule))]


def _piecewise(rules: Sequence[Rule], books: Books, parts: Parts, judge: Judge) -> list[Finding]:
    now = _seen(books, parts)
    sight = Sight(rules, books, parts, now)
    linked = [rule for rule in rules if rule.scope is Scope.LINK]
    found = _linked(linked, books, sight, parts, judge, now)
    verdicts = Verdicts(books, parts, sight.lines)
    for rule in rules:
        if rule.scope is not Scope.LINK:
            found += _kept(rule, sight, verdicts, judge)
    return found


def _kept(rule: Rule, sight: Sight, verdicts: Verdicts, judge: Judge) -> Sequence[Finding]:
    """What the rule finds: as the last time, where it would see the same."""
    seen = sight.ident(rule)
    found = verdicts.known(rule, seen)
    if found is None:
        with sight.asked.hearing() as asked:
            found = list(judge(rule, sight.of(rule)))
        verdicts.keep(rule, seen, asked, found)
    return found


def _linked(
    rules: Sequence[Rule],
    books: Books,
    sight: Sight,
    parts: Parts,
    judge: Judge,
    now: Seen,
) -> list[Finding]:
    """The findings of rules of the scope LINK, of which only some places are judged again."""
    memory = Memory.of(parts, f"rules {books.root} {books.kind}")
    before = memory.seen
    if before is None or before.customs != now.customs:
        found = [finding for rule in rules for finding in judge(rule, sight.of(rule))]
    elif (before.files, before.accounts) == (now.files, now.accounts) and not before.places:
        return []
    else:
        wanted = _again(before, now, books, parts)
        judged = {piece: piece.transactions(places) for piece, places in wanted.items() if places}
        again, seen = _in_sight(judged, books, parts)
        view = books.only(filter(Looks(rules, books), seen))
        found = [
            finding
            for rule in rules
            for finding in judge(rule, view)
            if (finding.file, finding.line) in again
        ]
    places = sorted({(finding.file, finding.line) for finding in found})
    memory.keep(replace(now, places=places))
    return found


_Wanted = dict[Piece, set[int]]  # places to be judged
_Judged = dict[Piece, dict[int, data.Transaction]]  # what stands there


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
