"""Capital that is enough for the business: a company that never had any shields nobody.

Kinney Shoe v. Polan, 939 F.2d 209 (4th Cir. 1991); Minton v. Cavaney, 56 Cal.2d 576 (1961).
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books
from plugins.rule import Rule, Scope
from plugins.veil.distributions import may_be_distribution, with_members
from plugins.veil.evidence import evidence
from plugins.veil.figures import (
    CASH,
    Figures,
    Held,
    NoRateError,
    companies,
    converted,
    figures_of,
    month_ends,
)
from plugins.veil.gathering import book_value, month_of
from plugins.veil.solvency import money
from plugins.veil.spans import about_entity, spans

_FACTOR = "Undercapitalisation"
_CAPITAL_WITHIN = dt.timedelta(days=30)
_MONTHS = 6  # of expenses, for the mean
_YEAR = 12
_EMPTY_ENDS = 2  # month ends of a year at which a bank account may be empty


def undercapitalised(books: Books) -> Iterator[Finding]:
    """VEIL-015: at month ends a company had too little capital, or none of its own."""
    figures = figures_of(books)
    for entity in companies(books):
        if figures.of(entity.name) is None:
            continue
        company = _Company(entity, figures, books)
        try:
            found = list(spans((day, company.triggers(day) or None) for day in company.ends))
        except NoRateError as error:
            yield about_entity(
                books,
                entity,
                code="VEIL-015",
                factor=_FACTOR,
                severity=Severity.WARNING,
                day=books.as_of,
                message=f"the capital of {entity.name} cannot be tested: {error.message}; "
                f"{error.hint}",
            )
            continue
        memo = evidence_of(entity, "capital-memo", books)
        for span in found:
            strict = books.policy.threshold("VEIL-015", "strict", span.days[0], default=False)
            severity = Severity.WARNING
            if len(span.last) > 1 and strict is True:
                severity = Severity.ERROR
            if memo or not span.lasts:
                severity = Severity.INFO
            end = "" if span.lasts else "; mended since"
            cure = "; a contribution with its resolution mends it" if span.lasts else ""
            yield about_entity(
                books,
                entity,
                code="VEIL-015",
                factor=_FACTOR,
                severity=severity,
                day=span.days[0],
                message=f"{entity.name} was short of capital {span.told}: "
                f"{'; '.join(span.last)}{end}{cure}",
                evidence=(
                    "the resolution of a contribution, or a capital adequacy memo "
                    "(capital-memo: on the entity)",
                ),
            )


def evidence_of(entity: Entity, key: str, books: Books) -> bool:
    """Whether the directive of the entity names a paper with this key that is there."""
    near = data.Custom(dict(entity.meta), books.as_of, "entity", [])
    return bool(evidence(near, books, (key,)))


class _Company:
    """One company at its month ends."""

    def __init__(self, entity: Entity, figures: Figures, books: Books) -> None:
        self._entity = entity
        self._figures = figures
        self._books = books
        own = figures.of(entity.name)
        months = own.months if own else []
        first = dt.date(months[0] // 12, months[0] % 12 + 1, 1) if months else books.as_of
        # From where the books begin: of the time before they know nothing.
        self.ends = month_ends(first, books.as_of)
        self._contributed = first_contributions(books).get(entity.name)
        accounts = (a for a in books.accounts.values() if a.entity == entity.name)
        banks = (a.opened for a in accounts if a.role == "bank" and a.opened)
        self._bank = min(banks, default=None)  # since when it has an account
        self._empty: dict[int, bool] = {}
        self._held: dict[int, Held] = {}

    def triggers(self, day: dt.date) -> list[str]:
        """What is too little at a month end; days are asked in order."""
        entity, figures = self._entity, self._figures
        held = figures.on(entity.name, day)
        currency = entity.currency
        found = []
        least = self._amount("min-equity", day)
        lent = -figures.total(entity, held, day, root="Liabilities", role="loan-from")
        if least is not None or lent > 0:  # else nothing needs a rate of what the entity owns
            equity = figures.position(entity, day).equity
            if least is not None and equity < least:
                found.append(f"equity {money(equity)} below {money(least, currency)}")
            most = self._most_debt(day)
            if lent > 0 and lent * 100 > most * (lent + equity):
                found.append(
                    f"related loans of {money(lent)} against equity of {money(equity, currency)}, "
                    f"above {most.normalize():f} %"
                )
        found += self._cash(held, day)
        found += self._bank_balance(held, day)
        formed = entity.formed
        none = self._contributed is None or self._contributed > day
        if formed and day > formed + _CAPITAL_WITHIN and none:
            found.append(f"no contribution since it was formed on {formed}")
        return found

    def _cash(self, held: Held, day: dt.date) -> list[str]:
        """Cash below some months of the mean expense of the last six."""
        entity = self._entity
        months = entity.meta.get("min-cash-months")
        if not isinstance(months, Decimal):
            return []
        month = month_of(day)
        cash = self._figures.total(entity, held, day, root="Assets", role=CASH)
        self._held[month] = held
        since = min(_MONTHS, month - month_of(self.ends[0]) + 1)
        before = self._held.get(month - since, {})
        # All at the rates of one day: what was spent earlier is no dearer for a new rate.
        mean = (self._spent(held, day) - self._spent(before, day)) / since
        if cash >= months * mean:
            return []
        return [
            f"cash {money(cash)} below {months.normalize():f} months' expenses of "
            f"{money(mean, entity.currency)}"
        ]

    def _spent(self, held: Held, day: dt.date) -> Decimal:
        """The operating expenses in these balances: all but interest."""
        total = self._figures.total(self._entity, held, day, root="Expenses")
        interest = {"root": "Expenses", "role": "interest-expense"}
        return total - self._figures.total(self._entity, held, day, **interest)

    def _bank_balance(self, held: Held, day: dt.date) -> list[str]:
        month = month_of(day)
        has_one = self._bank is not None and self._bank <= day
        self._empty[month] = (
            has_one
            and self._figures.total(self._entity, held, day, root="Assets", role="bank") <= 0
        )
        empty = sum(self._empty.get(month - back, False) for back in range(_YEAR))
        if empty <= _EMPTY_ENDS:
            return []
        return [f"nothing in the bank at {empty} month ends of twelve"]

    def _amount(self, key: str, day: dt.date) -> Decimal | None:
        said = self._entity.meta.get(key)
        if not isinstance(said, Amount) or said.number is None:
            return None
        return converted({said.currency: said.number}, self._entity.currency, day, self._books)

    def _most_debt(self, day: dt.date) -> Decimal:
        default = self._books.policy.threshold("VEIL-015", "max-related-debt", day, Decimal(75))
        said = self._entity.meta.get("max-related-debt", default)
        return Decimal(said) if isinstance(said, Decimal | int) else Decimal(75)


def first_contributions(books: Books) -> dict[str, dt.date]:
    """The day on which each entity's owners first put in capital."""
    found: dict[str, dt.date] = {}
    for txn in with_members(books):
        for posting in txn.postings:
            entity = books.registry.ent(posting.account)
            if not entity or entity in found or not _is_capital(txn, posting, books):
                continue
            number, _ = book_value(posting)
            if number < 0:
                found[entity] = txn.date
    return found


