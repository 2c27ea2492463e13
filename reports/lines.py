"""The closed table of statement lines, and which line an account belongs to.

``line:`` stands on the ``open`` directive of an account or of its nearest parent; it is never
guessed from a name. Sections and their order are those of a classified balance sheet and a
multi-step income statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.entity import Account
from core.findings import Finding, Severity
from core.journal.books import Books

CURRENT_ASSETS = "Current assets"
NONCURRENT_ASSETS = "Non-current assets"
CURRENT_LIABILITIES = "Current liabilities"
NONCURRENT_LIABILITIES = "Non-current liabilities"
EQUITY = "Equity"
REVENUE, COGS, OPERATING, OTHER, TAX = "revenue", "cogs", "operating", "other", "tax"
BALANCE_SECTIONS = (
    CURRENT_ASSETS,
    NONCURRENT_ASSETS,
    CURRENT_LIABILITIES,
    NONCURRENT_LIABILITIES,
    EQUITY,
)


@dataclass(frozen=True)
class StatementLine:
    """A line of a statement: its name in ``line:``, its section, its title."""

    name: str
    section: str
    title: str


def _lines(section: str, *pairs: tuple[str, str]) -> list[StatementLine]:
    return [StatementLine(name, section, title) for name, title in pairs]


LINES: Mapping[str, StatementLine] = {
    line.name: line
    for line in (
        *_lines(
            CURRENT_ASSETS,
            ("cash-and-equivalents", "Cash and equivalents"),
            ("receivables", "Receivables"),
            ("due-from-related", "Due from related"),
            ("inventory", "Inventory"),
            ("prepaid", "Prepaid"),
            ("tax-recoverable", "Tax recoverable"),
            ("current-loans-given", "Current loans given"),
            ("suspense", "Suspense: not decided yet"),
        ),
        *_lines(
            NONCURRENT_ASSETS,
            ("property-and-equipment", "Property and equipment at cost"),
            ("accumulated-depreciation", "Less accumulated depreciation"),
            ("intangibles", "Intangibles"),
            ("investments", "Investments"),
            ("loans-given", "Loans given"),
        ),
        *_lines(
            CURRENT_LIABILITIES,
            ("bank-overdrafts", "Bank overdrafts"),
            ("payables", "Payables"),
            ("cards", "Cards"),
            ("due-to-related", "Due to related"),
            ("accrued", "Accrued"),
            ("tax-and-payroll-payable", "Tax and payroll payable"),
            ("customer-advances", "Customer advances"),
            ("current-portion-of-loans", "Current portion of loans"),
        ),
        *_lines(NONCURRENT_LIABILITIES, ("loans", "Loans"), ("related-loans", "Related loans")),
        *_lines(
            EQUITY,
            ("capital", "Capital"),
            ("retained", "Retained and allocated"),
            ("current-year-result", "Current-year result"),
            ("unrealised-currency", "Unrealised currency difference"),
            ("cta", "Cumulative translation adjustment"),
            ("non-controlling-interest", "Non-controlling interest"),
        ),
        *_lines(REVENUE, ("revenue", "Revenue"), ("returns", "Returns")),
        *_lines(COGS, ("cogs", "Cost of goods sold")),
        *_lines(OPERATING, ("operating-expenses", "Operating expenses")),
        *_lines(
            OTHER,
            ("other-income", "Other income"),
            ("other-expense", "Other expense"),
            ("interest-income", "Interest income"),
            ("interest-expense", "Interest expense"),
            ("fx-gains", "Currency gains and losses"),
            ("gains", "Gains and losses"),
        ),
        *_lines(TAX, ("income-tax", "Income tax")),
    )
}
# Lines that a statement computes; no account may claim them.
COMPUTED = frozenset({"bank-overdrafts", "current-year-result", "unrealised-currency"})


def line_of(name: str, accounts: Mapping[str, Account]) -> StatementLine | None:
    """The line of an account, its own or its nearest parent's; None: it has none, or no such."""
    parts = name.split(":")
    for size in range(len(parts), 0, -1):
        account = accounts.get(":".join(parts[:size]))
        if account and account.line:
            found = LINES.get(account.line)
            return found if found and found.name not in COMPUTED and _fits(name, found) else None
    return None


def _fits(account: str, line: StatementLine) -> bool:
    """A balance sheet line for balance sheet accounts, an income line for the others."""
    is_flow = account.startswith(("Income:", "Expenses:"))
    return is_flow != (line.section in BALANCE_SECTIONS)


def unassigned(books: Books, name: str) -> Finding:
    """The finding for an account that no statement line takes."""
    account = books.accounts.get(name)
    meta = account.meta if account else {}
    said = (
        f"the line “{account.line}” does not fit it"
        if account and account.line
        else "no line: metadata"
    )
    return Finding(
        "REPORT-LINE",
        Severity.ERROR,
        f"{name} has {said}; its balance is shown as unassigned until it gets one",
        factor="Absence of records",
        entities=(account.entity,) if account else (),
        file=books.relative(str(meta.get("filename", ""))),
        line=int(meta.get("lineno", 0)),
        fix='  line: "operating-expenses"' if name.startswith("Expenses:") else "",
    )
