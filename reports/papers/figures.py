"""The figures of a company for its papers, from the books: the one place that fills them in."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from core.journal.books import Books
from core.loans.ledger import loans_in
from core.loans.schedule import schedule
from reports.balances import ZERO, Ledger
from reports.papers.solvency import Solvency

_HORIZON = 90  # days
_COUNTED = (
    "Receipts are open invoices with a due date. Obligations are open bills with a due date and "
    "loan payments by their schedules. Payroll, taxes and what else will come in or fall due are "
    "to be added below."
)
_CASH = frozenset(("bank", "cash", "in-transit"))


def solvency(
    books: Books, entity: str, day: dt.date, payment: Decimal, *, paid: Decimal, currency: str
) -> Solvency:
    """The figures of both tests for a payment in ``currency``, at the end of ``day``.

    ``paid`` is how much of the payment the books of that day hold already: it is added back, so
    that the figures are those before it. Raises UserError where a price is missing.
    """
    ledger = Ledger.of(books, entity)
    payment, paid = (ledger.valued(number, currency, day) for number in (payment, paid))
    held = ledger.closing(day)
    last = day + dt.timedelta(days=_HORIZON)
    loans = sum(_scheduled(books, entity, day, last), ZERO)
    return Solvency(
        day=day,
        currency=ledger.currency,
        assets=_sum(held, "Assets:") + paid,
        liabilities=-_sum(held, "Liabilities:"),
        preferential=ZERO,
        cash=sum((n for a, n in held.items() if books.role(a) in _CASH), ZERO) + paid,
        receipts=_open_items(books, entity, "ar", day, last),
        obligations=-_open_items(books, entity, "ap", day, last) + loans,
        payment=payment,
        horizon=_HORIZON,
        counted=_COUNTED,
    )


def _sum(held: dict[str, Decimal], root: str) -> Decimal:
    return sum((n for account, n in held.items() if account.startswith(root)), ZERO)


def _open_items(books: Books, entity: str, role: str, day: dt.date, last: dt.date) -> Decimal:
    """What is open at the end of ``day`` of bills (``ap``) or invoices (``ar``) due by ``last``,
    overdue ones with them: the balance of each link that an entry with ``due:`` carries."""
    balance: dict[str, Decimal] = {}
    due: dict[str, dt.date] = {}
    for move in Ledger.of(books, entity).movements:
        if move.date > day or books.role(move.account) != role:
            continue
        link = min(move.txn.links or (), default="")
        balance[link] = balance.get(link, ZERO) + move.number
        if isinstance(move.txn.meta.get("due"), dt.date):
            due[link] = move.txn.meta["due"]
    return sum((balance[link] for link, when in due.items() if when <= last), ZERO)


def _scheduled(books: Books, entity: str, day: dt.date, last: dt.date) -> Iterator[Decimal]:
    """The loan payments of the entity that fall due after ``day`` and not after ``last``, as was
    agreed by ``day``."""
    loans = loans_in(books)
    for loan in loans.declared.loans.values():
        if loan.borrower != entity or loan.date > day or loan.runs_by_days:
            continue
        for row in schedule(loan, [e for e in loans.events(loan) if e.date <= day]):
            if day < row.due <= last:
                yield row.payment + row.escrow