def _is_capital(txn: data.Transaction, posting: data.Posting, books: Books) -> bool:
    if not posting.account.startswith("Equity:"):
        return False
    if posting.account.split(":")[2:3] == ["OpeningBalances"]:
        return True  # what was there when the books began
    role = books.role(posting.account)
    return role in {"contribution", "capital"} or txn.meta.get("transfer") == "contribution"


RULES = (
    Rule(
        "VEIL-015",
        "Undercapitalised",
        _FACTOR,
        Scope.ENTITY,
        True,
        undercapitalised,
        meaning="at month ends, told once for months in a row: equity below the entity's "
        "min-equity, cash below min-cash-months of the mean expense of six months (only where the "
        "entity sets them), nothing in the bank at more than two month ends of twelve, related "
        "loans above max-related-debt (75) percent of loans and equity, or no contribution within "
        "30 days of formed (day 30 included); an info once mended or with a capital-memo, an error "
        "for two at once where the policy says strict: TRUE",
        cure="a contribution with its resolution; or a capital adequacy memo, as capital-memo: on "
        "the entity; a waiver stands on the entity's directive",
        reference="Kinney Shoe v. Polan, 939 F.2d 209 (4th Cir. 1991); Minton v. Cavaney, 56 "
        "Cal.2d 576 (1961)",
        looks_at=may_be_distribution,
        usual=Severity.WARNING,
    ),
)
