"""What happens to a holding without a trade: transfers in kind, splits, returns of capital, options
that end."""

from dataclasses import replace
from decimal import Decimal

from beancount.core.position import CostSpec

from importers.draft import Draft, Leg
from importers.investing.deal import UNDECIDED, ZERO, Deal
from importers.investing.legs import money, shown
from importers.investing.lots import Lot
from importers.investing.moves import bought, renewed, sold, unmatched


def transfer(deal: Deal) -> Draft | None:
    """Units that come in with the lot that the file states, against suspense until the other side
    is known; else, and where they go out, without lots: which ones, only the brokers know."""
    trade = deal.trade
    if not trade.units:
        return deal.draft if deal.is_cash else None
    said = deal.said("Transfer in" if trade.units > 0 else "Transfer out")
    if trade.units < 0 or trade.cost is None or trade.acquired is None or trade.total:
        return unmatched(deal, said)
    if not deal.lots.may_add(deal.holding().name, deal.commodity()):
        return unmatched(deal, said)
    spec = CostSpec(trade.cost, None, deal.currency, trade.acquired, None, None)
    waiting = deal.broker.suspense(deal.currency).name
    basis = Leg(waiting, -trade.units * trade.cost, deal.currency)
    return deal.entry([bought(deal, spec), basis], said, "transfer")


def opening(deal: Deal) -> Draft | None:
    """A lot that was held before the first line, against what the books began with."""
    trade = deal.trade
    if not deal.lots.may_add(deal.holding().name, deal.commodity()):
        return unmatched(deal, deal.said("Opening:"))
    spec = CostSpec(None, -trade.total, deal.currency, trade.acquired, None, None)
    equity = deal.broker.equity(deal.currency, deal.day)
    said = f"Opening lot: {shown(trade.units)} {deal.commodity()}"
    return deal.entry([bought(deal, spec), Leg(equity, money(trade.total), deal.currency)], said)


def split(deal: Deal) -> Draft | None:
    """Every lot anew with more units, the same cost in all and the same day, where that comes out
    exactly; else the units that were added wait for their lots."""
    trade = deal.trade
    lots = deal.lots.known(deal.holding().name, deal.commodity())
    held = deal.lots.units(deal.holding().name, deal.commodity())
    ratio = _added_for_one(deal)
    added = trade.units or ratio * held
    if not added:
        return deal.draft if deal.is_cash else None
    whole = held + added > 0 and held and not trade.total and (not ratio or added == ratio * held)
    grown = [_with_units(lot, lot.units * (held + added) / held) for lot in lots if whole]
    if not grown or sum(lot.units for lot in grown) != held + added:
        other = replace(deal, trade=replace(trade, units=added))
        return unmatched(other, other.said("Split adds"))
    said = f"Split of {deal.commodity()}: {shown(held)} become {shown(held + added)}"
    legs = renewed(deal, lots, grown)
    if sum(lot.total for lot in grown) != sum(lot.total for lot in lots):
        # A cost that does not come out even: an amount of money lets Beancount round.
        legs.append(Leg(deal.broker.gains(deal.day).name, Decimal("0.00"), deal.currency))
    return deal.entry(legs, said)


def _added_for_one(deal: Deal) -> Decimal:
    """How many units are added for each that was held; zero where the file does not say."""
    trade = deal.trade
    if not trade.numerator or not trade.denominator:
        return ZERO
    return trade.numerator / trade.denominator - 1


def _with_units(lot: Lot, units: Decimal) -> Lot:
    return replace(lot, units=units, cost=lot.total / units)


def return_of_capital(deal: Deal) -> Draft | None:
    """Less cost of every lot, evenly for each unit. More than a lot cost would be a gain, which is
    the owner's to book, and so is what comes back of lots that are not known."""
    trade = deal.trade
    if not trade.total:
        return None
    lots = deal.lots.known(deal.holding().name, deal.commodity())
    held = sum((lot.units for lot in lots), ZERO)
    share = trade.total / held if held else ZERO
    if share <= 0 or any(lot.cost < share for lot in lots):
        return replace(deal.draft, review=deal.draft.review or UNDECIDED)
    anew = [replace(lot, cost=lot.cost - share) for lot in lots]
    legs = [*deal.money_legs(), *renewed(deal, lots, anew)]
    return deal.entry(legs, f"Return of capital of {deal.commodity()}")


def closure(deal: Deal) -> Draft | None:
    """An option that expired is a loss of its cost; one that was used is the owner's to book."""
    if not deal.trade.units:
        return None
    legs = sold(deal, ZERO) if deal.trade.income == "EXPIRE" else []
    if not legs:
        return unmatched(deal, deal.said("Close"))
    return deal.entry(legs, deal.said("Expired:"))
