"""A transaction changed where it stands, and no other byte of its file.

Its lines are found by the numbers that Beancount read them at, so the file must still be what the
books were read from (``placement.as_read`` sees to that).
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from core.findings import EXIT_FINDINGS, UserError
from core.journal.scan import Line, scan
from core.money import plain

_FLAG = re.compile(r"^(\S+\s+)(\*|!|txn)")
_DATE = re.compile(r"^\d{4}[-/]\d\d?[-/]\d\d?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_INDENT = re.compile(r"^\s*")


@dataclass(frozen=True)
class Edit:
    """What becomes of one transaction; what is not named stays as it was written.

    ``flag`` replaces its flag, ``without`` are names of its metadata to take out, ``head`` is
    metadata (text) to add to it, ``link`` a link to add. ``accounts`` replaces the accounts of
    postings, and ``meta`` adds metadata (text, dates) below them, both by the posting's place, from
    0. ``drop`` are names of metadata to take out below postings, ``numbers`` replaces what postings
    say (signed as Beancount signs it), ``more`` are postings (account, number, currency) to add at
    the end. ``payee`` replaces the payee; ``date`` the date, and ``placed`` moves the transaction
    to where that day stands. ``instead`` is text that takes the place of the whole transaction;
    empty text (not None) takes it out.
    """

    txn: data.Transaction
    flag: str = ""
    without: tuple[str, ...] = ()
    head: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    accounts: Mapping[int, str] = field(default_factory=dict)
    meta: Mapping[int, Mapping[str, str | dt.date]] = field(default_factory=dict)
    instead: str | None = None
    drop: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[int, Decimal] = field(default_factory=dict)
    more: tuple[tuple[str, Decimal, str], ...] = ()
    payee: str | None = None
    date: dt.date | None = None

    @property
    def rewrites(self) -> bool:
        """Whether what the transaction says of the bank is no longer what was read."""
        return self.instead is not None or bool(self.numbers) or self.date is not None

    @property
    def line(self) -> int:
        """The line its transaction begins at, from 1."""
        return int(self.txn.meta["lineno"])


def edited(text: str, edits: Iterable[Edit], shown: str) -> str:
    """The text of the file ``shown`` with the edits done. Raises UserError where a transaction does
    not stand in it as it was read."""
    edits = one_for_each(edits)
    if not edits:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    scanned = list(scan("\n".join(lines)))
    # From the end, so that the numbers of the lines above stay what they are.
    for edit in sorted(edits, key=lambda e: e.line, reverse=True):
        first, end = edit.line - 1, _end(edit.line - 1, scanned)
        lines[first:end] = _changed(edit, scanned[first:end], shown)
        if edit.instead == "" and first < len(lines) and not lines[first].strip():
            del lines[first]
    return newline.join(lines)


def cut_out(text: str, edit: Edit, shown: str) -> str:
    """The text of the edit's transaction alone, as the edit makes it."""
    scanned = list(scan(text.replace("\r\n", "\n")))
    return "\n".join(_changed(edit, _own_lines(edit.txn, scanned), shown))


def has_comments(text: str, txn: data.Transaction) -> bool:
    """Whether somebody has put a comment into a transaction of ``text``, or right above it."""
    scanned = list(scan(text.replace("\r\n", "\n")))
    first = int(txn.meta["lineno"]) - 1
    if 0 < first <= len(scanned) and scanned[first - 1].is_comment:
        return True
    # A string that is left open at the end of a line has no room for a comment behind it.
    own = (line for line in _own_lines(txn, scanned) if line.code.count('"') % 2 == 0)
    return any(_comment_at(line.text) < len(line.text) for line in own if not line.inside)


def one_for_each(edits: Iterable[Edit]) -> list[Edit]:
    """The edits, those of one transaction as one."""
    found: dict[int, Edit] = {}
    for edit in edits:
        other = found.get(edit.line)
        found[edit.line] = edit if other is None else _both(other, edit)
    return list(found.values())


def _both(first: Edit, second: Edit) -> Edit:
    if first.instead is not None or second.instead is not None:
        raise _moved(second, str(second.txn.meta.get("filename", "")))
    places = {*first.meta, *second.meta}
    dropped = {*first.drop, *second.drop}
    return Edit(
        first.txn,
        flag=second.flag or first.flag,
        without=(*first.without, *second.without),
        head={**first.head, **second.head},
        link=second.link or first.link,
        accounts={**first.accounts, **second.accounts},
        meta={p: {**first.meta.get(p, {}), **second.meta.get(p, {})} for p in places},
        drop={p: (*first.drop.get(p, ()), *second.drop.get(p, ())) for p in dropped},
        numbers={**first.numbers, **second.numbers},
        more=(*first.more, *second.more),
        payee=first.payee if second.payee is None else second.payee,
        date=second.date or first.date,
    )


