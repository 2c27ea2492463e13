"""``books audit``: what git knows of a period, and what an auditor looks at first."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pytest

from core import git
from core.actions import read_log
from core.home import Home
from scripts.main import main

Write = Callable[[str, str], Path]
JULY, AUGUST = (f"ledger/acme/2026/2026-{month}.beancount" for month in ("07", "08"))
PAPER = "ledger/acme/documents/lease.txt"
RENT = """\
2026-08-01 * "Landlord" "Rent" ^bill-1
  Expenses:Acme:Office  1200.00 USD
  Liabilities:Acme:AP
"""
LATE = '2026-07-01 * "Depot" "Found in a drawer" ^bill-2\n' + RENT.split("\n", 1)[1]
PEOPLE = 'people: [{name: Jane, emails: [jane@example.org], roles: {"*": owner}}]\n'
VENDOR = '2026-08-01 custom "vendor" "Landlord"\n  entity: "Acme"\n'


@pytest.fixture
def kept(home: Home, write: Write, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes files and commits them on a day as somebody; gives the commit."""

    def keep(day: str, message: str, files: dict[str, str], who: str = "jane", **more: str) -> str:
        for name, text in files.items():
            write(name, text)
        for part in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{part}_NAME", who)
            monkeypatch.setenv(f"GIT_{part}_EMAIL", f"{who}@example.org")
            monkeypatch.setenv(f"GIT_{part}_DATE", f"{day}T12:00:00+00:00")
        return git.commit(home.path, map(Path, files), message, more)

    return keep


def told(said: str) -> dict:
    return json.loads(said)


def test_what_was_done_in_the_month_and_nothing_else(
    run: Callable[..., str], kept: Callable[..., str]
) -> None:
    kept("2026-08-02", "Rent", {AUGUST: RENT})
    one = kept("2026-09-01", "The rent went up", {AUGUST: RENT.replace("1200", "1250")})
    kept("2026-10-01", "And down", {AUGUST: RENT})
    found = told(run("audit", "-p", "2026-09", "--format", "json"))
    (commit,) = found["commits"]
    assert (commit["id"], commit["author"], commit["direct"]) == (one, "jane", True)
    (entry,) = commit["entries"]
    assert entry["kind"] == "changed"
    assert "1200.00" in entry["before"]["text"]
    assert "1250.00" in entry["after"]["text"]
    said = run("audit", "-p", "2026-09")
    assert "− " not in said.split("Entries, by commit")[0]
    assert "− " in said
    assert "+   Expenses:Acme:Office  1250.00 USD" in said
    assert "One person wrote all commits" in said


def test_a_request_to_merge_and_its_approval(
    home: Home, run: Callable[..., str], kept: Callable[..., str]
) -> None:
    kept("2026-09-01", "Rent (#12)", {AUGUST: RENT}, **{"Reviewed-by": "cpa <cpa@example.org>"})
    git._git(home.path, "checkout", "-q", "-b", "side")
    kept("2026-09-02", "Late rent", {JULY: LATE}, "raj")
    git._git(home.path, "checkout", "-q", "main")
    git._git(home.path, "merge", "-q", "--no-ff", "-m", "Merge pull request #13 from side", "side")
    one, two, merge = told(run("audit", "-p", "2026-09", "--format", "json"))["commits"]
    assert (one["request"], one["approvers"]) == ("12", ["cpa <cpa@example.org>"])
    assert (two["author"], two["direct"]) == ("raj", False)
    assert (merge["request"], merge["entries"]) == ("13", [])
    assert [each["direct"] for each in (one, two, merge)] == [False, False, False]
    assert "without a request to merge" not in run("audit", "-p", "2026-09")
    git._git(home.path, "checkout", "-q", "-b", "another")
    kept("2026-09-03", "Later rent", {JULY: LATE + RENT.replace("08-01", "07-02")}, "raj")
    git._git(home.path, "checkout", "-q", "main")
    git._git(home.path, "merge", "-q", "--no-ff", "-m", "Merge branch 'another'", "another")
    *_, last, by_hand = told(run("audit", "-p", "2026-09", "--format", "json"))["commits"]
    assert (last["direct"], by_hand["direct"]) == (False, True)


@pytest.mark.parametrize(("day", "late"), [("2026-08-05", 0), ("2026-08-06", 1)])
def test_an_entry_is_late_after_thirty_five_days(
    run: Callable[..., str], kept: Callable[..., str], day: str, late: int
) -> None:
    kept(day, "From a drawer", {JULY: LATE})
    assert len(told(run("audit", "-p", "2026-08", "--format", "json"))["late"]) == late


