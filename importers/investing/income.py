"""Income and expenses of an investment account."""

from importers.draft import Draft, Leg
from importers.investing.deal import Deal, total_of
from importers.investing.legs import money


def income(deal: Deal) -> Draft | None:
    """What a security or the cash brought, before the tax that was withheld; a rule of the owner's
    for the line says the account first. A kind that the file does not name waits."""
    trade = deal.trade
    if not trade.total and not trade.withholding:
        return None
    security = trade.security
    is_listed = bool(security.ticker or security.unique_id)
    # Interest on cash is no security's, even where the broker writes its own name there.
    of_one = is_listed or (bool(security.name) and trade.income != "INTEREST")
    found = deal.broker.income(trade.income, deal.commodity() if of_one else "", deal.day)
    if found is None and not deal.is_decided:
        return deal.draft
    account = deal.other if found is None or deal.is_decided else found.name
    extras = deal.extras()
    gross = Leg(account, money(-trade.total - total_of(extras)), deal.currency)
    return deal.entry([*deal.money_legs(), gross, *extras], "Income")


def expense(deal: Deal) -> Draft | None:
    """Margin interest is known; of other expenses only a rule or the owner knows what they are."""
    trade = deal.trade
    if not trade.total:
        return None
    if trade.income != "INTEREST" or deal.is_decided or not deal.is_cash:
        return deal.draft
    account = deal.broker.margin_interest(deal.day).name
    paid = Leg(account, money(-trade.total), deal.currency)
    return deal.entry([*deal.money_legs(), paid], "Margin interest")
