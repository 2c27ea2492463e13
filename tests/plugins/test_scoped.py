"""Rules after an edit: what changed is judged again, with all that it can have changed for others.

Every test reads twice: as after an edit, and as if for the first time. Both must say the same, and
what the test expects.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.findings import Finding
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from plugins.looks import Looks
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
FOREIGN = """
2026-09-05 * "Depot" "Chair"
  Expenses:Acme:Other  50.00 EUR
  Assets:Acme:Cash
"""
FOR_ACME = """
2026-09-06 * "Depot" "For Acme" ^ic-26-0906
  transfer: "expense-on-behalf"
  counterparty: "Acme"
  for-entity: "Acme"
  Assets:Jane:DueFrom:Acme  20.00 USD
  Assets:Jane:Cash
"""
BOOKED = """
2026-09-06 * "Depot" "Paid by Jane" ^ic-26-0906
  transfer: "expense-on-behalf"
  counterparty: "Jane"
  Expenses:Acme:Other  20.00 USD
  Liabilities:Acme:DueTo:Jane
"""
OWES = """
2020-01-01 open Liabilities:Acme:DueTo:Jane
  role: "due-to"
  counterparty: "Jane"
2020-01-01 open Liabilities:Acme:Card
  role: "card"
  account-id: "amex-1"
  title-holder: "Acme LLC"
2020-01-01 open Assets:Jane:DueFrom:Acme
  role: "due-from"
  counterparty: "Acme"
"""
# What these tests are about; other rules look at these small books too.
LINKED = {f"VEIL-{number:03}" for number in (1, 2, 3, 5, 6, 7, 19, 24, 25)}
OPENED = '\n2020-01-01 open Assets:Acme:Cash\n  role: "cash"\n'


def accounts(home: Home) -> str:
    return (home.ledger / "acme/accounts.beancount").read_text()


def found(home: Home) -> list[tuple[str, str]]:
    """Codes and files of the rules' findings, which must be those of a cold look."""
    warm = read(home.main_root, home=home)
    assert warm.parts is not None
    findings = run_rules(warm)
    assert findings == run_rules(cold(home))
    return [(finding.code, finding.file) for finding in findings if finding.code in LINKED]


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
    lines = [[f.line for f in some if f.code in LINKED] for some in (before, after)]
    assert lines[1] == [line + 1 for line in lines[0]]


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


def test_a_receipt_that_comes_and_goes_is_seen_without_an_edit(pair: Home, write: Write) -> None:
    chair = """
2026-09-05 * "Depot" "Chair"
  receipt: "documents/chair.txt"
  Assets:Acme:Cash  -75.00 USD
  Expenses:Acme:Other
"""
    write("ledger/acme/2026/2026-08.beancount", chair.replace("09-05", "08-05"))
    assert found(pair) == [("VEIL-019", "ledger/acme/2026/2026-08.beancount")]
    paper = write("ledger/acme/documents/chair.txt", "a chair")
    assert found(pair) == []
    paper.unlink()
    assert found(pair) == [("VEIL-019", "ledger/acme/2026/2026-08.beancount")]


def test_a_price_that_is_corrected_reaches_an_expense(pair: Home, write: Write) -> None:
    write(IN_ACME, ACME + FOREIGN)
    write("ledger/prices.beancount", "2026-09-01 price EUR 1.50 USD\n")
    assert found(pair) == [("VEIL-019", IN_ACME)]
    write("ledger/prices.beancount", "2026-09-01 price EUR 1.49 USD\n")
    assert found(pair) == []


def test_a_cost_booked_by_the_company_cures_the_owners_entry(pair: Home, write: Write) -> None:
    write("ledger/acme/accounts.beancount", accounts(pair) + OWES)
    write(IN_JANE, JANE + FOR_ACME)
    assert found(pair) == [("VEIL-003", IN_JANE), ("VEIL-005", IN_JANE)]
    write(IN_ACME, ACME + BOOKED)
    assert found(pair) == []
    write(IN_ACME, ACME + BOOKED.replace("DueTo:Jane", "Card"))
    assert ("VEIL-003", IN_JANE) in found(pair)


