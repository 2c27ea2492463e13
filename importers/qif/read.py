"""Bank, cash, card and investment accounts from QIF files.

QIF says no currency, no closing balance and no id of a line. An opening balance is a line of the
account like any other, as Quicken exports it; the category stays in the cell ``L``, where rules
find it, and a transfer's other account is the line's ``counter_account``.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from importers.qif.investments import IDENTITY as INVESTMENT_IDENTITY
from importers.qif.investments import investment_lines, is_note
from importers.qif.notation import Notation, Order, notation_of
from importers.qif.records import ACCOUNTS, Record, Records, records_of
from importers.qif.values import line_of, needed, number_of, refused, splits_of
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

# Neither the category nor the cleared mark: both change in the program that exports.
IDENTITY = ("qif-1", ("D", "T", "U", "N", "P", "M"))
_NUMBERS = frozenset("TU$IQO")
_ORDERS: dict[str, Order] = {"dmy": "day", "mdy": "month"}
_KINDS = {"bank": "bank", "card": "card", "investment": "investment"}


def read_qif(path: Path, raw: bytes, shown: str, order: Order | None = None) -> StatementFile:
    """The accounts in a QIF file.

    ``order`` says whether the day or the month stands first, else the file's dates decide, or a
    line ``!Option:DMY`` or ``!Option:MDY``. Raises RefusedFileError with the reason to tell.
    """
    found = records_of(raw, shown)
    records = [r for r in found.records if r.kind in ACCOUNTS.values()]
    _check_named(found, shown)
    if not records:
        raise RefusedFileError(
            "holds no lines of an account", file=shown, hint="export the register of an account"
        )
    said = {_ORDERS[option] for option in found.options if option in _ORDERS}
    notation = notation_of(
        [text.strip() for r in records for code, text in r.fields if code == "D" and text.strip()],
        _numbers(records),
        order or (said.pop() if len(said) == 1 else None),
        shown,
    )
    tickers = _tickers(found.records)
    warnings: list[str] = []
    statements = []
    by_account: dict[tuple[str, str | None], list[Record]] = {}
    for record in records:
        by_account.setdefault((record.kind, record.account), []).append(record)
    for (kind, account), own in by_account.items():
        lines: list[StatementLine] = []
        for record in own:
            if kind != "investment":
                lines.append(_line(record, notation, shown))
            elif is_note(record):
                warnings.append(f"line {record.line}: a reminder is left out")
            else:
                read, remarks = investment_lines(record, notation, tickers, shown)
                lines += read
                warnings += remarks
        statements.append(
            Statement(
                account_id=account,
                currency=None,
                lines=tuple(lines),
                kind=_KINDS.get(kind),
                identity=INVESTMENT_IDENTITY if kind == "investment" else IDENTITY,
            )
        )
    return StatementFile(path, "qif", "bank", tuple(statements), tuple(warnings))


def _line(record: Record, notation: Notation, shown: str) -> StatementLine:
    needed(record, ("T", "U"), "its amount", shown)
    amounts = {number_of(record, (c,), notation, shown) for c in ("T", "U") if record.get(c)}
    if len(amounts) > 1:
        raise refused("a record has two amounts (T and U) that differ", record, shown)
    amount = amounts.pop()
    line = line_of(record, amount, notation, shown)
    return replace(line, splits=splits_of(record, amount, notation, shown))


def _numbers(records: Iterable[Record]) -> list[str]:
    """Every number in the records: these codes hold nothing else."""
    return [
        text
        for record in records
        for code, text in record.fields
        if code in _NUMBERS and (record.kind == "investment" or code in "TU$")
    ]


def _tickers(records: Iterable[Record]) -> dict[str, str]:
    """Ticker by name, from the list of securities."""
    return {
        " ".join(record.get("N").split()): record.get("S").upper()
        for record in records
        if record.kind == "security" and record.get("N")
    }


def _check_named(found: Records, shown: str) -> None:
    """Raises RefusedFileError where two lists of one kind do not say whose lines they hold."""
    seen: set[str] = set()
    for kind, account, line in found.lists:
        if account is None and kind in seen:
            raise RefusedFileError(
                "has a second list of the kind without an !Account that says whose lines they are",
                file=shown,
                line=line,
                hint="export each account into a file of its own",
            )
        if account is None:
            seen.add(kind)
