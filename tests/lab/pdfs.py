"""PDFs for tests: statements set by typst from lines of text, and files that mean harm by hand."""

import base64
import json
import random
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import typst

from core.findings import UserError
from importers.pdf.words import words_of

# Where the cells of a line stand, in points from the left; ``|`` goes on to the next.
PLACES = (50, 100, 380, 440, 500)


@cache
def statement(*pages: str) -> bytes:
    """A PDF of these pages; each line stands 14 points beneath the one above."""
    out = ["#set page(width: 600pt, height: 800pt, margin: 0pt)\n#set text(size: 9pt)\n"]
    for number, page in enumerate(pages):
        out.append("#pagebreak()\n" if number else "")
        for row, line in enumerate(page.strip("\n").splitlines()):
            for place, cell in zip(PLACES, line.split("|"), strict=False):
                if cell.strip():
                    text = json.dumps(cell.strip(), ensure_ascii=False)
                    out.append(f"#place(dx: {place}pt, dy: {40 + 14 * row}pt, text({text}))\n")
    return typst.compile("".join(out).encode())


def by_hand(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), entries, data)


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%s>>>>"
FONT = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"


def locked() -> bytes:
    """A PDF that opens with a password only."""
    lock = b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"11" * 32, b"22" * 32)
    page = PAGE % FONT
    parts = [CATALOGUE, PAGES, page, stream(b"BT /F 9 Tf (x) Tj ET"), lock]
    return by_hand(parts, b"/Encrypt 5 0 R/ID[<00><00>]")


def scanned() -> bytes:
    """A page that is a picture."""
    picture = b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8"
    parts = [CATALOGUE, PAGES, PAGE % b"/XObject<</I 5 0 R>>", stream(b"600 0 0 800 0 0 cm /I Do")]
    return by_hand([*parts, stream(b"\x00", picture + b"/ColorSpace/DeviceGray")])


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    pages = b"<</Type/Pages/Kids[%s]/Count 1>>" % kids  # the number that it says is a lie
    return by_hand([CATALOGUE, pages, *[b"<</Type/Page/Parent 2 0 R>>"] * count])


def swelling(megabytes: int) -> bytes:
    """A page whose content unpacks to so much."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes))
    content = stream(packed + packer.flush(), b"/Filter/FlateDecode")
    return by_hand([CATALOGUE, PAGES, PAGE % FONT, content])


def laughing(depth: int) -> bytes:
    """Forms that draw the next one ten times each."""
    forms = []
    for level in range(depth):
        refers = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</N %d 0 R>>>>"
        drawing = b"/N Do " * 10 if level < depth - 1 else b"0 0 m 9 9 l S"
        forms.append(stream(drawing, refers % (6 + level)))
    parts = [CATALOGUE, PAGES, PAGE % b"/XObject<</N 5 0 R>>", stream(b"/N Do")]
    return by_hand([*parts, *forms])


def nested(depth: int) -> bytes:
    """An array in an array in an array …"""
    return by_hand([CATALOGUE, PAGES, PAGE % FONT, stream(b"[" * depth + b"]" * depth + b" TJ")])


def circle() -> bytes:
    """A tree of pages that comes back to its root."""
    return by_hand([CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"])


def mutants(seed: bytes, count: int, first: int) -> list[bytes]:
    """Damaged copies: bytes changed, taken out, doubled; the same ones for the same numbers."""
    made = []
    for number in range(first, first + count):
        dice = random.Random(number)  # noqa: S311 - the same mutants each time
        raw = bytearray(seed)
        for _ in range(dice.randint(1, 12)):
            at, length = dice.randrange(len(raw)), dice.randint(0, 30)
            new = dice.choice((b"", dice.randbytes(length), bytes(raw[at : at + length]) * 2))
            raw[at : at + dice.choice((0, 1, length))] = new
        made.append(bytes(raw))
    return made


def pack(files: Sequence[bytes]) -> bytes:
    """Several files for one child."""
    return json.dumps([base64.b64encode(raw).decode() for raw in files]).encode()


def words_of_each(raw: bytes) -> list[Any]:
    """In the child: the pages of each packed file, or the name of what it ended with."""
    out: list[Any] = []
    for packed in json.loads(raw):
        try:
            out.append(words_of(base64.b64decode(packed)))
        except UserError as error:
            out.append(error.message)
        except Exception as error:
            out.append(type(error).__name__)
    return out
