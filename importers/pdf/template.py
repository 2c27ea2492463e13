"""Templates: how one institution's PDF statement is to be read, as YAML in ``rules/templates/``.

Patterns see the text as ``books import --text FILE`` prints it, a line at a time where rows are
read, the whole of it where the period and the balances are looked for::

    institution: Harbor Bank
    kind: bank
    currency: USD
    recognise: ["Harbor Bank", "Statement of account"]
    account: 'Account number: (\\d+)'
    period: 'from (?P<from>\\S+) to (?P<to>\\S+)'
    period-format: "%m/%d/%Y"
    opening: 'Opening balance (?P<amount>\\S+)'
    closing: 'Closing balance (?P<amount>\\S+)'
    date-format: "%m/%d"
    sections:
      - begin: '^Date Description'
        end: '^Closing balance'
        columns: {date: [50, 90], description: [90, 380], debit: [380, 460], credit: [460, 540]}
    identity: {version: 1}
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from core.config import Strict, Versioned, load_config
from importers.csv.profile import writes_a_day
from importers.pdf.text import TOLERANCE


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return pattern


def _day_format(fmt: str) -> str:
    if not writes_a_day(fmt):
        raise ValueError(f"“{fmt}” does not write a day with its month and year")
    return fmt


def _row_day_format(fmt: str) -> str:
    if not writes_a_day(fmt if says_year(fmt) else f"{fmt} %Y"):
        raise ValueError(f"“{fmt}” does not write a day with its month")
    return fmt


def says_year(fmt: str) -> bool:
    """Whether a date format holds the year."""
    return "%Y" in fmt or "%y" in fmt


Pattern = Annotated[str, AfterValidator(_pattern)]
Sign = Literal["as-is", "inverted"]
Range = tuple[int, int]
# What a row may say; all of it is kept as the line's cells.
ROW = ("date", "transaction", "description", "amount", "debit", "credit", "id")


class Columns(Strict):
    """Where the columns of a table stand: from and to, in points from the left edge.

    A word belongs to the column in which its middle lies. ``debit`` and ``credit`` are unsigned.
    """

    date: Range
    transaction: Range | None = None
    description: Range
    amount: Range | None = None
    debit: Range | None = None
    credit: Range | None = None
    id: Range | None = None

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if bool(self.amount) == bool(self.debit and self.credit):
            raise ValueError("name either 'amount' or both 'debit' and 'credit'")
        return self

    @property
    def named(self) -> dict[str, Range]:
        """The columns that are there."""
        ranges = {name: getattr(self, name) for name in ROW}
        return {name: place for name, place in ranges.items() if place}


class Section(Strict):
    """A table: after the line that ``begin`` finds, up to the one that ``end`` finds.

    ``begin`` may find a line on every page. A row is a line that ``row`` finds, or that has a date
    and an amount in its ``columns``. ``sign`` overrules the template's.
    """

    begin: Pattern
    end: Pattern = ""
    row: Pattern = ""
    columns: Columns | None = None
    sign: Sign | None = None

    @model_validator(mode="after")
    def _one_way_to_read_rows(self) -> Self:
        if bool(self.row) == bool(self.columns):
            raise ValueError("name either 'row' or 'columns'")
        groups = set(re.compile(self.row).groupindex) if self.row else set()
        if self.row and not {"date", "description", "amount"} <= groups:
            raise ValueError("'row' needs the groups date, description and amount")
        if unknown := sorted(groups - set(ROW)):
            raise ValueError(
                f"'row' has unknown groups: {', '.join(unknown)}; known: {', '.join(ROW)}"
            )
        return self


class Identity(Strict):
    """The version of what makes a line's id (its day, description and amount as printed): raise it
    when a change of the patterns changes those; ids of the old version stay what they are."""

    version: int


class Template(Versioned):
    """One layout of one institution's PDF statements.

    ``recognise``: patterns that must all be found on the first page. ``account``: group 1 is the
    account's number. ``opening`` and ``closing`` have a group ``amount``; ``sign: inverted`` is for
    statements that print what is owed, and charges, as positive. Without ``sections`` only the
    closing balance is read. ``skip``: lines that are never rows, such as page footers;
    ``continuation``: a line right beneath a row whose words all stand within these points goes on
    with its description. ``line-tolerance``: words whose tops differ by so many points are one
    line.
    """

    institution: str
    kind: Literal["bank", "card"]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    recognise: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    account: Pattern = ""
    period: Pattern
    period_format: Annotated[str, AfterValidator(_day_format)] = Field(alias="period-format")
    opening: Pattern = ""
    closing: Pattern
    sign: Sign = "as-is"
    decimal: Annotated[str, Field(min_length=1, max_length=1)] = "."
    grouping: Annotated[str, Field(max_length=1)] = ","
    date_format: Annotated[str, AfterValidator(_row_day_format)] = Field(
        "%m/%d", alias="date-format"
    )
    sections: tuple[Section, ...] = ()
    skip: tuple[Pattern, ...] = ()
    continuation: Range | None = None
    line_tolerance: Annotated[int, Field(ge=0, le=20)] = Field(TOLERANCE, alias="line-tolerance")
    identity: Identity

    @model_validator(mode="after")
    def _patterns_have_their_groups(self) -> Self:
        for name, pattern, group in (
            ("period", self.period, "to"),
            ("opening", self.opening, "amount"),
            ("closing", self.closing, "amount"),
        ):
            if pattern and group not in re.compile(pattern).groupindex:
                raise ValueError(f"'{name}' needs a group (?P<{group}>…)")
        if self.account and not re.compile(self.account).groups:
            raise ValueError("'account' needs a group (…) around the number")
        if self.sections and not self.opening:
            raise ValueError("'opening' is needed: the rows must lead from it to 'closing'")
        if self.decimal == self.grouping:
            raise ValueError("'decimal' and 'grouping' are the same")
        return self


def load_templates(*folders: Path) -> dict[str, Template]:
    """The templates of the folders by file name; of two with one name the later folder's holds.

    Raises UserError for a mistake in any of them.
    """
    return {
        path.stem: load_config(path, Template, shown=f"rules/templates/{path.name}")
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.glob("*.yaml"))
    }
