"""Budget against actual: what was planned for each account in a period, and what the books say.

Amounts are positive for income that came in and for expenses that were spent. Variance is actual
less plan; it is favourable where it is more income or less expense. A planned account takes in the
accounts below it, as Fava's charts do.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.budget.plans import plans_in
from core.journal.books import Books
from core.money import at_cents, round_half_up
from core.period import Period, fiscal_year_of
from reports.balances import Ledger
from reports.model import HEADING, TOTAL, Report, Row

ZERO = Decimal(0)
_ROOTS = ("Income", "Expenses")


@dataclass(frozen=True)
class Compared:
    """An account's plan and actual in a period, and in the fiscal year up to its end."""

    account: str
    plan: Decimal
    actual: Decimal
    plan_to_date: Decimal
    actual_to_date: Decimal

    @property
    def variance(self) -> Decimal:
        """Actual less plan."""
        return self.actual - self.plan

    @property
    def percent(self) -> Decimal | None:
        """The variance in percent of the plan; None where nothing was planned."""
        return round_half_up(self.variance * 100 / self.plan) if self.plan else None

    @property
    def favourable(self) -> bool:
        """Whether the variance is none, or good for the result."""
        return self.variance >= 0 if self.account.startswith("Income:") else self.variance <= 0


def planned_entities(books: Books) -> list[str]:
    """The entities that have planned for an account."""
    owners = {books.registry.ent(account) for account in plans_in(books).accounts}
    return sorted(owner for owner in owners if owner)


def compared(books: Books, entity: str, period: Period) -> list[Compared]:
    """Each planned account of an entity, income first, in the entity's currency. Raises UserError
    where a price is missing."""
    year = fiscal_year_of(period.last, books.registry.entities[entity].fiscal_year_end)
    ledger = Ledger.of(books, entity)
    begin = min(year.first, period.first)
    own = [a for a in plans_in(books).accounts if books.registry.ent(a) == entity]
    spans = (period.first, period.last), (begin, period.last)
    figures = [
        [(_planned(books, ledger, own, a, *span), _actual(ledger, a, *span)) for span in spans]
        for a in own
    ]
    found = [Compared(a, *now, *year) for a, (now, year) in zip(own, figures, strict=True)]
    order = {root: place for place, root in enumerate(_ROOTS)}
    return sorted(found, key=lambda each: order.get(each.account.partition(":")[0], 2))


def _planned(
    books: Books, ledger: Ledger, own: list[str], account: str, first: dt.date, last: dt.date
) -> Decimal:
    """The plans of an account and those below it."""
    total = ZERO
    for each in own:
        if each == account or each.startswith(f"{account}:"):
            for currency, number in plans_in(books).planned(each, first, last).items():
                total += ledger.valued(number, currency, last)
    return total


def _actual(ledger: Ledger, account: str, first: dt.date, last: dt.date) -> Decimal:
    root = account.partition(":")[0]
    flows: Mapping[str, Decimal] = ledger.flows(first, last, root)
    total = sum(
        (n for name, n in flows.items() if name == account or name.startswith(f"{account}:")), ZERO
    )
    return total if root in {"Expenses", "Assets"} else -total


def plan_json(books: Books, entity: str, period: Period) -> dict[str, Any]:
    """Budget against actual as JSON; amounts are strings."""
    return {
        "entity": entity,
        "month": period.name,
        "mode": "period",
        "currency": books.registry.entities[entity].currency,
        "accounts": [
            {
                "account": each.account,
                "plan": _plain(each.plan),
                "actual": _plain(each.actual),
                "variance": _plain(each.variance),
                "percent": None if each.percent is None else _plain(each.percent),
                "favourable": each.favourable,
                "plan_to_date": _plain(each.plan_to_date),
                "actual_to_date": _plain(each.actual_to_date),
            }
            for each in compared(books, entity, period)
        ],
    }


def plan_report(books: Books, entity: str, period: Period, commit: str = "") -> Report:
    """Budget against actual as a page."""
    owner = books.registry.entities[entity]
    return Report(
        name="budget",
        title="Budget against actual",
        entity=entity,
        legal_name=owner.legal_name or entity,
        period=period,
        currency=owner.currency,
        as_of=books.as_of,
        columns=("Plan", "Actual", "Variance", "Percent", "Plan to date", "Actual to date"),
        rows=tuple(_rows(compared(books, entity, period))),
        identities=(),
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
        text_columns=("",),
        commit=commit,
    )


def _rows(found: list[Compared]) -> Iterator[Row]:
    accounts = {each.account for each in found}
    for root in dict.fromkeys(each.account.partition(":")[0] for each in found):
        yield Row(root, (None,) * 6, HEADING, texts=("",))
        of_root = [each for each in found if each.account.startswith(f"{root}:")]
        for each in of_root:
            yield _row(each.account.split(":", 2)[-1], each)
        top = [each for each in of_root if not _is_below(each.account, accounts)]
        total = Compared(
            f"{root}:",
            sum((each.plan for each in top), ZERO),
            sum((each.actual for each in top), ZERO),
            sum((each.plan_to_date for each in top), ZERO),
            sum((each.actual_to_date for each in top), ZERO),
        )
        yield _row(f"All planned {root.lower()}", total, TOTAL)


def _row(label: str, each: Compared, kind: str = "line") -> Row:
    said = "" if not each.variance else "favourable" if each.favourable else "unfavourable"
    amounts = (
        each.plan,
        each.actual,
        each.variance,
        each.percent,
        each.plan_to_date,
        each.actual_to_date,
    )
    return Row(label, amounts, kind, texts=(said,))


def _is_below(account: str, accounts: set[str]) -> bool:
    parts = account.split(":")
    return any(":".join(parts[:size]) in accounts for size in range(1, len(parts)))


def _plain(number: Decimal) -> str:
    rounded = round_half_up(number)
    return at_cents(rounded if rounded else abs(rounded))
