"""Single steps measured inside one process, on the same entries; run as a program by ``run.py``.

``generate HOME SIZE DAYS ROWS`` writes the books, and a statement for them. ``load HOME`` reads the
books, cold, and nothing else. ``rules HOME``: the CPU seconds of such loads, and of all rules on
what each gave. ``dedupe HOME FILE`` prints the seconds that our dedupe and
beangulp's take for the same new lines against the same books, as JSON. ``plan HOME ROWS``: those of
planning an import of so many lines, and of its parts. ``warm HOME FILE`` checks
the books in one process, and again after each of some edits of a journal: the seconds of each.
``figures HOME``: those of a balance sheet's figures from the projection. ``budget FOLDER SIZE``:
those of loading a household, of all months of its budget, and of one month's view. ``page HOME FILE
ours|stock``: those until Fava shows its next page after such edits, with our reader or its own.
"""

import datetime as dt
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from beancount.core import data
from beangulp import extract, similar
from generate import edit, generate, statement
from household import household

from core.home import Home
from core.identity import LineIds, known_ids
from core.journal.books import Books
from core.journal.read import read
from core.journal.render import render
from core.memory import collector_paused
from importers.detect import load_profiles, read_statement_file
from importers.draft import transaction
from importers.planned import ImportPlan
from importers.statement import StatementLine
from plugins.run import run_rules
from scripts.books import check
from scripts.importing import leave_unknown, plan_files, reader_of
from scripts.shipped import SHIPPED

PORT = 5000  # that nobody listens on: requests are handed to the app


def load(home: Home) -> None:
    """One cold load of the group."""
    os.environ["BOOKS_NO_CACHE"] = "1"
    read(home.main_root, home=home)


def rules(home: Home, times: int = 3) -> list[tuple[float, float]]:
    """CPU seconds of cold loads, and of all rules on the entries of each."""
    os.environ["BOOKS_NO_CACHE"] = "1"
    seconds = []
    for _ in range(times):
        began = time.process_time()
        books = read(home.main_root, home=home)
        loaded = time.process_time()
        run_rules(books)
        seconds.append((loaded - began, time.process_time() - loaded))
        del books
        gc.collect()
    return seconds


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
    # planning knows a few more by their likeness to what the books have from elsewhere
    assert 0 <= fresh - len(new) < len(new) / 100, (fresh, len(new))
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
    known, ids = set(known_ids(books.transactions)), LineIds("chase-4411")
    version, columns = identity
    return sum(ids.by_cells(version, columns, line.cells) not in known for line in lines)


def plan(home: Home, rows: int) -> dict[str, float]:
    """Seconds of reading a statement of that many lines of ten years, of planning its import (which
    reads it, too, and prints its entries), and of printing them; and of looking up what is kept of
    the books, which planning then finds at hand."""
    file = statement(home.path, rows, day=dt.date(2017, 1, 1), days=3600)
    small = home.path / "small" / file.name
    small.parent.mkdir(exist_ok=True)
    small.write_text("".join(file.read_text().splitlines(keepends=True)[:11]))
    books = read(home.main_root, home=home)
    with collector_paused():
        kept = _seconds(lambda: plan_files(home, books, [small], leave_unknown))
        parsed = _seconds(lambda: reader_of(home)(file))
        planned: list[ImportPlan] = []
        wanted = _seconds(lambda: planned.append(plan_files(home, books, [file], leave_unknown)))
        drafts = planned[0].drafts
        printed = _seconds(lambda: [render(transaction(draft)) for draft in drafts])
    return {"kept": kept, "parse": parsed, "plan": wanted, "print": printed, "new": len(drafts)}