def is_plain(lines: Sequence[Line], first: int) -> bool:
    """Whether the transaction that begins at ``lines[first]`` has no comment within, and no string
    that goes on in a next line: whoever replaces it loses nothing that a person wrote there."""
    own = lines[first : _end(first, lines)]
    return all(not line.inside and _comment_at(line.text) == len(line.text) for line in own)


def _end(first: int, lines: Sequence[Line]) -> int:
    end = first + 1
    while end < len(lines) and (lines[end].inside or re.match(r"[ \t]+\S", lines[end].text)):
        end += 1
    return end


def _own_lines(txn: data.Transaction, scanned: Sequence[Line]) -> Sequence[Line]:
    first = int(txn.meta["lineno"]) - 1
    return scanned[first : _end(first, scanned)]


def _changed(edit: Edit, lines: Sequence[Line], shown: str) -> list[str]:
    if not lines or not lines[0].code.startswith(edit.txn.date.isoformat()[:4]):
        raise _moved(edit, shown)
    if edit.instead is not None:
        return edit.instead.split("\n") if edit.instead else []
    places = {
        int((posting.meta or {}).get("lineno", 0)) - edit.line: place
        for place, posting in enumerate(edit.txn.postings)
    }
    out: list[str] = []
    place: int | None = None  # the posting that a line belongs to; None: to the head
    dropping = False
    for offset, line in enumerate(lines):
        dropping = dropping and line.inside
        if dropping:
            continue
        here = places.get(offset)
        if here is not None:
            if place is None:
                out += [f"  {name}: {_quoted(value)}" for name, value in edit.head.items()]
            place = here
            out.append(_posting(line.text, edit, place, shown))
            indent = _INDENT.match(line.text)
            deeper = (indent[0] if indent else "") + "  "
            out += [f"{deeper}{name}: {_quoted(v)}" for name, v in edit.meta.get(place, {}).items()]
            continue
        unwanted = edit.without if place is None else edit.drop.get(place, ())
        dropping = any(line.code.strip().startswith(f"{name}:") for name in unwanted)
        if offset == 0:
            out += _head(line.text, edit, whole=len(lines) == 1 or not lines[1].inside)
        elif not dropping:
            out.append(line.text)
    out += [f"  {account}  {plain(number)} {units}" for account, number, units in edit.more]
    named = {*edit.accounts, *edit.meta, *edit.drop, *edit.numbers}
    missing = named - set(places.values())
    if missing:
        raise _moved(edit, shown)
    return out


def _head(text: str, edit: Edit, *, whole: bool) -> list[str]:
    """The first line; ``whole`` is false where a string goes on in the next."""
    if edit.date:
        text = _DATE.sub(edit.date.isoformat(), text, count=1)
    if edit.payee is not None:
        text = _STRING.sub(lambda _: _quoted(edit.payee or ""), text, count=1)
    if edit.flag:
        text = _FLAG.sub(lambda match: match[1] + edit.flag, text, count=1)
    if not edit.link or edit.link in (edit.txn.links or ()):
        return [text]
    if not whole:
        raise UserError(
            "its narration goes over several lines; join them first",
            file=str(edit.txn.meta["filename"]),
            line=edit.line,
            code=EXIT_FINDINGS,
        )
    body = text[: _comment_at(text)].rstrip()
    comment = text[len(body) :].strip()
    return [f"{body} ^{edit.link}{comment and '  ' + comment}"]


def _comment_at(text: str) -> int:
    """Where the comment at the end of the line begins; a semicolon within a string begins none."""
    blanked = _STRING.sub(lambda match: "x" * len(match[0]), text)
    found = blanked.find(";")
    return found if found >= 0 else len(text)


def _posting(text: str, edit: Edit, place: int, shown: str) -> str:
    old = edit.txn.postings[place]
    if (place in edit.accounts or place in edit.numbers) and old.account not in text:
        raise _moved(edit, shown)
    number = edit.numbers.get(place)
    if number is not None:
        said = text[text.index(old.account) + len(old.account) : _comment_at(text)]
        # A posting without an amount is worked out anew.
        if said.strip():
            currency = old.units.currency if old.units else ""
            pattern = rf"^(\s+).+?(\s*{re.escape(currency)}\b)"
            new, found = re.subn(pattern, rf"\g<1>{plain(number)}\2", said)
            if not found:
                raise _moved(edit, shown)
            text = text.replace(said, new, 1)
    return text.replace(old.account, edit.accounts.get(place, old.account), 1)


def _quoted(text: str | dt.date) -> str:
    if isinstance(text, dt.date):
        return text.isoformat()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moved(edit: Edit, shown: str) -> UserError:
    return UserError(
        "the transaction does not stand here as it was read",
        file=shown,
        line=edit.line,
        hint="edit it by hand, or run the command again",
        code=EXIT_FINDINGS,
    )
