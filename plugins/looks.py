"""Which transactions some rules look at: asked once for each shape, not for each transaction.

Nearly all transactions are of no interest to any rule, and look like thousands of others. A rule
says of a shape whether it looks at transactions of it, and of some shapes (a cost, which may be
large enough to need a receipt) it looks closer, at each transaction.
"""

from collections.abc import Callable, Collection, Hashable, Iterable

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape, shape_of, sketch
from plugins.rule import Rule

_Closer = Callable[[data.Transaction, Books], bool]
_Answer = Callable[[data.Transaction], bool]


class Looks:
    """Says of a transaction whether one of the rules looks at it."""

    def __init__(self, rules: Iterable[Rule], books: Books) -> None:
        self._rules = tuple(rules)
        self._books = books
        # of each shape: who looks closer (None: nobody needs to), for which rules
        self._asked: dict[Hashable, dict[_Closer | None, set[str]]] = {}
        # of each shape: what answers for its transactions
        self._known: dict[Hashable, _Answer] = {}

    def __call__(self, txn: data.Transaction) -> bool:
        drawn = sketch(txn)
        answer = self._known.get(drawn)
        if answer is None:
            answer = self._known[drawn] = self._answer(txn, self._of(txn, drawn))
        return answer(txn)

    def at(self, txn: data.Transaction, concerned: set[str]) -> bool:
        """The same, with the codes of the rules that look at it added to ``concerned``: to all
        others it is as nothing."""
        drawn = sketch(txn)
        answer = self._known.get(drawn)
        if answer is None:
            answer = self._known[drawn] = self._answer(txn, self._of(txn, drawn))
        looks = answer(txn)
        if looks:
            self._add(concerned, txn, drawn)
        return looks

    def concerned(self, transactions: Iterable[data.Transaction]) -> set[str]:
        """The codes of the rules that look at any of these."""
        found: set[str] = set()
        for txn in transactions:
            self._add(found, txn, sketch(txn))
        return found

    def _add(self, found: set[str], txn: data.Transaction, drawn: Hashable) -> None:
        for closer, codes in self._of(txn, drawn).items():
            if not codes <= found and (closer is None or closer(txn, self._books)):
                found |= codes

    def _answer(self, txn: data.Transaction, asked: Collection[_Closer | None]) -> _Answer:
        """What answers for the transactions of this one's shape."""
        closer = [self._dismissing(each, shape_of(txn)) for each in asked if each]
        if None in asked or not closer:
            found = None in asked
            return lambda _: found
        if len(closer) == 1:  # nearly always
            return closer[0]
        return lambda txn: any(look(txn) for look in closer)

    def _dismissing(self, closer: _Closer, shape: Shape) -> _Answer:
        """A closer look, but not at what can be dismissed at a glance."""
        books = self._books
        dismisses = next((r.dismisses for r in self._rules if r.looks_closer is closer), None)
        is_nothing = dismisses(shape, books) if dismisses else None
        if is_nothing is None:
            return lambda txn: closer(txn, books)
        return lambda txn: not is_nothing(txn) and closer(txn, books)

    def _of(self, txn: data.Transaction, drawn: Hashable) -> dict[_Closer | None, set[str]]:
        asked = self._asked.get(drawn)
        if asked is None:
            shape = shape_of(txn)
            asked = self._asked[drawn] = {}
            for rule in self._rules:
                if rule.looks_at and rule.looks_at(shape, self._books):
                    asked.setdefault(rule.looks_closer, set()).add(rule.code)
        return asked
