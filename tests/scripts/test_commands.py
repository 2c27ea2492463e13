"""The commands as people run them, from an empty folder to mended books."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from core.home import Home
from core.journal.read import read

PROGRAM = Path(sys.executable).parent / "books"
CSV = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/03/2026,"CLOUD NINE",-12.34,ACH_DEBIT,87.66,,
CREDIT,09/01/2026,"OPENING",100.00,ACH_CREDIT,100.00,,
"""


def books(*args: object, cwd: Path, code: int = 0) -> str:
    done = subprocess.run(
        [PROGRAM, *map(str, args)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_from_an_empty_folder_to_ones_own_entries(tmp_path: Path) -> None:
    said = books("init", "mine", "--person", "Jane", "--llc", "Acme", cwd=tmp_path)
    assert "books import YOUR-BANK-EXPORT.csv --entity acme --yes" in said
    home = tmp_path / "mine"
    (tmp_path / "Chase4411_Activity.CSV").write_text(CSV)
    file = "../Chase4411_Activity.CSV"
    asked = books("import", file, cwd=home, code=1)
    assert "--entity NAME --yes" in asked
    dry = json.loads(books("import", file, "--dry-run", "--format", "json", cwd=home))
    (told,) = dry["files"]
    assert (told["format"], told["refused"], told["new"]) == ("csv", None, None)
    assert told["accounts"] == [
        {
            "account_id": None,
            "currency": None,
            "transactions": 2,
            "sum": "87.66",
            "first_date": "2026-09-01",
            "last_date": "2026-09-03",
            "balance": "87.66",
            "balance_date": "2026-09-03",
        }
    ]
    assert "Booked 2 lines" in books("import", file, "--entity", "acme", "--yes", cwd=home)
    assert "Nothing new" in books("import", file, cwd=home)
    assert "Nothing to report" in books("check", cwd=home)
    items = json.loads(books("inbox", "--format", "json", cwd=home))["items"]
    cloud = next(item for item in items if item["payee"] == "CLOUD NINE")
    account = "Expenses:Acme:Hosting"
    books("inbox", "accept", cloud["id"], "--account", account, "--rule", cwd=home)
    assert "1 to decide" in books("inbox", cwd=home)
    assert "name: cloud-nine" in (home / "rules/categorise/acme.yaml").read_text()
    said = books("report", "balance-sheet", "-e", "ACME", "-p", "2026", cwd=home)
    assert "87.66" in said
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=home, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def test_a_dry_run_writes_nothing(home: Home) -> None:
    export = home.inbox / "chase-4411.csv"
    export.write_text(CSV)
    before = {p: p.read_bytes() for p in home.ledger.rglob("*") if p.is_file()}
    books("import", "--dry-run", "--entity", "acme", "--yes", cwd=home.path)
    assert {p: p.read_bytes() for p in home.ledger.rglob("*") if p.is_file()} == before


def test_a_refused_file_exits_with_one_and_says_what_to_do(home: Home) -> None:
    (home.inbox / "x.csv").write_text("When,What\n1,2\n")
    said = books("import", "--dry-run", cwd=home.path, code=1)
    assert "no profile knows its columns (When, What)" in said


def test_the_demo_ends_with_what_needs_you_and_its_commands_mend_it(tmp_path: Path) -> None:
    said = books("demo", "--no-serve", "--dir", "demo", cwd=tmp_path)
    # Two errors, lines to decide, and three lines just imported that no receipt is filed for yet.
    assert "7 things need you" in said
    assert said.count("which has no receipt") == 3
    home = tmp_path / "demo"
    assert len(list((home / "reports").glob("*.html"))) == 28
    for line in said.splitlines():
        if "$ books veil fix" in line:
            fix = line.split("$ books ")[1].split()
            assert "Mended." in books(*fix, "--yes", cwd=home)
    assert "0 errors, 4 warnings, 1 info" in books("check", cwd=home)
    assert "4 to decide" in books("inbox", cwd=home)
    assert not read(Home(home).main_root).findings
    receipt = "documents/receipts/2026-09-15-little-smiles.txt"
    assert receipt in (home / "ledger/acme/2026/2026-09.beancount").read_text()


@pytest.mark.parametrize(
    ("args", "said", "code"),
    [
        (("check", "nowhere.beancount"), "there is no such file", 2),
        (("check", "--entity", "acne"), "there is no entity 'acne'", 2),
        (("check", "--as-of", "yesterday"), "'yesterday' is not a date", 2),
        (("report", "balance-sheet", "-e", "acme", "-p", "Q3"), "'Q3' is not a period", 2),
        (("report", "ballance", "-e", "acme", "-p", "2026"), "Invalid value", 2),
        (("import", "nowhere.csv"), "there is no such file", 2),
        (("inbox", "accept", "nix", "--account", "Expenses:Acme:Office"), "has the id 'nix'", 2),
        (("veil", "fix", "nix"), "there is no finding 'nix'", 2),
        (("frobnicate",), "No such command", 2),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    home: Home, args: tuple[str, ...], said: str, code: int
) -> None:
    assert said in books(*args, cwd=home.path, code=code)


def test_outside_of_any_home_it_says_how_to_start_one(tmp_path: Path) -> None:
    assert "books init DIR --person Jane" in books("check", cwd=tmp_path, code=2)


def test_init_does_not_touch_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert "is not empty" in books("init", ".", "--person", "Jane", cwd=tmp_path, code=2)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_check_json_has_the_documented_shape(home: Home) -> None:
    month = home.ledger / "acme/2026/2026-09.beancount"
    month.write_text(
        '2026-09-02 * "Toys" "x" #personal\n  Expenses:Acme:Office  1.00 USD\n  '
        "Liabilities:Acme:AP\n  Assets:Jane:Cash  0.00 USD\n"
    )
    told = json.loads(books("check", "--format", "json", cwd=home.path, code=1))
    assert set(told) == {"findings", "counts", "as_of"}
    assert told["counts"] == {"error": 1, "warning": 0, "info": 0}
    assert told["as_of"] == "2026-09-02"
    assert set(told["findings"][0]) == {
        "code",
        "severity",
        "factor",
        "entities",
        "date",
        "file",
        "line",
        "message",
        "evidence",
        "fix",
        "fingerprint",
        "waived",
    }


def test_serve_shows_what_needs_you_and_fava(tmp_path: Path) -> None:
    books("demo", "--no-serve", "--dir", "demo", cwd=tmp_path)
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0"], cwd=tmp_path / "demo", stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        url = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert url
        with urllib.request.urlopen(url[0]) as page:  # noqa: S310 - our own loopback address
            text = page.read().decode()
        assert "What needs you (7)" in text
        with urllib.request.urlopen(f"{url[0]}group/trial_balance/") as page:  # noqa: S310
            assert "Jane Roe and companies" in page.read().decode()
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    "asked",
    [
        ("report", "balance-sheet", "-e", "acme", "-p", "2026"),
        ("forecast",),
        ("diff", "HEAD"),
        ("audit", "-p", "2026"),
        ("veil", "report", "--group", "-p", "2026"),
    ],
    ids=lambda words: words[0],
)
def test_a_file_that_cannot_be_written_is_said(home: Home, asked: tuple[str, ...]) -> None:
    said = books(*asked, "-o", home.path / "no/such/folder/page.txt", cwd=home.path, code=2)
    assert "cannot be written" in said
    assert "choose another --output" in said
