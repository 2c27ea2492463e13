"""What a row of a broker's CSV did to a holding, by the profile's ``trade`` mapping."""

from collections.abc import Callable
from decimal import Decimal

from importers.csv.parts import Trades
from importers.csv.profile import Profile
from importers.csv.table import Row
from importers.statement import Action, RefusedFileError, Security, Trade

_INCOME = {
    "dividend": "DIV",
    "interest": "INTEREST",
    "gain-short": "CGSHORT",
    "gain-long": "CGLONG",
}

_ACTIONS: dict[str, Action] = {
    "buy": "buy",
    "sell": "sell",
    "split": "split",
    "transfer": "transfer",
}


def moves_no_cash(row: Row, profile: Profile) -> bool:
    """Whether a row says no amount because its action needs none: a split, a transfer in kind."""
    trades = profile.trade
    if trades is None or row.get(profile.columns.amount):
        return False
    word = _word(row.get(trades.action), trades)
    return bool(word) and trades.actions[word] in {"split", "transfer"}


def is_sweep(row: Row, profile: Profile, number: Callable[[Row, str], Decimal]) -> bool:
    """Whether a row only moves cash between the account and the fund that is its cash."""
    trades = profile.trade
    if trades is None or not trades.sweeps:
        return False
    said = row.get(trades.action).casefold()
    if said not in {word.casefold() for word in trades.sweeps}:
        return False
    return not row.get(trades.quantity) or not number(row, trades.quantity)


def traded(
    row: Row,
    profile: Profile,
    amount: Decimal,
    number: Callable[[Row, str], Decimal],
    shown: str,
) -> Trade | None:
    """The trade of a row whose cash is ``amount``; None where it moves cash alone.

    Raises RefusedFileError for an action that the profile does not know and that has a quantity:
    units would be lost.
    """
    trades = profile.trade
    if trades is None:
        return None
    word = _word(row.get(trades.action), trades)
    units = number(row, trades.quantity) if row.get(trades.quantity) else Decimal(0)
    if not word:
        if units:
            raise RefusedFileError(
                f"moves {units} {row.get(trades.symbol)} by “{row.get(trades.action)}”, which the "
                "profile does not know; nothing of the file was used",
                file=shown,
                line=row.line,
                hint="add the word to 'trade' in the profile, with what it does",
            )
        return None

    def paid(column: str) -> Decimal:
        return abs(number(row, column)) if row.get(column) else Decimal(0)

    kind = trades.actions[word]
    action = _ACTIONS.get(kind, "income")
    if action == "transfer" and not units and amount:
        return None
    if action != "income" and not units:
        raise RefusedFileError(
            f"“{row.get(trades.action)}” has no {trades.quantity}; nothing of the file was used",
            file=shown,
            line=row.line,
            hint="correct the row, or download the file again",
        )
    symbol = row.get(trades.symbol).upper()
    return Trade(
        action,
        Security(" ".join(row.get(trades.name).split()), symbol),
        units=_signed(action, units),
        price=number(row, trades.price) if row.get(trades.price) else None,
        commission=next((paid(name) for name in trades.commissions if row.get(name)), Decimal(0)),
        fees=paid(trades.fees),
        accrued=paid(trades.accrued),
        total=amount,
        income=_INCOME.get(kind, ""),
    )


def _signed(action: Action, units: Decimal) -> Decimal:
    """Units as they came in or went out: some brokers write those of a sale without a sign."""
    signed = {"buy": abs(units), "sell": -abs(units), "split": units, "transfer": units}
    return signed.get(action, Decimal(0))


def _word(said: str, trades: Trades) -> str:
    """The longest of the mapping's words that the action begins with, or with ``whole`` the one
    that it is; empty where none fits."""
    said = said.casefold()
    fitting = [w for w in trades.actions if said.startswith(w.casefold())]
    if trades.whole:
        fitting = [w for w in fitting if said == w.casefold()]
    return max(fitting, key=len, default="")
