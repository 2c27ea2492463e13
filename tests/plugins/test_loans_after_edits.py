"""The rules on loans after an edit: what one file changes is seen in what is said of another.

Every step reads twice: as after an edit, and as if for the first time. Both must say the same.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.home import Home
from core.journal.read import read
from plugins.run import run_rules

ACMES = """
2020-01-01 open Assets:Acme:Bank  USD
  role: "bank"
  account-id: "chase-4411"
  title-holder: "Acme LLC"
2020-01-01 open Liabilities:Acme:LoanFrom:Jane:N-02
  role: "loan-from"
  counterparty: "Jane"
2020-01-01 open Expenses:Acme:Interest:Jane
  role: "interest-expense"
  counterparty: "Jane"
"""
JANES = """
2020-01-01 open Assets:Jane:Bank  USD
  role: "bank"
  account-id: "ally-0077"
  title-holder: "Jane"
2020-01-01 open Assets:Jane:LoanTo:Acme:N-02
  role: "loan-to"
  counterparty: "Acme"
2020-01-01 open Income:Jane:InterestFrom:Acme
  role: "interest-income"
  counterparty: "Acme"
"""
NOTE = """
2026-02-01 custom "loan" "N-02" "Jane" "Acme" 10000.00 USD
  rate: 5.00
  maturity: 2028-02-01
  schedule: "monthly"
  document: "note-n-02.txt"
"""
ADVANCE = """
2026-02-02 * "{0}" "Loan" ^ic-26-001
  transfer: "loan-advance"
  counterparty: "{0}"
  note: "N-02"
"""
PAYMENT = """
2026-03-01 * "{0}" "Instalment" ^ic-26-002
  transfer: "loan-repayment"
  counterparty: "{0}"
  note: "N-02"
"""
LENT = {
    "acme": "  Assets:Acme:Bank  10000.00 USD\n  Liabilities:Acme:LoanFrom:Jane:N-02\n",
    "jane": "  Assets:Jane:LoanTo:Acme:N-02  10000.00 USD\n  Assets:Jane:Bank\n",
}
PAID = {
    "acme": "  Liabilities:Acme:LoanFrom:Jane:N-02  397.04 USD\n"
    "  Expenses:Acme:Interest:Jane  41.67 USD\n  Assets:Acme:Bank\n",
    "jane": "  Assets:Jane:LoanTo:Acme:N-02  -397.04 USD\n"
    "  Income:Jane:InterestFrom:Acme  -41.67 USD\n  Assets:Jane:Bank\n",
}
LATER = '2026-03-20 * "Shop" "Bread"\n  Assets:Jane:Bank  -1.00 USD\n  Expenses:Jane:Other\n'
OTHER = {"acme": "Jane", "jane": "Acme"}
Write = Callable[[str, str], Path]


@pytest.fixture
def lent(home: Home, write: Write) -> Home:
    """A loan on a note, its first instalment paid in time, and some weeks later; all judged."""
    for entity, text in (("acme", ACMES), ("jane", JANES)):
        path = home.ledger / entity / "accounts.beancount"
        path.write_text(path.read_text() + text)
    registry = home.ledger / "registry.beancount"
    registry.write_text(registry.read_text() + NOTE)
    write("ledger/note-n-02.txt", "Note N-02, signed on February 1, 2026.\n")
    for entity, party in OTHER.items():
        write(journal(entity, "02"), ADVANCE.format(party) + LENT[entity])
        write(journal(entity, "03"), PAYMENT.format(party) + PAID[entity])
    write("ledger/jane/2026/2026-04.beancount", LATER)
    assert found(home) == []
    return home


def journal(entity: str, month: str) -> str:
    return f"ledger/{entity}/2026/2026-{month}.beancount"


# The rules of loans; others look at these small books too.
JUDGED = {f"VEIL-{number:03}" for number in range(9, 13)} | {f"LN-{n:02}" for n in range(1, 7)}


def found(home: Home) -> list[tuple[str, str]]:
    """Codes and files of the findings, which must be those of a cold look."""
    warm = read(home.main_root, home=home)
    assert warm.parts is not None
    findings = run_rules(warm)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKS_NO_CACHE", "1")
        assert findings == run_rules(read(home.main_root, home=home))
    return [(f.code, f.file) for f in findings if f.code in JUDGED]


def test_a_payment_taken_away_is_missed_at_the_note(lent: Home, write: Write) -> None:
    for entity in OTHER:
        write(journal(entity, "03"), "")
    assert found(lent) == [("VEIL-011", "ledger/registry.beancount")]
    for entity, party in OTHER.items():
        write(journal(entity, "03"), PAYMENT.format(party) + PAID[entity])
    assert found(lent) == []


def test_another_rate_makes_an_old_split_wrong(lent: Home) -> None:
    registry = lent.ledger / "registry.beancount"
    registry.write_text(registry.read_text().replace("rate: 5.00", "rate: 4.00"))
    assert [code for code, _ in found(lent)] == ["LN-01", "VEIL-012"] * 2


def test_another_amount_lent_makes_a_later_split_wrong(lent: Home, write: Write) -> None:
    for entity, party in OTHER.items():
        text = ADVANCE.format(party) + LENT[entity]
        write(journal(entity, "02"), text.replace("10000.00", "9000.00"))
    assert [code for code, _ in found(lent)] == ["LN-01", "VEIL-012"] * 2


def test_a_note_taken_away_is_missed_where_the_money_moved(lent: Home) -> None:
    registry = lent.ledger / "registry.beancount"
    registry.write_text(registry.read_text().replace(NOTE, ""))
    assert found(lent) == [("VEIL-009", journal("acme", "02"))]


def test_a_paper_that_is_lost_is_missed_without_an_edit(lent: Home) -> None:
    (lent.ledger / "note-n-02.txt").unlink()
    assert found(lent) == [("VEIL-009", journal("acme", "02"))]


def test_time_that_passes_makes_an_instalment_late(lent: Home, write: Write) -> None:
    write("ledger/jane/2026/2026-04.beancount", LATER.replace("2026-03-20", "2026-04-12"))
    assert found(lent) == [("VEIL-011", "ledger/registry.beancount")]


def test_a_covenant_sees_what_the_borrower_earns(lent: Home, write: Write) -> None:
    registry = lent.ledger / "registry.beancount"
    covenant = '2026-02-01 custom "covenant" "N-02"\n  min-dscr: 1.25\n'
    registry.write_text(registry.read_text() + covenant)
    for number in range(2, 15):
        year, month = divmod(2026 * 12 + 1 + number, 12)
        post(lent, write, number, f"{year}-{month + 1:02}")
    rent = '2026-06-30 * "Tenants" "Rent"\n  Assets:Acme:Bank  {} USD\n  Income:Acme:Rent\n'
    opened = lent.ledger / "acme/accounts.beancount"
    opened.write_text(opened.read_text() + "2020-01-01 open Income:Acme:Rent\n")
    write(journal("acme", "06b"), rent.format("6580.64"))
    assert [code for code, _ in found(lent)] == ["LN-06"]
    write(journal("acme", "06b"), rent.format("6580.65"))
    assert found(lent) == []


def post(home: Home, write: Write, number: int, month: str) -> None:
    """Books an instalment as the command does."""
    from click.testing import CliRunner

    from scripts.main import cli

    words = ["--home", str(home.path), "veil", "loan", "N-02", "--post", month, "--no-commit"]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert result.exit_code == 0, (number, result.output, result.exception)
