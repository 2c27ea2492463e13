"""One line with its trade on its way into an entry: who trades, what the charges are, which side
is money."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from core.entity import Account
from importers.draft import Draft, Leg
from importers.investing.accounts import Broker
from importers.investing.commodity import Commodities
from importers.investing.legs import money, shown
from importers.investing.lots import Lots
from importers.statement import Trade

UNDECIDED = "categorise"
_DUPLICATE = "duplicate"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Deal:
    """A draft, its trade, and what is known of the account on that day.

    ``draft`` is what the line would be without its trade: its other side is what a rule says, or
    suspense.
    """

    draft: Draft
    trade: Trade
    broker: Broker
    lots: Lots
    commodities: Commodities

    @property
    def day(self) -> dt.date:
        """The day of the line."""
        return self.draft.date

    @property
    def currency(self) -> str:
        """The currency of the money."""
        return self.draft.others[0].currency

    @property
    def is_cash(self) -> bool:
        """Whether the line moves the cash of the account."""
        return bool(self.draft.own.number) and self.draft.own.account == self.broker.cash.name

    def commodity(self) -> str:
        """What is traded; its directive comes with the import where the books have none."""
        return self.commodities.used(self.trade.security, self.day)

    def holding(self) -> Account:
        """The account in which it is held."""
        return self.broker.holding(self.commodity(), self.day)

    @property
    def other(self) -> str:
        """The other side of the money as the line alone would have it."""
        return self.draft.others[0].account

    @property
    def is_decided(self) -> bool:
        """Whether a rule of the owner's says what the other side is."""
        is_suspense = self.broker.books.role(self.other) == "suspense"
        return bool(self.draft.rule) and not self.draft.review and not is_suspense

    @property
    def charges(self) -> Decimal:
        """Commission and fees that are part of the total. Some brokers leave them out of it and
        take them elsewhere: then units × price says so."""
        trade = self.trade
        charged = trade.commission + trade.fees
        if not charged or trade.price is None or not trade.units:
            return charged
        accrued = trade.accrued if trade.units < 0 else -trade.accrued
        without = -trade.units * trade.price + accrued - trade.withholding
        is_part = abs(without - charged - trade.total) <= abs(without - trade.total)
        return charged if is_part else ZERO

    def extras(self) -> list[Leg]:
        """Charges, tax withheld and accrued interest, where there are any."""
        out, trade = [], self.trade
        if self.charges and not self.broker.charges_are_cost:
            account = self.broker.charges(self.day).name
            out.append(Leg(account, money(self.charges), self.currency))
        if trade.withholding:
            account = self.broker.withheld(self.day).name
            out.append(Leg(account, money(trade.withholding), self.currency))
        if trade.accrued:
            # The buyer of a bond pays for the interest so far, and the seller gets it.
            account = self.broker.interest(self.commodity(), self.day).name
            number = -trade.accrued if trade.units < 0 else trade.accrued
            out.append(Leg(account, money(number), self.currency))
        return out

    def money_legs(self) -> list[Leg]:
        """The side of the money: the account's cash, or where a total that never was in it belongs;
        none where there is no money."""
        if self.is_cash:
            return [replace(self.draft.own, number=money(self.draft.number))]
        if self.trade.total:
            return [Leg(self.other, money(self.trade.total), self.currency)]
        return []

    def entry(self, legs: list[Leg], said: str, review: str = "") -> Draft:
        """The draft with these legs. The line's id stands on the cash, or where no cash moves on
        the first leg that is not suspense; ``said`` is for a line that says nothing itself."""
        own = next((leg for leg in legs if leg.lines), None)
        if own is None:
            found = next((leg for leg in legs if leg.account != self.other), legs[0])
            legs = [leg for leg in legs if leg is not found]
            own = replace(found, lines=self.draft.own.lines)
        others = tuple(leg for leg in legs if leg is not own)
        ruled = self.draft
        is_used = any(leg.account == self.other for leg in others)
        if not is_used or not self.is_decided:
            ruled = replace(ruled, rule="", transfer="", counterparty="", review="")
        if is_used and not self.is_decided:
            review = review or UNDECIDED
        if self.draft.review == _DUPLICATE:  # whether it is a line at all comes first
            review = _DUPLICATE
        return replace(
            ruled, own=own, others=others, narration=ruled.narration or said, review=review
        )

    def said(self, verb: str) -> str:
        """What was done: ``Buy 10 FERN``."""
        return f"{verb} {shown(abs(self.trade.units))} {self.commodity()}"


def total_of(legs: Iterable[Leg]) -> Decimal:
    """The sum of legs with amounts in one currency."""
    return sum((leg.number or ZERO for leg in legs), ZERO)
