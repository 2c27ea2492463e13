"""The tables of the projection, explained in ``docs/projection.md``, and how numbers fit into them.

A number is a ``DECIMAL(38, scale)``. There are three kinds, because a cost or price for one unit
may be a quotient of 28 digits (``30 EUR @@ 100 USD``) where the units are not; the scale of a kind
is what its numbers need, 18 at least. What has no room beside the others is never rounded: the
books are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SCHEMA = 1
DIGITS = 38
LEAST = 18
UNITS, RATE, WEIGHT = "UNITS", "RATE", "WEIGHT"
KINDS = (UNITS, RATE, WEIGHT)
# Text that is never NULL; a list of words; any other type is NULL where there is nothing to say.
TEXT, WORDS, NAME = "VARCHAR NOT NULL", "VARCHAR[]", "VARCHAR"

Columns = Mapping[str, str]

_COST: Columns = {
    "cost_number": RATE,
    "cost_currency": NAME,
    "cost_date": "DATE",
    "cost_label": NAME,
}
# Made from the transactions and prices of one file, and replaced with it.
OF_FILE: Mapping[str, Columns] = {
    "transactions": {
        "id": TEXT,
        "file": TEXT,
        "line": "INTEGER",
        "date": "DATE",
        "flag": TEXT,
        "payee": TEXT,
        "narration": TEXT,
        "tags": WORDS,
        "links": WORDS,
        "entities": WORDS,
        "metadata": TEXT,
    },
    "postings": {
        "transaction": TEXT,
        "number_in_transaction": "INTEGER",
        "file": TEXT,
        "line": "INTEGER",
        "date": "DATE",
        "entity": NAME,
        "account": TEXT,
        "units": UNITS,
        "currency": NAME,
        **_COST,
        "price_number": RATE,
        "price_currency": NAME,
        "weight": WEIGHT,
        "weight_currency": NAME,
        "flag": NAME,
        "import_id": NAME,
        "metadata": TEXT,
    },
    "links": {"link": TEXT, "transaction": TEXT, "file": TEXT, "date": "DATE"},
    "prices": {
        "file": TEXT,
        "line": "INTEGER",
        "date": "DATE",
        "currency": TEXT,
        "number": RATE,
        "quote_currency": TEXT,
    },
}
# Sums of postings, made again for what a change has touched.
SUMS: Mapping[str, Columns] = {
    "balances": {
        "entity": NAME,
        "account": TEXT,
        "month": "DATE",
        "currency": TEXT,
        "at_cost": "BOOLEAN",
        "units": UNITS,
        "weight": WEIGHT,
        "weight_currency": TEXT,
        "postings": "BIGINT",
    },
    "lots": {"entity": NAME, "account": TEXT, "currency": TEXT, **_COST, "units": UNITS},
}
# Small, and of the whole.
WHOLE: Mapping[str, Columns] = {
    "files": {"path": TEXT, "ident": TEXT},
    "accounts": {
        "account": TEXT,
        "entity": NAME,
        "role": TEXT,
        "counterparty": TEXT,
        "account_id": TEXT,
        "title_holder": TEXT,
        "line": TEXT,
        "personal": "BOOLEAN",
        "currencies": WORDS,
        "opened": "DATE",
        "closed": "DATE",
        "metadata": TEXT,
    },
    "entities": {
        "entity": TEXT,
        "kind": TEXT,
        "legal_name": TEXT,
        "tax_class": TEXT,
        "currency": TEXT,
        "fiscal_year_end": TEXT,
        "formed": "DATE",
        "folder": TEXT,
        "books": "BOOLEAN",
    },
    "findings": {
        "code": TEXT,
        "severity": TEXT,
        "message": TEXT,
        "entities": WORDS,
        "date": "DATE",
        "file": TEXT,
        "line": "INTEGER",
        "fix": TEXT,
        "waived": TEXT,
        "fingerprint": TEXT,
    },
    "meta": {"name": TEXT, "value": TEXT},
}
TABLES: Mapping[str, Columns] = {**OF_FILE, **SUMS, **WHOLE}


class ProjectionError(Exception):
    """There is no projection of these books to be had: read from the journals instead."""


class UnfitError(ProjectionError):
    """A number of the books, or a sum of them, has no room: it would have to be rounded."""


@dataclass(frozen=True)
class Scales:
    """The scale of each kind: how many decimals its numbers may have."""

    units: int = LEAST
    rate: int = LEAST
    weight: int = LEAST

    def of(self, kind: str) -> int:
        """The scale of a kind."""
        return {UNITS: self.units, RATE: self.rate, WEIGHT: self.weight}[kind]

    def type_of(self, declared: str) -> str:
        """The SQL type of a column declared as in ``TABLES``."""
        return f"DECIMAL({DIGITS}, {self.of(declared)})" if declared in KINDS else declared

    def ddl(self, table: str) -> str:
        """The statement that makes a table."""
        columns = (f"{name} {self.type_of(type_)}" for name, type_ in TABLES[table].items())
        return f"CREATE TABLE books.{table} ({', '.join(columns)})"

    def taken(self, declared: str, column: str) -> str:
        """The expression that makes a column from its staged text, where empty means nothing.

        DuckDB is slow in reading a long decimal from text, so that short ones go a short way.
        """
        if declared in KINDS:
            whole = f"{column}::{self.type_of(declared)}"
            short = f"{column}::DECIMAL(18, 4)::{self.type_of(declared)}"
            is_short = f"regexp_full_match({column}, '-?[0-9]{{1,14}}([.][0-9]{{1,4}})?')"
            return f"CASE WHEN {is_short} THEN {short} ELSE {whole} END"
        if declared == TEXT:
            return f"coalesce({column}, '')"
        if declared == WORDS:
            return f"coalesce(string_split({column}, ' '), [])"
        return f"{column}::{declared}"
