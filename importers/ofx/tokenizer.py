"""OFX as a stream of tags: headers of every kind, SGML without closing tags, XML, and the mixtures
that banks send.

Nothing here resolves entities or loads anything; a file that declares either is refused.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from importers.statement import RefusedFileError

MAX_BYTES = 10_000_000

# The name is possessive (*+): a long name without an end must not be tried at every length.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._]*+)[^<>]*?(/?)>([^<]*)")
_COMMENT, _CDATA = ("<!--", "-->"), ("<![CDATA[", "]]>")
_DECLARED = re.compile(r"""(?:encoding=["']?|CHARSET:|ENCODING:)\s*([\w-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Tag:
    """One tag: its name in upper case, whether it closes, the text after it, and its line.

    ``value`` has HTML entities decoded; ``raw`` is what the bank wrote (text out of a CDATA section
    with its ``&`` and ``<`` escaped).
    """

    name: str
    closes: bool
    value: str
    raw: str
    line: int


def looks_like_ofx(head: bytes) -> bool:
    """Whether the beginning of a file is OFX, whatever the file is called."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    upper = plain.upper()
    return upper.startswith(b"OFXHEADER") or b"<OFX>" in upper or b"<?OFX" in upper


def tags(raw: bytes, shown: str) -> Iterator[Tag]:
    """The tags of a file, from ``<OFX>`` to ``</OFX>``.

    An element that closes itself comes as its two tags. Raises RefusedFileError for a file that is
    too large, holds no OFX element, ends before that element does, or declares a document type or
    entities.
    """
    if len(raw) > MAX_BYTES:
        raise RefusedFileError(
            "is larger than 10 MB; ask the bank for a shorter period", file=shown
        )
    text = decoded(raw)
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise RefusedFileError(
            "declares a document type or entities, which no bank does and which can do harm",
            file=shown,
        )
    start = re.search(r"<OFX\s*>", text, re.IGNORECASE)
    if not start:
        raise RefusedFileError("has no <OFX> element: there is no statement in it", file=shown)
    line = text.count("\n", 0, start.start()) + 1
    text, position = _without_sections(text[start.start() :], shown, line), 0
    for match in _TAG.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        name = match[2].upper()
        raw_value = match[4].strip()
        yield Tag(name, bool(match[1]), html.unescape(raw_value), raw_value, line)
        if match[3] and not match[1]:
            yield Tag(name, True, "", "", line)
        if name == "OFX" and (match[1] or match[3]):
            return
    # What was cut off can be half an amount, or lines that nobody would miss.
    raise RefusedFileError(
        "ends before </OFX>: a part of it is missing; nothing of the file was used",
        file=shown,
        line=line,
        hint="download it from the bank again",
    )


def _without_sections(text: str, shown: str, line: int) -> str:
    """``text`` without its comments, and with CDATA as ordinary escaped text; lines stay lines."""
    out, position = [], 0
    while (start := text.find("<!", position)) >= 0:
        section = next((s for s in (_COMMENT, _CDATA) if text.startswith(s[0], start)), None)
        if section is None:
            out.append(text[position : start + 2])
            position = start + 2
            continue
        begin, end = start + len(section[0]), text.find(section[1], start + len(section[0]))
        if end < 0:
            raise RefusedFileError(
                f"has a {section[0]} without {section[1]}",
                file=shown,
                line=line + text.count("\n", 0, start),
                hint="download it from the bank again",
            )
        inside = text[begin:end]
        is_comment = section is _COMMENT
        kept = "\n" * inside.count("\n") if is_comment else html.escape(inside, quote=False)
        out += [text[position:start], kept]
        position = end + len(section[1])
    return "".join([*out, text[position:]])


def decoded(raw: bytes) -> str:
    """The text of a file. Headers are often wrong, so UTF-8 that is valid counts before them."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.findall(raw[:2000].decode("ascii", "replace"))
    for name in (*(f"cp{d}" if d.isdigit() else d for d in declared), "cp1252"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")
