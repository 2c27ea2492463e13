"""What one directive says, word by word: a value of the wrong kind is a complaint, not a guess."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import amount, data

from core.loans.terms import AT_MATURITY

_SPELT = {"yearly": "annual", "semi-annual": "semiannual", "at-maturity": AT_MATURITY}


@dataclass
class Said:
    """A directive's values and metadata. ``problems`` takes the complaints about them; ``keys`` are
    those that meant something."""

    entry: data.Custom
    problems: list[tuple[data.Custom, str]]
    keys: set[str] = field(default_factory=set)

    @property
    def values(self) -> list[Any]:
        """The values behind the directive's name."""
        return [value.value for value in self.entry.values]

    def wrong(self, problem: str) -> None:
        """Notes what is wrong, and what to write instead."""
        self.problems.append((self.entry, problem))

    def get(self, key: str, kind: type, example: str) -> Any:
        """The value of ``key`` where it is of the kind; else None, with a complaint."""
        value = self.entry.meta.get(key)
        if value is None:
            return None
        if isinstance(value, kind) and not (kind is dt.date and isinstance(value, dt.datetime)):
            self.keys.add(key)
            return value
        self.wrong(f"“{key}: {value}” means nothing here; write {key}: {example}")
        return None

    def number(self, key: str, example: str) -> Decimal | None:
        """A number that is not negative."""
        value: Decimal | None = self.get(key, Decimal, example)
        if value is not None and value < 0:
            self.wrong(f"“{key}: {value}” is negative; write {key}: {example}")
            return None
        return value

    def count(self, key: str) -> int:
        """A whole number of instalments up to a thousand; zero where there is none."""
        value = self.number(key, "24")
        if value is None:
            return 0
        if value != int(value) or not 0 < value <= 1000:
            self.wrong(f"“{key}: {value}” is no number of instalments; write {key}: 24")
            return 0
        return int(value)

    def money(self, key: str, currency: str) -> Decimal:
        """An amount in the loan's currency; zero where there is none."""
        value = self.get(key, amount.Amount, f"100.00 {currency}")
        if value is None:
            return Decimal(0)
        if value.currency != currency or value.number is None or value.number < 0:
            self.wrong(f"“{key}: {value}” is no amount in {currency}, the currency of the loan")
            return Decimal(0)
        return Decimal(value.number)

    def one_of(self, key: str, known: Iterable[str], default: str) -> str:
        """One of some words, without regard to case; ``default`` where there is none."""
        text = self.get(key, str, f'"{default}"')
        text = _SPELT.get(str(text).casefold(), str(text).casefold()) if text else default
        if text not in known:
            self.wrong(f"“{key}: {text}” is none of {', '.join(known)}")
            return default
        return text
