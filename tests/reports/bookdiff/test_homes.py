"""Homes and revisions: entities, what a change touches, and how the two sides are read."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from ledger_pairs import LEDGER, RENT, edited, kinds, written

from core import git
from core.findings import UserError
from core.home import Home
from core.journal import warm
from core.journal.sides import sides
from reports.bookdiff.as_json import to_json
from reports.bookdiff.model import BookDiff, compare
from scripts.books import check
from scripts.main import cli

PARTS = """\
2020-01-01 open Assets:Acme:Till
2020-01-01 open Assets:Jane:Till
2020-01-01 open Expenses:Acme:Paper
  tax: "office"
2020-01-01 open Expenses:Jane:Food:Groceries
2020-01-01 open Equity:Acme:Drawn
  role: "distribution"
  counterparty: "Jane"
2020-01-01 open Assets:Jane:Into:Acme
  role: "invest-in"
  counterparty: "Acme"
2020-01-01 custom "bud-envelope" "Jane" "Groceries" Expenses:Jane:Food "rollover"
"""
PAPER = '2026-03-04 * "Paper Mill" "Paper"\n  Expenses:Acme:Paper  20.00 USD\n  Assets:Acme:Till\n'
FOOD = '2026-03-05 * "Grocer"\n  Expenses:Jane:Food:Groceries  30.00 USD\n  Assets:Jane:Till\n'
DRAW = """\
2026-03-06 * "Jane" "Draw" ^ic-26-drw001
  transfer: "distribution"
  resolution: "consent.txt"
  Equity:Acme:Drawn  5.00 USD
  Assets:Acme:Till
"""
DRAWN = """\
2026-03-06 * "Acme" "Draw" ^ic-26-drw001
  transfer: "distribution"
  resolution: "consent.txt"
  Assets:Jane:Till  5.00 USD
  Assets:Jane:Into:Acme
