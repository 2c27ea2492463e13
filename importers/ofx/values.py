"""Days and amounts as OFX writes them, and the records they stand in."""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal

from core.money import parse_decimal
from importers.statement import RefusedFileError

_AGAIN = "download the statement again"


@dataclass
class Record:
    """One entry of a list (a transaction, a position, a security) while its tags come in.

    ``values`` are decoded, ``cells`` as the bank wrote them; both by tag name, with the aggregate
    in front where two tags would share a name (``SECID.UNIQUEID``).
    """

    name: str
    line: int
    shown: str
    values: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value of a tag; empty where it is missing."""
        return self.values.get(name, "")

    def number(self, *names: str) -> Decimal:
        """The sum of the tags that are there. Raises RefusedFileError for one that is no amount."""
        said = (self.get(name) for name in names)
        return sum((amount_of(text, self.shown, self.line) for text in said if text), Decimal(0))

    def number_or_none(self, name: str) -> Decimal | None:
        """The amount of a tag, or None where it is missing."""
        return self.number(name) if self.get(name) else None

    def needed_number(self, name: str, what: str) -> Decimal:
        """The amount of a tag. Raises RefusedFileError where it is missing: it is never guessed."""
        if not self.get(name):
            raise self.refused(f"a transaction has no {what}")
        return self.number(name)

    def needed_day(self, name: str) -> dt.date:
        """The day of a tag. Raises RefusedFileError where it writes none."""
        said = self.get(name)
        day = day_of(said)
        if day is None:
            reason = f"the date “{said}”, which is none" if said else "no date"
            raise self.refused(f"a transaction has {reason}")
        return day

    def refused(self, reason: str) -> RefusedFileError:
        """The refusal of the whole file for this record."""
        return RefusedFileError(
            f"{reason}; nothing of the file was used", file=self.shown, line=self.line, hint=_AGAIN
        )


def day_of(text: str) -> dt.date | None:
    """The day that the first eight digits write; None where they write none."""
    digits = re.match(r"\s*(\d{4})-?(\d{2})-?(\d{2})", text)
    if not digits:
        return None
    try:
        return dt.date(int(digits[1]), int(digits[2]), int(digits[3]))
    except ValueError:
        return None


def amount_of(text: str, shown: str, row: int) -> Decimal:
    """An amount with a decimal point, or with a decimal comma where it can be nothing else."""
    try:
        if re.fullmatch(r"\s*[-+]?\d+,\d{3}\s*", text):
            raise ValueError(f"“{text.strip()}” can be read as thousands or as decimals")
        if re.fullmatch(r"\s*[-+]?[\d.]*,\d{1,2}\s*", text):
            return parse_decimal(text, decimal=",", grouping=".")
        return parse_decimal(text)
    except ValueError as error:
        raise RefusedFileError(
            f"{error}; nothing of the file was used",
            file=shown,
            line=row,
            hint=f"{_AGAIN}, or ask the bank what it means",
        ) from error
