"""A paper as values: its head, its parts in reading order, and who signs. All of it is text.

Form modules make these from the books; ``pdf`` draws them. ``to_json`` is what the template gets,
and what the golden files of the tests hold.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.journal.render import clean_text

DRAFT = "Draft for the owner and counsel"
US_LETTER, A4 = "us-letter", "a4"


@dataclass(frozen=True)
class Heading:
    """A section's name; with ``on_new_page`` the section begins a page."""

    text: str
    on_new_page: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the template reads it."""
        return {"kind": "heading", "text": _clean(self.text), "on_new_page": self.on_new_page}


@dataclass(frozen=True)
class Text:
    """A paragraph; with ``numbered`` a clause that counts on through the paper."""

    text: str
    numbered: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the template reads it."""
        return {"kind": "clause" if self.numbered else "text", "text": _clean(self.text)}


@dataclass(frozen=True)
class Facts:
    """Names and their values, one to a line. An empty value is a line to be filled in by hand."""

    pairs: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """As the template reads it."""
        return {"kind": "facts", "pairs": [[_clean(n), _clean(v)] for n, v in self.pairs]}


@dataclass(frozen=True)
class Table:
    """Columns and rows of text. The columns from ``first_amount`` on are amounts, the column
    ``wide`` takes the room that is left, and the last ``totals`` rows are sums."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_amount: int
    totals: int = 0
    wide: int = 0

    def to_json(self) -> dict[str, Any]:
        """As the template reads it."""
        return {
            "kind": "table",
            "columns": [_clean(c) for c in self.columns],
            "rows": [[_clean(cell) for cell in row] for row in self.rows],
            "first_amount": self.first_amount,
            "totals": self.totals,
            "wide": self.wide,
        }


@dataclass(frozen=True)
class Signer:
    """Who signs, and as what. An empty name is written by hand; ``by`` says that somebody signs for
    it, with a name and a title."""

    name: str
    role: str
    by: bool = False


@dataclass(frozen=True)
class Signatures:
    """A line to sign and date for each signer."""

    signers: tuple[Signer, ...]

    def to_json(self) -> dict[str, Any]:
        """As the template reads it."""
        signers = [
            {"name": _clean(s.name), "role": _clean(s.role), "by": s.by} for s in self.signers
        ]
        return {"kind": "signatures", "signers": signers}


Part = Heading | Text | Facts | Table | Signatures


@dataclass(frozen=True)
class Paper:
    """A draft. ``form`` is its number (``BH-R1``), ``size`` a paper size, ``entity`` in whose
    folder it is kept, ``kind`` the folder there, ``slug`` what tells it from others of its day."""

    form: str
    title: str
    entity: str
    legal_name: str
    date: dt.date
    kind: str
    slug: str
    size: str
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """What the template gets: text and lists, nothing that it would run."""
        return {
            "form": self.form,
            "title": _clean(self.title),
            "legal_name": _clean(self.legal_name),
            "date": said_day(self.date),
            "draft": DRAFT,
            "size": self.size,
            "parts": [part.to_json() for part in self.parts],
        }


def said_day(day: dt.date) -> str:
    """The day as papers write it, the same under any locale: ``March 4, 2026``."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def texts(value: Any) -> Iterator[str]:
    """Every text within what ``to_json`` gives."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


_MONTHS = (
    "January February March April May June July August September October November December".split()
)


def _clean(text: str) -> str:
    """On one line, without characters that hide or turn what is read."""
    return clean_text(text)
