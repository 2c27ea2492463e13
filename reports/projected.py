"""A ledger that asks the projection instead of going through entries."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from typing import Any

from beancount.core import data, prices
from beancount.core.amount import Amount

from core.findings import Finding
from core.journal.books import Books
from core.period import Period
from core.projection import queries
from core.projection.projection import Projection
from core.projection.schema import ProjectionError
from core.projection.sync import synced
from reports.balances import ZERO, Ledger, Turnover
from reports.model import Report, Unreviewed

_LOG = logging.getLogger("bulkhead")


class ProjectedLedger(Ledger):
    """The same figures, from tables. What needs the movements themselves still gets them."""

    def __init__(self, books: Books, entity: str, projection: Projection) -> None:
        super().__init__(books, entity)
        self._projection = projection

    def turnovers(self, period: Period) -> dict[str, dict[str, Turnover]]:
        """By currency and account, what moved before the period and in it, at its weight."""
        out: dict[str, dict[str, Turnover]] = {}
        for found in queries.turnovers(self._projection, self.entity, period.first, period.last):
            turned = Turnover(found.before, found.debits, found.credit)
            out.setdefault(found.currency, {})[found.account] = turned
        return out

    def unreviewed(self, last: dt.date) -> Unreviewed:
        """The entity's entries with ``review:`` up to and with ``last``."""
        found = queries.marked(self._projection, self.entity, "review", last)
        return Unreviewed(len(found), sum((abs(number) for number in found if number), ZERO))

    @cached_property
    def _price_map(self) -> Any:
        found = queries.prices(self._projection)
        nowhere = data.new_metadata("<projection>", 0)
        return prices.build_price_map(
            [data.Price(nowhere, p.date, p.currency, Amount(p.number, p.quote)) for p in found]
        )

    def _held(self, day: dt.date) -> dict[str, dict[str, Decimal]]:
        found = queries.balances(self._projection, self.entity, day)
        return {
            each.account: dict(each.book)
            for each in found
            if each.account.startswith(("Assets:", "Liabilities:"))
        }

    def _moved(
        self, first: dt.date | None, last: dt.date, roots: Sequence[str]
    ) -> Iterator[tuple[str, dt.date, Decimal, str]]:
        prefixes = tuple(f"{root}:" for root in roots)
        for flow in queries.flows(self._projection, self.entity, first, last, self.currency):
            if flow.account.startswith(prefixes):
                yield flow.account, flow.day or last, flow.weight, flow.currency


def from_tables(books: Books, findings: Sequence[Finding], made: Callable[[], Report]) -> Report:
    """The report that ``made`` makes of the books, from their projection where there can be one.

    ``findings`` are all that is found about the books. Where a number does not fit into a table
    without rounding, the report comes from the entries.
    """
    if books.parts is None:
        return made()
    try:
        with synced(books, findings) as projection, _asking(projection, books):
            return made()
    except ProjectionError as error:
        _LOG.info("projection: not used (%s)", error)
    return made()


@contextmanager
def _asking(projection: Any, books: Books) -> Iterator[None]:
    """Within this, every ledger of the books asks the projection."""
    before = dict(books.memo)
    for entity in books.registry.entities:
        books.memo["ledger", entity] = ProjectedLedger(books, entity, projection)
    try:
        yield
    finally:
        books.memo.clear()
        books.memo.update(before)
