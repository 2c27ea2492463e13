"""The messages of an MT940 file: their fields by tag, each with its line.

A message goes from ``:20:`` to its closing balance (``:62F:``, ``:62M:`` at the end of a page), or
in an interim report to its sums (``:90D:``, ``:90C:``). One that ends before is cut off. Text
around the messages (SWIFT envelopes, blank lines) says nothing.
"""

import re
from dataclasses import dataclass, field

from importers.plain_text import beginning, lines_of
from importers.statement import RefusedFileError

_TAG = re.compile(r":([0-9]{2}[A-Z]?|NS):(.*)")
_BEGINNING = re.compile(r"\A\s*(:20:|:940:|\{1:)|^:(60[FM]|61|25P?):", re.MULTILINE)


@dataclass
class Field:
    """A field: its tag, its lines, and where it begins."""

    tag: str
    lines: list[str]
    line: int

    @property
    def raw(self) -> str:
        """The text as written, without the tag."""
        return "\n".join(self.lines)


@dataclass
class Message:
    """The fields of one message, in the order of the file.

    ``ends_file`` says that nothing, not even a line end, stands after its last field.
    """

    line: int
    fields: list[Field] = field(default_factory=list)
    ends_file: bool = False

    def get(self, *tags: str) -> Field | None:
        """The first field with one of these tags."""
        return next((found for found in self.fields if found.tag in tags), None)

    @property
    def is_interim(self) -> bool:
        """Whether it is an MT942: it has a floor limit or a time, and no balances."""
        return self.get("60F", "60M", "62F", "62M") is None and bool(self.get("34F", "13D"))


def looks_like_mt940(head: bytes) -> bool:
    """Whether the beginning of a file is MT940 or MT942, whatever the file is called."""
    return bool(_BEGINNING.search(beginning(head).replace("\r", "\n")))


def messages(raw: bytes, shown: str) -> list[Message]:
    """The messages of a file.

    Raises RefusedFileError where one is cut off, or a field stands outside of every message.
    """
    lines = lines_of(raw, shown)
    found: list[Message] = []
    current: Message | None = None
    for number, line in enumerate(lines, start=1):
        tag = _TAG.match(line)
        if tag and tag[1] == "20":
            _check_whole(current, shown)
            current = Message(number, [Field("20", [tag[2]], number)])
            found.append(current)
        elif line.strip() in {"-", "-}"}:
            _check_whole(current, shown)
            current = None
        elif tag and current is None:
            raise RefusedFileError(
                f":{tag[1]}: stands outside of a statement, which begins with :20:; "
                "nothing of the file was used",
                file=shown,
                line=number,
                hint="download it from the bank again",
            )
        elif tag and current:
            current.fields.append(Field(tag[1], [tag[2]], number))
        elif current and line.strip():
            current.fields[-1].lines.append(line)
    if current and lines[-1]:
        current.ends_file = True
    _check_whole(current, shown)
    return found


def _check_whole(message: Message | None, shown: str) -> None:
    """Raises RefusedFileError where a message lacks its end, or lines stand behind it."""
    if message is None:
        return
    ends = ("90D", "90C") if message.is_interim else ("62F", "62M")
    end = message.get(*ends)
    if end is None:
        raise RefusedFileError(
            f"a statement ends before its {' or '.join(f':{tag}:' for tag in ends)}: a part of it "
            "is missing; nothing of the file was used",
            file=shown,
            line=message.fields[-1].line,
            hint="download it from the bank again",
        )
    late = next((f for f in message.fields if f.tag == "61" and f.line > end.line), None)
    if late:
        raise RefusedFileError(
            f"a line stands behind the end of its statement (:{end.tag}:); "
            "nothing of the file was used",
            file=shown,
            line=late.line,
            hint="download it from the bank again",
        )
