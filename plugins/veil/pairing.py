"""A pair composed: both halves of a payment from one entity to another, by class and accounts.

The accounts are found by role and counterparty, as the class matrix of the catalogue has them: a
distribution is a ``distribution`` account in the giver's books and ``invest-in`` in the receiver's.
What the matrix leaves open (which expense) the caller names. What is missing is said all at once,
with the ``open`` directives that would help.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import amount, data

from core.entity import Account
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from plugins.veil.chart import Chart
from plugins.veil.converting import claims, priced
from plugins.veil.owed import DUE_FROM, DUE_TO, debts
from plugins.veil.refusing import refuse_by_hand, refuse_closed, refuse_nonsense
from plugins.veil.transfers import keeps_books

MONEY = ("bank", "cash", "card", "in-transit")
# The roles of each class's other side: in the giver's books, in the receiver's; the first account
# that is there is taken. An empty role is an income or expense account about the other entity.
MATRIX: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "contribution": (("invest-in",), ("contribution",)),
    "distribution": (("distribution",), ("invest-in", "distribution-income")),
    "tax-distribution": (("distribution",), ("invest-in", "distribution-income")),
    "dividend": (("distribution",), ("distribution-income",)),
    "loan-advance": (("loan-to",), ("loan-from",)),
    "loan-repayment": (("loan-from",), ("loan-to",)),
    "expense-on-behalf": ((DUE_FROM,), (DUE_TO,)),
    "guaranteed-payment": (("guaranteed-payment",), ("guaranteed-payment-income",)),
    "rent": (("",), ("",)),
    "service": (("",), ("",)),
    "sale": (("",), ("",)),
}
CLASSES = (*MATRIX, "reimbursement", "settlement")


@dataclass(frozen=True)
class Payment:
    """What crosses: ``number`` (positive) of ``currency`` from ``giver`` to ``receiver``.

    ``note`` names a promissory note. ``accounts`` are those that a person has named, of either
    entity: one of a bank, card or cash role is where the money is, another one what it is for.
    ``received`` is what came to the receiver where a bank converted, else None.
    """

    giver: str
    receiver: str
    number: Decimal
    currency: str
    transfer: str
    date: dt.date
    narration: str = ""
    note: str = ""
    accounts: tuple[str, ...] = ()
    received: amount.Amount | None = None


def pair(payment: Payment, books: Books, link: str) -> list[data.Transaction]:
    """Both halves of the payment, the giver's first; of an outside owner only the other's.

    Raises UserError where an account is missing or does not fit, where more is settled than is
    owed, and where the month is closed.
    """
    parties = payment.giver, payment.receiver
    refuse_by_hand(payment.transfer, link)
    refuse_closed(books, parties, payment.date)
    refuse_nonsense(payment.transfer, parties, payment.date, books)
    named = _named(payment, books)
    paid = amount.Amount(payment.number, payment.currency)
    tried = [
        _halves(payment, claim, named, link, books)
        for claim in claims(payment.transfer, parties, paid, payment.received, payment.note, books)
    ]
    halves, chart = next((each for each in tried if not each[1].missing), tried[0])
    chart.refuse()
    return halves


def _halves(
    payment: Payment,
    claim: amount.Amount | None,
    named: Mapping[str, list[Account]],
    link: str,
    books: Books,
) -> tuple[list[data.Transaction], Chart]:
    """The halves with ``claim`` as what both sides book (None: each its own amount), and the chart
    that says what they lack."""
    paid = amount.Amount(payment.number, payment.currency)
    got = payment.received or paid
    first = Chart(books, payment.date, (claim or paid).currency)
    owed = claim or paid
    sides = _sides(
        replace(payment, number=Decimal(owed.number or 0), currency=owed.currency), books
    )
    halves = []
    for entity, other, roles, sign, own, others in (
        (payment.giver, payment.receiver, sides[0], 1, paid, got),
        (payment.receiver, payment.giver, sides[1], -1, got, paid),
    ):
        if not keeps_books(entity, books):
            continue
        what = claim or own
        charts = [replace(first, currency=each.currency) for each in (what, own)]
        lines = _lines(payment, charts, (entity, other), roles, named.get(entity, []))
        postings = [
            _posting(books, lines[0], other, what, sign),
            _posting(books, lines[1], "", own, -sign),
        ]
        if payment.received and (claim or entity == payment.receiver):
            postings = priced(postings, own, others, claim)
        halves.append(half(payment, other, link, postings))
    return halves, first


def _sides(payment: Payment, books: Books) -> tuple[Sequence[str], Sequence[str]]:
    if payment.transfer in MATRIX:
        return MATRIX[payment.transfer]
    role = DUE_TO if keeps_books(payment.giver, books) else DUE_FROM
    wanted = payment.receiver, payment.giver, payment.currency
    every = debts(books, books.transactions)
    debt = next((d for d in every if (d.creditor, d.debtor, d.currency) == wanted), None)
    owed = debt.balance(role, payment.date) if debt else Decimal(0)
    if debt is None or owed <= 0:  # an advance: the receiver owes it from now on
        return (DUE_FROM,), (DUE_TO,)
    payable = debt.payable(role, payment.date)
    if payment.number > payable:
        later = f", of which {owed - payable} were settled later" if payable < owed else ""
        raise UserError(
            f"{payment.giver} owes {payment.receiver} {owed} {payment.currency}{later}, less than "
            f"{payment.number}; settle that, and book the rest as what it is",
            hint=f"'books veil settle {payment.giver} {payment.receiver}' settles what is owed",
            code=EXIT_FINDINGS,
        )
    return (DUE_TO,), (DUE_FROM,)


def _named(payment: Payment, books: Books) -> dict[str, list[Account]]:
    """The accounts that a person has named, by entity."""
    found: dict[str, list[Account]] = {}
    for name in payment.accounts:
        account = books.accounts.get(name)
        if account is None or not account.is_open(payment.date):
            raise UserError(f"{name} is not open on {payment.date}", hint="see the accounts file")
        if account.entity not in {payment.giver, payment.receiver}:
            raise UserError(f"{name} is neither {payment.giver}'s nor {payment.receiver}'s")
        found.setdefault(account.entity, []).append(account)
    return found


def _lines(
    payment: Payment,
    charts: Sequence[Chart],
    sides: tuple[str, str],
    roles: Sequence[str],
    named: Sequence[Account],
) -> tuple[str, str]:
    """The account that says what the payment is, and the one where its money is: of an expense on
    behalf, in the beneficiary's books, the expense. ``charts`` are those of the one's currency and
    of the other's."""
    entity, other = sides
    chart, of_money = charts
    money = next((a.name for a in named if a.role in MONEY), "")
    what = next((a.name for a in named if a.role not in MONEY), "")
    if payment.transfer == "expense-on-behalf" and entity == payment.receiver:
        if not what:
            chart.missing.append(f"{entity}: which expense was it? Name it with --account-to")
        return chart.account(entity, roles, other), what
    if not what and roles[0]:
        what = chart.account(entity, roles, other, payment.note)
    elif not what:
        root = "Expenses" if entity == payment.giver else "Income"
        what = chart.about(entity, root, other)
    return what, money or of_money.money(entity)


def _posting(
    books: Books, account: str, other: str, moved: amount.Amount, sign: int
) -> data.Posting:
    """A posting; one about ``other`` says so itself where its account does not."""
    known = books.accounts.get(account)
    meta = {"counterparty": other} if other and known and not known.counterparty else None
    units = moved if sign > 0 else -moved
    return data.Posting(account, units, None, None, None, meta)


def half(
    payment: Payment, other: str, link: str, postings: Sequence[data.Posting]
) -> data.Transaction:
    """One half of a pair: what the other is called, and which of the pairs it is."""
    meta = {"transfer": payment.transfer, "counterparty": other}
    if payment.note:
        meta["note"] = payment.note
    narration = payment.narration or payment.transfer.replace("-", " ").capitalize()
    links = frozenset({link})
    none: frozenset[str] = frozenset()
    return data.Transaction(meta, payment.date, "*", other, narration, none, links, list(postings))
