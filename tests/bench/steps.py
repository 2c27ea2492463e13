"""Single steps measured inside one process, on the same entries; run as a program by ``run.py``.

``load HOME`` reads the books and nothing else. ``dedupe HOME FILE`` prints the seconds that our
dedupe and beangulp's take for the same new lines against the same books, as JSON.
"""

import datetime as dt
import gc
import json
import sys
import time
from pathlib import Path

from beancount.core import data
from beangulp import extract, similar

from core.home import Home
from core.identity import LineIds, known_ids
from core.journal.books import Books
from core.journal.read import read
from importers.detect import load_profiles, read_statement_file
from importers.draft import transaction
from importers.statement import StatementLine
from scripts.importing import leave_unknown, plan_files
from scripts.shipped import SHIPPED


def load(home: Home) -> None:
    """One load of the group."""
    read(home.main_root, home=home)


def dedupe(home: Home, file: Path) -> dict[str, float]:
    """Seconds of ours and of beangulp's, and what both looked at."""
    books = read(home.main_root, home=home)
    plan = plan_files(home, books, [file], leave_unknown)
    new: list[data.Directive] = [transaction(draft) for draft in plan.drafts]
    existing = [e for e in books.entries if isinstance(e, data.Transaction)]
    profiles = load_profiles(SHIPPED / "rules/sources", home.rules / "sources")
    (told,) = read_statement_file(file, profiles).statements
    gc.freeze()
    began = time.perf_counter()
    fresh = _ours(books, told.lines, told.identity)
    ours = time.perf_counter() - began
    assert fresh == len(new)
    began = time.perf_counter()
    # beangulp's own step, with the window and the comparison that its importers use by default
    window, compare = dt.timedelta(days=2), similar.heuristic_comparator()
    extract.mark_duplicate_entries(new, existing, window, compare)
    theirs = time.perf_counter() - began
    return {"lines": len(new), "existing": len(existing), "ours": ours, "beangulp": theirs}


def _ours(
    books: Books, lines: tuple[StatementLine, ...], identity: tuple[str, tuple[str, ...]]
) -> int:
    """How many lines are new: the books' ids once, then an id for each line."""
    known, ids = known_ids(books.entries), LineIds("chase-4411")
    version, columns = identity
    return sum(ids.by_cells(version, columns, line.cells) not in known for line in lines)


if __name__ == "__main__":
    wanted, home = sys.argv[1], Home(Path(sys.argv[2]))
    if wanted == "load":
        load(home)
    else:
        print(json.dumps(dedupe(home, Path(sys.argv[3]))))
