"""Profiles: how one institution's CSV is to be read, as YAML in ``rules/sources/``.

A profile is found by its header's column names. What a file cannot decide (the sign of a card's
charges, the order of day and month) the profile says; nothing is guessed::

    institution: Chase
    kind: card
    header: [Transaction Date, Post Date, Description, Amount]
    columns: {date: Post Date, payee: Description, amount: Amount}
    date-format: ["%m/%d/%Y"]
    identity: {version: 1, columns: [Post Date, Description, Amount]}
"""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from core.config import Strict, load_config
from core.findings import UserError


class Columns(Strict):
    """Which column holds what; an amount is one signed column, or debit and credit.

    ``fee`` is charged on top: it is taken off the amount.
    """

    date: str
    transaction_date: str = Field("", alias="transaction-date")
    payee: str
    narration: str = ""
    amount: str = ""
    debit: str = ""
    credit: str = ""
    fee: str = ""
    currency: str = ""
    id: str = ""
    account: str = ""
    balance: str = ""

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if bool(self.amount) == bool(self.debit and self.credit):
            raise ValueError("name either 'amount' or both 'debit' and 'credit'")
        return self

    @property
    def named(self) -> list[str]:
        """Every column that is named."""
        return [str(value) for value in self.model_dump().values() if value]


class Flag(Strict):
    """A column that says whether an unsigned amount is money in or out."""

    column: str
    out: tuple[str, ...]
    into: tuple[str, ...] = Field(alias="in")


class Filter(Strict):
    """Rows that are kept (``booked``) or left out (``skip``) by what one column says."""

    column: str
    values: tuple[str, ...]


class Balance(Strict):
    """The closing balance in the lines around the table: a pattern with ``amount``, ``date``."""

    pattern: str
    date_format: str = Field("", alias="date-format")

    @field_validator("pattern")
    @classmethod
    def _names_the_amount(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from error
        if "amount" not in groups:
            raise ValueError("needs a group (?P<amount>…)")
        return pattern


class Identity(Strict):
    """The raw cells that make a line's id where the bank gives none. Change the columns only with
    a new version: ids of the old one stay what they are."""

    version: int
    columns: tuple[str, ...]


class Profile(Strict):
    """One institution's CSV."""

    institution: str
    kind: Literal["bank", "card", "processor"]
    header: tuple[str, ...]
    exact: bool = False
    columns: Columns
    date_format: tuple[str, ...] = Field(alias="date-format")
    identity: Identity
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    grouping: str = ","
    sign: Literal["as-is", "inverted"] = "as-is"
    debit_sign: Literal["positive", "negative"] = Field("positive", alias="debit-sign")
    flag: Flag | None = None
    booked: Filter | None = None
    skip: tuple[Filter, ...] = ()
    require: tuple[str, ...] = ()
    end: str = ""
    currency: str = ""
    account: str = ""
    balance: Balance | None = None

    @model_validator(mode="after")
    def _columns_are_in_the_header(self) -> Self:
        wanted = {*self.columns.named, *self.identity.columns, *self.require}
        wanted |= {f.column for f in (self.flag, self.booked, *self.skip) if f}
        missing = sorted(wanted - set(self.header))
        if missing:
            raise ValueError(f"these columns are not in 'header': {', '.join(missing)}")
        return self

    def matches(self, cells: list[str]) -> bool:
        """Whether a row of stripped cells is this profile's header."""
        there = [cell for cell in cells if cell]
        if self.exact:
            return there == list(self.header)
        return set(self.header) <= set(there)


def load_profiles(*folders: Path) -> dict[str, Profile]:
    """The profiles of the folders by file name; of two with one name the later folder's holds.

    Raises UserError for a mistake in any of them.
    """
    found: dict[str, Profile] = {}
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in sorted(folder.glob("*.yaml")):
            found[path.stem] = load_config(path, Profile, shown=f"rules/sources/{path.name}")
    if not found:
        raise UserError("there are no bank profiles", hint="rules/sources/*.yaml holds them")
    return found
