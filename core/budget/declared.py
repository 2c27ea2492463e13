"""Reads the directives of budgets (``bud-…``), and says what is wrong with them.

::

    2026-01-01 custom "bud-config" "Jane" "envelope" "USD"
      start: "2026-01"
      card-model: "payment"
    2026-01-01 custom "bud-account" Assets:Jane:Bank:Checking "cash"
    2026-01-01 custom "bud-account" Liabilities:Jane:Card:Visa "credit"
    2026-01-01 custom "bud-envelope" "Jane" "Groceries" Expenses:Jane:Food:Groceries "rollover"
    2026-01-01 custom "bud-target" "Jane" "Insurance" 600.00 USD 2026-12-01
    2026-01-01 custom "bud-assign" "Jane" "Groceries" "2026-01" 500.00 USD
    2026-01-15 custom "bud-move" "Jane" "Dining" "Groceries" "2026-01" 40.00 USD
    2026-01-31 custom "bud-hold" "Jane" "2026-01" 300.00 USD
    2026-01-01 custom "bud-plan-income" "Jane" "Salary" "2026-01" 3000.00 USD

An envelope may name several accounts or none, in one directive or in several.
"""

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from beancount.core import account_types, data
from beancount.core.account import is_valid
from beancount.core.amount import Amount

from core.budget import terms
from core.budget.month import month_named, month_of
from core.budget.terms import Assign, Budget, Card, Envelope, Hold, Move, Planned, Target
from core.entity import Registry

Problem = tuple[data.Custom, str]
PREFIX = "bud-"
PLAN = "bud-plan"  # read by core.budget.plans
_ROOTS = tuple(f"{root}:" for root in account_types.DEFAULT_ACCOUNT_TYPES)
FORMS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "bud-config": ((str, str, str), '"Jane" "envelope" "USD"'),
    "bud-account": ((str, str), 'Assets:Jane:Bank:Checking "cash"'),
    "bud-envelope": ((str, str), '"Jane" "Groceries" Expenses:Jane:Food:Groceries "rollover"'),
    "bud-target": ((str, str, Amount, dt.date), '"Jane" "Insurance" 600.00 USD 2026-12-01'),
    "bud-assign": ((str, str, str, Amount), '"Jane" "Groceries" "2026-01" 500.00 USD'),
    "bud-move": (
        (str, str, str, str, Amount),
        '"Jane" "Dining" "Groceries" "2026-01" 40.00 USD',
    ),
    "bud-hold": ((str, str, Amount), '"Jane" "2026-01" 300.00 USD'),
    "bud-plan-income": ((str, str, str, Amount), '"Jane" "Salary" "2026-01" 3000.00 USD'),
}


@dataclass(frozen=True)
class Declared:
    """The budgets by entity, and what is wrong with the directives."""

    budgets: Mapping[str, Budget]
    problems: Sequence[Problem] = ()

    def named(self, entity: str) -> Budget | None:
        """The budget of an entity, without regard to case."""
        found = [b for name, b in self.budgets.items() if name.casefold() == entity.casefold()]
        return found[0] if found else None


