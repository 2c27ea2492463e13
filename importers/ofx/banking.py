"""Bank and card lines of an OFX file (STMTTRN).

Dates are the bank's own calendar day: the first eight digits as written, never shifted by the zone
behind them. FITID is the bank's id of a line; it may be empty or repeated, which identity allows
for.
"""

from importers.ofx.values import Record, day_of
from importers.statement import StatementLine

IDENTITY = ("ofx-1", ("DTPOSTED", "TRNAMT", "NAME", "MEMO", "CHECKNUM"))


def bank_line(record: Record) -> StatementLine:
    """A STMTTRN as a line. Raises RefusedFileError where it has no date or no amount."""
    date = record.needed_day("DTPOSTED")
    amount = record.needed_number("TRNAMT", "amount")
    name, memo = record.get("NAME") or record.get("PAYEE"), record.get("MEMO")
    return StatementLine(
        date=date,
        amount=amount,
        currency=record.get("CURRENCY.CURSYM").upper() or None,
        payee=name or memo,
        narration=memo if name and memo != name else "",
        row=record.line,
        cells=record.cells,
        bank_id=record.get("FITID"),
        transaction_date=day_of(record.get("DTUSER")),
    )
