"""A payment that a bank converts on its way: what left the giver, and what the receiver got.

What is owed stays in one currency on both sides, as due-from and due-to mirror each other and a
note is of one currency: the bank that converts bears the price of all it moved (``@@``)::

    Assets:Acme:DueFrom:Pune    100.00 USD        Assets:Pune:Bank       8300.00 INR @@ 100.00 USD
    Assets:Acme:Bank           -100.00 USD        Liabilities:Pune:DueTo:Acme   -100.00 USD

Capital, income and costs stand in each entity's own currency; then the receiver's half bears the
price on both postings, so that the pair can be compared by its own entries.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from core.journal.books import Books
from core.journal.render import totally_priced
from core.loans.ledger import ADVANCE, REPAYMENT, loans_in
from core.money import at_cents, round_half_up
from plugins.veil.declared import worth
from plugins.veil.owed import DUE_TO, debts

# Classes of what is owed; of all others each side keeps its own currency.
_OWED = ("settlement", "reimbursement", "expense-on-behalf", ADVANCE, REPAYMENT)
# By how many percent the amounts may differ from the books' price before it is said.
_FAR = Decimal(5)


def claims(
    transfer: str,
    parties: tuple[str, str],
    paid: Amount,
    received: Amount | None,
    note: str,
    books: Books,
) -> Sequence[Amount | None]:
    """What both sides can book of a payment, the best first; None: each its own amount.

    Of a loan it is the amount in the currency of its note, of a settlement that in which the giver
    owes, or else what the giver paid. Of all other classes it is each side's own, unless one has no
    account for that.
    """
    if received is None:
        return (paid,)
    if transfer not in _OWED:
        return None, paid, received
    giver, receiver = parties
    loan = loans_in(books).declared.loans.get(note)
    wanted: set[str] = set()
    if loan is not None:
        wanted = {loan.currency}
    elif transfer in {"settlement", "reimbursement"}:
        every = debts(books, books.transactions)
        found = (d for d in every if (d.debtor, d.creditor) == (giver, receiver))
        wanted = {d.currency for d in found if any(m.role == DUE_TO for m in d.moves)}
    is_receivers = received.currency in wanted and paid.currency not in wanted
    return (received if is_receivers else paid,)


def priced(
    postings: Sequence[data.Posting], own: Amount, other: Amount, claim: Amount | None
) -> list[data.Posting]:
    """The two postings of a half, the money last, with the price that its bank converted at.

    ``own`` is what this side's money moved, ``other`` what the other's did. Where each side books
    its own, the caller hands the receiver's half alone.
    """
    what, money = postings
    if claim is None:
        return [totally_priced(what, other), totally_priced(money, other)]
    return [what, money if claim.currency == own.currency else totally_priced(money, claim)]


def far_from_price(paid: Amount, got: Amount, day: dt.date, books: Books) -> str:
    """What to say where the two amounts are no rate of that day: they differ by more than five
    percent from the books' newest price on or before it, or there is none to compare with."""
    if paid.number is None or got.number is None:
        return ""
    expected = worth(paid.number, paid.currency, got.currency, day, books)
    if expected is None:
        return f"the books have no price of {paid.currency} in {got.currency} to compare it with"
    if abs(got.number - expected) * 100 <= _FAR * abs(expected):
        return ""
    worth_then = f"{at_cents(round_half_up(expected))} {got.currency}"
    return (
        f"at the books' price {at_cents(paid.number)} {paid.currency} are {worth_then}, more than "
        f"{_FAR} percent off: are both right?"
    )
