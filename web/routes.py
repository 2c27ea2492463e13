"""What of Fava may be reached: its reading pages, and queries that only read.

Both are allow-lists, so that a page or a command that a newer Fava adds is closed until somebody
has looked at it.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from fava.application import CLIENT_SIDE_REPORTS

# The query language's reading statements. Everything else that Fava's query box takes is a shell
# command, and some of those write files; ``CREATE TABLE`` can read any file as a table.
READING_STATEMENTS = ("SELECT", "BALANCES", "JOURNAL", "PRINT")
_STATEMENT = re.compile(rf"(?:{'|'.join(READING_STATEMENTS)})(?![\w.])", re.IGNORECASE | re.ASCII)

_PAGES = frozenset(CLIENT_SIDE_REPORTS) - {"import"}
_FILES = frozenset(("document", "statement"))
_API = frozenset(
    (
        "account_report balance_sheet changed commodities context documents errors events help"
        " income_statement journal journal_page ledger_data narration_transaction narrations"
        " options payee_accounts payee_transaction query source source_slice statistics"
        " trial_balance"
    ).split()
)
# ``source`` and ``source_slice`` are also names of writes; the method tells them apart, and the
# guard lets no other method than GET through.
WRITES = frozenset("add_document add_entries attach_document document format_source move".split())
# Fava's own import page runs importers; ours run from the command line.
IMPORTS = frozenset("extract imports upload_import_file".split())
_HOLDINGS = frozenset(("by_account", "by_currency", "by_cost_currency"))


def reads_only(query: str) -> bool:
    """Whether a query is one of the reading statements.

    Fava's shell strips the text and looks at its first word, and so does this.
    """
    return _STATEMENT.match(query.strip()) is not None


def is_home(path: str) -> bool:
    """Whether the path is that of our own page."""
    return path in {"", "/", "/home", "/home/"}


_STEP = re.compile(r"/step/(import|fix/[0-9a-f]{8,64})")
KEYS = "/keys.js"
WEBHOOK = "/webhooks/plaid"


def step_of(path: str) -> str:
    """The name of the step that the path is the page of, or nothing."""
    found = _STEP.fullmatch(path)
    return found[1] if found else ""


def serves_file(path: str) -> bool:
    """Whether the path is one where Fava sends a document from the disk."""
    parts = path.strip("/").split("/")
    return len(parts) == 2 and parts[1] in _FILES


def is_api(path: str) -> bool:
    """Whether Fava's scripts, rather than a person, read the answer."""
    return path.split("/")[2:3] == ["api"]


def is_write(path: str) -> bool:
    """Whether the path names an endpoint that changes files."""
    parts = path.strip("/").split("/")
    return parts[1:2] == ["api"] and parts[-1] in WRITES


def is_import(path: str) -> bool:
    """Whether the path belongs to Fava's import page."""
    parts = path.strip("/").split("/")
    return parts[1:] == ["import"] or (parts[1:2] == ["api"] and parts[-1] in IMPORTS)


def is_extension(path: str) -> bool:
    """Whether the path belongs to a Fava extension, which is code that the books name."""
    return path.split("/")[2:3] in (["extension"], ["extension_js_module"])


def is_open(path: str) -> bool:
    """Whether the path is a page, an asset or a reading endpoint of Fava that may be seen."""
    parts = path.split("/")[1:]
    if not path.startswith("/") or "" in parts[:-1] or ".." in parts or "." in parts:
        return False
    match parts[1:-1] if parts[-1] == "" else parts[1:]:
        case [] if len(parts) < 3:  # a ledger's first page, which is a redirect
            found = parts[0] not in {"", "static", "jump"}
        case [page]:
            found = page in _PAGES | _FILES | {"help", "download-journal"}
        case ["api", name]:
            found = name in _API
        case ["account" | "help", _]:
            found = True
        case ["holdings", name]:
            found = name in _HOLDINGS
        case ["download-query", name]:
            found = name.startswith("query_result.")
        case _:
            found = False
    return found or (parts[0] == "static" and len(parts) > 1)


def inside(filename: str, trees: Sequence[Path]) -> bool:
    """Whether a file lies, links followed, in one of the folders. Names must be absolute."""
    if not filename.startswith(os.sep) or "\0" in filename:
        return False
    real = Path(os.path.realpath(filename))
    return any(real.is_relative_to(os.path.realpath(tree)) for tree in trees)
