"""A change to a home, computed but not applied: what the one door takes.

Every writer returns a ChangeSet; the door applies it. Dry run, diff and review come from the same
value. Entries go into a file in date order where the file is sorted and no ``pushtag`` or
``pushmeta`` region is open, else at its end. What a person wrote is never reformatted.
"""

import datetime as dt
import difflib
import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.findings import EXIT_FINDINGS, UserError
from core.journal.scan import Line, scan

_DATED = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)\s")
_REGION = re.compile(r"\s*(push|pop)(tag|meta)\b")
# A line of the entry above it: indented, and something is on it.
_BELONGS = re.compile(r"[ \t]+\S")


@dataclass(frozen=True)
class Block:
    """The text of one entry (several lines, no blank line at its ends), and its date."""

    date: dt.date
    text: str


@dataclass(frozen=True)
class FileChange:
    """One file's new content. ``before`` is what the change was computed from; None: no file.
    ``after`` is None where the file goes; a journal never does.

    ``path`` is relative to the home.
    """

    path: Path
    before: bytes | None
    after: bytes | None

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


def content(path: Path) -> bytes | None:
    """What a file says now; None where there is none.

    A change is computed from what was read once: read it a second time for the base, and what
    another writer put there in between would be overwritten unseen.
    """
    return path.read_bytes() if path.is_file() else None


def insert_blocks(text: str, blocks: Iterable[Block], shown: str = "") -> tuple[str, bool]:
    """``text``, of the file ``shown``, with the blocks in it, and whether they stand in date order.

    A block goes after the last entry of its day or an earlier one; blocks of one day keep the
    order they came in. Only lines are added: what a person wrote keeps every byte, save that a last
    line without an end gets one. Raises UserError where an open ``pushtag`` or ``pushmeta`` would
    give its tag to whatever follows.
    """
    ordered = sorted(blocks, key=lambda block: block.date)
    if not ordered:
        return text, True
    newline = "\r\n" if "\r\n" in text else "\n"
    raw = _physical_lines(text)
    if raw and not raw[-1].endswith("\n"):
        raw[-1] += newline
    lines = list(scan("".join(raw).replace("\r\n", "\n")))[: len(raw)]
    regions = _regions(lines, shown)
    spans = entry_spans(lines)
    dates = [span.date for span in spans]
    in_order = dates == sorted(dates)
    places: dict[int, list[str]] = {}
    for block in ordered:
        place = _place(block.date, spans, len(lines)) if in_order else len(lines)
        if any(first < place <= last for first, last in regions):
            in_order, place = False, len(lines)
        places.setdefault(place, []).append(block.text.replace("\n", newline) + newline)
    out: list[str] = []
    for index in range(len(raw) + 1):
        for block_text in places.get(index, ()):
            if out and out[-1].strip():
                out.append(newline)
            out.append(block_text)
        if index < len(raw):
            if index in places and raw[index].strip():
                out.append(newline)
            out.append(raw[index])
    return "".join(out), in_order


@dataclass(frozen=True)
class Span:
    """An entry's date and its lines, from the comments right above it to the line after it."""

    date: dt.date
    first: int
    end: int


def _place(day: dt.date, spans: Sequence[Span], at_end: int) -> int:
    """The index of the line before which an entry of ``day`` goes."""
    after = bisect_right(spans, day, key=lambda span: span.date)
    if after:
        return spans[after - 1].end
    return spans[0].first if spans else at_end


def _physical_lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends one, as in Beancount."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def entry_spans(lines: Sequence[Line]) -> list[Span]:
    """Each entry's lines; comments right above an entry belong to it."""
    spans = []
    for index, line in enumerate(lines):
        match = None if line.inside else _DATED.match(line.code)
        if not match:
            continue
        try:
            day = dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
        first, end = index, index + 1
        while first and lines[first - 1].is_comment:
            first -= 1
        while end < len(lines) and (lines[end].inside or _BELONGS.match(lines[end].text)):
            end += 1
        spans.append(Span(day, first, end))
    return spans


def _regions(lines: Sequence[Line], shown: str) -> list[tuple[int, int]]:
    """The line spans between a ``push`` and the ``pop`` that closes it."""
    regions: list[tuple[int, int]] = []
    opened: list[int] = []
    for index, line in enumerate(lines):
        match = None if line.inside else _REGION.match(line.code)
        if match and match[1] == "push":
            opened.append(index)
        elif match and opened:
            regions.append((opened.pop(), index))
    if opened:
        raise UserError(
            "this push is never closed, and would mark whatever is added below it",
            file=shown,
            line=opened[0] + 1,
            hint="close it with a poptag or popmeta line, then run the command again",
            code=EXIT_FINDINGS,
        )
    return regions


def _file_diff(change: FileChange) -> str:
    if "documents" in change.path.parts:  # evidence is read where it lies, and may be no text
        return f"+++ b/{change.path.as_posix()} ({len(change.after or b''):,} bytes)\n"
    before = (change.before or b"").decode("utf-8", "replace").splitlines(keepends=True)
    after = (change.after or b"").decode("utf-8", "replace").splitlines(keepends=True)
    old = "/dev/null" if change.before is None else f"a/{change.path.as_posix()}"
    new = "/dev/null" if change.after is None else f"b/{change.path.as_posix()}"
    lines = difflib.unified_diff(before, after, old, new)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
