"""What the books did with each loan: its accounts, and every entry that moved it.

An entry belongs to a loan by an account of the loan, by ``note: "N-01"``, or by a link
``^loan-N-01``. The accounts are the one that ``account:`` of the directive names, and those whose
last component is the loan's id in the books of the lender or the borrower; an account that says
``loan: "N-01"`` as well, such as one for the current portion.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate, groupby

from beancount.core import convert, data

from core.journal.books import ENTITY, Books
from core.journal.shape import Shape
from core.loans.accrual import Move
from core.loans.declared import Declared, declared
from core.loans.terms import ASSIGNMENT, Loan, LoanEvent

ADVANCE, REPAYMENT = "loan-advance", "loan-repayment"
_CLASSES = frozenset({ADVANCE, REPAYMENT})
_ROLES = {"loan-to", "loan-from"}
_CASH = {"bank", "card", "cash", "in-transit"}
_INTEREST = {"interest-expense", "interest-income"}
_KEY = "loans"


@dataclass(frozen=True, eq=False)
class Flow:
    """One entry of a loan in the books of one side.

    ``lent`` is principal lent (positive) or repaid (negative), ``interest`` what was paid of it;
    both read the same for lender and borrower. ``cash`` are the accounts that the money moved on,
    ``interest_accounts`` those of the interest. ``draws`` is true where principal was lent, even
    where the same entry has it repaid.
    """

    txn: data.Transaction
    lent: Decimal
    interest: Decimal
    cash: tuple[str, ...] = ()
    interest_accounts: tuple[str, ...] = ()
    draws: bool = False

    @property
    def date(self) -> dt.date:
        return self.txn.date

    @property
    def repaid(self) -> Decimal:
        """Principal repaid, not less than zero."""
        return max(-self.lent, Decimal(0))

    @property
    def is_payment(self) -> bool:
        """Whether the borrower paid something, principal or interest."""
        paid = bool(self.cash) or self.txn.meta.get("transfer") == REPAYMENT
        return self.lent < 0 or (self.lent == 0 and self.interest > 0 and paid)


@dataclass(frozen=True)
class Side:
    """A loan in the books of the lender or the borrower, oldest entry first."""

    entity: str
    accounts: tuple[str, ...]
    flows: tuple[Flow, ...]

    @property
    def moves(self) -> list[Move]:
        """Principal lent and repaid, by day."""
        return [(flow.date, flow.lent) for flow in self.flows if flow.lent]

    @property
    def payments(self) -> list[Flow]:
        """The entries by which the borrower paid."""
        return [flow for flow in self.flows if flow.is_payment]

    @property
    def entered(self) -> dt.date:
        """The day the loan came into these books: lent, or opened in books that begin later."""
        return next((flow.date for flow in self.flows if flow.draws), dt.date.min)

    def owed(self, day: dt.date) -> Decimal:
        """What is owed at the end of a day."""
        return sum((flow.lent for flow in self.flows if flow.date <= day), Decimal(0))


@dataclass(frozen=True)
class Loans:
    """All loans of the books, what was declared of them and what was done."""

    declared: Declared
    accounts: Mapping[str, tuple[str, ...]]
    by_account: Mapping[str, str]

    def events(self, loan: Loan) -> tuple[LoanEvent, ...]:
        """The loan's events, in order of date."""
        return self.declared.events.get(loan.id, ())

    def parties(self, note: str) -> frozenset[str]:
        """All who ever are party to a loan."""
        loan = self.declared.loans[note]
        return frozenset({loan.lender, loan.borrower, *_assignees(loan, self.declared)})

    def note_of(self, txn: data.Transaction) -> str:
        """The id of the declared loan that an entry belongs to, or an empty string."""
        for posting in txn.postings:
            if posting.account in self.by_account:
                return self.by_account[posting.account]
        return self.named_by(txn)

    def named_by(self, txn: data.Transaction) -> str:
        """The id of the declared loan that an entry names itself, by ``note:`` or a link."""
        note = txn.meta.get("note")
        if isinstance(note, str) and note.strip() in self.declared.loans:
            return note.strip()
        for link in txn.links or ():
            if link.startswith("loan-") and link[5:] in self.declared.loans:
                return link[5:]
        return ""


def loans_in(books: Books) -> Loans:
    """The loans of the books; computed once for each Books."""
    known: Loans | None = books.memo.get(_KEY)
    if known is None:
        said = _spelt_as_registered(declared(books.standing), books)
        accounts = {loan.id: _accounts(loan, said, books) for loan in said.loans.values()}
        by_account = {name: note for note, names in accounts.items() for name in names}
        known = books.memo[_KEY] = Loans(said, accounts, by_account)
    return known


def sides(loan: Loan, books: Books) -> tuple[Side, ...]:
    """The loan as the borrower's books have it, then as the lender's; only those that are here and
    have an account of the loan or an entry of it."""
    loans = loans_in(books)
    flows = _flows(books).get(loan.id, {})
    found = []
    for name in dict.fromkeys((loan.borrower, loan.lender, *_assignees(loan, loans.declared))):
        own = tuple(a for a in loans.accounts[loan.id] if books.registry.ent(a) == name)
        if own or name in flows:
            found.append(Side(name, own, tuple(_in_order(flows.get(name, ())))))
    return tuple(found)


def _in_order(flows: Iterable[Flow]) -> Iterator[Flow]:
    """The entries by day; those of one day as they are written, unless more would have been repaid
    than was owed: then what was lent on that day comes first, which a file may have below."""
    owed = Decimal(0)
    for _, on_day in groupby(flows, key=lambda flow: flow.date):
        written = list(on_day)
        balances = list(accumulate((flow.lent for flow in written), initial=owed))
        yield from sorted(written, key=lambda f: f.lent < 0) if min(balances) < 0 else written
        owed = balances[-1]


