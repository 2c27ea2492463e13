"""The months of an envelope or zero-based budget, one from the one before. Pure arithmetic.

For month m: available = carry + assigned + activity; ready to assign R(m) = R(m-1) + income
- assigned - cash overspend(m-1) - hold(m) + hold(m-1) + rests of reset envelopes(m-1) - what was
newly assigned to later months. Of what is missing from an envelope, credit overspend is the part
that card spending caused (cash consumes the envelope first) and becomes uncovered card debt. In the
pool model cash less what is owed on cards is one sum, and all that is missing is cash overspend.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.budget.terms import Budget, Card, Envelope

ZERO = Decimal(0)
Sums = Mapping[str, Decimal]


@dataclass(frozen=True)
class Activity:
    """What the books did in a month, in the budget's currency. ``charged`` is spending (negative)
    and refunds by envelope and card account, the latest day first; what a card carries is by its
    account. ``debt`` is what more is owed."""

    cash: Decimal = ZERO
    debt: Sums = field(default_factory=dict)
    spent: Sums = field(default_factory=dict)
    charged: Mapping[str, Sums] = field(default_factory=dict)
    income: Decimal = ZERO
    credited: Sums = field(default_factory=dict)  # income that a card was credited with
    outside: Decimal = ZERO
    outside_cards: Sums = field(default_factory=dict)
    paid: Sums = field(default_factory=dict)  # change of debt: negative for a payment
    unmapped: Decimal = ZERO
    unmapped_cards: Sums = field(default_factory=dict)


@dataclass(frozen=True)
class Orders:
    """What was decided for a month: assigned (with moves) by envelope or card name, held, assigned
    to later months so far, and planned income."""

    assigned: Sums = field(default_factory=dict)
    hold: Decimal = ZERO
    ahead: Decimal = ZERO
    planned: Decimal = ZERO


@dataclass(frozen=True)
class EnvelopeMonth:
    """One envelope in one month; ``available`` is before the month's end resets or restarts it.
    ``needed`` is what its target asks to be assigned in the month; None without a target."""

    envelope: Envelope
    carry: Decimal
    assigned: Decimal
    activity: Decimal
    cash_overspend: Decimal
    credit_overspend: Decimal
    needed: Decimal | None = None

    @property
    def name(self) -> str:
        return self.envelope.name

    @property
    def available(self) -> Decimal:
        """Carry + assigned + activity."""
        return self.carry + self.assigned + self.activity

    @property
    def underfunded(self) -> Decimal:
        """What the month still lacks for the target."""
        return max(ZERO, (self.needed or ZERO) - self.assigned)


@dataclass(frozen=True)
class CardMonth:
    """One card in one month: ``set_aside`` is its payment envelope (``carry`` before the month),
    ``open_debt`` what is owed and not set aside (negative where more is set aside than owed)."""

    card: Card
    carry: Decimal
    assigned: Decimal
    payments: Decimal
    set_aside: Decimal
    open_debt: Decimal
    debt: Decimal

    @property
    def uncovered(self) -> Decimal:
        """Debt for which no money is set aside."""
        return max(ZERO, self.open_debt)

    @property
    def overfunded(self) -> Decimal:
        """Money set aside beyond what is owed."""
        return max(ZERO, self.set_aside - self.debt)


@dataclass(frozen=True)
class Carried:
    """What a month hands on. ``ready`` is ready to assign with all that the month's end does to
    it; sums of cards are by account."""

    ready: Decimal = ZERO
    cash: Decimal = ZERO
    ahead: Decimal = ZERO
    envelopes: Sums = field(default_factory=dict)
    set_aside: Sums = field(default_factory=dict)
    open_debt: Sums = field(default_factory=dict)
    debt: Sums = field(default_factory=dict)


@dataclass(frozen=True)
class BudgetMonth:
    """One month of a budget. ``cash_total`` is what the budget has: cash, in the pool model less
    what is owed on cards. ``unmapped`` is what was spent in the month without an envelope."""

    budget: Budget
    month: int
    income: Decimal
    ready: Decimal
    hold: Decimal
    ahead: Decimal
    cash_total: Decimal
    plan_income: Decimal
    unmapped: Decimal
    envelopes: tuple[EnvelopeMonth, ...]
    cards: tuple[CardMonth, ...]

    @property
    def plan_sum(self) -> Decimal:
        """Planned income less all that is assigned: zero in a zero-based plan that is done."""
        return self.plan_income - _assigned(self.envelopes, self.cards)

    @property
    def accounted(self) -> Decimal:
        """Where the money is (BUD-01): ready to assign, envelopes, cards, credit overspend not yet
        cleared, held, and assigned to later months."""
        envelopes = sum((e.available + e.credit_overspend for e in self.envelopes), ZERO)
        cards = sum((card.set_aside for card in self.cards), ZERO)
        return self.ready + envelopes + cards + self.hold + self.ahead

    @property
    def gap(self) -> Decimal:
        """Money that the budget has and cannot account for (BUD-01): zero."""
        return self.cash_total - self.accounted


def opened(budget: Budget, cash: Decimal, debt: Sums) -> Carried:
    """The state before the first month: all cash is ready to assign, all card debt uncovered."""
    if budget.pools:
        return Carried(ready=cash - sum(debt.values(), ZERO), cash=cash, debt=dict(debt))
    return Carried(ready=cash, cash=cash, open_debt=dict(debt), debt=dict(debt))


def next_month(
    budget: Budget, month: int, before: Carried, activity: Activity, orders: Orders
) -> BudgetMonth:
    """The month that follows from the one before."""
    envelopes = tuple(_envelope(e, budget, before, activity, orders) for e in budget.envelopes)
    unfunded: dict[str, Decimal] = {}
    for each in envelopes:
        _lay(each.credit_overspend, activity.charged.get(each.name, {}), unfunded)
    cards = tuple(_card(c, budget, before, activity, orders, unfunded) for c in budget.cards)
    cash = before.cash + activity.cash
    income = activity.income + sum(activity.credited.values(), ZERO) + activity.outside
    if budget.pools:
        income += sum(activity.outside_cards.values(), ZERO)
    assigned = _assigned(envelopes, cards)
    ready = before.ready + income - assigned - orders.hold - (orders.ahead - before.ahead)
    owed = sum((card.debt for card in cards), ZERO) if budget.pools else ZERO
    return BudgetMonth(
        budget,
        month,
        income,
        ready,
        orders.hold,
        orders.ahead,
        cash - owed,
        orders.planned,
        activity.unmapped + sum(activity.unmapped_cards.values(), ZERO),
        envelopes,
        cards,
    )


def laid_on_cards(
    envelope: Envelope, budget: Budget, before: Carried, activity: Activity, orders: Orders
) -> dict[str, Decimal]:
    """The part of an envelope's credit overspend that lies on each card account."""
    each = _envelope(envelope, budget, before, activity, orders)
    unfunded: dict[str, Decimal] = {}
    _lay(each.credit_overspend, activity.charged.get(each.name, {}), unfunded)
    return unfunded


