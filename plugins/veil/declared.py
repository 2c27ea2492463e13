"""What the rules ask of declarations again and again: dealings, closed periods, and rates."""

import datetime as dt
from decimal import Decimal
from typing import Any

from beancount.core import prices

from core.dealings import Dealings, dealings_of
from core.journal.books import Books
from core.seal import closed_until


def dealings(books: Books) -> Dealings:
    """Vendors, employees, allocations, assets and leases of the books."""
    known: Dealings | None = books.memo.get("dealings")
    if known is None:
        known = books.memo["dealings"] = dealings_of(books.standing)
    return known


def accounts_of_roles(roles: frozenset[str], books: Books) -> frozenset[str]:
    """The accounts that have one of these roles: to be asked of every posting there is."""
    known: frozenset[str] | None = books.memo.get(("accounts of", roles))
    if known is None:
        found = (name for name, account in books.accounts.items() if account.role in roles)
        known = books.memo["accounts of", roles] = frozenset(found)
    return known


class CompanyExpenses(dict[str, bool]):
    """Whether an account is an expense of a company: of neither a person nor the eliminations."""

    def __init__(self, books: Books) -> None:
        super().__init__()
        self._registry = books.registry

    def __missing__(self, account: str) -> bool:
        entity = self._registry.entities.get(self._registry.ent(account) or "")
        is_company = entity is not None and entity.kind not in {"person", "elimination"}
        self[account] = is_company and account.startswith("Expenses:")
        return self[account]

    @classmethod
    def of(cls, books: Books) -> "CompanyExpenses":
        """Those of the books: each account is looked at once, opened or not."""
        known: CompanyExpenses | None = books.memo.get("company expenses")
        if known is None:
            known = books.memo["company expenses"] = cls(books)
        return known


def is_closed(entity: str, day: dt.date, books: Books) -> bool:
    """Whether a ``close-period`` has closed the period of ``entity`` that ``day`` lies in."""
    return day <= _closed(books).get(entity.casefold(), dt.date.min)


def _closed(books: Books) -> dict[str, dt.date]:
    """The last closed day of each entity."""
    known: dict[str, dt.date] | None = books.memo.get("closed until")
    if known is None:
        known = books.memo["closed until"] = closed_until(books.standing)
    return known


def worth(
    number: Decimal, currency: str, wanted: str, day: dt.date, books: Books
) -> Decimal | None:
    """An amount in another currency at the newest price on or before ``day``; None without one.

    Prices are not among what rules of the scope LINK may ask for.
    """
    if currency == wanted or not number:
        return number
    known: Any = books.memo.get("price map")
    if known is None:
        known = books.memo["price map"] = prices.build_price_map(books.standing)
    _, rate = prices.get_price(known, (currency, wanted), day)
    return None if rate is None else number * rate
