"""What kind of row it is, and what was kept of it: a fee, the tax on it, a conversion's fee."""

from dataclasses import dataclass
from decimal import Decimal

from importers.csv.amounts import amount_of, number_reader
from importers.csv.parts import Filter
from importers.csv.profile import Profile
from importers.csv.table import Row
from importers.statement import LineKind

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Charge:
    """What was kept of a row's gross, and the tax on that; negative when given back."""

    fee: Decimal = _NOTHING
    tax: Decimal = _NOTHING


def says(row: Row, condition: Filter) -> bool:
    """Whether a column of the row says what the condition names."""
    said = row.get(condition.column).casefold()
    if said in {value.casefold() for value in condition.values}:
        return True
    return said.startswith(tuple(text.casefold() for text in condition.begins))


def kind_of(row: Row, profile: Profile) -> LineKind:
    """What the file itself calls the row."""
    if profile.charges and says(row, profile.charges):
        return ""
    said = profile.conversions
    if said and says(row, said) and (said.rate not in row.cells or row.get(said.rate)):
        return "conversion"
    return "transfer" if profile.transfers and says(row, profile.transfers) else ""


def charge_of(row: Row, profile: Profile, amount: Decimal, shown: str) -> Charge:
    """What was kept of the row that moved ``amount``: the cell, or what the net lacks of the gross;
    all of it where the row is a fee and nothing else."""
    columns, number = profile.columns, number_reader(profile, shown)
    turned = -1 if profile.sign == "inverted" else 1
    if profile.charges and says(row, profile.charges):
        return Charge(-amount)
    if kind_of(row, profile) == "conversion" and profile.conversions and profile.conversions.fee:
        return Charge(_in_conversion(row, profile, amount, shown))
    if row.get(columns.gross):
        return Charge(number(row, columns.gross) * turned - amount_of(row, profile, shown))
    fee = row.get(columns.kept) and number(row, columns.kept)
    tax = row.get(columns.tax) and number(row, columns.tax)
    if fee or tax:
        return Charge((fee or _NOTHING) * turned, (tax or _NOTHING) * turned)
    return Charge(number(row, columns.fee) * turned if row.get(columns.fee) else _NOTHING)


def _in_conversion(row: Row, profile: Profile, amount: Decimal, shown: str) -> Decimal:
    """The fee that is a part of what was given away, where fee, rate and what was bought say so."""
    said, number = profile.conversions, number_reader(profile, shown)
    names = (said.fee, said.rate, said.bought) if said else ()
    if amount >= 0 or not all(row.get(name) for name in names):
        return _NOTHING
    fee, rate, bought = (abs(number(row, name)) for name in names)
    given = -amount
    is_part = abs((given - fee) * rate - bought) < abs(given * rate - bought)
    return fee if is_part else _NOTHING
