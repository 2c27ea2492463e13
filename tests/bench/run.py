"""``make bench``: ours beside Beancount's and beangulp's, in one run, on generated books.

A bar that is missed ends the run with 1 and its name. ``--write`` puts the figures into
docs/performance.md.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from curves import curves
from generate import STATEMENT, edit
from measure import Job, Run, Side, command, ratio, side_by_side
from neighbours import neighbours
from proposal import DIFF, DIFF_UNKEPT, REVIEW, proposals, proposed

from core.home import Home

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
STEPS = Path(__file__).with_name("steps.py")
PAGE = CHECKOUT / "docs/performance.md"
PICTURE = CHECKOUT / "docs/pictures/growth.svg"
OURS, THEIRS, LOAD, IMPORT = (
    "books check --no-cache",
    "bean-check --no-cache",
    "one load",
    "books import",
)
AGAIN, EDITED = "books check, nothing changed", "books check, one journal edited"
WARM = "the same in a warm process"
DRAWN = (THEIRS, OURS, EDITED, AGAIN, WARM)
SHEET = "books report balance-sheet"
STATEMENT_ASKED = ("balance-sheet", "--entity", "acme", "--period", "2026")
# Up to this size files hold 30 days; above it fewer, so that the file edited is about as long.
LARGE = 100_000
JOURNALS = ("acme/2026/2026-006.beancount", "acme/2026/2026-060.beancount")
ROWS, MANY = 10_000, 100_000
# On small books the start of the process is most of what is measured.
BARS_FROM = 100_000


@dataclass(frozen=True)
class Bar:
    """A figure and what it must reach; ``at_most`` or at least."""

    name: str
    figure: float
    wanted: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.figure <= self.wanted if self.at_most else self.figure >= self.wanted


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, action="append", help="transactions; repeatable")
    options.add_argument("--rounds", type=int, default=5, help="alternated rounds, at least 5")
    options.add_argument("--json", action="store_true", help="the figures as JSON")
    options.add_argument("--write", action="store_true", help="write docs/performance.md")
    given = options.parse_args()
    pages, missed, answers = [], [], []
    warm: dict[int, float] = {}
    growing: dict[str, list[tuple[int, float]]] = {name: [] for name in DRAWN}
    for size in given.size or [10_000, 100_000]:
        with tempfile.TemporaryDirectory(prefix="books-bench-") as folder:
            rounds = given.rounds if size <= LARGE else 1  # minutes each
            sides, found = measure(Path(folder) / "home", size, rounds)
        pages.append(table(size, sides, found))
        answers.append({"size": size, "bars": {bar.name: bar.figure for bar in found}})
        medians = {side.name: side.median("wall") for side in sides}
        warm[size] = medians[WARM]
        for name in DRAWN:
            growing[name].append((size, medians[name]))
        if size >= BARS_FROM:
            missed += [f"{bar.name} at {size:,} transactions" for bar in found if not bar.met]
        told(pages[-1] if not given.json else "")
    if {LARGE, 10 * LARGE} <= warm.keys():
        growth = Bar("a warm edit at ten times the size", warm[10 * LARGE] / warm[LARGE], 1.5)
        missed += [] if growth.met else [growth.name]
        pages.append(f"## Growth\n\n| Ratio | | bar |\n|---|---|---|\n{row(growth)}\n")
    if given.json:
        print(json.dumps(answers, indent=2))
    if given.write:
        PAGE.write_text(page(pages, given.rounds), encoding="utf-8")
        PICTURE.write_text(curves(growing), encoding="utf-8")
    for name in missed:
        told(f"MISSED: {name}")
    return 1 if missed else 0


def measure(where: Path, size: int, rounds: int) -> tuple[list[Side], list[Bar]]:
    """Every figure for books of one size."""
    os.environ["PYTHONPATH"] = f"{CHECKOUT}{os.pathsep}{STEPS.parent}"
    os.environ["XDG_CACHE_HOME"] = str(where.parent / "cache")
    step = (sys.executable, STEPS)
    # in a process of its own: a child's peak is never less than what its parent holds
    days = 30 if size <= LARGE else 30 * LARGE // size
    command(*step, "generate", where, str(size), str(days), str(ROWS))()
    home, file = Home(where), where / STATEMENT
    root, journal = home.main_root, home.ledger / JOURNALS[size > LARGE]
    jobs: list[tuple[str, Job]] = [
        (OURS, command(BIN / "books", "check", "--no-cache", root)),
        (THEIRS, command(BIN / "bean-check", "--no-cache", root)),
        (EDITED, command(BIN / "books", "check", root, before=lambda: edit(journal))),
        (AGAIN, command(BIN / "books", "check", root)),
        (SHEET, command(*(BIN / "books", "--home", home.path, "report", *STATEMENT_ASKED))),
    ]
    jobs += neighbours(home, where.parent) if size <= LARGE else []
    sides = side_by_side(jobs, rounds, told)
    ours, theirs, edited, again, sheet, *_ = sides
    told("edits in one process")
    warm = command(*step, "warm", home.path, journal)()
    sides.append(in_one_process(WARM, warm))
    figures = statistics.median(json.loads(command(*step, "figures", home.path)().said))
    bars = [
        Bar("check --no-cache: wall, to bean-check", ratio(ours, theirs, "wall"), 0.95),
        Bar("check --no-cache: CPU, to bean-check", ratio(ours, theirs, "cpu"), 0.95),
        Bar("check --no-cache: peak memory, to bean-check", ratio(ours, theirs, "peak"), 1.2),
        Bar("the same in a warm process: peak MiB", sides[-1].median("peak"), 1000),
        Bar("a balance sheet's figures from the projection: seconds", figures, 0.01),
    ]
    if size > LARGE:
        return sides, bars
    bars += [
        Bar("check, nothing changed: seconds", again.median("wall"), 0.6),
        Bar("check, one journal edited: seconds", edited.median("wall"), 1.2),
        Bar("the same in a warm process: seconds", sides[-1].median("wall"), 0.3),
        Bar("books report balance-sheet: seconds", sheet.median("wall"), 0.6),
    ]
    more, others = beside(home, file, journal, rounds)
    return [*sides, *more], [*bars, *others]


def beside(home: Home, file: Path, journal: Path, rounds: int) -> tuple[list[Side], list[Bar]]:
    """What is compared on books that everybody can read in a few seconds."""
    step = (sys.executable, STEPS)
    undo = undone(home)
    wanted = (BIN / "books", "--home", home.path, "import", file, "--yes")
    jobs = [
        (LOAD, command(*step, "load", home.path)),
        (IMPORT, command(*wanted, before=undo)),
        *proposals(BIN / "books", proposed(home, home.path.with_name("proposal"), journal)),
    ]
    load, imported, diff, unkept, review = sides = side_by_side(jobs, rounds, told)
    undo()
    told("the budget")
    budget = json.loads(
        command(*step, "budget", home.path.with_name("household"), str(MANY))().said
    )
    told("the rules on top of a load")
    loads = json.loads(command(*step, "rules", home.path)().said)
    share = statistics.median(judged / loaded for loaded, judged in loads)
    told("the dedupe step")
    one = json.loads(command(*step, "dedupe", home.path, file)().said)
    told("planning imports")
    plans = {
        rows: json.loads(command(*step, "plan", home.path, str(rows))().said)
        for rows in (ROWS, MANY)
    }
    pages = {}
    for who in ("ours", "stock"):
        told(f"Fava's next page, {who}")
        spoken = json.loads(command(*step, "page", home.path, journal, who)().said)
        pages[who] = {name: statistics.median(each) for name, each in spoken.items()}
    return sides, [
        Bar("a month's view of a budget after loading: seconds", budget["view"], 0.05),
        Bar("the budget engine: part of the load", budget["engine"] / budget["load"], 0.1),
        Bar("all rules: CPU on top of a cold load", share, 0.15),
        Bar(f"import of {ROWS:,} rows: cold loads", ratio(imported, load, "wall"), 2.3),
        Bar(f"{DIFF}: CPU, to one load", ratio(diff, load, "cpu"), 1.3),
        Bar(f"{DIFF_UNKEPT}: CPU, to one load", ratio(unkept, load, "cpu"), 1.3),
        Bar(f"{REVIEW}: seconds", review.median("wall"), 60),
        *(
            Bar(
                f"planning {rows:,} rows: times reading and printing them",
                said["plan"] / (said["parse"] + said["print"]),
                2,
            )
            for rows, said in plans.items()
        ),
        Bar(
            f"planning {MANY:,} rows: times as long as {ROWS:,}, for each row",
            plans[MANY]["plan"] / plans[ROWS]["plan"] * ROWS / MANY,
            1.2,
        ),
        Bar(
            f"dedupe of {ROWS:,} rows: times faster than beangulp",
            one["beangulp"] / one["ours"],
            100,
            at_most=False,
        ),
        Bar(
            "Fava's next page after an edit: times sooner than stock",
            pages["stock"]["all"] / pages["ours"]["all"],
            20,
            at_most=False,
        ),
        Bar(
            "the same, filtered by a year",
            pages["stock"]["year"] / pages["ours"]["year"],
            20,
            at_most=False,
        ),
    ]


def in_one_process(name: str, run: Run) -> Side:
    """The seconds that a process has said, each as a run."""
    return Side(name, tuple(Run(each, each, run.peak) for each in json.loads(run.said)))


def undone(home: Home) -> Callable[[], None]:
    """Takes an import back: its entries, the file in the archive, the intent log."""
    before = {path: path.read_bytes() for path in home.ledger.rglob("*") if path.is_file()}

    def undo() -> None:
        for path in [path for path in home.ledger.rglob("*") if path.is_file()]:
            if path not in before:
                path.unlink()
            elif path.read_bytes() != before[path]:
                path.write_bytes(before[path])
        shutil.rmtree(home.private, ignore_errors=True)

    return undo


def table(size: int, sides: list[Side], bars: list[Bar]) -> str:
    """The figures of one size, as Markdown."""
    out = [
        f"## {size:,} transactions",
        "",
        "| | wall, s | CPU, s | peak, MiB |",
        "|---|---|---|---|",
    ]
    for side in sides:
        figures = " | ".join(side.spread(what) for what in ("wall", "cpu", "peak"))
        out.append(f"| `{side.name}` | {figures} |")
    out += ["", "| Ratio, pair by pair | median | bar |", "|---|---|---|"]
    out += [row(bar, counts=size >= BARS_FROM) for bar in bars]
    return "\n".join([*out, ""])


def row(bar: Bar, *, counts: bool = True) -> str:
    """A bar as a row of a table."""
    wanted = f"{'≤' if bar.at_most else '≥'} {bar.wanted:g}"
    wanted += " MISSED" if counts and not bar.met else ""
    return f"| {bar.name} | {bar.figure:.2f} | {wanted} |"


def page(tables: list[str], rounds: int) -> str:
    """docs/performance.md."""
    names = ("beancount", "beangulp", "bulkhead-books")
    return _PAGE.format(
        python=f"Python {platform.python_version()} ({platform.python_implementation()})",
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        versions=", ".join(f"{name} {version(name)}" for name in names),
        rounds=rounds,
        tables="\n".join(tables),
    )


_PAGE = """\
# Performance

