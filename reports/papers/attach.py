"""Evidence that metadata names, turned into ``document`` directives (DOMAIN K1).

``receipt: "documents/r.pdf"`` on an entry becomes a ``document`` directive of the entry's day with
its link, the file's SHA-256 and ``evidence: "receipt"``, which says what the file is to it; the
metadata line goes. An entry that shares its links with entries that the paper says nothing about
gets a link of its own.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from beancount.core import data

from core.entity import Entity
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet
from core.journal.edit import Edit
from core.journal.placement import placed
from core.journal.render import render
from plugins.veil.evidence import resolved
from reports.papers.affidavit import new_link

KEYS = ("receipt", "document", "resolution", "solvency", "agreement", "statement")
_AFFIDAVIT = "affidavit:"


def attached(home: Home, books: Books, entity: str = "") -> tuple[ChangeSet, list[str], int]:
    """The change that turns the paths of ``entity`` (empty: of all) into directives, remarks for a
    person, and how many paths there are. A path that leads to no file is left as it is and told."""
    blocks: list[tuple[Path, Entity, Block]] = []
    edits: list[Edit] = []
    remarks: list[str] = []
    hashes: dict[Path, str] = {}
    for txn in books.transactions:
        owners = books.registry.ents(txn)
        if len(owners) != 1 or (entity and owners != {entity}):
            continue
        found = dict(_paths(txn, books, remarks))
        if not found:
            continue
        owner = books.registry.entities[min(owners)]
        link = _own_link(txn, books)
        journal = Path(str(txn.meta["filename"])).relative_to(home.path.resolve())
        for key, path in found.items():
            if path not in hashes:
                hashes[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            blocks.append((journal, owner, _block(txn, key, path, hashes[path], link)))
        edits.append(Edit(txn, link=link, without=tuple(found)))
    files, more = placed(home, books, blocks, edits)
    return (
        ChangeSet("Attach evidence by document directives", tuple(files)),
        remarks + more,
        len(blocks),
    )


def _paths(txn: data.Transaction, books: Books, remarks: list[str]) -> Iterator[tuple[str, Path]]:
    """The files that the entry's metadata names, by key."""
    for key in KEYS:
        said = txn.meta.get(key)
        if not isinstance(said, str) or not said.strip():
            continue
        path = resolved(said, txn.meta, books)
        if path is not None:
            yield key, path
        else:
            file, line = books.where(txn)
            remarks.append(f"{file}:{line}: {key}: “{said}” leads to no file; it was left")


def _own_link(txn: data.Transaction, books: Books) -> str:
    """A link that stands for this entry: that of its pair, or one that no other entry carries, or a
    new one."""
    links = sorted(txn.links or ())
    pairs = [link for link in links if link.startswith("ic-")]
    alone = [link for link in links if len(books.by_link[link]) == 1]
    return next(iter((*pairs, *alone)), "") or new_link(txn, books)


def _block(txn: data.Transaction, key: str, path: Path, sha256: str, link: str) -> Block:
    said = str(txn.meta[key]).strip()
    kind = "affidavit" if said.startswith(_AFFIDAVIT) else key
    section = said.partition("#")[2].strip()
    journal = Path(str(txn.meta["filename"]))
    meta: dict[str, object] = {"evidence": kind, "sha256": sha256}
    if section:
        meta["section"] = section
    relative = Path(os.path.relpath(path, journal.parent)).as_posix()
    account = txn.postings[0].account
    return render(data.Document(meta, txn.date, account, relative, frozenset(), frozenset((link,))))
