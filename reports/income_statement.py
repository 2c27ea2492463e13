"""The income statement: revenue to net income. Income is shown positive, costs as deductions."""

from decimal import Decimal

from core.findings import Finding
from core.journal.books import Books
from core.money import round_half_up
from core.period import Period
from reports.balances import ZERO, Ledger, total
from reports.lines import COGS, LINES, OPERATING, OTHER, REVENUE, TAX, line_of, unassigned
from reports.model import DETAIL, TOTAL, Identity, Report, Row


def income_statement(books: Books, entity: str, period: Period) -> Report:
    """The entity's income statement for the period.

    Net income = −Σ of all income and expense postings in the period (credit is income).
    """
    flows = Ledger.of(books, entity).flows(period.first, period.last, "Income", "Expenses")
    by_line: dict[str, dict[str, Decimal]] = {}
    findings: list[Finding] = []
    for account, number in sorted(flows.items()):
        line = line_of(account, books.accounts)
        if line is None:
            findings.append(unassigned(books, account))
        by_line.setdefault(line.name if line else "", {})[account] = -number
    rows, net = _rows(by_line)
    person = books.registry.entities[entity].is_person
    return Report(
        name="income-statement",
        title="Income and expenses" if person else "Income statement",
        entity=entity,
        legal_name=books.registry.entities[entity].legal_name or entity,
        period=period,
        currency=books.registry.entities[entity].currency,
        as_of=books.as_of,
        columns=("Amount",),
        rows=tuple(rows),
        identities=(Identity("Net income = −Σ income and expenses", net, -total(flows)),),
        findings=tuple(findings),
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
    )


def net_income(books: Books, entity: str, period: Period) -> Decimal:
    """The last figure of the income statement; a loss is negative."""
    rows = income_statement(books, entity, period).rows
    return next(row.amounts[0] or ZERO for row in rows if row.label == "Net income")


def _rows(by_line: dict[str, dict[str, Decimal]]) -> tuple[list[Row], Decimal]:
    """The rows down to net income, and net income."""
    rows: list[Row] = []

    def section(wanted: str) -> Decimal:
        amount = ZERO
        for line in LINES.values():
            accounts = by_line.get(line.name, {})
            if line.section == wanted and accounts:
                rows.append(Row(line.title, (total(accounts),), name=line.name))
                rows.extend(Row(a, (n,), DETAIL) for a, n in accounts.items())
                amount += total(accounts)
        return amount

    def subtotal(label: str, amount: Decimal) -> None:
        rows.append(Row(label, (amount,), TOTAL))

    revenue = section(REVENUE)
    subtotal("Net revenue", revenue)
    gross = revenue + section(COGS)
    subtotal("Gross profit", gross)
    operating = gross + section(OPERATING)
    subtotal("Operating income", operating)
    before_tax = operating + section(OTHER)
    if lost := by_line.get("", {}):
        rows.append(Row("Unassigned", (total(lost),), name="unassigned"))
        rows.extend(Row(a, (n,), DETAIL) for a, n in lost.items())
        before_tax += total(lost)
    subtotal("Income before tax", before_tax)
    net = before_tax + section(TAX)
    subtotal("Net income", net)
    if revenue > 0:
        rows.append(Row("Gross margin %", (round_half_up(gross / revenue * 100, 1),), DETAIL))
    return rows, net
