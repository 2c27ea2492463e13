"""Investment statements of an OFX file: what was traded, what it brought, what is held.

``StatementLine.amount`` is what the account's cash gained. It is TOTAL, which OFX signs as the
owner sees it, except where the money never was in the account (SUBACCTFUND is OTHER: an employer
pays into a 401(k)) or stayed in the fund (REINVEST). Units are positive when they come in, whatever
sign a broker gives a sale; nothing that a record leaves out is worked out from the rest.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import at_cents
from importers.ofx.banking import bank_line
from importers.ofx.values import Record, day_of
from importers.statement import (
    Action,
    Position,
    Security,
    Statement,
    StatementLine,
    Trade,
)

_BUYS = frozenset("BUYDEBT BUYMF BUYOPT BUYOTHER BUYSTOCK".split())
_SELLS = frozenset("SELLDEBT SELLMF SELLOPT SELLOTHER SELLSTOCK".split())
TRANSACTIONS = (
    _BUYS
    | _SELLS
    | frozenset(
        "CLOSUREOPT INCOME INVBANKTRAN INVEXPENSE JRNLFUND JRNLSEC MARGININTEREST REINVEST RETOFCAP"
        " SPLIT TRANSFER".split()
    )
)
_IDENTITY = (
    "ofx-investment-1",
    ("DTTRADE", "DTPOSTED", "SECID.UNIQUEID", "UNITS", "TOTAL", "TRNAMT", "NAME", "MEMO"),
)
_ZERO = Decimal(0)
Securities = Mapping[tuple[str, str], Security]


@dataclass(frozen=True)
class _Entry:
    """What a kind of record says: what the cash gained, and the trade."""

    amount: Decimal
    trade: Trade


def investment_statement(
    *,
    account: str | None,
    currency: str | None,
    as_of: dt.date | None,
    records: Sequence[Record],
    positions: Sequence[Record],
    cash: Record | None,
    securities: Sequence[Record],
    period: tuple[dt.date, dt.date] | None,
) -> Statement:
    """The statement of an investment account; ``cash`` is its INVBAL, ``securities`` the SECLIST.

    The balance is the available cash. Raises RefusedFileError for a record that cannot be read.
    """
    known = _securities(securities)
    balance = cash.number_or_none("AVAILCASH") if cash else None
    return Statement(
        account_id=account,
        currency=currency,
        lines=tuple(_line(record, known) for record in records),
        balance=balance,
        balance_date=as_of if balance is not None else None,
        kind="investment",
        identity=_IDENTITY,
        period=period,
        positions=tuple(_position(record, known, as_of) for record in positions),
    )


def borrowed(cash: Record | None) -> str:
    """The warning that a margin or short balance stands beside the cash; empty where none does."""
    owed = cash.number("MARGINBALANCE", "SHORTBALANCE") if cash else _ZERO
    return f"the balance is the cash; {at_cents(owed)} on margin or short is not in it" * bool(owed)


def _securities(records: Sequence[Record]) -> Securities:
    return {
        _key(record): Security(
            name=" ".join(record.get("SECNAME").split()),
            ticker=record.get("TICKER").upper(),
            unique_id=record.get("SECID.UNIQUEID"),
            unique_id_type=record.get("SECID.UNIQUEIDTYPE").upper(),
        )
        for record in records
    }


def _key(record: Record) -> tuple[str, str]:
    return record.get("SECID.UNIQUEID"), record.get("SECID.UNIQUEIDTYPE").upper()


def _security(record: Record, known: Securities) -> Security:
    unique_id, kind = _key(record)
    return known.get((unique_id, kind)) or Security("", "", unique_id, kind)


def _line(record: Record, known: Securities) -> StatementLine:
    if record.name == "STMTTRN":
        return bank_line(record)
    entry = _reader(record)(record, _security(record, known))
    security, memo = entry.trade.security, record.get("MEMO")
    return StatementLine(
        date=record.needed_day("DTTRADE"),
        amount=entry.amount,
        currency=record.get("CURRENCY.CURSYM").upper() or None,
        payee=security.name or security.ticker or memo or security.unique_id,
        narration=memo,
        row=record.line,
        cells=record.cells,
        bank_id=record.get("FITID"),
        trade=entry.trade,
    )


def _reader(record: Record) -> Callable[[Record, Security], _Entry]:
    if record.name in _BUYS:
        return _buy
    return _sell if record.name in _SELLS else _READERS[record.name]


def _fund(record: Record, total: Decimal) -> Decimal:
    """What the account's cash gains of a total: nothing where the money is another's."""
    return _ZERO if record.get("SUBACCTFUND").upper() == "OTHER" else total


def _trade(record: Record, action: Action, security: Security) -> Trade:
    return Trade(
        action,
        security,
        price=record.number_or_none("UNITPRICE"),
        commission=record.number("COMMISSION"),
        fees=record.number("FEES", "LOAD", "TAXES", "PENALTY"),
        withholding=record.number("WITHHOLDING", "STATEWITHHOLDING"),
        accrued=record.number("ACCRDINT"),
        income=record.get("INCOMETYPE").upper(),
        source=record.get("INV401KSOURCE").upper(),
    )


def _buy(record: Record, security: Security) -> _Entry:
    units, total = record.needed_number("UNITS", "units"), record.needed_number("TOTAL", "total")
    if units > 0 and total > 0:  # some brokers write what a purchase cost without its sign
        total = -total
    trade = replace(_trade(record, "buy", security), units=units, total=total)
    return _Entry(_fund(record, total), trade)


def _sell(record: Record, security: Security) -> _Entry:
    units, total = record.needed_number("UNITS", "units"), record.needed_number("TOTAL", "total")
    if units > 0 and total >= 0:  # as do some for what a sale took out
        units = -units
    trade = replace(_trade(record, "sell", security), units=units, total=total)
    return _Entry(_fund(record, total), trade)


def _income(record: Record, security: Security) -> _Entry:
    total = record.needed_number("TOTAL", "total")
    return _Entry(_fund(record, total), replace(_trade(record, "income", security), total=total))


def _reinvest(record: Record, security: Security) -> _Entry:
    units, total = record.needed_number("UNITS", "units"), record.needed_number("TOTAL", "total")
    total = -total if units > 0 and total > 0 else total
    return _Entry(_ZERO, replace(_trade(record, "reinvest", security), units=units, total=total))


def _expense(record: Record, security: Security) -> _Entry:
    total = record.needed_number("TOTAL", "total")
    return _Entry(_fund(record, total), replace(_trade(record, "expense", security), total=total))


def _margin_interest(record: Record, security: Security) -> _Entry:
    entry = _expense(record, security)
    trade = replace(_trade(record, "expense", security), total=entry.trade.total, income="INTEREST")
    return _Entry(entry.amount, trade)


def _return_of_capital(record: Record, security: Security) -> _Entry:
    total = record.needed_number("TOTAL", "total")
    return _Entry(
        _fund(record, total), replace(_trade(record, "return-of-capital", security), total=total)
    )


def _split(record: Record, security: Security) -> _Entry:
    cash = record.number("FRACCASH")
    old, new = record.number_or_none("OLDUNITS"), record.number_or_none("NEWUNITS")
    trade = replace(
        _trade(record, "split", security),
        units=_ZERO if old is None or new is None else new - old,
        total=cash,
        numerator=record.number_or_none("NUMERATOR"),
        denominator=record.number_or_none("DENOMINATOR"),
    )
    return _Entry(_fund(record, cash), trade)


def _transfer(record: Record, security: Security) -> _Entry:
    units = record.needed_number("UNITS", "units")
    if record.get("TFERACTION").upper() == "OUT":
        units = -abs(units)
    trade = replace(
        _trade(record, "transfer", security),
        units=units,
        cost=record.number_or_none("AVGCOSTBASIS"),
        acquired=day_of(record.get("DTPURCHASE")),
    )
    return _Entry(_ZERO, trade)


def _journal_cash(record: Record, security: Security) -> _Entry:
    total = abs(record.needed_number("TOTAL", "total")) * _direction(record)
    return _Entry(total, replace(_trade(record, "journal", security), total=total))


def _journal_security(record: Record, security: Security) -> _Entry:
    units = abs(record.needed_number("UNITS", "units")) * _direction(record)
    return _Entry(_ZERO, replace(_trade(record, "journal", security), units=units))


def _direction(record: Record) -> int:
    """1 into the account, -1 out of it, 0 between its own cash, margin and short parts."""
    into, out = (record.get(f"SUBACCT{side}").upper() != "OTHER" for side in ("TO", "FROM"))
    return into - out


def _closure(record: Record, security: Security) -> _Entry:
    units = record.needed_number("UNITS", "units")
    kind = record.get("OPTACTION").upper()
    return _Entry(_ZERO, replace(_trade(record, "closure", security), units=units, income=kind))


_READERS: Mapping[str, Callable[[Record, Security], _Entry]] = {
    "CLOSUREOPT": _closure,
    "INCOME": _income,
    "INVEXPENSE": _expense,
    "JRNLFUND": _journal_cash,
    "JRNLSEC": _journal_security,
    "MARGININTEREST": _margin_interest,
    "REINVEST": _reinvest,
    "RETOFCAP": _return_of_capital,
    "SPLIT": _split,
    "TRANSFER": _transfer,
}


def _position(record: Record, known: Securities, as_of: dt.date | None) -> Position:
    units = record.needed_number("UNITS", "units")
    if record.get("POSTYPE").upper() == "SHORT":
        units = -abs(units)
    return Position(
        security=_security(record, known),
        units=units,
        price=record.number_or_none("UNITPRICE"),
        value=record.number_or_none("MKTVAL"),
        date=as_of,
        price_date=day_of(record.get("DTPRICEASOF")),
    )
