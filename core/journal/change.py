"""A change to a home, computed but not applied: what the one door takes.

Every writer returns a ChangeSet; the door applies it. Dry run, diff and review come from the same
value. Entries go into a file in date order where the file is sorted and no ``pushtag`` or
``pushmeta`` region is open, else at its end. What a person wrote is never reformatted.
"""

import datetime as dt
import difflib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.journal.scan import Line, scan

_DATED = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)\s")
_REGION = re.compile(r"\s*(push|pop)(tag|meta)\b")


@dataclass(frozen=True)
class Block:
    """The text of one entry (several lines, no blank line at its ends), and its date."""

    date: dt.date
    text: str


@dataclass(frozen=True)
class FileChange:
    """One file's new content. ``before`` is what the change was computed from; None: no file.

    ``path`` is relative to the home.
    """

    path: Path
    before: bytes | None
    after: bytes

    @property
    def base(self) -> str | None:
        """The hash that the file must still have when the change is applied."""
        return None if self.before is None else hashlib.sha256(self.before).hexdigest()


@dataclass(frozen=True)
class ChangeSet:
    """Several files' new contents, applied together, and the reason in one line."""

    message: str
    files: tuple[FileChange, ...]

    def effective(self) -> "ChangeSet":
        """Without the files that would stay as they are."""
        return ChangeSet(self.message, tuple(f for f in self.files if f.before != f.after))

    def diff(self) -> str:
        """A unified diff of everything."""
        return "".join(_file_diff(change) for change in self.files)


def change_file(home: Path, path: Path, after: str) -> FileChange:
    """The change that makes ``path`` (relative to ``home``) say ``after``."""
    full = home / path
    before = full.read_bytes() if full.is_file() else None
    return FileChange(path, before, after.encode())


def insert_blocks(text: str, blocks: Iterable[Block]) -> tuple[str, bool]:
    """``text`` with the blocks in it, and whether they stand in date order.

    Blocks of one day keep the order they came in, after what is there already.
    """
    ordered = sorted(blocks, key=lambda block: block.date)
    if not ordered:
        return text, True
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = list(scan(text.replace("\r\n", "\n")))
    starts = _entry_starts(lines)
    dates = [day for day, _ in starts]
    in_order = dates == sorted(dates) and not any(
        not line.inside and _REGION.match(line.code) for line in lines
    )
    if not in_order:
        starts = []
    out: list[str] = []
    pending = list(ordered)
    where = {index: day for day, index in starts}
    for index, line in enumerate(lines):
        if index in where:
            while pending and pending[0].date < where[index]:
                _append(out, pending.pop(0).text)
                out.append("")
        out.append(line.text)
    for block in pending:
        _append(out, block.text)
    while out and not out[-1].strip():
        out.pop()
    return newline.join("\n".join(out).split("\n")) + newline, in_order


def _append(out: list[str], text: str) -> None:
    """The block after exactly one blank line."""
    while out and not out[-1].strip():
        out.pop()
    if out:
        out.append("")
    out.append(text)


def _entry_starts(lines: Sequence[Line]) -> list[tuple[dt.date, int]]:
    """Date and index of each entry's first line; comments right above an entry belong to it."""
    starts = []
    for index, line in enumerate(lines):
        match = None if line.inside else _DATED.match(line.code)
        if not match:
            continue
        try:
            day = dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
        first = index
        while first and lines[first - 1].is_comment:
            first -= 1
        starts.append((day, first))
    return starts


def _file_diff(change: FileChange) -> str:
    before = (change.before or b"").decode("utf-8", "replace").splitlines(keepends=True)
    after = change.after.decode("utf-8", "replace").splitlines(keepends=True)
    old = "/dev/null" if change.before is None else f"a/{change.path.as_posix()}"
    lines = difflib.unified_diff(before, after, old, f"b/{change.path.as_posix()}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
