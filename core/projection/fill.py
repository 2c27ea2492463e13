"""Fills the tables: rows are staged as text, looked at, and taken over with their types.

Numbers are looked at first because DuckDB rounds a text with too many decimals without a word.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from core.journal.books import Books
from core.projection.projection import literal
from core.projection.rows import Page, staged, write_pages, write_rows
from core.projection.schema import (
    DIGITS,
    KINDS,
    OF_FILE,
    SUMS,
    TABLES,
    Scales,
    UnfitError,
)

_MONTH = "date_trunc('month', date)::DATE"
_LOT = "account, currency, cost_number, cost_currency, cost_date, cost_label"
# What follows from the postings of the accounts and months that a change has touched.
_SUMMED = {
    "balances": f"""
        INSERT INTO books.balances
        SELECT any_value(entity), account, {_MONTH} AS month, currency,
            cost_number IS NOT NULL AS at_cost, sum(units), sum(weight), weight_currency, count(*)
        FROM books.postings
        WHERE units IS NOT NULL AND (account, {_MONTH}) IN (FROM temp.touched)
        GROUP BY account, month, currency, at_cost, weight_currency
        ORDER BY account, month, currency, at_cost, weight_currency""",
    "lots": f"""
        INSERT INTO books.lots
        SELECT any_value(entity), {_LOT}, sum(units)
        FROM books.postings
        WHERE cost_number IS NOT NULL AND account IN (SELECT account FROM temp.touched)
        GROUP BY {_LOT} HAVING sum(units) <> 0 ORDER BY {_LOT}""",
}


def meta(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What a file says of itself."""
    return dict(db.execute("SELECT name, value FROM books.meta").fetchall())


def create(db: duckdb.DuckDBPyConnection, scales: Scales) -> None:
    """Makes all tables, empty."""
    for table in TABLES:
        db.execute(scales.ddl(table))


def stage(db: duckdb.DuckDBPyConnection, pages: Iterable[Page], books: Books, folder: Path) -> None:
    """Puts the rows of pages, as text, into temporary tables."""
    write_pages(folder, pages, books)
    for table in OF_FILE:
        _staged(db, table, folder)


def needed(db: duckdb.DuckDBPyConnection, least: Scales | None = None) -> Scales:
    """The scales that hold every staged number, none of them smaller than ``least``.

    Raises UnfitError where one has no room before the point for what others need behind it.
    """
    found = {kind: (least or Scales()).of(kind) for kind in KINDS}
    whole = dict.fromkeys(KINDS, 0)
    for table, columns in OF_FILE.items():
        for column, kind in columns.items():
            if kind in KINDS:
                decimals, digits = _digits(db, table, column)
                found[kind] = max(found[kind], decimals)
                whole[kind] = max(whole[kind], digits)
    for kind, digits in whole.items():
        if digits + found[kind] > DIGITS:
            raise UnfitError(
                f"a number with {digits} digits before the point, "
                f"where others need {found[kind]} behind it"
            )
    return Scales(*(found[kind] for kind in KINDS))


def put(db: duckdb.DuckDBPyConnection, scales: Scales, gone: Sequence[str]) -> None:
    """Replaces the rows of the files that are ``gone`` by those that are staged, and makes the sums
    again of every account and month in which there were or are such rows.

    Raises UnfitError where a sum has more digits than a number may have.
    """
    db.execute("BEGIN")
    db.execute("CREATE TEMP TABLE gone AS SELECT unnest(?::VARCHAR[]) AS file", [list(gone)])
    db.execute(
        f"CREATE TEMP TABLE touched AS SELECT DISTINCT account, {_MONTH} AS month"
        " FROM books.postings WHERE file IN (FROM temp.gone)"
    )
    for table in OF_FILE:
        if gone:
            db.execute(f"DELETE FROM books.{table} WHERE file IN (FROM temp.gone)")
        _take_over(db, table, scales)
    db.execute(
        "INSERT INTO temp.touched SELECT DISTINCT account, date_trunc('month', date::DATE)::DATE"
        " FROM temp.staged_postings"
    )
    db.execute("DELETE FROM books.balances WHERE (account, month) IN (FROM temp.touched)")
    db.execute("DELETE FROM books.lots WHERE account IN (SELECT account FROM temp.touched)")
    for table in SUMS:
        try:
            db.execute(_SUMMED[table])
        except duckdb.OutOfRangeException as error:
            raise UnfitError(f"a sum of {table} has too many digits") from error
    for table in OF_FILE:  # else they stay for as long as the connection does
        db.execute(f"DROP TABLE temp.staged_{table}")
    db.execute("COMMIT")


def put_whole(
    db: duckdb.DuckDBPyConnection,
    whole: Mapping[str, Sequence[Sequence[object]]],
    said: Mapping[str, str],
    folder: Path,
) -> None:
    """Replaces the small tables, and last what the file says of itself."""
    db.execute("BEGIN")
    for table, rows in {**whole, "meta": list(said.items())}.items():
        write_rows(folder, table, rows)
        _staged(db, table, folder)
        db.execute(f"DELETE FROM books.{table}")
        _take_over(db, table, Scales())
    db.execute("COMMIT")


def _staged(db: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in TABLES[table])
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE staged_{table} AS FROM read_json("
        f"{literal(staged(folder, table))}, format = 'newline_delimited', columns = {{{columns}}})"
    )


def _take_over(db: duckdb.DuckDBPyConnection, table: str, scales: Scales) -> None:
    taken = (scales.taken(declared, name) for name, declared in TABLES[table].items())
    db.execute(f"INSERT INTO books.{table} SELECT {', '.join(taken)} FROM temp.staged_{table}")


def _digits(db: duckdb.DuckDBPyConnection, table: str, column: str) -> tuple[int, int]:
    """The most decimals in a staged column, and the most digits before the point."""
    row = db.execute(
        f"SELECT max(len(rtrim(split_part({column}, '.', 2), '0'))),"
        f" max(len(ltrim(split_part({column}, '.', 1), '-0'))) FROM temp.staged_{table}"
    ).fetchone()
    decimals, digits = row or (None, None)
    return decimals or 0, digits or 0
