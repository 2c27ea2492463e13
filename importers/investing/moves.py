"""Units in and out: lots that come in, lots that a sale takes, units whose lots nobody knows."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from beancount.core import amount
from beancount.core.position import CostSpec

from importers.draft import Draft, Leg
from importers.investing.deal import Deal, total_of
from importers.investing.legs import cost_number, money, of_lot, priced
from importers.investing.lots import Lot

# The review of an entry whose units wait for their lots.
LOTS = "lots"
_ANY_LOT = CostSpec(None, None, None, None, None, None)


def bought(deal: Deal, spec: CostSpec) -> Leg:
    """The lot that comes in, remembered for the sales that follow."""
    trade, commodity, holding = deal.trade, deal.commodity(), deal.holding().name
    cost = cost_number(trade.units, spec)
    lot = Lot(trade.units, commodity, cost, deal.currency, spec.date or deal.day)
    deal.lots.add(holding, lot)
    meta = (("source", trade.source),) if trade.source else ()
    return Leg(holding, trade.units, commodity, cost=spec, meta=meta)


def sold(deal: Deal, proceeds: Decimal) -> list[Leg]:
    """Units out of the lots that the account's booking method takes, and the gain, which Beancount
    works out. None where the method takes none."""
    trade, commodity, holding = deal.trade, deal.commodity(), deal.holding()
    method = holding.booking or deal.broker.books.options["booking_method"].name
    units = amount.Amount(trade.units, commodity)
    if trade.units > 0 or not deal.lots.reduce(holding.name, units, method):
        return []
    out = Leg(holding.name, trade.units, commodity, cost=_ANY_LOT)
    if proceeds > 0:
        out = priced(out, proceeds, trade.price, deal.currency)
    return [out, Leg(deal.broker.gains(deal.day).name, None, deal.currency)]


def unmatched(deal: Deal, said: str) -> Draft:
    """Units without lots: money and units are booked, and the owner says which lots they are.

    At the price where money was paid for them, else against suspense in kind. They stand in an
    account of their own, since Beancount would take what comes in beside them for their return.
    """
    trade, commodity, extras = deal.trade, deal.commodity(), deal.extras()
    account = deal.broker.unmatched(commodity, deal.day).name
    deal.lots.add_unmatched(account, amount.Amount(trade.units, commodity))
    value = -(trade.total + total_of(extras))
    if value and (value > 0) == (trade.units > 0):
        leg = Leg(account, trade.units, commodity)
        units = priced(leg, value, trade.price, deal.currency)
        return deal.entry([*deal.money_legs(), units, *extras], said, LOTS)
    in_kind = Leg(deal.broker.in_kind(deal.day).name, -trade.units, commodity)
    legs = [*deal.money_legs(), Leg(account, trade.units, commodity), in_kind, *extras]
    if value:
        waiting = deal.broker.suspense(deal.currency).name
        legs.append(Leg(waiting, money(value), deal.currency))
    return deal.entry(legs, said, LOTS)


def renewed(deal: Deal, lots: Sequence[Lot], anew: Sequence[Lot]) -> list[Leg]:
    """The legs that take the lots out and put them in again as ``anew``; remembered."""
    legs, holding = [], deal.holding().name
    for lot in lots:
        deal.lots.add(holding, replace(lot, units=-lot.units))
        legs.append(of_lot(holding, lot, -1))
    for lot in anew:
        deal.lots.add(holding, lot)
        legs.append(of_lot(holding, lot, 1))
    return legs