def test_papers_roles_rules_and_vendors(
    home: Home, run: Callable[..., str], kept: Callable[..., str]
) -> None:
    lease = "The lease\n"
    digest = hashlib.sha256(lease.encode()).hexdigest()
    document = (
        f'2026-08-01 document Liabilities:Acme:AP "../documents/lease.txt"\n  sha256: "{digest}"\n'
    )
    kept("2026-08-02", "The lease", {PAPER: lease, AUGUST: document})
    kept("2026-09-01", "A better one", {PAPER: "Another lease\n"})
    kept("2026-09-02", "Who may", {"rules/people.yaml": PEOPLE})
    kept("2026-09-03", "A vendor", {JULY: VENDOR})
    found = told(run("audit", "-p", "2026-09", "--format", "json"))
    assert [(p["path"], p["kind"]) for p in found["papers"]] == [(PAPER, "changed")]
    assert [Path(name).name for name in found["altered"]] == ["lease.txt"]
    assert len(found["roles"]) == len(found["rules"]) == len(found["vendors"]) == 1
    (home.path / PAPER).write_text(lease)
    assert told(run("audit", "-p", "2026-09", "--format", "json"))["altered"] == []


def test_history_that_was_rewritten_is_named(
    home: Home, run: Callable[..., str], kept: Callable[..., str]
) -> None:
    kept("2026-09-01", "Rent", {AUGUST: RENT})
    assert told(run("audit", "-p", "2026-09", "--format", "json"))["rewritten"] == []
    git.tag(home.path, "close/Acme/2026-08", "Closed")
    git._git(home.path, "commit", "-q", "--amend", "-m", "Rent, said otherwise")
    (gone,) = told(run("audit", "-p", "2026-09", "--format", "json"))["rewritten"]
    assert gone.endswith("the closing close/Acme/2026-08")
    assert "Commits that are no longer in the history (1)" in run("audit", "-p", "2026-09")


def test_findings_that_came_and_went_and_what_is_not_committed(
    run: Callable[..., str], write: Write, kept: Callable[..., str]
) -> None:
    bare = RENT.replace(" ^bill-1", "")
    kept("2026-08-02", "Rent", {AUGUST: bare})
    kept("2026-09-02", "Depot", {JULY: LATE.replace("Depot", "Jane")})
    write(AUGUST, bare.replace("1200", "1300"))
    found = told(run("audit", "-p", "2026-09", "--format", "json"))
    assert {f["code"] for f in found["opened"]} >= {"VEIL-019"}
    assert [s["kind"] for s in found["uncommitted"]] == ["changed"]


def test_every_form_and_a_file(
    home: Home, run: Callable[..., str], kept: Callable[..., str], tmp_path: Path
) -> None:
    kept("2026-09-01", "Rent <script>alert(1)</script>", {AUGUST: RENT})
    page = run("audit", "-p", "2026-09", "--format", "html")
    assert "<script>alert" not in page
    assert "# Audit report" in run("audit", "-p", "2026-09", "--format", "md")
    assert "a PDF goes into a file" in run("audit", "-p", "2026-09", "--format", "pdf", code=2)
    made = []
    for name in ("one.pdf", "two.pdf"):
        run("audit", "-p", "2026-09", "--format", "pdf", "-o", str(tmp_path / name))
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF")
    with pdfplumber.open(tmp_path / "one.pdf") as file:
        printed = "".join(char["text"] for sheet in file.pages for char in sheet.chars)
    assert "+\u00a0\u00a0\u00a0Expenses:" in printed.replace("\u200b", "")
    nowhere = str(tmp_path / "no/such.html")
    said = run("audit", "-p", "2026-09", "--format", "html", "-o", nowhere, code=2)
    assert "cannot be written" in said


def test_what_git_cannot_know_stands_in_it(
    home: Home, run: Callable[..., str], kept: Callable[..., str], tmp_path: Path
) -> None:
    kept("2026-09-01", "Rent", {AUGUST: RENT})
    page = str(tmp_path / "statement.html")
    asked = ("report", "balance-sheet", "-e", "acme", "-p", "2026", "--format", "html", "-o", page)
    with pytest.raises(SystemExit):
        main(list(asked))
    year = read_log(home).actions[0].when[:4]
    (action,) = told(run("audit", "-p", year, "--format", "json"))["actions"]
    assert (action["what"], action["entity"]) == ("report balance-sheet", "Acme")
    assert "report balance-sheet" in run("audit", "-p", year)
    log = home.private / "actions.jsonl"
    log.write_text(log.read_text().replace("Acme", "Jane") * 2)
    assert "Actions that were taken out of the log" in run("audit", "-p", year)
