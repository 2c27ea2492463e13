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
from typing import Literal

from core.findings import EXIT_FINDINGS, UserError


class RefusedFileError(UserError):
    """A file no importer may accept, with the reason to tell its owner. Nothing of it is used."""

    def __init__(self, reason: str, *, file: str = "", line: int = 0, hint: str = "") -> None:
        super().__init__(reason, file=file, line=line, hint=hint, code=EXIT_FINDINGS)


@dataclass(frozen=True)
class Split:
    """A part of a line that its file divides: ``amount`` is signed as the line's, ``category`` is
    the file's own text for what it was."""

    amount: Decimal
    category: str = ""
    narration: str = ""


@dataclass(frozen=True)
class Security:
    """A security as the file names it; ``unique_id`` is its CUSIP, ISIN or the like."""

    name: str
    ticker: str = ""
    unique_id: str = ""
    unique_id_type: str = ""


Action = Literal[
    "buy",
    "sell",
    "reinvest",
    "income",
    "expense",
    "transfer",
    "split",
    "return-of-capital",
    "journal",
    "closure",
    "opening",
]


@dataclass(frozen=True)
class Trade:
    """What a line of an investment statement did to a holding.

    ``units`` are positive when they come in; ``price`` is for one unit; ``commission``, ``fees``
    and ``withholding`` are positive when paid; ``total`` is the money as the file writes it,
    negative when spent, and ``accrued`` the interest in it that a bond had earned by then;
    ``income`` says which kind (``DIV``, ``INTEREST``, ``CGLONG``, …; of a closed option
    ``EXERCISE``, ``ASSIGN``, ``EXPIRE``); ``source`` is a 401(k)'s. ``cost`` (of one unit) and
    ``acquired`` are a lot's that came in kind, where the file says them: a lot is never invented.
    ``numerator`` and ``denominator`` are a split's. An ``opening`` is a lot that was there before
    the first line, its ``total`` what it cost, as if it were spent.
    """

    action: Action
    security: Security
    units: Decimal = Decimal(0)
    price: Decimal | None = None
    commission: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    withholding: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    income: str = ""
    source: str = ""
    cost: Decimal | None = None
    acquired: dt.date | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    accrued: Decimal = Decimal(0)


@dataclass(frozen=True)
class Position:
    """What an investment statement says is held of a security on ``date``, short holdings negative,
    and what it is worth at the ``price`` of ``price_date``."""

    security: Security
    units: Decimal
    price: Decimal | None
    value: Decimal | None
    date: dt.date | None
    price_date: dt.date | None = None


# What the file itself calls a line: own money moving to or from another account, or one side of a
# conversion between currencies.
LineKind = Literal["", "transfer", "conversion"]


@dataclass(frozen=True)
class StatementLine:
    """One booked line of a statement.

    ``cells`` are the raw cells, by column or tag name, exactly as the bank wrote them; ``bank_id``
    is the bank's own id of the line (FITID, reference), or empty; ``row`` counts the file's lines
    from 1; ``date`` is the posting date, ``transaction_date`` the purchase date where both exist.

    ``amount`` is what the account gained. ``fee`` is what a processor kept of it (positive, or
    negative when given back), ``fee_tax`` the tax on that, kept as well; the gross is the sum of
    the three. ``reference`` joins the rows of one event, ``counter_account`` is the number or IBAN
    of the other side; ``kind`` is what the file calls the line, where it says it; ``splits`` add up
    to the amount; ``trade`` is what a line of an investment account did beside its cash.
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
    fee: Decimal = Decimal(0)
    fee_tax: Decimal = Decimal(0)
    reference: str = ""
    counter_account: str = ""
    splits: tuple[Split, ...] = ()
    trade: Trade | None = None
    kind: LineKind = ""

    @property
    def gross(self) -> Decimal:
        """The amount before anything was kept of it."""
        return self.amount + self.fee + self.fee_tax


@dataclass(frozen=True)
class Statement:
    """The lines of one account in one file.

    ``account_id`` is the file's own text for the account (None: the file does not say), and
    ``balance`` the closing booked balance, owed amounts negative, as ``opening`` is; a file that
    says neither leaves them None. ``period`` is the first and the last day the file says it
    covers. ``kind`` is ``bank``, ``card``, ``investment``, ``processor``, or ``any`` where the bank
    writes accounts and cards alike. ``identity`` names the
    raw cells that make a line's id where the bank gives none, with the version of that choice in
    front: ``("chase-checking-1", ("Posting Date", "Description", "Amount"))``.
    ``pendings`` are rows that are not booked yet, as far as they can be read: never lines. A
    feed's statement names its ledger ``account``, and in ``scope`` the login at a bank within which
    ``bank_id`` is unique for ever, whatever becomes of a line's date and amount.
    """

    account_id: str | None
    currency: str | None
    lines: tuple[StatementLine, ...]
    balance: Decimal | None = None
    balance_date: dt.date | None = None
    kind: str | None = None
    identity: tuple[str, tuple[str, ...]] = ("", ())
    opening: Decimal | None = None
    opening_date: dt.date | None = None
    period: tuple[dt.date, dt.date] | None = None
    positions: tuple[Position, ...] = ()
    account: str = ""
    scope: str = ""
    pendings: tuple[StatementLine, ...] = ()


@dataclass(frozen=True)
class StatementFile:
    """A whole file: its format (``csv``, ``ofx``, …), institution, statements and warnings.

    ``sha256`` is of the bytes that were read; ``is_feed`` says that a feed handed it out, whose
    balances are no statement's.
    """

    path: Path
    format: str
    institution: str
    statements: tuple[Statement, ...]
    warnings: tuple[str, ...] = field(default=())
    sha256: str = ""
    is_feed: bool = False
