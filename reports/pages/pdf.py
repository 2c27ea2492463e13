"""A page as PDF, by typst: the same page gives the same bytes, on any machine.

As for the papers (``reports.papers.pdf``) no time is in the file, only the fonts within the typst
wheel are used, and all text is data. The drawings go in as SVG.
"""

import json
import re
from pathlib import Path
from typing import Any

import typst

from core.journal.render import clean_text
from reports.pages.page import Heading, Items, Page, Part, Picture, Table, Text
from reports.pages.picture import svg
from reports.papers.pdf import unprintable_in

_TEMPLATE = Path(__file__).parent / "page.typ"


def pdf(page: Page) -> bytes:
    """The bytes of the PDF."""
    made = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        ignore_system_fonts=True,
        sys_inputs={"page": json.dumps(_page(page), ensure_ascii=False)},
        format="pdf",
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


def unprintable(page: Page) -> str:
    """The characters of the page that the PDF's fonts do not have, each once; they print as boxes.
    Those of the page's own words are all there."""
    return unprintable_in(_page(page))


_INDENTED = re.compile(r"([+−-]?)( {2,})")


def _page(page: Page) -> dict[str, Any]:
    return {
        "title": clean_text(page.title),
        "subtitle": clean_text(page.subtitle),
        "size": page.size,
        "foot": clean_text(page.foot),
        "parts": [_part(part) for part in page.parts],
    }


def _spaced(line: str) -> str:
    """A line as it is indented behind its sign: an entry's postings are. What stands further right
    moves up, so that long accounts do not break."""
    found = _INDENTED.match(line)
    if found is None:
        return clean_text(line)
    return found[1] + "\u00a0" * len(found[2]) + clean_text(line[found.end() :])


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Heading(text, level):
            return {"kind": "heading", "text": clean_text(text), "level": level}
        case Text(text, loud):
            return {"kind": "text", "text": clean_text(text), "loud": loud}
        case Items(items):
            said = [[clean_text(head), [_spaced(line) for line in lines]] for head, lines in items]
            return {"kind": "items", "items": said}
        case Picture(title, flows, heads):
            return {"kind": "picture", "svg": svg(title, flows, heads, "flows"), "title": title}
        case Table(_, columns, rows, amounts):
            return {
                "kind": "table",
                "columns": [clean_text(c) for c in columns],
                "rows": [
                    {
                        "cells": [clean_text(c) for c in row.cells],
                        "total": row.total,
                        "marked": row.marked,
                    }
                    for row in rows
                ],
                "amounts": sorted(amounts),
            }
