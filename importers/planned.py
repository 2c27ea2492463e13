"""What an import would do: by statement, by file, and as one change of the books."""

from dataclasses import dataclass, field
from pathlib import Path

from core.entity import Account
from core.journal.change import ChangeSet
from importers.draft import Draft
from importers.statement import Statement


@dataclass(frozen=True)
class StatementPlan:
    """What an import makes of one statement.

    ``account`` is None while the ledger account is unknown; ``known`` counts the lines that the
    books have already; ``joined`` those that become part of another line's entry, as the second
    source of it or as the other side of a transfer; ``opening`` is what a new account held before
    its first line. ``ids`` are the lines' ids, in order; ``source`` is the file as ``src:``
    names it.
    """

    statement: Statement
    account: Account | None
    drafts: tuple[Draft, ...] = ()
    known: int = 0
    joined: int = 0
    opening: Draft | None = None
    ids: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class FilePlan:
    """What an import makes of one file; ``refused`` holds the reason when it is not used."""

    path: Path
    format: str = ""
    institution: str = ""
    refused: str = ""
    statements: tuple[StatementPlan, ...] = ()
    warnings: tuple[str, ...] = ()


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
