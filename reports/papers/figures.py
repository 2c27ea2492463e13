"""The figures of a company for its papers, from the books: the one place that fills them in.

They are those that VEIL-013 judges a distribution by.
"""

import datetime as dt
from decimal import Decimal

from core.journal.books import Books
from plugins.veil import solvency as rule
from plugins.veil.figures import converted
from reports.papers.solvency import Solvency

_COUNTED = (
    "Receipts are open invoices that are not overdue. Obligations are open bills, loan payments "
    "and the registry's dated obligations. What the books do not know yet, such as the next "
    "payroll and taxes, is to be added below."
)


def solvency(
    books: Books, entity: str, day: dt.date, payment: Decimal, *, paid: Decimal, currency: str
) -> Solvency:
    """The figures of both tests for a payment in ``currency``, at the end of ``day``.

    ``paid`` is how much of the payment the books of that day hold already: it is added back, so
    that the figures are those before it. Raises UserError where a price is missing.
    """
    found = rule.solvency(books.registry.entities[entity], day, books)
    payment, paid = (
        converted({currency: number}, found.currency, day, books) for number in (payment, paid)
    )
    return Solvency(
        day=day,
        currency=found.currency,
        assets=found.assets + paid,
        liabilities=found.liabilities,
        preferential=found.senior,
        cash=found.cash + paid,
        receipts=found.receipts,
        obligations=found.obligations,
        payment=payment,
        horizon=found.horizon,
        counted=_COUNTED,
    )