def declared(entries: Iterable[data.Directive], registry: Registry) -> Declared:
    """The budgets that the ``custom`` directives among ``entries`` declare. What is malformed is
    left out and told in ``problems``."""
    customs = [e for e in entries if isinstance(e, data.Custom) and e.type.startswith(PREFIX)]
    reading = _Reading(registry)
    order = {name: place for place, name in enumerate(FORMS)}
    known = [entry for entry in customs if entry.type in order]
    for entry in sorted(known, key=lambda entry: order[entry.type]):  # stable: in date order
        values = [value.value for value in entry.values]
        try:
            _shaped(entry.type, values)
            _READERS[entry.type](reading, entry, values)
        except ValueError as error:
            reading.problems.append((entry, str(error)))
    for entry in customs:
        if entry.type not in order and entry.type != PLAN:
            near = difflib.get_close_matches(entry.type, [*FORMS, PLAN], n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            reading.problems.append((entry, f"“{entry.type}” is no directive of a budget{meant}"))
    return Declared({n: d.budget() for n, d in reading.drafts.items()}, tuple(reading.problems))


def _shaped(kind: str, values: Sequence[Any]) -> None:
    """Raises ValueError where the values are not what the directive is written with."""
    shape, example = FORMS[kind]
    fits = len(values) >= len(shape) and all(map(isinstance, values, shape))
    more = kind != "bud-envelope" and len(values) > len(shape)
    if not fits or more:
        raise ValueError(f'written: custom "{kind}" {example}')


@dataclass
class _Drafted:
    """An envelope while its directives are read."""

    name: str
    entry: data.Custom
    accounts: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    closed: int | None = None


@dataclass
class _Draft:
    """A budget while its directives are read."""

    base: Budget
    cash: list[str] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    envelopes: dict[str, _Drafted] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    assigns: list[Assign] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)

    def budget(self) -> Budget:
        return replace(
            self.base,
            cash=tuple(self.cash),
            cards=tuple(self.cards),
            envelopes=tuple(self._envelope(each) for each in self.envelopes.values()),
            targets=tuple(self.targets),
            assigns=tuple(self.assigns),
            moves=tuple(self.moves),
            holds=tuple(self.holds),
            planned=tuple(self.planned),
        )

    def _envelope(self, draft: _Drafted) -> Envelope:
        # A zero-based plan's money goes back at the month's end, except a fund's.
        is_fund = bool(draft.flags & {terms.ROLLOVER, terms.NEGATIVE}) or any(
            target.envelope == draft.name for target in self.targets
        )
        zero_based = self.base.mode == terms.ZERO_BASED
        return Envelope(
            draft.name,
            tuple(draft.accounts),
            draft.entry,
            month_of(draft.entry.date),
            draft.closed,
            resets=terms.RESET in draft.flags or (zero_based and not is_fund),
            keeps_debt=terms.NEGATIVE in draft.flags,
        )

    def holder(self, name: str) -> str:
        """The envelope or card called ``name``, as it is written; raises ValueError."""
        fold = name.casefold()
        if fold in self.envelopes:
            return self.envelopes[fold].name
        for card in self.cards:
            if card.name.casefold() == fold:
                if self.base.pools:
                    raise ValueError(
                        f"the card {card.name} has no envelope: this budget pools cash and cards"
                    )
                return card.name
        known = [each.name for each in self.envelopes.values()] + [c.name for c in self.cards]
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"{self.base.entity or 'the budget'} has no envelope “{name}”{meant}")

    def month(self, text: str) -> int:
        month = month_named(text)
        if month < self.base.start:
            raise ValueError(f"“{text}” is before the budget starts")
        return month

    def number(self, amount: Amount) -> Decimal:
        if amount.currency != self.base.currency or not isinstance(amount.number, Decimal):
            raise ValueError(f"the budget is kept in {self.base.currency}, not {amount.currency}")
        return amount.number


