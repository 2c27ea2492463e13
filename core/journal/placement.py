"""Where each entry stands: a transaction of entity X only below ``ledger/<folder of X>/``.

The folder is what reviewers and access rules hold on to. New entries go into the month file
``ledger/<folder>/<year>/<year>-<month>.beancount``.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from beancount.core import data

from core.entity import Entity
from core.findings import EXIT_FINDINGS, Finding, Severity, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, FileChange, content, insert_blocks
from core.journal.edit import Edit, cut_out, edited, one_for_each


def month_file(entity: Entity, day: dt.date) -> Path:
    """Where an entity's entries of a month stand, relative to the home."""
    return _month_file(entity.folder, day.year, day.month)


@cache  # asked for each of a hundred thousand lines
def _month_file(folder: str, year: int, month: int) -> Path:
    return Path("ledger", folder, f"{year:04}", f"{year:04}-{month:02}.beancount")


def accounts_file(entity: Entity) -> Path:
    """Where an entity's accounts are opened, relative to the home."""
    return Path("ledger", entity.folder, "accounts.beancount")


def placed(
    home: Home,
    books: Books,
    blocks: Iterable[tuple[Path, Entity, Block]],
    edits: Iterable[Edit] = (),
) -> tuple[list[FileChange], list[str]]:
    """The file changes that put the blocks into their files and change the transactions that are
    there; and remarks for a person.

    A file that does not exist yet begins with a line that says whose month it is. Raises UserError
    where a file is no longer what ``books`` were read from.
    """
    changed: dict[Path, list[Edit]] = {}
    for edit in edits:
        path = Path(str(edit.txn.meta["filename"])).relative_to(home.path.resolve())
        changed.setdefault(path, []).append(edit)
    wanted: dict[Path, list[Block]] = {}
    headings: dict[Path, str] = {}
    moved = list(_moved(home, books, changed))
    for path, entity, block in (*blocks, *moved):
        wanted.setdefault(path, []).append(block)
        headings[path] = f";; {entity.legal_name or entity.name}, {block.date:%B %Y}\n"
    files, remarks = [], []
    for path in sorted({*wanted, *changed}):
        before = as_read(home, books, path)
        text = headings[path] if before is None else before.decode()
        text = edited(text, changed.get(path, ()), path.as_posix())
        after, in_order = insert_blocks(text, wanted.get(path, ()), path.as_posix())
        if not in_order:
            remarks.append(
                f"{path.as_posix()} is not in date order or has an open pushtag; "
                "the new entries stand at its end"
            )
        files.append(FileChange(path, before, after.encode()))
    return files, remarks


def _moved(
    home: Home, books: Books, changed: dict[Path, list[Edit]]
) -> Iterator[tuple[Path, Entity, Block]]:
    """The transactions that get another date, as blocks for where that day stands; in ``changed``
    they are taken out. One that stands in its month file goes into the other month's."""
    for path, edits in changed.items():
        if not any(edit.date for edit in edits):
            continue
        text = (as_read(home, books, path) or b"").decode()
        changed[path] = one_for_each(edits)
        for place, edit in enumerate(changed[path]):
            if edit.date is None:
                continue
            entity = books.registry.entities[min(books.registry.ents(edit.txn))]
            in_month = path == month_file(entity, edit.txn.date)
            block = Block(edit.date, cut_out(text, edit, path.as_posix()))
            yield month_file(entity, edit.date) if in_month else path, entity, block
            changed[path][place] = Edit(edit.txn, instead="")


def as_read(home: Home, books: Books, path: Path) -> bytes | None:
    """The content of a journal (relative to the home) that ``books`` were read from; None: no file.

    Raises UserError where it says something else by now: what was decided from the books, such as
    that a bank line is new, may be wrong. So it does where the file could not be read.
    """
    full = (home.path / path).resolve()
    before = content(full)
    now = None if before is None else hashlib.sha256(before).hexdigest()
    unread = next((f for f in books.findings if f.file == path.as_posix()), None)
    if unread is not None and before is not None and full not in books.files:
        raise UserError(unread.message, file=unread.file, line=unread.line, code=EXIT_FINDINGS)
    if now != books.files.get(full):
        raise UserError(
            "has changed since the books were read; nothing was written",
            file=path.as_posix(),
            hint="run the command again",
            code=EXIT_FINDINGS,
        )
    return before


def misplaced(
    transactions: Iterable[data.Transaction], books: Books, home: Home
) -> Iterator[Finding]:
    """A LINT-PATH finding for each transaction below another entity's folder, or none's."""
    folders = {name: home.ledger / e.folder for name, e in books.registry.entities.items()}
    inside: dict[tuple[str, str], bool] = {}  # a file holds thousands of entries: ask once
    for txn in transactions:
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
