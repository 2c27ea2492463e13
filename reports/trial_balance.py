"""The trial balance: for each account what it opened with, moved, and closed with.

Book values: each posting at its weight, so that every column's debits equal its credits in each
currency.
"""

from decimal import Decimal

from core.journal.books import Books
from core.period import Period
from reports.balances import ZERO, Ledger, Turnover
from reports.model import HEADING, TOTAL, Identity, Report, Row

_COLUMNS = ("Opening Dr", "Opening Cr", "Period Dr", "Period Cr", "Closing Dr", "Closing Cr")


def trial_balance(books: Books, entity: str, period: Period) -> Report:
    """The entity's trial balance for the period, currency by currency."""
    ledger = Ledger.of(books, entity)
    figures = ledger.turnovers(period)
    rows: list[Row] = []
    identities: list[Identity] = []
    for currency, accounts in sorted(figures.items()):
        if len(figures) > 1:
            rows.append(Row(currency, (None,) * 6, HEADING))
        lines = {account: _columns(found) for account, found in sorted(accounts.items())}
        rows += [Row(account, amounts) for account, amounts in lines.items()]
        sums = tuple(sum((a[i] or ZERO for a in lines.values()), ZERO) for i in range(6))
        rows.append(Row(f"Total {currency}", sums, TOTAL))
        for name, at in (("Opening", 0), ("Period", 2), ("Closing", 4)):
            identities.append(
                Identity(f"{name}: debits = credits, {currency}", sums[at], sums[at + 1])
            )
    return Report(
        name="trial-balance",
        title="Trial balance",
        entity=entity,
        legal_name=books.registry.entities[entity].legal_name or entity,
        period=period,
        currency=ledger.currency,
        as_of=books.as_of,
        columns=_COLUMNS,
        rows=tuple(rows),
        identities=tuple(identities),
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
    )


def _columns(found: Turnover) -> tuple[Decimal | None, ...]:
    closing = found.before + found.debits + found.credit
    turned = (found.debits or None, -found.credit or None)
    return (*_split(found.before), *turned, *_split(closing))


def _split(number: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """A balance in the debit or the credit column."""
    if not number:
        return None, None
    return (number, None) if number > 0 else (None, -number)
