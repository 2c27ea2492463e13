"""What a budget consists of: the frozen types that its directives are read into.

Amounts are in the budget's currency; months are numbers (``core.budget.month``).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from beancount.core import data

ENVELOPE, ZERO_BASED = "envelope", "zero-based"
PAYMENT, POOL = "payment", "pool"
CASH, CREDIT = "cash", "credit"
MODES = (ENVELOPE, ZERO_BASED)
CARD_MODELS = (PAYMENT, POOL)
KINDS = (CASH, CREDIT)
ROLLOVER, RESET, NEGATIVE, CLOSED = "rollover", "reset", "rollover-negative", "closed"
FLAGS = (ROLLOVER, RESET, NEGATIVE, CLOSED)


@dataclass(frozen=True)
class Card:
    """A card account on the budget; ``name`` (its last component) is its payment envelope's."""

    name: str
    account: str
    entry: data.Custom


@dataclass(frozen=True)
class Envelope:
    """An envelope and the accounts whose postings are its activity.

    ``resets``: what is left at a month's end goes back to ready to assign. ``keeps_debt``
    (rollover-negative): what is missing is carried. ``closed`` is the month of its closing.
    """

    name: str
    accounts: tuple[str, ...]
    entry: data.Custom
    opened: int
    closed: int | None = None
    resets: bool = False
    keeps_debt: bool = False


@dataclass(frozen=True)
class Target:
    """An envelope should hold ``amount`` by ``date``."""

    entry: data.Custom
    envelope: str
    amount: Decimal
    date: dt.date


@dataclass(frozen=True)
class Assign:
    """Money for an envelope, or for a card's payment envelope, in a month."""

    entry: data.Custom
    envelope: str
    month: int
    amount: Decimal


@dataclass(frozen=True)
class Move:
    """Money from one envelope to another in a month."""

    entry: data.Custom
    source: str
    target: str
    month: int
    amount: Decimal


@dataclass(frozen=True)
class Hold:
    """Money kept back in a month for the next one."""

    entry: data.Custom
    month: int
    amount: Decimal


@dataclass(frozen=True)
class Planned:
    """Income planned for a month."""

    entry: data.Custom
    name: str
    month: int
    amount: Decimal


@dataclass(frozen=True)
class Budget:
    """All that is declared of one entity's budget, each kind in the order of the directives.

    ``entity`` is empty where the books know no entities. ``start`` is its first month.
    """

    entity: str
    mode: str
    card_model: str
    currency: str
    start: int
    entry: data.Custom
    cash: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    targets: tuple[Target, ...] = ()
    assigns: tuple[Assign, ...] = ()
    moves: tuple[Move, ...] = ()
    holds: tuple[Hold, ...] = ()
    planned: tuple[Planned, ...] = ()

    @property
    def pools(self) -> bool:
        """Whether cash less what is owed on cards is one pool."""
        return self.card_model == POOL

    @cached_property
    def envelope_named(self) -> Mapping[str, Envelope]:
        """Envelopes by name without regard to case."""
        return {envelope.name.casefold(): envelope for envelope in self.envelopes}

    @cached_property
    def card_named(self) -> Mapping[str, Card]:
        """Cards by name without regard to case."""
        return {card.name.casefold(): card for card in self.cards}
