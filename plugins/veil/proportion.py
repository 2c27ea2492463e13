"""Proportion: what owners take out follows their shares.

The shares of a distribution lose no cent (largest remainder). Over a fiscal year each owner's
distributions divided by his share must come to the same; who got less is owed a corrective one
(Reg. 1.1361-1(l); Rev. Proc. 2022-19).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books
from core.money import round_half_up
from core.period import fiscal_year_of
from core.seal import closed_until
from plugins.rule import Rule, Scope, about
from plugins.veil.distributions import Distribution, distributions, may_be_distribution
from plugins.veil.figures import NoRateError, companies, converted
from plugins.veil.gathering import ZERO
from plugins.veil.solvency import money

_FACTOR = "Siphoning; failure of formalities"
_CENT = Decimal("0.01")


def shared(amount: Decimal, shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """``amount`` by shares (any positive scale), in whole cents that add up to it exactly.

    Each gets the cents below his exact share; the cents left go one by one to the largest
    remainders, at a tie to the larger share, then to the earlier name. ``amount`` must be whole
    cents and not negative; ValueError otherwise, and where no share is positive.
    """
    whole = sum(shares.values(), ZERO)
    if amount < 0 or amount != amount.quantize(_CENT):
        raise ValueError(f"{amount} is no amount of whole cents")
    if whole <= 0 or min(shares.values()) < 0:
        raise ValueError("the shares are no shares")
    cents = int(amount / _CENT)
    exact = {owner: Decimal(cents) * share / whole for owner, share in shares.items()}
    given = {owner: int(each.to_integral_value(ROUND_FLOOR)) for owner, each in exact.items()}
    ranked = sorted(shares, key=lambda o: (given[o] - exact[o], -shares[o], o))
    for owner in ranked[: cents - sum(given.values())]:
        given[owner] += 1
    return {owner: given[owner] * _CENT for owner in shares}


@dataclass
class _Year:
    """The distributions of one fiscal year as they are paid.

    ``ratios`` are payments divided by the share of their day, so that a change of shares on the way
    is no inequality; who joins begins with the ratio of the others, and who leaves is owed no more
    than he was short of (``left``).
    """

    last: dt.date
    ratios: dict[str, Decimal] = field(default_factory=dict)
    shares: dict[str, Decimal] = field(default_factory=dict)
    left: dict[str, Decimal] = field(default_factory=dict)
    first: Distribution | None = None  # with which payments became unequal, and
    until: dt.date = dt.date.max  # by when they must be equal again
    strangers: list[Distribution] = field(default_factory=list)

    def owned(self, shares: Mapping[str, Decimal]) -> None:
        """From now on these are the shares."""
        if shares == self.shares:
            return
        short = self.short()
        self.left.update({o: short[o] for o in self.shares if o not in shares})
        level = max(self.ratios.values(), default=ZERO)
        for owner in shares:
            if owner not in self.shares:
                self.ratios.setdefault(owner, level)
                self.left.pop(owner, None)
        self.shares = dict(shares)

    def paid(self, each: Distribution, amount: Decimal) -> None:
        """``amount`` of the distribution belongs to this year."""
        share = self.shares.get(each.owner, ZERO)
        if share:
            self.ratios[each.owner] += amount / share
        elif each.owner in self.left:
            self.left[each.owner] -= amount
        elif amount > 0:
            self.strangers.append(each)

    def short(self) -> dict[str, Decimal]:
        """What each owner is short of now."""
        level = max(self.ratios.values(), default=ZERO)
        now = {o: (level - self.ratios[o]) * share for o, share in self.shares.items()}
        return {**self.left, **now}

    def judge(self, each: Distribution, tolerance: Decimal, days: int) -> None:
        """At the end of a day on which something was paid."""
        if max(self.short().values(), default=ZERO) <= tolerance:
            self.first, self.until = None, dt.date.max
        elif self.first is None:
            self.first = each
            self.until = each.date + dt.timedelta(days=days)


def out_of_proportion(books: Books) -> Iterator[Finding]:
    """VEIL-016: at the end of a fiscal year owners were not paid by their shares, and were not
    within ``catch-up-days`` of the first unequal payment."""
    by_entity: dict[str, list[Distribution]] = {}
    for each in distributions(books):
        by_entity.setdefault(each.entity, []).append(each)
    for entity in companies(books):
        found = [d for d in by_entity.get(entity.name, ()) if not _is_excluded(d, entity)]
        try:
            for year in _years(entity, found, books):
                yield from _judged(entity, year, books)
        except NoRateError as error:
            yield about(
                books,
                found[-1].txn,
                code="VEIL-016",
                factor=_FACTOR,
                message=f"the shares of {entity.name} cannot be compared: {error.message}; "
                f"{error.hint}",
            )


@dataclass(frozen=True)
class Proportion:
    """How an entity's owners stand in a fiscal year that ends on ``last``: the shares, what was
    paid for each percent, and what each is short of, in the entity's currency."""

    last: dt.date
    shares: Mapping[str, Decimal]
    ratios: Mapping[str, Decimal]
    short: Mapping[str, Decimal]


def proportions(entity: Entity, until: dt.date, books: Books) -> list[Proportion]:
    """The fiscal years with distributions up to ``until``, as VEIL-016 judges them. Raises
    NoRateError."""
    if "distributions by entity" not in books.memo:
        by_entity: dict[str, list[Distribution]] = {}
        for each in distributions(books):
            by_entity.setdefault(each.entity, []).append(each)
        books.memo["distributions by entity"] = by_entity
    found = [
        each
        for each in books.memo["distributions by entity"].get(entity.name, ())
        if each.date <= until and not _is_excluded(each, entity)
    ]
    return [
        Proportion(year.last, dict(year.shares), dict(year.ratios), year.short())
        for year in _years(entity, found, books)
    ]


