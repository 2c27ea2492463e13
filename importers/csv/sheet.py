"""XLSX workbooks by the profiles that read CSV: the sheet with a profile's header becomes its CSV.

Numbers and dates in a workbook have no format of their own, so that they are written as the profile
expects them: with its decimal character, in its first date format. Rows keep their numbers.
"""

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from importers.confined import read_confined
from importers.csv.profile import Profile
from importers.csv.read import read_csv
from importers.csv.table import header_line
from importers.csv.workbook import sheets_of
from importers.statement import RefusedFileError, StatementFile

# As many rows as a header is looked for in.
_HEAD = 61
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def looks_like_workbook(head: bytes) -> bool:
    """Whether a file that begins so is an archive, as every XLSX is, or an old XLS."""
    return head.startswith((b"PK\x03\x04", _OLD))


def read_workbook(
    path: Path, raw: bytes, profiles: Mapping[str, Profile], shown: str
) -> StatementFile:
    """The statements in the one sheet that has a profile's header.

    Raises RefusedFileError where no sheet or more than one has, for an old XLS, and for what
    ``read_csv`` refuses.
    """
    if raw.startswith(_OLD):
        raise RefusedFileError(
            "is an old Excel file (XLS), or one that is locked with a password",
            file=shown,
            hint="save it as XLSX without a password, or export CSV",
        )
    sheets = read_confined(sheets_of, raw, shown)
    fitting = [
        (len(profile.header), name, sheet)
        for sheet in sheets
        for name, profile in profiles.items()
        if header_line(_as_csv(sheet["rows"][:_HEAD], _plain(profile)), _plain(profile), shown)
    ]
    if not fitting:
        names = ", ".join(str(sheet["name"])[:40] for sheet in sheets[:12])
        raise RefusedFileError(
            f"no profile knows the columns of its sheets ({names})",
            file=shown,
            hint=f"known: {', '.join(sorted(profiles))}; a profile is a file in rules/sources/",
        )
    most = max(count for count, _, _ in fitting)
    best = [(name, sheet) for count, name, sheet in fitting if count == most]
    if len(best) > 1:
        said = " and of ".join(f"{name} in sheet {sheet['name']}" for name, sheet in best)
        raise RefusedFileError(
            f"has the columns of {said}",
            file=shown,
            hint="leave one sheet in the workbook, or make one of the profiles exact",
        )
    ((name, sheet),) = best
    profile = _plain(profiles[name], dated=_has_dates(sheet))
    text = _as_csv(sheet["rows"], profile)
    return replace(read_csv(path, text.encode(), profile, name, shown), format="xlsx")


def _plain(profile: Profile, *, dated: bool = False) -> Profile:
    """The profile for the CSV written here; a day that is known needs no other format."""
    formats = profile.date_format[:1] if dated else profile.date_format
    changed = {"delimiter": ",", "encoding": "utf-8", "date_format": formats}
    return profile.model_copy(update=changed)


def _has_dates(sheet: Mapping[str, Any]) -> bool:
    return any(cell[0] == "d" for row in sheet["rows"] for cell in row if isinstance(cell, list))


def _as_csv(rows: Sequence[Sequence[Any]], profile: Profile) -> str:
    """The rows as the CSV that the profile reads, all as long as the longest: a workbook leaves
    out the empty cells at the end, which in a CSV says that a row was cut off."""
    width = max(map(len, rows), default=0)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [_written(cell, profile) for cell in row] + [""] * (width - len(row)) for row in rows
    )
    return out.getvalue()


def _written(cell: Any, profile: Profile) -> str:
    if isinstance(cell, str):
        return cell
    kind, value = str(cell[0]), str(cell[1])
    if kind == "d":
        return dt.date.fromisoformat(value).strftime(profile.date_format[0])
    number, places = Decimal(value), cell[2]
    if places is not None and number != round(number, places):
        # Which of the two is meant is not certain: as an amount this is refused, with its line.
        return f"{value} (shown with {places} decimals)"
    return value.replace(".", profile.decimal)
