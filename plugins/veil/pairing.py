"""A pair composed: both halves of a payment from one entity to another, by class and accounts.

The accounts are found by role and counterparty, as the class matrix of the catalogue has them: a
distribution is a ``distribution`` account in the giver's books and ``invest-in`` in the receiver's.
What the matrix leaves open (which expense) the caller names. What is missing is said all at once,
with the ``open`` directives that would help.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import amount, data

from core.entity import Account
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.loans.ledger import loans_in
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
_ROOTS = {
    "due-from": "Assets:{entity}:DueFrom:{other}",
    "due-to": "Liabilities:{entity}:DueTo:{other}",
    "loan-to": "Assets:{entity}:LoanTo:{other}",
    "loan-from": "Liabilities:{entity}:LoanFrom:{other}",
    "invest-in": "Assets:{entity}:InvestIn:{other}",
    "contribution": "Equity:{entity}:Members:{other}:Contributions",
    "distribution": "Equity:{entity}:Members:{other}:Distributions",
    "distribution-income": "Income:{entity}:DistributionsFrom:{other}",
    "guaranteed-payment": "Expenses:{entity}:GuaranteedPayments:{other}",
    "guaranteed-payment-income": "Income:{entity}:GuaranteedPayments:{other}",
    "bank": "Assets:{entity}:Bank",
}


@dataclass(frozen=True)
class Payment:
    """What crosses: ``number`` (positive) of ``currency`` from ``giver`` to ``receiver``.

    ``note`` names a promissory note. ``accounts`` are those that a person has named, of either
    entity: one of a bank, card or cash role is where the money is, another one what it is for.
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


@dataclass
class Chart:
    """The accounts of some books on a day, found by role; what is not found is ``missing``."""

    books: Books
    date: dt.date
    currency: str
    missing: list[str] = field(default_factory=list)

    def account(self, entity: str, roles: Sequence[str], other: str, note: str = "") -> str:
        """The first open account of one of the roles about ``other``; of loans that of the note,
        else the one that is of no note. An empty string where there is none: then its opening is
        ``missing``."""
        for role in roles:
            found = [a for a in self._open(entity, role) if _is(a.counterparty, other)]
            if note and role.startswith("loan"):
                of_none = [a for a in found if not self._note_of(a)]
                named = [a for a in found if self._note_of(a) == note]
                found = named or (of_none if len(of_none) == 1 else [])
            if found:
                return found[0].name
        self._lacks(entity, roles[0], other, note)
        return ""

    def money(self, entity: str) -> str:
        """The entity's bank account; in-transit where a later statement has proven the bank's
        balance without this payment."""
        bank = next((a.name for a in self._open(entity, "bank")), "")
        if bank and self.books.last_balance.get(bank, self.date) > self.date:
            bank = next((a.name for a in self._open(entity, "in-transit")), bank)
        if not bank:
            self._lacks(entity, "bank", "")
        return bank

    def about(self, entity: str, root: str, other: str) -> str:
        """The one income or expense account about ``other``; with none or several one is asked."""
        found = [
            a.name
            for a in self._open(entity, None)
            if a.name.startswith(f"{root}:") and _is(a.counterparty, other) and not a.role
        ]
        if len(found) == 1:
            return found[0]
        which = f"which of {', '.join(found)}" if found else f"which {root.lower()} account"
        self.missing.append(f"{entity}: {which}? Name it with --account-from or --account-to")
        return ""

    def refuse(self) -> None:
        """Raises UserError saying all that is missing; does nothing where nothing is."""
        if self.missing:
            raise UserError(
                "an account is missing; nothing was written",
                hint="\n  ".join(self.missing),
                code=EXIT_FINDINGS,
            )

    def _note_of(self, account: Account) -> str:
        """The note that a loan's account belongs to: by the loan's directive, by ``loan:`` or
        ``note:`` of the account, or by what follows the other entity's name in its own."""
        declared = loans_in(self.books).by_account.get(account.name)
        said = declared or account.meta.get("loan") or account.meta.get("note")
        if said:
            return str(said)
        *_, party, last = account.name.split(":")
        return last if _is(party, account.counterparty) else ""

    def _open(self, entity: str, role: str | None) -> Iterable[Account]:
        for account in self.books.accounts.values():
            fits = account.entity == entity and role in {None, account.role}
            holds = not account.currencies or self.currency in account.currencies
            if fits and holds and account.is_open(self.date):
                yield account

    def _lacks(self, entity: str, role: str, other: str, note: str = "") -> None:
        name = _ROOTS[role].format(entity=entity, other=other)
        towards = f" about {other}" if other else ""
        if note and role.startswith("loan"):
            name, towards = f"{name}:{note}", f"{towards} for the note {note}"
        folder = self.books.registry.entities[entity].folder
        there = self.books.accounts.get(name)
        if there is not None and there.opened and there.opened > self.date:
            self.missing.append(
                f"{entity} has no open {self.currency} account of the role {role}{towards}: {name} "
                f"is opened on {there.opened}; book on that day or later, or open it earlier"
            )
            return
        if there is not None:  # of another currency or role, or closed: its name is taken
            name = f"{name}:{self.currency}"
        lines = [
            f"{entity} has no open {self.currency} account of the role {role}{towards}; add it to "
            f"ledger/{folder}/accounts.beancount:",
            f"  {self.date} open {name}  {self.currency}",
            f'    role: "{role}"',
        ]
        if other:
            lines.append(f'    counterparty: "{other}"')
        self.missing += lines


def _is(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def pair(payment: Payment, books: Books, link: str) -> list[data.Transaction]:
    """Both halves of the payment, the giver's first; of an outside owner only the other's.

    Raises UserError where an account is missing or does not fit, where more is settled than is
    owed, and where the month is closed.
    """
    chart = Chart(books, payment.date, payment.currency)
    parties = payment.giver, payment.receiver
    refuse_by_hand(payment.transfer, link)
    refuse_closed(books, parties, payment.date)
    refuse_nonsense(payment.transfer, parties, payment.date, books)
    named = _named(payment, books)
    giver, receiver = _sides(payment, books)
    halves = []
    for entity, other, roles, sign in (
        (payment.giver, payment.receiver, giver, 1),
        (payment.receiver, payment.giver, receiver, -1),
    ):
        if not keeps_books(entity, books):
            continue
        lines = _lines(payment, chart, (entity, other), roles, named.get(entity, []))
        number = sign * payment.number
        postings = [
            _posting(chart, lines[0], other, number),
            _posting(chart, lines[1], "", -number),
        ]
        halves.append(half(payment, other, link, postings))
    chart.refuse()
    return halves


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
    chart: Chart,
    sides: tuple[str, str],
    roles: Sequence[str],
    named: Sequence[Account],
) -> tuple[str, str]:
    """The account that says what the payment is, and the one where its money is: of an expense on
    behalf, in the beneficiary's books, the expense."""
    entity, other = sides
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
    return what, money or chart.money(entity)


def _posting(chart: Chart, account: str, other: str, number: Decimal) -> data.Posting:
    """A posting; one about ``other`` says so itself where its account does not."""
    known = chart.books.accounts.get(account)
    meta = {"counterparty": other} if other and known and not known.counterparty else None
    return data.Posting(account, amount.Amount(number, chart.currency), None, None, None, meta)


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
