"""The book diff for a terminal."""

from reports.bookdiff.model import BookDiff
from reports.bookdiff.told import sections
from reports.bookdiff.words import clean, summary


def as_text(diff: BookDiff) -> str:
    """Both sides, the four lines, then each section with its lines indented."""
    out = [f"{clean(diff.base)} → {clean(diff.head)}", "", *summary(diff, clean)]
    for section in sections(diff, clean):
        out += ["", section.heading, *(f"  {line}" for line in section.lines)]
    return "\n".join(out) + "\n"
