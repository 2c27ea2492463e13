"""What a file is, by its content: its name and extension say nothing."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.findings import UserError
from importers.camt.read import looks_like_camt, read_camt
from importers.csv.profile import Profile, load_profiles
from importers.csv.read import read_csv
from importers.csv.sheet import looks_like_workbook, read_workbook
from importers.csv.table import MAX_BYTES, header_line, rows_of, text_of
from importers.mt940.read import read_mt940
from importers.mt940.tokenizer import looks_like_mt940
from importers.ofx.read import read_ofx
from importers.ofx.tokenizer import looks_like_ofx
from importers.pdf.read import looks_like_pdf, read_pdf
from importers.pdf.template import Template
from importers.qif.read import read_qif
from importers.qif.records import looks_like_qif
from importers.statement import RefusedFileError, StatementFile

__all__ = ["UnknownColumnsError", "is_known_kind", "load_profiles", "read_statement_file"]


class UnknownColumnsError(RefusedFileError):
    """A CSV that no profile knows: one may be proposed."""


# How a file begins says its format; its reader takes the path, the bytes and the name to show.
_READERS: tuple[
    tuple[Callable[[bytes], bool], Callable[[Path, bytes, str], StatementFile]], ...
] = (
    (looks_like_ofx, read_ofx),
    (looks_like_camt, read_camt),
    (looks_like_mt940, read_mt940),
    (looks_like_qif, read_qif),
)
_NOT_YET: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head.lstrip().startswith((b"{", b"[")), "a JSON file"),
)


def read_statement_file(
    path: Path,
    profiles: Mapping[str, Profile],
    templates: Mapping[str, Template] | None = None,
    *,
    shown: str = "",
) -> StatementFile:
    """The statements in the file at ``path``; profiles know columns, templates know PDFs.

    Raises RefusedFileError when no importer may accept it, with the reason and what to do, and
    UserError when it cannot be opened.
    """
    name = shown or str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RefusedFileError("is larger than 50 MB; export a shorter period", file=name)
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", file=name) from error
    if not raw.strip():
        raise RefusedFileError("is empty; download it from the bank again", file=name)
    read = _read(path, raw, profiles, templates or {}, name)
    return replace(read, sha256=hashlib.sha256(raw).hexdigest())


def _read(
    path: Path,
    raw: bytes,
    profiles: Mapping[str, Profile],
    templates: Mapping[str, Template],
    name: str,
) -> StatementFile:
    head = raw[:4096]
    for looks_like, read in _READERS:
        if looks_like(head):
            return read(path, raw, name)
    if looks_like_pdf(head):
        return read_pdf(path, raw, templates, name)
    if looks_like_workbook(head):
        return read_workbook(path, raw, profiles, name)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype html", b"<html")):
        raise RefusedFileError(
            "is a web page, not a statement",
            file=name,
            hint="log in to the bank and download the statement again",
        )
    for is_format, what in _NOT_YET:
        if is_format(head):
            raise RefusedFileError(
                f"is {what}; those are not read yet", file=name, hint="export CSV, OFX or QFX"
            )
    return _by_profile(path, raw, profiles, name)


def is_known_kind(path: Path, profiles: Mapping[str, Profile]) -> bool:
    """Whether a file is of a kind that is read, by its first bytes or a profile's columns; it may
    be damaged all the same. PDFs and workbooks are too many things for that."""
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES)
    if any(looks_like(raw[:4096]) for looks_like, _ in _READERS):
        return True
    return any(_has_header(raw, profile, str(path)) for profile in profiles.values())


def _by_profile(
    path: Path, raw: bytes, profiles: Mapping[str, Profile], shown: str
) -> StatementFile:
    fitting = [
        (len(profile.header), name)
        for name, profile in profiles.items()
        if _has_header(raw, profile, shown)
    ]
    if not fitting:
        raise _unknown(raw, profiles, shown)
    most = max(count for count, _ in fitting)
    best = sorted(name for count, name in fitting if count == most)
    if len(best) > 1:
        raise RefusedFileError(
            f"has the columns of {' and of '.join(best)}",
            file=shown,
            hint="say which bank: --institution NAME; or make one of these profiles exact",
        )
    return read_csv(path, raw, profiles[best[0]], best[0], shown)


def _has_header(raw: bytes, profile: Profile, shown: str) -> bool:
    try:
        return header_line(text_of(raw, profile.encoding, shown), profile, shown) > 0
    except RefusedFileError:
        # Another bank's delimiter can make a row that is no CSV; the right profile will say so.
        return False


def _unknown(raw: bytes, profiles: Mapping[str, Profile], shown: str) -> UnknownColumnsError:
    text = text_of(raw, "utf-8", shown)
    widest = max((_widest_row(text, d, shown) for d in (",", ";", "\t")), key=len)
    columns = ", ".join(cell[:40] for cell in widest[:12])
    return UnknownColumnsError(
        f"no profile knows its columns ({columns})",
        file=shown,
        hint=f"known: {', '.join(sorted(profiles)) or 'none'}; a profile is a file in "
        "rules/sources/",
    )


def _widest_row(text: str, delimiter: str, shown: str) -> list[str]:
    """The row with the most cells near the top: most likely the header."""
    widest: list[str] = []
    # With another file's delimiter the rows may be no CSV; what was seen before counts.
    with suppress(RefusedFileError):
        for _, cells in islice(rows_of(text, delimiter, shown), 30):
            filled = [cell.strip() for cell in cells if cell.strip()]
            widest = max(widest, filled, key=len)
    return widest
