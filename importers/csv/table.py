"""The table in a CSV file: its text, its rows, the header a profile knows, the rows beneath.

What is damaged here (an open quote, a row too long or cut off) moves cells to other columns, so it
refuses the whole file, with the line.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from charset_normalizer import from_bytes

from importers.csv.profile import Profile
from importers.statement import RefusedFileError

MAX_BYTES = 50_000_000
MAX_FIELD = 131_072
# A header row comes early: a preamble is a summary, not a second statement.
_HEADER_WITHIN = 60
# A row of a table has more in it than a remark beneath one.
_CELLS_OF_A_ROW = 4
_AGAIN = "correct the row, or download the file again"


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, its cells by column, and whether it ends before the header."""

    line: int
    cells: Mapping[str, str]
    is_short: bool = False

    def get(self, column: str) -> str:
        """The stripped cell of a column; empty where the column or the cell is missing."""
        return self.cells.get(column, "").strip() if column else ""


@dataclass(frozen=True)
class Table:
    """The rows beneath the header, and all the lines of the file for what stands around them.

    ``beyond`` is the line that ends the table where another table with rows of its own follows;
    else 0.
    """

    rows: tuple[Row, ...]
    lines: tuple[str, ...]
    beyond: int = 0


def text_of(raw: bytes, encoding: str, shown: str) -> str:
    """The text of a file: a byte order mark first, then the declared encoding, then a guess.

    Raises RefusedFileError for a file that is too large, or no text.
    """
    if len(raw) > MAX_BYTES:
        raise RefusedFileError("is larger than 50 MB; export a shorter period", file=shown)
    text = _decoded(raw, encoding, shown)
    if "\0" in text:
        raise RefusedFileError(
            "holds NUL bytes: this is no text",
            file=shown,
            line=text.count("\n", 0, text.index("\0")) + 1,
            hint="download it from the bank again, as CSV",
        )
    return text


def _decoded(raw: bytes, encoding: str, shown: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as error:
            raise RefusedFileError(
                "begins as UTF-16 and is not",
                file=shown,
                line=1,
                hint="download it from the bank again",
            ) from error
    if b"\0" in raw:
        return raw.decode("latin-1")
    for name in ("utf-8-sig", encoding):
        try:
            return raw.decode(name)
        except UnicodeError:
            continue
    guess = from_bytes(raw).best()
    return str(guess) if guess else raw.decode("cp1252", "replace")


def rows_of(text: str, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row. Raises RefusedFileError where quotes do not close, or a
    field has no end."""
    csv.field_size_limit(MAX_FIELD)
    # Not strict, a quote that is never closed would swallow the rest of the file as one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RefusedFileError(
            f"is no CSV here: {error}; nothing of the file was used",
            file=shown,
            line=line,
            hint=_AGAIN,
        ) from error


def header_line(text: str, profile: Profile, shown: str) -> int:
    """The line of the profile's header row, or of the first row that has its shape; else 0."""
    first = 0
    for count, (line, cells) in enumerate(rows_of(text, profile.delimiter, shown)):
        if count > _HEADER_WITHIN:
            break
        stripped = [cell.strip() for cell in cells]
        if profile.matches(stripped) and _has_preamble(text, line, profile):
            return line
        if profile.shape and any(stripped):
            if not profile.fits(stripped):
                return 0
            first = first or line
    return first


def _has_preamble(text: str, line: int, profile: Profile) -> bool:
    above = "\n".join(text.splitlines()[: line - 1]) if profile.preamble else ""
    return bool(re.search(profile.preamble, above))


def read_table(text: str, profile: Profile, shown: str) -> Table:
    """The rows beneath the profile's header, down to its end marker.

    Raises RefusedFileError for a row with more in it than the header has columns.
    """
    header = list(profile.header) if profile.shape else []
    rows: list[Row] = []
    ended = beyond = 0
    for line, cells in rows_of(text, profile.delimiter, shown):
        if ended:
            beyond = ended if sum(map(bool, cells)) > _CELLS_OF_A_ROW else beyond
            continue
        stripped = [cell.strip() for cell in cells]
        if not header:
            header = stripped if profile.matches(stripped) else []
            continue
        first = next((cell for cell in stripped if cell), "")
        if profile.end and re.match(profile.end, first):
            ended = line
            continue
        if not first:
            continue
        row = _row(line, header, stripped, shown)
        if rows and _goes_on(row, profile):
            rows[-1] = _joined(rows[-1], row, profile.continues)
        else:
            rows.append(row)
    return Table(tuple(rows), tuple(text.splitlines()), beyond)


def _goes_on(row: Row, profile: Profile) -> bool:
    """Whether a row says nothing but more of the text of the row above it."""
    return {column for column, cell in row.cells.items() if cell} == {profile.continues}


def _joined(row: Row, more: Row, column: str) -> Row:
    cells = {**row.cells, column: f"{row.get(column)}\n{more.get(column)}"}
    return Row(row.line, cells, row.is_short)


def _row(line: int, header: list[str], cells: list[str], shown: str) -> Row:
    if any(cells[len(header) :]):
        raise RefusedFileError(
            f"has {len(cells)} cells beneath {len(header)} columns, so that it is not sure which "
            "is which; nothing of the file was used",
            file=shown,
            line=line,
            hint="put a text with the separator in it into quotes, or download the file again",
        )
    named: dict[str, str] = {}
    for column, cell in zip(header, cells, strict=False):
        if column:  # of two columns with one name the first counts; what has no name is dropped
            named.setdefault(column, cell)
    return Row(line, named, is_short=any(header[len(cells) :]))
