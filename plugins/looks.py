"""Which transactions some rules look at: asked once for each shape, not for each transaction.

Nearly all transactions are of no interest to any rule, and look like thousands of others. A rule
says of a shape whether it looks at transactions of it, and of some shapes (a cost, which may be
large enough to need a receipt) it looks closer, at each transaction.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape, shape_of, sketch
from plugins.rule import Rule

_Closer = Callable[[data.Transaction, Books], bool]
_Answer = Callable[[data.Transaction], bool]


def _nobody(_: data.Transaction) -> bool:
    return False


def _somebody(_: data.Transaction) -> bool:
    return True


def _any(answers: Iterable[_Answer], txn: data.Transaction) -> bool:
    return any(answer(txn) for answer in answers)


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
        return (self._known.get(drawn) or self._answer(txn, drawn))(txn)

    def passing(
        self,
        transactions: Iterable[data.Transaction],
        found: list[data.Transaction],
        concerned: set[str],
    ) -> Iterator[data.Transaction]:
        """All transactions, as they come; those that a rule looks at are put with ``found``, and
        the codes of the rules that look at one of them with ``concerned``."""
        known = self._known
        for txn in transactions:
            drawn = sketch(txn)
            answer = known.get(drawn) or self._answer(txn, drawn)
            if answer is not _nobody and answer(txn):
                found.append(txn)
                self._add(concerned, txn, drawn)
            yield txn

    def concerned(self, transactions: Iterable[data.Transaction]) -> set[str]:
        """The codes of the rules that look at any of these: to all others they are as nothing."""
        found: set[str] = set()
        for txn in transactions:
            self._add(found, txn, sketch(txn))
        return found

    def _add(self, found: set[str], txn: data.Transaction, drawn: Hashable) -> None:
        for closer, codes in self._of(txn, drawn).items():
            if not codes <= found and (closer is None or closer(txn, self._books)):
                found |= codes

    def _answer(self, txn: data.Transaction, drawn: Hashable) -> _Answer:
        """What answers for the transactions of a shape that is seen for the first time."""
        asked = self._of(txn, drawn)
        closer = [self._dismissing(each, shape_of(txn)) for each in asked if each]
        if None in asked or not closer:
            answer: _Answer = _somebody if None in asked else _nobody
        elif len(closer) == 1:  # nearly always
            (answer,) = closer
        else:
            answer = partial(_any, closer)
        self._known[drawn] = answer
        return answer

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
