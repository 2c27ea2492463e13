"""Journal text line by line, without parsing it: strings and comments told apart from the rest.

Both the lint, which must not let Beancount's parser near hostile text, and the door, which inserts
entries into files that people wrote, need to know where strings end and what is a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*$|;.*', re.DOTALL)
_STRING_END = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
# A heading of org-mode or the like: Beancount skips such a line, and with it a quotation mark.
_HEADING = re.compile(r"[*:!&?%]|#(?![\w/.-])", re.ASCII)


@dataclass(frozen=True)
class Line:
    """A physical line: its number from 1, its text, and its code.

    ``code`` is the text with every string's content, every comment and heading blanked out;
    ``inside`` is true where the line begins within a string.
    """

    number: int
    text: str
    code: str
    inside: bool

    @property
    def is_comment(self) -> bool:
        """A line that is nothing but a comment."""
        return not self.inside and self.text.lstrip().startswith(";")

    @property
    def is_blank(self) -> bool:
        """A line with nothing on it."""
        return not self.inside and not self.text.strip()


def scan(text: str) -> Iterator[Line]:
    """The lines of ``text``, in order."""
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        began_inside = inside
        rest, prefix = line, ""
        if not inside and _HEADING.match(line):
            yield Line(number, line, "", inside)
            continue
        if inside:
            end = _STRING_END.match(line)
            if not end:
                yield Line(number, line, "", began_inside)
                continue
            rest, prefix, inside = line[end.end() :], '"', False
        code, inside = _blanked(rest)
        yield Line(number, line, prefix + code, began_inside)


def _blanked(text: str) -> tuple[str, bool]:
    """The text with strings emptied and comments dropped; whether a string is left open."""
    left_open = False

    def blank(match: re.Match[str]) -> str:
        nonlocal left_open
        token = match.group()
        if token.startswith(";"):
            return ""
        if len(token) > 1 and token.endswith('"') and not _escaped_end(token):
            return '""'
        left_open = True
        return '"'

    return _TOKEN.sub(blank, text), left_open


def _escaped_end(token: str) -> bool:
    """Whether the closing quote of ``token`` is escaped, so that the string goes on."""
    slashes = len(token) - 1 - len(token[:-1].rstrip("\\"))
    return slashes % 2 == 1
