"""Which transactions some rules look at: asked once for each shape, not for each transaction.

Nearly all transactions are of no interest to any rule, and look like thousands of others. A rule
says of a shape whether it looks at transactions of it, and of some shapes (a cost, which may be
large enough to need a receipt) it looks closer, at each transaction.
"""

from collections.abc import Callable, Hashable, Iterable

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape, shape_of, sketch
from plugins.rule import Rule

_Closer = Callable[[data.Transaction, Books], bool]


class Looks:
    """Says of a transaction whether one of the rules looks at it."""

    def __init__(self, rules: Iterable[Rule], books: Books) -> None:
        # several rules look at the same: each pair of functions is asked once
        asked = ((rule.looks_at, rule.looks_closer) for rule in rules if rule.looks_at)
        self._asked = tuple(dict.fromkeys(asked))
        self._books = books
        # of each shape: the answer, or who has to look closer
        self._known: dict[Hashable, bool | tuple[_Closer, ...]] = {}

    def __call__(self, txn: data.Transaction) -> bool:
        drawn = sketch(txn)
        answer = self._known.get(drawn)
        if answer is None:
            answer = self._known[drawn] = self._of(shape_of(txn))
        if answer is True or answer is False:
            return answer
        return any(closer(txn, self._books) for closer in answer)

    def _of(self, shape: Shape) -> bool | tuple[_Closer, ...]:
        found = [closer for looks_at, closer in self._asked if looks_at(shape, self._books)]
        if not found or None in found:
            return bool(found)
        return tuple(closer for closer in found if closer)
