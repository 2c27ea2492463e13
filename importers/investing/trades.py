"""Purchases, sales and reinvestments."""

from importers.draft import Draft, Leg
from importers.investing.deal import Deal, total_of
from importers.investing.legs import cost_of, money
from importers.investing.moves import bought, sold, unmatched


def buy(deal: Deal) -> Draft:
    """A lot at what was paid for it; charges are a part of that or an expense, as the account says.

    What a purchase that is taken back brings in is the owner's to match with its lot.
    """
    trade = deal.trade
    if not trade.units:
        return deal.draft
    extras = deal.extras()
    paid = -trade.total - total_of(extras)
    if trade.units < 0 or paid <= 0 or not _may_add(deal):
        return unmatched(deal, deal.said("Buy"))
    lot = bought(deal, cost_of(trade.units, paid, trade.price, deal.currency))
    return deal.entry([*deal.money_legs(), lot, *extras], deal.said("Buy"))


def sell(deal: Deal) -> Draft:
    """Units out of their lots at what they brought, and the gain without a figure."""
    trade = deal.trade
    if not trade.units:
        return deal.draft
    extras = deal.extras()
    legs = sold(deal, trade.total + total_of(extras))
    if not legs:
        return unmatched(deal, deal.said("Sell"))
    units, gain = legs
    return deal.entry([*deal.money_legs(), units, *extras, gain], deal.said("Sell"))


def reinvest(deal: Deal) -> Draft:
    """Income, and the lot that it bought, in one entry; no cash moves."""
    trade = deal.trade
    if not trade.units:
        return deal.draft
    extras = deal.extras()
    paid = -trade.total - total_of(extras) + trade.withholding
    income = deal.broker.income(trade.income or "DIV", deal.commodity(), deal.day)
    account = deal.other if deal.is_decided or income is None else income.name
    if paid <= 0 or trade.units < 0 or not _may_add(deal):
        return unmatched(deal, deal.said("Reinvest"))
    lot = bought(deal, cost_of(trade.units, paid, trade.price, deal.currency))
    gross = Leg(account, money(trade.total - trade.withholding), deal.currency)
    return deal.entry([lot, gross, *extras], deal.said("Reinvest"))


def _may_add(deal: Deal) -> bool:
    return deal.lots.may_add(deal.holding().name, deal.commodity())
