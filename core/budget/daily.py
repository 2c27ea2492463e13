"""What was set aside for each card on the days on which it was paid: a month walked once, by day.

The same as working out the month anew for every such day, but only what a day touches is worked out
again: a card that is paid every day costs no more than its entries.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from core.budget import flows as kinds
from core.budget.engine import Activity, Carried, Orders, laid_on_cards
from core.budget.terms import Budget

ZERO = Decimal(0)
# Changes of a card's payment envelope, besides those by what envelopes spend.
_SIGNS = {kinds.PAID: 1, kinds.INCOME: -1}


class Change(NamedTuple):
    """One flow on one day (ordinal): kind, envelope, card account, amount."""

    day: int
    kind: str
    name: str
    card: str
    number: Decimal


class CardPaid(NamedTuple):
    """What was paid to a card on a day, and what was then set aside for it at the day's end."""

    account: str
    day: dt.date
    paid: Decimal
    set_aside: Decimal


def cards_paid(
    budget: Budget,
    before: Carried,
    changes: Iterable[Change],
    assigned: Iterable[tuple[dt.date, str, Decimal]],
) -> Iterator[CardPaid]:
    """Each day of a month on which a card was paid more than it gave back, in order. ``before`` is
    what the month before handed on, ``assigned`` all assigns and moves for the month."""
    month = _Month(budget, before)
    events: dict[int, tuple[list[Change], list[tuple[str, Decimal]]]] = {}
    for change in changes:
        events.setdefault(change.day, ([], []))[0].append(change)
    for day, name, number in assigned:
        events.setdefault(day.toordinal(), ([], []))[1].append((name, number))
    for ordinal in sorted(events):
        moved, given = events[ordinal]
        month.take(moved, given)
        paid: dict[str, Decimal] = {}
        for change in moved:
            if change.kind == kinds.PAID:
                paid[change.card] = paid.get(change.card, ZERO) - change.number
        for account, number in paid.items():
            if number > 0:
                day = dt.date.fromordinal(ordinal)
                yield CardPaid(account, day, number, month.set_aside[account])


class _Month:
    """The cards' payment envelopes within a month, as they stand after the days taken so far."""

    def __init__(self, budget: Budget, before: Carried) -> None:
        self._budget = budget
        self._before = before
        self.set_aside = {
            card.account: before.set_aside.get(card.account, ZERO) for card in budget.cards
        }
        self._by_name = {card.name: card.account for card in budget.cards}
        self._assigned: dict[str, Decimal] = {}
        self._spent: dict[str, Decimal] = {}
        self._charged: dict[str, dict[str, Decimal]] = {}  # by card, the one used last at the end
        self._laid: dict[str, dict[str, Decimal]] = {}

    def take(self, moved: Sequence[Change], given: Sequence[tuple[str, Decimal]]) -> None:
        """All that happened on the next day."""
        touched: set[str] = set()
        for name, number in given:
            if name in self._by_name:
                self.set_aside[self._by_name[name]] += number
            else:
                self._assigned[name] = self._assigned.get(name, ZERO) + number
                touched.add(name)
        for change in moved:
            if change.kind in _SIGNS and change.card:
                self.set_aside[change.card] += _SIGNS[change.kind] * change.number
            elif change.kind == kinds.SPENT:
                self._spend(change)
                touched.add(change.name)
        for name in touched:
            self._lay(name)

    def _spend(self, change: Change) -> None:
        if not change.card:
            self._spent[change.name] = self._spent.get(change.name, ZERO) + change.number
            return
        own = self._charged.setdefault(change.name, {})
        own[change.card] = own.pop(change.card, ZERO) + change.number
        self.set_aside[change.card] -= change.number

    def _lay(self, name: str) -> None:
        """Works out anew what of an envelope's overspending lies on which card."""
        charged: Mapping[str, Decimal] = dict(reversed(self._charged.get(name, {}).items()))
        laid = laid_on_cards(
            self._budget.envelope_named[name.casefold()],
            self._budget,
            self._before,
            Activity(spent=self._spent, charged={name: charged}),
            Orders(self._assigned),
        )
        for account, number in self._laid.get(name, {}).items():
            self.set_aside[account] += number
        for account, number in laid.items():
            self.set_aside[account] -= number
        self._laid[name] = laid
