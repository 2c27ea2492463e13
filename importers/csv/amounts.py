"""The amount of a row, from one column or two, by the profile's signs.

An amount that cannot be read refuses the whole file, with the line.
"""

from collections.abc import Callable
from decimal import Decimal

from core.money import parse_decimal
from importers.csv.parts import ColumnSign
from importers.csv.profile import Profile
from importers.csv.table import Row
from importers.statement import RefusedFileError

_AGAIN = "correct the row, or download the file again"


def amount_of(row: Row, profile: Profile, shown: str) -> Decimal:
    """The row's amount as the owner sees it: money out is negative."""
    columns, number = profile.columns, number_reader(profile, shown)
    if columns.amount:
        amount = number(row, columns.amount)
        if profile.flag:
            amount = _flagged(row, profile, abs(amount), shown)
    else:
        amount = _of_two_columns(row, profile, shown)
    if row.get(columns.fee):
        amount -= number(row, columns.fee)
    return -amount if profile.sign == "inverted" else amount


def _of_two_columns(row: Row, profile: Profile, shown: str) -> Decimal:
    columns, number = profile.columns, number_reader(profile, shown)
    debit = number(row, columns.debit) if row.get(columns.debit) else None
    credit = number(row, columns.credit) if row.get(columns.credit) else None
    if (debit is None and credit is None) or (debit and credit):
        have = "both" if debit else "neither"
        raise RefusedFileError(
            f"has {have} {columns.debit} {'and' if debit else 'nor'} {columns.credit}; "
            "nothing of the file was used",
            file=shown,
            line=row.line,
            hint=_AGAIN,
        )
    return _gained(credit, profile.credit_sign) - _gained(debit, profile.debit_sign)


def _gained(amount: Decimal | None, sign: ColumnSign) -> Decimal:
    """How much a debit or credit cell moves, as its column writes amounts."""
    if amount is None:
        return Decimal(0)
    return abs(amount) if sign == "any" else -amount if sign == "negative" else amount


def _flagged(row: Row, profile: Profile, amount: Decimal, shown: str) -> Decimal:
    flag = profile.flag
    said = row.get(flag.column) if flag else ""
    if flag and said in flag.out:
        return -amount
    if flag and said in flag.into:
        return amount
    raise RefusedFileError(
        f"“{said}” says neither in nor out; nothing of the file was used",
        file=shown,
        line=row.line,
        hint="correct the row, or add the word to 'flag' in the profile",
    )


def number_reader(profile: Profile, shown: str) -> Callable[[Row, str], Decimal]:
    """Reads the amount in a column of a row, as this profile writes amounts."""

    def number(row: Row, column: str) -> Decimal:
        try:
            return parse_decimal(
                row.get(column), decimal=profile.decimal, grouping=profile.grouping
            )
        except ValueError as error:
            raise RefusedFileError(
                f"{column}: {error}; nothing of the file was used",
                file=shown,
                line=row.line,
                hint=_AGAIN,
            ) from error

    return number
