"""Which transactions some rules look at: asked once for each shape, not for each transaction.

Nearly all transactions are of no interest to any rule, and look like thousands of others. A rule
says of a shape whether it looks at transactions of it, and of some shapes (a cost, which may be
large enough to need a receipt) it looks closer, at each transaction.
"""

from collections.abc import Callable, Hashable, Iterable

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import shape_of, sketch
from plugins.rule import Rule

_Closer = Callable[[data.Transaction, Books], bool]


class Looks:
    """Says of a transaction whether one of the rules looks at it."""

    def __init__(self, rules: Iterable[Rule], books: Books) -> None:
        self._rules = tuple(rules)
        self._books = books
        # of each shape: who looks closer (None: nobody needs to), for which rules
        self._asked: dict[Hashable, dict[_Closer | None, set[str]]] = {}
        # of each shape: the answer, or who has to look closer
        self._known: dict[Hashable, bool | tuple[_Closer, ...]] = {}

    def __call__(self, txn: data.Transaction) -> bool:
        drawn = sketch(txn)
        answer = self._known.get(drawn)
        if answer is None:
            asked = self._of(txn, drawn)
            closer = tuple(each for each in asked if each)
            answer = self._known[drawn] = None in asked or (closer or False)
        if answer is True or answer is False:
            return answer
        return any(closer(txn, self._books) for closer in answer)

    def concerned(self, transactions: Iterable[data.Transaction]) -> set[str]:
        """The codes of the rules that look at any of these: to all others they are as nothing."""
        found: set[str] = set()
        for txn in transactions:
            for closer, codes in self._of(txn, sketch(txn)).items():
                if not codes <= found and (closer is None or closer(txn, self._books)):
                    found |= codes
        return found

    def _of(self, txn: data.Transaction, drawn: Hashable) -> dict[_Closer | None, set[str]]:
        asked = self._asked.get(drawn)
        if asked is None:
            shape = shape_of(txn)
            asked = self._asked[drawn] = {}
            for rule in self._rules:
                if rule.looks_at and rule.looks_at(shape, self._books):
                    asked.setdefault(rule.looks_closer, set()).add(rule.code)
        return asked
