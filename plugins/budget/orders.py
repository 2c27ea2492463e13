"""Directives of budgets, made: with accounts as accounts and names that stand in a string."""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from beancount.core import account, data
from beancount.core.amount import Amount
from beancount.parser.grammar import ValueType

from core.budget.declared import is_account
from core.journal.books import Books
from core.journal.render import clean_text

CASH_ROLES = ("bank", "cash", "in-transit")


def order(name: str, day: dt.date, *values: Any, **said: Any) -> data.Custom:
    """The directive ``name`` with these values and metadata (``card_model`` is ``card-model:``)."""
    kinds: list[Any] = [account.TYPE if is_account(value) else type(value) for value in values]
    typed = [ValueType(value, kind) for value, kind in zip(values, kinds, strict=True)]
    meta = {key.replace("_", "-"): value for key, value in said.items()}
    return data.Custom(meta, day, name, typed)


def money(number: Decimal, currency: str) -> Amount:
    """An amount at cents."""
    return Amount(number.quantize(Decimal("0.01")), currency)


def quotable(text: str) -> str:
    """A name from outside as it may stand in a journal's string: Beancount's printer does not
    escape the strings of custom directives."""
    return clean_text(text).replace("\\", "/").replace('"', "”")


def own_cash(books: Books, entity: str, day: dt.date) -> list[str]:
    """The entity's open accounts with money in them, by their roles."""
    return _with_roles(books, entity, day, CASH_ROLES)


def own_cards(books: Books, entity: str, day: dt.date) -> list[str]:
    """The entity's open card accounts, by their roles."""
    return _with_roles(books, entity, day, ("card",))


def _with_roles(books: Books, entity: str, day: dt.date, roles: Iterable[str]) -> list[str]:
    return [
        each.name
        for each in books.accounts.values()
        if each.entity == entity and each.role in roles and _is_open(each.closed, day)
    ]


def _is_open(closed: dt.date | None, day: dt.date) -> bool:
    return closed is None or day < closed


def founding(
    day: dt.date,
    entity: str,
    mode: str,
    currency: str,
    model: str,
    cash: Iterable[str],
    cards: Iterable[str],
) -> Iterator[data.Custom]:
    """What a budget begins with: its ``bud-config`` and the accounts on it."""
    start = f"{day:%Y-%m}"
    yield order("bud-config", day, entity, mode, currency, start=start, card_model=model)
    for name in cash:
        yield order("bud-account", day, name, "cash")
    for name in cards:
        yield order("bud-account", day, name, "credit")
