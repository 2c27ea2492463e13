"""The closing balance of a CSV statement: stated around the table, or the newest row's running one.

Where the file leaves it open which balance is the last, there is none: a wrong one would be
asserted against the books.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise

from core.money import parse_decimal
from importers.csv.parts import Balance
from importers.csv.profile import Profile
from importers.csv.table import Row, Table
from importers.statement import RefusedFileError, StatementLine

Closing = tuple[Decimal | None, dt.date | None]
NONE: Closing = (None, None)


def parsed_day(text: str, fmt: str) -> dt.date | None:
    """The calendar day that ``text`` writes in ``fmt``; None where it does not."""
    try:
        # Only the calendar day is taken: a zone would shift it.
        return dt.datetime.strptime(text, fmt).date()  # noqa: DTZ007
    except ValueError:
        return None


def stated_balance(
    table: Table, stated: Balance | None, profile: Profile, shown: str, name: str = "closing"
) -> Closing:
    """The balance that the lines around the table state, by the pattern in ``stated``.

    Raises RefusedFileError where the pattern finds something that is no amount.
    """
    match = re.search(stated.pattern, "\n".join(table.lines)) if stated else None
    if not stated or not match:
        return NONE
    try:
        amount = parse_decimal(match["amount"], decimal=profile.decimal, grouping=profile.grouping)
    except ValueError as error:
        raise RefusedFileError(
            f"{name} balance: {error}; nothing of the file was used",
            file=shown,
            hint="download the file again, or correct the pattern in the profile",
        ) from error
    said = match.groupdict().get("date") or ""
    formats = [f for f in [stated.date_format] if f] or list(profile.date_format)
    day = next((day for f in formats if (day := parsed_day(said, f))), None)
    return owners_view(amount, profile), day


def running_balance(
    found: Sequence[tuple[Row, StatementLine]],
    profile: Profile,
    number: Callable[[Row, str], Decimal],
) -> Closing:
    """The newest row's running balance; none where it is not sure which row is the newest."""
    column = profile.columns.balance
    having = [
        (owners_view(number(row, column), profile), line) for row, line in found if row.get(column)
    ]
    if not having:
        return NONE
    balance, newest = having[0] if _newest_first(having) else having[-1]
    others = {other for other, line in having if line.date == newest.date}
    if newest.date != max(line.date for _, line in having):
        return NONE
    if having[0][1].date == having[-1][1].date and len(others) > 1 and not _order_is_sure(having):
        return NONE
    return balance, newest.date


def owners_view(amount: Decimal, profile: Profile) -> Decimal:
    """A balance as the owner sees it: what is owed is negative."""
    return -amount if profile.turns_balances else amount


def _newest_first(having: Sequence[tuple[Decimal, StatementLine]]) -> bool:
    """Whether the file begins with its newest row: by the dates, on one day by the balances."""
    first, last = having[0][1].date, having[-1][1].date
    if first != last:
        return first > last
    upwards, downwards = _fits(having)
    return upwards > downwards


def _order_is_sure(having: Sequence[tuple[Decimal, StatementLine]]) -> bool:
    upwards, downwards = _fits(having)
    return upwards != downwards


def _fits(having: Sequence[tuple[Decimal, StatementLine]]) -> tuple[int, int]:
    """How often a row's balance follows from the row beneath it, and from the row above it."""
    pairs = list(pairwise(having))
    upwards = sum(lower[0] + upper[1].amount == upper[0] for upper, lower in pairs)
    downwards = sum(upper[0] + lower[1].amount == lower[0] for upper, lower in pairs)
    return upwards, downwards
