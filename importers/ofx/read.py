"""Bank and card statements from OFX and QFX files.

Dates are the bank's own calendar day: the first eight digits as written, never shifted by the zone
behind them. FITID is the bank's id of a line; it may be empty or repeated, which identity allows
for.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from core.money import parse_decimal
from importers.ofx.tokenizer import Tag, tags
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

# Aggregates that matter; every other tag is a leaf of the one it stands in.
_AGGREGATES = frozenset(
    (
        "STATUS FI STMTRS CCSTMTRS BANKACCTFROM CCACCTFROM BANKACCTTO CCACCTTO STMTTRN PAYEE"
        " CURRENCY ORIGCURRENCY LEDGERBAL AVAILBAL BAL BALLIST BANKTRANLIST SONRS"
    ).split()
)
# These are aggregates by the standard and leaves at some banks: a text behind the tag decides.
_SOMETIMES_LEAVES = frozenset(("PAYEE", "CURRENCY", "ORIGCURRENCY"))
_STATEMENTS = {"STMTRS": "bank", "CCSTMTRS": "card"}
_INVESTMENTS = {"INVSTMTRS", "INVSTMTMSGSRSV1"}
_IDENTITY = ("ofx-1", ("DTPOSTED", "TRNAMT", "NAME", "MEMO", "CHECKNUM"))
_MAX_DEPTH = 50


@dataclass
class _Parse:
    """What the stream has said so far."""

    shown: str
    stack: list[str] = field(default_factory=list)
    statements: list["_Draft"] = field(default_factory=list)
    institution: str = ""
    status_failed: bool = False
    failures: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """A statement while its tags come in."""

    kind: str
    account: str | None = None
    currency: str | None = None
    balance: dict[str, str] = field(default_factory=dict)
    balance_line: int = 0
    lines: list[tuple[int, dict[str, str], dict[str, str]]] = field(default_factory=list)


def read_ofx(path: Path, raw: bytes, shown: str) -> StatementFile:
    """The statements of an OFX file. Raises RefusedFileError with the reason to tell its owner."""
    parse = _Parse(shown)
    for tag in tags(raw, shown):
        if tag.name in _INVESTMENTS:
            raise RefusedFileError(
                "is an investment statement; those are not read yet",
                file=shown,
                line=tag.line,
                hint="leave the investment account out of the download, or export it as CSV",
            )
        if tag.closes:
            _close(parse, tag.name)
        elif tag.name in _AGGREGATES and not (tag.value and tag.name in _SOMETIMES_LEAVES):
            _open(parse, tag)
        else:
            _leaf(parse, tag)
    if not parse.statements:
        said = f": the bank says “{'; '.join(parse.failures)}”" if parse.failures else ""
        raise RefusedFileError(
            f"holds no statement{said}", file=shown, hint="download it from the bank again"
        )
    statements = tuple(_statement(draft, shown) for draft in parse.statements)
    warnings = tuple(
        f"the bank says “{failure}”: an account may be missing" for failure in parse.failures
    )
    return StatementFile(path, "ofx", parse.institution or "bank", statements, warnings)


def _open(parse: _Parse, tag: Tag) -> None:
    if len(parse.stack) >= _MAX_DEPTH:
        raise RefusedFileError("is nested too deeply", file=parse.shown, line=tag.line)
    parse.stack.append(tag.name)
    if tag.name in _STATEMENTS:
        parse.statements.append(_Draft(_STATEMENTS[tag.name]))
    elif tag.name == "STMTTRN" and parse.statements:
        parse.statements[-1].lines.append((tag.line, {}, {}))


def _close(parse: _Parse, name: str) -> None:
    """Ends an aggregate and whatever was left open in it; a leaf's end says nothing."""
    if name in _AGGREGATES and name in parse.stack:
        while parse.stack.pop() != name:
            pass


