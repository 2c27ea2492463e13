"""Postings of a trade: exact costs and prices, and money with the decimals that Beancount's
tolerance is inferred from."""

from dataclasses import replace
from decimal import Decimal

from beancount.core import amount
from beancount.core.position import CostSpec

from core.money import plain
from importers.draft import Leg
from importers.investing.lots import Lot


def money(number: Decimal) -> Decimal:
    """The number with two decimals, and more only where they say something."""
    exponent = number.normalize().as_tuple().exponent
    places = min(exponent, -2) if isinstance(exponent, int) else -2
    return number.quantize(Decimal(1).scaleb(places)) if number else Decimal("0.00")


def bare(number: Decimal) -> Decimal:
    """The same number without zeros at its end: brokers write units with five decimals."""
    whole = number == number.to_integral_value()
    return number.quantize(Decimal(1)) if whole else number.normalize()


def cost_of(units: Decimal, total: Decimal, stated: Decimal | None, currency: str) -> CostSpec:
    """The cost of a lot that cost ``total``: for one unit where the file's price says exactly so,
    to within what an entry may be rounded, else as the total."""
    if stated is not None and _agree(units * stated, total):
        return CostSpec(money(stated), None, currency, None, None, None)
    return CostSpec(None, money(total), currency, None, None, None)


def cost_number(units: Decimal, spec: CostSpec) -> Decimal:
    """What one unit of the lot costs, as Beancount works it out."""
    if spec.number_per is not None:
        return spec.number_per
    return (spec.number_total or Decimal(0)) / abs(units)


def priced(leg: Leg, money_in: Decimal, stated: Decimal | None, currency: str) -> Leg:
    """The leg's units at what they brought or cost: at the file's price of one where that comes
    out, else at the total (``@@``)."""
    units, total = leg.number or Decimal(0), abs(money_in)
    if stated is not None and _agree(abs(units * stated), total):
        return replace(leg, price=amount.Amount(money(stated), currency))
    return replace(leg, total=amount.Amount(money(total), currency))


def of_lot(account: str, lot: Lot, sign: int) -> Leg:
    """A lot as it stands, put in (1) or taken out (-1)."""
    spec = CostSpec(lot.cost, None, lot.currency, lot.day, lot.label, None)
    return Leg(account, sign * lot.units, lot.commodity, cost=spec)


def _agree(product: Decimal, total: Decimal) -> bool:
    exponent = money(total).as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - money is a finite number
    return abs(product - total) * 2 <= Decimal(1).scaleb(exponent)


def shown(number: Decimal) -> str:
    """Units for people: without zeros at the end."""
    return plain(bare(number))
