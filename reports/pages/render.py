"""A page as text, Markdown or HTML; it says the same in all of them."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.pages.page import Heading, Items, Page, Picture, Table, Text
from reports.pages.picture import described, svg
from reports.render import quiet

_TEMPLATES = Path(__file__).parent.parent / "templates"
_WIDTH = 100


def render(page: Page, form: str) -> str:
    """The page as ``text``, ``md`` or ``html``."""
    if form == "html":
        return _html(page)
    lines = _markdown(page) if form == "md" else _text(page)
    return "\n".join(lines).rstrip("\n") + "\n"


def _html(page: Page) -> str:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["drawn"] = lambda part, index: Markup(  # noqa: S704 - it escapes
        svg(part.title, part.flows, part.heads, f"flows-{index}")
    )
    environment.filters["breakable"] = _breakable
    environment.filters["kind"] = lambda part: type(part).__name__
    return environment.get_template("page.html.j2").render(page=page)


def _breakable(text: str) -> Markup:
    """Text whose paths may be broken after a slash."""
    return Markup("/<wbr>").join(escape(part) for part in text.split("/"))


def _text(page: Page) -> Iterator[str]:
    yield page.title
    yield page.subtitle
    yield ""
    for part in page.parts:
        match part:
            case Heading(text, level):
                yield from ("", text, ("=" if level == 2 else "-") * len(text))
            case Text(text, loud):
                yield from textwrap.wrap(f"{'! ' if loud else ''}{text}", _WIDTH)
                yield ""
            case Items(items):
                for head, lines in items:
                    yield f"* {head}"
                    for line in lines:
                        yield from textwrap.wrap(
                            line, _WIDTH, initial_indent="    ", subsequent_indent="    "
                        )
                yield ""
            case Table():
                yield from _aligned(part)
                yield ""
            case Picture():
                continue  # its table follows


def _aligned(table: Table) -> Iterator[str]:
    """The table with its columns under each other; a marked row begins with an exclamation mark."""
    rows = [table.columns, *(row.cells for row in table.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]

    def line(cells: tuple[str, ...], mark: str = " ") -> str:
        shown = (
            cell.rjust(width) if i in table.amounts else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"{mark} {'  '.join(shown)}".rstrip()

    rule = f"  {'-' * (sum(widths) + 2 * (len(widths) - 1))}"
    yield line(table.columns)
    yield rule
    for index, row in enumerate(table.rows):
        if row.total and (index == 0 or not table.rows[index - 1].total):
            yield rule
        yield line(row.cells, "!" if row.marked else " ")


def _markdown(page: Page) -> Iterator[str]:
    yield f"# {quiet(page.title)}"
    yield ""
    yield quiet(page.subtitle)
    for part in page.parts:
        yield ""
        match part:
            case Heading(text, level):
                yield f"{'#' * level} {quiet(text)}"
            case Text(text, loud):
                yield f"**{quiet(text)}**" if loud else quiet(text)
            case Items(items):
                for head, lines in items:
                    yield f"- **{quiet(head)}**"
                    yield from (f"  {quiet(line)}  " for line in lines)
            case Picture(title, flows):
                yield f"*{quiet(title)}:* {quiet(described(flows))}"
            case Table(_, columns, rows, amounts):
                yield f"| {' | '.join(quiet(c) or ' ' for c in columns)} |"
                marks = ("---:" if i in amounts else "---" for i in range(len(columns)))
                yield f"|{'|'.join(marks)}|"
                for row in rows:
                    loud = row.total or row.marked
                    cells = (f"**{quiet(c)}**" if loud and c else quiet(c) for c in row.cells)
                    yield f"| {' | '.join(cells)} |"
