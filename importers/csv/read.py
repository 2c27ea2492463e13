"""A CSV statement by its profile: the header row is found, the rest is said by the profile.

An amount or date that cannot be read refuses the whole file, with the line: half a statement is
worse than none.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path
from re import search

from importers.csv.amounts import amount_of, number_reader
from importers.csv.balance import NONE, Closing, parsed_day, running_balance, stated_balance
from importers.csv.charges import charge_of, kind_of, says
from importers.csv.contradiction import proof_of_rows, proof_of_total
from importers.csv.profile import Profile
from importers.csv.table import Row, Table, read_table, text_of
from importers.csv.trades import is_sweep, moves_no_cash, traded
from importers.statement import (
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
    stated = stated_balance(table, profile.balance, profile, shown)
    opening = stated_balance(table, profile.opening, profile, shown, "opening")
    warnings = [] if rows else ["has a header and no transactions"]
    warnings += [
        f"{count} {'row' if count == 1 else 'rows'} left out: {column} is “{said}”"
        for (column, said), count in sorted(left_out.items())
    ]
    if table.beyond:
        warnings.append(f"line {table.beyond} begins another table, which is not read")
    if stated != NONE and len(grouped) > 1:
        stated = opening = NONE
        warnings.append("the closing balance is left out: it does not say of which account it is")
    read_number = number_reader(profile, shown)
    pendings = _pendings(table, profile, fmt, account, shown)
    statements = []
    for (number, currency), found in grouped.items():
        closing = stated
        if closing == NONE:
            closing = running_balance(found, profile, read_number)
            if closing == NONE and any(row.get(profile.columns.balance) for row, _ in found):
                warnings.append("the closing balance is left out: no row is surely the newest")
        warnings += proof_of_rows(found, profile, read_number, name, shown)
        waiting = tuple(
            line for key, line in pendings if key == (number, currency) or len(grouped) == 1
        )
        statement = _statement(number, currency, found, closing, opening, profile, name)
        statement = replace(statement, pendings=waiting)
        warnings += proof_of_total(statement, profile, name, shown)
        statements.append(statement)
    return StatementFile(path, "csv", profile.institution, tuple(statements), tuple(warnings))


def _pendings(
    table: Table, profile: Profile, fmt: str, account: str | None, shown: str
) -> list[tuple[tuple[str | None, str | None], StatementLine]]:
    """The rows that wait to be booked, each with its account and currency. They are shown and no
    more, so that one which cannot be read is left out."""
    found = []
    for row in table.rows if profile.pending else ():
        if profile.pending and says(row, profile.pending) and not row.is_short:
            with suppress(RefusedFileError):
                line = _line(row, profile, fmt, shown)
                found.append(((row.get(profile.columns.account) or account, line.currency), line))
    return found


def _with_the_rows_that_say_nothing(grouped: _Grouped) -> _Grouped:
    """Rows without an account number belong to the only account of the file."""
    (number,) = {number for number, _ in grouped if number}
    merged: _Grouped = {}
    for (_, currency), found in grouped.items():
        merged.setdefault((number, currency), []).extend(found)
    return {key: sorted(found, key=lambda pair: pair[0].line) for key, found in merged.items()}


def _booked_rows(
    table: Table, profile: Profile, shown: str
) -> tuple[list[Row], Counter[tuple[str, str]]]:
    """The rows that are booked transactions, and how many were left out for what a column says.

    Raises RefusedFileError for a row that was cut off: its last cell may be half an amount.
    """
    kept, left_out = [], Counter[tuple[str, str]]()
    number = number_reader(profile, shown)
    for row in table.rows:
        skip = next((skip for skip in profile.skip if says(row, skip)), None)
        if skip:
            left_out[skip.column, row.get(skip.column)] += 1
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
        if profile.booked and not says(row, profile.booked):
            left_out[profile.booked.column, row.get(profile.booked.column)] += 1
            continue
        if profile.trade and is_sweep(row, profile, number):
            left_out[profile.trade.action, row.get(profile.trade.action)] += 1
            continue
        kept.append(row)
    return kept, left_out


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
            hint="say which with --date-order day-first or --date-order month-first, or leave one "
            "date-format in the profile",
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
    amount = Decimal(0) if moves_no_cash(row, profile) else amount_of(row, profile, shown)
    charged = charge_of(row, profile, amount, shown)
    payees = (columns.payee_in, *columns.payees) if amount > 0 else columns.payees
    payee = _displayed(next((said for column in payees if (said := row.get(column))), ""))
    narration = _displayed(row.get(columns.narration))
    return StatementLine(
        date=_day(_dated(row, columns.date, profile), fmt, row, shown),
        amount=amount,
        currency=currency,
        payee=payee,
        narration=narration if narration != payee else "",
        row=row.line,
        cells=row.cells,
        bank_id=row.get(columns.id).strip("'"),
        transaction_date=_day(other, fmt, row, shown) if other else None,
        fee=charged.fee,
        fee_tax=charged.tax,
        reference=row.get(columns.reference),
        kind=kind_of(row, profile),
        trade=traded(row, profile, amount, number_reader(profile, shown), shown),
    )


def _displayed(text: str) -> str:
    """Text to show: some banks write ``&amp;`` for ``&``. The raw cell stays in ``cells``."""
    return " ".join(unescape(text).split())


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
    opening: Closing,
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
        opening=opening[0],
        opening_date=opening[1],
    )
