"""Questions to a projection. Debits are positive, credits negative; days are included at both ends.

Numbers are exact: DuckDB sums them in fixed point. They come without zeros at the end beyond the
second decimal.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from core.projection.projection import Projection
from core.projection.schema import DIGITS

_WIDE = Context(prec=2 * DIGITS)
_CENTS = Decimal("0.01")
_LIMIT = 200


@dataclass(frozen=True)
class AccountBalance:
    """What an account holds, by currency and without zeros. ``units`` are what is held, ``weight``
    is what it balanced with (cost, or price, or itself), ``book`` is the cost of what has one and
    the units of what has none."""

    account: str
    units: Mapping[str, Decimal]
    weight: Mapping[str, Decimal]
    book: Mapping[str, Decimal]


@dataclass(frozen=True)
class Movement:
    """A posting and its transaction. ``transaction`` is the id."""

    transaction: str
    file: str
    line: int
    date: dt.date
    account: str
    payee: str
    narration: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    units: Decimal
    currency: str
    weight: Decimal
    weight_currency: str
    import_id: str | None


@dataclass(frozen=True)
class MonthSum:
    """What moved in an account in a month (its first day), in one currency."""

    account: str
    month: dt.date
    currency: str
    units: Decimal
    weight: Decimal
    weight_currency: str


@dataclass(frozen=True)
class Lot:
    """Units held at one cost; ``cost`` is for one of them."""

    account: str
    units: Decimal
    currency: str
    cost: Decimal
    cost_currency: str
    date: dt.date
    label: str | None


@dataclass(frozen=True)
class Hit:
    """A transaction that a search found."""

    transaction: str
    file: str
    line: int
    date: dt.date
    payee: str
    narration: str


def balances(projection: Projection, entity: str, day: dt.date) -> tuple[AccountBalance, ...]:
    """The balances of an entity's accounts at the end of a day; accounts that hold nothing are left
    out. The months before come from the table of months."""
    found: dict[str, tuple[dict[str, Decimal], ...]] = {}
    first = day.replace(day=1)
    rows = projection.rows(
        """
        SELECT account, currency, at_cost, weight_currency, sum(units), sum(weight) FROM (
            SELECT account, currency, at_cost, weight_currency, units, weight
            FROM books.balances WHERE entity = ? AND month < ?
            UNION ALL
            SELECT account, currency, cost_number IS NOT NULL, weight_currency, units, weight
            FROM books.postings
            WHERE entity = ? AND date BETWEEN ? AND ? AND units IS NOT NULL
        ) GROUP BY ALL ORDER BY ALL
        """,
        *(entity, first, entity, first, day),
    )
    for account, currency, at_cost, weight_currency, units, weight in rows:
        own = found.setdefault(account, ({}, {}, {}))
        _add(own[0], currency, units)
        _add(own[1], weight_currency, weight)
        _add(own[2], *((weight_currency, weight) if at_cost else (currency, units)))
    out = (AccountBalance(name, *map(_without_zeros, own)) for name, own in found.items())
    return tuple(each for each in out if each.units or each.weight or each.book)


def lots(projection: Projection, entity: str, day: dt.date) -> tuple[Lot, ...]:
    """The lots that an entity holds at the end of a day."""
    rows = projection.rows(
        """
        SELECT account, sum(units) AS held, currency, cost_number, cost_currency, cost_date,
            cost_label
        FROM books.postings WHERE entity = ? AND date <= ? AND cost_number IS NOT NULL
        GROUP BY account, currency, cost_number, cost_currency, cost_date, cost_label
        HAVING held <> 0
        ORDER BY account, currency, cost_date, cost_number, cost_currency, cost_label
        """,
        *(entity, day),
    )
    return tuple(Lot(*map(_given, row)) for row in rows)


def movements(
    projection: Projection, account: str, first: dt.date, last: dt.date
) -> tuple[Movement, ...]:
    """The postings of an account, and of those beneath it, in a period, in the order of days."""
    rows = projection.rows(
        """
        SELECT t.id, p.file, p.line, p.date, p.account, t.payee, t.narration, t.tags, t.links,
            p.units, p.currency, p.weight, p.weight_currency, p.import_id
        FROM books.postings p JOIN books.transactions t ON t.id = p.transaction
        WHERE (p.account = ? OR starts_with(p.account, ?)) AND p.date BETWEEN ? AND ?
            AND p.units IS NOT NULL
        ORDER BY p.date, t.line, p.file, p.transaction, p.number_in_transaction
        """,
        *(account, f"{account}:", first, last),
    )
    return tuple(Movement(*map(_given, row)) for row in rows)


def monthly(
    projection: Projection, entity: str, first: dt.date, last: dt.date
) -> tuple[MonthSum, ...]:
    """What moved in each account of an entity in each month of a period. Months that lie in the
    period as a whole come from the table of months."""
    from_month, to_month = _whole_months(first, last)
    rows = projection.rows(
        """
        SELECT account, month, currency, sum(units), sum(weight), weight_currency FROM (
            SELECT account, month, currency, units, weight, weight_currency
            FROM books.balances WHERE entity = ? AND month >= ? AND month < ?
            UNION ALL
            SELECT account, date_trunc('month', date)::DATE, currency, units, weight,
                weight_currency
            FROM books.postings
            WHERE entity = ? AND date BETWEEN ? AND ? AND (date < ? OR date >= ?)
                AND units IS NOT NULL
        ) GROUP BY account, month, currency, weight_currency
        ORDER BY account, month, currency, weight_currency
        """,
        *(entity, from_month, to_month, entity, first, last, from_month, to_month),
    )
    return tuple(MonthSum(*map(_given, row)) for row in rows)


def _whole_months(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The first whole month of the period, and the first month after those."""
    after = last + dt.timedelta(days=1)
    from_month = first if first.day == 1 else (first.replace(day=1) + _MONTH).replace(day=1)
    return from_month, max(after.replace(day=1), from_month)


