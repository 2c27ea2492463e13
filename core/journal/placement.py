"""Where each entry stands: a transaction of entity X only below ``ledger/<folder of X>/``.

The folder is what reviewers and access rules hold on to. New entries go into the month file
``ledger/<folder>/<year>/<year>-<month>.beancount``.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.entity import Entity
from core.findings import Finding, Severity
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, FileChange, change_file, insert_blocks


def month_file(entity: Entity, day: dt.date) -> Path:
    """Where an entity's entries of a month stand, relative to the home."""
    return Path("ledger", entity.folder, f"{day:%Y}", f"{day:%Y-%m}.beancount")


def accounts_file(entity: Entity) -> Path:
    """Where an entity's accounts are opened, relative to the home."""
    return Path("ledger", entity.folder, "accounts.beancount")


def placed(
    home: Home, blocks: Iterable[tuple[Path, Entity, Block]]
) -> tuple[list[FileChange], list[str]]:
    """The file changes that put the blocks into their files, and remarks for a person.

    A file that does not exist yet begins with a line that says whose month it is.
    """
    wanted: dict[Path, list[Block]] = {}
    headings: dict[Path, str] = {}
    for path, entity, block in blocks:
        wanted.setdefault(path, []).append(block)
        headings[path] = f";; {entity.legal_name or entity.name}, {block.date:%B %Y}\n"
    files, remarks = [], []
    for path, new in sorted(wanted.items()):
        full = home.path / path
        # bytes, so that a person's line ends stay as they are
        text = full.read_bytes().decode() if full.is_file() else headings[path]
        after, in_order = insert_blocks(text, new, path.as_posix())
        if not in_order:
            remarks.append(
                f"{path.as_posix()} is not in date order or has an open pushtag; "
                "the new entries stand at its end"
            )
        files.append(change_file(home.path, path, after))
    return files, remarks


def misplaced(books: Books, home: Home) -> Iterator[Finding]:
    """A LINT-PATH finding for each transaction below another entity's folder, or none's."""
    folders = {name: home.ledger / e.folder for name, e in books.registry.entities.items()}
    inside: dict[tuple[str, str], bool] = {}  # a file holds thousands of entries: ask once
    for txn in books.transactions:
        entities = books.registry.ents(txn)
        if len(entities) != 1:
            continue  # none: LINT-ENTITY says so; several: VEIL-001 does
        (entity,) = entities
        file = str(txn.meta.get("filename", ""))
        if (entity, file) not in inside:
            below = Path(file).is_relative_to(folders[entity])
            inside[entity, file] = below or file.startswith("<")
        if inside[entity, file]:
            continue
        shown, line = books.where(txn)
        folder = folders[entity].relative_to(books.base).as_posix()
        yield Finding(
            "LINT-PATH",
            Severity.ERROR,
            f"a transaction of {entity} stands outside {folder}/; move it to "
            f"{month_file(books.registry.entities[entity], txn.date).as_posix()}",
            factor="Commingling",
            entities=(entity,),
            date=txn.date,
            file=shown,
            line=line,
        )
