"""The trial balance: for each account what it opened with, moved, and closed with.

Book values: each posting at its weight, so that every column's debits equal its credits in each
currency.
"""

from decimal import Decimal

from core.journal.books import Books
from core.period import Period
from reports.balances import ZERO, Ledger
from reports.model import HEADING, TOTAL, Identity, Report, Row, unreviewed

_COLUMNS = ("Opening Dr", "Opening Cr", "Period Dr", "Period Cr", "Closing Dr", "Closing Cr")


def trial_balance(books: Books, entity: str, period: Period) -> Report:
    """The entity's trial balance for the period, currency by currency."""
    ledger = Ledger.of(books, entity)
    figures: dict[str, dict[str, list[Decimal]]] = {}
    for move in ledger.movements:
        if move.date > period.last:
            continue
        row = figures.setdefault(move.currency, {}).setdefault(move.account, [ZERO] * 3)
        if move.date < period.first:
            row[0] += move.number
        else:
            row[1 if move.number > 0 else 2] += move.number
    rows: list[Row] = []
    identities: list[Identity] = []
    for currency, accounts in sorted(figures.items()):
        if len(figures) > 1:
            rows.append(Row(currency, (None,) * 6, HEADING))
        lines = {account: _columns(*row) for account, row in sorted(accounts.items())}
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
        unreviewed=unreviewed(books, entity, period.last),
    )


def _columns(opening: Decimal, debits: Decimal, credit: Decimal) -> tuple[Decimal | None, ...]:
    closing = opening + debits + credit
    return (*_split(opening), debits or None, -credit or None, *_split(closing))


def _split(number: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """A balance in the debit or the credit column."""
    if not number:
        return None, None
    return (number, None) if number > 0 else (None, -number)
