"""Tables on a terminal; whole words where the output goes into a file or a pipe."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

_WIDE = 200


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """Prints rows beneath headings; the columns named in ``right`` are set to the right."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)
