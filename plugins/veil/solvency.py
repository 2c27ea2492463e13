"""Solvency: no distribution that leaves the company unable to pay what it owes.

Two tests (RULLCA 405, MBCA 6.40): after the distribution, assets cover liabilities and what owners
with a preference come first with; and cash with what is expected covers what falls due within the
next days. The first is a fact of the books, the second an estimate from what they know.

A distribution is measured on the day it was authorised when it was paid within 120 days, else on
the day it was paid; what was authorised and is not yet paid counts as gone.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core.amount import Amount

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.money import at_cents, round_half_up
from plugins.rule import Rule, Scope, about
from plugins.veil.distributions import (
    Distribution,
    authorised,
    distributions,
    may_be_distribution,
)
from plugins.veil.dues import dues_of, may_be_due
from plugins.veil.evidence import has_evidence
from plugins.veil.figures import NoRateError, companies, converted, figures_of
from plugins.veil.gathering import ZERO

_FACTOR = "Insolvency; siphoning"
_PAID_WITHIN = dt.timedelta(days=120)
HORIZON = 90


@dataclass(frozen=True)
class Solvency:
    """The figures of both tests on a day, in the company's currency; all positive as people say
    them. ``distributed`` is what the tests still take off: what is not in the figures yet."""

    currency: str
    date: dt.date
    horizon: int
    assets: Decimal
    liabilities: Decimal
    senior: Decimal
    cash: Decimal
    receipts: Decimal
    obligations: Decimal
    distributed: Decimal = ZERO

    def after(self, amount: Decimal) -> "Solvency":
        """The same after a distribution of ``amount`` more."""
        return replace(self, distributed=self.distributed + amount) if amount else self

    @property
    def balance_sheet(self) -> Decimal:
        """What assets exceed liabilities and preferences by; negative fails."""
        return self.assets - self.distributed - self.liabilities - self.senior

    @property
    def cash_flow(self) -> Decimal:
        """What cash and expected receipts exceed obligations by; negative fails."""
        return self.cash - self.distributed + self.receipts - self.obligations

    @property
    def largest(self) -> Decimal:
        """The largest further distribution that passes both tests."""
        return max(ZERO, min(self.balance_sheet, self.cash_flow))


def solvency(entity: Entity, day: dt.date, books: Books) -> Solvency:
    """The figures of a company at the end of ``day``. Raises NoRateError."""
    figures = figures_of(books)
    position = figures.position(entity, day)
    horizon = int(books.policy.threshold("VEIL-013", "horizon-days", day, HORIZON))
    expected = dues_of(books, figures).expected(entity.name, day, horizon)
    return Solvency(
        entity.currency,
        day,
        horizon,
        assets=position.assets,
        liabilities=position.liabilities,
        senior=converted(_preferences(entity, day, books), entity.currency, day, books),
        cash=position.cash,
        receipts=converted(expected.receipts, entity.currency, day, books),
        obligations=converted(expected.obligations, entity.currency, day, books),
    )


def _preferences(entity: Entity, day: dt.date, books: Books) -> dict[str, Decimal]:
    """What owners come first with: ``preference:`` of each one's newest ownership directive."""
    newest = {}
    for ownership in books.registry.ownerships:  # in date order
        if ownership.entity == entity.name and ownership.date <= day:
            newest[ownership.owner] = ownership.meta.get("preference")
    sums: dict[str, Decimal] = {}
    for amount in newest.values():
        if isinstance(amount, Amount) and amount.number is not None:
            sums[amount.currency] = sums.get(amount.currency, ZERO) + amount.number
    return sums


def looks_at(shape: Shape, books: Books) -> bool:
    """What owners took, and what falls due."""
    return may_be_distribution(shape, books) or may_be_due(shape, books)


@dataclass(frozen=True)
class _Measured:
    """A distribution, the day it is measured on, and its amount in the company's currency."""

    paid: Distribution
    day: dt.date
    amount: Decimal


def insolvent(books: Books) -> Iterator[Finding]:
    """VEIL-013: a distribution after which one of the tests fails."""
    of_company: dict[str, list[Distribution]] = {}
    for each in distributions(books):
        of_company.setdefault(each.entity, []).append(each)
    for entity in companies(books):
        if entity.name in of_company:
            try:
                yield from _insolvent(entity, of_company[entity.name], books)
            except NoRateError as error:
                yield _not_tested(of_company[entity.name][-1], error, books)


