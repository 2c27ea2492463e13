"""The ``option`` and ``plugin`` lines of a journal, and putting those of another state in their
place: who judges a proposal decides how it is read, not who made it.
"""

import re
from dataclasses import dataclass

from core.journal.scan import scan

_SETTING = re.compile(r'\s*(?:option|plugin)\s*"')


@dataclass(frozen=True)
class Setting:
    """A statement: its text, and its first and last line (from 0)."""

    text: str
    first: int
    last: int


def settings(text: str) -> list[Setting]:
    """Every option and plugin line, in order; a string may go on over several lines."""
    found: list[Setting] = []
    lines = text.split("\n")
    begun = -1
    for line in scan(text):
        at = line.number - 1
        if line.inside:
            if begun >= 0:
                found[-1] = Setting("\n".join(lines[begun : at + 1]), begun, at)
            continue
        begun = at if _SETTING.match(line.text) else -1
        if begun >= 0:
            found.append(Setting(line.text, at, at))
    return found


def with_settings_of(base: str, head: str) -> str:
    """``head`` with the settings of ``base``; every other line stays at its number."""
    wanted = [setting.text for setting in settings(base)]
    standing = settings(head)
    if [setting.text for setting in standing] == wanted:
        return head
    lines = head.split("\n")
    left = list(wanted)
    for setting in standing:
        for at in range(setting.first, setting.last + 1):
            lines[at] = ""
        if left and "\n" not in left[0]:
            lines[setting.first] = left.pop(0)
    return "\n".join([*lines, *left]) + ("\n" if left else "")
