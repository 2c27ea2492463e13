"""What two entities owe each other, settled: one payment of the difference, both sides cleared.

Due-from and due-to are kept apart until they are settled; then each is brought to zero, and the
difference moves between the bank accounts.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import amount, data

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.journal.render import totally_priced
from core.money import at_cents
from plugins.veil.chart import Chart
from plugins.veil.owed import DUE_FROM, DUE_TO, Debt, debts
from plugins.veil.pairing import Payment, half
from plugins.veil.refusing import refuse_closed
from plugins.veil.transfers import keeps_books


@dataclass(frozen=True)
class Settlement:
    """In one currency: the payment (``number`` may be zero: what both owe is equal), and what the
    payer and the payee owe each other. ``paid`` and ``received`` are what moved on the bank of the
    one and of the other, where a bank converted (None: the payment's own amount)."""

    payment: Payment
    by_giver: Decimal
    by_receiver: Decimal
    paid: amount.Amount | None = None
    received: amount.Amount | None = None


def owed_between(one: str, other: str, day: dt.date, books: Books) -> list[Settlement]:
    """What settles the debts of two entities as they are at the end of a day, by currency.

    Raises UserError where the two sets of books disagree: there is nothing to settle by; and where
    a later entry has settled what was owed on the day.
    """
    found: dict[str, dict[str, Decimal]] = {}
    for debt in debts(books, books.transactions):
        if {debt.creditor, debt.debtor} == {one, other}:
            owed = found.setdefault(debt.currency, {one: Decimal(0), other: Decimal(0)})
            owed[debt.debtor] += _agreed(debt, day, books)
    out = []
    for currency, owed in sorted(found.items()):
        net = owed[one] - owed[other]
        giver, receiver = (one, other) if net >= 0 else (other, one)
        if owed[one] or owed[other]:
            paid = Payment(
                giver, receiver, abs(net), currency, "settlement", day, f"Settlement as of {day}"
            )
            out.append(Settlement(paid, owed[giver], owed[receiver]))
    return out


def _agreed(debt: Debt, day: dt.date, books: Books) -> Decimal:
    """What both sides say is owed; of an outside owner, the other side."""
    if not keeps_books(debt.debtor, books):
        return _still(debt, DUE_FROM, day)
    if not keeps_books(debt.creditor, books):
        return _still(debt, DUE_TO, day)
    mine, theirs = debt.balance(DUE_FROM, day), debt.balance(DUE_TO, day)
    if mine != theirs:
        raise UserError(
            f"on {day} {debt.creditor} has {at_cents(mine)} {debt.currency} due from {debt.debtor},"
            f" whose books owe {at_cents(theirs)}; nothing was written",
            hint="mend the side that is wrong first: 'books check' names the entry",
            code=EXIT_FINDINGS,
        )
    return min(_still(debt, DUE_FROM, day), _still(debt, DUE_TO, day))


def _still(debt: Debt, role: str, day: dt.date) -> Decimal:
    """What is owed at the end of a day; raises UserError where a later day has settled of it."""
    owed, payable = debt.balance(role, day), debt.payable(role, day)
    if payable < owed:
        last = max(move.date for move in debt.moves if move.role == role)
        raise UserError(
            f"of the {at_cents(owed)} {debt.currency} that {debt.debtor} owed {debt.creditor} on "
            f"{day}, {at_cents(owed - payable)} were settled later; nothing was written",
            hint=f"settle what is left with --date {last} or later",
            code=EXIT_FINDINGS,
        )
    return owed


def settled(settlement: Settlement, books: Books, link: str) -> list[data.Transaction]:
    """Both halves of the settlement, the payer's first; of an outside owner only the other's.

    Raises UserError where an account is missing, and where the month is closed.
    """
    payment = settlement.payment
    refuse_closed(books, (payment.giver, payment.receiver), payment.date)
    chart = Chart(books, payment.date, payment.currency)
    claim = amount.Amount(payment.number, payment.currency)
    halves = []
    for entity, other, owes, owed, moved, sign in (
        (
            payment.giver,
            payment.receiver,
            settlement.by_giver,
            settlement.by_receiver,
            settlement.paid or claim,
            -1,
        ),
        (
            payment.receiver,
            payment.giver,
            settlement.by_receiver,
            settlement.by_giver,
            settlement.received or claim,
            1,
        ),
    ):
        if not keeps_books(entity, books):
            continue
        rows: Sequence[tuple[str, Decimal]] = (
            (chart.account(entity, (DUE_TO,), other) if owes else "", owes),
            (chart.account(entity, (DUE_FROM,), other) if owed else "", -owed),
        )
        postings = [
            data.Posting(account, amount.Amount(n, payment.currency), None, None, None, None)
            for account, n in rows
            if n
        ]
        if claim.number:
            money = Chart(books, payment.date, moved.currency, chart.missing).money(entity)
            units = moved if sign > 0 else -moved
            posting = data.Posting(money, units, None, None, None, None)
            converts = moved.currency != claim.currency
            postings.append(totally_priced(posting, claim) if converts else posting)
        halves.append(half(payment, other, link, postings))
    chart.refuse()
    return halves