def _insolvent(entity: Entity, found: Sequence[Distribution], books: Books) -> Iterator[Finding]:
    measured = [_measured(each, entity, books) for each in found if each.amount > 0]
    returned = [_measured(each, entity, books) for each in found if each.amount < 0]
    back = sum((-each.amount for each in returned), ZERO)
    by_day: dict[dt.date, list[_Measured]] = {}
    for each in sorted(measured, key=lambda m: m.day):
        by_day.setdefault(each.day, []).append(each)
    authorised_by = _running((each.day, each.amount) for each in measured)
    paid_by = _running((each.paid.date, each.amount) for each in measured)
    returned_by = _running((each.paid.date, -each.amount) for each in returned)
    used = ZERO  # of what came back, for distributions before
    for day, group in by_day.items():
        outstanding = _upto(authorised_by, day) - _upto(paid_by, day)
        test = _valued(solvency(entity, day, books), group, books).after(outstanding)
        short = -min(test.balance_sheet, test.cash_flow, ZERO)
        if not short:
            continue
        available = back - max(used, _upto(returned_by, day))
        cured = available >= short
        used = max(used, _upto(returned_by, day)) + min(available, short)
        yield _found(entity, group, test, cured, books)


def _measured(paid: Distribution, entity: Entity, books: Books) -> _Measured:
    day = authorised(paid.txn, books)
    if day is None or not day <= paid.date <= day + _PAID_WITHIN:
        day = paid.date
    amount = converted({paid.currency: paid.amount}, entity.currency, paid.date, books)
    return _Measured(paid, day, amount)


_Running = tuple[list[dt.date], list[Decimal]]


def _running(moves: Iterable[tuple[dt.date, Decimal]]) -> _Running:
    days: list[dt.date] = []
    totals = [ZERO]
    for day, number in sorted(moves):
        days.append(day)
        totals.append(totals[-1] + number)
    return days, totals


def _upto(running: _Running, day: dt.date) -> Decimal:
    """The total of what moved up to and with ``day``."""
    return running[1][bisect_right(running[0], day)]


def _valued(test: Solvency, group: Sequence[_Measured], books: Books) -> Solvency:
    """The test with assets at fair value where an entry says so, with a paper for it."""
    for each in group:
        value = each.paid.txn.meta.get("valuation")
        if not isinstance(value, Amount) or value.number is None:
            continue
        if has_evidence(each.paid.txn, books, ("solvency", "document")):
            fair = {value.currency: value.number}
            assets = converted(fair, test.currency, test.date, books)
            return replace(test, assets=assets)
    return test


def _found(
    entity: Entity, group: Sequence[_Measured], test: Solvency, cured: bool, books: Books
) -> Finding:
    total = sum((each.amount for each in group), ZERO)
    owners = " and ".join(dict.fromkeys(each.paid.owner for each in group))
    lawful = test.after(-total).largest
    failed = _told(test, entity.currency)
    severity = Severity.ERROR if test.balance_sheet < 0 else Severity.WARNING
    end = "; the excess was given back since"
    if not cured:
        end = f"; have {money(total - lawful, entity.currency)} given back"
    return about(
        books,
        group[-1].paid.txn,
        code="VEIL-013",
        factor=_FACTOR,
        severity=Severity.INFO if cured else severity,
        message=f"{entity.name} distributed {money(total, entity.currency)} to {owners}, measured "
        f"on {test.date}: {failed}; {money(lawful, entity.currency)} would have been lawful{end}",
        evidence=("the solvency determination: date, figures, who signed",),
    )


def _told(test: Solvency, currency: str) -> str:
    """The figures of each failed test."""
    told = []
    if test.balance_sheet < 0:
        senior = f" and preferences of {money(test.senior)}" if test.senior else ""
        told.append(
            f"assets of {money(test.assets - test.distributed)} against liabilities of "
            f"{money(test.liabilities)}{senior} leave {money(test.balance_sheet, currency)}"
        )
    if test.cash_flow < 0:
        told.append(
            f"cash of {money(test.cash - test.distributed)} and {money(test.receipts)} expected "
            f"against {money(test.obligations)} due within {test.horizon} days leave "
            f"{money(test.cash_flow, currency)}"
        )
    return "; ".join(told)


def _not_tested(paid: Distribution, error: NoRateError, books: Books) -> Finding:
    return about(
        books,
        paid.txn,
        code="VEIL-013",
        factor=_FACTOR,
        message=f"the solvency of {paid.entity} cannot be tested: {error.message}; {error.hint}",
    )


def money(number: Decimal, currency: str = "") -> str:
    """An amount at cents, as people read it."""
    return f"{at_cents(round_half_up(number))} {currency}".rstrip()


RULES = (
    Rule(
        "VEIL-013",
        "Insolvent distribution",
        _FACTOR,
        Scope.ENTITY,
        True,
        insolvent,
        meaning="after a distribution, book assets do not cover liabilities and preferences "
        "(error), or cash and the receipts expected within horizon-days (90, the last included) "
        "do not cover the bills, loan payments and dated obligations of those days (warning); "
        "measured when it was authorised if paid within 120 days, else when paid; a determination "
        "on file does not cure figures that fail",
        cure="have the excess given back (a paired reversal), or document a fair value as "
        "valuation: with its paper",
        reference="RULLCA 405; MBCA 6.40",
        looks_at=looks_at,
    ),
)
