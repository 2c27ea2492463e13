"""A draft that was signed: its scan is kept beside it and attached where the draft is attached.

File name and directives are of the day of the signature: a consent signed late is evidence of that
day, and of none before.
"""

import datetime as dt
import hashlib
import os
import re
from pathlib import Path

from beancount.core import data

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet, FileChange, content
from core.journal.placement import month_file, placed
from core.journal.render import render

_DATED = re.compile(r"^\d{4}-\d\d-\d\d-")
_SUFFIXES = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")


def signed(home: Home, books: Books, name: str, scan: Path, day: dt.date) -> ChangeSet:
    """The change that keeps ``scan`` as the signed paper of the draft ``name`` (its file name
    or path), signed on ``day``; without files where it is kept already.

    Raises UserError where there is no such draft, or the scan cannot be what it is given as.
    """
    drafts = [
        entry
        for entry in books.standing
        if isinstance(entry, data.Document)
        and entry.meta.get("status") == "draft"
        and Path(entry.filename).name == Path(name).name
    ]
    if not drafts:
        raise UserError(
            f"no draft is called '{Path(name).name}'",
            hint="give the file name of a paper that 'books veil document' has drafted",
        )
    made = _read(scan)
    sha256 = hashlib.sha256(made).hexdigest()
    if any(entry.meta.get("sha256") == sha256 for entry in drafts):
        raise UserError("is the draft itself, nobody has signed it", file=str(scan))
    draft = Path(drafts[0].filename)
    slug = _DATED.sub("", draft.stem)
    path = draft.with_name(f"{day}-{slug}-signed{scan.suffix.lower()}")
    path = path.resolve().relative_to(home.path.resolve())
    before = content(home.path / path)
    if before is not None and before != made:
        raise UserError(
            "is there already and is another file; a signed paper is never replaced",
            file=path.as_posix(),
            hint="move it away first",
        )
    known = {
        (entry.account, entry.meta.get("sha256"))
        for entry in books.standing
        if isinstance(entry, data.Document)
    }
    blocks = []
    for entry in drafts:
        if (entry.account, sha256) in known:
            continue
        entity = books.registry.entities[books.registry.ent(entry.account) or ""]
        journal = month_file(entity, day)
        relative = Path(os.path.relpath(path, journal.parent)).as_posix()
        meta: dict[str, object] = {"form": entry.meta["form"], "sha256": sha256}
        directive = data.Document(meta, day, entry.account, relative, frozenset(), entry.links)
        blocks.append((journal, entity, render(directive)))
    files, _ = placed(home, books, blocks)
    papers = () if before == made else (FileChange(path, before, made),)
    return ChangeSet(f"Signed: {draft.name}", (*papers, *files))


def _read(scan: Path) -> bytes:
    if scan.suffix.lower() not in _SUFFIXES:
        raise UserError("is no scan of a paper", file=str(scan), hint=" or ".join(_SUFFIXES))
    found = content(scan.expanduser())
    if not found:
        raise UserError("there is no such file, or nothing in it", file=str(scan))
    return found
