"""The cells of an XLSX workbook, exactly as they are stored; this runs in the sandbox.

The usual library gives numbers as floats. Here they are taken from the XML as text. A spreadsheet
holds binary numbers of some 15 digits and may write more (12.340000000000001 where 12.34 was
meant), so that at most 15 digits count, the last one rounded half up.
"""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import IO, Any

from lxml import etree

from core.findings import UserError

MAX_UNPACKED = 100_000_000
MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 100_000, 200, 1_000_000
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_AGAIN = "open it in the spreadsheet program and save it again, or export CSV"
# What zipfile, zlib and lxml raise at a damaged file, a locked part, or one that is not there.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError),
    *(KeyError, OSError, EOFError, RuntimeError),
)
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class _Book:
    """What the cells of all sheets refer to: shared texts, the format of each style, the epoch."""

    archive: zipfile.ZipFile
    texts: tuple[str, ...]
    formats: tuple[str, ...]
    epoch: dt.date


def sheets_of(raw: bytes) -> list[dict[str, Any]]:
    """Each sheet's ``name`` and ``rows``. A row has its place: empty ones between are empty lists.

    A cell is a text, or a pair: ``["d", day]`` for a date, ``["n", number, places]`` for a number,
    with the decimals its format shows, or None where the format does not say. Raises UserError for
    a file that is no workbook, is too large, or holds a value that is not certain.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise UserError(*_no_workbook(names))
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise UserError("unpacks to more than 100 MB", hint="export a shorter period, or CSV")
        return _sheets(archive)
    except _DAMAGED as error:
        raise UserError("is damaged: it is no whole workbook", hint=_AGAIN) from error


def _no_workbook(names: set[str]) -> tuple[str]:
    if "content.xml" in names:
        return ("is an OpenDocument spreadsheet; save it as XLSX or CSV",)
    return ("is an archive and no spreadsheet; unpack it, and import what is in it",)


def _sheets(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    workbook = _tree(archive, "xl/workbook.xml")
    properties = workbook.find("{*}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    epoch = dt.date(1904, 1, 1) if since_1904 else dt.date(1899, 12, 30)
    book = _Book(archive, _texts(archive), _formats(archive), epoch)
    targets = {
        str(relation.get("Id")): str(relation.get("Target"))
        for relation in _tree(archive, "xl/_rels/workbook.xml.rels")
    }
    found, cells = [], 0
    for sheet in workbook.iterfind("{*}sheets/{*}sheet"):
        reference = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        target = targets[str(reference)]
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in path:  # charts are sheets too
            rows = _rows(book, path)
            cells += sum(len(row) for row in rows)
            if cells > MAX_CELLS:
                raise UserError(f"has more than {MAX_CELLS} cells", hint="export a shorter period")
            found.append({"name": str(sheet.get("name")), "rows": rows})
    return found


def _open(archive: zipfile.ZipFile, path: str) -> IO[bytes]:
    """A part of the archive. Entities could make it swell: what declares any is refused."""
    with archive.open(path) as part:
        if re.search(rb"<!\s*(DOCTYPE|ENTITY)", part.read(4096).replace(b"\0", b""), re.IGNORECASE):
            raise UserError("declares a document type; no spreadsheet does", hint=_AGAIN)
    return archive.open(path)


def _tree(archive: zipfile.ZipFile, path: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    with _open(archive, path) as part:
        return etree.parse(part, parser).getroot()


def _elements(archive: zipfile.ZipFile, path: str, tag: str) -> Iterator[Any]:
    """The elements of one name, each forgotten when the next is asked for."""
    with _open(archive, path) as part:
        options = {"resolve_entities": False, "no_network": True, "load_dtd": False}
        for _, element in etree.iterparse(part, tag=f"{{*}}{tag}", **options):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _texts(archive: zipfile.ZipFile) -> tuple[str, ...]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return ()
    return tuple(_text(item) for item in _elements(archive, "xl/sharedStrings.xml", "si"))


def _text(element: Any) -> str:
    """The text of a cell, of all its runs; how to pronounce it (``rPh``) is left out."""
    runs = element.iterfind("{*}t"), element.iterfind("{*}r/{*}t")
    joined = "".join(run.text or "" for found in runs for run in found)
    return " ".join(joined.replace("\0", "").splitlines())


def _formats(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """The number format of each cell style."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    if "xl/styles.xml" not in archive.namelist():
        return ()
    styles = _tree(archive, "xl/styles.xml")
    own = {
        str(entry.get("numFmtId")): str(entry.get("formatCode"))
        for entry in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    builtin = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    return tuple(
        own.get(number, builtin.get(number, "General"))
        for number in (str(style.get("numFmtId")) for style in styles.iterfind("{*}cellXfs/{*}xf"))
    )


def _rows(book: _Book, path: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for number, element in enumerate(_elements(book.archive, path, "row"), 1):
        line = int(element.get("r") or max(number, len(rows) + 1))
        if not len(rows) < line <= MAX_ROWS:
            raise UserError(f"has more than {MAX_ROWS} rows, or rows that are out of order")
        row: list[Any] = []
        for cell in element.iterfind("{*}c"):
            column = _column(cell.get("r"), len(row))
            if not len(row) <= column < MAX_COLUMNS:
                raise UserError(f"has more than {MAX_COLUMNS} columns, or some out of order")
            value = _value(book, cell, line)
            if value != "":
                row += [""] * (column - len(row))
                row.append(value)
        rows += [[] for _ in range(line - 1 - len(rows))]
        rows.append(row)
    return rows


def _column(place: str | None, following: int) -> int:
    """The column of a cell named like ``BC7``, from 0; the following one where it has no name."""
    match = _PLACE.fullmatch(place or "")
    if not match:
        return following
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(book: _Book, cell: Any, line: int) -> Any:
    kind, said = cell.get("t") or "n", cell.findtext("{*}v")
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return "" if inline is None else _text(inline)
    if said is None:
        if cell.find("{*}f") is not None:
            raise UserError(
                f"{cell.get('r')} is a formula without its value", hint=_AGAIN, line=line
            )
        return ""
    try:
        if kind == "s":
            return book.texts[int(said)]
        if kind == "b":
            return "TRUE" if said == "1" else "FALSE"
        if kind == "d":
            return ["d", dt.datetime.fromisoformat(said).date().isoformat()]
        return _number(book, cell, said) if kind == "n" else " ".join(said.splitlines())
    except (ValueError, IndexError, InvalidOperation, OverflowError) as error:
        raise UserError(
            f"{cell.get('r')} holds “{said[:40]}”, which is no value", hint=_AGAIN, line=line
        ) from error


def _number(book: _Book, cell: Any, said: str) -> list[Any]:
    from openpyxl.styles.numbers import is_date_format

    style = int(cell.get("s") or 0)
    code = book.formats[style] if book.formats else "General"
    number = Decimal(said.strip())
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(said)
    # Day 60 of spreadsheets is 29 February 1900, which never was; a time alone is less than a day.
    if is_date_format(code) and number > 60:
        # The time of day is left out: a posting has none.
        return ["d", (book.epoch + dt.timedelta(days=int(number))).isoformat()]
    return ["n", format(_exact(number), "f"), _places(code)]


def _exact(number: Decimal) -> Decimal:
    """The number with at most 15 digits; a whole one, or one with fewer, is as it is written."""
    if len(number.as_tuple().digits) <= 15 or number == int(number):
        return number
    return _FIFTEEN.plus(number).normalize()


def _places(code: str) -> int | None:
    """How many decimals a number format shows; None for one that shows what there is."""
    first = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", code).split(";")[0]
    if code in {"General", "@"} or "E" in first or "%" in first or "/" in first:
        return None
    match = re.search(r"[0#?](?:\.([0#?]+))?(?![0#?,.])", first)
    return len(match[1] or "") if match else None