def _seconds(step: Callable[[], object]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


def warm(home: Home, file: Path, edits: int = 9) -> list[float]:
    """Seconds from a save to its findings, in a process that has checked these books before."""

    def checked() -> float:
        began = time.perf_counter()
        check(read(home.main_root, home=home))
        return time.perf_counter() - began

    checked()
    seconds = []
    for _ in range(edits):
        edit(file)
        seconds.append(checked())
    return seconds


def page(home: Home, file: Path, who: str, edits: int = 3) -> dict[str, list[float]]:
    """Seconds from a save to Fava's next income statement, its reload included: of all time, and of
    one year, for which Fava goes through all years before it."""
    from werkzeug.test import Client  # with Fava, which the other steps do without

    from web.app import create_app
    from web.home import HomePage
    from web.loading import Loaded, loaded

    def load(root: Path) -> Loaded:
        books = read(root, home=home)
        return loaded(books, check(books))

    app = create_app(
        [home.main_root],
        lambda: HomePage("Books", "now"),
        PORT,
        trees=[home.ledger],
        load=load if who == "ours" else None,
    )
    client = Client(app)

    def seen(wanted: str) -> float:
        began = time.perf_counter()
        for path in ("changed", wanted):
            answer = client.get(f"/group/api/{path}", headers={"Host": f"127.0.0.1:{PORT}"})
            assert answer.status_code == 200, answer.get_data(as_text=True)
        return time.perf_counter() - began

    pages = {"all": "income_statement", "year": "income_statement?time=2026"}
    seconds: dict[str, list[float]] = {}
    for name, wanted in pages.items():
        seen(wanted)
        for _ in range(edits):
            edit(file)
            seconds.setdefault(name, []).append(seen(wanted))
    return seconds


def figures(home: Home, times: int = 20) -> list[float]:
    """Seconds that the projection takes to say what Acme's accounts hold at the end of 2026."""
    from core.projection.queries import balances
    from core.projection.sync import synced

    books = read(home.main_root, home=home)
    seconds = []
    with synced(books, check(books)) as projection:
        for _ in range(times):
            began = time.perf_counter()
            balances(projection, "Acme", dt.date(2026, 12, 31))
            seconds.append(time.perf_counter() - began)
    return seconds


def budget(folder: Path, size: int) -> dict[str, float]:
    """CPU seconds of loading a household of ``size`` transactions cold, of the budget engine (what
    all entries do, and every month from it), and then of one month's view, the slowest of ten."""
    from core.budget.ledger import budgets_in, ledger_of
    from reports.budget_month import as_text, month_json, month_report

    os.environ["BOOKS_NO_CACHE"] = "1"
    root, read_in = household(folder, size), list[Books]()
    load_seconds = _seconds(lambda: read_in.append(read(root)))
    (books,) = read_in

    def worked_out() -> None:
        ledger = ledger_of(books, budgets_in(books).budgets["Jane"])
        assert not any(done.gap for done in ledger.months(ledger.newest))

    with collector_paused():  # as it is while the rules run
        engine = _seconds(worked_out)
    ledger = ledger_of(books, budgets_in(books).budgets["Jane"])

    def view(month: int) -> None:
        done = ledger.month(month)
        json.dumps(month_json(done))
        as_text(month_report(books, done))

    months = range(ledger.newest - 9, ledger.newest + 1)
    return {
        "load": load_seconds,
        "engine": engine,
        "view": max(_seconds(lambda month=month: view(month)) for month in months),
    }


if __name__ == "__main__":
    wanted, home, *rest = sys.argv[1], Home(Path(sys.argv[2])), *sys.argv[3:]
    match wanted:
        case "generate":
            generate(home.path, int(rest[0]), days=int(rest[1]))
            statement(home.path, int(rest[2]))
        case "load":
            load(home)
        case "rules":
            print(json.dumps(rules(home)))
        case "dedupe":
            print(json.dumps(dedupe(home, Path(rest[0]))))
        case "plan":
            print(json.dumps(plan(home, int(rest[0]))))
        case "warm":
            print(json.dumps(warm(home, Path(rest[0]))))
        case "figures":
            print(json.dumps(figures(home)))
        case "budget":
            print(json.dumps(budget(home.path, int(rest[0]))))
        case "page":
            print(json.dumps(page(home, Path(rest[0]), rest[1])))
