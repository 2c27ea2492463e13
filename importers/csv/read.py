"""A CSV statement by its profile: the header row is found, the rest is said by the profile.

An amount or date that cannot be read refuses the whole file, with the line: half a statement is
worse than none.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from charset_normalizer import from_bytes

from core.money import parse_decimal
from importers.csv.profile import Filter, Profile
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

MAX_BYTES = 50_000_000
MAX_FIELD = 131_072
# A header row comes early: a preamble is a summary, not a second statement.
_HEADER_WITHIN = 60


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, its cells by column."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """The stripped cell of a column; empty where the column or the cell is missing."""
        return self.cells.get(column, "").strip() if column else ""


@dataclass(frozen=True)
class Table:
    """The rows beneath the header, and all the lines of the file for what stands around them."""

    rows: tuple[Row, ...]
    lines: tuple[str, ...]


def text_of(raw: bytes, encoding: str, shown: str) -> str:
    """The text of a file: a byte order mark first, then the declared encoding, then a guess."""
    if len(raw) > MAX_BYTES:
        raise RefusedFileError("is larger than 50 MB; export a shorter period", file=shown)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise RefusedFileError("holds NUL bytes: this is no text", file=shown, line=line)
    for name in ("utf-8-sig", encoding):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    guess = from_bytes(raw).best()
    return str(guess) if guess else raw.decode("cp1252", "replace")


def rows_of(text: str, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RefusedFileError(f"is no CSV here: {error}", file=shown, line=line) from error


def header_line(text: str, profile: Profile, shown: str) -> int:
    """The line of the profile's header row; 0 where the file has none."""
    for count, (line, cells) in enumerate(rows_of(text, profile.delimiter, shown)):
        if count > _HEADER_WITHIN:
            break
        if profile.matches([cell.strip() for cell in cells]):
            return line
    return 0


def read_csv(path: Path, raw: bytes, profile: Profile, name: str, shown: str) -> StatementFile:
    """The statements of a file that has this profile's header."""
    text = text_of(raw, profile.encoding, shown)
    table = _table(text, profile, shown)
    rows = [row for row in table.rows if _is_transaction(row, profile)]
    parse_date = _date_reader(rows, profile, shown)
    account = _account_in_preamble(table, profile)
    grouped: dict[tuple[str | None, str | None], list[tuple[Row, StatementLine]]] = {}
    for row in rows:
        line = _line(row, profile, parse_date, shown)
        number = row.get(profile.columns.account) or account
        grouped.setdefault((number, line.currency), []).append((row, line))
    if not grouped:
        grouped[(account, profile.currency or None)] = []
    if profile.columns.account and len({number for number, _ in grouped if number}) == 1:
        grouped = _with_the_rows_that_say_nothing(grouped)
    statements = tuple(
        _statement(number, currency, found, profile, name, table, shown)
        for (number, currency), found in grouped.items()
    )
    warnings = () if rows else ("has a header and no transactions",)
    return StatementFile(path, "csv", profile.institution, statements, warnings)


_Grouped = dict[tuple[str | None, str | None], list[tuple[Row, StatementLine]]]


def _with_the_rows_that_say_nothing(grouped: _Grouped) -> _Grouped:
    """Rows without an account number belong to the only account of the file."""
    (number,) = {number for number, _ in grouped if number}
    merged: _Grouped = {}
    for (_, currency), found in grouped.items():
        merged.setdefault((number, currency), []).extend(found)
    return {key: sorted(found, key=lambda pair: pair[0].line) for key, found in merged.items()}


def _table(text: str, profile: Profile, shown: str) -> Table:
    header: list[str] = []
    rows = []
    for line, cells in rows_of(text, profile.delimiter, shown):
        stripped = [cell.strip() for cell in cells]
        if not header:
            header = stripped if profile.matches(stripped) else []
            continue
        first = next((cell for cell in stripped if cell), "")
        if profile.end and re.match(profile.end, first):
            break
        if first:
            # of two columns with one name the first counts; what has no name is dropped
            named = dict(reversed([(h, c) for h, c in zip(header, cells, strict=False) if h]))
            rows.append(Row(line, named))
    return Table(tuple(rows), tuple(text.splitlines()))


def _is_transaction(row: Row, profile: Profile) -> bool:
    if any(not row.get(column) for column in profile.require):
        return False
    if profile.booked and not _says(row, profile.booked):
        return False
    return not any(_says(row, skip) for skip in profile.skip)


def _says(row: Row, condition: Filter) -> bool:
    said = row.get(condition.column).casefold()
    return said in {value.casefold() for value in condition.values}


class _DateReader:
    """Dates of one file: the format is decided once, from all its rows."""

    def __init__(self, fmt: str, shown: str) -> None:
        self._format = fmt
        self._shown = shown

    def __call__(self, text: str, line: int) -> dt.date:
        day = _parsed(text, self._format)
        if day is None:
            raise RefusedFileError(
                f"“{text}” is not a date as this bank writes it; nothing of the file was used",
                file=self._shown,
                line=line,
                hint="correct the row, or download the file again",
            )
        return day