_MONTH = dt.timedelta(days=31)
_EVER = dt.date(1, 1, 1)


@dataclass(frozen=True)
class Flow:
    """What moved in an account, at its weight: on ``day``, or on no certain day."""

    account: str
    day: dt.date | None
    weight: Decimal
    currency: str


def flows(
    projection: Projection, entity: str, first: dt.date | None, last: dt.date, currency: str
) -> tuple[Flow, ...]:
    """What moved in an entity's accounts in a period (``first`` None: ever): weights in
    ``currency`` together, weights in others by day."""
    first = first or _EVER
    from_month, to_month = _whole_months(first, last)
    rows = projection.rows(
        """
        SELECT account, NULL, sum(weight), weight_currency FROM (
            SELECT account, weight, weight_currency FROM books.balances
            WHERE entity = ? AND month >= ? AND month < ? AND weight_currency = ?
            UNION ALL
            SELECT account, weight, weight_currency FROM books.postings
            WHERE entity = ? AND date BETWEEN ? AND ? AND (date < ? OR date >= ?)
                AND weight_currency = ? AND units IS NOT NULL
        ) GROUP BY account, weight_currency
        UNION ALL
        SELECT account, date, sum(weight), weight_currency FROM books.postings
        WHERE entity = ? AND date BETWEEN ? AND ? AND weight_currency <> ? AND units IS NOT NULL
        GROUP BY account, date, weight_currency
        ORDER BY ALL
        """,
        *(entity, from_month, to_month, currency),
        *(entity, first, last, from_month, to_month, currency),
        *(entity, first, last, currency),
    )
    return tuple(Flow(*map(_given, row)) for row in rows)


@dataclass(frozen=True)
class AccountTurnover:
    """What an account moved in a currency, at its weight: before a period, and the debits and
    credits (negative) in it."""

    account: str
    currency: str
    before: Decimal
    debits: Decimal
    credit: Decimal


def turnovers(
    projection: Projection, entity: str, first: dt.date, last: dt.date
) -> tuple[AccountTurnover, ...]:
    """The turnover of every account of an entity that moved up to ``last``."""
    rows = projection.rows(
        """
        SELECT account, weight_currency, coalesce(sum(weight) FILTER (date < ?), 0),
            coalesce(sum(weight) FILTER (date >= ? AND weight > 0), 0),
            coalesce(sum(weight) FILTER (date >= ? AND weight <= 0), 0)
        FROM books.postings WHERE entity = ? AND date <= ? AND units IS NOT NULL
        GROUP BY account, weight_currency ORDER BY ALL
        """,
        *(first, first, first, entity, last),
    )
    return tuple(AccountTurnover(*map(_given, row)) for row in rows)


