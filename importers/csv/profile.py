"""Profiles: how one institution's CSV is to be read, as YAML in ``rules/sources/``.

A profile is found by its header's column names. What a file cannot decide (the sign of a card's
charges, the order of day and month) the profile says; nothing is guessed::

    institution: Chase
    kind: card
    header: [Transaction Date, Post Date, Description, Amount]
    columns: {date: Post Date, payee: Description, amount: Amount}
    date-format: ["%m/%d/%Y"]
    identity: {version: 1, columns: [Post Date, Description, Amount]}

A file without a header is found by its shape: the patterns of some cells, which every row must
have; ``header`` then names the columns by their place.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from core.config import Versioned, load_config
from core.findings import UserError
from importers.csv.parts import (
    Balance,
    Columns,
    ColumnSign,
    Conversions,
    Filter,
    Flag,
    Identity,
    Trades,
)


def writes_a_day(fmt: str) -> bool:
    """Whether a date format says the whole calendar day: what it writes, it reads again."""
    day = dt.datetime(2026, 11, 23)  # noqa: DTZ001 - a calendar day has no zone
    try:
        return dt.datetime.strptime(day.strftime(fmt), fmt) == day  # noqa: DTZ007
    except (ValueError, re.error):
        return False


def date_order(fmt: str) -> str:
    """``day-first`` or ``month-first``; empty where the month is written in letters or the year
    comes first."""
    day, month = fmt.find("%d"), fmt.find("%m")
    if month < 0 or min(fmt.find(year) for year in ("%Y", "%y") if year in fmt) < min(day, month):
        return ""
    return "day-first" if day < month else "month-first"


DATE_ORDERS = ("day-first", "month-first")


class Profile(Versioned):
    """One institution's CSV.

    ``kind: any`` leaves it to the account whether it is a bank's or a card's. ``sign: inverted``
    turns amounts and balances, for files that show charges as positive; ``balance-sign`` says it of
    the balances alone. ``date-note`` begins what may follow the date in its cell (`` as of ``).
    ``exact`` wants the header's columns and no others; ``end`` and ``account``
    are patterns: of the first cell of the row that ends the table, and of a line that names the
    account in group 1. ``continues`` names the column whose text goes on in the next row, where
    that row says nothing else. ``preamble`` is a pattern of what stands above a header that other
    banks have too; ``shape`` has the patterns of a file without a header.
    """

    institution: str
    kind: Literal["bank", "card", "processor", "investment", "any"]
    header: tuple[str, ...]
    exact: bool = False
    columns: Columns
    date_format: tuple[str, ...] = Field(alias="date-format")
    date_note: str = Field("", alias="date-note")
    identity: Identity
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    grouping: str = ","
    sign: Literal["as-is", "inverted"] = "as-is"
    balance_sign: Literal["", "as-is", "inverted"] = Field("", alias="balance-sign")
    debit_sign: ColumnSign = Field("positive", alias="debit-sign")
    credit_sign: ColumnSign = Field("positive", alias="credit-sign")
    flag: Flag | None = None
    booked: Filter | None = None
    pending: Filter | None = None
    skip: tuple[Filter, ...] = ()
    transfers: Filter | None = None
    conversions: Conversions | None = None
    charges: Filter | None = None
    require: tuple[str, ...] = ()
    continues: str = ""
    preamble: str = ""
    end: str = ""
    currency: str = ""
    account: str = ""
    opening: Balance | None = None
    balance: Balance | None = None
    shape: Mapping[str, str] = {}
    trade: Trades | None = None

    @field_validator("header", "date_format")
    @classmethod
    def _is_not_empty(cls, said: tuple[str, ...]) -> tuple[str, ...]:
        if not all(said) or not said:
            raise ValueError("needs at least one, and none that is empty")
        return said

    @field_validator("date_format")
    @classmethod
    def _writes_a_day(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for fmt in formats:
            if not writes_a_day(fmt):
                raise ValueError(f"“{fmt}” does not write a day with its month and year")
        return formats

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, encoding: str) -> str:
        try:
            "a".encode(encoding)
        except (LookupError, ValueError) as error:
            raise ValueError(f"“{encoding}” is not an encoding that is known") from error
        return encoding

    @field_validator("end", "account", "preamble")
    @classmethod
    def _is_a_pattern(cls, pattern: str, info: ValidationInfo) -> str:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from error
        if info.field_name == "account" and pattern and not groups:
            raise ValueError("needs a group (…) around the account")
        return pattern

    @field_validator("shape")
    @classmethod
    def _are_patterns(cls, shape: Mapping[str, str]) -> Mapping[str, str]:
        for column, pattern in shape.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{column}: is not a regular expression: {error}") from error
        return shape

    @model_validator(mode="after")
    def _separators_are_single_and_differ(self) -> Self:
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise ValueError("'delimiter' is one character, and no quote or line end")
        if len(self.decimal) != 1 or len(self.grouping) > 1 or self.decimal == self.grouping:
            raise ValueError("'decimal' is one character, 'grouping' another one or none")
        return self

    @model_validator(mode="after")
    def _columns_are_in_the_header(self) -> Self:
        wanted = {*self.columns.named, *self.identity.columns, *self.require, *self.shape}
        wanted |= {self.continues} - {""}
        wanted |= set(self.trade.named if self.trade else ())
        wanted |= {f.column for f in (self.flag, self.booked, self.pending, *self.skip) if f}
        wanted |= {f.column for f in (self.transfers, self.conversions, self.charges) if f}
        missing = sorted(wanted - set(self.header))
        if missing:
            raise ValueError(f"these columns are not in 'header': {', '.join(missing)}")
        return self

    @property
    def turns_balances(self) -> bool:
        """Whether the file's balances are what is owed, not what is owned."""
        return (self.balance_sign or self.sign) == "inverted"

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether a row of stripped cells has the shape of a file without a header."""
        return len(cells) == len(self.header) and all(
            re.fullmatch(pattern, cells[self.header.index(column)])
            for column, pattern in self.shape.items()
        )

    def dated(self, order: str) -> "Profile":
        """The profile with the dates that are ``day-first`` or ``month-first`` only, where it has
        any of that order."""
        kept = tuple(f for f in self.date_format if date_order(f) in {order, ""})
        return self.model_copy(update={"date_format": kept}) if kept and order else self

    def matches(self, cells: list[str]) -> bool:
        """Whether a row of stripped cells is this profile's header; never where it has none."""
        if self.shape:
            return False
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