def may_touch_a_loan(shape: Shape, books: Books) -> bool:
    """Whether entries of a shape can: what has a class or names a note, and accounts of loans."""
    if not shape.keys.isdisjoint({"transfer", "note"}) or "loan" in shape.links:
        return True
    if not _ROLES.isdisjoint(shape.roles(books)):
        return True
    return not loans_in(books).by_account.keys().isdisjoint(shape.accounts)


def touches_a_loan(txn: data.Transaction, books: Books) -> bool:
    """Whether an entry can matter to what is said of loans."""
    if txn.meta.get("transfer") in _CLASSES:
        return True
    asked = _accounts_of_loans(books)
    for posting in txn.postings:
        if posting.account in asked:
            return True
    return bool(loans_in(books).named_by(txn))


def _accounts_of_loans(books: Books) -> frozenset[str]:
    """The accounts whose entries matter whatever they say: told once, asked of many postings."""
    known: frozenset[str] | None = books.memo.get("accounts of loans")
    if known is None:
        by_role = (name for name in books.accounts if books.role(name) in _ROLES)
        known = frozenset({*by_role, *loans_in(books).by_account})
        books.memo["accounts of loans"] = known
    return known


def lender_on(loan: Loan, events: Iterable[LoanEvent], day: dt.date) -> str:
    """Who is owed the money on a day: the lender, or to whom the note was assigned by then."""
    holder = loan.lender
    for event in events:
        if event.what == ASSIGNMENT and event.date <= day:
            holder = event.assigned_to
    return holder


def is_related(loan: Loan, books: Books) -> bool:
    """Whether lender and borrower are both of the group, and not a bank or a stranger."""
    return all(books.registry.named(name) for name in (loan.lender, loan.borrower))


def is_here(loan: Loan, books: Books) -> bool:
    """Whether it is for these books to say something of the loan: the registry, which every root
    includes, declares loans of others too. An entity's own books speak of its own."""
    if books.kind != ENTITY:
        return True
    parties = loans_in(books).parties(loan.id)
    return any(account.entity in parties for account in books.accounts.values())


def _assignees(loan: Loan, said: Declared) -> list[str]:
    return [e.assigned_to for e in said.events.get(loan.id, ()) if e.what == ASSIGNMENT]


def _spelt_as_registered(said: Declared, books: Books) -> Declared:
    """The same with every party named as the registry does: people do not mind the case."""

    def name(text: str) -> str:
        entity = books.registry.named(text)
        return entity.name if entity else text

    loans = {
        key: replace(loan, lender=name(loan.lender), borrower=name(loan.borrower))
        for key, loan in said.loans.items()
    }
    events = {
        key: tuple(replace(event, assigned_to=name(event.assigned_to)) for event in each)
        for key, each in said.events.items()
    }
    return replace(said, loans=loans, events=events)


def _accounts(loan: Loan, said: Declared, books: Books) -> tuple[str, ...]:
    parties = {loan.lender, loan.borrower, *_assignees(loan, said)}
    found = [loan.account] if loan.account in books.accounts else []
    for account in books.accounts.values():
        own = account.name.startswith(("Assets:", "Liabilities:")) and account.entity in parties
        own = own and account.counterparty in {"", *parties}
        tail = account.name.rpartition(":")[2]
        if own and (tail == loan.id or account.meta.get("loan") == loan.id):
            found.append(account.name)
    return tuple(dict.fromkeys(found))


def _flows(books: Books) -> dict[str, dict[str, list[Flow]]]:
    """Loan to entity to entries, in one pass over the books."""
    key = f"{_KEY} flows"
    known: dict[str, dict[str, list[Flow]]] | None = books.memo.get(key)
    if known is None:
        loans = loans_in(books)
        known = books.memo[key] = defaultdict(dict)
        for txn in books.transactions if loans.declared.loans else ():
            note = loans.note_of(txn)
            if note:
                for entity in books.registry.ents(txn):
                    flow = _flow(txn, entity, loans.declared.loans[note], loans, books)
                    known[note].setdefault(entity, []).append(flow)
    return known


def _flow(txn: data.Transaction, entity: str, loan: Loan, loans: Loans, books: Books) -> Flow:
    sign = -1 if entity == loan.borrower else 1
    lent = marked = other = Decimal(0)
    draws = False
    cash, accounts, others = [], [], []
    for posting in txn.postings:
        name = posting.account
        if books.registry.ent(name) != entity:
            continue
        number = sign * _in_currency(posting, loan.currency)
        if loans.by_account.get(name) == loan.id:
            lent += number
            draws = draws or number > 0
        elif books.role(name) in _CASH:
            cash.append(name)
        elif name == loan.escrow_account or books.role(name) in _ROLES:
            continue  # neither is interest
        elif books.role(name) in _INTEREST or _is_accrued(name, books):
            marked -= number
            accounts.append(name)
        else:
            other -= number
            others.append(name)
    if not accounts and txn.meta.get("transfer") != ADVANCE and lent <= 0:
        marked, accounts = other, others  # nothing is marked as interest: the rest is
    return Flow(txn, lent, marked, tuple(cash), tuple(accounts), draws)


def _is_accrued(name: str, books: Books) -> bool:
    """Interest booked before it was paid: a balance account that has no other meaning."""
    return name.startswith(("Assets:", "Liabilities:")) and not books.role(name)


def _in_currency(posting: data.Posting, currency: str) -> Decimal:
    """What a posting moves in the loan's currency, itself or at its own price."""
    for value in (posting.units, convert.get_weight(posting) if posting.units else None):
        if value is not None and value.currency == currency and value.number is not None:
            return Decimal(value.number)
    return Decimal(0)
