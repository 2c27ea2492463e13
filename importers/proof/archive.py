"""Statement files kept: every file that was imported stands beside the books, as it came.

``ledger/<folder>/documents/statements/<account>/<date>.<name>``, with a ``document`` directive that
carries its SHA-256 and the days it covers. The date is the last day it speaks of. A file of several
accounts is kept once, below the first, and every account has its directive.
"""

import datetime as dt
import hashlib
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from beancount.core import data

from core.entity import Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, FileChange
from core.journal.placement import month_file
from core.journal.render import render
from importers.planned import FilePlan, StatementPlan


@dataclass(frozen=True)
class Kept:
    """A file on its way into the archive: where it goes (None: it is there already), and how each
    statement's account (by the statement's place in the file) names it as evidence."""

    change: FileChange | None
    blocks: tuple[tuple[Path, Entity, Block], ...]
    evidence: dict[int, str]


def kept(
    home: Home, books: Books, file: FilePlan, known_paths: Collection[Path] = ()
) -> Kept | None:
    """What keeping an imported file takes; None where it says nothing of an account of the books.

    A file whose content the books know already is left where it is, under whatever name.
    ``known_paths`` are places that this import has given away. Raises UserError when the file is no
    longer what was read.
    """
    known = documented(books, file.sha256)
    told = [(n, s, day) for n, s in enumerate(file.statements) if (day := last_day(s))]
    told = [(n, s, day) for n, s, day in told if s.account is not None]
    if not told:
        return None
    first = told[0][1]
    home_path = home.path.resolve()
    path = known.get("")
    change = None
    if path is None:
        newest = max(day for _, _, day in told)
        names = _names(_folder(books, first), newest, file.path.name)
        path = next(p for p in names if p not in known_paths and not (home_path / p).exists())
        change = FileChange(path, None, _as_read(file))
    blocks, evidence = [], {}
    for place, plan, day in told:
        assert plan.account is not None  # noqa: S101 - only those are told of
        entity = books.registry.entities[plan.account.entity]
        journal = month_file(entity, day)
        relative = os.path.relpath(path, Path("ledger", entity.folder))
        evidence[place] = Path(relative).as_posix()
        if plan.account.name in known:
            continue
        known[plan.account.name] = path
        directive = _document(plan, day, os.path.relpath(path, journal.parent), file.sha256)
        blocks.append((journal, entity, render(directive)))
    return Kept(change, tuple(blocks), evidence)


def documented(books: Books, sha256: str) -> dict[str, Path]:
    """Where the books keep a file with this hash: by account, and below the empty name by any."""
    found: dict[str, Path] = {}
    for entry in books.standing:
        if isinstance(entry, data.Document) and entry.meta.get("sha256") == sha256:
            path = Path(os.path.relpath(entry.filename, books.base))
            found[entry.account] = path
            found.setdefault("", path)
    return found


def last_day(plan: StatementPlan) -> dt.date | None:
    """The last day that a statement speaks of."""
    said = [line.date for line in plan.statement.lines]
    said += [plan.statement.balance_date] if plan.statement.balance_date else []
    said += [plan.statement.period[1]] if plan.statement.period else []
    return max(said, default=None)


def covers(plan: StatementPlan) -> tuple[dt.date, dt.date] | None:
    """The first and the last day that a statement covers, by its own word or by its lines."""
    days = [line.date for line in plan.statement.lines]
    days += plan.statement.period or ()
    return (min(days), max(days)) if days else None


def _as_read(file: FilePlan) -> bytes:
    raw = file.path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != file.sha256:
        raise UserError(
            "has changed while it was read; nothing was written",
            file=str(file.path),
            hint="run the command again",
            code=EXIT_FINDINGS,
        )
    return raw


def _folder(books: Books, plan: StatementPlan) -> Path:
    """The archive of an account, relative to the home."""
    assert plan.account is not None  # noqa: S101 - the caller has looked
    entity = books.registry.entities[plan.account.entity]
    return Path("ledger", entity.folder, "documents", "statements", *plan.account.name.split(":"))


def clean_name(name: str) -> str:
    """A file's name as the archive writes it behind the date: without one of its own in front."""
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "statement"
    return re.sub(r"^\d{4}-\d{2}-\d{2}\.", "", clean)


def _names(folder: Path, day: dt.date, name: str) -> Iterator[Path]:
    clean = clean_name(name)
    stem, dot, suffix = clean.rpartition(".")
    yield folder / f"{day}.{clean}"
    number = 2
    while True:
        yield folder / (f"{day}.{stem}-{number}.{suffix}" if dot else f"{day}.{clean}-{number}")
        number += 1


def _document(plan: StatementPlan, day: dt.date, path: str, sha256: str) -> data.Document:
    assert plan.account is not None  # noqa: S101 - the caller has looked
    meta: dict[str, object] = {"sha256": sha256}
    span = covers(plan)
    if span:
        meta |= {"from": span[0], "to": span[1]}
    return data.Document(meta, day, plan.account.name, Path(path).as_posix(), None, None)
