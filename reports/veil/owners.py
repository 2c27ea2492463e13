"""What owners have in a company, and whether it paid them by their shares."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.entity import Entity
from core.journal.books import Books
from core.period import Period, fiscal_year_of
from plugins.veil.capital import Allocations, capital
from plugins.veil.figures import Figures, NoRateError, companies, figures_of, member_of
from plugins.veil.proportion import Proportion, proportions, tolerance_of
from reports.veil.crossings import ZERO

_KEY = "allocations"


@dataclass(frozen=True)
class CapitalLine:
    """An owner's capital in a company over a period, in the company's currency, credits positive.

    ``opening`` + ``contributions`` + ``distributions`` (negative) + ``other`` = ``closing``, all by
    the accounts under the owner's name; ``result`` is the share of the current year's result that
    is not allocated, and ``capital`` what VEIL-017 judges. ``accounts`` say where it stands.
    """

    company: str
    owner: str
    share: Decimal
    currency: str
    opening: Decimal
    contributions: Decimal
    distributions: Decimal
    other: Decimal
    closing: Decimal
    result: Decimal
    accounts: tuple[str, ...]
    where: tuple[str, ...]

    @property
    def capital(self) -> Decimal:
        """With the share of the result that is not allocated yet."""
        return self.closing + self.result


@dataclass(frozen=True)
class ShareLine:
    """An owner in a company's fiscal year to ``last``: what was paid for each percent of the share,
    and what he is short of beside who got most, in the company's currency. ``stands_out``:
    that is more than VEIL-016 tolerates."""

    company: str
    last: dt.date
    owner: str
    share: Decimal
    per_percent: Decimal
    short: Decimal
    currency: str
    where: str
    stands_out: bool


@dataclass(frozen=True)
class Owners:
    """Both, and what could not be computed, such as where a rate is missing."""

    capital: tuple[CapitalLine, ...]
    shares: tuple[ShareLine, ...]
    problems: tuple[str, ...] = ()


def owners(books: Books, entity: str, period: Period, day: dt.date) -> Owners:
    """The capital accounts of ``entity``, and its own in the companies that it owns."""
    lines: list[CapitalLine] = []
    shares: list[ShareLine] = []
    problems: list[str] = []
    for company in companies(books):
        held = books.registry.owners(company.name, day)
        if entity != company.name and entity not in held:
            continue
        only = "" if entity == company.name else entity
        try:
            lines += _capital(company, only, period, day, books)
            shares += _shares(company, period, day, books)
        except NoRateError as error:
            problems.append(f"{company.name}: {error.message}; {error.hint}")
    return Owners(tuple(lines), tuple(shares), tuple(problems))


def _capital(
    company: Entity, only: str, period: Period, day: dt.date, books: Books
) -> list[CapitalLine]:
    figures = figures_of(books)
    if _KEY not in books.memo:
        books.memo[_KEY] = Allocations(books)
    allocated: Allocations = books.memo[_KEY]
    now = capital(company, day, figures, allocated)
    held = books.registry.owners(company.name, day)
    return [
        _line(company, owner, held, now.get(owner, ZERO), period, day, figures)
        for owner in sorted(now.keys() | held.keys())
        if only in ("", owner)
    ]


def _line(
    company: Entity,
    owner: str,
    held: Mapping[str, Decimal],
    now: Decimal,
    period: Period,
    day: dt.date,
    figures: Figures,
) -> CapitalLine:
    books = figures.books
    eve = min(period.first - dt.timedelta(days=1), day)

    def total(on: dt.date, **role: str) -> Decimal:
        balances = figures.on(company.name, on)
        return -figures.total(company, balances, day, root="Equity", owner=owner, **role)

    opening, closing = total(eve), total(day)
    put_in, taken_out = (
        total(day, role=role) - total(eve, role=role) for role in ("contribution", "distribution")
    )
    own = _accounts(company.name, owner, books)
    return CapitalLine(
        company.name,
        owner,
        held.get(owner, ZERO),
        company.currency,
        opening,
        put_in,
        taken_out,
        closing - opening - put_in - taken_out,
        closing,
        now - closing if now or owner in held else ZERO,
        tuple(own),
        tuple(own.values()),
    )


def _accounts(company: str, owner: str, books: Books) -> dict[str, str]:
    """The accounts of the owner's capital, and where each is opened."""
    found = {}
    for account in books.accounts.values():
        if account.entity == company and member_of(account.name, books) == owner:
            file = books.relative(str(account.meta.get("filename", "")))
            found[account.name] = f"{file}:{account.meta.get('lineno', 0)}"
    return found


def _shares(company: Entity, period: Period, day: dt.date, books: Books) -> list[ShareLine]:
    return [
        ShareLine(
            company.name,
            year.last,
            owner,
            year.shares.get(owner, ZERO),
            year.ratios.get(owner, ZERO),
            year.short.get(owner, ZERO),
            company.currency,
            _declared(company.name, owner, day, books),
            stands_out=year.short.get(owner, ZERO) > tolerance_of(books, year.last),
        )
        for year in proportions(company, day, books)
        if _is_inside(year, company, period)
        for owner in sorted(year.shares.keys() | year.short.keys())
    ]


def _is_inside(year: Proportion, company: Entity, period: Period) -> bool:
    """Whether the fiscal year and the period have a day in common."""
    whole = fiscal_year_of(year.last, company.fiscal_year_end)
    return whole.first <= period.last and whole.last >= period.first


def _declared(company: str, owner: str, day: dt.date, books: Books) -> str:
    """Where the share is declared."""
    found = [
        o
        for o in books.registry.ownerships
        if o.entity == company and o.owner == owner and o.date <= day
    ]
    if not found:
        return ""
    file = books.relative(str(found[-1].meta.get("filename", "")))
    return f"{file}:{found[-1].meta.get('lineno', 0)}"
