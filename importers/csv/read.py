"""A CSV statement by its profile: the header row is found, the rest is said by the profile.

An amount or date that cannot be read refuses the whole file, with the line: half a statement is
worse than none.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from re import search

from core.money import parse_decimal
from importers.csv.balance import NONE, Closing, parsed_day, running_balance, stated_balance
from importers.csv.profile import Filter, Profile
from importers.csv.table import Row, Table, read_table, text_of
from importers.csv.trades import moves_no_cash, traded
from importers.statement import (
    LineKind,
    RefusedFileError,
    Statement,
    StatementFile,
    StatementLine,
)

_AGAIN = "correct the row, or download the file again"
_Grouped = dict[tuple[str | None, str | None], list[tuple[Row, StatementLine]]]


def read_csv(path: Path, raw: bytes, profile: Profile, name: str, shown: str) -> StatementFile:
    """The statements of a file that has this profile's header, one for each account and currency.

    Raises RefusedFileError for the first row that cannot be read.
    """
    table = read_table(text_of(raw, profile.encoding, shown), profile, shown)
    rows, left_out = _booked_rows(table, profile, shown)
    fmt = _date_format(rows, profile, shown)
    account = _account_in_preamble(table, profile)
    grouped: _Grouped = {}
    for row in rows:
        line = _line(row, profile, fmt, shown)
        number = row.get(profile.columns.account) or account
        grouped.setdefault((number, line.currency), []).append((row, line))
    if not grouped:
        grouped[(account, profile.currency or None)] = []
    if profile.columns.account and len({number for number, _ in grouped if number}) == 1:
        grouped = _with_the_rows_that_say_nothing(grouped)
    stated = stated_balance(table, profile, shown)
    warnings = [] if rows else ["has a header and no transactions"]
    if profile.booked:
        warnings += [
            f"{count} {'row' if count == 1 else 'rows'} left out: "
            f"{profile.booked.column} is “{said}”"
            for said, count in sorted(left_out.items())
        ]
    if stated != NONE and len(grouped) > 1:
        stated = NONE
        warnings.append("the closing balance is left out: it does not say of which account it is")
    statements = []
    for (number, currency), found in grouped.items():
        closing = stated
        if closing == NONE:
            closing = running_balance(found, profile, _number_reader(profile, shown))
            if closing == NONE and any(row.get(profile.columns.balance) for row, _ in found):
                warnings.append("the closing balance is left out: no row is surely the newest")
        statements.append(_statement(number, currency, found, closing, profile, name))
    return StatementFile(path, "csv", profile.institution, tuple(statements), tuple(warnings))


def _with_the_rows_that_say_nothing(grouped: _Grouped) -> _Grouped:
    """Rows without an account number belong to the only account of the file."""
    (number,) = {number for number, _ in grouped if number}
    merged: _Grouped = {}
    for (_, currency), found in grouped.items():
        merged.setdefault((number, currency), []).extend(found)
    return {key: sorted(found, key=lambda pair: pair[0].line) for key, found in merged.items()}


def _booked_rows(table: Table, profile: Profile, shown: str) -> tuple[list[Row], Counter[str]]:
    """The rows that are booked transactions, and how many were left out for which status.

    Raises RefusedFileError for a row that was cut off: its last cell may be half an amount.
    """
    kept, left_out = [], Counter[str]()
    for row in table.rows:
        if any(_says(row, skip) for skip in profile.skip):
            continue
        if row.is_short:
            raise RefusedFileError(
                "ends before its last column; nothing of the file was used",
                file=shown,
                line=row.line,
                hint=_AGAIN,
            )
        if any(not row.get(column) for column in profile.require):
            continue
        if profile.booked and not _says(row, profile.booked):
            left_out[row.get(profile.booked.column)] += 1
            continue
        kept.append(row)
    return kept, left_out


def _says(row: Row, condition: Filter) -> bool:
    said = row.get(condition.column).casefold()
    return said in {value.casefold() for value in condition.values}


def _date_format(rows: Sequence[Row], profile: Profile, shown: str) -> str:
    """The format of the file's dates, decided once from all its rows.

    Where none fits all of them, the one that fits most, so that the row that is wrong is named.
    """
    columns = profile.columns
    texts = [_dated(row, columns.date, profile) for row in rows]
    texts += [said for row in rows if (said := _dated(row, columns.transaction_date, profile))]
    read = {f: tuple(parsed_day(text, f) for text in texts) for f in profile.date_format}
    fitting = {days: f for f, days in read.items() if all(days)}
    if len(fitting) > 1:
        raise RefusedFileError(
            "its dates can be read with the day or with the month first",
            file=shown,
            hint="leave one date-format in the profile",
        )
    return max(read, key=lambda f: sum(day is not None for day in read[f]))


def _dated(row: Row, column: str, profile: Profile) -> str:
    """The text of a date, without the note that may follow it."""
    said = row.get(column)
    return said.partition(profile.date_note)[0].strip() if profile.date_note else said


def _day(text: str, fmt: str, row: Row, shown: str) -> dt.date:
    day = parsed_day(text, fmt)
    if day is None:
        raise RefusedFileError(
            f"“{text}” is not a date as this bank writes it; nothing of the file was used",
            file=shown,
            line=row.line,
            hint=_AGAIN,
        )
    return day


def _line(row: Row, profile: Profile, fmt: str, shown: str) -> StatementLine:
    columns = profile.columns
    other = _dated(row, columns.transaction_date, profile)
    currency = row.get(columns.currency).upper() or profile.currency or None
    amount = Decimal(0) if moves_no_cash(row, profile) else _amount(row, profile, shown)
    return StatementLine(
        date=_day(_dated(row, columns.date, profile), fmt, row, shown),
        amount=amount,
        currency=currency,
        payee=" ".join(row.get(columns.payee).split()),
        narration=" ".join(row.get(columns.narration).split()),
        row=row.line,
        cells=row.cells,
        bank_id=row.get(columns.id).strip("'"),
        transaction_date=_day(other, fmt, row, shown) if other else None,
        fee=_fee(row, profile, shown),
        reference=row.get(columns.reference),
        kind=_kind(row, profile),
        trade=traded(row, profile, amount, _number_reader(profile, shown), shown),
    )


def _kind(row: Row, profile: Profile) -> LineKind:
    if profile.conversions and _says(row, profile.conversions):
        return "conversion"
    return "transfer" if profile.transfers and _says(row, profile.transfers) else ""


def _fee(row: Row, profile: Profile, shown: str) -> Decimal:
    """What was kept of the row's gross: the cell, or what the net amount lacks of the gross."""
    columns, number = profile.columns, _number_reader(profile, shown)
    if not row.get(columns.gross):
        fee = number(row, columns.fee) if row.get(columns.fee) else Decimal(0)
        return -fee if profile.sign == "inverted" else fee
    gross = number(row, columns.gross)
    return (-gross if profile.sign == "inverted" else gross) - _amount(row, profile, shown)


def _amount(row: Row, profile: Profile, shown: str) -> Decimal:
    """The row's amount as the owner sees it: money out is negative."""
    columns, number = profile.columns, _number_reader(profile, shown)
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
    columns, number = profile.columns, _number_reader(profile, shown)
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
    out = debit or Decimal(0)
    return (credit or Decimal(0)) + (out if profile.debit_sign == "negative" else -out)


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


def _number_reader(profile: Profile, shown: str) -> Callable[[Row, str], Decimal]:
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


def _account_in_preamble(table: Table, profile: Profile) -> str | None:
    if not profile.account:
        return None
    found = (match for line in table.lines if (match := search(profile.account, line)))
    return next((match[1] for match in found), None)


def _statement(
    number: str | None,
    currency: str | None,
    found: Sequence[tuple[Row, StatementLine]],
    closing: Closing,
    profile: Profile,
    name: str,
) -> Statement:
    return Statement(
        account_id=number,
        currency=currency,
        lines=tuple(line for _, line in found),
        balance=closing[0],
        balance_date=closing[1],
        kind=profile.kind,
        identity=(f"{name}-{profile.identity.version}", profile.identity.columns),
    )
