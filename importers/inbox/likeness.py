"""What an undecided line may be: like what it was decided before, and with what reason.

A suggestion is shown and never done. It comes from reviewed entries of the same entity alone: from
those whose payee is like the line's, and, where the extra ``[ml]`` is installed, from what
``importers/inbox/learned.py`` learned of all of them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from core.entity import Account
from core.journal.books import Books
from importers.inbox.items import InboxItem
from importers.inbox.learned import predictions
from importers.inbox.reviewed import Decision, normalised, reviewed

# Below this, in percent of their words, two payees have a town or a word like "payment" in common.
_LIKE = 85
# The same shop, but money goes the other way: a refund, perhaps.
_OTHER_WAY = 15
# So many payees of a word say that the word is no name ("payment", "transfer").
_COMMON = 500
_LETTERS = 4


@dataclass(frozen=True)
class Suggestion:
    """An account for an undecided line, why, and how sure that is, in percent."""

    account: str
    reason: str
    weight: int


@dataclass
class _Known:
    """What was decided of one payee, against one account, with money going one way."""

    text: str
    account: str
    into: bool
    count: int = 0
    last: dt.date = dt.date.min


@dataclass
class _Index:
    """The payees of one entity: what was decided of each, and where each word's beginning is."""

    known: dict[str, dict[tuple[str, bool], _Known]] = field(default_factory=dict)
    by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, decision: Decision) -> None:
        name = normalised(decision.text)
        if not name:
            return
        of_payee = self.known.setdefault(name, {})
        key = (decision.account, decision.into)
        known = of_payee.setdefault(key, _Known(decision.text, *key))
        known.count += 1
        if decision.date >= known.last:
            known.last, known.text = decision.date, decision.text
        for word in name.split():
            self.by_word[word[:_LETTERS]].add(name)

    def like(self, name: str) -> list[tuple[str, int]]:
        """The payees like ``name``, each with how like, in percent; in a fixed order."""
        by_word = [self.by_word.get(word[:_LETTERS], set()) for word in name.split()]
        telling = [names for names in by_word if len(names) <= _COMMON]
        # Of nothing but common words only the same ones are like it.
        names = set().union(*telling) or self.known.keys() & {name}
        found = process.extract(
            name, sorted(names), scorer=fuzz.token_set_ratio, score_cutoff=_LIKE, limit=20
        )
        # "Staples" is in "Staples Portland" whole, and yet a little less like it than like itself.
        return [
            (payee, round((2 * score + fuzz.token_sort_ratio(name, payee)) / 3))
            for payee, score, _ in found
        ]


def suggestions(
    items: Iterable[InboxItem], books: Books, limit: int = 3
) -> Mapping[str, tuple[Suggestion, ...]]:
    """For each item (by its id) up to ``limit`` accounts, the likeliest first; maybe none."""
    items = list(items)
    if not items:
        return {}
    history = reviewed(books)
    indexes: dict[str, _Index] = defaultdict(_Index)
    for decision in history:
        indexes[decision.entity].add(decision)
    learned = predictions(items, history)
    found = {}
    for item in items:
        proposed = _by_likeness(item, indexes[item.entity])
        if item.id in learned:
            account, reason = learned[item.id]
            proposed.append(Suggestion(account, reason, _LIKE - _OTHER_WAY))
        found[item.id] = _best(proposed, item, books.accounts, limit)
    return found


def _by_likeness(item: InboxItem, index: _Index) -> list[Suggestion]:
    name = normalised(item.txn.payee or item.txn.narration or "")
    proposed = []
    for payee, score in index.like(name) if name else ():
        of_payee = index.known[payee].values()
        total = sum(known.count for known in of_payee)
        for known in of_payee:
            weight = score if known.into == (item.number > 0) else score - _OTHER_WAY
            times = "once" if known.count == 1 else f"{known.count} times"
            times += "" if known.count == total else f" of {total}"
            # Half of the decisions weigh less than all of them, and never nothing.
            weight -= (_OTHER_WAY * (total - known.count)) // total
            reason = f"like '{known.text}' of {known.last}, decided so {times}"
            proposed.append(Suggestion(known.account, reason, weight))
    return proposed


def _best(
    proposed: Sequence[Suggestion], item: InboxItem, accounts: Mapping[str, Account], limit: int
) -> tuple[Suggestion, ...]:
    """One suggestion for each account that the item can be booked against, the likeliest first."""
    best: dict[str, Suggestion] = {}
    # Of two that weigh the same the first one stays: likeness goes before what was learned.
    for suggestion in sorted(proposed, key=lambda s: -s.weight):
        account = accounts.get(suggestion.account)
        if account and account.entity == item.entity and account.is_open(item.txn.date):
            best.setdefault(suggestion.account, suggestion)
    return tuple(best.values())[:limit]
