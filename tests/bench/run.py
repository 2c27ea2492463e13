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

from generate import generate, statement
from measure import Job, Run, Side, command, ratio, side_by_side

from core.home import Home

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
STEPS = Path(__file__).with_name("steps.py")
PAGE = CHECKOUT / "docs/performance.md"
OURS, THEIRS, LOAD, IMPORT = "books check", "bean-check --no-cache", "one load", "books import"
ROWS = 10_000
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
    for size in given.size or [10_000, 100_000]:
        with tempfile.TemporaryDirectory(prefix="books-bench-") as folder:
            sides, found = measure(Path(folder) / "home", size, given.rounds)
        pages.append(table(size, sides, found))
        answers.append({"size": size, "bars": {bar.name: bar.figure for bar in found}})
        if size >= BARS_FROM:
            missed += [f"{bar.name} at {size:,} transactions" for bar in found if not bar.met]
        told(pages[-1] if not given.json else "")
    if given.json:
        print(json.dumps(answers, indent=2))
    if given.write:
        PAGE.write_text(page(pages, given.rounds), encoding="utf-8")
    for name in missed:
        told(f"MISSED: {name}")
    return 1 if missed else 0


def measure(where: Path, size: int, rounds: int) -> tuple[list[Side], list[Bar]]:
    """Every figure for books of one size."""
    home = generate(where, size)
    file = statement(where, ROWS)
    root = home.main_root
    environment = {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{STEPS.parent}"}
    os.environ.update(environment)
    step = (sys.executable, STEPS)
    undo = undone(home)
    jobs: list[tuple[str, Job]] = [
        (OURS, command(BIN / "books", "check", root)),
        (THEIRS, command(BIN / "bean-check", "--no-cache", root)),
        (LOAD, command(*step, "load", home.path)),
        (
            IMPORT,
            command(
                *(BIN / "books", "--home", home.path, "import", file, "--yes"),
                before=undo,
            ),
        ),
    ]
    sides = side_by_side(jobs, rounds, told)
    undo()
    told("the dedupe step")
    steps: list[Run] = [command(*step, "dedupe", home.path, file)()]
    spoken = [json.loads(run.said) for run in steps]
    faster = statistics.median(one["beangulp"] / one["ours"] for one in spoken)
    ours, theirs, load, imported = sides
    whole = ratio(imported, load, "wall")
    largest = ratio(ours, theirs, "peak")
    return sides, [
        Bar("check: wall, to bean-check", ratio(ours, theirs, "wall"), 0.95),
        Bar("check: CPU, to bean-check", ratio(ours, theirs, "cpu"), 0.95),
        Bar("check: peak memory, to bean-check", largest, 1.2),
        Bar(f"import of {ROWS:,} rows: loads", whole, 2.3),
        Bar(f"dedupe of {ROWS:,} rows: times faster than beangulp", faster, 100, at_most=False),
    ]


def undone(home: Home) -> Callable[[], None]:
    """Takes an import back: its month file, the intent log, and nothing else."""
    before = {path: path.read_bytes() for path in home.ledger.rglob("*.beancount")}

    def undo() -> None:
        for path in home.ledger.rglob("*.beancount"):
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
    for bar in bars:
        wanted = f"{'≤' if bar.at_most else '≥'} {bar.wanted:g}"
        wanted += " MISSED" if size >= BARS_FROM and not bar.met else ""
        out.append(f"| {bar.name} | {bar.figure:.2f} | {wanted} |")
    return "\n".join([*out, ""])


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

{python}, {machine}; {versions}.

Method: generated books (`tests/bench/generate.py`: three entities, ten years, a file for each
entity and year, lots bought and sold, pairs, monthly balance assertions). Each command is a process
of its own, once to warm up, then all in turn {rounds} times; medians with the smallest and the
largest figure. CPU is user and system time, peak the largest resident size. `books check` runs
every rule, and so does `bean-check`, by the plugin line of the root. The import writes: it reads
the books, plans, reads them back with the change in it, and renames. The dedupe step is ours and
beangulp's (its default window and comparison) on the same lines and entries in one process.

The bars are for 100,000 transactions. On small books the start of the process counts more: ours
takes about 0.1 s longer, most of it for the library that checks the YAML files of `rules/`.

{tables}"""


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
