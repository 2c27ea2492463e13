"""The runs of a feed as files: what a run brought stands beside the books, and is read there.

``ledger/<folder>/documents/feeds/<item>/<item>.<date>-<run>.jsonl`` holds what was new, corrected
or taken back, of one entity. Read in the order of the runs, the files say what the bank last said
of every line that the books know::

    {"feed": "plaid-3f9a5c21", "institution": "Chase", "version": 1}
    {"line": {"id": "a1", "account": "acc", "date": "2026-09-03", "amount": "-20.00"}}
    {"removed": "a0"}
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.home import Home
from core.journal.books import Books
from core.money import plain
from importers.feed import exact, trades
from importers.feed.contract import OPENING, FeedLine, Item
from importers.statement import RefusedFileError

VERSION = 1
_RUN = re.compile(r"-(\d{4,})\.jsonl$")


@dataclass(frozen=True)
class Record:
    """What one file says: ``lines`` with the number each has in it, and the ids taken back."""

    lines: tuple[tuple[int, FeedLine], ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What the bank last said of each posted line that the books know, by the line's id.

    ``folders`` says below which entity's folder a line was kept; ``runs`` is the newest run's
    number.
    """

    lines: Mapping[str, FeedLine] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    runs: int = 0

    @property
    def posted_pendings(self) -> frozenset[str]:
        """The ids that posted lines had while they were pending."""
        return frozenset(line.pending_id for line in self.lines.values() if line.pending_id)

    def first_day(self, account: str) -> dt.date | None:
        """The oldest day that the feed knows of an account."""
        own = (each for each in self.lines.values() if each.account == account)
        days = (each.date for each in own if not each.id.startswith(OPENING))
        return min(days, default=None)


def folder(entity_folder: str, scope: str) -> Path:
    """Where the runs of an item are kept for an entity, relative to the home."""
    return Path("ledger", entity_folder, "documents", "feeds", scope)


def file_name(scope: str, day: dt.date, run: int) -> str:
    """The name of a run's file; ``day`` is the newest day it speaks of."""
    return f"{scope}.{day}-{run:04}.jsonl"


def told(home: Home, books: Books, scope: str) -> Told:
    """Everything that the runs of an item have said, in order.

    Raises RefusedFileError for a file that is no run's.
    """
    lines: dict[str, FeedLine] = {}
    folders: dict[str, str] = {}
    runs = 0
    for run, entity_folder, path in sorted(_runs(home, books, scope)):
        record = decoded(path.read_bytes(), path.relative_to(home.path).as_posix())
        runs = run
        for _, line in record.lines:
            lines[line.id] = line
            folders[line.id] = entity_folder
        for line_id in record.removed:
            lines.pop(line_id, None)
    return Told(lines, folders, runs)


def _runs(home: Home, books: Books, scope: str) -> Iterator[tuple[int, str, Path]]:
    for entity in books.registry.entities.values():
        for path in (home.path / folder(entity.folder, scope)).glob("*.jsonl"):
            number = _RUN.search(path.name)
            if number:
                yield int(number[1]), entity.folder, path


def encoded(item: Item, lines: Iterable[FeedLine], removed: Iterable[str]) -> bytes:
    """The file of a run."""
    head = {"feed": item.scope, "institution": item.institution, "version": VERSION}
    rows: list[Mapping[str, Any]] = [head]
    rows += [{"line": as_json(line)} for line in lines]
    rows += [{"removed": line_id} for line_id in removed]
    return "".join(exact.dumps(row) + "\n" for row in rows).encode()


def decoded(content: bytes, shown: str) -> Record:
    """What the file of a run says. Raises RefusedFileError with the line that is wrong."""
    lines: list[tuple[int, FeedLine]] = []
    removed: list[str] = []
    number = 1
    try:
        rows = content.decode().split("\n")
        version = exact.loads(rows[0])["version"]
        if version != VERSION:
            raise ValueError(f"version {version} is not known here")
        for number, text in enumerate(rows[1:], start=2):
            row = exact.loads(text) if text else {}
            if "line" in row:
                lines.append((number, from_json(row["line"])))
            elif row:
                removed.append(str(row["removed"]))
    except (ValueError, KeyError, TypeError, InvalidOperation, AttributeError) as error:
        raise RefusedFileError(
            f"is not what a run of a feed has left: {error}",
            file=shown,
            line=number,
            hint="take it from git as it was: git restore, or git checkout COMMIT -- FILE",
        ) from error
    return Record(tuple(lines), tuple(removed))


def as_json(line: FeedLine) -> dict[str, Any]:
    """The line as JSON has it, without the provider's own."""
    optional = {
        "authorized": line.authorized.isoformat() if line.authorized else "",
        "description": line.description,
        "pending": line.pending,
        "pending_id": line.pending_id,
        "category": line.category,
        "trade": trades.as_json(line.trade) if line.trade else None,
    }
    return {
        "id": line.id,
        "account": line.account,
        "date": line.date.isoformat(),
        "amount": plain(line.amount),
        "currency": line.currency,
        "payee": line.payee,
    } | {name: value for name, value in optional.items() if value}


def from_json(said: Mapping[str, Any]) -> FeedLine:
    """The line that ``as_json`` was given. Raises ValueError, KeyError or TypeError for another."""
    authorized = said.get("authorized")
    return FeedLine(
        id=str(said["id"]),
        account=str(said["account"]),
        date=dt.date.fromisoformat(said["date"]),
        amount=Decimal(said["amount"]),
        currency=str(said["currency"]),
        payee=str(said["payee"]),
        authorized=dt.date.fromisoformat(authorized) if authorized else None,
        description=str(said.get("description", "")),
        pending=said.get("pending") is True,
        pending_id=str(said.get("pending_id", "")),
        category=str(said.get("category", "")),
        trade=trades.from_json(said["trade"]) if said.get("trade") else None,
    )
