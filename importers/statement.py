"""What a bank's file says, before anything is decided: the first stage of the import.

``StatementLine`` → ``Draft`` → Beancount directives → ``ChangeSet``. Amounts are the owner's view:
money out of the account is negative, on cards too. Dates are the bank's own calendar days, never
shifted to another time zone.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from core.findings import EXIT_FINDINGS, UserError


class RefusedFileError(UserError):
    """A file no importer may accept, with the reason to tell its owner. Nothing of it is used."""

    def __init__(self, reason: str, *, file: str = "", line: int = 0, hint: str = "") -> None:
        super().__init__(reason, file=file, line=line, hint=hint, code=EXIT_FINDINGS)


@dataclass(frozen=True)
class StatementLine:
    """One booked line of a statement.

    ``cells`` are the raw cells, by column or tag name, exactly as the bank wrote them; ``bank_id``
    is the bank's own id of the line (FITID, reference), or empty; ``row`` counts the file's lines
    from 1; ``date`` is the posting date, ``transaction_date`` the purchase date where both exist.
    """

    date: dt.date
    amount: Decimal
    currency: str | None
    payee: str
    narration: str
    row: int
    cells: Mapping[str, str]
    bank_id: str = ""
    transaction_date: dt.date | None = None


@dataclass(frozen=True)
class Statement:
    """The lines of one account in one file.

    ``account_id`` is the file's own text for the account (None: the file does not say), and
    ``balance`` the closing booked balance, owed amounts negative. ``identity`` names the raw cells
    that make a line's id where the bank gives none, with the version of that choice in front:
    ``("chase-checking-1", ("Posting Date", "Description", "Amount"))``.
    """

    account_id: str | None
    currency: str | None
    lines: tuple[StatementLine, ...]
    balance: Decimal | None = None
    balance_date: dt.date | None = None
    kind: str | None = None
    identity: tuple[str, tuple[str, ...]] = ("", ())


@dataclass(frozen=True)
class StatementFile:
    """A whole file: its format (``csv``, ``ofx``), profile name, statements and warnings."""

    path: Path
    format: str
    institution: str
    statements: tuple[Statement, ...]
    warnings: tuple[str, ...] = field(default=())
