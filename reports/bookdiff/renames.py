"""Consistent renames of accounts: all that was posted to one is posted to another, new one.

A rename leads from an account that is gone to one that was not there, one to one, of the same kind
and owner. Accounts that were merged, split or swapped are no renames: their transactions moved.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.fuzz import ratio

from core.entity import Account
from core.journal.books import Books
from reports.bookdiff.legs import said
from reports.bookdiff.loose import Loose, Residue
from reports.bookdiff.market import root_of

# A rename carries at least this share of the account's postings; the rest may have been edited.
_MOST = 0.5
# Of an account that was split, another new one has at least this share.
_SPLIT = 0.25


@dataclass(frozen=True)
class _Votes:
    """How many postings gone accounts share with new ones, and how many they have."""

    shared: Counter[tuple[str, str]]
    gone: Counter[str]
    new: Counter[str]

    def share(self, gone: str, new: str) -> float:
        """The part of the gone account's postings that the new one has."""
        return self.shared[gone, new] / self.gone[gone]


def renames(left: Residue, base: Books, head: Books) -> dict[str, str]:
    """Old to new name of each account that was renamed."""
    gone = _named(base, left.base) - _named(head, left.head)
    new = _named(head, left.head) - _named(base, left.base)
    if not gone or not new:
        return {}
    votes = _votes(left, gone, new)
    fits = [pair for pair in votes.shared if _same_owner(*pair, base, head)]
    fits = [pair for pair in fits if votes.share(*pair) >= _MOST]
    fits.sort(key=lambda pair: (-votes.share(*pair), -ratio(*pair), pair))
    found = _one_to_one(fits)
    for old, other in _doubtful(fits, found, votes):
        if found.get(old) == other:
            del found[old]
    found |= _unused(gone - found.keys(), new - set(found.values()), votes, base, head)
    return dict(sorted(found.items()))


def _named(books: Books, txns: Iterable[Loose]) -> set[str]:
    """The accounts that are open, or posted to by what is loose."""
    return set(books.accounts).union(*(txn.accounts for txn in txns))


def _votes(left: Residue, gone: set[str], new: set[str]) -> _Votes:
    before, after = _marks(left.base, gone), _marks(left.head, new)
    shared: Counter[tuple[str, str]] = Counter()
    for mark in before.keys() & after.keys():
        for old, count in before[mark].items():
            for other, more in after[mark].items():
                shared[old, other] += min(count, more)
    return _Votes(shared, _total(before.values()), _total(after.values()))


def _marks(txns: Iterable[Loose], wanted: set[str]) -> dict[Any, Counter[str]]:
    """What a posting is known by besides its account, and which accounts have it how often."""
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for txn in txns:
        for leg in txn.legs:
            if leg.account in wanted:
                mark = (txn.date, leg.number, leg.currency, txn.payee, txn.narration)
                found[mark][leg.account] += 1
    return found


def _total(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _same_owner(old: str, new: str, base: Books, head: Books) -> bool:
    same_root = root_of(old, base) == root_of(new, head)
    return same_root and base.registry.ent(old) == head.registry.ent(new)


def _one_to_one(fits: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The best fits first, each account once."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for old, new in fits:
        if old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _doubtful(
    fits: Iterable[tuple[str, str]], found: Mapping[str, str], votes: _Votes
) -> list[tuple[str, str]]:
    """Pairs that look like a rename and are part of a merge or a split."""
    olds = {new: old for old, new in found.items()}
    doubtful = [(olds[new], new) for old, new in fits if old not in found and new in olds]
    for (old, new), count in votes.shared.items():
        aside = new not in olds and old in found
        if aside and count >= _SPLIT * votes.gone[old] and count >= _MOST * votes.new[new]:
            doubtful.append((old, found[old]))
    return doubtful


def _unused(
    gone: set[str], new: set[str], votes: _Votes, base: Books, head: Books
) -> dict[str, str]:
    """Accounts without postings whose open directives say the same, in an order of their own."""
    before, after = (
        _by_opening({name for name in names if not posted[name]}, books)
        for names, posted, books in ((gone, votes.gone, base), (new, votes.new, head))
    )
    found = {}
    for opening, olds in before.items():
        others = after.get(opening, [])
        if len(olds) == len(others) == 1 and _same_owner(olds[0], others[0], base, head):
            found[olds[0]] = others[0]
    return found


def _by_opening(names: set[str], books: Books) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = defaultdict(list)
    for name in sorted(names):
        account = books.accounts.get(name)
        if account:
            found[_opening(account)].append(name)
    return found


def _opening(account: Account) -> Any:
    leaf = account.name.rpartition(":")[2]
    return account.opened, account.closed, account.currencies, leaf, said(account.meta)
