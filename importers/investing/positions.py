"""What an investment statement says is held, beside what the books will hold; and its prices."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import amount, data

from core.entity import Account
from core.journal.books import Books
from importers.draft import Draft
from importers.investing.accounts import UNMATCHED, Broker, base_of
from importers.investing.legs import money, shown
from importers.investing.lots import below, is_below
from importers.investing.trader import Trader
from importers.statement import Position, Security, Statement


@dataclass(frozen=True)
class Holding:
    """A position with its place in the books: ``units`` of ``commodity`` in ``account``, together
    with the accounts below it, at the end of ``date``."""

    account: str
    commodity: str
    units: Decimal
    date: dt.date
    position: Position


def positions_of(statement: Statement) -> tuple[Position, ...]:
    """The statement's positions, one for each security: a broker lists cash, margin and short
    holdings, and the sources of a 401(k), one by one."""
    found: dict[Security, Position] = {}
    for position in statement.positions:
        before = found.get(position.security)
        if before is None:
            found[position.security] = position
            continue
        values = (before.value, position.value)
        value = None if None in values else sum((v for v in values if v), Decimal(0))
        found[position.security] = replace(before, units=before.units + position.units, value=value)
    return tuple(found.values())


def holdings_of(statement: Statement, cash: Account, trader: Trader) -> tuple[Holding, ...]:
    """Each position's account and commodity; those without a day are left out."""
    broker = Broker(cash, trader.books, trader.opening)
    holdings = []
    for position in positions_of(statement):
        commodity = trader.commodities.named(position.security)
        if commodity and position.date:
            account = broker.holding_name(commodity)
            holdings.append(Holding(account, commodity, position.units, position.date, position))
    return tuple(holdings)


def gaps(
    holdings: Sequence[Holding], cash: Account, drafts: Iterable[Draft], trader: Trader
) -> list[str]:
    """What to tell of holdings that will differ from the statement's, with the gap of each."""
    if not holdings:
        return []
    day = holdings[0].date
    held = _held(base_of(cash.name), trader.books, drafts, day)
    said = {(h.account, h.commodity): h.units for h in holdings}
    out = []
    for key in sorted({*held, *said}):
        ours, theirs = held.get(key, Decimal(0)), said.get(key, Decimal(0))
        if ours != theirs and not trader.commodities.is_money(key[1]):
            out.append(
                f"{key[1]} on {day}: the statement holds {shown(theirs)}, the books will hold "
                f"{shown(ours)} in {key[0]}; the gap is {shown(theirs - ours)}"
            )
    return out


def _held(
    base: str, books: Books, drafts: Iterable[Draft], day: dt.date
) -> dict[tuple[str, str], Decimal]:
    """Units at the end of ``day`` at and below ``base``, by holding and commodity."""
    found: dict[tuple[str, str], Decimal] = {}

    def add(account: str, commodity: str, number: Decimal | None) -> None:
        if number is not None and is_below(account, base):
            key = (account.removesuffix(f":{UNMATCHED}"), commodity)
            found[key] = found.get(key, Decimal(0)) + number

    for txn in below(base, books):
        for posting in txn.postings if txn.date <= day else ():
            if posting.units:
                add(posting.account, posting.units.currency, posting.units.number)
    for draft in drafts:
        for leg in (draft.own, *draft.others) if draft.date <= day else ():
            add(leg.account, leg.currency, leg.number)
    return found


def prices_of(
    statement: Statement, holdings: Sequence[Holding], trader: Trader
) -> list[data.Price]:
    """The prices that the statement states, for days on which the books have none.

    A price that does not make the position's value (a bond's is for a hundred, an option's for one
    of a hundred shares) is not one for a unit, and is left out.
    """
    if not holdings or not statement.currency:
        return []
    there = {
        (e.date, e.currency, e.amount.currency)
        for e in trader.books.entries
        if isinstance(e, data.Price)
    }
    out = {}
    for holding in holdings:
        position = holding.position
        day = position.price_date or position.date
        if position.price is None or day is None or not _is_for_one(position):
            continue
        key = (day, holding.commodity, statement.currency)
        # A price needs its commodity, which a holding that no line speaks of may not have yet.
        if key not in there and trader.commodities.used(position.security, day):
            price = amount.Amount(money(position.price), statement.currency)
            out[key] = data.Price({}, day, holding.commodity, price)
    return list(out.values())


def _is_for_one(position: Position) -> bool:
    if position.value is None or position.price is None or not position.price:
        return False
    return abs(position.units * position.price - position.value) * 100 <= abs(position.value)
