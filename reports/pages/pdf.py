"""A page as PDF, by typst: the same page gives the same bytes, on any machine.

As for the papers (``reports.papers.pdf``) no time is in the file, only the fonts within the typst
wheel are used, and all text is data. The drawings go in as SVG.
"""

import json
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


def _page(page: Page) -> dict[str, Any]:
    return {
        "title": clean_text(page.title),
        "subtitle": clean_text(page.subtitle),
        "size": page.size,
        "foot": clean_text(page.foot),
        "parts": [_part(part) for part in page.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Heading(text, level):
            return {"kind": "heading", "text": clean_text(text), "level": level}
        case Text(text, loud):
            return {"kind": "text", "text": clean_text(text), "loud": loud}
        case Items(items):
            said = [
                [clean_text(head), [clean_text(line) for line in lines]] for head, lines in items
            ]
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
