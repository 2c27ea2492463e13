"""Closed periods and statements in books that are read again after each edit."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.seal import NOTHING_BEFORE, canonical, entities_in, hash_of_period
from plugins import run
from plugins.run import run_rules
from plugins.veil import closed, reconciliation

Write = Callable[[str, str], Path]
AUGUST, SEPTEMBER = "ledger/acme/2026/2026-08.beancount", "ledger/acme/2026/2026-09.beancount"
CLOSED = "ledger/acme/2026/2026-closed.beancount"
PAPER = '2026-08-03 * "Staples" "Paper"\n  Expenses:Acme:Office  40.00 USD\n  Liabilities:Acme:AP\n'
PENS = '2026-09-03 * "Staples" "Pens"\n  Expenses:Acme:Office  5.00 USD\n  Liabilities:Acme:AP\n'
NOTE = '2026-08-04 note Liabilities:Acme:AP "The shop called"\n'
PADDED = (
    "2026-08-05 pad Liabilities:Acme:AP Equity:Acme:OpeningBalances\n"
    "2026-08-06 balance Liabilities:Acme:AP  -50.00 USD\n"
)
DOCUMENT = '2026-08-07 document Liabilities:Acme:AP "../documents/bill.txt"\n'


@pytest.fixture(autouse=True)
def _the_rules_of_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No others, so that ``make mutate`` knows whom these tests judge."""
    monkeypatch.setattr(run, "RULES", (*closed.RULES, *reconciliation.RULES))


def found(home: Home) -> list[tuple[str, str]]:
    """Codes and files of what the rules find, which must be the same at a cold look."""
    warm = read(home.main_root, home=home)
    assert warm.parts is not None
    findings = run_rules(warm)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKS_NO_CACHE", "1")
        assert findings == run_rules(read(home.main_root, home=home))
    return [(finding.code, finding.file) for finding in findings]


def hash_of_august(books: Books, home: Home) -> str:
    entries = [
        e
        for e in books.entries
        if f"{e.date:%Y-%m}" == "2026-08"
        and "Acme" in entities_in(e)
        and getattr(e, "flag", "") != "P"
    ]
    lines = [
        canonical(e, home.path, lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
        for e in entries
    ]
    return hash_of_period("Acme", "2026-08", NOTHING_BEFORE, [line for line in lines if line])


@pytest.fixture
def sealed(home: Home, write: Write) -> Home:
    """August closed, with a note, a pad and a paper in it; September open."""
    write("ledger/acme/documents/bill.txt", "Staples, 40.00\n")
    write(AUGUST, PAPER + NOTE + PADDED + DOCUMENT)
    write(SEPTEMBER, PENS)
    seal = hash_of_august(read(home.main_root, home=home), home)
    write(CLOSED, f'2026-09-05 custom "close-period" "Acme" "2026-08"\n  hash: "{seal}"\n')
    assert found(home) == []
    return home


def test_the_open_month_may_change(sealed: Home, write: Write) -> None:
    write(SEPTEMBER, PENS.replace("5.00", "6.00"))
    assert found(sealed) == []


def test_a_change_of_the_closed_month_is_found_and_gone_when_taken_back(
    sealed: Home, write: Write
) -> None:
    whole = PAPER + NOTE + PADDED + DOCUMENT
    for was, becomes in (("40.00", "40.01"), (NOTE, ""), ("-50.00", "-50.01"), ("08-07", "08-08")):
        assert was in whole
        write(AUGUST, whole.replace(was, becomes))
        assert found(sealed) == [("VEIL-021", CLOSED)], was
        write(AUGUST, whole)
        assert found(sealed) == [], was


def test_an_entry_added_to_the_closed_month_is_named_wherever_it_stands(
    sealed: Home, write: Write
) -> None:
    late = PAPER.replace("08-03", "08-30").replace("Paper", "Late bill")
    write(SEPTEMBER, late + PENS)
    assert found(sealed) == [("VEIL-021", SEPTEMBER)]


def test_layout_does_not_count(sealed: Home, write: Write) -> None:
    write(AUGUST, ";; moved\n\n" + DOCUMENT + PADDED + NOTE)
    write("ledger/acme/2026/2026-08-more.beancount", PAPER)
    assert found(sealed) == []


def test_evidence_that_changed_after_closing_is_found(sealed: Home, write: Write) -> None:
    write("ledger/acme/documents/bill.txt", "Staples, 4.00\n")
    assert found(sealed) == [("VEIL-021", CLOSED)]


BANK = """
2026-08-01 open Assets:Acme:Bank  USD
  role: "bank"
  account-id: "chase-1"
  title-holder: "Acme LLC"
"""
SALE = '2026-08-03 * "Client" "Sale"\n  Assets:Acme:Bank  500.00 USD\n  Liabilities:Acme:AP\n'
PROVEN = '2026-09-01 balance Assets:Acme:Bank  500.00 USD\n  statement: "documents/2026-08.txt"\n'


def test_a_balance_that_fails_proves_nothing(home: Home, write: Write) -> None:
    later = '2026-09-21 * "Client" "Sale"\n  Assets:Acme:Bank  1.00 USD\n  Liabilities:Acme:AP\n'
    write("ledger/acme/documents/2026-08.txt", "Closing balance 500.00\n")
    write(AUGUST, BANK + SALE)
    write(SEPTEMBER, PROVEN + later)
    assert found(home) == []
    write(SEPTEMBER, PROVEN.replace("500.00", "501.00") + later)
    assert found(home) == [("VEIL-020", SEPTEMBER)]
    write(SEPTEMBER, later)
    assert found(home) == [("VEIL-020", AUGUST)]
    (home.ledger / "acme/documents/2026-08.txt").unlink()
    write(SEPTEMBER, PROVEN + later)
    assert found(home) == [("VEIL-020", SEPTEMBER)]
