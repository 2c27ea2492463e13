"""What an import would do: by statement, by file, and as one change of the books."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from core.entity import Account
from core.journal.change import ChangeSet
from core.money import at_cents
from importers.draft import Draft
from importers.statement import Statement


@dataclass(frozen=True)
class Proof:
    """One statement against the books.

    ``opening`` + ``rows`` = ``closing`` by the statement itself (``unread`` is what is missing
    there, zero where it adds up); ``books`` is what the books hold at the end of ``date`` after the
    import; ``rows_near`` are the places that may explain a gap.
    """

    account: str
    currency: str
    date: dt.date
    opening: Decimal
    rows: Decimal
    closing: Decimal
    unread: Decimal
    books: Decimal
    rows_near: tuple[str, ...] = ()

    @property
    def gap(self) -> Decimal:
        """What the books hold more than the statement."""
        return self.books - self.closing

    @property
    def holds(self) -> bool:
        """Whether the books say what the bank says."""
        return not self.gap

    @property
    def sentence(self) -> str:
        """``opening + rows = closing``, and what of it is not so."""
        money = self.currency
        said = (
            f"{at_cents(self.opening)} + {at_cents(self.rows)} = {at_cents(self.closing)} {money}"
        )
        if self.unread:
            wrong = "little" if self.unread > 0 else "much"
            said += f" on {self.date} does not add up: the rows are {at_cents(abs(self.unread))}"
            said += f" {money} too {wrong}"
        elif self.holds:
            said += f" on {self.date}, as in the books"
        else:
            said += (
                f" on {self.date}, but the books hold {at_cents(self.books)}: "
                f"{at_cents(abs(self.gap))} {money} too {'much' if self.gap > 0 else 'little'}"
            )
        return said


@dataclass(frozen=True)
class StatementPlan:
    """What an import makes of one statement.

    ``account`` is None while the ledger account is unknown; ``known`` counts the lines that the
    books have already; ``joined`` those that become part of another line's entry, as the second
    source of it or as the other side of a transfer; ``opening`` is what a new account held before
    its first line. ``ids`` are the lines' ids, in order; ``source`` is the file as ``src:``
    names it; ``proof`` is its closing balance beside the books, where it says one.
    """

    statement: Statement
    account: Account | None
    drafts: tuple[Draft, ...] = ()
    known: int = 0
    joined: int = 0
    opening: Draft | None = None
    ids: tuple[str, ...] = ()
    source: str = ""
    proof: Proof | None = None


@dataclass(frozen=True)
class FilePlan:
    """What an import makes of one file; ``refused`` holds the reason when it is not used.

    ``sha256`` is of its content; ``is_feed`` says that it came from a feed: what it says of
    balances is compared with the books, but proves nothing.
    """

    path: Path
    format: str = ""
    institution: str = ""
    refused: str = ""
    statements: tuple[StatementPlan, ...] = ()
    warnings: tuple[str, ...] = ()
    sha256: str = ""
    is_feed: bool = False


@dataclass(frozen=True)
class ImportPlan:
    """A whole import: the files, the accounts to open, and the change to the books."""

    files: tuple[FilePlan, ...]
    opened: tuple[Account, ...] = ()
    change: ChangeSet = field(default_factory=lambda: ChangeSet("", ()))
    remarks: tuple[str, ...] = ()

    @property
    def drafts(self) -> list[Draft]:
        """Every new line, in the order of the files."""
        return [d for f in self.files for s in f.statements for d in s.drafts]

    @property
    def refused(self) -> bool:
        """Whether a file was refused."""
        return any(f.refused for f in self.files)
