"""What a person decides on a budget, as directives: refused where the rules would not have it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount
from beancount.parser.grammar import ValueType

from core.budget.engine import BudgetMonth
from core.budget.ledger import BudgetLedger, nearest_target
from core.budget.month import last_day, name_of
from core.budget.terms import ENVELOPE, Budget
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.money import at_cents, round_half_up
from core.seal import seals_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Desk:
    """A budget, the month that is decided on, and the day of the decision. Raises UserError for
    what the rules forbid: BUD-02, BUD-08, BUD-09."""

    books: Books
    ledger: BudgetLedger
    month: int
    today: dt.date

    def __post_init__(self) -> None:
        for seal in seals_of(self.books.standing).get(self.budget.entity, ()):
            if seal.period.first <= last_day(self.month) <= seal.period.last:
                raise UserError(
                    f"{name_of(self.month)} was closed on {seal.entry.date} and stays as it is",
                    hint="decide on an open month: --month",
                    code=EXIT_FINDINGS,
                )

    @property
    def budget(self) -> Budget:
        """The budget that is decided on."""
        return self.ledger.budget

    @property
    def done(self) -> BudgetMonth:
        """The month as it stands."""
        return self.ledger.month(self.month)

    @property
    def free(self) -> Decimal:
        """What can still be assigned: the least that is ready from this month to the newest."""
        newest = max(self.ledger.newest, self.budget.start)
        first = min(self.month, newest)
        return min(self.ledger.month(month).ready for month in range(first, newest + 1))

    def assign(self, name: str, number: Decimal) -> list[data.Custom]:
        """Money for an envelope or a card; a negative amount takes it back."""
        holder = self._holder(name)
        self._has_free(number)
        if number < 0:
            self._has(holder, -number)
        return [self._assign(holder, number)]

    def move(self, source: str, target: str, number: Decimal) -> list[data.Custom]:
        """Money from one envelope or card to another."""
        giver, taker = self._holder(source), self._holder(target)
        if giver == taker:
            raise UserError(f"{giver} cannot give to itself", hint="name two envelopes")
        if number <= 0:
            raise UserError("a move takes a positive amount", hint="turn the two names round")
        self._has(giver, number)
        return [self._order("bud-move", giver, taker, name_of(self.month), self._amount(number))]

    def hold(self, number: Decimal) -> list[data.Custom]:
        """Money kept back for the next month."""
        if number <= 0:
            raise UserError("a hold takes a positive amount")
        self._has_free(number)
        return [self._order("bud-hold", name_of(self.month), self._amount(number))]

    def cover(self, name: str, source: str = "") -> list[data.Custom]:
        """What an envelope lacks, or a card's uncovered debt, from another envelope or, without
        one, from what is ready to assign."""
        holder = self._holder(name)
        missing = self._missing(holder)
        if missing <= 0:
            raise UserError(f"nothing is missing from {holder} in {name_of(self.month)}")
        if source:
            return self.move(source, holder, missing)
        self._has_free(missing)
        return [self._assign(holder, missing)]

    def fund(self, names: Sequence[str]) -> tuple[list[data.Custom], Decimal]:
        """What targets still ask for in the month, the one due next first, as far as money goes;
        and what then is still missing. No names: every envelope with a target."""
        wanted = {self._holder(name) for name in names}
        asking = [
            e for e in self.done.envelopes if e.underfunded and (not names or e.name in wanted)
        ]
        asking.sort(key=lambda each: self._due(each.name))
        free = max(ZERO, self.free) if self.budget.mode == ENVELOPE else None
        orders, missing = [], ZERO
        for each in asking:
            given = each.underfunded if free is None else min(each.underfunded, free)
            missing += each.underfunded - given
            if given:
                orders.append(self._assign(each.name, given))
            free = None if free is None else free - given
        return orders, missing

    def _due(self, name: str) -> dt.date:
        target = nearest_target(self.budget, name, self.month)
        return target.date if target else dt.date.max

    def _holder(self, name: str) -> str:
        envelope = self.budget.envelope_named.get(name.casefold())
        if envelope:
            return envelope.name
        card = None if self.budget.pools else self.budget.card_named.get(name.casefold())
        if card:
            return card.name
        known = [each.name for each in self.budget.envelopes]
        known += [] if self.budget.pools else [each.name for each in self.budget.cards]
        raise UserError(f"there is no envelope '{name}'", hint=f"known: {', '.join(known)}")

    def _missing(self, holder: str) -> Decimal:
        for each in self.done.envelopes:
            if each.name == holder:
                return round_half_up(-each.available)
        (card,) = (card for card in self.done.cards if card.card.name == holder)
        return round_half_up(card.uncovered)

    def _has(self, holder: str, number: Decimal) -> None:
        left = {each.name: each.available for each in self.done.envelopes}
        left |= {card.card.name: card.set_aside for card in self.done.cards}
        if round_half_up(left[holder]) < number:
            there = self._money(max(ZERO, left[holder]))
            raise UserError(
                f"{holder} has only {there} in {name_of(self.month)}",
                code=EXIT_FINDINGS,
            )

    def _has_free(self, number: Decimal) -> None:
        """In an envelope budget only money that has come is assigned or held."""
        if self.budget.mode == ENVELOPE and number > max(ZERO, round_half_up(self.free)):
            raise UserError(
                f"only {self._money(max(ZERO, self.free))} is ready to assign",
                hint="take it from an envelope: books budget move SOURCE TARGET AMOUNT",
                code=EXIT_FINDINGS,
            )

    def _money(self, number: Decimal) -> str:
        return f"{at_cents(round_half_up(number))} {self.budget.currency}"

    def _amount(self, number: Decimal) -> Amount:
        if number != round_half_up(number):
            raise UserError(f"{number} is finer than cents")
        return Amount(round_half_up(number), self.budget.currency)

    def _assign(self, holder: str, number: Decimal) -> data.Custom:
        return self._order("bud-assign", holder, name_of(self.month), self._amount(number))

    def _order(self, kind: str, *values: Any) -> data.Custom:
        """A directive, dated on the day of the decision, but not after its month."""
        day = min(self.today, last_day(self.month))
        said = [self.budget.entity, *values]
        return data.Custom({}, day, kind, [ValueType(value, type(value)) for value in said])
