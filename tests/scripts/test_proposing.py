"""``books import`` of a CSV that no profile knows: shown, asked, kept, and read from then on."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core import git
from core.home import Home
from importers.csv.profile import load_profiles
from scripts.main import cli

CITIZENS = (
    "Date,Description,Amount\n09/14/2026,TEA HOUSE,-12.00\n09/15/2026,CLIENT,900.00\n"
    "09/16/2026,RENT,-700.00\n"
)
CARD = (
    "Credit Card Number: 1234XXXXXXXX7890\nDate,Description,Amount\n"
    "09/14/2026,TEA HOUSE,12.00\n09/15/2026,PAYMENT,-50.00\n"
)
UNSURE = CITIZENS.replace("09/14", "09/04").replace("09/15", "09/05").replace("09/16", "09/06")
ACCOUNT = ("--account", "Assets:Acme:Bank:Citizens4411")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "citizens.csv"
    path.write_text(CITIZENS)
    return path


def run(home: Home, *args: object, code: int = 0) -> str:
    words = ["--home", str(home.path), "import", *map(str, args)]
    result = CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)
    assert (result.return_value or 0) == code, result.output
    return result.output


def kept(home: Home) -> list[str]:
    return sorted(path.name for path in (home.rules / "sources").glob("*.yaml"))


def test_nobody_to_ask_says_what_to_type_and_writes_nothing(home: Home, export: Path) -> None:
    said = run(home, export, "--entity", "acme", code=1)
    assert "TEA HOUSE" in said
    assert "“Amount” is negative on 2 and positive on 1 rows" in said
    assert f"books import {export} --kind bank|card --institution NAME --yes" in said
    assert "Nothing was written" in said
    assert kept(home) == []


def test_yes_alone_answers_no_question(home: Home, export: Path) -> None:
    assert "one can be proposed" in run(home, export, "--yes", "--entity", "acme", code=1)
    assert kept(home) == []


def test_what_is_accepted_is_kept_committed_and_read_again(home: Home, export: Path) -> None:
    named = ("--kind", "bank", "--institution", "Citizens", *ACCOUNT)
    said = run(home, export, "--yes", *named)
    assert "Wrote rules/sources/citizens.yaml" in said
    assert "Booked 3 lines" in said
    assert git.dirty(home.path, [Path("rules/sources/citizens.yaml")]) == []
    profile = load_profiles(home.rules / "sources")["citizens"]
    assert (profile.institution, profile.kind, profile.exact) == ("Citizens", "bank", True)
    again = run(home, export, *ACCOUNT)
    assert "Nothing new" in again
    assert "no profile" not in again


def test_the_account_that_is_named_answers_kind_and_bank(home: Home, export: Path) -> None:
    run(home, export, "--yes", "--kind", "bank", "--institution", "Citizens", *ACCOUNT)
    other = export.with_name("other.csv")
    other.write_text("Day,What,Amount\n2026-10-01,CAKE,-3.00\n2026-10-02,PAY,4.00\n")
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(
        accounts.read_text() + "\n2026-01-01 open Liabilities:Acme:Card:Visa9 USD\n"
        '  role: "card"\n  account-id: "first-bank-9999"\n'
    )
    said = run(home, other, "--account", "Liabilities:Acme:Card:Visa9", code=1)
    assert "--kind card --institution 'First Bank' --sign charges-negative|charges-positive" in said


def test_a_cards_sign_is_an_option(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    path.write_text(CARD)
    named = ("--institution", "Acme Bank", "--entity", "acme")
    assert "--sign charges-negative|charges-positive" in run(home, path, "--yes", *named, code=1)
    run(home, path, "--yes", *named, "--sign", "charges-positive")
    booked = (home.ledger / "acme/2026/2026-09.beancount").read_text()
    assert "-12.00 USD" in booked.split("TEA HOUSE")[1].splitlines()[2]
    assert kept(home) == ["acme-bank-card.yaml"]


@pytest.mark.parametrize(
    ("order", "day"), [("day-first", "2026-04-09"), ("month-first", "2026-09-04")]
)
def test_the_order_of_day_and_month_is_an_option(
    home: Home, export: Path, order: str, day: str
) -> None:
    export.write_text(UNSURE)
    named = ("--yes", "--kind", "bank", "--institution", "Citizens", *ACCOUNT)
    assert "--date-order day-first|month-first" in run(home, export, *named, code=1)
    assert f"+{day} " in run(home, export, *named, "--date-order", order)


def test_a_known_profile_with_both_orders_takes_the_option_too(home: Home, export: Path) -> None:
    folder = home.rules / "sources"
    folder.mkdir()
    (folder / "both.yaml").write_text(
        "institution: Both\nkind: bank\nexact: true\nheader: [Date, Description, Amount]\n"
        "columns: {date: Date, payee: Description, amount: Amount}\n"
        'date-format: ["%m/%d/%Y", "%d/%m/%Y"]\nidentity: {version: 1, columns: [Date]}\n'
    )
    export.write_text(UNSURE)
    assert "--date-order day-first or --date-order month-first" in run(
        home, export, *ACCOUNT, code=1
    )
    assert "+2026-04-09 " in run(home, export, *ACCOUNT, "--yes", "--date-order", "day-first")


def test_two_banks_with_the_same_columns(home: Home, export: Path) -> None:
    run(home, export, "--yes", "--kind", "bank", "--institution", "Citizens", *ACCOUNT)
    other = export.with_name("union.csv")
    other.write_text(CITIZENS.replace("TEA", "CAKE"))
    union = ("--account", "Assets:Acme:Bank:Union5522", "--institution", "Union")
    run(home, other, "--yes", "--kind", "bank", *union)
    assert kept(home) == ["citizens.yaml", "union.yaml"]
    assert "say which bank: --institution NAME" in run(home, other, *union[:2], code=1)
    assert "Nothing new" in run(home, other, *union)


def test_a_bank_that_writes_accounts_and_cards_alike_is_asked_about(
    home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "Wells4411.csv"
    path.write_text('"09/14/2026","-12.00","*","","TEA"\n')
    result = CliRunner().invoke(
        cli, ["--home", str(home.path), "import", str(path), "--entity", "acme", "--yes"]
    )
    assert "Wells Fargo writes accounts and cards alike" in str(result.exception)
    said = run(home, path, "--entity", "acme", "--yes", "--kind", "card")
    assert "opens Liabilities:Acme:Card:WellsFargo4411" in said


def test_a_dry_run_proposes_and_writes_nothing(home: Home, export: Path) -> None:
    said = run(home, export, "--dry-run", "--kind", "bank", "--institution", "Citizens", *ACCOUNT)
    assert "Dry run: nothing was written" in said
    assert "TEA HOUSE" in said
    assert kept(home) == []


def test_json_stays_json(home: Home, export: Path) -> None:
    told = json.loads(run(home, export, "--dry-run", "--format", "json", code=1))
    assert "--kind bank|card --institution NAME --yes" in told["files"][0]["refused"]


def test_what_cannot_be_proposed_says_why(home: Home, export: Path) -> None:
    export.write_text(CITIZENS + "09/17/2026,BAD,12..34\n")
    said = run(home, export, code=1)
    assert "and none can be proposed: line 5: Amount: '12..34' is not an amount" in said


@pytest.mark.parametrize(("last", "is_kept"), [("y", True), ("n", False)])
def test_on_a_terminal_the_questions_are_asked(
    home: Home, export: Path, last: str, is_kept: bool
) -> None:
    export = export.rename(export.with_name("citizens_4411.csv"))
    ours, theirs = pty.openpty()
    words = ["--home", str(home.path), "import", str(export), "--entity", "acme"]
    os.write(ours, f"bank\n\n{last}\ny\n".encode())  # the file's name is the bank's by default
    done = subprocess.run(
        [sys.executable, "-m", "scripts.main", *words],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    os.close(ours)
    os.close(theirs)
    assert "bank account or of a credit card? (bank, card)" in done.stdout
    assert "Which bank is it from? [Citizens]" in done.stdout
    assert kept(home) == (["citizens.yaml"] if is_kept else [])
    assert ("Booked 3 lines" in done.stdout) == is_kept
