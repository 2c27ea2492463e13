"""The book diff as a page: each transaction before and after, side by side.

A finding or a text that comes from books is data to the template, which escapes it.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.bookdiff.changes import KINDS, amount_told
from reports.bookdiff.model import BookDiff
from reports.bookdiff.told import TITLES, besides, touched
from reports.bookdiff.words import (
    clean,
    figures_told,
    money,
    runs,
    summary,
    sums,
    title,
)

_TEMPLATES = Path(__file__).parents[1] / "templates"
EACH = 300  # transactions of a kind that are shown one by one; more become sums


def as_html(diff: BookDiff) -> str:
    """The page, which needs nothing but itself."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"clean": clean, "money": money, "title": title, "leg": amount_told}
    kinds = []
    for kind in KINDS:
        some = [change for change in diff.changes if change.kind == kind]
        if some:
            each = some if len(some) <= EACH else []
            kinds.append((TITLES[kind], len(some), each, [] if each else sums(some)))
    return environment.get_template("bookdiff.html.j2").render(
        diff=diff,
        summary=summary(diff, clean),
        totals=[
            (owner, [(run, figures_told(run.figures)) for run in runs(months)])
            for owner, months in diff.figures.totals.items()
        ],
        touched=touched(diff, clean),
        besides=besides(diff, clean),
        kinds=kinds,
    )
