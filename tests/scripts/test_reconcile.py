"""``books reconcile`` with the example's own bank files; shapes are golden
(``BOOKS_UPDATE_GOLDEN=1``)."""

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import pytest
from bank import CHECKING, open_accounts
from beancount.core import data
from click.testing import CliRunner

from core.home import Home
from core.journal.read import read
from plugins.veil.reconciliation import months_unproven
from scripts.main import cli

CHECKOUT = Path(__file__).resolve().parents[2]
CASES = CHECKOUT / "tests/cases/reconcile"
CSV = CHECKOUT / "ledger/inbox/chase-checking-4411-october.csv"
OFX = CHECKOUT / "ledger/inbox/ally-0077-october.qfx"
JANES = "Assets:Jane:Bank:Ally"


@pytest.fixture
def acme(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Acme's October by hand, beside what Chase has of it."""
    open_accounts(home, [CHECKING])
    accounts = home.ledger / "acme/accounts.beancount"
    opens = "".join(
        f"2020-01-01 open {name}\n"
        for name in ("Equity:Acme:OpeningBalances", "Expenses:Acme:Rent", "Income:Acme:Work")
        if f"open {name}" not in accounts.read_text()
    )
    accounts.write_text(accounts.read_text() + opens)
    journal = home.ledger / "acme/2026/2026-10.beancount"
    journal.parent.mkdir(exist_ok=True)
    shutil.copy(CASES / "october.beancount", journal)
    shutil.copy(CSV, home.path.parent / "october.csv")
    shutil.copy(OFX, home.path.parent / "ally-0077.qfx")
    monkeypatch.chdir(home.path.parent)
    return home


def said(home: Home, *args: str, code: int = 0) -> str:
    full = ["--home", str(home.path), "reconcile", *args]
    result = CliRunner().invoke(cli, full, standalone_mode=False)
    assert (result.return_value, result.exception) == (code, None), result.output
    return result.output


def refused(home: Home, *args: str) -> str:
    full = ["--home", str(home.path), "reconcile", *args]
    result = CliRunner().invoke(cli, full, standalone_mode=False)
    assert result.exception, result.output
    return str(result.exception)


def files(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.ledger.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("form", "suffix"), [("text", "txt"), ("md", "md"), ("json", "json")], ids=str
)
def test_the_whole_answer(acme: Home, form: str, suffix: str) -> None:
    args = ("chase-4411", "--statement", "october.csv", "--dry-run", "--format", form)
    before = files(acme)
    text = said(acme, *args)
    assert files(acme) == before
    golden = CASES / f"october.{suffix}"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_it_is_written_once_and_proves_the_month(acme: Home) -> None:
    args = ("chase-4411", "--statement", "october.csv", "--until", "2026-10-31")
    assert "Reconciled." in said(acme, *args, "--yes")
    books = read(acme.main_root, home=acme)
    (balance,) = [e for e in books.standing if isinstance(e, data.Balance)]
    assert (str(balance.date), str(balance.amount)) == ("2026-11-01", "53753.09 USD")
    assert str(balance.meta["statement-balance"]) == "54253.09 USD"
    (kept,) = [e for e in books.standing if isinstance(e, data.Document)]
    assert Path(kept.filename).read_bytes() == CSV.read_bytes()
    marks = [p.meta.get("recon") for t in books.transactions for p in t.postings[:1]]
    assert sorted(map(str, marks)) == ["None", "no", *["yes"] * 11]
    assert not [f for f in books.findings if f.code.startswith(("BC", "LINT"))]
    winter = read(acme.main_root, home=acme, as_of=dt.date(2026, 12, 15))
    unproven = {last for account, last, *_ in months_unproven(winter, dt.date(2026, 10, 31))
                if account.name == CHECKING}  # fmt: skip
    assert unproven == {dt.date(2026, 9, 30)}
    before = files(acme)
    assert "say so already" in said(acme, *args, "--yes")
    assert files(acme) == before


def test_a_difference_writes_nothing_and_says_the_rows_around_it(acme: Home) -> None:
    before = files(acme)
    text = said(
        acme, "chase-4411", "--statement", "october.csv", "--balance", "54000.00", "--yes", code=1
    )
    assert "It cannot be closed: -253.09 USD is unexplained." in text
    assert "reconcile the statements before" in text
    assert "Nothing was written." in text
    assert files(acme) == before


def test_a_line_that_is_missing_in_the_books_is_an_exit_status(acme: Home) -> None:
    journal = acme.ledger / "acme/2026/2026-10.beancount"
    head, _, tail = journal.read_text().partition('2026-10-15 * "Chase"')
    journal.write_text(head + tail.partition("\n\n")[2])
    text = said(acme, "chase-4411", "--statement", "october.csv", "--yes", code=1)
    assert "MONTHLY SERVICE FEE  (october.csv:2)" in text
    assert "1 line is not in the books" in text
    assert "Nothing was written." in text
    wrong = said(acme, "chase-4411", "--statement", "october.csv", "--bank-error", "2", "--dry-run")
    assert "bank-errors: -15.00 USD" in wrong.replace("  ", " ")


def test_an_ofx_that_was_imported_is_matched_by_its_ids(acme: Home) -> None:
    accounts = acme.ledger / "jane/accounts.beancount"
    accounts.write_text(
        f'{accounts.read_text()}2020-01-01 open {JANES} USD\n  role: "bank"\n'
        '  account-id: "ally-0077"\n  title-holder: "Jane"\n  line: "cash-and-equivalents"\n'
    )
    journal = acme.ledger / "jane/2026/2026-09.beancount"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text(
        '2026-09-30 * "Opening"\n  Assets:Jane:Bank:Ally  57242.82 USD\n'
        "  Equity:Jane:OpeningBalances\n\n2026-09-30 open Equity:Jane:OpeningBalances\n"
    )
    run = ["--home", str(acme.path), "import", "ally-0077.qfx", "--yes"]
    done = CliRunner().invoke(cli, run, standalone_mode=False)
    assert not done.exception, done.output
    text = said(acme, "ally-0077", "--statement", "ally-0077.qfx", "--yes", "--format", "json")
    found = json.loads(text)
    assert (found["closes"], found["written"]) == (True, True)
    (of,) = found["reconciliations"]
    assert {match["by"] for match in of["matched"]} == {"id"}
    assert of["difference"] == "0.00"
    again = json.loads(said(acme, JANES, "--statement", "ally-0077.qfx", "--format", "json"))
    assert (again["closes"], again["diff"]) == (True, "")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("nobody", "--statement", "october.csv"), "no account 'nobody'"),
        (("chase-4411", "--statement", "nowhere.csv"), "no such file"),
        (("chase-4411", "--statement", "ally-0077.qfx"), "is not of"),
        (("Income:Acme:Work", "--statement", "october.csv"), "no bank or card account"),
        (("chase-4411", "--statement", "october.csv", "--match", "2"), "says no entry"),
        (("chase-4411", "--statement", "october.csv", "--match", "2=x:1"), "row 2 cannot be"),
        (("chase-4411", "--statement", "october.csv", "--bank-error", "99"), "no line in row 99"),
        (("chase-4411", "--statement", "october.csv", "--balance", "much"), "not an amount"),
        (("chase-4411", "--statement", "october.csv", "--until", "2026-12-01"), "says nothing"),
        (("chase-4411", "--statement", "october.csv"), "nobody is there to be asked"),
    ],
)
def test_what_cannot_be_done_is_said(acme: Home, args: tuple[str, ...], reason: str) -> None:
    assert reason in refused(acme, *args)
