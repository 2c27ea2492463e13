"""Rules that decisions of persons speak for: the same payee, decided the same way again and again.

A proposal needs two decisions that agree and none that disagrees, and a pattern that catches
nothing in the whole history that was decided otherwise. It is shown with its reason; a person
writes it, or has it written.
"""

import datetime as dt
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.entity import Entity
from core.home import Home
from core.journal.books import Books
from importers.inbox.reviewed import normalised
from importers.rules.categorise import load_categoriser
from importers.rules.matches import Matcher
from importers.rules.origin import BookedLine, Origins
from importers.rules.text import NewRule

_ENOUGH = 2
# "A" begins half of all payees.
_LETTERS = 3
_OWN = frozenset({"bank", "card", "cash", "in-transit", "suspense"})


@dataclass(frozen=True)
class Proposal:
    """A rule with the reason for it; ``waiting`` are the lines in the inbox that it would catch."""

    entity: Entity
    rule: NewRule
    reason: str
    waiting: int


@dataclass(frozen=True)
class _Seen:
    """A line of the history: what the bank called it (``raw``; ``payee`` with single blanks), and
    where it went ("" while it waits)."""

    raw: str
    payee: str
    direction: str
    account: str
    date: dt.date
    by_person: bool
    is_caught: bool


def proposals(
    entity: Entity, booked: Iterable[BookedLine], found: Origins, *, home: Home, books: Books
) -> list[Proposal]:
    """The rules proposed for ``entity`` from those of the ``booked`` lines that are its own, the
    one with most decisions first."""
    matcher = Matcher(load_categoriser(home, entity, books))
    seen = [
        _seen(line, found, matcher, books)
        for line in booked
        if books.registry.ent(line.posting.account) == entity.name
    ]
    groups: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    for line in seen:
        if line.by_person and line.payee:
            groups[normalised(line.payee), line.direction].append(line)
    history = _History(seen)
    proposed: list[Proposal] = []
    for lines in sorted(groups.values(), key=lambda g: (-len(g), g[0].payee, g[0].direction)):
        agree = len({line.account for line in lines}) == 1 and len(lines) >= _ENOUGH
        account = books.accounts.get(lines[0].account)
        if not agree or account is None or account.closed:
            continue
        if any(line.is_caught for line in lines) or _is_covered(lines, proposed):
            continue
        proposal = _proposal(entity, lines, history)
        if proposal is not None:
            proposed.append(proposal)
    return proposed


def _is_covered(lines: Sequence[_Seen], proposed: Iterable[Proposal]) -> bool:
    """Whether a rule that is proposed already would catch all of them."""
    rules = [p.rule for p in proposed if p.rule.direction == lines[0].direction]
    return any(
        all(re.search(rule.pattern, line.raw, re.IGNORECASE) for line in lines) for rule in rules
    )


def _seen(line: BookedLine, found: Origins, matcher: Matcher, books: Books) -> _Seen:
    said, txn = found.line(line), line.txn
    others = [p.account for place, p in enumerate(txn.postings) if place != line.own]
    waits = bool(txn.meta.get("review")) or any(books.role(a) == "suspense" for a in others)
    plain = len(others) == 1 and books.role(others[0]) not in _OWN and not said.splits
    crosses = bool(txn.meta.get("transfer")) or any(x.startswith("ic-") for x in txn.links or ())
    by_person = txn.flag == "*" and not waits and plain and not crosses
    return _Seen(
        raw=said.payee,
        payee=" ".join(said.payee.split()),
        direction="in" if said.amount > 0 else "out",
        account="" if waits else ", ".join(others),
        date=txn.date,
        by_person=by_person and not txn.meta.get("rule"),
        is_caught=matcher.decide(said, line.posting.account) is not None,
    )


class _History:
    """All lines of an entity, by how their payee begins."""

    def __init__(self, seen: Iterable[_Seen]) -> None:
        self._lines = sorted(seen, key=lambda line: line.payee.casefold())
        self._payees = [line.payee.casefold() for line in self._lines]

    def caught(self, beginning: str, pattern: str, direction: str) -> list[_Seen]:
        """The lines that a pattern which begins with ``beginning`` would catch."""
        search = re.compile(pattern, re.IGNORECASE).search
        found = []
        place = bisect_left(self._payees, beginning.casefold())
        while place < len(self._payees) and self._payees[place].startswith(beginning.casefold()):
            line = self._lines[place]
            if line.direction == direction and search(line.raw):
                found.append(line)
            place += 1
        return found


def _proposal(entity: Entity, lines: Sequence[_Seen], history: _History) -> Proposal | None:
    beginning = _beginning([line.payee for line in lines])
    if len(re.findall(r"[^\W\d_]", beginning)) < _LETTERS:
        return None
    direction, account = lines[0].direction, lines[0].account
    whole = {line.payee.casefold() for line in lines} == {beginning.casefold()}
    blank = " " if all(line.raw == line.payee for line in lines) else r"\s+"
    escaped = re.escape(beginning).replace(r"\ ", blank)
    pattern = f"^{escaped}$" if whole else rf"^{escaped}(?!\w)"
    caught = history.caught(beginning, pattern, direction)
    if any(line.account not in {"", account} for line in caught):
        return None
    waiting = sum(1 for line in caught if not line.account)
    days = sorted(line.date for line in lines)
    way = "to" if direction == "out" else "from"
    reason = (
        f"{len(lines)} of {len(lines)} lines {way} {beginning} ({days[0]} to {days[-1]}) were "
        f"decided {account}"
    )
    return Proposal(entity, NewRule(beginning, pattern, direction, account), reason, waiting)


def _beginning(payees: Sequence[str]) -> str:
    """The words that all of them begin with, without the number of a shop, a day or a card."""
    common: list[str] = []
    for words in zip(*(payee.split() for payee in payees), strict=False):
        same = len({word.casefold() for word in words}) == 1
        if not same or any(map(str.isdigit, words[0])):
            break
        common.append(words[0])
    return re.sub(r"\W+$", "", " ".join(common))
