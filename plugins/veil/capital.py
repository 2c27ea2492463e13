"""An owner's capital below zero: he has taken out more than he put in and earned.

Capital is what stands under the owner's name in equity, and his share of the current year's result
as far as it is not allocated yet; earlier years count when they are allocated (IRC 704(b), 731).
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal

from beancount.core import data

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.period import Period, fiscal_year_of
from plugins.rule import Rule, Scope
from plugins.veil.figures import (
    Figures,
    NoRateError,
    companies,
    converted,
    figures_of,
    month_ends,
)
from plugins.veil.gathering import ZERO, book_value
from plugins.veil.solvency import money
from plugins.veil.spans import about_entity, spans
from plugins.veil.undercapitalised import evidence_of

_FACTOR = "Siphoning; undercapitalisation"
_RESULT = ("Income", "Expenses")
_MEMO = "deficit-restoration"


def negative_capital(books: Books) -> Iterator[Finding]:
    """VEIL-017: an owner's capital is below zero at a month end, or now."""
    figures = figures_of(books)
    allocated = Allocations(books)
    for entity in companies(books):
        own = figures.of(entity.name)
        if own is None:
            continue
        months = own.months
        if not months:
            continue
        first = dt.date(months[0] // 12, months[0] % 12 + 1, 1)
        days = month_ends(first, books.as_of)
        days += [] if books.as_of in days else [books.as_of]
        try:
            by_day = {day: capital(entity, day, figures, allocated) for day in days}
        except NoRateError as error:
            yield about_entity(
                books,
                entity,
                code="VEIL-017",
                factor=_FACTOR,
                severity=Severity.WARNING,
                day=books.as_of,
                message=f"the owners' capital of {entity.name} cannot be computed: "
                f"{error.message}; {error.hint}",
            )
            continue
        for owner in sorted({owner for each in by_day.values() for owner in each}):
            yield from _negative(entity, owner, by_day, books)


def capital(
    entity: Entity, day: dt.date, figures: Figures, allocated: "Allocations"
) -> dict[str, Decimal]:
    """Each owner's capital at the end of ``day``, in the entity's currency. Raises NoRateError."""
    books = figures.books
    year = fiscal_year_of(day, entity.fiscal_year_end)
    held = figures.on(entity.name, day)
    members = {group.owner for group, _ in held if group.owner}
    if not members:
        return {}
    before = figures.on(entity.name, year.first - dt.timedelta(days=1))
    result = -figures.total(entity, held, day, root=_RESULT)
    earlier = -figures.total(entity, before, day, root=_RESULT)
    result -= earlier
    result -= allocated.of_year(entity, year, day, result, earlier)
    shares = books.registry.owners(entity.name, day)
    return {
        owner: -figures.total(entity, held, day, root="Equity", owner=owner)
        + result * shares.get(owner, ZERO) / 100
        for owner in members
    }


def allocates(txn: data.Transaction) -> bool:
    """Whether an entry moves something between members' accounts and others, and no asset or
    liability."""
    return _allocates([posting.account for posting in txn.postings])


def looks_at(shape: Shape, _: Books) -> bool:
    """Entries that allocate."""
    return _allocates(shape.accounts)


def _allocates(accounts: Sequence[str]) -> bool:
    if any(account.startswith(("Assets:", "Liabilities:")) for account in accounts):
        return False
    return any(account.split(":")[2:3] == ["Members"] for account in accounts)


class Allocations:
    """What was allocated of results: entries between members' accounts and other equity, such as
    ``Equity:Acme:CurrentYearResult``; not those against ``OpeningBalances``."""

    def __init__(self, books: Books) -> None:
        self._books = books
        found: dict[tuple[str, str], list[tuple[int, Decimal]]] = {}
        for txn in books.select("allocates", allocates):
            for posting in txn.postings:
                root, _, *rest = posting.account.split(":")
                if root == "Equity" and rest[:1] not in (["Members"], ["OpeningBalances"]):
                    number, currency = book_value(posting)
                    entity = books.registry.ent(posting.account) or ""
                    found.setdefault((entity, currency), []).append((txn.date.toordinal(), number))
        self._running: dict[str, dict[str, tuple[list[int], list[Decimal]]]] = {}
        for (entity, currency), moves in found.items():
            days, totals = [], [ZERO]
            for each, number in sorted(moves):
                days.append(each)
                totals.append(totals[-1] + number)
            self._running.setdefault(entity, {})[currency] = days, totals

    def until(self, entity: Entity, day: dt.date, at: dt.date) -> Decimal:
        """All that was allocated up to ``day``, at the rates of ``at``."""
        sums = {
            currency: totals[bisect_right(days, day.toordinal())]
            for currency, (days, totals) in self._running.get(entity.name, {}).items()
        }
        return converted(sums, entity.currency, at, self._books)

    def of_year(
        self, entity: Entity, year: Period, day: dt.date, result: Decimal, earlier: Decimal
    ) -> Decimal:
        """What of this year's ``result`` is allocated by ``day``. Entries of its last day are this
        year's; others are for ``earlier`` results first, as far as these are not allocated."""
        if entity.name not in self._running:
            return ZERO
        eve = year.first - dt.timedelta(days=1)
        before_last = min(day, year.last - dt.timedelta(days=1))
        before = self.until(entity, eve, day)
        within = self.until(entity, before_last, day) - before
        closing = self.until(entity, day, day) - within - before
        open_ = earlier - before
        for_earlier = max(min(within, max(open_, ZERO)), min(open_, ZERO))
        mine = within - for_earlier + closing
        return max(min(mine, max(result, ZERO)), min(result, ZERO))


def _negative(
    entity: Entity, owner: str, by_day: dict[dt.date, dict[str, Decimal]], books: Books
) -> Iterator[Finding]:
    found = ((day, each.get(owner, ZERO)) for day, each in by_day.items())
    for span in spans((day, number if number < 0 else None) for day, number in found):
        ends = {fiscal_year_of(day, entity.fiscal_year_end).last for day in span.days}
        at_year_end = not ends.isdisjoint(span.days)
        excess = money(-span.last, entity.currency)
        cure = (
            f"a contribution of {excess}, or the excess booked as due from {owner} with a note, "
            "mends it"
        )
        severity = Severity.ERROR if at_year_end else Severity.WARNING
        if not span.lasts:
            severity = Severity.WARNING if at_year_end else Severity.INFO
            cure = "mended since"
        elif evidence_of(entity, _MEMO, books):
            severity, cure = Severity.INFO, f"{owner} has promised to restore it"
        yield about_entity(
            books,
            entity,
            code="VEIL-017",
            factor=_FACTOR,
            severity=severity,
            day=span.days[0],
            about=owner,
            message=f"the capital of {owner} in {entity.name} was {money(span.last)} "
            f"{entity.currency} {span.told}{', over a year end' if at_year_end else ''}; {cure}",
            evidence=(
                "the contribution's resolution, or the obligation to restore a deficit "
                "(deficit-restoration: on the entity)",
            ),
        )


RULES = (
    Rule(
        "VEIL-017",
        "Negative capital",
        _FACTOR,
        Scope.ENTITY,
        True,
        negative_capital,
        meaning="an owner's capital (what stands under the name in equity, and the share of the "
        "current year's result that is not allocated) is below zero at month ends, or now; told "
        "once for months in a row: a warning, an error when a fiscal year ended so and it lasts, "
        "an info once mended",
        cure="a contribution; a documented obligation to restore the deficit, as "
        "deficit-restoration: on the entity; or the excess as due from the owner, with a note",
        reference="IRC 704(b), 731, 752, 1368",
        looks_at=looks_at,
        usual=Severity.WARNING,
    ),
)