def marked(
    projection: Projection, entity: str, key: str, last: dt.date
) -> tuple[Decimal | None, ...]:
    """The number of the first posting of each of an entity's transactions up to ``last`` that has
    metadata called ``key`` which is not empty or false."""
    rows = projection.rows(
        """
        SELECT t.metadata, p.units FROM books.transactions t
        LEFT JOIN books.postings p ON p.transaction = t.id AND p.number_in_transaction = 1
        WHERE t.date <= ? AND list_contains(t.entities, ?) AND contains(t.metadata, ?)
        """,
        *(last, entity, json.dumps(key)),
    )
    return tuple(
        None if units is None else _short(units)
        for metadata, units in rows
        if json.loads(metadata).get(key)
    )


@dataclass(frozen=True)
class PricePoint:
    """The price of one unit of ``currency`` on a day."""

    date: dt.date
    currency: str
    number: Decimal
    quote: str


def prices(projection: Projection) -> tuple[PricePoint, ...]:
    """All prices, in the order of days."""
    rows = projection.rows(
        "SELECT date, currency, number, quote_currency FROM books.prices ORDER BY date, file, line"
    )
    return tuple(PricePoint(*map(_given, row)) for row in rows)


def search(
    projection: Projection, text: str, *, entity: str = "", limit: int = _LIMIT
) -> tuple[Hit, ...]:
    """The newest transactions in which every word of ``text`` is found.

    ``#tag`` and ``^link`` are whole; a number is an amount of a posting, whatever its sign; all
    else is part of the payee, the narration or an account, without regard to case.
    """
    tests, values = ["true"], list[object]()
    if entity:
        tests.append("list_contains(entities, ?)")
        values.append(entity)
    for word in text.split():
        test, given = _test(word)
        tests.append(test)
        values += given
    rows = projection.rows(
        f"""
        SELECT id, file, line, date, payee, narration FROM books.transactions
        WHERE {" AND ".join(tests)} ORDER BY date DESC, file DESC, line DESC, id LIMIT ?
        """,
        *(*values, limit),
    )
    return tuple(Hit(*row) for row in rows)


def _test(word: str) -> tuple[str, list[object]]:
    """What a word asks of a transaction."""
    if len(word) > 1 and word[0] in "#^":
        column = "tags" if word[0] == "#" else "links"
        return f"list_contains({column}, ?)", [word[1:]]
    lower = "contains(lower({}), lower(?))"
    within = "id IN (SELECT transaction FROM books.postings WHERE {})".format
    said = f"{lower.format('payee')} OR {lower.format('narration')}"
    said += f" OR {within(lower.format('account'))}"
    values: list[object] = [word] * 3
    amount = _amount(word)
    if amount is not None:
        said += f" OR {within('abs(units) = ?')}"
        values.append(amount)
    return f"({said})", values


def _amount(word: str) -> Decimal | None:
    """The number that a word is, without its sign; None for other words."""
    try:
        number = abs(Decimal(word.replace(",", "")))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < DIGITS // 2 else None


def _add(amounts: dict[str, Decimal], currency: str, number: Decimal) -> None:
    amounts[currency] = _WIDE.add(amounts.get(currency, Decimal(0)), number)


def _without_zeros(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: _short(number) for currency, number in amounts.items() if number}


def _given(value: Any) -> Any:
    """A value of a row as the frozen types hold it."""
    if isinstance(value, Decimal):
        return _short(value)
    return tuple(value) if isinstance(value, list) else value


def _short(number: Decimal) -> Decimal:
    """The number without zeros at its end, but with two decimals."""
    short = number.normalize(_WIDE)
    exponent = short.as_tuple().exponent
    is_shorter = isinstance(exponent, int) and exponent > -2
    return short.quantize(_CENTS, context=_WIDE) if is_shorter else short
