"""Trends: the lines of the income statement by month, quarter or year, and how they move.

The steps are months where the period is a year or shorter, quarters where it is up to three years,
years beyond. ``Change`` is the last step less the one before, ``%`` that change of the one before
(empty where that is zero or less: a percentage of a loss says nothing), ``12 months`` the twelve
months that end with the period. Signs as in the income statement.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from core.journal.books import Books
from core.money import round_half_up
from core.period import Period, month_end
from reports.balances import ZERO, Ledger
from reports.chart import Chart, Series
from reports.income_statement import income_statement
from reports.model import DETAIL, LINE, TOTAL, Identity, Report, Row

_MONTHS_OF_A_STEP = ((12, 1), (36, 3))


def trends(books: Books, entity: str, period: Period) -> Report:
    """The entity's income statement over the steps of the period."""
    steps = list(_steps(period))
    found = [income_statement(books, entity, step) for step in steps]
    year = income_statement(books, entity, _twelve_months(period))
    whole = income_statement(books, entity, period)
    by_step = [_figures(report) for report in found]
    rolling = _figures(year)
    labels = [r.label for r in _lines(year, whole)]
    kinds = {r.label: r.kind for r in _lines(year, whole)}
    rows = [_row(label, kinds[label], by_step, rolling) for label in labels]
    net = [figures.get("Net income", ZERO) for figures in by_step]
    revenue = [figures.get("Net revenue", ZERO) for figures in by_step]
    costs = [r - n for r, n in zip(revenue, net, strict=True)]
    names = tuple(step.name for step in steps)
    return Report(
        name="trends",
        title="Trends",
        entity=entity,
        legal_name=whole.legal_name,
        period=period,
        currency=whole.currency,
        as_of=books.as_of,
        columns=(*names, "Change", "%", "12 months"),
        rows=tuple(rows),
        identities=(
            Identity(
                "Net income of the steps = net income of the period",
                sum(net, ZERO),
                _figures(whole).get("Net income", ZERO),
            ),
        ),
        findings=whole.findings,
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
        chart=Chart(
            f"Revenue, costs and net income, {period.name}",
            names,
            (
                Series("Net revenue", tuple(revenue)),
                Series("Costs", tuple(costs)),
                Series("Net income", tuple(net), "line"),
            ),
        ),
    )


def _steps(period: Period) -> Iterator[Period]:
    months = (period.after.year - period.first.year) * 12 + period.after.month - period.first.month
    size = next((size for most, size in _MONTHS_OF_A_STEP if months <= most), 12)
    first = period.first
    while first <= period.last:
        index = first.year * 12 + first.month - 1 + size - 1
        last = min(month_end(index // 12, index % 12 + 1), period.last)
        name = {1: f"{first:%Y-%m}", 3: f"{first:%Y}-Q{(first.month + 2) // 3}"}.get(size)
        yield Period(name or f"{last:%Y}", first, last)
        first = last + dt.timedelta(days=1)


def _twelve_months(period: Period) -> Period:
    before = period.after.replace(year=period.after.year - 1)
    return Period("12 months", before, period.last)


def _lines(*reports: Report) -> list[Row]:
    """The lines and totals that any of the reports has, in the statement's order."""
    seen: dict[str, Row] = {}
    for report in reports:
        for row in report.rows:
            if row.kind != DETAIL:
                seen.setdefault(row.label, row)
    return list(seen.values())


def _figures(report: Report) -> dict[str, Decimal]:
    return {row.label: row.amounts[0] or ZERO for row in report.rows if row.kind != DETAIL}


def _row(
    label: str, kind: str, by_step: list[dict[str, Decimal]], rolling: dict[str, Decimal]
) -> Row:
    amounts = [figures.get(label, ZERO) for figures in by_step]
    change = amounts[-1] - amounts[-2] if len(amounts) > 1 else None
    base = amounts[-2] if len(amounts) > 1 else ZERO
    percent = round_half_up(change / base * 100, 1) if change is not None and base > 0 else None
    year = rolling.get(label, ZERO)
    return Row(label, (*amounts, change, percent, year), TOTAL if kind == TOTAL else LINE)
