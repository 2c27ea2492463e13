"""What a file's own balances say against it: the sign contradicted is refused, a gap is told.

A statement whose sign is wrong would book every charge as income; one that lacks a row is merely
incomplete, and may be so on purpose.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from core.money import at_cents
from importers.csv.balance import owners_view
from importers.csv.chain import Step, chain
from importers.csv.profile import Profile
from importers.csv.table import Row
from importers.statement import RefusedFileError, Statement, StatementLine


def proof_of_rows(
    found: Sequence[tuple[Row, StatementLine]],
    profile: Profile,
    number: Callable[[Row, str], Decimal],
    name: str,
    shown: str,
) -> list[str]:
    """Warnings where the running balances do not add up.

    Raises RefusedFileError where they move against the profile's sign.
    """
    column = profile.columns.balance
    if not column:
        return []
    links = chain(
        [
            Step(
                line.row,
                line.date,
                line.amount,
                owners_view(number(row, column), profile) if row.get(column) else None,
            )
            for row, line in found
        ]
    )
    # A column called Debit says the direction already: one row is no proof against its name.
    wrong = links.contradiction(least=1 if profile.columns.amount and not profile.flag else 2)
    if wrong:
        first, second = wrong.rows
        raise RefusedFileError(
            f"the profile {name} says that {_said(profile)}; the balance moves the other way from "
            f"line {first} to {second}: by {at_cents(wrong.moved)}, where the amounts make "
            f"{at_cents(wrong.said)}",
            file=shown,
            line=second,
            hint=_cure(profile, name),
        )
    if not links.gaps:
        return []
    gap, more = links.gaps[0], len(links.gaps) - 1
    first, second = gap.rows
    elsewhere = f", nor in {more} more {'place' if more == 1 else 'places'}" if more else ""
    return [
        f"the balances do not add up from line {first} to {second}: they differ by "
        f"{at_cents(gap.moved)}, the amounts make {at_cents(gap.said)}{elsewhere}; "
        "is a row missing?"
    ]


def proof_of_total(statement: Statement, profile: Profile, name: str, shown: str) -> list[str]:
    """A warning where the opening balance and the lines do not make the closing one.

    Raises RefusedFileError where they make it with the other sign.
    """
    opening, closing = statement.opening, statement.balance
    if opening is None or closing is None or not profile.opening or not profile.balance:
        return []
    total = sum((line.amount for line in statement.lines), Decimal(0))
    if opening + total == closing:
        return []
    if opening - total == closing:
        raise RefusedFileError(
            f"the profile {name} says that {_said(profile)}; the balance moves the other way: from "
            f"{at_cents(opening)} to {at_cents(closing)}, where the lines make {at_cents(total)}",
            file=shown,
            hint=_cure(profile, name),
        )
    return [
        f"does not add up: opening {at_cents(opening)} + lines {at_cents(total)} = "
        f"{at_cents(opening + total)}, the file says {at_cents(closing)}; "
        f"{at_cents(closing - opening - total)} is missing"
    ]


def _said(profile: Profile) -> str:
    if profile.flag:
        return f"“{profile.flag.out[0]}” in {profile.flag.column} is money out"
    if not profile.columns.amount:
        return f"{profile.columns.debit} is money out"
    return f"charges are {'positive' if profile.sign == 'inverted' else 'negative'}"


def _cure(profile: Profile, name: str) -> str:
    """The two ways to make amounts and balances agree; the file does not say which is right."""
    where = f"rules/sources/{name}.yaml"
    balances = "as-is" if profile.turns_balances else "inverted"
    if profile.flag or not profile.columns.amount:
        return f"correct the columns in {where}, or say there 'balance-sign: {balances}'"
    amounts = "as-is" if profile.sign == "inverted" else "inverted"
    kept = "inverted" if profile.turns_balances else "as-is"
    return (
        f"in {where}: where charges are the other way, 'sign: {amounts}' and 'balance-sign: "
        f"{kept}'; where balances are, 'balance-sign: {balances}'"
    )
