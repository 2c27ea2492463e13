"""The lines of a PDF's text: words that stand at one height, from left to right.

A PDF knows no lines. Words whose tops differ by no more than a tolerance are taken as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.findings import UserError
from importers.confined import read_confined
from importers.pdf.words import words_of

TOLERANCE = 3
# A gap this wide, in points, looks like one between columns.
_COLUMN_GAP = 8


@dataclass(frozen=True)
class Word:
    """A word, and where it stands: points from the left and from the upper edge of its page."""

    text: str
    left: float
    right: float
    top: float


@dataclass(frozen=True)
class Line:
    """One line: its number in the document from 1, its page from 1, its words from the left."""

    number: int
    page: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with a blank between them: what the patterns of a template see."""
        return " ".join(word.text for word in self.words)

    @property
    def top(self) -> float:
        """How far its highest word stands below the upper edge of the page."""
        return min(word.top for word in self.words)


def pages_of(raw: bytes, shown: str) -> list[list[Word]]:
    """The words of each page. Raises RefusedFileError for a PDF without a text that can be read."""
    return [[Word(*word) for word in page] for page in read_confined(words_of, raw, shown)]


def lines_of(pages: Sequence[Sequence[Word]], tolerance: int = TOLERANCE) -> list[Line]:
    """All lines of the document, from the top of the first page to the end of the last."""
    found: list[Line] = []
    for number, page in enumerate(pages, 1):
        rows: list[list[Word]] = []
        for word in sorted(page, key=lambda word: (word.top, word.left)):
            if rows and word.top - rows[-1][0].top <= tolerance:
                rows[-1].append(word)
            else:
                rows.append([word])
        for row in rows:
            ordered = tuple(sorted(row, key=lambda word: word.left))
            found.append(Line(len(found) + 1, number, ordered))
    return found


def page_text(path: Path, shown: str) -> str:
    """What the owner needs who writes a template: every line, with the places of its columns.

    Raises RefusedFileError for a PDF without a text that can be read, UserError where it cannot be
    opened.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", file=shown) from error
    out: list[str] = []
    page = 0
    for line in lines_of(pages_of(raw, shown)):
        if line.page != page:
            page = line.page
            out.append(f"--- page {page}")
        out.append(f"{line.number:5}  {line.text}")
        places = " ".join(f"{left:.0f}-{right:.0f}" for left, right in _columns(line))
        out.append(f"       at {line.top:.0f}: {places}")
    return "\n".join(out) + "\n"


def _columns(line: Line) -> list[tuple[float, float]]:
    """Where the words stand that are close together, from left to right."""
    found = [(line.words[0].left, line.words[0].right)]
    for word in line.words[1:]:
        left, right = found[-1]
        if word.left - right > _COLUMN_GAP:
            found.append((word.left, word.right))
        else:
            found[-1] = (left, max(right, word.right))
    return found