def short_of_share(entity: Entity, day: dt.date, books: Books) -> dict[str, Decimal]:
    """What each owner is short of in the fiscal year of ``day``, in whole cents. Raises NoRateError
    where distributions in two currencies cannot be compared."""
    last = fiscal_year_of(day, entity.fiscal_year_end).last
    years = proportions(entity, dt.date.max, books)
    short = next((year.short for year in years if year.last == last), {})
    return {o: round_half_up(n) for o, n in short.items() if n > tolerance_of(books, last)}


def _is_excluded(each: Distribution, entity: Entity) -> bool:
    """Tax distributions, where the entity says ``pro-rata-excludes: "tax-distribution"``."""
    return bool(each.txn.meta.get("transfer") == entity.meta.get("pro-rata-excludes", ""))


def _years(entity: Entity, found: Sequence[Distribution], books: Books) -> Sequence[_Year]:
    """The fiscal years with distributions, each with what belongs to it."""
    years: list[_Year] = []
    for index, each in enumerate(found):
        day = each.date
        shares = books.registry.owners(entity.name, day)
        if not shares:
            continue
        last = fiscal_year_of(day, entity.fiscal_year_end).last
        if not years or years[-1].last != last:
            years.append(_Year(last))
        year = years[-1]
        year.owned(shares)
        amount = converted({each.currency: each.amount}, entity.currency, day, books)
        for earlier in years[:-1]:
            if earlier.first is not None:
                amount -= _made_good(earlier, each, amount)
        if amount:
            year.paid(each, amount)
        if index + 1 == len(found) or found[index + 1].date != day:
            tolerance = tolerance_of(books, day)
            days = int(books.policy.threshold("VEIL-016", "catch-up-days", day, 90))
            for some in years[-2:]:
                some.judge(each, tolerance, days)
    return years


def _made_good(year: _Year, each: Distribution, amount: Decimal) -> Decimal:
    """What of a later payment makes good what the owner was short of in this year: one tagged
    ``#corrective`` at any time, any other while the time to catch up runs."""
    if not (each.is_corrective or each.date <= year.until):
        return ZERO
    owed = year.short().get(each.owner, ZERO)
    part = min(amount, owed) if amount > 0 else ZERO
    if part > 0:
        year.paid(each, part)
    return max(part, ZERO)


def tolerance_of(books: Books, day: dt.date) -> Decimal:
    """How much an owner may be short of without a finding, in the company's currency."""
    said = books.policy.threshold("VEIL-016", "prorata-tolerance", day, Decimal("1.00"))
    return Decimal(getattr(said, "number", said))


def _judged(entity: Entity, year: _Year, books: Books) -> Iterator[Finding]:
    for each in year.strangers:
        yield about(
            books,
            each.txn,
            code="VEIL-016",
            factor=_FACTOR,
            severity=Severity.WARNING,
            message=f"{entity.name} distributed {money(each.amount, each.currency)} to "
            f"{each.owner or 'nobody named'}, who holds no share of it on {each.date}; have it "
            "given back, or record the ownership",
        )
    short = {o: n for o, n in year.short().items() if n > tolerance_of(books, year.last)}
    if not short or year.first is None:
        return
    owed = " and ".join(f"{money(n, entity.currency)} to {o}" for o, n in sorted(short.items()))
    last = max(year.last, year.until)
    if books.as_of < year.last or books.as_of <= year.until:  # the last day is still in time
        severity, end = Severity.INFO, f"pay {owed} by {last}, tagged #corrective"
    else:
        fixed = entity.meta.get("pro-rata") is True and _is_closed(entity, year.last, books)
        severity = Severity.ERROR if fixed else Severity.WARNING
        end = f"pay {owed}, tagged #corrective, or file the agreement that says otherwise"
    ratios = ", ".join(f"{o} {money(year.ratios[o])}" for o in sorted(year.shares))
    yield about(
        books,
        year.first.txn,
        code="VEIL-016",
        factor=_FACTOR,
        severity=severity,
        message=f"{entity.name} has paid its owners out of proportion in the fiscal year to "
        f"{year.last} (for each percent: {ratios}); {end}",
        evidence=("the corrective distribution, or the agreement",),
    )


def _is_closed(entity: Entity, last: dt.date, books: Books) -> bool:
    """Whether the entity's period with the day ``last`` is closed: periods close in order."""
    return last <= closed_until(books.standing).get(entity.name.casefold(), dt.date.min)


RULES = (
    Rule(
        "VEIL-016",
        "Out of proportion",
        _FACTOR,
        Scope.ENTITY,
        True,
        out_of_proportion,
        meaning="an owner got less than his share of a fiscal year's distributions (by more than "
        "prorata-tolerance, 1.00) at its end, and was not made equal within catch-up-days (90, the "
        "last day included) of the first unequal payment; an info while there is time, a warning "
        "then, an error where the entity says pro-rata: TRUE and the year is closed",
        cure="a distribution tagged #corrective to who is short: the largest ratio of payment to "
        "share, times his share, less what he was paid; or the amended agreement",
        reference="Reg. 1.1361-1(l); Rev. Proc. 2022-19; Maggard, T.C. Memo 2024-77",
        looks_at=may_be_distribution,
        usual=Severity.WARNING,
    ),
)
