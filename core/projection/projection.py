"""A projection that is open: rows for a query, from a file that does not change while it is open.

Every sync makes a new file and puts it in the place of the old one. So whoever has one open goes on
seeing that one, whole, whatever others do meanwhile, and nobody waits for anybody.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from core.projection.schema import UnfitError

_LOG = logging.getLogger("bulkhead")
# What DuckDB says of a file that it cannot make sense of: it checks each block that it reads.
DAMAGE = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)


class Projection:
    """Tables of the books, called ``books.<table>``; see ``schema``. Use it in a ``with``.

    Several threads may ask at the same time. Where the file turns out to be damaged it is made
    again by ``again``, and the question is asked once more.
    """

    def __init__(
        self, db: duckdb.DuckDBPyConnection, again: Callable[[], "Projection"] | None = None
    ) -> None:
        self._db = db
        self._again = again
        self._lock = threading.Lock()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; ``?`` in it stand for the values.

        Raises UnfitError where a sum has more digits than a number of the table may have.
        """
        db = self._db
        try:
            return _asked(db, sql, values)
        except DAMAGE as error:
            _LOG.info("projection: damaged, made again (%s)", error)
            with self._lock:
                if self._db is db:
                    self._made_again(error)
            return _asked(self._db, sql, values)

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def __enter__(self) -> "Projection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _made_again(self, error: duckdb.Error) -> None:
        if self._again is None:
            raise error
        made = self._again()
        self._db, self._again = made._db, made._again


def connected(path: Path | None, *, is_new: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to which the file is attached as ``books``, for reading unless it is new or a
    copy that nobody else sees; without a path, an empty database in memory.

    Attached and not connected to, because DuckDB gives a process that connects to a path for a
    second time the file that it opened first, even where another one has taken its place.
    """
    db = duckdb.connect(
        ":memory:",
        config={
            # nothing is fetched from anywhere, and no variable of ours is taken for a table
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            # what has no room in memory fails, rather than lie about in the working directory
            "temp_directory": "",
        },
    )
    try:
        if path is None:
            db.execute("ATTACH ':memory:' AS books")
        else:
            how = "" if is_new else " (READ_ONLY)"
            db.execute(f"ATTACH {literal(path)} AS books{how}")
    except BaseException:
        db.close()
        raise
    return db


def literal(text: object) -> str:
    """A text as a statement writes it, for where no ``?`` is allowed."""
    return "'" + str(text).replace("'", "''") + "'"


def _asked(
    db: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object]
) -> list[tuple[Any, ...]]:
    with db.cursor() as cursor:
        try:
            return cursor.execute(sql, list(values)).fetchall()
        except duckdb.OutOfRangeException as error:
            raise UnfitError(str(error)) from error
