"""A page as values: parts in reading order, all of them text. Each renderer draws them its way."""

from dataclasses import dataclass

from reports.pages.picture import Flow


@dataclass(frozen=True)
class Heading:
    """A section's name; of ``level`` 2 or, within one, 3."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph; a ``loud`` one asks for attention."""

    text: str
    loud: bool = False


@dataclass(frozen=True)
class Items:
    """A list: a heading line of each item, and the lines beneath it."""

    items: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Row:
    """The cells of a table's row; a ``total`` is a sum, a ``marked`` row asks for attention."""

    cells: tuple[str, ...]
    total: bool = False
    marked: bool = False


@dataclass(frozen=True)
class Table:
    """Columns and rows of text. ``amounts`` are the columns set to the right; ``caption`` is what
    the table is called by who cannot see it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    amounts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """Arrows between entities; the table beside it has the same figures."""

    title: str
    flows: tuple[Flow, ...]
    heads: tuple[str, str]


Part = Heading | Text | Items | Table | Picture


@dataclass(frozen=True)
class Page:
    """A title, the line beneath it, the parts, the size of the paper that it prints on, and what
    stands at the foot of each sheet besides."""

    title: str
    subtitle: str
    parts: tuple[Part, ...]
    size: str = "us-letter"
    foot: str = ""