"""
MARCH = "2026-03.beancount"


@pytest.fixture
def books(home: Home, write) -> Home:
    """The home with a chart of its own and a March of two entities, committed."""
    write("ledger/chart.beancount", PARTS)
    group = home.ledger / "group.beancount"
    group.write_text(group.read_text() + '\ninclude "chart.beancount"\n')
    write(f"ledger/acme/2026/{MARCH}", PAPER)
    write(f"ledger/jane/2026/{MARCH}", FOOD)
    commit(home, "March")
    return home


def commit(home: Home, message: str) -> None:
    named = ("-c", "user.name=Jane", "-c", "user.email=jane@example.org")
    for args in (("add", "-A"), (*named, "commit", "-q", "-m", message)):
        subprocess.run(["git", "-C", home.path, *args], check=True)


def of(home: Home, base: str = "HEAD", head: str = "") -> BookDiff:
    return compare(*sides(base, head, home.path), check)


def run(home: Home, *args: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["--home", str(home.path), "diff", *args], standalone_mode=False)
    if isinstance(done.exception, UserError):
        return done.exception.code, str(done.exception)
    assert done.exception is None, done.exception
    return done.return_value or 0, done.stdout


def test_a_home_does_not_differ_from_its_commit(books) -> None:
    assert not of(books).differs


def test_totals_and_accounts_are_by_entity(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    said = to_json(of(books))
    assert said["totals"] == {
        "Acme": {
            "2026-03": {
                "assets": "-2.00",
                "assets_market_value": "-2.00",
                "expenses": "2.00",
                "net_income": "-2.00",
            }
        }
    }
    assert said["accounts"]["Acme"]["Expenses:Acme:Paper"] == {"2026-03": "2.00"}
    assert [t["entity"] for t in said["transactions"]] == ["Acme"]


def test_tax_lines_and_envelopes(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    write(f"ledger/jane/2026/{MARCH}", FOOD.replace("30.00", "29.00"))
    said = to_json(of(books))
    assert said["tax_lines"] == [
        {"entity": "Acme", "name": "office", "period": "2026", "amount": "2.00"}
    ]
    assert said["envelopes"] == [
        {"entity": "Jane", "name": "Groceries", "period": "2026-03", "amount": "-1.00"}
    ]


def test_a_crossing_names_both_sides(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER + DRAW)
    write(f"ledger/jane/2026/{MARCH}", FOOD + DRAWN)
    assert to_json(of(books))["crossings"] == [
        {"link": "ic-26-drw001", "entities": ["Acme", "Jane"], "kinds": ["added"]}
    ]


def test_a_closed_period_that_is_reached_into_is_named(books, write) -> None:
    seal = f'2026-04-05 custom "close-period" "Acme" "2026-03"\n  hash: "{"0" * 64}"\n'
    write("ledger/chart.beancount", PARTS + seal)
    commit(books, "Closed")
    write(f"ledger/jane/2026/{MARCH}", FOOD.replace("30.00", "29.00"))
    assert to_json(of(books))["closed_periods"] == []  # Jane's is open
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("2026-03-04", "2026-04-04"))
    assert to_json(of(books))["closed_periods"] == [
        {"entity": "Acme", "period": "2026-03", "entries": 1}
    ]


def test_a_veil_finding_is_new_and_then_cured(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER + DRAW)
    new = {finding.code for finding in of(books).new}
    assert "VEIL-005" in new  # Jane's half is missing
    commit(books, "Half a draw")
    write(f"ledger/jane/2026/{MARCH}", FOOD + DRAWN)
    diff = of(books)
    assert "VEIL-005" in {finding.code for finding in diff.cured}
    assert "VEIL-005" not in {finding.code for finding in diff.new}


def test_evidence_is_looked_for_in_the_state_of_its_side(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER + DRAW)
    write(f"ledger/jane/2026/{MARCH}", FOOD + DRAWN)
    commit(books, "A draw without its paper")
    write("ledger/acme/2026/consent.txt", "We agree.")
    cured = {finding.code for finding in of(books).cured}
    assert "VEIL-014" in cured
    commit(books, "Its paper")
    (books.ledger / "acme/2026/consent.txt").unlink()
    assert "VEIL-014" in {finding.code for finding in of(books).new}
    assert "VEIL-014" in {finding.code for finding in of(books, "HEAD~1", "HEAD").cured}


def test_a_document_that_came_or_went_is_a_finding_cured_or_new(books, write) -> None:
    named = '2026-03-04 document Assets:Acme:Till "slip.txt"\n'
    write(f"ledger/acme/2026/{MARCH}", PAPER + named)
    commit(books, "Its document is missing")
    write("ledger/acme/2026/slip.txt", "Paid.")
    assert [finding.code for finding in of(books).cured] == ["BC-DOCUMENT"]
    commit(books, "The document")
    assert not of(books).differs
    (books.ledger / "acme/2026/slip.txt").unlink()
    assert [finding.code for finding in of(books).new] == ["BC-DOCUMENT"]


def test_a_file_in_a_folder_of_documents_is_a_document_of_its_side(foreign) -> None:
    root = foreign / "main.beancount"
    root.write_text('option "documents" "papers"\n' + root.read_text())
    git.commit(foreign, [Path("main.beancount"), Path("2026/rent.beancount")], "Two", {})
    (foreign / "papers/Assets/Bank").mkdir(parents=True)
    written(foreign, "papers/Assets/Bank/2026-02-01.slip.txt", "Paid.")
    diff = compare(*sides("HEAD", "", foreign), check)
    assert [(c.kind, c.directive.kind) for c in diff.directives] == [("added", "document")]


def test_two_revisions_do_not_see_the_working_copy(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "21.00"))
    commit(books, "Dearer")
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "99.00"))
    write("ledger/acme/2026/2026-04.beancount", PAPER.replace("2026-03", "2026-04"))
    diff = of(books, "HEAD~1", "HEAD")
    assert kinds(diff) == [("changed", ["amount"])]
    assert to_json(diff)["totals"]["Acme"]["2026-03"]["expenses"] == "1.00"


def test_files_that_came_and_went(books, write) -> None:
    (books.ledger / f"acme/2026/{MARCH}").unlink()
    write(
        "ledger/acme/2026/2026-04.beancount",
        FOOD.replace("Jane", "Acme")
        .replace("Food:Groceries", "Paper")
        .replace("2026-03", "2026-04"),
    )
    assert kinds(of(books)) == [("removed", []), ("added", [])]
    commit(books, "Another file")
    assert kinds(of(books, "HEAD", "HEAD~1")) == [("added", []), ("removed", [])]


def test_a_transaction_in_another_file_of_its_entity_is_no_change(books, write) -> None:
    (books.ledger / f"acme/2026/{MARCH}").unlink()
    write("ledger/acme/2026/2026-09.beancount", PAPER)
    diff = of(books)
    assert not diff.financial_change
    assert not diff.changes


def test_a_folder_is_a_side(books, write, tmp_path) -> None:
    shutil.copytree(books.path, tmp_path / "copy")
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    diff = compare(*sides(str(tmp_path / "copy"), str(books.path), tmp_path), check)
    assert kinds(diff) == [("changed", ["amount"])]


def test_warm_and_cold_say_the_same(books, write, monkeypatch) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00") + DRAW)
    write("ledger/chart.beancount", PARTS + "2026-03-01 price EUR 1.10 USD\n")
    said = to_json(of(books))
    monkeypatch.setenv("BOOKS_NO_CACHE", "1")
    assert to_json(of(books)) == said


@pytest.mark.parametrize("no_cache", ["", "1"])
def test_what_both_sides_share_is_parsed_once(books, write, monkeypatch, no_cache) -> None:
    monkeypatch.setenv("BOOKS_NO_CACHE", no_cache)
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    parsed = []
    looked_at = warm.looked_at
    monkeypatch.setattr(
        warm, "looked_at", lambda path, *a: parsed.append(path) or looked_at(path, *a)
    )
    assert of(books).changes
    twice = [path for path in set(parsed) if parsed.count(path) > 1]
    assert twice == [books.ledger.resolve() / f"acme/2026/{MARCH}"]


def test_books_that_are_compared_once_are_not_kept_and_twice_are(
    books, write, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    parsed = []
    looked_at = warm.looked_at
    monkeypatch.setattr(
        warm, "looked_at", lambda path, *a: parsed.append(path) or looked_at(path, *a)
    )
    runs = []
    for _ in range(3):
        monkeypatch.setattr(warm, "_ROOTS", {})  # as a new process
        parsed.clear()
        assert kinds(of(books)) == [("changed", ["amount"])]
        runs.append(len(parsed))
    assert runs[0] == runs[1] > 2
    assert runs[2] == 0


def test_nothing_in_the_home_is_written(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))

    def state() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in books.path.rglob("*") if p.is_file()}

    before = state()
    of(books)
    of(books, "HEAD~1", "HEAD")
    assert state() == before


def test_no_filter_or_hook_of_the_repository_runs(books, write, tmp_path) -> None:
    ran = tmp_path / "ran"
    program = written(tmp_path, "run.sh", f"#!/bin/sh\ntouch {ran}\ncat\n")
    program.chmod(0o755)
    write(".gitattributes", "*.beancount filter=evil diff=evil\n")
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    commit(books, "Dearer")
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor"):
        subprocess.run(["git", "-C", books.path, "config", key, str(program)], check=True)
    assert kinds(of(books, "HEAD~1", "HEAD")) == [("changed", ["amount"])]
    assert not ran.exists()
    subprocess.run(["git", "-C", books.path, "checkout", "-q", "HEAD~1"], check=True)
    assert ran.exists()  # a checkout would have run it


def test_a_symbolic_link_in_a_commit_is_not_followed(books, tmp_path) -> None:
    secret = written(tmp_path, "secret.beancount", PAPER)
    (books.ledger / "acme/2026/2026-04.beancount").symlink_to(secret)
    commit(books, "A link")
    (books.ledger / "acme/2026/2026-04.beancount").unlink()
    diff = of(books, "HEAD", "HEAD~1")
    assert not diff.changes
    assert any("symbolic link" in finding.message for finding in diff.cured)


def test_the_command_and_its_exit_codes(books, write) -> None:
    assert run(books, "HEAD", "--exit-code") == (0, run(books, "HEAD")[1])
    write(f"ledger/acme/2026/{MARCH}", PAPER.replace("20.00", "22.00"))
    status, said = run(books, "HEAD")
    assert status == 0
    assert "The books change." in said
    assert run(books, "HEAD", "--exit-code")[0] == 1
    assert json.loads(run(books, "HEAD", "--format", "json")[1])["financial_change"] is True


def test_a_page_is_written_where_it_is_wanted(books, tmp_path) -> None:
    run(books, "HEAD", "--format", "html", "-o", str(tmp_path / "diff.html"))
    assert "<h1>Book diff</h1>" in (tmp_path / "diff.html").read_text()


@pytest.mark.parametrize(
    "side", ["no-such-branch", "-x", "--output=/tmp/x", "HEAD~99", "a b", ":/x\n"]
)
def test_a_revision_that_is_none(books, side) -> None:
    status, said = run(books, "--", side)
    assert status == 2
    assert "is no file, no folder, and no revision" in said


def test_a_file_that_is_not_there(books) -> None:
    status, said = run(books, "old.beancount", "new.beancount")
    assert (status, "there is no such file" in said) == (2, True)


def test_one_file_alone_is_asked_about(books, tmp_path) -> None:
    one = written(tmp_path, "one.beancount", LEDGER)
    status, said = run(books, str(one))
    assert (status, "name the other file too" in said) == (2, True)


@pytest.mark.parametrize("text", ['2026-03-04 * "unclosed\n', "2026-03-04 open Nonsense:x\n"])
def test_a_head_that_does_not_parse_is_refused(books, write, text) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER + text)
    status, said = run(books, "HEAD")
    assert status == 2
    assert f"ledger/acme/2026/{MARCH}:" in said
    assert "does not parse" in said


def test_a_base_that_does_not_parse_is_said(books, write) -> None:
    write(f"ledger/acme/2026/{MARCH}", PAPER + "2026-03-04 open Nonsense:x\n")
    commit(books, "Broken")
    write(f"ledger/acme/2026/{MARCH}", PAPER)
    diff = of(books)
    assert any("the base does not parse everywhere" in note for note in diff.notes)


@pytest.fixture
def foreign(tmp_path) -> Path:
    """A ledger in git that never heard of Bulkhead, with one commit."""
    folder = tmp_path / "money"
    written(folder, "main.beancount", edited((RENT, 'include "2026/*.beancount"\n')))
    written(folder, "2026/rent.beancount", RENT)
    git.init(folder)
    git.commit(folder, [Path("main.beancount"), Path("2026/rent.beancount")], "One", {})
    written(folder, "2026/rent.beancount", RENT.replace("500.00", "505.00"))
    return folder


@pytest.mark.parametrize("args", [("HEAD",), ("HEAD", "main.beancount"), ("HEAD", ".")])
def test_a_foreign_ledger_in_git(foreign, args, monkeypatch) -> None:
    monkeypatch.chdir(foreign)
    monkeypatch.delenv("BOOKS_HOME", raising=False)
    done = CliRunner().invoke(cli, ["diff", *args, "--format", "json"], standalone_mode=False)
    assert done.exception is None
    said = json.loads(done.stdout)
    assert said["totals"][""]["2026-02"]["expenses"] == "5.00"


def test_a_foreign_ledger_by_its_root_file(foreign, tmp_path) -> None:
    pair = sides("HEAD", "", tmp_path, foreign / "main.beancount")
    assert kinds(compare(*pair, check)) == [("changed", ["amount"])]


def test_a_folder_without_a_root_says_so(tmp_path) -> None:
    written(tmp_path, "a.beancount", "")
    written(tmp_path, "b.beancount", "")
    with pytest.raises(UserError, match="which root file"):
        sides("HEAD", "", tmp_path)


def test_git_of_another_hash_is_read_too(tmp_path) -> None:
    """Repositories may name their objects by SHA-256."""
    folder = tmp_path / "money"
    folder.mkdir()
    done = subprocess.run(
        ["git", "-C", folder, "init", "-q", "--object-format=sha256"], check=False
    )
    if done.returncode:
        pytest.skip("this git knows no SHA-256 repositories")
    written(folder, "main.beancount", LEDGER)
    git.commit(folder, [Path("main.beancount")], "One", {})
    assert not compare(*sides("HEAD", "", folder), check).differs


def test_a_home_below_the_top_of_its_repository(home, tmp_path) -> None:
    top = tmp_path / "top"
    shutil.copytree(home.path, top / "books", ignore=shutil.ignore_patterns(".git"))
    git.init(top)
    git.commit(top, [Path("books")], "One", {})
    assert not of(Home(top / "books")).differs
