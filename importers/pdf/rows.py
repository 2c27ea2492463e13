"""The rows of a PDF's tables as a template finds them: raw texts, which nothing reads yet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from importers.pdf.days import Period, day_within
from importers.pdf.template import Columns, Range, Section, Sign, Template
from importers.pdf.text import Line

# A line further beneath than this, in points, does not go on with the one above.
_NEXT_LINE = 18


@dataclass(frozen=True)
class Row:
    """One row: its line, its section's sign, its cells by name, and what its continuation says."""

    line: Line
    sign: Sign
    cells: Mapping[str, str]
    more: str = ""


def rows_of(lines: Sequence[Line], template: Template, period: Period) -> list[Row]:
    """The rows of all sections, in the order of the document."""
    rows: list[Row] = []
    section: Section | None = None
    above: Line | None = None  # the line that a continuation may go on with
    for line in lines:
        text = line.text
        if any(re.search(pattern, text) for pattern in template.skip):
            continue
        begun = next((s for s in template.sections if re.search(s.begin, text)), None)
        if begun:
            section, above = begun, None
            continue
        if section and section.end and re.search(section.end, text):
            section = None
        if not section:
            continue
        cells = _cells(line, section, template, period)
        if cells:
            rows.append(Row(line, section.sign or template.sign, cells))
            above = line
        elif above and _continues(line, above, template.continuation):
            rows[-1] = replace(rows[-1], more=f"{rows[-1].more} {text}".strip())
            above = line
        else:
            above = None
    return rows


def _cells(
    line: Line, section: Section, template: Template, period: Period
) -> dict[str, str] | None:
    """The cells of a line that is a row; None for one that is not."""
    if section.columns:
        cells = _by_place(line, section.columns)
        if not any(cells.get(name) for name in ("amount", "debit", "credit")):
            return None
    else:
        match = re.search(section.row, line.text)
        if not match:
            return None
        cells = {name: (said or "").strip() for name, said in match.groupdict().items()}
    # A line of a header or a total may look like a row but for its date.
    dated = day_within(cells.get("date", ""), template.date_format, period)
    return cells if dated or section.row else None


def _by_place(line: Line, columns: Columns) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, (left, right) in columns.named.items():
        inside = (w.text for w in line.words if left <= (w.left + w.right) / 2 < right)
        cells[name] = " ".join(inside)
    return cells


def _continues(line: Line, above: Line, place: Range | None) -> bool:
    return (
        place is not None
        and line.page == above.page
        and line.top - above.top <= _NEXT_LINE
        and all(place[0] <= word.left and word.right <= place[1] for word in line.words)
    )
