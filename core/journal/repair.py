"""A finding's cure as a change: its directives put where they belong, shown before it is done.

Three kinds of cure: new directives go into the month files of their entities; directives that
replace the entry found take its place there; metadata lines join the entry.
"""

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from beancount.core import data
from beancount.parser import parser

from core.entity import Entity
from core.findings import Finding, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet, FileChange
from core.journal.placement import accounts_file, as_read, month_file, placed
from core.journal.scan import scan

_DATED = re.compile(r"\d{4}-\d\d-\d\d\s")


def repair(finding: Finding, *, home: Home, books: Books) -> tuple[ChangeSet, list[str]]:
    """The change that mends ``finding``, and remarks for a person.

    Raises UserError where the cure is a decision or needs facts that only the owner has.
    """
    fix = "\n".join(line for line in finding.fix.splitlines() if not line.startswith(";"))
    if not fix.strip():
        raise UserError(
            f"{finding.code} has no cure that can be computed",
            hint=finding.fix or "the message says what to do; mend it in the file",
        )
    if not any(_DATED.match(line) for line in fix.splitlines()):
        change = _with_metadata(finding, fix, books, home)
        return ChangeSet(f"Mend {finding.code} at {finding.file}:{finding.line}", (change,)), []
    blocks = placed_blocks(fix, books)
    if not finding.fix_replaces:
        files, remarks = placed(home, books, blocks)
    else:
        here = Path(finding.file)
        instead = [block for path, _, block in blocks if path == here]
        files, remarks = placed(home, books, [each for each in blocks if each[0] != here])
        files.append(_replaced(finding, instead, books, home))
    return ChangeSet(f"Mend {finding.code} at {finding.file}:{finding.line}", tuple(files)), remarks


def placed_blocks(text: str, books: Books) -> list[tuple[Path, Entity, Block]]:
    """The dated directives of a text, each with the file and the entity that it belongs to."""
    return [(_place(block, books), *_owner(block, books)) for block in _blocks(text)]


def _blocks(fix: str) -> list[Block]:
    """The dated directives of the fix, each with its own lines."""
    groups: list[list[str]] = []
    for line in fix.splitlines():
        if _DATED.match(line):
            groups.append([line])
        elif groups and line.strip():
            groups[-1].append(line.rstrip())
    return [Block(dt.date.fromisoformat(g[0][:10]), "\n".join(g)) for g in groups]


def _owner(block: Block, books: Books) -> tuple[Entity, Block]:
    entries, errors, _ = parser.parse_string(block.text)
    if errors or not entries:
        raise UserError("the cure is a template; complete it and put it into the file by hand")
    entry = entries[0]
    accounts = (
        [p.account for p in entry.postings]
        if isinstance(entry, data.Transaction)
        else [getattr(entry, "account", "")]
    )
    for account in accounts:
        name = books.registry.ent(account)
        if name and books.registry.entities[name].books:
            return books.registry.entities[name], block
    raise UserError("the cure belongs to no entity that keeps books here; write it by hand")


def _place(block: Block, books: Books) -> Path:
    entity, _ = _owner(block, books)
    is_open = re.match(r"\S+\s+(open|close)\s", block.text)
    return accounts_file(entity) if is_open else month_file(entity, block.date)


def _entry_lines(finding: Finding, before: bytes | None) -> tuple[list[str], int, int]:
    """The file's lines, and where the entry found begins and ends."""
    if not finding.line or before is None:
        raise UserError("the entry to mend is in no file", hint="mend it by hand")
    text = before.decode().replace("\r\n", "\n")
    lines = list(scan(text))
    start = finding.line - 1
    end = start + 1
    while end < len(lines) and (lines[end].inside or lines[end].text[:1] in {" ", "\t"}):
        end += 1
    return [line.text for line in lines], start, end


def _with_metadata(finding: Finding, fix: str, books: Books, home: Home) -> FileChange:
    before = as_read(home, books, Path(finding.file))
    lines, start, _ = _entry_lines(finding, before)
    added = [f"  {line.strip()}" for line in fix.splitlines() if line.strip()]
    text = "\n".join([*lines[: start + 1], *added, *lines[start + 1 :]])
    return _change(Path(finding.file), before, text)


def _replaced(finding: Finding, instead: Sequence[Block], books: Books, home: Home) -> FileChange:
    """The file with the blocks where the entry found stood: comments above it stay above them."""
    before = as_read(home, books, Path(finding.file))
    lines, start, end = _entry_lines(finding, before)
    new = "\n\n".join(block.text for block in instead).split("\n") if instead else []
    while not new and end < len(lines) and start and not (lines[end] + lines[start - 1]).strip():
        end += 1  # the entry goes: one blank line between its neighbours is enough
    return _change(Path(finding.file), before, "\n".join([*lines[:start], *new, *lines[end:]]))


def _change(path: Path, before: bytes | None, text: str) -> FileChange:
    if before and b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    return FileChange(path, before, text.encode())