class _Reading:
    """What has been read so far. Readers raise ValueError for what a directive lacks."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.drafts: dict[str, _Draft] = {}
        self.problems: list[Problem] = []

    def of(self, entity: str) -> _Draft:
        for name, draft in self.drafts.items():
            if name.casefold() == entity.casefold():
                return draft
        raise ValueError(f'“{entity}” has no budget: it begins with a custom "bud-config"')

    def owner(self, account: str) -> _Draft:
        """The budget that an account belongs to by its second component. Where nobody is
        registered the only budget there is has all accounts."""
        parts = account.split(":")
        if len(parts) > 1 and parts[1] in self.drafts:
            return self.drafts[parts[1]]
        if len(self.drafts) == 1 and self.registry.ent(account) is None:
            return next(iter(self.drafts.values()))
        raise ValueError(f"{account} belongs to nobody who has a budget")

    def config(self, entry: data.Custom, values: Sequence[Any]) -> None:
        entity, mode, currency = values
        known = self.registry.named(entity)
        name = known.name if known else entity
        if self.registry.entities and not known:
            near = difflib.get_close_matches(entity, list(self.registry.entities), n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"“{entity}” is no registered entity{meant}")
        if any(name.casefold() == each.casefold() for each in self.drafts):
            raise ValueError(f"{name} has two budgets; keep one bud-config")
        model = entry.meta.get("card-model", terms.PAYMENT)
        if mode not in terms.MODES:
            raise ValueError(f"“{mode}” is no mode of a budget ({', '.join(terms.MODES)})")
        if model not in terms.CARD_MODELS:
            raise ValueError(f"“{model}” is no card-model ({', '.join(terms.CARD_MODELS)})")
        start = entry.meta.get("start")
        begin = month_named(str(start)) if start is not None else month_of(entry.date)
        self.drafts[name] = _Draft(Budget(name, mode, model, currency, begin, entry))

    def account(self, entry: data.Custom, values: Sequence[Any]) -> None:
        account, kind = values
        if kind not in terms.KINDS:
            raise ValueError(f"“{kind}” is no kind of account on a budget (cash, credit)")
        if not is_valid(account):
            raise ValueError(f"“{account}” is no account; it is written without quotes")
        draft = self.owner(account)
        if account in draft.cash or any(card.account == account for card in draft.cards):
            raise ValueError(f"{account} is on the budget twice")
        if kind == terms.CASH:
            draft.cash.append(account)
            return
        name = account.rpartition(":")[2]
        if any(card.name.casefold() == name.casefold() for card in draft.cards):
            raise ValueError(
                f"two cards are called {name}; a card's payment envelope has the account's last "
                "component for a name, so give one of them another"
            )
        draft.cards.append(Card(name, account, entry))

    def envelope(self, entry: data.Custom, values: Sequence[Any]) -> None:
        draft = self.of(values[0])
        name, *rest = values[1:]
        fold = name.casefold()
        if any(card.name.casefold() == fold for card in draft.cards) and not draft.base.pools:
            raise ValueError(f"“{name}” is the payment envelope of a card; take another name")
        for value in rest:
            if not isinstance(value, str) or not (value in terms.FLAGS or is_account(value)):
                raise ValueError(
                    f"“{value}” is neither an account nor a flag ({', '.join(terms.FLAGS)})"
                )
        accounts = [value for value in rest if is_account(value)]
        for account in accounts:
            other = next((o for o in draft.envelopes.values() if account in o.accounts), None)
            if other:
                raise ValueError(f"{account} is in the envelope {other.name} already")
        known = draft.envelopes.setdefault(fold, _Drafted(name, entry))
        known.accounts += accounts
        known.flags |= {value for value in rest if value in terms.FLAGS} - {terms.CLOSED}
        if terms.CLOSED in rest:
            known.closed = month_of(entry.date)

    def target(self, entry: data.Custom, values: Sequence[Any]) -> None:
        draft = self.of(values[0])
        name = draft.holder(values[1])
        draft.targets.append(Target(entry, name, draft.number(values[2]), values[3]))

    def assign(self, entry: data.Custom, values: Sequence[Any]) -> None:
        draft = self.of(values[0])
        name, month = draft.holder(values[1]), draft.month(values[2])
        draft.assigns.append(Assign(entry, name, month, draft.number(values[3])))

    def move(self, entry: data.Custom, values: Sequence[Any]) -> None:
        draft = self.of(values[0])
        source, target = draft.holder(values[1]), draft.holder(values[2])
        number = draft.number(values[4])
        if number <= 0 or source == target:
            raise ValueError("a move takes a positive amount from one envelope to another")
        draft.moves.append(Move(entry, source, target, draft.month(values[3]), number))

    def hold(self, entry: data.Custom, values: Sequence[Any]) -> None:
        draft = self.of(values[0])
        number = draft.number(values[2])
        if number < 0:
            raise ValueError("a hold is not negative; it is released with the next month")
        draft.holds.append(Hold(entry, draft.month(values[1]), number))

    def plan_income(self, entry: data.Custom, values: Sequence[Any]) -> None:
        draft = self.of(values[0])
        month = draft.month(values[2])
        draft.planned.append(Planned(entry, values[1], month, draft.number(values[3])))


_Reader = Callable[[_Reading, data.Custom, Sequence[Any]], None]
_READERS: Mapping[str, _Reader] = {
    "bud-config": _Reading.config,
    "bud-account": _Reading.account,
    "bud-envelope": _Reading.envelope,
    "bud-target": _Reading.target,
    "bud-assign": _Reading.assign,
    "bud-move": _Reading.move,
    "bud-hold": _Reading.hold,
    "bud-plan-income": _Reading.plan_income,
}


def is_account(value: object) -> bool:
    """Whether a value of a directive names an account."""
    return isinstance(value, str) and value.startswith(_ROOTS) and is_valid(value)


T = TypeVar("T")


def longest_prefix(account: str, known: Mapping[str, T]) -> T | None:
    """What ``known`` has for the account or the nearest account above it, by whole components."""
    while account:
        if account in known:
            return known[account]
        account = account.rpartition(":")[0]
    return None
