"""``books veil distribute``: what is lawful is shown and booked, what is not is refused."""

import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data

from core.home import Home
from core.journal.read import read
from plugins.run import run_rules
from scripts.main import main

# Case I-10: assets 50,000 (cash 15,000), liabilities 38,000, a preference of 5,000; in the next
# 90 days 14,000 come in and 24,500 fall due.
REGISTRY = """
2020-01-02 custom "entity" "Raj" "person"
  legal-name: "Raj Patel"
  books: FALSE
2020-01-02 custom "ownership" "Acme" "Jane" 60.00
2020-01-02 custom "ownership" "Acme" "Raj" 40.00
  preference: 5000.00 USD
"""
OPENED = """
2020-01-02 open Assets:Acme:Till
  role: "bank"
  account-id: "chase-1"
  title-holder: "Acme LLC"
2020-01-02 open Assets:Acme:Claims
  role: "ar"
2020-01-02 open Assets:Acme:Press
  role: "fixed-asset"
2020-01-02 open Liabilities:Acme:Loan
2020-01-02 open Equity:Acme:Members:Raj:Distributions
  role: "distribution"
  counterparty: "Raj"
"""
JANES = """
2020-01-02 open Assets:Jane:Purse
  role: "bank"
  account-id: "ally-1"
  title-holder: "Jane"
"""
BOOKED = """
2026-01-05 * "What Acme has and owes"
  Assets:Acme:Till      15000.00 USD
  Assets:Acme:Press     21000.00 USD
  Liabilities:Acme:Loan -13500.00 USD
  Equity:Acme:OpeningBalances
2026-01-06 * "Harrow" "An invoice" ^inv-7
  due: 2026-12-29
  Assets:Acme:Claims    14000.00 USD
  Equity:Acme:OpeningBalances
2026-01-07 * "Mill" "A bill" ^bill-7
  due: 2026-12-29
  Liabilities:Acme:AP  -24500.00 USD
  Equity:Acme:OpeningBalances
"""
Write = Callable[[str, str], Path]
Run = Callable[..., str]


@pytest.fixture
def acme(home: Home, write: Write) -> Home:
    for name, more in (
        ("ledger/registry.beancount", REGISTRY),
        ("ledger/acme/accounts.beancount", OPENED),
        ("ledger/jane/accounts.beancount", JANES),
    ):
        text = (home.path / name).read_text()
        if "registry" in name:
            lines = text.splitlines(keepends=True)
            text = "".join(line for line in lines if '"ownership"' not in line)
        write(name, text + more)
    write("ledger/acme/2026/2026-01.beancount", BOOKED)
    write("ledger/acme/documents/2026-09-29-consent.txt", "The members consent.")
    for command in (["add", "-A"], ["commit", "-q", "-m", "What Acme has"]):
        subprocess.run(["git", *command], cwd=home.path, check=True)
    return home


@pytest.fixture
def run(acme: Home, capsys: pytest.CaptureFixture[str]) -> Run:
    def runner(*args: str, code: int = 0, day: str = "2026-09-30") -> str:
        capsys.readouterr()
        given = ["--home", str(acme.path), "veil", "distribute", *args, "--date", day]
        with pytest.raises(SystemExit) as ended:
            main([*given, "--from", "Assets:Acme:Till", "--to", "Assets:Jane:Purse"])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out + said.err

    return runner


def journals(home: Home) -> dict[str, str]:
    return {str(p): p.read_text() for p in home.ledger.rglob("*.beancount")}


def test_more_than_is_lawful_is_refused_with_the_figures(acme: Home, run: Run) -> None:
    before = journals(acme)
    said = run("acme", "--amount", "6000", code=1)
    assert "6000.00 USD fails the cash-flow test by 1500.00 USD" in said
    assert "largest lawful distribution of Acme on 2026-09-30 is 4500.00 USD" in said
    told = json.loads(run("ACME", "--amount", "7000.01", "--format", "json", code=1))
    assert told["largest_lawful"] == "4500.00"
    assert told["before"] == {
        "balance_sheet": {
            "assets": "50000.00",
            "liabilities": "38000.00",
            "preferences": "5000.00",
            "margin": "7000.00",
        },
        "cash_flow": {
            "cash": "15000.00",
            "expected": "14000.00",
            "due": "24500.00",
            "days": 90,
            "margin": "4500.00",
        },
    }
    assert "fails the balance sheet test by 0.01 USD and the cash-flow test" in told["refused"]
    run("acme", "--amount", "4500.01", code=1)
    assert journals(acme) == before


def test_nothing_is_paid_on_a_day_that_is_closed(acme: Home, run: Run, write: Write) -> None:
    registry = (acme.path / "ledger/registry.beancount").read_text()
    seal = f'2026-10-05 custom "close-period" "Acme" "2026-09"\n  hash: "{"0" * 64}"\n'
    write("ledger/registry.beancount", registry + seal)
    assert "Acme is closed up to 2026-09-30" in run("acme", "--amount", "10", code=1)
    run("acme", "--amount", "10", day="2026-10-01")


