"""Actual's export: a zip with ``db.sqlite`` and ``metadata.json``; the database says it all.

Amounts are integers of cents, months ``202601``. Tables that count: ``categories`` and
``category_groups``; ``zero_budgets``, what was budgeted by month (of an envelope budget);
``zero_budget_months``, what was held for the next one; ``transactions`` of accounts on the budget,
for what a category had left. A database is copied into memory and never opened as a file.
"""

import json
import sqlite3
from contextlib import closing, suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from core.budget.month import month_named, name_of
from core.money import at_cents
from importers.statement import RefusedFileError

_STEPS = 50_000_000  # of SQLite's machine, after which a query is given up
_CENTS = Decimal("0.01")
_TRACKING = {"report", "tracking"}
# What was spent by category and month: the parts of a split, not their parent; accounts on the
# budget only. A category that was merged into another counts there.
_SPENT = """
    select coalesce(m.transferId, t.category), t.date / 100, sum(t.amount)
    from transactions t
    join accounts a on a.id = t.acct
    left join category_mapping m on m.id = t.category
    where coalesce(t.tombstone, 0) = 0 and coalesce(t.isParent, 0) = 0
      and coalesce(a.offbudget, 0) = 0 and t.category is not null
    group by 1, 2
"""


def read_actual(raw: bytes) -> dict[str, Any]:
    """What the database says, as JSON has it. Raises RefusedFileError."""
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.deserialize(raw)
            database.execute("pragma trusted_schema = off")
            database.execute("pragma query_only = on")
            steps = [0]

            def tired() -> int:
                steps[0] += 1
                return steps[0] * 10_000 > _STEPS

            database.set_progress_handler(tired, 10_000)
            return _said(database)
        except sqlite3.Error as error:
            raise RefusedFileError(
                f"is no budget of Actual: {error}", hint="export it again: Settings, Export data"
            ) from error


def _said(database: sqlite3.Connection) -> dict[str, Any]:
    kind = ""
    with suppress(sqlite3.OperationalError):  # older databases keep it elsewhere
        row = database.execute("select value from preferences where id = 'budgetType'").fetchone()
        kind = row[0] if row else ""
    if kind in _TRACKING:
        raise RefusedFileError(
            "is a tracking budget, which has no envelopes",
            hint="plan its amounts for accounts: bud-plan, see docs/budgets.md",
        )
    goals = _goals(database)
    remarks = []
    categories: dict[str, dict[str, Any]] = {}
    wanted = (
        "select c.id, c.name, g.name from categories c join category_groups g on g.id = c.cat_group"
        " where coalesce(c.tombstone, 0) = 0 and coalesce(c.is_income, 0) = 0"
        " order by g.sort_order, c.sort_order, c.name"
    )
    for ident, name, group in database.execute(wanted):
        target, other = _target(goals.get(ident, ""))
        categories[ident] = {
            "name": str(name),
            "group": str(group),
            "assigned": {},
            "available": {},
            "target": target,
        }
        remarks += [f"{name}: its template ({other}) is not taken over"] if other else []
    carried = _budgeted(database, categories)
    _available(database, categories, carried)
    holds = {
        _month(ident): at_cents(_cents(number))
        for ident, number in database.execute("select id, buffered from zero_budget_months")
        if number
    }
    return {
        "program": "Actual",
        "categories": list(categories.values()),
        "holds": holds,
        "remarks": remarks,
    }


def _budgeted(
    database: sqlite3.Connection, categories: dict[str, dict[str, Any]]
) -> dict[str, set[str]]:
    """Fills in what was budgeted; the months from which on a category carries what is missing."""
    carried: dict[str, set[str]] = {}
    rows = database.execute("select category, month, amount, carryover from zero_budgets")
    for ident, month, amount, carries in rows:
        category = categories.get(ident)
        if category is None:
            continue
        name = _month(month)
        category["assigned"][name] = at_cents(_cents(amount or 0))
        if carries:
            carried.setdefault(ident, set()).add(name)
    for ident, category in categories.items():
        newest = max(category["assigned"], default="")
        category["keeps_debt"] = newest in carried.get(ident, ())
    return carried


def _available(
    database: sqlite3.Connection,
    categories: dict[str, dict[str, Any]],
    carried: dict[str, set[str]],
) -> None:
    """Fills in what was left at each month's end, as Actual works it out: a rest is carried, what
    is missing only where the category says so."""
    spent: dict[str, dict[str, int]] = {}
    for ident, month, amount in database.execute(_SPENT):
        spent.setdefault(ident, {})[_month(month)] = amount
    for ident, category in categories.items():
        own = spent.get(ident, {})
        months = [month_named(m) for m in (*own, *category["assigned"])]
        left = Decimal(0)
        for number in range(min(months), max(months) + 1) if months else ():
            month = name_of(number)
            left += Decimal(category["assigned"].get(month, 0)) + _cents(own.get(month, 0))
            category["available"][month] = at_cents(left)
            if left < 0 and month not in carried.get(ident, ()):
                left = Decimal(0)


def _goals(database: sqlite3.Connection) -> dict[str, str]:
    with suppress(sqlite3.OperationalError):  # a database from before templates
        return dict(
            database.execute("select id, goal_def from categories where goal_def is not null")
        )
    return {}


def _target(goal: str) -> tuple[list[str] | None, str]:
    """The amount and month of a template “by a month”, and what kind of template it is else."""
    if not goal:
        return None, ""
    try:
        said = json.loads(goal, parse_float=Decimal, parse_int=Decimal)
        kinds = [each["type"] for each in said]
        (by,) = said
        if by["type"] == "by" and "annual" not in by:  # else it comes again
            month_named(by["month"])
            return [at_cents(Decimal(by["amount"]).quantize(_CENTS)), by["month"]], ""
        return None, ", ".join(map(str, kinds))
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return None, "a template of several parts"


def _month(text: object) -> str:
    digits = str(text).replace("-", "")
    if len(digits) != 6 or not digits.isdigit():
        raise RefusedFileError(f"“{text}” is no month of Actual")
    name = f"{digits[:4]}-{digits[4:]}"
    try:
        month_named(name)
    except ValueError as error:
        raise RefusedFileError(f"“{text}” is no month of Actual") from error
    return name


def _cents(number: object) -> Decimal:
    if not isinstance(number, int):
        raise RefusedFileError(f"“{number}” is no amount of Actual (cents)")
    return Decimal(number) / 100
