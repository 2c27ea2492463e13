"""``plugin "bulkhead.budget"``: the rules of budgets alone, in bean-check and Fava.

For a root that wants budgets and nothing else of ours; ``bulkhead.veil`` runs these rules too. What
is wrong with a directive (``bud-…``) and findings of severity error become errors; the rest is
shown by ``books check``. It takes no argument, and entries pass through unchanged.
"""

from collections import namedtuple
from typing import Any

from beancount.core import data
from beancount.ops import pad

from core.budget.ledger import budgets_in
from core.budget.plans import plans_in
from core.findings import Severity
from core.journal.books import Books
from plugins.run import run_rules

__plugins__ = ("budget",)

BudgetError = namedtuple("BudgetError", "source message entry")


def budget(
    entries: list[data.Directive], options_map: dict[str, Any]
) -> tuple[list[data.Directive], list[BudgetError]]:
    """The entries as they came, and an error for each malformed directive and each finding."""
    # Beancount pads after the plugins of a file have run; the rules must see what readers see.
    padded, _ = pad.pad(entries, options_map)
    books = Books.of(padded, options_map)
    problems = (*budgets_in(books).problems, *plans_in(books).problems)
    errors = [BudgetError(entry.meta, problem, entry) for entry, problem in problems]
    for finding in run_rules(books, only="BUD-"):
        if finding.severity is Severity.ERROR:
            source = data.new_metadata(str(books.base / finding.file), finding.line)
            errors.append(BudgetError(source, f"{finding.code} {finding.message}", None))
    return entries, errors
