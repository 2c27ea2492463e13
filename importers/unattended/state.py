"""What a machine without a memory needs: the connections and their encrypted tokens, as one text.

A CI begins with an empty ``.books/``. It is given this as a secret variable; the key that opens the
tokens is another one.
"""

import base64
import binascii
import json
import re
import zlib

from core.findings import UserError
from core.home import Home
from core.journal.write import keep

_WANTED = ("secrets/*.json", "feed/*.bank.json")
_NAME = re.compile(r"(?:secrets|feed)/[a-z0-9.-]+\.json")
_MOST = 4_000_000


def packed(home: Home) -> str:
    """The connections and tokens of a home, on one line. Raises UserError where there are none."""
    files = {
        path.relative_to(home.private).as_posix(): path.read_text(encoding="utf-8")
        for pattern in _WANTED
        for path in sorted(home.private.glob(pattern))
    }
    if not files:
        raise UserError("no bank is connected", hint="books bank add")
    return base64.b64encode(zlib.compress(json.dumps(files).encode(), 9)).decode()


def unpacked(home: Home, text: str) -> int:
    """Writes into ``.books/`` what ``packed`` gave, as far as it is not there; how many files.

    Raises UserError for a text that is none of ours.
    """
    try:
        engine = zlib.decompressobj()
        plain = engine.decompress(base64.b64decode(text.strip(), validate=True), _MOST)
        files = json.loads(plain)
        names = [(str(name), str(content)) for name, content in files.items()]
        if engine.unconsumed_tail or not all(_NAME.fullmatch(name) for name, _ in names):
            raise ValueError("names of files that are none of ours")
    except (binascii.Error, zlib.error, ValueError, AttributeError) as error:
        raise UserError(
            "BOOKS_STATE is not what 'books schedule state' prints", hint="print it again"
        ) from error
    fresh = [(name, content) for name, content in names if not (home.private / name).exists()]
    for name, content in fresh:
        keep(home, name, content.encode())
    return len(fresh)
