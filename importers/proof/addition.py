"""The proof of a statement: its opening balance and its lines make its closing balance."""

from decimal import Decimal

from core.money import at_cents
from importers.statement import Statement


def adds_up(statement: Statement) -> bool:
    """Whether the lines lead from the opening to the closing balance; True where one is missing."""
    return statement.opening is None or statement.balance in (None, _closing(statement))


def unproved(statement: Statement) -> tuple[str, ...]:
    """The warning that a statement does not add up; none where it does, or says no two balances."""
    if adds_up(statement) or statement.opening is None or statement.balance is None:
        return ()
    closing = _closing(statement)
    return (
        f"{statement.account_id or 'the account'}: the lines do not add up: opening "
        f"{at_cents(statement.opening)} + lines {at_cents(closing - statement.opening)} = "
        f"{at_cents(closing)}, the file says {at_cents(statement.balance)}",
    )


def _closing(statement: Statement) -> Decimal:
    return (statement.opening or Decimal(0)) + sum(
        (line.amount for line in statement.lines), Decimal(0)
    )
