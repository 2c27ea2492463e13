"""The statement of members' equity: what each owner's capital did in the period.

Rows are owners, after ``Equity:<entity>:Members:<owner>``; columns what moved their capital. What
the books have not allocated to owners (results of this and earlier years, and equity that names
no owner) stands in rows of its own, so that the last column adds up to the balance sheet's equity.
Credits are positive.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from beancount.core import convert, data

from core.journal.books import Books
from core.period import Period
from reports.balance_sheet import balance_sheet
from reports.balances import ZERO, Ledger, total
from reports.cash_flow import cash_flow
from reports.income_statement import net_income
from reports.lines import EQUITY
from reports.model import DETAIL, LINE, TOTAL, Identity, Report, Row

CONTRIBUTED, ALLOCATED, DISTRIBUTED, OTHER = 1, 2, 3, 4
_COLUMNS = ("Opening", "Contributions", "Result", "Distributions", "Other", "Closing")
_BY_ROLE = {"contribution": CONTRIBUTED, "distribution": DISTRIBUTED}
_NOBODYS = "Other equity"


def members_equity(books: Books, entity: str, period: Period) -> Report:
    """The entity's statement of members' equity for the period."""
    ledger = Ledger.of(books, entity)
    figures: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
    for txn in books.transactions:
        if txn.date <= period.last:
            for owner, column, amount in _moves(txn, books, ledger):
                figures[owner][column if txn.date >= period.first else 0] += amount
    rows = [_row(o, figures[o]) for o in sorted(figures, key=lambda o: (o == _NOBODYS, o))]
    rows += _unallocated(books, ledger, period)
    sums = [sum((row.amounts[i] or ZERO for row in rows), ZERO) for i in range(len(_COLUMNS))]
    paid = {row.name: row.amounts[0] or ZERO for row in cash_flow(books, entity, period).rows}
    in_cash = paid.get("contributions", ZERO) + paid.get("distributions", ZERO)
    return Report(
        name="members-equity",
        title="Statement of members' equity",
        entity=entity,
        legal_name=books.registry.entities[entity].legal_name or entity,
        period=period,
        currency=ledger.currency,
        as_of=books.as_of,
        columns=_COLUMNS,
        rows=(
            *rows,
            Row("Total", tuple(sums), TOTAL, "total"),
            Row("Of these with owners in cash", (None, None, None, None, None, in_cash), DETAIL),
        ),
        identities=(
            Identity("Opening and movements = closing", sum(sums[:-1], ZERO), sums[-1]),
            Identity(
                "Closing = equity of the balance sheet", sums[-1], _equity(books, entity, period)
            ),
        ),
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
    )


def _unallocated(books: Books, ledger: Ledger, period: Period) -> Iterator[Row]:
    """What the books have allocated to no owner: results, and what exchange rates did."""
    before = period.first - timedelta(days=1)
    earlier = -total(ledger.flows(None, before, "Income", "Expenses"))
    result = net_income(books, ledger.entity, period)
    yield _row("Results not allocated to owners", [earlier, ZERO, result, ZERO, ZERO])
    old, new = (
        total(ledger.closing(day)) - total(ledger.flows(None, day, "Assets", "Liabilities"))
        for day in (before, period.last)
    )
    if old or new:
        yield _row("Unrealised currency difference", [old, ZERO, ZERO, ZERO, new - old])


def _moves(
    txn: data.Transaction, books: Books, ledger: Ledger
) -> Iterator[tuple[str, int, Decimal]]:
    """Owner, column and amount of each posting to the entity's equity."""
    own = [p for p in txn.postings if p.units and books.registry.ent(p.account) == ledger.entity]
    # from one equity account to another: the books allocate a result
    within = all(p.account.startswith("Equity:") for p in own)
    for posting in own:
        if not posting.account.startswith("Equity:"):
            continue
        parts = posting.account.split(":")
        is_owners = parts[2:3] == ["Members"] and len(parts) > 3
        weight = convert.get_weight(posting)
        amount = -ledger.valued(weight.number, weight.currency, txn.date)
        usual = (CONTRIBUTED if amount > 0 else DISTRIBUTED) if is_owners else OTHER
        column = _BY_ROLE.get(books.role(posting.account), ALLOCATED if within else usual)
        yield parts[3] if is_owners else _NOBODYS, column, amount


def _row(label: str, figures: list[Decimal]) -> Row:
    return Row(label, (*figures, sum(figures, ZERO)), LINE)


def _equity(books: Books, entity: str, period: Period) -> Decimal:
    rows = balance_sheet(books, entity, period).rows
    wanted = f"Total {EQUITY[:1].lower()}{EQUITY[1:]}"
    return next((row.amounts[0] or ZERO for row in rows if row.label == wanted), ZERO)
