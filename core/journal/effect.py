"""What entries do to accounts: who is used when and in which currency, and the sums by day.

Enough to judge balances, and which accounts must be open, without the entries themselves. Made for
one file (``leaf``), for the lots of one month (``lots``), and for padding.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import data, getters
from beancount.core.amount import Amount
from beancount.ops import validation

ZERO = Decimal(0)
_LENIENT = validation.ALLOW_AFTER_CLOSE
_NEVER = dt.date.max.toordinal()
# Booked units: account, then currency, then (day, sum of the day) in date order.
Days = Mapping[str, Mapping[str, Sequence[tuple[int, Decimal]]]]


@dataclass(frozen=True)
class Use:
    """How an account is used, in days (ordinals): the first and last that need it open, the first
    that needs it to have been opened at all; and the currencies posted to it."""

    first: int = _NEVER
    last: int = 0
    known: int = _NEVER
    currencies: frozenset[str] = frozenset()

    def joined(self, other: "Use") -> "Use":
        """Both uses: in order exactly where each of them is."""
        return Use(
            min(self.first, other.first),
            max(self.last, other.last),
            min(self.known, other.known),
            self.currencies | other.currencies,
        )


@dataclass(frozen=True)
class Effect:
    """The days (ordinals) of the first and last entry and of the newest transaction (0: none), the
    uses of accounts, those that transactions post to, and the sums of what is posted."""

    first: int = 0
    last: int = 0
    newest: int = 0
    uses: Mapping[str, Use] = field(default_factory=dict)
    posted: frozenset[str] = frozenset()
    totals: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


def effect_of(entries: Sequence[data.Directive]) -> tuple[Effect, Days]:
    """The effect of booked entries, and its sums by day."""
    days = _days(entries)
    ordinals = [entry.date.toordinal() for entry in entries]
    of_txns = (e.date.toordinal() for e in entries if isinstance(e, data.Transaction))
    return (
        Effect(
            min(ordinals, default=0),
            max(ordinals, default=0),
            max(of_txns, default=0),
            _uses(entries),
            frozenset(days),
            {
                account: {c: sum((n for _, n in sums), ZERO) for c, sums in by_currency.items()}
                for account, by_currency in days.items()
            },
        ),
        days,
    )


def merged(effects: Sequence[Effect]) -> Effect:
    """The effect of all their entries together."""
    uses: dict[str, Use] = {}
    totals: dict[str, dict[str, Decimal]] = {}
    for effect in effects:
        for account, use in effect.uses.items():
            held = uses.get(account)
            uses[account] = use if held is None else held.joined(use)
        for account, by_currency in effect.totals.items():
            sums = totals.setdefault(account, {})
            for currency, number in by_currency.items():
                sums[currency] = sums.get(currency, ZERO) + number
    some = [effect for effect in effects if effect.last]
    return Effect(
        min((effect.first for effect in some), default=0),
        max((effect.last for effect in some), default=0),
        max((effect.newest for effect in some), default=0),
        uses,
        frozenset[str]().union(*(effect.posted for effect in effects)),
        totals,
    )


def _uses(entries: Iterable[data.Directive]) -> dict[str, Use]:
    strict: dict[str, list[int]] = {}
    known: dict[str, int] = {}
    currencies: dict[str, set[str]] = {}
    for entry in entries:
        day = entry.date.toordinal()
        if isinstance(entry, data.Transaction):
            accounts: Any = {posting.account for posting in entry.postings}
            for posting in entry.postings:
                if isinstance(posting.units, Amount):
                    currencies.setdefault(posting.account, set()).add(posting.units.currency)
        elif isinstance(entry, data.Open | data.Close):
            continue
        else:
            accounts = getters.get_entry_accounts(entry)
        if isinstance(entry, _LENIENT):
            for account in accounts:
                known[account] = min(known.get(account, day), day)
            continue
        for account in accounts:
            span = strict.setdefault(account, [day, day])
            if day < span[0]:
                span[0] = day
            elif day > span[1]:
                span[1] = day
    unused = [_NEVER, 0]
    return {
        account: Use(
            strict.get(account, unused)[0],
            strict.get(account, unused)[1],
            known.get(account, _NEVER),
            frozenset(currencies.get(account, ())),
        )
        for account in strict.keys() | known.keys()
    }


def _days(entries: Iterable[data.Directive]) -> Days:
    sums: dict[str, dict[str, dict[int, Decimal]]] = {}
    for entry in entries:
        if not isinstance(entry, data.Transaction):
            continue
        day = entry.date.toordinal()
        for posting in entry.postings:
            of_account = sums.setdefault(posting.account, {})
            units = posting.units
            if not isinstance(units, Amount) or not isinstance(units.number, Decimal):
                continue  # an error of its own says so
            by_day = of_account.setdefault(units.currency, {})
            by_day[day] = by_day.get(day, ZERO) + units.number
    return {
        account: {currency: sorted(by_day.items()) for currency, by_day in of_account.items()}
        for account, of_account in sums.items()
    }


def slim_effect(effect: Effect) -> list[Any]:
    """The effect, as JSON can hold it."""
    uses = {a: [u.first, u.last, u.known, sorted(u.currencies)] for a, u in effect.uses.items()}
    totals = {a: {c: str(n) for c, n in by.items()} for a, by in effect.totals.items()}
    return [effect.first, effect.last, effect.newest, uses, sorted(effect.posted), totals]


def thick_effect(slim: Sequence[Any]) -> Effect:
    """The effect that ``slim_effect`` was given."""
    first, last, newest, uses, posted, totals = slim
    return Effect(
        first,
        last,
        newest,
        {a: Use(u[0], u[1], u[2], frozenset(u[3])) for a, u in uses.items()},
        frozenset(posted),
        {a: {c: Decimal(n) for c, n in by.items()} for a, by in totals.items()},
    )


def slim_days(days: Days) -> dict[str, Any]:
    """Sums by day, as JSON can hold them."""
    return {
        account: {c: [[day, str(n)] for day, n in sums] for c, sums in by.items()}
        for account, by in days.items()
    }


def thick_days(slim: Mapping[str, Any]) -> Days:
    """The sums that ``slim_days`` was given."""
    return {
        account: {c: [(day, Decimal(n)) for day, n in sums] for c, sums in by.items()}
        for account, by in slim.items()
    }
