"""What the fields of a QIF record say: amounts, days, parts."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from core.money import at_cents
from importers.qif.notation import Notation
from importers.qif.records import Record
from importers.statement import RefusedFileError, Split, StatementLine


def refused(
    what: str, record: Record, shown: str, *, hint: str = "correct the record, or export it again"
) -> RefusedFileError:
    """The refusal of a whole file for what stands in ``record``."""
    return RefusedFileError(what, file=shown, line=record.line, hint=hint)


def needed(record: Record, codes: Sequence[str], what: str, shown: str) -> str:
    """The text of a field. Raises RefusedFileError where it is missing."""
    text = record.get(*codes)
    if not text:
        raise refused(f"a record lacks {what} ({codes[0]})", record, shown)
    return text


def number_of(record: Record, codes: Sequence[str], notation: Notation, shown: str) -> Decimal:
    """The number in a field; zero where it is missing."""
    text = record.get(*codes)
    return _number(text, record, notation, shown) if text else Decimal(0)


def _number(text: str, record: Record, notation: Notation, shown: str) -> Decimal:
    try:
        return notation.number(text)
    except ValueError as error:
        raise refused(f"{error}; nothing of the file was used", record, shown) from error


def line_of(record: Record, amount: Decimal, notation: Notation, shown: str) -> StatementLine:
    """A line of ``amount``, with the parts that its record divides it into."""
    memo = " ".join(record.get("M").split())
    payee = " ".join(record.get("P").split())
    return StatementLine(
        date=_day(record, notation, shown),
        amount=amount,
        currency=None,
        payee=payee or memo,
        narration=memo if payee else "",
        row=record.line,
        cells=record.cells,
        counter_account=counter_account(record.get("L")),
    )


def counter_account(category: str) -> str:
    """The account in a category like ``[Savings]/class``, which is a transfer; else empty."""
    name = category.partition("/")[0].strip()
    return name[1:-1].strip() if name.startswith("[") and name.endswith("]") else ""


def splits_of(record: Record, amount: Decimal, notation: Notation, shown: str) -> tuple[Split, ...]:
    """The parts of a record: S begins one, E says what it is, $ is its amount.

    Raises RefusedFileError where one has no amount, or they do not add up to the record's.
    """
    parts: list[dict[str, str]] = []
    for code, text in record.fields:
        if code == "S":
            parts.append({"S": text.strip()})
        elif code in {"E", "$"} and parts:
            parts[-1].setdefault(code, text.strip())
    splits = []
    for part in parts:
        if not part.get("$"):
            raise refused(f"a part ({part['S']}) has no amount ($)", record, shown)
        number = _number(part["$"], record, notation, shown)
        splits.append(Split(number, part["S"], part.get("E", "")))
    total = sum((split.amount for split in splits), Decimal(0))
    if splits and total != amount:
        raise refused(
            f"the parts make {at_cents(total)}, the record says {at_cents(amount)}; nothing of the "
            "file was used",
            record,
            shown,
        )
    return tuple(splits)


def _day(record: Record, notation: Notation, shown: str) -> dt.date:
    text = needed(record, ("D",), "its date", shown)
    try:
        return notation.day(text)
    except ValueError as error:
        raise refused(f"“{text[:40]}” is not a date", record, shown) from error
