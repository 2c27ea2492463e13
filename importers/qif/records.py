"""A QIF file as records: lists of fields, each under the header of its list.

Every record ends with ``^``; one that does not is cut off.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from importers.plain_text import beginning, lines_of
from importers.statement import RefusedFileError

# The lists of lines, by what the accounts are; the other lists hold no lines of an account.
ACCOUNTS = {
    "bank": "bank",
    "cash": "cash",
    "ccard": "card",
    "invst": "investment",
    "port": "investment",
    "401(k)/403(b)": "investment",
    "oth a": "asset",
    "oth l": "liability",
}
_LISTS = frozenset("cat class memorized security prices budget invitem template tag payee".split())


@dataclass
class Record:
    """A record: the list it stands in, its account by name, and its fields in their order."""

    kind: str
    account: str | None
    line: int
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, *codes: str) -> str:
        """The stripped text of the first field with one of these codes; empty where none has."""
        for code in codes:
            for found, text in self.fields:
                if found == code and text.strip():
                    return text.strip()
        return ""

    @property
    def cells(self) -> dict[str, str]:
        """The raw fields by code; a code that comes again ends in #2, #3, …"""
        out: dict[str, str] = {}
        times: dict[str, int] = {}
        for code, text in self.fields:
            times[code] = times.get(code, 0) + 1
            out[code if times[code] == 1 else f"{code}#{times[code]}"] = text
        return out


@dataclass(frozen=True)
class Records:
    """All records of a file, the lists of lines it has (kind, account, line), and its options."""

    records: tuple[Record, ...]
    lists: tuple[tuple[str, str | None, int], ...]
    options: frozenset[str]


def looks_like_qif(head: bytes) -> bool:
    """Whether the beginning of a file is QIF, whatever the file is called."""
    first = _first_line(beginning(head).splitlines())
    return first.startswith("!") and _header(first)[0] in {"type", "account", "option", "clear"}


def _header(line: str) -> tuple[str, str]:
    """The word and the value of a header like ``!Type:Bank``, in lower case."""
    word, _, value = line[1:].lower().partition(":")
    return word.strip(), value.strip()


def _first_line(lines: Iterable[str]) -> str:
    """The first line that is neither empty nor a comment."""
    return next((text for line in lines if (text := line.strip()) and text[0] != "#"), "")


@dataclass
class _Reader:
    """Where the reading stands."""

    shown: str
    kind: str = ""
    account: str | None = None
    named: int = 0
    records: list[Record] = field(default_factory=list)
    lists: list[tuple[str, str | None, int]] = field(default_factory=list)
    options: set[str] = field(default_factory=set)

    def header(self, line: str, number: int) -> None:
        word, value = _header(line)
        if word == "option":
            self.options.add(value)
        elif word == "clear":
            # What stood between the two is the list of all accounts: it chose none of them.
            self.account = None
        elif word == "account":
            self.kind, self.named = "account", 0
        elif word == "type" and value in ACCOUNTS:
            self.kind = ACCOUNTS[value]
            self.lists.append((self.kind, self.account, number))
        elif word == "type" and value in _LISTS:
            self.kind = value
        else:
            raise RefusedFileError(
                f"has a list that is not known: “{line[:40]}”; nothing of the file was used",
                file=self.shown,
                line=number,
                hint="export the accounts without it, or download the file again",
            )

    def ended(self, record: Record) -> None:
        if record.kind == "account":
            self.named += 1
            # A list of several accounts does not say whose lines follow.
            self.account = record.get("N") if self.named == 1 else None
        if record.fields:
            self.records.append(record)


def records_of(raw: bytes, shown: str) -> Records:
    """The records of a file.

    Raises RefusedFileError where one is cut off, stands before every header, or in a list that is
    not known.
    """
    reader = _Reader(shown)
    current: Record | None = None
    for number, line in enumerate(lines_of(raw, shown), start=1):
        bare = line.lstrip()
        text = bare.rstrip()
        if not text or (text.startswith("#") and not reader.kind):
            continue
        if text == "^":
            reader.ended(current or Record(reader.kind, reader.account, number))
            current = None
        elif text.startswith("!"):
            if current and current.kind in {*ACCOUNTS.values(), "account"}:
                raise _cut(current, shown)
            current = None
            reader.header(text, number)
        elif not reader.kind:
            raise RefusedFileError(
                "has fields before any !Type: says what they are; nothing of the file was used",
                file=shown,
                line=number,
                hint="export it again",
            )
        elif current is None:
            current = Record(reader.kind, reader.account, number, [(text[0], bare[1:])])
        else:
            current.fields.append((text[0], bare[1:]))
    if current:
        raise _cut(current, shown)
    return Records(tuple(reader.records), tuple(reader.lists), frozenset(reader.options))


def _cut(record: Record, shown: str) -> RefusedFileError:
    return RefusedFileError(
        "ends within a record, which lacks its ^: a part of it is missing; "
        "nothing of the file was used",
        file=shown,
        line=record.line,
        hint="export it again",
    )
