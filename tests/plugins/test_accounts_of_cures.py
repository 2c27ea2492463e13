"""Which account a cure posts to, and when it computes none."""

import datetime as dt

import pytest
from beancount import loader
from veil_cases import CASES, books_of

from core.journal.books import Books
from plugins.run import run_rules
from plugins.veil.remedies.accounts import account_for
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Remedy
from scripts.mending import asked

DAY = dt.date(2026, 5, 1)
PARTIES = """
2026-01-01 custom "entity" "Acme" "llc"
2026-01-01 custom "entity" "Jane" "person"
2026-02-01 custom "loan" "N-02" "Jane" "Acme" 10000.00 USD
  account: Liabilities:Acme:Bridge
  rate: 5.00
  maturity: 2028-02-01
  schedule: "monthly"
2026-01-01 open Assets:Acme:Bank
  role: "bank"
"""
OPEN = '2026-01-01 open {name}\n  role: "loan-from"\n  counterparty: "Jane"\n'
BRIDGE = OPEN.format(name="Liabilities:Acme:Bridge")
PLAIN = OPEN.format(name="Liabilities:Acme:LoanFrom:Jane")
OF_N_04 = OPEN.format(name="Liabilities:Acme:LoanFrom:Jane:N-04")
SAYS_N_07 = OPEN.format(name="Liabilities:Acme:Press") + '  loan: "N-07"\n'
NOTE_N_08 = OPEN.format(name="Liabilities:Acme:Van") + '  note: "N-08"\n'


def books_with(*accounts: str) -> Books:
    entries, errors, options = loader.load_string(PARTIES + "".join(accounts))
    assert not errors
    return Books.of(entries, options)


@pytest.mark.parametrize(
    ("accounts", "note", "name"),
    [
        ((OF_N_04, BRIDGE), "N-02", "Liabilities:Acme:Bridge"),
        ((BRIDGE, OF_N_04), "N-04", "Liabilities:Acme:LoanFrom:Jane:N-04"),
        ((BRIDGE, SAYS_N_07, NOTE_N_08), "N-07", "Liabilities:Acme:Press"),
        ((BRIDGE, SAYS_N_07, NOTE_N_08), "N-08", "Liabilities:Acme:Van"),
        ((BRIDGE, PLAIN), "N-09", "Liabilities:Acme:LoanFrom:Jane"),
        ((BRIDGE, OF_N_04), "N-09", "Liabilities:Acme:LoanFrom:Jane:N-09"),
        ((), "N-09", "Liabilities:Acme:LoanFrom:Jane:N-09"),
    ],
)
def test_a_notes_account_is_found_by_what_is_declared_of_it(
    accounts: tuple[str, ...], note: str, name: str
) -> None:
    books = books_with(*accounts)
    assert account_for("Acme", ("loan-from",), "Jane", DAY, books, note) == name


@pytest.mark.parametrize(
    ("line", "answer", "kind"),
    [
        (0, Answer(), ByHand),
        (0, Answer(chosen="due-from"), ByHand),
        (0, Answer(chosen="distribution"), ByHand),
        (1, Answer(), ByHand),
        (1, Answer(chosen="distribution"), Cure),
    ],
)
def test_a_cost_in_one_entry_with_pay_is_a_decision(
    line: int, answer: Answer, kind: type[Remedy]
) -> None:
    books = books_of(
        CASES / "veil-002/a_purchase_in_one_entry_with_wages_has_no_computed_cure.beancount"
    )
    found = [f for f in run_rules(books) if f.code == "VEIL-002"][line]
    remedy = asked(found, books, answer)
    assert isinstance(remedy, kind)
    assert not isinstance(remedy, Choice)
    if isinstance(remedy, ByHand):
        assert ("wages", "a distribution")[line] in remedy.told
        assert "is a decision" in remedy.told


@pytest.mark.parametrize(
    ("case", "asks"),
    [
        ("depreciation_without_a_schedule", {"document=PATH", "receipt=PATH"}),
        ("interest_of_a_loan_whose_note_is_gone", {"document=PATH"}),
    ],
)
def test_what_nobody_gives_a_receipt_for_is_asked_for_its_own_paper(
    case: str, asks: set[str]
) -> None:
    books = books_of(CASES / f"veil-019/{case}.beancount")
    (found,) = [f for f in run_rules(books) if f.code == "VEIL-019"]
    remedy = asked(found, books, Answer())
    assert isinstance(remedy, Choice)
    assert set(remedy.answers) == asks
