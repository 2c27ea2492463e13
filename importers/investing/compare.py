"""The files of an import beside the books as they will be: the holdings that differ, and what
belongs to everybody's books, the commodities and prices."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from beancount.core import data

from core.entity import Entity
from core.journal.change import Block
from core.journal.render import render
from importers.desk import Desk
from importers.investing.positions import gaps, holdings_of, prices_of
from importers.investing.trader import Trader
from importers.planned import FilePlan

_COMMODITIES = Path("ledger/commodities.beancount")
_PRICES = Path("ledger/prices.beancount")


def compared(
    files: Iterable[FilePlan], desk: Desk, trader: Trader
) -> tuple[list[FilePlan], list[tuple[Path, Entity, Block]]]:
    """The files with a warning for each holding that will not be what its statement says; and the
    directives for securities and prices that the books lack, with their places."""
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
    anyone = next(iter(trader.books.registry.entities.values()), Entity("", ""))
    blocks = [(_COMMODITIES, anyone, render(e)) for e in trader.commodities.added.values()]
    blocks += [(_PRICES, anyone, render(e)) for e in prices.values()]
    return told, blocks
