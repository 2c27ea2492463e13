"""What entities owe each other on due-from and due-to accounts, day by day.

``Assets:Acme:DueFrom:Harbor`` is what Harbor owes Acme in Acme's books; in Harbor's it is
``Liabilities:Harbor:DueTo:Acme``. The two are one debt, seen by the creditor and by the debtor.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape
from plugins.veil.transfers import posting_party

DUE_FROM, DUE_TO = "due-from", "due-to"
# Roles of the creditor's and the debtor's side.
DUES, LOANS = (DUE_FROM, DUE_TO), ("loan-to", "loan-from")


@dataclass(frozen=True)
class Move:
    """What one posting does to a debt: more of it is positive. ``role`` is the side it is seen
    from: ``due-from`` (of a loan ``loan-to``) in the creditor's books, ``due-to`` (or
    ``loan-from``) in the debtor's."""

    date: dt.date
    role: str
    number: Decimal
    account: str
    txn: data.Transaction


@dataclass
class Debt:
    """What a debtor owes a creditor in one currency, as both sides have booked it."""

    creditor: str
    debtor: str
    currency: str
    moves: list[Move] = field(default_factory=list)

    def balance(self, role: str, until: dt.date) -> Decimal:
        """What is owed at the end of a day, as one side has it."""
        return sum((m.number for m in self.moves if m.role == role and m.date <= until), Decimal(0))

    def payable(self, role: str, day: dt.date) -> Decimal:
        """What a payment of that day can still settle, as one side has it: what is owed at its end,
        as far as nothing later has settled it already."""
        later = {m.date for m in self.moves if m.role == role and m.date > day}
        return min(self.balance(role, each) for each in (day, *later))

    def open_items(self, role: str, until: dt.date) -> list[tuple[Move, Decimal]]:
        """What nothing has settled yet, as one side has it, with what is left of it, the oldest
        first; repayments settle the oldest first. What was overpaid is open as well (negative)."""
        waiting: list[tuple[Move, Decimal]] = []
        first = 0
        for move in sorted(self.moves, key=lambda move: move.date):
            if move.role != role or move.date > until or not move.number:
                continue
            left = move.number
            while left and first < len(waiting) and (waiting[first][1] > 0) != (left > 0):
                item, rest = waiting[first]
                settled = min(abs(rest), abs(left))
                left += settled if left < 0 else -settled
                rest += settled if rest < 0 else -settled
                if rest:
                    waiting[first] = item, rest
                else:
                    first += 1
            if left:
                waiting.append((move, left))
        return waiting[first:]

    def oldest_open(self, role: str, until: dt.date) -> Move | None:
        """The oldest move that nothing has settled yet, as one side has it."""
        items = self.open_items(role, until)
        return items[0][0] if items else None


def may_be_owed(shape: Shape, books: Books) -> bool:
    """Shapes that change a debt, and all halves of pairs."""
    return "ic" in shape.links or not {DUE_FROM, DUE_TO}.isdisjoint(shape.roles(books))


def debts(
    books: Books, transactions: Iterable[data.Transaction], sides: tuple[str, str] = DUES
) -> Sequence[Debt]:
    """Every debt between entities, by creditor, debtor and currency: dues, or ``LOANS``."""
    found: dict[tuple[str, str, str], Debt] = {}
    for txn, posting in _owing(books, transactions, sides):
        role, units = books.role(posting.account), posting.units
        owner = books.registry.ent(posting.account)
        party = posting_party(posting, books)
        known = books.registry.named(party)
        if not owner or not party or units is None or units.number is None:
            continue
        other = known.name if known else party
        is_creditor = role == sides[0]
        pair = (owner, other) if is_creditor else (other, owner)
        number = units.number if is_creditor else -units.number
        debt = found.setdefault((*pair, units.currency), Debt(*pair, units.currency))
        debt.moves.append(Move(txn.date, role, number, posting.account, txn))
    return [debt for _, debt in sorted(found.items())]


def _owing(
    books: Books, transactions: Iterable[data.Transaction], sides: tuple[str, str]
) -> Iterator[tuple[data.Transaction, data.Posting]]:
    for txn in transactions:
        for posting in txn.postings:
            if books.role(posting.account) in sides:
                yield txn, posting


def by_month(debt: Debt) -> Mapping[dt.date, Mapping[str, Decimal]]:
    """By the first day of each month with a move: what both sides' balances change by."""
    changes: dict[dt.date, dict[str, Decimal]] = {}
    for move in debt.moves:
        month = changes.setdefault(move.date.replace(day=1), {})
        month[move.role] = month.get(move.role, Decimal(0)) + move.number
    return dict(sorted(changes.items()))
