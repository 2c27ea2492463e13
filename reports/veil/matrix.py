"""Who owes whom at the end of a day, and who paid whom in a period, as both books have it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.journal.books import Books
from core.period import Period
from plugins.veil.owed import DUES, LOANS, Debt, Move, debts
from plugins.veil.transfers import pair_links
from reports.veil.crossings import ZERO, is_seen, parts
from reports.veil.papers import at

DUE, LOAN = "due", "loan"


@dataclass(frozen=True)
class Gap:
    """A link whose entries leave the two books apart: what each side has of it, and where."""

    link: str
    creditors: Decimal
    debtors: Decimal
    where: tuple[str, ...]


@dataclass(frozen=True)
class Owed:
    """What ``debtor`` owes ``creditor`` on dues or loans (``kind``), by each one's books; None:
    those books are not here. ``gaps`` say where the two part."""

    debtor: str
    creditor: str
    kind: str
    currency: str
    creditors: Decimal | None
    debtors: Decimal | None
    gaps: tuple[Gap, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both books say the same, as far as both are here."""
        return None in (self.creditors, self.debtors) or self.creditors == self.debtors

    @property
    def amount(self) -> Decimal:
        """The creditor's view; the debtor's where the creditor's books are not here or have
        nothing of it."""
        return self.creditors or self.debtors or ZERO


@dataclass(frozen=True)
class Paid:
    """What ``giver`` gave ``receiver`` in one class, net of each entry's own credits, by each
    one's books; None: those books are not here."""

    giver: str
    receiver: str
    transfer: str
    currency: str
    givers: Decimal | None
    receivers: Decimal | None

    @property
    def agrees(self) -> bool:
        """Whether both books say the same, as far as both are here."""
        return None in (self.givers, self.receivers) or self.givers == self.receivers

    @property
    def amount(self) -> Decimal:
        """The giver's view; the receiver's where there is no other."""
        return self.givers or self.receivers or ZERO


@dataclass(frozen=True)
class Matrix:
    """Both, between the entities that appear in either."""

    day: dt.date
    owed: tuple[Owed, ...]
    paid: tuple[Paid, ...]

    @property
    def entities(self) -> tuple[str, ...]:
        """Who appears, by name."""
        found = {name for o in self.owed for name in (o.debtor, o.creditor)}
        return tuple(sorted(found | {name for p in self.paid for name in (p.giver, p.receiver)}))

    def around(self, entity: str) -> "Matrix":
        """Only what ``entity`` is part of."""
        return Matrix(
            self.day,
            tuple(o for o in self.owed if entity in (o.debtor, o.creditor)),
            tuple(p for p in self.paid if entity in (p.giver, p.receiver)),
        )


def matrix(books: Books, period: Period, day: dt.date) -> Matrix:
    """Who owes whom at the end of ``day``, and who paid whom in the period."""
    owed = [
        _owed(debt, kind, sides, day, books)
        for kind, sides in ((DUE, DUES), (LOAN, LOANS))
        for debt in debts(books, books.transactions, sides)
    ]
    shown = [each for each in owed if each.amount or not each.agrees]
    shown.sort(key=lambda o: (o.debtor, o.creditor, o.kind, o.currency))
    return Matrix(day, tuple(shown), _paid(books, period))


def _owed(debt: Debt, kind: str, sides: tuple[str, str], day: dt.date, books: Books) -> Owed:
    views = [
        debt.balance(role, day) if is_seen(name, books) else None
        for role, name in zip(sides, (debt.creditor, debt.debtor), strict=True)
    ]
    found = Owed(debt.debtor, debt.creditor, kind, debt.currency, views[0], views[1])
    if found.agrees:
        return found
    gaps = _gaps([m for m in debt.moves if m.date <= day], sides, books)
    return Owed(debt.debtor, debt.creditor, kind, debt.currency, views[0], views[1], gaps)


def _gaps(moves: Sequence[Move], sides: tuple[str, str], books: Books) -> tuple[Gap, ...]:
    by_link: dict[str, list[Move]] = {}
    for move in moves:
        links = pair_links(move.txn)
        by_link.setdefault(links[0] if links else at(move.txn, books), []).append(move)
    gaps = []
    for link, each in by_link.items():
        mine, theirs = (sum((m.number for m in each if m.role == role), ZERO) for role in sides)
        if mine != theirs:
            where = tuple(dict.fromkeys(at(m.txn, books) for m in each))
            gaps.append(Gap(link, mine, theirs, where))
    return tuple(gaps)


def _paid(books: Books, period: Period) -> tuple[Paid, ...]:
    sums: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for part in parts(books):
        net = part.gave - part.received
        if not net or not period.first <= part.date <= period.last:
            continue
        pair = (part.entity, part.party) if net > 0 else (part.party, part.entity)
        both = sums.setdefault((*pair, part.transfer, part.currency), [ZERO, ZERO])
        both[0 if net > 0 else 1] += abs(net)
    return tuple(
        Paid(
            giver,
            receiver,
            transfer,
            currency,
            givers if is_seen(giver, books) else None,
            receivers if is_seen(receiver, books) else None,
        )
        for (giver, receiver, transfer, currency), (givers, receivers) in sorted(sums.items())
    )