Written by `make bench ARGS=--write`. Seconds mean little on another machine; the ratios, taken
pair by pair in one run, mean more.

![Seconds until the findings, by number of transactions](pictures/growth.svg)

{python}, {machine}; {versions}.

Method: generated books (`tests/bench/generate.py`: three entities, ten years, lots bought and
sold, pairs, monthly balance assertions), a file for each entity and 30 days; at 1,000,000
transactions for each 3 days, so that the file that is edited has some 250 transactions in both.
Each command is a process of its own, once to warm up, then all in turn {rounds} times (once at
1,000,000); medians with the smallest and the largest figure. CPU is user and system time, peak the
largest resident size. `books check` runs every rule, and so does `bean-check`, by the plugin line
of the root. An edit adds a letter to a narration. The warm process has checked the books before,
as `books check --watch` and `books serve` have; nine edits. The import writes: it reads the books,
plans, reads them back with the change in it, and renames; a cold load is one `--no-cache`.
`books diff` and `books review` compare two commits of which the second edits one journal, with
nothing in the cache, as a fresh clone in CI. The
dedupe step is ours and beangulp's (its default window and comparison) on the same lines and
entries in one process. Planning is all of an import but reading the books before and after (what
it asks of them is at hand): reading the file, ids, rules, other sources, transfers, the proof, the
text; CPU seconds in one process. Fava's next page is its reload and an income statement, with our
reader and with its own; filtered by a year, Fava itself goes through all the years before it.

A budget is that of a household of 100,000 entries in ten years with sixty envelopes
(`tests/bench/household.py`): the engine gathers what entries do and works out all 120 months, the
view is JSON and text of one month; CPU seconds in one process.

hledger, ledger and uromyces (`uro`) stand beside them where they are installed: the same
transactions and balance assertions (`tests/bench/neighbours.py`), each as it is asked to read and
prove all of it. They know no rules, and neither books lots by month nor keeps anything for the next
run; they are compiled, ours is Python.

The bars in seconds are for 100,000 transactions, the others for 1,000,000 as well. On small books
the start of the process counts more: ours takes about 0.1 s longer, most of it for the library
that checks the YAML files of `rules/`. The first reading of a home writes the cache and takes
longer than a cold one (`books check` once more than half as long again).

{tables}"""


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
