"""What the rules of budgets look at: each budget of the books, its months, and which are closed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.budget.engine import BudgetMonth
from core.budget.ledger import BudgetLedger, NoRateError, budgets_in, ledger_of
from core.budget.month import first_day, last_day, name_of
from core.budget.terms import Budget
from core.findings import Finding, Severity
from core.journal.books import Books
from core.money import at_cents, round_half_up
from core.seal import Seal, seals_of
from plugins.rule import Rule, Scope

FACTOR = "Money spent that is not there"
REFERENCE = "Zero-based and envelope budgeting: money is assigned before it is spent"


@dataclass(frozen=True)
class Judged:
    """One budget with its months up to the day of the books."""

    books: Books
    budget: Budget
    ledger: BudgetLedger
    seals: tuple[Seal, ...]

    @property
    def months(self) -> list[BudgetMonth]:
        """Every month up to that of the books' day."""
        return self.ledger.months(self.ledger.newest)

    def seal(self, month: int) -> Seal | None:
        """The newest seal of a period that the month lies in."""
        first, last = first_day(month), last_day(month)
        covering = (s for s in self.seals if s.period.first <= first and last <= s.period.last)
        return max(covering, key=lambda seal: seal.entry.date, default=None)

    def found(
        self,
        code: str,
        severity: Severity,
        message: str,
        entry: data.Directive,
        month: int,
        *about: str,
    ) -> Finding:
        """A finding at a directive about a month; ``about`` tells two at one directive apart."""
        file, line = self.books.where(entry)
        return Finding(
            code,
            severity,
            message,
            factor=FACTOR,
            entities=(self.budget.entity,) if self.budget.entity else (),
            date=min(last_day(month), max(self.books.as_of, first_day(month))),
            file=file,
            line=line,
            identity=(self.budget.entity, name_of(month), *about),
        )

    def money(self, number: Decimal) -> str:
        """An amount as messages say it."""
        return f"{at_cents(round_half_up(number))} {self.budget.currency}"


def judged(books: Books) -> list[Judged]:
    """The budgets of the books that can be worked out; none costs nothing."""
    found: list[Judged] | None = books.memo.get("budgets judged")
    if found is None:
        found = []
        budgets = _own(books)
        seals = seals_of(books.standing) if budgets else {}
        for budget in budgets:
            ledger = ledger_of(books, budget)
            try:
                ledger.months(ledger.newest)
            except NoRateError:
                continue  # BUD-01 says so
            found.append(Judged(books, budget, ledger, seals.get(budget.entity, ())))
        books.memo["budgets judged"] = found
    return found


def without_rate(books: Books) -> Iterator[tuple[Budget, NoRateError]]:
    """The budgets that cannot be worked out, and the rate that is missing."""
    for budget in _own(books):
        ledger = ledger_of(books, budget)
        try:
            ledger.months(ledger.newest)
        except NoRateError as error:
            yield budget, error


def _own(books: Books) -> list[Budget]:
    """The budgets of entities whose accounts these books hold: a root of one's own may include
    what another has declared."""
    budgets = budgets_in(books).budgets.values()
    if not budgets:
        return []
    entities = {account.entity for account in books.accounts.values()}
    return [b for b in budgets if b.entity in entities or not books.registry.entities]


def rule(
    number: int,
    title: str,
    check: Callable[[Judged], Iterable[Finding]],
    *,
    meaning: str,
    cure: str,
    waivable: bool = True,
    also: Callable[[Books], Iterable[Finding]] | None = None,
    usual: Severity = Severity.ERROR,
) -> Rule:
    """A rule that looks at each budget by itself; ``also`` at the books besides."""

    def check_all(books: Books) -> Iterator[Finding]:
        for each in judged(books):
            yield from check(each)
        if also:
            yield from also(books)

    return Rule(
        code=f"BUD-{number:02}",
        title=title,
        factor=FACTOR,
        # Sums of each file are gathered and kept; no rule asks for a transaction by itself.
        scope=Scope.ENTITY,
        waivable=waivable,
        check=check_all,
        meaning=meaning,
        cure=cure,
        reference=REFERENCE,
        usual=usual,
    )
