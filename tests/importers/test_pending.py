"""Pending lines in the inbox: shown, never written to the books, and at most decided early."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from bank import open_accounts
from click.testing import CliRunner
from feeds import CHECKING, Bank, books, entry, line, pending, synced

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from importers.detect import load_profiles, read_statement_file
from importers.inbox.pending import pendings
from scripts.main import cli

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
OFFICE = "Expenses:Acme:Office"
WELLS = "Assets:Acme:Bank:Wells"
HEADER = '"DATE","DESCRIPTION","AMOUNT","CHECK #","STATUS"\n'
POSTED = '"{month:02}/03/2026","TEA HOUSE","-12.00","","Posted"\n'
PENDING = '"{month:02}/04/2026","COFFEE","-3.00","","Pending"\n'
NEAR = dt.date(2026, 9, 10)


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home, [CHECKING])
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(
        f'{path.read_text()}2020-01-01 open {WELLS} USD\n  role: "bank"\n'
        '  account-id: "wells-9001"\n  title-holder: "Acme"\n  line: "cash-and-equivalents"\n'
    )
    return home


def run(home: Home, *words: str) -> str:
    asked = ["--home", str(home.path), *words]
    return CliRunner().invoke(cli, asked, catch_exceptions=False, standalone_mode=False).output


def imported(home: Home, rows: str, name: str = "wells.csv") -> str:
    path = home.path.parent / name
    path.write_text(HEADER + rows.format(month=9))
    return run(home, "import", str(path), "--account", WELLS)


def shown(home: Home) -> list[tuple[str, str, str]]:
    return [(p.account, str(p.amount), p.payee) for p in pendings(home, NEAR)]


def journals(home: Home) -> str:
    return "".join(p.read_text() for p in sorted(home.ledger.rglob("*.beancount")))


# A file's


def test_a_pending_row_is_kept_apart_and_never_booked(acme: Home) -> None:
    imported(acme, POSTED + PENDING)
    assert shown(acme) == [(WELLS, "-3.00", "COFFEE")]
    assert "COFFEE" not in journals(acme)
    assert len(read(acme.main_root).transactions) == 1


def test_a_newer_file_of_the_account_says_what_is_pending_now(acme: Home) -> None:
    imported(acme, POSTED + PENDING)
    imported(acme, POSTED + PENDING.replace("Pending", "Posted").replace("-3.00", "-3.60"), "b.csv")
    assert shown(acme) == []
    booked = [t.postings[0].units.number for t in read(acme.main_root).transactions]
    assert booked == [Decimal("-12.00"), Decimal("-3.60")]


def test_an_older_file_takes_no_pending_line_away(acme: Home) -> None:
    imported(acme, POSTED + PENDING)
    imported(acme, POSTED.replace("/03/", "/01/"), "older.csv")
    assert shown(acme) == [(WELLS, "-3.00", "COFFEE")]


def test_what_is_too_old_to_post_is_shown_no_more(acme: Home) -> None:
    imported(acme, POSTED + PENDING)
    assert len(pendings(acme, dt.date(2026, 9, 18))) == 1
    assert not pendings(acme, dt.date(2026, 9, 19))


def test_a_pending_row_that_cannot_be_read_refuses_nothing(acme: Home) -> None:
    imported(acme, POSTED + PENDING.replace("-3.00", "soon"))
    assert shown(acme) == []
    assert len(read(acme.main_root).transactions) == 1


def test_a_dry_run_keeps_no_pending_line(acme: Home) -> None:
    path = acme.path.parent / "wells.csv"
    path.write_text(HEADER + (POSTED + PENDING).format(month=9))
    run(acme, "import", str(path), "--account", WELLS, "--dry-run")
    assert shown(acme) == []


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"lines": [{"date": "soon"}]}'])
def test_a_damaged_file_of_pending_rows_shows_none(acme: Home, damage: str) -> None:
    imported(acme, POSTED + PENDING)
    (path,) = (acme.private / "pending").glob("*.json")
    path.write_text(damage)
    assert shown(acme) == []
    imported(acme, POSTED + PENDING)
    assert shown(acme) == [(WELLS, "-3.00", "COFFEE")]


@pytest.mark.parametrize(
    ("text", "payee"),
    [
        (
            "Date (UTC),Description,Amount,Status,Source Account,Bank Description,Reference,Note\n"
            "09-04-2026,Tea,-1.00,Pending,Mercury Checking xx8655,TEA,,\n"
            "09-04-2026,Lost,-2.00,Failed,Mercury Checking xx8655,LOST,,\n",
            "Tea",
        ),
        (
            "Status,Date,Description,Debit,Credit,Member Name\n"
            "Pending,09/03/2026,TEA,12.00,,JANE\n",
            "TEA",
        ),
    ],
)
def test_a_profile_says_which_rows_are_pending(tmp_path: Path, text: str, payee: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text)
    (statement,) = read_statement_file(path, PROFILES).statements
    assert not statement.lines
    assert [line.payee for line in statement.pendings] == [payee]


# A feed's


def test_a_feeds_pending_line_is_shown_with_its_ledger_account(acme: Home) -> None:
    synced(acme, Bank().adds(line("a", 3, "-20.00"), pending("p", 4, "-5.00", "Cafe")))
    assert shown(acme) == [(CHECKING, "-5.00", "Cafe")]
    assert "Cafe" not in journals(acme)


def test_an_early_choice_is_what_the_posted_line_is_booked_against(acme: Home) -> None:
    bank = Bank().adds(pending("p-1", 4, "-5.00", "Cafe"))
    synced(acme, bank)
    said = run(acme, "inbox", "pending", "p-1", "--account", OFFICE)
    assert f"Cafe: {OFFICE}, once it posts" in said
    assert [p.decided for p in pendings(acme, NEAR)] == [OFFICE]
    assert not read(acme.main_root).transactions
    synced(acme, bank.removes("p-1").adds(line("q", 5, "-6.00", "Cafe", of="p-1")))
    accounts = [p.account for p in entry(acme, "q").postings]
    assert accounts == [CHECKING, OFFICE]
    assert not pendings(acme, NEAR)


def test_an_early_choice_of_what_is_not_pending_is_refused(acme: Home) -> None:
    synced(acme, Bank().adds(pending("p1", 4, "-5.00"), pending("p2", 4, "-6.00")))
    with pytest.raises(UserError, match="no pending line has the id 'x'"):
        run(acme, "inbox", "pending", "x", "--account", OFFICE)
    with pytest.raises(UserError, match="2 pending lines have an id like 'p'"):
        run(acme, "inbox", "pending", "p", "--account", OFFICE)
    with pytest.raises(UserError, match="is not open"):
        run(acme, "inbox", "pending", "p1", "--account", "Expenses:Acme:Nowhere")


def test_the_inbox_prints_them_beneath_what_waits_and_in_json(
    acme: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(acme, Bank().adds(line("a", 3, "-20.00"), pending("p", 4, "-5.00", "Cafe")))
    monkeypatch.setattr("importers.inbox.pending.POSTS_WITHIN", dt.timedelta(days=9999))
    said = run(acme, "inbox")
    assert said.index("1 to decide") < said.index("Pending at the bank, not in the books (1):")
    assert "Cafe" in said
    (told,) = json.loads(run(acme, "inbox", "--format", "json"))["pending"]
    assert (told["id"], told["amount"], told["account"]) == ("p", "-5.00", CHECKING)
    assert not json.loads(run(acme, "inbox", "-e", "jane", "--format", "json"))["pending"]
    assert len(books(acme).transactions) == 1
