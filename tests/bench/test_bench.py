"""The books that are measured are clean, the same every time, and have what they promise."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from curves import curves
from generate import generate, statement
from household import ENVELOPES, household
from measure import Run, Side, command, ratio, side_by_side
from neighbours import JOURNAL, ROOT, neighbours, write
from steps import budget, dedupe, figures, page, rules, warm

from core.budget.ledger import budgets_in, ledger_of
from core.findings import Severity
from core.journal.read import read
from plugins.run import run_rules


def digest(path: Path) -> str:
    texts = [file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def test_generated_books_are_clean_for_everybody_and_always_the_same(tmp_path: Path) -> None:
    home = generate(tmp_path / "one", 1000)
    assert digest(home.path) == digest(generate(tmp_path / "two", 1000).path)
    books = read(home.main_root, home=home)
    # Companies that were made up have no statements, consents or receipts; they commit no sin.
    found = [*books.findings, *run_rules(books)]
    assert [f.message for f in found if f.severity is Severity.ERROR] == []
    assert not loader.load_file(str(home.main_root))[1]
    assert 1000 <= len(books.transactions) <= 1100
    assert any(link.startswith("ic-") for link in books.by_link)
    lots = [p for t in books.transactions for p in t.postings if p.cost]
    assert any(p.units.number > 0 for p in lots)
    assert any(p.units.number < 0 for p in lots)


def test_every_line_of_the_statement_is_new_for_both(tmp_path: Path) -> None:
    home = generate(tmp_path / "books", 500)
    found = dedupe(home, statement(home.path, 50))
    assert found["lines"] == 50
    assert 500 <= found["existing"] <= 550


def test_a_load_and_the_rules_are_timed_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_NO_CACHE", "1")
    assert [len(pair) for pair in rules(generate(tmp_path / "one", 500), 1)] == [2]


def test_edits_are_seen_by_whoever_is_measured(tmp_path: Path) -> None:
    home = generate(tmp_path / "books", 500, days=30)
    journal = home.ledger / "acme/2026/2026-006.beancount"
    before = journal.read_text()
    assert len(warm(home, journal, edits=2)) == 2
    assert {name: len(each) for name, each in page(home, journal, "ours", edits=1).items()} == {
        "all": 1,
        "year": 1,
    }
    assert len(journal.read_text()) == len(before) + 4
    assert len(figures(home, times=2)) == 2


def test_neighbours_get_all_transactions_and_assertions(tmp_path: Path) -> None:
    home = generate(tmp_path / "books", 500)
    write(home, tmp_path)
    books = read(home.main_root, home=home)
    written = (tmp_path / JOURNAL).read_text().split("\n\n")
    assert len(written) == len(books.transactions) + sum("= " in each for each in written)
    assert sum("= " in each for each in written) == sum(
        isinstance(entry, data.Balance) for entry in books.entries
    )
    plain, found, _ = loader.load_file(str(tmp_path / ROOT))
    assert not found
    assert sum(isinstance(entry, data.Transaction) for entry in plain) == len(books.transactions)


@pytest.mark.parametrize("program", ["hledger", "ledger"])
def test_neighbours_find_the_same_assertions_true(tmp_path: Path, program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    home = generate(tmp_path / "books", 500)
    asked = dict(neighbours(home, tmp_path))
    (job,) = [job for name, job in asked.items() if name.split()[0] == program]
    job()
    journal = tmp_path / JOURNAL
    journal.write_text(re.sub(r"= (-?\d)", r"= 1\1", journal.read_text(), count=1))
    with pytest.raises(RuntimeError, match="ssertion"):
        job()


def test_jobs_take_turns_and_ratios_go_pair_by_pair() -> None:
    order = []

    def job(name: str) -> Run:
        order.append(name)
        return Run(1.0, 1.0, 1.0)

    sides = side_by_side([("a", lambda: job("a")), ("b", lambda: job("b"))], 2)
    assert order == ["a", "b"] * 3
    assert [side.name for side in sides] == ["a", "b"]
    fast = Side("fast", (Run(1, 1, 1), Run(2, 1, 1), Run(30, 1, 1)))
    slow = Side("slow", (Run(2, 1, 1), Run(4, 1, 1), Run(40, 1, 1)))
    assert ratio(fast, slow, "wall") == 0.5


def test_a_job_measures_the_process_and_its_memory() -> None:
    run = command("python3", "-c", "x = bytearray(60_000_000); print('done')")()
    assert run.said == "done\n"
    assert run.peak > 55


def test_a_tenth_of_the_time_is_drawn_a_step_lower() -> None:
    drawn = curves({"slow": [(10, 1.0), (100, 10.0)], "fast": [(10, 0.1), (100, 1.0)]})
    lines = re.findall(r'<polyline points="[\d.]+,([\d.]+) [\d.]+,([\d.]+)"', drawn)
    (slow_first, slow_last), (fast_first, fast_last) = (map(float, line) for line in lines)
    assert slow_first == fast_last
    assert slow_first - slow_last == pytest.approx(fast_first - fast_last)
    assert slow_first < fast_first


def test_the_household_whose_budget_is_measured_is_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_NO_CACHE", "1")  # which the step sets for good
    books = read(household(tmp_path / "household", 2400))
    assert 2300 <= len(books.transactions) <= 2400
    assert [f.message for f in run_rules(books) if f.code.startswith("BUD")] == []
    (known,) = budgets_in(books).budgets.values()
    assert len(known.envelopes) == ENVELOPES
    ledger = ledger_of(books, known)
    assert len(ledger.months(ledger.newest)) == 120
    assert set(budget(tmp_path / "measured", 240)) == {"load", "engine", "view"}
