"""The papers behind a crossing: which there are, which are only drafted, which are missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beancount.core import data

from core.dealings import Dealings, dealings_of
from core.journal.books import Books
from core.loans.ledger import loans_in
from plugins.veil.evidence import KEYS, resolved

FILED, DRAFTED, MISSING = "filed", "draft", "missing"


@dataclass(frozen=True)
class Paper:
    """A paper that an entry names or that shares its link. ``what`` is the key or directive it
    comes by, ``path`` where it lies, relative to the home; ``where`` is the directive that names
    it, file and line. Only a ``filed`` one is evidence."""

    what: str
    path: str
    state: str
    where: str


def papers_of(txns: Sequence[data.Transaction], books: Books) -> tuple[Paper, ...]:
    """The papers of all sides of a crossing, each once: their metadata, the documents of their
    links, the note of their loan and the agreement on their allocation."""
    found = [paper for txn in txns for paper in _of(txn, books)]
    return tuple({(paper.path, paper.state): paper for paper in reversed(found)}.values())[::-1]


def of_entry(entry: data.Directive, books: Books, key: str = "document") -> tuple[Paper, ...]:
    """The paper that one key of a directive names, there or missing; none where it names none."""
    said = entry.meta.get(key)
    return (_named(key, said, entry, books),) if isinstance(said, str) and said.strip() else ()


def _of(txn: data.Transaction, books: Books) -> Iterator[Paper]:
    for key in KEYS:
        # a note names a loan and an invoice its number; only as a file are they papers here
        loose = key in {"note", "invoice"} and not resolved(
            str(txn.meta.get(key) or ""), txn.meta, books
        )
        if not loose:
            yield from of_entry(txn, books, key)
    for posting in txn.postings:
        for key in ("receipt", "document"):
            said = (posting.meta or {}).get(key)
            if isinstance(said, str) and said.strip():
                yield _named(key, said, txn, books)
    linked: dict[str, list[data.Document]] = _memo(books, "linked documents", _linked)
    for link in sorted(txn.links or ()):
        for document in linked.get(link, ()):
            path = Path(document.filename)
            draft = document.meta.get("status") == "draft"
            state = DRAFTED if draft else FILED if path.is_file() else MISSING
            yield Paper("document", books.relative(document.filename), state, at(document, books))
    note = loans_in(books).note_of(txn)
    if note:
        yield from of_entry(loans_in(books).declared.loans[note].entry, books)
    yield from _of_allocation(txn, books)


def _of_allocation(txn: data.Transaction, books: Books) -> Iterator[Paper]:
    code = txn.meta.get("allocation")
    declared: Dealings = _memo(books, "dealings", lambda b: dealings_of(b.standing))
    key = declared.allocation(code, txn.date) if isinstance(code, str) else None
    if key is not None:
        entry = data.Custom(dict(key.meta), key.date, "allocation", [])
        yield from of_entry(entry, books)


def _named(key: str, said: str, entry: data.Directive, books: Books) -> Paper:
    path = resolved(said, entry.meta, books)
    if path is None:
        return Paper(key, said, MISSING, at(entry, books))
    shown = books.relative(str(path))
    if shown == str(path):  # the base itself may be reached by a symbolic link
        shown = path.relative_to(books.base.resolve()).as_posix()
    _, mark, section = said.partition("#")
    return Paper(key, shown + mark + section.strip(), FILED, at(entry, books))


def at(entry: data.Directive, books: Books) -> str:
    """Where an entry stands: ``ledger/acme/2026/2026-03.beancount:12``."""
    file, line = books.where(entry)
    return f"{file}:{line}"


def _linked(books: Books) -> dict[str, list[data.Document]]:
    found: dict[str, list[data.Document]] = {}
    for entry in books.standing:
        if isinstance(entry, data.Document):
            for link in entry.links or ():
                found.setdefault(link, []).append(entry)
    return found


def _memo(books: Books, name: str, made: Any) -> Any:
    key = ("veil statement", name)
    if key not in books.memo:
        books.memo[key] = made(books)
    return books.memo[key]