@pytest.mark.parametrize(
    ("line", "said"),
    [(b";; caf\xe9\n", "is not UTF-8 text"), (b'2026-01-09 * "A bill" oops\n', "cannot be read")],
)
def test_nothing_is_paid_by_books_that_lack_a_part(
    acme: Home, run: Run, line: bytes, said: str
) -> None:
    with (acme.path / "ledger/jane/accounts.beancount").open("ab") as file:
        file.write(line)
    told = run("acme", "--amount", "10", code=1)
    assert "ledger/jane/accounts.beancount:" in told
    assert "the books cannot be read wholly, and figures would be wrong" in told
    assert said in told


def test_another_currency_is_not_taken_for_the_companys(run: Run) -> None:
    for amount in ("10EUR", "10 EUR", "EUR 10"):
        said = run("acme", "--amount", amount, code=2)
        assert "Acme keeps books in USD, not in EUR" in said
    assert "10.00 USD on" in run("acme", "--amount", "10 usd", "--dry-run")


def test_a_dry_run_shows_the_entries_and_writes_nothing(acme: Home, run: Run) -> None:
    before = journals(acme)
    said = run("acme", "--amount", "4500.00", "--dry-run")
    assert "Equity:Acme:Members:Jane:Distributions   2700.00 USD" in said
    assert "Dry run: nothing was written." in said
    assert journals(acme) == before


def test_the_largest_lawful_amount_is_booked_for_both_owners(acme: Home, run: Run) -> None:
    paper = str(acme.path / "ledger/acme/documents/2026-09-29-consent.txt")
    run("acme", "--amount", "4500.00", "--resolution", paper, "--note", "Third quarter")
    books = read(acme.main_root, home=acme)
    assert not books.findings
    found = [t for t in books.transactions if t.meta.get("transfer") == "distribution"]
    booked = {p.account: p.units.number for t in found for p in t.postings[:1] if p.units}
    assert booked == {
        "Equity:Acme:Members:Jane:Distributions": Decimal("2700.00"),
        "Assets:Jane:Purse": Decimal("2700.00"),
        "Equity:Acme:Members:Raj:Distributions": Decimal("1800.00"),
    }
    assert [t.postings[1].account for t in found].count("Assets:Acme:Till") == 2
    assert {t.narration for t in found} == {"Third quarter, 60 %", "Third quarter, 40 %"}
    (document,) = [e for e in books.entries if isinstance(e, data.Document)]
    assert document.links == {link for t in found for link in t.links}
    assert len(document.links) == 2
    assert len(document.meta["sha256"]) == 64
    told = {f.code for f in run_rules(books)}
    assert told.isdisjoint({"VEIL-005", "VEIL-006", "VEIL-007", "VEIL-013", "VEIL-014", "VEIL-016"})
    log = subprocess.run(
        ["git", "log", "-1", "--format=%s"],
        cwd=acme.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert log.stdout.strip() == "Distribute 4500.00 USD of Acme"


def test_a_second_distribution_has_what_the_first_left(run: Run) -> None:
    run("acme", "--amount", "4000.00")
    assert "is 500.00 USD" in run("acme", "--amount", "500.01", code=1)
    said = run("acme", "--amount", "500.00")
    assert "no resolution is on file yet (VEIL-014)" in said


def test_the_cents_of_an_odd_amount_go_to_the_largest_remainder(run: Run) -> None:
    told = json.loads(run("acme", "--amount", "100.01", "--dry-run", "--format", "json"))
    assert [(s["owner"], s["amount"]) for s in told["shares"]] == [
        ("Jane", "60.01"),
        ("Raj", "40.00"),
    ]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("jane", "--amount", "5"), "Jane is no company that keeps books here"),
        (("acme", "--amount", "0"), "0 cannot be distributed"),
        (("acme", "--amount", "-5"), "-5 cannot be distributed"),
        (("acme", "--amount", "5.001"), "5.001 cannot be distributed"),
        (("acme", "--amount", "five"), "'five' is not an amount"),
        (("nobody", "--amount", "5"), "there is no entity 'nobody'"),
        (("acme", "--amount", "5", "--resolution", "/etc/hostname"), "is no file of these books"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, args: tuple[str, ...], reason: str) -> None:
    assert reason in run(*args, code=2)


def test_an_account_that_is_missing_is_named_with_what_opens_it(
    acme: Home, run: Run, write: Write
) -> None:
    path = "ledger/acme/accounts.beancount"
    lines = (acme.path / path).read_text()
    write(
        path,
        lines.replace("Members:Raj:Distributions", "Members:Raj:Draws").replace(
            'role: "distribution"\n  counterparty: "Raj"', 'role: "capital"'
        ),
    )
    said = run("acme", "--amount", "5", code=2)
    assert "Acme has no account of the role “distribution” for Raj" in said
    assert "open Equity:Acme:Members:Raj:Distributions  USD" in said


def test_before_anybody_owns_it_nobody_is_paid(run: Run) -> None:
    assert "do not add up to 100" in run("acme", "--amount", "5", code=2, day="2019-12-31")
