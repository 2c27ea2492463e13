"""Parquet files of the books, for any program that reads them: DuckDB, Polars, Spark, Excel.

Postings and transactions lie in folders by entity and year, ``postings/entity=Acme/year=2026/``,
whose names stand for the columns ``entity`` and ``year``. What touches two entities is among the
transactions of both.
"""

from dataclasses import dataclass
from pathlib import Path

from core.projection.projection import Projection, literal

PARTITIONED = ("postings", "transactions")


@dataclass(frozen=True)
class Written:
    """A table that was written: the name of its folder or file, and how many rows it has."""

    name: str
    rows: int


def write_parquet(
    projection: Projection, folder: Path, *, entity: str = "", year: int | None = None
) -> tuple[Written, ...]:
    """Writes the tables into an empty folder: those of one entity, or of all; of one year, or all.

    Accounts have no year, and prices neither: what is held is valued at older ones, too.
    """
    of_entity = f"entity = {literal(entity)}" if entity else "true"
    of_year = f"year({{}}) = {year}" if year is not None else "true"
    dated = f"{of_entity} AND {of_year.format('date')}"
    owners = "unnest(CASE WHEN len(entities) = 0 THEN [NULL] ELSE entities END) AS entity"
    selects = {
        "postings": "SELECT *, year(date) AS year FROM books.postings"
        f" WHERE {dated} ORDER BY date, file, line, transaction, number_in_transaction",
        "transactions": "SELECT *, year(date) AS year FROM"
        f" (SELECT *, {owners} FROM books.transactions)"
        f" WHERE {dated} ORDER BY date, file, line, id",
        "accounts": f"SELECT * FROM books.accounts WHERE {of_entity} ORDER BY account",
        "prices": "SELECT * FROM books.prices ORDER BY date, file, line",
        "balances": f"SELECT * FROM books.balances WHERE {of_entity}"
        f" AND {of_year.format('month')} ORDER BY ALL",
    }
    return tuple(_written(projection, name, select, folder) for name, select in selects.items())


def _written(projection: Projection, name: str, select: str, folder: Path) -> Written:
    how = "FORMAT parquet, COMPRESSION zstd"
    target = name if name in PARTITIONED else f"{name}.parquet"
    if name in PARTITIONED:
        (folder / name).mkdir()  # also where there are no rows
        how += ", PARTITION_BY (entity, year), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-{i}'"
    ((rows,),) = projection.rows(f"COPY ({select}) TO {literal(folder / target)} ({how})")
    return Written(target, rows)