def _assigned(envelopes: Iterable[EnvelopeMonth], cards: Iterable[CardMonth]) -> Decimal:
    return sum((e.assigned for e in envelopes), ZERO) + sum((c.assigned for c in cards), ZERO)


def handed_on(done: BudgetMonth) -> Carried:
    """What a month hands on to the next."""
    resetting = (each.available for each in done.envelopes if each.envelope.resets)
    rests = sum((rest for rest in resetting if rest > 0), ZERO)
    lost = sum((each.cash_overspend for each in done.envelopes), ZERO)
    debt = {card.card.account: card.debt for card in done.cards}
    owed = sum(debt.values(), ZERO) if done.budget.pools else ZERO
    return Carried(
        ready=done.ready - lost + done.hold + rests,
        cash=done.cash_total + owed,
        ahead=done.ahead,
        envelopes={each.name: _carry(each) for each in done.envelopes},
        set_aside={card.card.account: card.set_aside for card in done.cards},
        open_debt={card.card.account: card.open_debt for card in done.cards},
        debt=debt,
    )


def _carry(each: EnvelopeMonth) -> Decimal:
    if each.available > 0:
        return ZERO if each.envelope.resets else each.available
    return each.available if each.envelope.keeps_debt else ZERO


def _envelope(
    envelope: Envelope, budget: Budget, before: Carried, activity: Activity, orders: Orders
) -> EnvelopeMonth:
    name = envelope.name
    carry = before.envelopes.get(name, ZERO)
    assigned = orders.assigned.get(name, ZERO)
    charged = sum(activity.charged.get(name, {}).values(), ZERO)
    acted = activity.spent.get(name, ZERO) + charged
    # An envelope that keeps its debt pays cards in full: what is missing stays in it.
    missing = ZERO if envelope.keeps_debt else max(ZERO, -(carry + assigned + acted))
    credit = ZERO if budget.pools else min(missing, max(ZERO, -charged))
    return EnvelopeMonth(envelope, carry, assigned, acted, missing - credit, credit)


def _lay(overspend: Decimal, charged: Sums, unfunded: dict[str, Decimal]) -> None:
    """Lays credit overspend on the cards that were charged, on the one used last first."""
    for card, change in charged.items():
        part = min(overspend, max(ZERO, -change))
        if part:
            unfunded[card] = unfunded.get(card, ZERO) + part
            overspend -= part


def _card(
    card: Card,
    budget: Budget,
    before: Carried,
    activity: Activity,
    orders: Orders,
    unfunded: Sums,
) -> CardMonth:
    account = card.account
    paid = activity.paid.get(account, ZERO)
    debt = before.debt.get(account, ZERO) + activity.debt.get(account, ZERO)
    if budget.pools:
        return CardMonth(card, ZERO, ZERO, -paid, ZERO, ZERO, debt)
    assigned = orders.assigned.get(card.name, ZERO)
    bare = unfunded.get(account, ZERO)
    charged = -sum((sums.get(account, ZERO) for sums in activity.charged.values()), ZERO)
    # What is neither spent from an envelope nor income, such as the debt that the card began with,
    # is owed, and nobody has set anything aside for it.
    beyond = activity.outside_cards.get(account, ZERO) + activity.unmapped_cards.get(account, ZERO)
    credited = activity.credited.get(account, ZERO)
    carry = before.set_aside.get(account, ZERO)
    set_aside = carry + assigned + charged - bare + paid - credited
    open_debt = before.open_debt.get(account, ZERO) - assigned + bare - beyond
    return CardMonth(card, carry, assigned, -paid, set_aside, open_debt, debt)
