"""The table in a CSV file that no profile knows: where it begins and ends, and what divides it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from charset_normalizer import from_bytes

from importers.csv.contents import formats_of, looks_like_amount
from importers.csv.table import rows_of, text_of
from importers.csv.words import PENDING, plain
from importers.statement import RefusedFileError

_DELIMITERS = (",", ";", "\t", "|")
_HEADER_WITHIN = 60


@dataclass(frozen=True)
class Sheet:
    """A file taken apart.

    ``header`` is empty where the file has none, and ``header_line`` 0; ``rows`` are the table's
    rows, each its line in the file and its stripped cells, as many as there are columns; ``above``
    and ``below`` are the rows around the table; ``undated`` are those beneath the header that have
    no date; ``continued`` the lines, and the columns, that only go on with a text.
    """

    raw: bytes
    text: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    above: tuple[tuple[str, ...], ...]
    below: tuple[tuple[str, ...], ...]
    undated: tuple[tuple[str, ...], ...] = ()
    continued: tuple[tuple[int, int], ...] = ()

    def column(self, index: int) -> list[str]:
        """The filled cells of a column."""
        return [cells[index] for _, cells in self.rows if cells[index]]


def sniffed(raw: bytes, shown: str) -> Sheet:
    """The file as a table. Raises RefusedFileError where no row has a date and an amount, or a row
    within the table says nothing that is understood."""
    encoding = _encoding(raw)
    text = text_of(raw, encoding, shown)
    delimiter = _delimiter(text, shown)
    rows = [
        (line, stripped)
        for line, cells in rows_of(text, delimiter, shown)
        if any(stripped := tuple(cell.strip() for cell in cells))
    ]
    data = [i for i, (_, cells) in enumerate(rows) if _is_data(cells)]
    if not data:
        raise RefusedFileError(
            "no row has a date and an amount", file=shown, hint="is it a statement?"
        )
    first, last = data[0], data[-1]
    top = _header_above(rows, first)
    header = _named(rows[top][1]) if top is not None else ()
    width = len(header) or max(len(rows[i][1]) for i in data)
    while last + 1 < len(rows) and (
        _is_pending(rows[last + 1][1], width) or _only_goes_on(rows[last + 1][1])
    ):
        last += 1
    table: list[tuple[int, tuple[str, ...]]] = []
    continued: list[tuple[int, int]] = []
    for line, cells in rows[first : last + 1]:
        if _is_data(cells) or _is_pending(cells, width):
            table.append((line, (*cells, *[""] * width)[:width]))
        elif _only_goes_on(cells):
            continued.append((line, next(i for i, cell in enumerate(cells) if cell)))
        else:
            raise RefusedFileError(
                "stands among the transactions and is none; what it means cannot be told",
                file=shown,
                line=line,
                hint="a profile written by hand may leave such rows out ('skip', 'require')",
            )
    above = rows[: top if top is not None else first]
    return Sheet(
        raw,
        text,
        encoding,
        delimiter,
        header,
        rows[top][0] if top is not None else 0,
        tuple(table),
        tuple(cells for _, cells in above),
        tuple(cells for _, cells in rows[last + 1 :]),
        tuple(cells for _, cells in rows[top + 1 : first]) if top is not None else (),
        tuple(continued),
    )


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-8"
    with suppress(UnicodeDecodeError):
        raw.decode("utf-8-sig")
        return "utf-8"
    guess = from_bytes(raw).best()
    return guess.encoding if guess else "cp1252"


def _delimiter(text: str, shown: str) -> str:
    """The character that divides most rows into the same number of cells, and into most."""
    best = (0, ",")
    for delimiter in _DELIMITERS:
        widths: Counter[int] = Counter()
        with suppress(RefusedFileError):
            for count, (_, cells) in enumerate(rows_of(text, delimiter, shown)):
                widths[len(cells)] += 1
                if count > 500:
                    break
        score = max((rows * (width - 1) for width, rows in widths.items()), default=0)
        best = max(best, (score, delimiter), key=lambda pair: pair[0])
    return best[1]


def _header_above(rows: Sequence[tuple[int, tuple[str, ...]]], first: int) -> int | None:
    """The row of column names above the first transaction; None where there is none."""
    filled = sum(1 for cell in rows[first][1] if cell)
    for i in range(first - 1, max(first - 4, -1), -1):
        names = [cell for cell in rows[i][1] if cell]
        if any(formats_of(cell) or looks_like_amount(cell) for cell in names):
            continue
        if len(names) >= 2 and len(names) * 4 >= filled * 3 and i < _HEADER_WITHIN:
            return i
    return None


def _named(cells: tuple[str, ...]) -> tuple[str, ...]:
    """A header without the empty cells at its end."""
    end = max(i for i, cell in enumerate(cells) if cell) + 1
    return cells[:end]


def _is_data(cells: Sequence[str]) -> bool:
    days = [i for i, cell in enumerate(cells) if formats_of(cell)]
    return bool(days) and any(
        looks_like_amount(cell) for i, cell in enumerate(cells) if i != days[0]
    )


def _is_pending(cells: Sequence[str], width: int) -> bool:
    return len(cells) >= width - 1 and any(plain(cell) in PENDING for cell in cells)


def _only_goes_on(cells: Sequence[str]) -> bool:
    """Whether a row has nothing but one text, and it is not at the left edge."""
    return not cells[0] and sum(1 for cell in cells if cell) == 1
