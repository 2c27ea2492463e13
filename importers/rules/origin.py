"""From an entry back to the line of the bank's file that it was made of.

An entry names its line by ``id:`` and the file by ``src:`` (name, the first eight digits of its
SHA-256, row). The file is found by its hash, wherever it was put since, and read again by the same
reader as at the import; a line is known by its id, so that a file with several accounts, or with
all its lines in one row, is no harder than others.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from beancount.core import data

from core.findings import UserError
from core.home import Home
from core.identity import LineIds, ids_of
from core.journal.books import Books
from importers.plan import id_of_line
from importers.statement import StatementFile, StatementLine

_SRC = re.compile(r"(?P<name>.+) (?P<hash>[0-9a-f]{8}) row \d+$")
# "chase-4411-3f9a5c2107d1e844" and its twin "chase-4411-3f9a5c2107d1e844-2" are in one scope.
_SCOPE = re.compile(r"(?P<scope>.+)-[0-9a-f]{16}(-\d+)?$")

Reader = Callable[[Path], StatementFile]


@dataclass(frozen=True)
class BookedLine:
    """A transaction that was made of a bank line: ``own`` is the place of the posting that is the
    line. ``lines`` are its ids, each with its source, the first being the one it was made of."""

    txn: data.Transaction
    own: int
    lines: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """The id of the line it was made of."""
        return self.lines[0][0]

    @property
    def src(self) -> str:
        """The file, hash and row that the line stood in; empty where nothing says so."""
        return self.lines[0][1]

    @property
    def posting(self) -> data.Posting:
        """The posting of the statement's account."""
        return self.txn.postings[self.own]


@dataclass(frozen=True)
class Origins:
    """The bank's lines by id, and the sources (name and hash) whose file is gone or unreadable."""

    lines: Mapping[str, StatementLine] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def line(self, booked: BookedLine) -> StatementLine:
        """The line as the bank wrote it, else what stands in the entry, without raw cells."""
        found = self.lines.get(booked.id)
        return found if found is not None else as_it_stands(booked)


def booked_lines(books: Books) -> list[BookedLine]:
    """Every transaction that is one bank line, in order; a transfer of which both sides are lines
    is two, and not among them."""
    found = []
    for txn in books.select("of one bank line", _is_of_one_line):
        (place,) = (n for n, posting in enumerate(txn.postings) if ids_of(posting))
        meta = txn.postings[place].meta or {}
        # A second source may stand above the first: it was put right below the posting.
        keys = sorted((key for key in meta if _is_id(key)), key=lambda key: (len(key), key))
        sources = [f"src{key.removeprefix('id')}" for key in keys]
        lines = zip(keys, sources, strict=True)
        named = tuple((str(meta[key]), str(meta.get(source, ""))) for key, source in lines)
        found.append(BookedLine(txn, place, named))
    return found


def _is_id(key: str) -> bool:
    return key == "id" or key.startswith("id-")


def _is_of_one_line(txn: data.Transaction) -> bool:
    own = [posting for posting in txn.postings if ids_of(posting)]
    return len(own) == 1 and own[0].units is not None and own[0].units.number is not None


def as_it_stands(booked: BookedLine) -> StatementLine:
    """The line as far as the entry itself tells it: no raw cells, and the payee that it has now."""
    txn, units = booked.txn, booked.posting.units
    return StatementLine(
        date=txn.date,
        amount=(units.number if units else None) or Decimal(0),
        currency=units.currency if units else None,
        payee=txn.payee or "",
        narration=txn.narration or "",
        row=0,
        cells={},
    )


def origins(booked: Iterable[BookedLine], *, home: Home, books: Books, reader: Reader) -> Origins:
    """The lines behind ``booked``, each file read once.

    A file is looked for among the ``document`` directives (``sha256:`` in their metadata, or their
    content), in the documents folders and in ``ledger/inbox/``.
    """
    wanted: dict[tuple[str, str], set[str]] = {}  # file name and hash to the ids that come from it
    for line in booked:
        match = _SRC.match(line.src)
        if match:
            wanted.setdefault((match["name"], match["hash"]), set()).add(line.id)
    files = _Files(home, books)
    lines: dict[str, StatementLine] = {}
    missing = []
    for (name, short), ids in wanted.items():
        path = files.find(name, short)
        try:
            found = {} if path is None else _lines_of(reader(path), ids)
        except UserError:  # a profile that has changed since may read this file no more
            found = {}
        lines |= found
        if not found:
            missing.append(f"{name} {short}")
    return Origins(lines, tuple(sorted(missing)))


def _lines_of(file: StatementFile, wanted: set[str]) -> dict[str, StatementLine]:
    """The wanted lines of a file by id; an id itself says in whose scope it was given."""
    scopes = sorted({match["scope"] for line in wanted if (match := _SCOPE.match(line))})
    found = {}
    for statement in file.statements:
        for scope in scopes:
            ids = LineIds(scope)
            for line in statement.lines:
                line_id = id_of_line(ids, statement, line)
                if line_id in wanted:
                    found[line_id] = line
    return found


class _Files:
    """The files that a home keeps, by the first eight digits of their SHA-256."""

    def __init__(self, home: Home, books: Books) -> None:
        documents = [e for e in books.standing if isinstance(e, data.Document)]
        self._said: dict[str, Path] = {}
        for document in documents:
            said = document.meta.get("sha256")
            if isinstance(said, str):
                self._said.setdefault(said[:8].casefold(), Path(document.filename))
        self._documents = [Path(document.filename) for document in documents]
        self._home = home
        self._hashes: dict[Path, str] = {}

    def find(self, name: str, short: str) -> Path | None:
        """The file with this hash: the one a directive names, else any with this content."""
        said = self._said.get(short)
        # An archive may put a date before the name; most often no other file need be read.
        likely = [path for path in self._kept if name in path.name]
        first = [said] if said is not None else []
        for path in (*first, *likely, *self._kept):
            if self._hash(path) == short:
                return path
        return None

    def _hash(self, path: Path) -> str:
        if path not in self._hashes:
            content = path.read_bytes() if path.is_file() else b""
            self._hashes[path] = hashlib.sha256(content).hexdigest()[:8]
        return self._hashes[path]

    @cached_property
    def _kept(self) -> list[Path]:
        folders = [self._home.inbox, self._home.path / "documents"]
        folders += sorted(self._home.ledger.glob("*/documents"))
        paths = [path for folder in folders for path in sorted(folder.rglob("*"))]
        return [path for path in dict.fromkeys([*self._documents, *paths]) if path.is_file()]
