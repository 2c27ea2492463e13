"""``plugin "bulkhead.veil" "group"``: the rules' errors in bean-check and Fava.

The argument says whether the file is a ``group`` or one ``entity``; without it a file is a group
when it holds transactions of several entities. Beancount plugins know no warnings: errors go to
its list, the rest is shown by ``books check``. Entries pass through unchanged.
"""

from collections import namedtuple
from typing import Any

from beancount.core import data
from beancount.ops import balance, pad

from core.findings import Severity
from core.journal.books import ENTITY, GROUP, Books
from core.journal.closings import Closings
from core.seal import CLOSE
from plugins.run import run_rules

__plugins__ = ("veil",)

VeilError = namedtuple("VeilError", "source message entry")


def veil(
    entries: list[data.Directive], options_map: dict[str, Any], config: str = ""
) -> tuple[list[data.Directive], list[VeilError]]:
    """The entries as they came, and an error for each finding of severity error."""
    if config not in {"", GROUP, ENTITY}:
        source = data.new_metadata(str(options_map.get("filename", "<veil>")), 0)
        return entries, [
            VeilError(source, f'bulkhead.veil: write "group" or "entity", not "{config}"', None)
        ]
    # Beancount pads after the plugins of a file have run; the rules must see what readers see.
    padded, _ = pad.pad(entries, options_map)
    if any(isinstance(e, data.Custom) and e.type == CLOSE for e in entries):
        # So do balances fail after them, which in a closed month is an error of ours too.
        padded, _ = balance.check(padded, options_map)
    books = Books.of(padded, options_map, kind=config)
    errors = []
    for finding in run_rules(books, closed=Closings.of(books)):
        if finding.severity is Severity.ERROR:
            source = data.new_metadata(str(books.base / finding.file), finding.line)
            errors.append(VeilError(source, f"{finding.code} {finding.message}", None))
    return entries, errors