def _date_reader(rows: Sequence[Row], profile: Profile, shown: str) -> _DateReader:
    texts = [row.get(profile.columns.date) for row in rows]
    fitting = [f for f in profile.date_format if all(_parsed(text, f) for text in texts)]
    if len(fitting) > 1:
        readings = {tuple(_parsed(text, f) for text in texts) for f in fitting}
        if len(readings) > 1:
            raise RefusedFileError(
                "its dates can be read with the day or with the month first",
                file=shown,
                hint="leave one date-format in the profile",
            )
    return _DateReader(fitting[0] if fitting else profile.date_format[0], shown)


def _parsed(text: str, fmt: str) -> dt.date | None:
    try:
        # Only the calendar day is taken: a zone would shift it.
        return dt.datetime.strptime(text, fmt).date()  # noqa: DTZ007
    except ValueError:
        return None


def _line(row: Row, profile: Profile, parse_date: _DateReader, shown: str) -> StatementLine:
    columns = profile.columns
    other = row.get(columns.transaction_date)
    currency = row.get(columns.currency).upper() or profile.currency or None
    return StatementLine(
        date=parse_date(row.get(columns.date), row.line),
        amount=_amount(row, profile, shown),
        currency=currency,
        payee=" ".join(row.get(columns.payee).split()),
        narration=" ".join(row.get(columns.narration).split()),
        row=row.line,
        cells=row.cells,
        bank_id=row.get(columns.id).strip("'"),
        transaction_date=next((d for f in profile.date_format if (d := _parsed(other, f))), None),
    )


def _amount(row: Row, profile: Profile, shown: str) -> Decimal:
    columns = profile.columns
    if columns.amount:
        amount = _number(row, columns.amount, profile, shown)
        if profile.flag:
            amount = _flagged(row, profile, abs(amount), shown)
    else:
        debit = _number(row, columns.debit, profile, shown) if row.get(columns.debit) else None
        credit = _number(row, columns.credit, profile, shown) if row.get(columns.credit) else None
        if debit is None and credit is None:
            raise RefusedFileError(
                f"has neither {columns.debit} nor {columns.credit}", file=shown, line=row.line
            )
        out = debit or Decimal(0)
        amount = (credit or Decimal(0)) + (out if profile.debit_sign == "negative" else -out)
    if row.get(columns.fee):
        amount -= _number(row, columns.fee, profile, shown)
    return -amount if profile.sign == "inverted" else amount


def _flagged(row: Row, profile: Profile, amount: Decimal, shown: str) -> Decimal:
    flag = profile.flag
    said = row.get(flag.column) if flag else ""
    if flag and said in flag.out:
        return -amount
    if flag and said in flag.into:
        return amount
    raise RefusedFileError(f"“{said}” says neither in nor out", file=shown, line=row.line)


def _number(row: Row, column: str, profile: Profile, shown: str) -> Decimal:
    try:
        return parse_decimal(row.get(column), decimal=profile.decimal, grouping=profile.grouping)
    except ValueError as error:
        raise RefusedFileError(
            f"{column}: {error}; nothing of the file was used",
            file=shown,
            line=row.line,
            hint="correct the row, or download the file again",
        ) from error


def _account_in_preamble(table: Table, profile: Profile) -> str | None:
    if not profile.account:
        return None
    for line in table.lines:
        match = re.search(profile.account, line)
        if match:
            return match[1]
    return None


def _statement(
    number: str | None,
    currency: str | None,
    found: Sequence[tuple[Row, StatementLine]],
    profile: Profile,
    name: str,
    table: Table,
    shown: str,
) -> Statement:
    balance, day = _closing(found, profile, table, shown)
    version = f"{name}-{profile.identity.version}"
    return Statement(
        account_id=number,
        currency=currency,
        lines=tuple(line for _, line in found),
        balance=balance,
        balance_date=day,
        kind=profile.kind if profile.kind in {"bank", "card"} else None,
        identity=(version, profile.identity.columns),
    )


def _closing(
    found: Sequence[tuple[Row, StatementLine]], profile: Profile, table: Table, shown: str
) -> tuple[Decimal | None, dt.date | None]:
    """The closing balance: as stated around the table, else the newest row's running balance."""
    if profile.balance:
        match = re.search(profile.balance.pattern, "\n".join(table.lines))
        if match:
            return _stated(match, profile, shown)
    with_balance = [(row, line) for row, line in found if row.get(profile.columns.balance)]
    if not with_balance:
        return None, None
    newest_first = with_balance[0][1].date > with_balance[-1][1].date
    row, newest = with_balance[0] if newest_first else with_balance[-1]
    return _number(row, profile.columns.balance, profile, shown), newest.date


def _stated(
    match: re.Match[str], profile: Profile, shown: str
) -> tuple[Decimal | None, dt.date | None]:
    try:
        amount = parse_decimal(match["amount"], decimal=profile.decimal, grouping=profile.grouping)
    except ValueError as error:
        raise RefusedFileError(f"closing balance: {error}", file=shown) from error
    said = match.groupdict().get("date") or ""
    formats = [profile.balance.date_format] if profile.balance else []
    formats = [f for f in formats if f] or list(profile.date_format)
    return amount, next((day for f in formats if (day := _parsed(said, f))), None)
