"""Directives as rows of text, in the order of the columns of ``schema``; an empty text is nothing.

They go through files with a JSON object on each line: much quicker into DuckDB than one by one, and
without the doubts of CSV about line ends and quotes. Numbers stay texts until DuckDB has seen that
they fit.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount.core import convert, data
from beancount.core.amount import Amount
from beancount.core.position import Cost

from core.findings import Finding
from core.journal.books import Books
from core.journal.parts import Parts, Piece
from core.projection.schema import OF_FILE, TABLES

Row = Sequence[object]
_OWN = frozenset(("filename", "lineno"))


@dataclass(frozen=True)
class Page:
    """One file of the books: its path as findings show it, its ident, and how to get at it."""

    path: str
    ident: str
    directives: Callable[[], Iterable[data.Directive]]


def write_pages(folder: Path, pages: Iterable[Page], books: Books) -> None:
    """Writes the rows of the pages into ``folder``, a file for each table of ``OF_FILE``."""
    rows: dict[str, list[Row]] = {table: [] for table in OF_FILE}
    for table in rows:
        write_rows(folder, table, ())
    for page in pages:
        _page_rows(page, books, rows)
        for table, own in rows.items():
            write_rows(folder, table, own, adds=True)
            own.clear()


def write_rows(folder: Path, table: str, rows: Iterable[Row], *, adds: bool = False) -> None:
    """Writes rows into the file of a table, or adds them to it."""
    names = tuple(TABLES[table])
    with staged(folder, table).open("a" if adds else "w", encoding="utf-8") as out:
        for row in rows:
            said = {k: v for k, v in zip(names, row, strict=True) if v is not None and v != ""}
            out.write(_encoded(said) + "\n")


def staged(folder: Path, table: str) -> Path:
    """The file of a table."""
    return folder / f"{table}.json"


_encoded = json.JSONEncoder(separators=(",", ":"), default=str).encode


def _page_rows(page: Page, books: Books, rows: Mapping[str, list[Row]]) -> None:
    lines: dict[int, int] = {}
    for entry in page.directives():
        line = entry.meta["lineno"]
        if isinstance(entry, data.Price):
            number, quote = entry.amount
            rows["prices"].append(
                (page.path, line, entry.date, entry.currency, exact(number), quote)
            )
        elif isinstance(entry, data.Transaction):
            nth = lines[line] = lines.get(line, 0) + 1  # what pads insert stands on one line
            name = f"{page.path}:{line}" + (f"#{nth}" if nth > 1 else "")
            _transaction_rows(name, page.path, entry, books, rows)


def _transaction_rows(
    name: str, file: str, txn: data.Transaction, books: Books, rows: Mapping[str, list[Row]]
) -> None:
    links = sorted(txn.links or ())
    rows["transactions"].append(
        (
            name,
            file,
            txn.meta["lineno"],
            txn.date,
            txn.flag,
            txn.payee,
            txn.narration,
            " ".join(sorted(txn.tags or ())),
            " ".join(links),
            " ".join(sorted(books.registry.ents(txn))),
            metadata(txn.meta),
        )
    )
    rows["links"].extend((link, name, file, txn.date) for link in links)
    owner, line = books.registry.ent, txn.meta["lineno"]
    rows["postings"].extend(
        (
            name,
            nth,
            file,
            (posting.meta or {}).get("lineno") or line,
            txn.date,
            owner(posting.account),
            *_told(posting),
        )
        for nth, posting in enumerate(txn.postings, start=1)
    )


def _told(posting: data.Posting) -> Row:
    """The account, and all that follows it among the columns."""
    meta = posting.meta or {}
    cost = posting.cost if isinstance(posting.cost, Cost) else None
    price = posting.price
    units: Row = ("", "")
    weight: Row = units
    if isinstance(posting.units, Amount) and isinstance(posting.units.number, Decimal):
        units = weight = (exact(posting.units.number), posting.units.currency)
        if cost or price:
            of = convert.get_weight(posting)
            weight = (exact(of.number), of.currency)
    return (
        posting.account,
        *units,
        *((exact(cost.number), cost.currency, cost.date, cost.label) if cost else _NO_COST),
        *((exact(price.number), price.currency) if price else _NO_PRICE),
        *weight,
        posting.flag,
        meta.get("id"),
        metadata(meta),
    )


_NO_PRICE = ("", "")
_NO_COST = ("", "", "", "")


def exact(number: Decimal | None) -> str:
    """All digits of a number and no exponent; nothing for none."""
    if number is None:
        return ""
    text = str(number)
    return format(number, "f") if "E" in text else text


def metadata(meta: Mapping[str, Any]) -> str:
    """Metadata as JSON: truth values and nothing as they are, everything else as text."""
    own = {k: _plain(v) for k, v in meta.items() if k not in _OWN and not k.startswith("__")}
    return json.dumps(own, ensure_ascii=False, separators=(",", ":")) if own else "{}"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, Amount):
        return f"{exact(value.number)} {value.currency}"
    return str(value)


def account_rows(books: Books) -> Iterator[Row]:
    """Every account that is opened."""
    for account in books.accounts.values():
        yield (
            account.name,
            account.entity,
            account.role,
            account.counterparty,
            account.account_id,
            account.title_holder,
            account.line,
            account.personal,
            " ".join(account.currencies),
            account.opened,
            account.closed,
            metadata(account.meta),
        )


def entity_rows(books: Books) -> Iterator[Row]:
    """Every registered entity."""
    for entity in books.registry.entities.values():
        yield (
            entity.name,
            entity.kind,
            entity.legal_name,
            entity.tax_class,
            entity.currency,
            entity.fiscal_year_end,
            entity.formed,
            entity.folder,
            entity.books,
        )


def finding_rows(findings: Iterable[Finding]) -> Iterator[Row]:
    """The findings, as they were given."""
    for found in findings:
        yield (
            found.code,
            found.severity.value,
            found.message,
            " ".join(found.entities),
            found.date,
            found.file,
            found.line,
            found.fix,
            found.waived,
            found.fingerprint,
        )


def pages_of_parts(books: Books, parts: Parts) -> list[Page]:
    """The pages of books that are in pieces."""

    def page(piece: Piece) -> Page:
        return Page(
            books.relative(piece.name),
            piece.ident,
            lambda: [*piece.directives(), *piece.padding],
        )

    return [page(piece) for piece in parts.pieces]


def pages_of_entries(books: Books) -> list[Page]:
    """The pages of books of which only the entries are known."""
    by_file: dict[str, list[data.Directive]] = {str(path): [] for path in books.files}
    for entry in books.entries:
        if isinstance(entry, data.Transaction | data.Price):
            by_file.setdefault(str(entry.meta["filename"]), []).append(entry)
    hashes = {str(path): sha for path, sha in books.files.items()}

    def page(name: str, own: list[data.Directive]) -> Page:
        return Page(books.relative(name), hashes.get(name, ""), lambda: own)

    return [page(name, own) for name, own in by_file.items()]
