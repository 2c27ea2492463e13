"""Every report by the name that people type."""

from collections.abc import Callable, Mapping

from core.journal.books import Books
from core.period import Period
from reports.balance_sheet import balance_sheet
from reports.cash_flow import cash_flow
from reports.general_ledger import general_ledger
from reports.income_statement import income_statement
from reports.members_equity import members_equity
from reports.model import Report
from reports.trends import trends
from reports.trial_balance import trial_balance

REPORTS: Mapping[str, Callable[[Books, str, Period], Report]] = {
    "trial-balance": trial_balance,
    "general-ledger": general_ledger,
    "balance-sheet": balance_sheet,
    "income-statement": income_statement,
    "cash-flow": cash_flow,
    "members-equity": members_equity,
    "trends": trends,
}
FLOW = "money-flow"  # of one entity or of a group