def _leaf(parse: _Parse, tag: Tag) -> None:
    inside = parse.stack[-1] if parse.stack else ""
    if inside == "STATUS":
        _status_leaf(parse, tag)
    elif inside == "FI" and tag.name == "ORG":
        parse.institution = tag.value
    if not parse.statements:
        return
    statement = parse.statements[-1]
    if "STMTTRN" in parse.stack and statement.lines:
        _transaction_leaf(statement, inside, tag)
    elif inside in {"BANKACCTFROM", "CCACCTFROM"} and tag.name == "ACCTID":
        statement.account = tag.value or None
    elif inside == "LEDGERBAL":
        statement.balance.setdefault(tag.name, tag.value)
        statement.balance_line = tag.line
    elif tag.name == "CURDEF":
        statement.currency = tag.value.upper() or None


def _status_leaf(parse: _Parse, tag: Tag) -> None:
    """Keeps what the bank says of an error; a warning or a note of it is none."""
    if tag.name == "CODE":
        parse.status_failed = tag.value not in {"0", ""}
        if parse.status_failed:
            parse.failures.append(f"status {tag.value}")
    elif tag.name == "SEVERITY" and parse.status_failed and tag.value.upper() != "ERROR":
        parse.status_failed = False
        parse.failures.pop()
    elif tag.name == "MESSAGE" and parse.status_failed and tag.value:
        parse.failures[-1] = tag.value


def _transaction_leaf(statement: _Draft, inside: str, tag: Tag) -> None:
    _, values, cells = statement.lines[-1]
    if inside in {"BANKACCTTO", "CCACCTTO", "ORIGCURRENCY"}:
        return
    name = tag.name if inside in {"STMTTRN", "PAYEE"} else f"{inside}.{tag.name}"
    values.setdefault(name, tag.value)
    cells.setdefault(name, tag.raw)


def _statement(draft: _Draft, shown: str) -> Statement:
    lines = tuple(_line(row, values, cells, shown) for row, values, cells in draft.lines)
    balance = draft.balance.get("BALAMT", "")
    return Statement(
        account_id=draft.account,
        currency=draft.currency,
        lines=lines,
        balance=_amount(balance, shown, draft.balance_line) if balance else None,
        balance_date=_day(draft.balance.get("DTASOF", "")) if balance else None,
        kind=draft.kind,
        identity=_IDENTITY,
    )


def _line(row: int, values: dict[str, str], cells: dict[str, str], shown: str) -> StatementLine:
    date = _day(values.get("DTPOSTED", ""))
    if date is None:
        said = values.get("DTPOSTED", "")
        raise RefusedFileError(
            f"a transaction has {f'the date “{said}”, which is none' if said else 'no date'}; "
            "nothing of the file was used",
            file=shown,
            line=row,
            hint="download the statement again",
        )
    if not values.get("TRNAMT"):
        raise RefusedFileError(
            "a transaction has no amount; nothing of the file was used",
            file=shown,
            line=row,
            hint="download the statement again",
        )
    name, memo = values.get("NAME") or values.get("PAYEE", ""), values.get("MEMO", "")
    return StatementLine(
        date=date,
        amount=_amount(values["TRNAMT"], shown, row),
        currency=values.get("CURRENCY.CURSYM", "").upper() or None,
        payee=name or memo,
        narration=memo if name and memo != name else "",
        row=row,
        cells=cells,
        bank_id=values.get("FITID", ""),
        transaction_date=_day(values.get("DTUSER", "")),
    )


def _day(text: str) -> dt.date | None:
    """The day that the first eight digits write; None where they write none."""
    digits = re.match(r"\s*(\d{4})-?(\d{2})-?(\d{2})", text)
    if not digits:
        return None
    try:
        return dt.date(int(digits[1]), int(digits[2]), int(digits[3]))
    except ValueError:
        return None


def _amount(text: str, shown: str, row: int) -> Decimal:
    """An amount with a decimal point, or with a decimal comma where it can be nothing else."""
    try:
        if re.fullmatch(r"\s*[-+]?\d+,\d{3}\s*", text):
            raise ValueError(f"“{text.strip()}” can be read as thousands or as decimals")
        if re.fullmatch(r"\s*[-+]?[\d.]*,\d{1,2}\s*", text):
            return parse_decimal(text, decimal=",", grouping=".")
        return parse_decimal(text)
    except ValueError as error:
        raise RefusedFileError(
            f"{error}; nothing of the file was used",
            file=shown,
            line=row,
            hint="download the statement again, or ask the bank what it means",
        ) from error
