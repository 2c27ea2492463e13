"""What a card's statement asks for: a directive, which the forecast counts on its due day.

::

    2026-09-10 custom "card-statement" Liabilities:Ops:Card 890.00 USD
      due: 2026-10-05
      minimum: 25.00 USD

dated on the statement's own day, with what is owed on it. It asserts nothing: where the card's
entries say less by now, that is what will be paid.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from core.journal.books import Books

STATEMENT = "card-statement"
_WRITTEN = f'custom "{STATEMENT}" Liabilities:Ops:Card 890.00 USD, with due: 2026-10-05 below it'
Problem = tuple[data.Custom, str]


@dataclass(frozen=True)
class CardStatement:
    """A card's statement: ``balance`` is positive where something is owed; ``minimum`` None where
    the bank does not say."""

    entry: data.Custom = field(compare=False, repr=False)
    account: str
    balance: Decimal
    currency: str
    due: dt.date
    minimum: Decimal | None = None


@dataclass(frozen=True)
class CardStatements:
    """The newest statement of each card, by account; and what is wrong with the directives."""

    newest: Mapping[str, CardStatement]
    problems: Sequence[Problem] = ()


def card_statements(
    entries: Iterable[data.Directive], cards: Iterable[str], as_of: dt.date
) -> CardStatements:
    """What ``custom "card-statement"`` directives up to a day say of the ``cards``. What is
    malformed is left out and told in ``problems``."""
    known = frozenset(cards)
    newest: dict[str, CardStatement] = {}
    problems: list[Problem] = []
    for entry in entries:
        if not isinstance(entry, data.Custom) or entry.type != STATEMENT:
            continue
        try:
            found = _read(entry, known)
        except ValueError as error:
            problems.append((entry, str(error)))
            continue
        before = newest.get(found.account)
        if entry.date <= as_of and (before is None or before.entry.date <= entry.date):
            newest[found.account] = found
    return CardStatements(newest, tuple(problems))


def card_statements_in(books: Books) -> CardStatements:
    """The statements that the books hold, up to their day."""
    found: CardStatements | None = books.memo.get(STATEMENT)
    if found is None:
        cards = [name for name, each in books.accounts.items() if each.role == "card"]
        found = card_statements(books.standing, cards, books.as_of)
        books.memo[STATEMENT] = found
    return found


def _read(entry: data.Custom, cards: frozenset[str]) -> CardStatement:
    values = [each.value for each in entry.values]
    if len(values) != 2 or not isinstance(values[0], str) or not isinstance(values[1], Amount):
        raise ValueError(f"a card's statement is written: {_WRITTEN}")
    account, owed = values
    if account not in cards:
        raise ValueError(f'“{account}” is no account with role: "card"')
    due, minimum = entry.meta.get("due"), entry.meta.get("minimum")
    if not isinstance(due, dt.date):
        raise ValueError(f"a card's statement says when it is due: {_WRITTEN}")
    if minimum is not None and not (isinstance(minimum, Amount) and minimum.number is not None):
        raise ValueError(f"“minimum: {minimum}” is no amount; write minimum: 25.00 USD")
    return CardStatement(
        entry,
        account,
        owed.number or Decimal(0),
        owed.currency,
        due,
        minimum.number if minimum is not None else None,
    )
