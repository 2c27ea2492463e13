"""Field :61: of an MT940 message, with the field :86: behind it, as a line of the statement.

``240131 0201 D 12,50 N TRF reference//bank's reference``: the value date, the entry date without
its year, the mark (``RC`` reverses a credit and takes money out, ``RD`` brings it back; SWIFT,
category 9, field 61), maybe the third letter of the currency, the amount, what kind it is.
"""

import datetime as dt
import re
from decimal import Decimal

from importers.mt940.details import details_of, given, squeezed
from importers.mt940.tokenizer import Field
from importers.statement import RefusedFileError, StatementLine

IDENTITY = ("mt940-1", (":61:", ":86:"))
_LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4}|\s{4})?(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>[0-9]+,[0-9]*)(?P<kind>[A-Z][A-Z0-9]{3})(?P<rest>.*)"
)
_SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1}
_DIGITS = 18


def read_line(field: Field, texts: list[Field], currency: str | None, shown: str) -> StatementLine:
    """The line of a field :61:; ``texts`` are the fields :86: behind it.

    ``currency`` is set on the line where the statement has none. Raises RefusedFileError where the
    field is not one, or its day or amount cannot be read.
    """
    match = _LINE.fullmatch(field.lines[0].rstrip())
    if not match or match["mark"] not in _SIGNS:
        raise refused(f":61: cannot be read: “{field.lines[0][:40]}”", field, shown)
    value_day = day_of(match["value"])
    # The customer's reference before // is often a kind of booking: it joins nothing.
    _, _, banks = match["rest"].partition("//")
    said = [line for text in texts for line in text.lines]
    details = details_of(said)
    supplementary = squeezed(" ".join(field.lines[1:]))
    narration = details.narration or supplementary
    cells = {":61:": field.raw}
    if texts:
        cells[":86:"] = "\n".join(text.raw for text in texts)
    return StatementLine(
        date=_entry_day(match["entry"] or "", match["value"], value_day, field, shown),
        amount=_SIGNS[match["mark"]] * amount_of(match["amount"], field, shown),
        currency=currency,
        payee=details.payee or narration,
        narration=narration if details.payee else "",
        row=field.line,
        cells=cells,
        bank_id=given(banks),
        transaction_date=value_day,
        reference=details.reference,
        counter_account=details.account,
    )


def is_expected(field: Field) -> bool:
    """Whether the line is one that an interim report expects (EC, ED), and so not booked."""
    match = _LINE.fullmatch(field.lines[0].rstrip())
    return bool(match and match["mark"] in {"EC", "ED"})


def day_of(text: str) -> dt.date | None:
    """The day of YYMMDD; None where there is none, like a 30 February that interest runs to."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    try:
        return dt.date(year + (1900 if year >= 80 else 2000), month, day)
    except ValueError:
        return None


def amount_of(text: str, field: Field, shown: str) -> Decimal:
    """An amount with its decimal comma, which SWIFT always writes."""
    if not re.fullmatch(r"[0-9]+,[0-9]*", text) or len(text) > _DIGITS + 1:
        raise refused(f"“{text[:40]}” is not an amount", field, shown)
    return Decimal(text.replace(",", "."))


def _entry_day(
    entry: str, value: str, value_day: dt.date | None, field: Field, shown: str
) -> dt.date:
    """The posting day: the entry date in the year that brings it nearest to the value date."""
    if not entry.strip():
        if value_day is None:
            raise refused(f"“{value}” is not a date, and there is no entry date", field, shown)
        return value_day
    # A value date that does not exist still says about when.
    near = value_day or day_of(value[:4] + "28")
    days = [
        day
        for year in ((near.year - 1, near.year, near.year + 1) if near else ())
        if (day := day_of(f"{year % 100:02}{entry}"))
    ]
    if not days or near is None:
        raise refused(f"“{entry}” is not a date (MMDD)", field, shown)
    return min(days, key=lambda day: abs(day - near))


def refused(what: str, field: Field, shown: str) -> RefusedFileError:
    """The refusal of a whole file for what stands in ``field``."""
    return RefusedFileError(
        f"{what}; nothing of the file was used",
        file=shown,
        line=field.line,
        hint="download the statement again",
    )
