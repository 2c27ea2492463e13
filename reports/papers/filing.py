"""Papers on their way into the books: the PDF below ``documents/`` and its ``document`` directive.

``ledger/<folder>/documents/<kind>/<date>-<form>-<slug>.pdf``; the directive carries the links of
the entries, the file's SHA-256, the form's number, and ``status: "draft"``. A paper that is there
and says the same is left alone. One that says something else is written again only when that is
asked for, and only while it is the draft that was written: a signed paper is never replaced.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from beancount.core import data

from core.entity import Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet, FileChange, content
from core.journal.edit import Edit
from core.journal.placement import as_read, month_file, placed
from core.journal.render import render
from core.journal.working import WorkingCopy
from reports.papers.drafted import Attachment, Drafted
from reports.papers.paper import Paper
from reports.papers.pdf import pdf, unprintable

DRAFT = "draft"


def filed(
    home: Home, books: Books, drafts: Sequence[Drafted], *, replace: bool = False
) -> tuple[ChangeSet, list[str]]:
    """The change that files the papers and attaches them, and remarks for a person; a change
    without files where all of it is there already.

    Raises UserError where a paper stands there that says something else, unless ``replace``.
    """
    papers, blocks, edits, hashes, remarks = _gathered(home, books, drafts, replace=replace)
    files, more = placed(home, books, blocks, edits)
    files = _rehashed(home, books, files, hashes)
    title = drafts[0].paper.title if drafts else "nothing"
    return ChangeSet(f"Draft: {title}", (*papers, *files)), [*remarks, *more]


def filed_with(
    change: ChangeSet, copy: WorkingCopy, books: Books, drafts: Sequence[Drafted]
) -> tuple[ChangeSet, list[str]]:
    """The change with papers about the entries that it books, as one; and remarks for a person.

    ``copy`` holds the change, ``books`` are read from it.
    """
    papers, blocks, edits, _, remarks = _gathered(copy.home, books, drafts, replace=False)
    files = copy.with_entries(blocks, edits).change(change.message).files
    return ChangeSet(change.message, (*papers, *files)), remarks


def _gathered(
    home: Home, books: Books, drafts: Sequence[Drafted], *, replace: bool
) -> tuple[
    list[FileChange],
    list[tuple[Path, Entity, Block]],
    list[Edit],
    dict[tuple[Path, str], str],
    list[str],
]:
    """The papers' files, the directives that attach them, edits of the entries, for each journal
    and hash of what is replaced the new hash, and remarks."""
    blocks: list[tuple[Path, Entity, Block]] = []
    edits: list[Edit] = []
    papers: list[FileChange] = []
    hashes: dict[tuple[Path, str], str] = {}
    remarks: list[str] = []
    for draft in drafts:
        path, made = place(books, draft.paper), pdf(draft.paper)
        sha256 = hashlib.sha256(made).hexdigest()
        known = _attached(books, home, path)
        before = content(home.path / path)
        if before is not None and before != made:
            _may_replace(path, before, known, draft.links, asked=replace)
            hashes |= {(_journal(home, e), str(e.meta["sha256"])): sha256 for e in known.values()}
        if before != made:
            papers.append(FileChange(path, before, made))
        missing = [a for a in draft.attachments if a.entity not in known]
        blocks += [_directive(home, books, draft, each, path, sha256) for each in missing]
        edits += [Edit(txn, link=min(draft.links)) for txn in draft.unlinked]
        remarks += _remarks(draft, path) if before != made else ()
    return papers, blocks, edits, hashes, remarks


def place(books: Books, paper: Paper) -> Path:
    """Where a paper is kept, relative to the home."""
    folder = books.registry.entities[paper.entity].folder
    name = f"{paper.date}-{_clean(paper.form)}-{_clean(paper.slug)}.pdf"
    return Path("ledger", folder, "documents", paper.kind, name)


def _clean(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "paper"


def _attached(books: Books, home: Home, path: Path) -> dict[str, data.Document]:
    """The directives that name the file already, by entity."""
    full = (home.path / path).resolve()
    return {
        books.registry.ent(entry.account) or "": entry
        for entry in books.standing
        if isinstance(entry, data.Document) and Path(entry.filename).resolve() == full
    }


def _may_replace(
    path: Path,
    before: bytes,
    known: dict[str, data.Document],
    links: frozenset[str],
    *,
    asked: bool,
) -> None:
    drafted = hashlib.sha256(before).hexdigest()
    ours = known and all(
        e.meta.get("sha256") == drafted
        and e.meta.get("status") == DRAFT
        and links & (e.links or frozenset())
        for e in known.values()
    )
    if not ours:
        raise UserError(
            "is there already and is not the draft that was written, perhaps the signed paper; it "
            "is not replaced",
            file=path.as_posix(),
            hint="draft another with --date, or move the file away first",
            code=EXIT_FINDINGS,
        )
    if not asked:
        raise UserError(
            "is there already, and the books say something else by now",
            file=path.as_posix(),
            hint="--replace drafts it again",
            code=EXIT_FINDINGS,
        )


def _directive(
    home: Home, books: Books, draft: Drafted, to: Attachment, path: Path, sha256: str
) -> tuple[Path, Entity, Block]:
    entity = books.registry.entities[to.entity]
    date = draft.paper.date
    journal = month_file(entity, date)
    if to.txn is not None and (to.txn.date.year, to.txn.date.month) == (date.year, date.month):
        journal = _journal(home, to.txn)
    relative = Path(os.path.relpath(path, journal.parent)).as_posix()
    meta: dict[str, object] = {"form": draft.paper.form, "status": DRAFT, "sha256": sha256}
    entry = data.Document(meta, date, to.account, relative, frozenset(), draft.links)
    return journal, entity, render(entry)


def _journal(home: Home, entry: data.Directive) -> Path:
    """The file that the entry stands in, relative to the home."""
    return Path(str(entry.meta["filename"])).relative_to(home.path.resolve())


def _rehashed(
    home: Home, books: Books, files: list[FileChange], hashes: dict[tuple[Path, str], str]
) -> list[FileChange]:
    """The files with the new hashes of papers that are written again."""
    by_path = {file.path: file for file in files}
    for (path, old), new in hashes.items():
        if path in by_path:
            before, after = by_path[path].before, by_path[path].after
        else:
            before = after = as_read(home, books, path) or b""
        by_path[path] = FileChange(path, before, (after or b"").replace(old.encode(), new.encode()))
    return list(by_path.values())


def _remarks(draft: Drafted, path: Path) -> list[str]:
    remarks = [f"{path.as_posix()} is a draft: it counts for nothing until it is signed"]
    missing = unprintable(draft.paper)
    if missing:
        remarks.append(
            f"{path.name}: its fonts lack “{missing}”, or may join them wrongly; where the paper "
            "shows them so, write them by hand"
        )
    return [*remarks, *draft.remarks]
