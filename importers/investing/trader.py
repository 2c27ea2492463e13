"""The lines of investment statements as entries with lots: a step between the drafts of an import
and the change of the books.

A gain is never written as a figure: its posting has no amount, and Beancount works it out from the
lots. Where the lots are not known the units stand without a cost in an account of their own
(``…:FERN:Unmatched``) and the entry waits with ``review: "lots"``: units and cash are right from
the first day, and nothing is invented.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.entity import Account
from core.journal.books import Books
from importers.desk import Desk
from importers.draft import Draft, Leg
from importers.investing.accounts import Broker, base_of
from importers.investing.commodity import Commodities
from importers.investing.deal import Deal
from importers.investing.events import closure, opening, return_of_capital, split, transfer
from importers.investing.income import expense, income
from importers.investing.legs import bare
from importers.investing.lots import Lots
from importers.investing.trades import buy, reinvest, sell
from importers.opening import Opening
from importers.statement import Trade

_BOOKED: Mapping[str, Callable[[Deal], Draft | None]] = {
    "buy": buy,
    "sell": sell,
    "reinvest": reinvest,
    "income": income,
    "expense": expense,
    "transfer": transfer,
    "journal": transfer,
    "split": split,
    "return-of-capital": return_of_capital,
    "closure": closure,
    "opening": opening,
}


@dataclass
class Trader:
    """Books the trades of one import, in date order."""

    books: Books
    opening: Opening
    commodities: Commodities = field(init=False)
    _cash: dict[str, Account] = field(default_factory=dict)
    _lots: dict[str, Lots] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commodities = Commodities(self.books)

    def named(self, drafts: Iterable[Draft], cash: Account) -> list[Draft]:
        """The drafts of a statement whose cash ``cash`` holds. A line that moves units and no cash
        is from now on the line of its holding: by that it is known among other sources."""
        broker, out = Broker(cash, self.books, self.opening), []
        for draft in drafts:
            trade = _trade(draft)
            self._cash[draft.id] = cash
            commodity = self.commodities.named(trade.security) if trade else ""
            if trade and trade.units and commodity and not draft.own.number:
                units = bare(trade.units)
                leg = Leg(broker.holding_name(commodity), units, commodity, draft.own.lines)
                draft = replace(draft, own=leg)  # noqa: PLW2901 - the same line
            out.append(draft)
        return out

    def booked(self, desk: Desk) -> Desk:
        """The desk with every line's trade booked, and without the lines by which nothing moved.

        Trades come in date order, and on one day what comes in before what goes out: files begin
        with the newest line or the oldest, and some with all purchases.
        """
        trading = [draft for draft in desk.drafts if _trade(draft)]
        trading.sort(key=lambda draft: (draft.date, _turn(_trade(draft))))
        booked = {draft.id: self._booked(draft) for draft in trading}
        ordered = iter([done for done in booked.values() if done])
        drafts = [
            next(ordered) if draft.id in booked else draft
            for draft in desk.drafts
            if booked.get(draft.id, draft)
        ]
        return replace(desk, drafts=tuple(drafts))

    def _booked(self, draft: Draft) -> Draft | None:
        trade, cash = _trade(draft), self._cash[draft.id]
        assert trade  # noqa: S101 - those without were left out
        trade = replace(trade, units=bare(trade.units))
        base = base_of(cash.name)
        lots = self._lots.get(base) or self._lots.setdefault(base, Lots(self.books, base))
        lots.up_to(draft.date)
        broker = Broker(cash, self.books, self.opening)
        return _BOOKED[trade.action](Deal(draft, trade, broker, lots, self.commodities))


def _trade(draft: Draft) -> Trade | None:
    return draft.line.trade if draft.line else None


def _turn(trade: Trade | None) -> int:
    """What was there before, and a split, before the day's trading; then what comes in, then cash,
    then what goes out."""
    if trade is None or not trade.units:
        return 2
    if trade.action in {"split", "opening"}:
        return 0
    return 1 if trade.units > Decimal(0) else 3
