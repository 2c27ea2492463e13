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
        self._rules = [rule for rule in rules if rule.looks_at]
        self._books = books
        self._asked: dict[Hashable, list[Rule]] = {}
        # of each shape: the answer, or who has to look closer
        self._known: dict[Hashable, bool | tuple[_Closer, ...]] = {}

    def __call__(self, txn: data.Transaction) -> bool:
        drawn = sketch(txn)
        answer = self._known.get(drawn)
        if answer is None:
            closer = dict.fromkeys(rule.looks_closer for rule in self._of(txn, drawn))
            known = tuple(each for each in closer if each)
            answer = self._known[drawn] = known if known and None not in closer else bool(closer)
        if answer is True or answer is False:
            return answer
        return any(closer(txn, self._books) for closer in answer)

    def concerned(self, transactions: Iterable[data.Transaction]) -> set[str]:
        """The codes of the rules that look at any of these: to all others they are as nothing."""
        found: set[str] = set()
        for txn in transactions:
            for rule in self._of(txn, sketch(txn)):
                if rule.code in found:
                    continue
                if rule.looks_closer is None or rule.looks_closer(txn, self._books):
                    found.add(rule.code)
        return found

    def _of(self, txn: data.Transaction, drawn: Hashable) -> list[Rule]:
        """The rules that look at the shape of the transaction."""
        if drawn not in self._asked:
            shape, books = shape_of(txn), self._books
            self._asked[drawn] = [r for r in self._rules if r.looks_at and r.looks_at(shape, books)]
        return self._asked[drawn]
