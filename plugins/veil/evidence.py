"""The paper behind an entry: files that its metadata names, and documents that share its link.

A path resolves from the folder of the file that holds the entry, then from each folder above it up
to the home (without one, to the root file's folder), and stays inside: an entity's root that is
checked alone includes the registry, which lies above it. ``#section`` at its end and ``affidavit:``
before it are no part of it. A file that is missing is no evidence (DOMAIN K1). Whether files are
there can change without any journal: rules that ask must not be of the scope LINK or DECLARED.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from beancount.core import data

from core.home import home_of
from core.journal.books import Books

KEYS = ("document", "note", "resolution", "agreement", "receipt", "invoice", "statement")
_AFFIDAVIT = "affidavit:"
EVIDENT = "evidence"  # the question that ``evident`` answers, with folder and text


def evidence(entry: data.Directive, books: Books, keys: Iterable[str] = KEYS) -> dict[str, Path]:
    """The files that metadata of ``entry`` with these keys names and that are there, by key."""
    named = {key: value for key in keys if isinstance(value := entry.meta.get(key), str) and value}
    found = {}
    for key, said in named.items():
        path = resolved(said, entry.meta, books)
        if path is not None:
            found[key] = path
    return found


def resolved(said: str, meta: Mapping[str, Any], books: Books) -> Path | None:
    """The file that a path in the metadata of an entry means; None where there is none."""
    text = said.strip().removeprefix(_AFFIDAVIT).strip().partition("#")[0].strip()
    if not text:
        return None
    folder = os.path.dirname(str(meta.get("filename", "")))  # noqa: PTH120 - of thousands of entries
    return evident(text, folder, books)


def evident(text: str, folder: str, books: Books) -> Path | None:
    """The file that a path without anything beside it means in a folder."""
    if books.asked is not None:
        books.asked.note((EVIDENT, folder, text))
    entire = books.whole or books  # the disk is asked once for all
    known: dict[tuple[str, str], Path | None] = entire.memo.setdefault("evidence", {})
    if (folder, text) not in known:
        known[folder, text] = _looked_up(text, Path(folder), entire)
    return known[folder, text]


def _top(books: Books) -> Path:
    """The folder that no path leaves."""
    if "evidence within" not in books.memo:
        home = home_of(books.root)
        books.memo["evidence within"] = home.path if home else books.base
    top: Path = books.memo["evidence within"]
    return top


def _looked_up(text: str, folder: Path, books: Books) -> Path | None:
    top = _top(books).resolve()
    start = folder.resolve()
    if Path(text).is_absolute() or not start.is_relative_to(top):
        return None
    for place in (start, *start.parents):
        path = (place / text).resolve()
        if path.is_relative_to(top) and books.has_file(path):
            return path
        if place == top:
            break
    return None


def has_evidence(txn: data.Transaction, books: Books, keys: Iterable[str] = KEYS) -> bool:
    """Whether the entry names a file that is there, or a document shares one of its links."""
    return bool(evidence(txn, books, keys)) or any(documents(txn, books))


def documents(txn: data.Transaction, books: Books) -> Iterator[data.Document]:
    """The document directives that share a link with the transaction, whose files are there.

    A paper that is only drafted (``status: "draft"``) is no evidence until it is signed.
    """
    for link in txn.links or ():
        for document in _by_link(books).get(link, ()):
            if document.meta.get("status") != "draft" and books.has_file(Path(document.filename)):
                yield document


def _by_link(books: Books) -> dict[str, list[data.Document]]:
    by_link: dict[str, list[data.Document]] | None = books.memo.get("documents by link")
    if by_link is None:
        by_link = books.memo["documents by link"] = {}
        for entry in books.standing:
            if isinstance(entry, data.Document):
                for link in entry.links or ():
                    by_link.setdefault(link, []).append(entry)
    return by_link
