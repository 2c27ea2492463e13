"""A paper as PDF, by typst. The same paper gives the same bytes, on any machine.

No time is in the file, and only the fonts within the typst wheel are used; what changes the bytes
of an unchanged paper is another version of typst. The template is ours and fixed. The paper goes
in as one JSON string, whose texts typst prints as they are: they are never markup.
"""

import json
import unicodedata
from pathlib import Path
from typing import Any

import typst

from reports.papers.paper import Paper, texts

_TEMPLATE = Path(__file__).parent / "paper.typ"
# The letters and marks that the fonts of the typst wheel have: Latin, Greek, Cyrillic; Armenian and
# Hebrew; Devanagari (without ligatures: a virama is shown); Latin and Greek with more accents.
_LETTERS = ((0x0000, 0x04FF), (0x0530, 0x05FF), (0x0900, 0x097F), (0x1E00, 0x1FFF))


def pdf(paper: Paper) -> bytes:
    """The bytes of the PDF."""
    made = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(paper.to_json(), ensure_ascii=False)},
        format="pdf",
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


def unprintable(paper: Paper) -> str:
    """The characters of the paper that its fonts do not have, each once; they print as boxes."""
    return unprintable_in(paper.to_json())


def unprintable_in(value: Any) -> str:
    """The same of all texts within what a template gets."""
    said = {char for text in texts(value) for char in text}
    return "".join(sorted(char for char in said if not _is_printable(char)))


def _is_printable(char: str) -> bool:
    if unicodedata.category(char)[0] in "LM":
        return any(first <= ord(char) <= last for first, last in _LETTERS)
    return ord(char) < 0x2300
