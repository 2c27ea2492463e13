"""A first budget, proposed from what was spent in the last twelve months.

Each expense account that accounts on the budget paid for gets an envelope. Its amount is the median
of the months where it was spent in more than half of them, so that one bad month does not count;
else the mean, a twelfth of what comes now and then. Both are rounded up to cents. Money that is not
there is not assigned (BUD-02): what is spent most regularly comes first, then what is larger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from statistics import median

from beancount.core import data

from core.budget.flows import CASH, DEBT, UNMAPPED, Chart, flows_maker
from core.budget.ledger import BudgetLedger, budgets_in
from core.budget.month import first_day, last_day, month_of, name_of
from core.budget.terms import ENVELOPE, PAYMENT, Budget, Card, Envelope
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.seal import seals_of
from plugins.budget.orders import founding, money, order, own_cards, own_cash

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_SPAN = 12  # months
MEDIAN, MEAN = "median", "mean"


@dataclass(frozen=True)
class Proposed:
    """An envelope for one account: what a month takes (``amount``), found ``how`` in the span, in
    how many of its months something was spent; ``assigned`` is what there is money for."""

    name: str
    account: str
    amount: Decimal
    how: str
    spent_in: int
    assigned: Decimal = ZERO


@dataclass(frozen=True)
class Start:
    """A budget that begins in ``month``, proposed from the months ``first`` to ``last``. ``ready``
    is what there is to assign."""

    entity: str
    currency: str
    month: int
    first: int
    last: int
    ready: Decimal
    cash: Sequence[str]
    cards: Sequence[str]
    envelopes: Sequence[Proposed]

    @property
    def said(self) -> str:
        """How the amounts were found, in words."""
        count = self.last - self.first + 1
        many = "one month" if count == 1 else f"{count} months"
        return (
            f"Proposed from {many}, {name_of(self.first)} to {name_of(self.last)}: the median of "
            "the months where an account was spent in more than half of them, else the mean."
        )

    def orders(self) -> Iterator[data.Custom]:
        """The directives that make it so."""
        day, entity = first_day(self.month), self.entity
        yield from founding(day, entity, ENVELOPE, self.currency, PAYMENT, self.cash, self.cards)
        for each in self.envelopes:
            yield order("bud-envelope", day, entity, each.name, each.account, "rollover")
        span = f"{name_of(self.first)} to {name_of(self.last)}"
        for each in self.envelopes:
            if each.assigned:
                why = f"{each.how} of {span}"
                if each.assigned < each.amount:
                    why += f" is {each.amount}"
                amount = money(each.assigned, self.currency)
                yield order(
                    "bud-assign", day, entity, each.name, name_of(self.month), amount, why=why
                )


def refuse_a_second(books: Books, entity: str) -> None:
    """Raises UserError where the entity has a budget already."""
    known = budgets_in(books).named(entity)
    if known is not None:
        file, line = books.where(known.entry)
        raise UserError(
            f"{entity} has a budget already",
            file=file,
            line=line,
            hint="change it by hand or with books budget assign; nothing is written over",
            code=EXIT_FINDINGS,
        )


def refuse_closed(books: Books, entity: str, month: int) -> None:
    """Raises UserError where the month is closed: what is written into it would break its seal."""
    for seal in seals_of(books.standing).get(entity, ()):
        if seal.period.first <= last_day(month) <= seal.period.last:
            raise UserError(
                f"{name_of(month)} was closed on {seal.entry.date} and stays as it is",
                hint="begin with an open month",
                code=EXIT_FINDINGS,
            )


def proposed_start(books: Books, entity: str, month: int) -> Start:
    """The budget of an entity that is to begin in ``month``. Raises UserError where it has one, or
    where the books do not say what was spent."""
    refuse_a_second(books, entity)
    refuse_closed(books, entity, month)
    day = first_day(month)
    cash, cards = own_cash(books, entity, day), own_cards(books, entity, day)
    if not cash:
        raise UserError(
            f"{entity} has no account with the role bank or cash",
            hint='give one role: "bank" below its open directive',
        )
    chart = Chart(_budget(books, entity, month, cash, cards, {}))
    touching = [txn for txn in books.transactions if _touches(txn, chart)]
    first = max(month - _SPAN, month_of(touching[0].date) if touching else month)
    if first >= month:
        raise UserError(
            f"the books say nothing of the months before {name_of(month)}",
            hint="begin later: --month; or write the envelopes by hand (docs/budgets.md)",
        )
    names = _names(_accounts(touching, chart, first, month), cards)
    if not names:
        raise UserError(
            f"nothing was spent from {entity}'s accounts from {name_of(first)} on",
            hint='give its cards the role "card"; or write the envelopes by hand (docs/budgets.md)',
        )
    wanted = list(_wanted(books, entity, touching, names, cash, cards, first, month))
    bare = _worked_out(books, _budget(books, entity, month, cash, cards, {}), touching)
    newest = max(month, month_of(books.as_of))
    ready = min(bare.month(each).ready for each in range(month, newest + 1))
    return Start(
        entity,
        books.registry.entities[entity].currency,
        month,
        first,
        month - 1,
        ready,
        cash,
        cards,
        _as_far_as_it_goes(wanted, ready),
    )


def _touches(txn: data.Transaction, chart: Chart) -> bool:
    return any(chart[posting.account].kind in {CASH, DEBT} for posting in txn.postings)


def _accounts(
    touching: Sequence[data.Transaction], chart: Chart, first: int, month: int
) -> list[str]:
    """The expense accounts that were spent in the span."""
    return sorted(
        {
            posting.account
            for txn in touching
            if first <= month_of(txn.date) < month
            for posting in txn.postings
            if chart[posting.account].kind == UNMAPPED
        }
    )


def _names(accounts: Sequence[str], cards: Sequence[str]) -> dict[str, str]:
    """A name for each account's envelope: its last component, with more before it where two, or a
    card, would have the same."""
    taken = {card.rpartition(":")[2].casefold() for card in cards}
    found: dict[str, str] = {}
    for size in range(1, 20):
        short = {a: " ".join(a.split(":")[-size:]) for a in accounts if a not in found}
        folded = [name.casefold() for name in short.values()]
        for account, name in short.items():
            if folded.count(name.casefold()) == 1 and name.casefold() not in taken:
                found[account] = name
        taken |= set(folded)
        if len(found) == len(accounts):
            break
    return {account: found[account] for account in accounts if account in found}


def _wanted(
    books: Books,
    entity: str,
    touching: Sequence[data.Transaction],
    names: dict[str, str],
    cash: Sequence[str],
    cards: Sequence[str],
    first: int,
    month: int,
) -> Iterator[Proposed]:
    ledger = _worked_out(books, _budget(books, entity, first, cash, cards, names), touching)
    months = [ledger.month(each) for each in range(first, month)]
    for place, (account, name) in enumerate(names.items()):
        spent = [-done.envelopes[place].activity for done in months]
        often = sum(1 for number in spent if number)
        how = MEDIAN if often * 2 > len(spent) else MEAN
        number = median(spent) if how == MEDIAN else sum(spent, ZERO) / len(spent)
        amount = max(ZERO, number).quantize(_CENT, rounding=ROUND_CEILING)
        yield Proposed(name, account, amount, how, often)


def _as_far_as_it_goes(wanted: Sequence[Proposed], ready: Decimal) -> tuple[Proposed, ...]:
    given: dict[str, Decimal] = {}
    left = max(ZERO, ready).quantize(_CENT)
    for each in sorted(wanted, key=lambda e: (-e.spent_in, -e.amount, e.name)):
        given[each.name] = min(left, each.amount)
        left -= given[each.name]
    return tuple(
        Proposed(e.name, e.account, e.amount, e.how, e.spent_in, given[e.name]) for e in wanted
    )


def _budget(
    books: Books,
    entity: str,
    start: int,
    cash: Sequence[str],
    cards: Sequence[str],
    names: dict[str, str],
) -> Budget:
    """A budget that nobody has declared, for its arithmetic."""
    currency = books.registry.entities[entity].currency
    entry = order("bud-config", first_day(start), entity, ENVELOPE, currency)
    return Budget(
        entity,
        ENVELOPE,
        PAYMENT,
        currency,
        start,
        entry,
        cash=tuple(cash),
        cards=tuple(Card(card, card, entry) for card in cards),
        envelopes=tuple(
            Envelope(name, (account,), entry, start) for account, name in names.items()
        ),
    )


def _worked_out(books: Books, budget: Budget, touching: Sequence[data.Transaction]) -> BudgetLedger:
    return BudgetLedger(books, budget, flows_maker([Chart(budget)])(touching)["flows"])
