"""The records of an investment account: by their action, what the cash gained and what was traded.

Quicken writes totals without a sign. An action that ends in X moves the money from or to another
account at once: it becomes two lines, the trade and the transfer of its money, which are what the
account's cash sees.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from core.money import at_cents
from importers.qif.notation import Notation
from importers.qif.records import Record
from importers.qif.values import line_of, needed, number_of, refused
from importers.statement import Action, Security, StatementLine, Trade

IDENTITY = ("qif-investment-1", ("D", "N", "Y", "I", "Q", "T", "U", "$", "P", "M"))
_ZERO = Decimal(0)
_BUYS, _SELLS = {"buy", "cvrshrt"}, {"sell", "shtsell"}
_INCOME = {
    "div": "DIV",
    "intinc": "INTEREST",
    "cglong": "CGLONG",
    "cgmid": "CGMID",
    "cgshort": "CGSHORT",
    "miscinc": "MISC",
    "rtrncap": "",
}
_REINVESTED = {
    "reinvdiv": "DIV",
    "reinvint": "INTEREST",
    "reinvlg": "CGLONG",
    "reinvmd": "CGMID",
    "reinvsh": "CGSHORT",
}
_EXPENSES = {"miscexp": "MISC", "margint": "INTEREST"}
# Cash that comes or goes; what has no action is cash as well, and signed as on a bank account.
_CASH_IN, _CASH_OUT = {"xin", "contribx"}, {"xout", "withdrwx"}
_CASH_SIGNED = {"", "cash"}
_OF_UNITS = _BUYS | _SELLS | set(_REINVESTED) | {"shrsin", "shrsout", "stksplit"}
_OF_MONEY = _BUYS | _SELLS | set(_REINVESTED) | set(_INCOME) | set(_EXPENSES)
_WITH_X = _BUYS | _SELLS | set(_INCOME) | set(_EXPENSES)
_STEPS_OF_SPLIT = Decimal(10)


def is_note(record: Record) -> bool:
    """Whether the record only reminds of something."""
    return record.get("N").lower() in {"reminder", "reminderx"}


def investment_lines(
    record: Record, notation: Notation, tickers: Mapping[str, str], shown: str
) -> tuple[list[StatementLine], list[str]]:
    """The lines of a record, and what to warn of.

    Raises RefusedFileError for an action that is not known: what it does to the cash is then not
    known either.
    """
    action = record.get("N").lower()
    moves = action.endswith("x") and action[:-1] in _WITH_X
    base = action[:-1] if moves else action
    total = number_of(record, ("T", "U", "$"), notation, shown)
    if base in _CASH_SIGNED | _CASH_IN | _CASH_OUT:
        sign = -1 if base in _CASH_OUT else 1
        amount = total if base in _CASH_SIGNED else sign * abs(total)
        return [line_of(record, amount, notation, shown)], []
    trade, amount = _trade(base, record, total, notation, tickers, shown)
    line = replace(line_of(record, amount, notation, shown), trade=trade)
    if not line.payee:
        line = replace(line, payee=trade.security.name or record.get("N"))
    warnings = _checked(record, trade)
    if not moves:
        return [line], warnings
    moved = abs(number_of(record, ("$", "T", "U"), notation, shown))
    transfer = replace(line, trade=None, amount=-moved if amount > 0 else moved)
    return [replace(line, counter_account=""), transfer], warnings


def _trade(
    action: str,
    record: Record,
    total: Decimal,
    notation: Notation,
    tickers: Mapping[str, str],
    shown: str,
) -> tuple[Trade, Decimal]:
    """The trade of an action, and what the account's cash gains by it."""
    if action in _OF_UNITS:
        needed(record, ("Y",), "the security", shown)
        needed(record, ("Q",), "the quantity", shown)
    if action in _OF_MONEY:
        needed(record, ("T", "U", "$"), "the total", shown)
    name = " ".join(record.get("Y").split())
    trade = Trade(
        "buy",
        Security(name, tickers.get(name, "")),
        price=number_of(record, ("I",), notation, shown) if record.get("I") else None,
        commission=abs(number_of(record, ("O",), notation, shown)),
        total=total,
    )
    units = abs(number_of(record, ("Q",), notation, shown))
    cash = _ZERO
    if action in _BUYS:
        cash = -abs(total)
        trade = replace(trade, units=units, total=cash)
    elif action in _SELLS:
        cash = abs(total)
        trade = replace(trade, action="sell", units=-units, total=cash)
    elif action in _INCOME:
        cash = total
        kind: Action = "return-of-capital" if action == "rtrncap" else "income"
        trade = replace(trade, action=kind, income=_INCOME[action])
    elif action in _REINVESTED:
        trade = replace(trade, action="reinvest", units=units, total=-abs(total))
        trade = replace(trade, income=_REINVESTED[action])
    elif action in _EXPENSES:
        cash = -abs(total)
        trade = replace(trade, action="expense", total=cash, income=_EXPENSES[action])
    elif action == "shrsin":
        # The price of what comes in is its cost; when it was bought is not said.
        trade = replace(trade, action="transfer", units=units, total=_ZERO, cost=trade.price)
    elif action == "shrsout":
        trade = replace(trade, action="transfer", units=-units, total=_ZERO)
    elif action == "stksplit":
        # The quantity is how many units there are for ten old ones.
        trade = replace(trade, action="split", total=_ZERO)
        trade = replace(trade, numerator=units, denominator=_STEPS_OF_SPLIT)
    else:
        raise refused(
            f"the action “{record.get('N')[:40]}” is not known; nothing of the file was used",
            record,
            shown,
            hint="leave the investment account out of the export",
        )
    return trade, cash


def _checked(record: Record, trade: Trade) -> list[str]:
    """The warning that price, quantity, commission and total do not fit together."""
    if trade.action not in {"buy", "sell"} or trade.price is None:
        return []
    worth = abs(trade.units) * trade.price
    worth += trade.commission if trade.action == "buy" else -trade.commission
    # A price is rounded: half of its last digit for each unit, and a cent.
    exponent = trade.price.as_tuple().exponent
    step = Decimal(1).scaleb(int(exponent)) / 2
    if abs(worth - abs(trade.total)) <= abs(trade.units) * step + Decimal("0.01"):
        return []
    return [
        f"line {record.line}: {trade.units.normalize():f} × {trade.price} and the commission make "
        f"{at_cents(worth)}, the file says {at_cents(abs(trade.total))}"
    ]
