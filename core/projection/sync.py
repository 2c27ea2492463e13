"""From books to their projection: only what has changed since the last time is written again.

The file lies beside the store and is named for the root. A sync copies it, replaces in the copy the
files of the books whose ident is another, and puts the copy in its place: a reader sees the old one
or the new one, and a process that is killed leaves the old one. Only those who sync wait for each
other. What is of another version, damaged or not ours is not mended but made anew.
"""

import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from core.cache.store import GoneError, Scratch, maker
from core.findings import Finding
from core.journal.books import Books
from core.journal.lock import held
from core.journal.parts import Parts
from core.memory import collector_paused
from core.projection import fill
from core.projection.projection import Projection, connected
from core.projection.rows import (
    Page,
    account_rows,
    entity_rows,
    finding_rows,
    pages_of_entries,
    pages_of_parts,
)
from core.projection.schema import SCHEMA, ProjectionError, Scales, UnfitError

_LOG = logging.getLogger("bulkhead")
# How long, in seconds, to wait for another process that syncs, before doing without the file.
_PATIENCE = 60.0


@dataclass(frozen=True)
class _Wanted:
    """What the projection is to say."""

    books: Books
    findings: Sequence[Finding]
    pages: Sequence[Page]

    @cached_property
    def whole(self) -> Mapping[str, Sequence[Sequence[object]]]:
        """The rows of the small tables."""
        return {
            "files": [(page.path, page.ident) for page in self.pages],
            "accounts": list(account_rows(self.books)),
            "entities": list(entity_rows(self.books)),
            "findings": list(finding_rows(self.findings)),
        }

    @cached_property
    def meta(self) -> Mapping[str, str]:
        """``owners`` is what decides to which entity an account belongs; ``state`` is another one
        as soon as anything is."""
        said = {
            "schema": str(SCHEMA),
            "maker": maker().decode().strip(),
            "root": str(self.books.root),
            "as_of": self.books.as_of.isoformat(),
            "owners": " ".join(sorted(self.books.registry.entities)),
        }
        digest = hashlib.sha256(repr((said, self.whole)).encode())
        return {**said, "state": digest.hexdigest()}


class _StaleError(Exception):
    """The file is of no use: make another one."""


def synced(books: Books, findings: Sequence[Finding]) -> Projection:
    """The projection of exactly these books and findings, open for reading.

    Without a store, or where the file cannot be had, it is made in memory, which takes seconds for
    100,000 transactions. Raises UnfitError for books with numbers that do not fit, and another
    ProjectionError where DuckDB cannot make it.
    """
    with collector_paused():
        parts = books.parts
        if parts is not None and not isinstance(parts.store, Scratch):
            try:
                return _kept(_Wanted(books, findings, pages_of_parts(books, parts)), parts)
            except (GoneError, OSError, duckdb.Error) as error:
                _LOG.info("projection: made in memory (%s)", error)
        try:
            return _in_memory(_Wanted(books, findings, pages_of_entries(books)))
        except (OSError, duckdb.Error) as error:
            raise ProjectionError(str(error)) from error


def path_of(books: Books, parts: Parts) -> Path:
    """Where the projection of a root lies."""
    root = hashlib.sha256(os.fsencode(books.root)).hexdigest()[:16]
    return parts.store.folder / f"projection-{root}.duckdb"


def _in_memory(wanted: _Wanted) -> Projection:
    db = connected(None)
    with tempfile.TemporaryDirectory(prefix="books-") as folder:
        _made(db, wanted, Path(folder))
    return Projection(db)


def _kept(wanted: _Wanted, parts: Parts) -> Projection:
    path = path_of(wanted.books, parts)
    found = _opened(path, wanted)
    if found:
        return found
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(path.with_suffix(".lock"), _PATIENCE) as is_held:
        if not is_held:
            raise GoneError(f"another process is busy with {path}")
        found = _opened(path, wanted)
        if found:
            return found
        _replace(path, wanted)
        # still under the lock: another one's books may be others
        found = _opened(path, wanted)
    if found is None:
        raise GoneError(f"{path} cannot be read")
    return found


def _opened(path: Path, wanted: _Wanted) -> Projection | None:
    """The projection in the file, where it is that of these books."""
    if not path.is_file():
        return None
    try:
        db = connected(path)
    except duckdb.Error:
        return None

    def again() -> Projection:
        path.unlink(missing_ok=True)
        return synced(wanted.books, wanted.findings)

    projection = Projection(db, again)
    try:
        if fill.meta(db).get("state") == wanted.meta["state"]:
            return projection
    except duckdb.Error as error:
        _LOG.info("projection: %s is not one (%s)", path, error)
    projection.close()
    return None


def _replace(path: Path, wanted: _Wanted) -> None:
    """Puts the projection of these books in the place of what is there."""
    began = time.perf_counter()
    folder = path.with_suffix(".new")
    shutil.rmtree(folder, ignore_errors=True)  # what a killed process left
    folder.mkdir(mode=0o700)
    try:
        copy = folder / "copy.duckdb"
        try:
            count = _changed(path, copy, wanted, folder)
        except (_StaleError, UnfitError, FileNotFoundError, duckdb.Error) as error:
            _LOG.info("projection: made anew (%s)", error)
            copy = folder / "anew.duckdb"
            count = len(wanted.pages)
            _made(connected(copy, is_new=True), wanted, folder, closes=True)
        copy.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.perf_counter() - began
    _LOG.info("projection: %s, %d files written again, %.2f s", path, count, seconds)


def _made(
    db: duckdb.DuckDBPyConnection, wanted: _Wanted, folder: Path, *, closes: bool = False
) -> None:
    """Makes the tables in an empty database and fills them."""
    try:
        fill.stage(db, wanted.pages, wanted.books, folder)
        scales = fill.needed(db)
        fill.create(db, scales)
        fill.put(db, scales, ())
        fill.put_whole(db, wanted.whole, _meta(wanted, scales), folder)
    except BaseException:
        db.close()
        raise
    if closes:
        db.execute("DETACH books")
        db.close()


def _changed(path: Path, copy: Path, wanted: _Wanted, folder: Path) -> int:
    """Makes a copy of the file in which what has changed is changed; gives how many files."""
    shutil.copyfile(path, copy)
    db = connected(copy, is_new=True)
    try:
        before = fill.meta(db)
        if any(before.get(name) != wanted.meta[name] for name in ("schema", "maker", "owners")):
            raise _StaleError("another version")
        known = dict(db.execute("SELECT path, ident FROM books.files").fetchall())
        now = {page.path: page.ident for page in wanted.pages}
        fresh = [page for page in wanted.pages if known.get(page.path) != page.ident]
        if 2 * len(fresh) > len(now):
            raise _StaleError("most files have changed")
        gone = [name for name, ident in known.items() if now.get(name) != ident]
        scales = Scales(*map(int, before["scales"].split()))
        fill.stage(db, fresh, wanted.books, folder)
        if fill.needed(db, scales) != scales:
            raise _StaleError("numbers with more decimals")
        fill.put(db, scales, gone)
        fill.put_whole(db, wanted.whole, _meta(wanted, scales), folder)
        db.execute("DETACH books")
    finally:
        db.close()
    return len(fresh)


def _meta(wanted: _Wanted, scales: Scales) -> Mapping[str, str]:
    return {**wanted.meta, "scales": f"{scales.units} {scales.rate} {scales.weight}"}