def test_a_vendor_that_is_declared_reaches_what_was_judged(pair: Home, write: Write) -> None:
    lunch = LUNCH.replace("Acme", "Jane")
    write("ledger/jane/2026/2026-08.beancount", lunch)
    assert found(pair) == []
    policy = pair.rules / "policy.beancount"
    vendor = '2020-01-01 custom "vendor" "Diner"\n  entity: "Acme"\n'
    policy.write_text(f"{policy.read_text()}\n{vendor}")
    assert found(pair) == [("VEIL-003", "ledger/jane/2026/2026-08.beancount")]


def test_what_two_books_say_is_owed_is_compared_after_an_edit_of_one(
    pair: Home, write: Write
) -> None:
    write("ledger/acme/accounts.beancount", accounts(pair) + OWED)
    write("ledger/acme/2026/2026-08.beancount", LENT)
    theirs = "ledger/jane/2026/2026-08.beancount"
    write(theirs, BORROWED)
    assert found(pair) == []
    write(theirs, BORROWED.replace("50.00", "49.99"))
    assert sorted(code for code, _ in found(pair)) == ["VEIL-006", "VEIL-025"]
    write(theirs, BORROWED)
    assert found(pair) == []


def test_a_formality_is_done_by_a_directive_in_another_file(pair: Home, write: Write) -> None:
    due = '2026-01-01 custom "obligation" "Acme" "annual-report"\n  every: "year"\n  due: "08-01"\n'
    write("ledger/acme/2026/2026-01.beancount", due)
    assert found(pair) == [("VEIL-024", "ledger/acme/2026/2026-01.beancount")]
    done = '2026-07-20 custom "fulfilled" "Acme" "annual-report" "2026"\n'
    write("ledger/acme/2026/2026-07.beancount", done)
    assert found(pair) == []


MEMBERS = """
2020-01-01 open Assets:Acme:Till
  role: "bank"
  account-id: "chase-1"
  title-holder: "Acme LLC"
"""
PUT_IN = """
2026-08-01 * "Jane" "Capital" ^ic-26-0801
  transfer: "contribution"
  counterparty: "Jane"
  Assets:Acme:Till  {amount} USD
  Equity:Acme:Members:Jane:Contributions
"""
TAKEN = """
2026-09-10 * "Jane" "Draw" ^ic-26-0910
  transfer: "distribution"
  counterparty: "Jane"
  Equity:Acme:Members:Jane:Distributions  40.00 USD
  Assets:Acme:Till
"""
EUROS = """
2026-08-02 * "Exchange" "Euros"
  Assets:Acme:Till   20.00 EUR @ 1.00 USD
  Assets:Acme:Till  -20.00 USD
"""
IN_AUGUST = "ledger/acme/2026/2026-08.beancount"
CAPITAL = {"VEIL-013", "VEIL-014", "VEIL-015", "VEIL-016", "VEIL-017"}


def of_capital(home: Home) -> list[str]:
    found(home)  # as after an edit and as for the first time
    return sorted(f.code for f in run_rules(read(home.main_root, home=home)) if f.code in CAPITAL)


def test_balances_follow_an_edit_in_another_month(home: Home, write: Write) -> None:
    write("ledger/acme/accounts.beancount", accounts(home) + MEMBERS)
    write(IN_AUGUST, PUT_IN.format(amount="50.00"))
    write(IN_ACME, TAKEN)
    without_papers = ["VEIL-014", "VEIL-014"]
    assert of_capital(home) == without_papers
    write(IN_AUGUST, PUT_IN.format(amount="39.99"))
    assert of_capital(home) == ["VEIL-013", *without_papers, "VEIL-017"]
    write(IN_AUGUST, PUT_IN.format(amount="40.00"))
    assert of_capital(home) == without_papers
    (home.path / IN_AUGUST).unlink()
    assert of_capital(home) == ["VEIL-013", "VEIL-014", "VEIL-017"]


