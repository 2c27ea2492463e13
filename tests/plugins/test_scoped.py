"""Rules after an edit: what changed is judged again, with all that it can have changed for others.

Every test reads twice: as after an edit, and as if for the first time. Both must say the same, and
what the test expects.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from beancount.core import data

from core.findings import Finding
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from plugins.rule import Rule, Scope
from plugins.run import RULES, run_rules

ACME = """
2026-09-03 * "Jane" "Draw" ^ic-26-0903
  transfer: "distribution"
  counterparty: "Jane"
  Equity:Acme:Members:Jane:Distributions  10.00 USD
  Assets:Acme:Cash
"""
JANE = """
2026-09-04 * "Acme" "Draw" ^ic-26-0903
  transfer: "distribution"
  counterparty: "Acme"
  Assets:Jane:Cash  10.00 USD
  Assets:Jane:InvestIn:Acme
"""
IN_ACME, IN_JANE = "ledger/acme/2026/2026-09.beancount", "ledger/jane/2026/2026-09.beancount"
Write = Callable[[str, str], Path]


@pytest.fixture
def pair(home: Home, write: Write) -> Home:
    """A draw with both of its halves, judged once."""
    write("ledger/acme/accounts.beancount", accounts(home) + OPENED)
    write(IN_ACME, ACME)
    write(IN_JANE, JANE)
    assert found(home) == []
    return home


LUNCH = """
2026-08-03 * "Diner" "Lunch"
  Assets:Acme:Cash  -10.00 USD
  Expenses:Acme:Other
"""
OWED = """
2020-01-01 open Assets:Acme:Owed
  role: "due-from"
  counterparty: "Jane"
"""
LENT = """
2026-08-20 * "Dentist" "For Jane" #personal ^ic-26-0820
  transfer: "expense-on-behalf"
  counterparty: "Jane"
  Assets:Acme:Owed  50.00 USD
  Liabilities:Acme:Card
2020-01-01 custom "veil-rule" "VEIL-020" "off"
2020-01-01 open Liabilities:Acme:Card
  role: "card"
  account-id: "amex-1"
  title-holder: "Acme LLC"
"""
BORROWED = """
2026-08-20 * "Acme" "Dentist" ^ic-26-0820
  transfer: "expense-on-behalf"
  counterparty: "Acme"
  Expenses:Jane:Other  50.00 USD
  Liabilities:Jane:DueTo:Acme
2020-01-01 open Liabilities:Jane:DueTo:Acme
  role: "due-to"
  counterparty: "Acme"
"""
OPENED = '\n2020-01-01 open Assets:Acme:Cash\n  role: "cash"\n'


def accounts(home: Home) -> str:
    return (home.ledger / "acme/accounts.beancount").read_text()


def found(home: Home) -> list[tuple[str, str]]:
    """Codes and files of the rules' findings, which must be those of a cold look."""
    warm = read(home.main_root, home=home)
    assert warm.parts is not None
    findings = run_rules(warm)
    assert findings == run_rules(cold(home))
    return [(finding.code, finding.file) for finding in findings]


def cold(home: Home) -> Books:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKS_NO_CACHE", "1")
        return read(home.main_root, home=home)


def test_a_half_taken_away_is_missed_in_the_other_file(pair: Home, write: Write) -> None:
    write(IN_JANE, "")
    assert found(pair) == [("VEIL-005", IN_ACME)]
    write(IN_JANE, JANE)
    assert found(pair) == []


def test_a_file_taken_away_is_missed_in_the_other(pair: Home) -> None:
    (pair.path / IN_JANE).unlink()
    assert found(pair) == [("VEIL-005", IN_ACME)]


def test_a_link_changed_on_one_side_is_missed_on_both(pair: Home, write: Write) -> None:
    write(IN_JANE, JANE.replace("0903", "0904"))
    assert found(pair) == [("VEIL-005", IN_ACME), ("VEIL-005", IN_JANE)]


def test_an_amount_changed_on_one_side_is_found(pair: Home, write: Write) -> None:
    write(IN_JANE, JANE.replace("10.00", "11.00"))
    assert [code for code, _ in found(pair)] == ["VEIL-006"]
    write(IN_ACME, ACME.replace("10.00", "11.00"))
    assert found(pair) == []


def test_lines_added_above_move_a_finding_along(pair: Home, write: Write) -> None:
    write(IN_JANE, "")
    before = run_rules(read(pair.main_root, home=pair))
    write(IN_ACME, f";; A line\n{ACME}")
    found(pair)
    after = run_rules(read(pair.main_root, home=pair))
    assert [f.line for f in after] == [f.line + 1 for f in before]


def test_an_account_that_gets_another_meaning_is_seen(pair: Home, write: Write) -> None:
    write("ledger/acme/2026/2026-08.beancount", LUNCH)
    assert found(pair) == []
    crossing = '  role: "cash"\n  counterparty: "Jane"\n'
    write("ledger/acme/accounts.beancount", accounts(pair).replace('  role: "cash"\n', crossing))
    assert ("VEIL-005", "ledger/acme/2026/2026-08.beancount") in found(pair)


def test_policy_reaches_what_was_judged_long_ago(pair: Home, write: Write) -> None:
    policy = pair.rules / "policy.beancount"
    write(IN_JANE, JANE.replace("10.00", "11.00"))
    assert [code for code, _ in found(pair)] == ["VEIL-006"]
    policy.write_text(f'{policy.read_text()}\n2020-01-01 custom "veil-rule" "VEIL-006" "off"\n')
    assert found(pair) == []


def test_time_that_passes_is_seen_without_an_edit_of_the_file(pair: Home, write: Write) -> None:
    write("ledger/acme/accounts.beancount", accounts(pair) + OWED)
    write("ledger/acme/2026/2026-08.beancount", LENT)
    write("ledger/jane/2026/2026-08.beancount", BORROWED)
    assert found(pair) == []
    later = '2026-11-01 * "Shop" "Bread"\n  Assets:Jane:Cash  -1.00 USD\n  Expenses:Jane:Other\n'
    write("ledger/jane/2026/2026-11.beancount", later)
    assert found(pair) == [("VEIL-002", "ledger/acme/2026/2026-08.beancount")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_sees_no_more_than_it_declares(rule: Rule, example: Books) -> None:
    """On the example: with only what a rule needs, it finds what it finds among all."""
    wanted = findings(rule, example)
    if rule.scope is Scope.LINK:
        for finding in wanted:
            (txn,) = [t for t in example.transactions if example.where(t) == place(finding)]
            near = [t for t in example.transactions if t is txn or share(t.links, txn.links)]
            assert finding in findings(rule, only(example, near))
    elif rule.scope is Scope.DECLARED:
        assert findings(rule, only(example, [])) == wanted
    elif looks_at := rule.looks_at:
        near = [txn for txn in example.transactions if looks_at(txn, example)]
        assert len(near) < len(example.transactions) / 2
        assert findings(rule, only(example, near)) == wanted


@pytest.fixture(scope="module")
def example() -> Books:
    return cold(Home(Path(__file__).resolve().parents[2]))


def findings(rule: Rule, books: Books) -> list[Finding]:
    return list(rule.check(books))


def place(finding: Finding) -> tuple[str, int]:
    return finding.file, finding.line


def share(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    return bool((some or frozenset()) & (others or frozenset()))


def only(books: Books, transactions: list[data.Transaction]) -> Books:
    standing = [e for e in books.entries if not isinstance(e, data.Transaction)]
    entries = sorted([*standing, *transactions], key=data.entry_sortkey)
    return replace(books, entries=entries)
