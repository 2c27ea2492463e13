"""The book diff as a comment on a pull request: four lines, then folded sections.

What comes from books stands in code spans: there is no markup, no mention, no link and no image in
them. A comment has 60,000 characters at most, so long sections give way first.
"""

import re

from reports.bookdiff.model import BookDiff
from reports.bookdiff.told import Section, sections
from reports.bookdiff.words import clean, summary

MOST = 60_000
_CUT = "\n_Left out here for its length; `books diff --format json` has all of it._\n"


def as_markdown(diff: BookDiff, most: int = MOST) -> str:
    """At most ``most`` (60,000) characters of Markdown."""
    first, *rest = summary(diff, code)
    # A blank line between them would make paragraphs, none at all one line.
    lines = [f"**{first}**", *rest]
    out = "  \n".join(lines) + f"\n\n{code(diff.base)} → {code(diff.head)}\n"
    for section in sections(diff, code):
        folded = _folded(section)
        if len(out) + len(folded) + len(_CUT) > most:
            return out + _CUT
        out += folded
    return out


def _folded(section: Section) -> str:
    lines = [f"  - {line.strip()}" if line[:1] == " " else f"- {line}" for line in section.lines]
    heading = re.sub(r"`+ ?(.*?) ?`+", r"\1", section.heading)
    summed = _escaped(heading)
    body = "\n".join(lines)
    return f"\n<details><summary>{summed}</summary>\n\n{body}\n\n</details>\n"


def _escaped(text: str) -> str:
    """Text within a tag of HTML: letters and digits stay, all else is written by its number."""
    return "".join(c if c.isalnum() or c in " :,.-()" else f"&#{ord(c)};" for c in text)


def code(text: str) -> str:
    """A code span that shows the text as it is and ends where it should."""
    bare = clean(text)
    longest = max((len(ticks) for ticks in re.findall("`+", bare)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if bare.startswith("`") or bare.endswith("`") or not bare.strip() else ""
    return f"{fence}{edge}{bare or ' '}{edge}{fence}"