def test_a_rate_a_paper_and_a_share_are_seen_where_they_stand(home: Home, write: Write) -> None:
    write("ledger/acme/accounts.beancount", accounts(home) + MEMBERS)
    write(IN_AUGUST, PUT_IN.format(amount="41.00") + EUROS)
    write(IN_ACME, TAKEN)
    rates = home.path / "ledger/prices.beancount"
    assert "VEIL-013" in of_capital(home)  # there is no rate
    rates.write_text("2026-08-01 price EUR 1.00 USD\n")
    assert "VEIL-013" not in of_capital(home)
    rates.write_text("2026-08-01 price EUR 0.90 USD\n")
    assert "VEIL-013" in of_capital(home)
    rates.write_text("2026-08-01 price EUR 0.95 USD\n")
    assert of_capital(home) == ["VEIL-014", "VEIL-014"]
    write("ledger/acme/2026/consent.txt", "The member consents.")
    write(IN_ACME, TAKEN.replace("  transfer", '  resolution: "consent.txt"\n  transfer'))
    assert of_capital(home) == ["VEIL-014"]
    (home.path / "ledger/acme/2026/consent.txt").unlink()
    assert of_capital(home) == ["VEIL-014", "VEIL-014"]
    registry = home.path / "ledger/registry.beancount"
    raj = """
2020-01-02 custom "entity" "Raj" "person"
  books: FALSE
2020-01-02 custom "ownership" "Acme" "Jane" 60.00
2020-01-02 custom "ownership" "Acme" "Raj" 40.00
"""
    registry.write_text(registry.read_text() + raj)
    assert of_capital(home) == ["VEIL-014", "VEIL-014", "VEIL-016"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_sees_no_more_than_it_declares(rule: Rule, example: Books) -> None:
    """On the example: with only what a rule needs, it finds what it finds among all."""
    wanted = findings(rule, example)
    if rule.scope is Scope.LINK:
        assert findings(
            rule, example.only(filter(Looks([rule], example), example.transactions))
        ) == (wanted)
        for finding in wanted:
            (txn,) = [t for t in example.transactions if example.where(t) == place(finding)]
            near = [t for t in example.transactions if t is txn or share(t.links, txn.links)]
            assert finding in findings(rule, example.only(near))
    elif rule.scope is Scope.DECLARED:
        assert findings(rule, example.only([])) == wanted
    else:
        near = list(filter(Looks([rule], example), example.transactions))
        assert len(near) < len(example.transactions) / 2
        assert findings(rule, example.only(near)) == wanted


@pytest.fixture(scope="module")
def example() -> Books:
    return cold(Home(Path(__file__).resolve().parents[2]))


def findings(rule: Rule, books: Books) -> list[Finding]:
    return list(rule.check(books))


def place(finding: Finding) -> tuple[str, int]:
    return finding.file, finding.line


def share(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    return bool((some or frozenset()) & (others or frozenset()))


BUDGET = """
2026-01-01 open Income:Jane:Pay
2026-01-01 open Expenses:Jane:Bread
2026-01-01 custom "bud-config" "Jane" "envelope" "USD"
2026-01-01 custom "bud-account" Assets:Jane:Cash "cash"
"""
BREAD = """
2026-09-04 * "Pay"
  Assets:Jane:Cash  10.00 USD
  Income:Jane:Pay
2026-09-05 * "Bread"
  Expenses:Jane:Bread  4.00 USD
  Assets:Jane:Cash
"""
ENVELOPE = """
2026-09-01 custom "bud-envelope" "Jane" "Bread" Expenses:Jane:Bread
2026-09-01 custom "bud-assign" "Jane" "Bread" "2026-09" {} USD
"""


def on_budget(home: Home) -> list[str]:
    """Codes of the findings about budgets, which must be those of a cold look."""
    findings = [f for f in run_rules(read(home.main_root, home=home)) if f.code.startswith("BUD")]
    assert findings == [f for f in run_rules(cold(home)) if f.code.startswith("BUD")]
    return sorted(finding.code for finding in findings)


def test_a_budget_is_judged_again_after_each_edit(home: Home, write: Write) -> None:
    own = (home.ledger / "jane/accounts.beancount").read_text()
    write("ledger/jane/accounts.beancount", own + BUDGET)
    assert on_budget(home) == []
    write(IN_JANE, BREAD)
    assert on_budget(home) == ["BUD-01", "BUD-05"]
    write("ledger/jane/2026/2026-08.beancount", ENVELOPE.format("3.00"))
    assert on_budget(home) == ["BUD-04"]
    write("ledger/jane/2026/2026-08.beancount", ENVELOPE.format("4.00"))
    assert on_budget(home) == []
    write(IN_JANE, BREAD.replace(" 4.00", " 4.50"))
    assert on_budget(home) == ["BUD-04"]
