"""The files of an import beside the books as they will be: holdings that differ, prices to keep."""

from collections.abc import Iterable
from dataclasses import replace

from beancount.core import data

from importers.desk import Desk
from importers.investing.positions import gaps, holdings_of, prices_of
from importers.investing.trader import Trader
from importers.planned import FilePlan


def compared(
    files: Iterable[FilePlan], desk: Desk, trader: Trader
) -> tuple[list[FilePlan], list[data.Price]]:
    """The files with a warning for each holding that will not be what its statement says, and the
    prices that the statements state and the books lack."""
    told, prices = [], dict[tuple[object, str, str], data.Price]()
    for file in files:
        warnings = list(file.warnings)
        for plan in file.statements:
            if plan.account is None or not plan.statement.positions:
                continue
            holdings = holdings_of(plan.statement, plan.account, trader)
            warnings += gaps(holdings, plan.account, desk.drafts, trader)
            for price in prices_of(plan.statement, holdings, trader):
                prices.setdefault((price.date, price.currency, price.amount.currency), price)
        told.append(replace(file, warnings=tuple(warnings)))
    return told, list(prices.values())
