"""A rule is edited: what rules made is made again, and what a person touched stays."""

import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from core.journal.write import apply
from importers.detect import load_profiles, read_statement_file
from importers.inbox.items import accepted, inbox
from importers.plan import plan_import
from importers.rules import reflow as reflowing
from importers.rules.reflow import Reflow, reflow
from scripts.shipped import SHIPPED

ACCOUNTS = """\
2020-01-01 open Assets:Acme:Bank:Checking  USD
  role: "bank"
  account-id: "chase-4411"
  title-holder: "Acme LLC"
  line: "cash-and-equivalents"
2020-01-01 open Liabilities:Acme:Card:Chase  USD
  role: "card"
  account-id: "chase-7702"
  title-holder: "Acme LLC"
  line: "cards"
2020-01-01 open Expenses:Acme:Fees
2026-09-10 open Expenses:Acme:Late
"""
EXPORT = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/06/2026,"ZELLE TO JANE",-50.00,ACH_DEBIT,10.00,,
DEBIT,09/05/2026,"WHO KNOWS",-5.00,ACH_DEBIT,60.00,,
DEBIT,09/04/2026,"CLOUD NINE 4411",-20.00,ACH_DEBIT,65.00,,
DEBIT,09/03/2026,"CLOUD NINE 0815",-15.00,ACH_DEBIT,85.00,,
CREDIT,09/01/2026,"OPENING",100.00,ACH_CREDIT,100.00,,
"""
HOSTING = """\
version: 1
rules:
  - name: cloud
    when: {payee: "cloud nine", direction: out}
    then: {account: Expenses:Acme:Hosting, payee: "Cloud Nine"}
"""
SOFTWARE = HOSTING.replace("Expenses:Acme:Hosting", "Expenses:Acme:Software")

Write = Callable[[str, str], Path]
profiles = load_profiles(SHIPPED / "rules" / "sources", Path("nowhere"))


def reader(path: Path):
    return read_statement_file(path, profiles)


@pytest.fixture
def acme(home: Home) -> Home:
    """Acme's September, imported with a rule for its hosting; the export waits in the inbox."""
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + ACCOUNTS)
    (home.inbox / "chase-4411.csv").write_text(EXPORT)
    rules(home, HOSTING)
    plan = plan_import(
        [home.inbox / "chase-4411.csv"],
        home=home,
        books=read(home.main_root),
        reader=reader,
        ask=lambda statement, hints: None,
        keep=False,
    )
    apply(home, plan.change, key=str(uuid.uuid4()))
    commit(home)
    return home


def rules(home: Home, text: str) -> None:
    (home.rules / "categorise/acme.yaml").write_text(text)


def commit(home: Home) -> None:
    subprocess.run(["git", "add", "-A"], cwd=home.path, check=True)
    who = ["-c", "user.name=Jane", "-c", "user.email=jane@localhost"]
    subprocess.run(["git", *who, "commit", "-qm", "By hand"], cwd=home.path, check=True)


def month(home: Home) -> Path:
    return home.ledger / "acme/2026/2026-09.beancount"


def planned(home: Home, **more) -> Reflow:
    return reflow(home=home, books=read(home.main_root), reader=reader, **more)


def do(home: Home, **more) -> Reflow:
    done = planned(home, **more)
    apply(home, done.change, key=str(uuid.uuid4()))
    assert not read(home.main_root).findings
    return done


def reasons(done: Reflow) -> list[str]:
    return [left.reason for left in done.left]


def test_an_edited_rule_moves_its_entries_and_no_other_byte(acme: Home) -> None:
    before = month(acme).read_text()
    rules(acme, SOFTWARE)
    done = do(acme)
    assert len(done.redone) == 2
    assert month(acme).read_text() == before.replace(
        "Expenses:Acme:Hosting    ", "Expenses:Acme:Software   "
    ).replace("Expenses:Acme:Hosting", "Expenses:Acme:Software")


def test_a_second_run_finds_nothing_to_do(acme: Home) -> None:
    rules(acme, SOFTWARE)
    do(acme)
    again = planned(acme)
    assert (again.redone, again.left) == ((), ())
    assert not again.change.effective().files


def test_a_rule_that_says_the_same_changes_nothing(acme: Home) -> None:
    rules(acme, HOSTING + "  # a remark\n")
    assert not planned(acme).redone


def test_the_payee_comes_from_the_banks_file_and_not_from_the_entry(acme: Home) -> None:
    rules(acme, HOSTING.replace(', payee: "Cloud Nine"', ""))
    do(acme)
    assert '"CLOUD NINE 0815"' in month(acme).read_text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('rule: "cloud"\n', 'rule: "cloud"\n  note: "the old contract"\n'),
        ('"Cloud Nine" ""', '"Cloud Nine" "September"'),
        ('"Cloud Nine" ""', '"Cloud Nine" "" #project'),
        ('"Cloud Nine" ""', '"Cloud Nine" "" ; ask Jane'),
        ('  rule: "cloud"\n', '  ; the old contract\n  rule: "cloud"\n'),
        ("Expenses:Acme:Hosting", "Expenses:Acme:Office"),
        ('2026-09-03 * "', '2026-09-03 ! "'),
    ],
)
def test_an_entry_that_a_person_has_touched_stays(acme: Home, old: str, new: str) -> None:
    touched = month(acme).read_text().replace(old, new, 1)
    assert touched != month(acme).read_text()
    month(acme).write_text(touched)
    rules(acme, SOFTWARE)
    done = do(acme)
    assert [booked.txn.date.day for booked, _ in done.redone] == [4]
    assert reasons(done) == [reflowing.TOUCHED]
    assert new in month(acme).read_text()


def test_blanks_and_a_remark_above_are_no_touch_and_the_remark_stays(acme: Home) -> None:
    text = month(acme).read_text()
    text = text.replace('2026-09-03 * "', ';; see the contract\n2026-09-03 *  "')
    month(acme).write_text(
        text.replace("  Expenses:Acme:Hosting  ", "  Expenses:Acme:Hosting     ")
    )
    rules(acme, SOFTWARE)
    assert len(do(acme).redone) == 2
    assert ';; see the contract\n2026-09-03 * "Cloud Nine"' in month(acme).read_text()


def test_what_a_person_decided_in_the_inbox_is_not_decided_again(acme: Home) -> None:
    item = next(i for i in inbox(read(acme.main_root)) if i.txn.payee == "WHO KNOWS")
    books = read(acme.main_root)
    apply(acme, accepted(item, "Expenses:Acme:Office", home=acme, books=books), key="1")
    more = "  - name: who\n    when: {payee: who}\n    then: {account: Expenses:Acme:Fees}\n"
    rules(acme, HOSTING + more)
    done = planned(acme)
    assert not done.redone
    assert reasons(done) == [reflowing.TOUCHED]
    rules(acme, HOSTING + more.replace("Fees", "Office"))
    assert not planned(acme).left  # the rule agrees with the person


def test_a_new_rule_decides_what_waits_in_the_inbox(acme: Home) -> None:
    assert len(inbox(read(acme.main_root))) == 3
    more = "  - name: who\n    when: {payee: who}\n    then: {account: Expenses:Acme:Fees}\n"
    rules(acme, HOSTING + more)
    do(acme)
    assert len(inbox(read(acme.main_root))) == 2
    assert '2026-09-05 * "WHO KNOWS" ""\n  rule: "who"\n' in month(acme).read_text()


def test_an_entry_whose_rule_is_gone_is_left_and_told(acme: Home) -> None:
    rules(acme, "version: 1\nrules:\n")
    done = planned(acme)
    assert not done.redone
    assert reasons(done) == [reflowing.GONE, reflowing.GONE]


def test_a_rule_takes_over_from_one_that_is_gone(acme: Home) -> None:
    rules(acme, SOFTWARE.replace("name: cloud", "name: skies"))
    assert {draft.rule for _, draft in do(acme).redone} == {"skies"}


def test_what_the_rule_said_before_is_read_from_git(acme: Home) -> None:
    rules(acme, SOFTWARE)
    commit(acme)
    rules(acme, SOFTWARE.replace("Software", "Office"))
    commit(acme)
    assert len(do(acme).redone) == 2


def test_a_rule_that_git_never_saw_leaves_its_entries_alone(home: Home, acme: Home) -> None:
    text = month(acme).read_text().replace("Expenses:Acme:Hosting", "Expenses:Acme:Office")
    month(acme).write_text(text)
    rules(acme, SOFTWARE)
    assert reasons(planned(acme)) == [reflowing.TOUCHED, reflowing.TOUCHED]


def test_without_git_it_is_refused(acme: Home) -> None:
    (acme.path / ".git").rename(acme.path.parent / "away")
    with pytest.raises(UserError, match="no git repository"):
        planned(acme)


def test_since_and_entity_narrow_it(acme: Home) -> None:
    import datetime as dt

    rules(acme, SOFTWARE)
    assert len(planned(acme, since=dt.date(2026, 9, 4)).redone) == 1
    assert not planned(acme, entity="Jane").redone


def test_without_the_banks_file_an_entry_is_judged_by_what_stands_in_it(acme: Home) -> None:
    (acme.inbox / "chase-4411.csv").unlink()
    rules(acme, SOFTWARE)
    done = do(acme)
    assert len(done.redone) == 2
    assert done.unread[0].startswith("chase-4411.csv ")
    # The bank's own payee is forgotten, so that the name given to it stays.
    rules(acme, HOSTING.replace("cloud nine", "CLOUD NINE 0815"))
    commit(acme)
    assert not planned(acme).redone


def test_a_second_source_keeps_its_place_on_the_posting(acme: Home) -> None:
    line = "  Assets:Acme:Bank:Checking  -15.00 USD\n"
    twice = line + '    id-2: "chase-4411-f1"\n    src-2: "chase.ofx 00000000 row 3"\n'
    text = month(acme).read_text()
    assert line in text
    month(acme).write_text(text.replace(line, twice))
    rules(acme, SOFTWARE)
    assert len(do(acme).redone) == 2
    assert 'id-2: "chase-4411-f1"' in month(acme).read_text()


def test_a_new_crossing_gets_a_link_and_a_pair_is_never_touched(acme: Home) -> None:
    draw = """\
  - name: draw
    when: {payee: "zelle to jane"}
    then:
      account: Equity:Acme:Members:Jane:Distributions
      transfer: distribution
      counterparty: Jane
"""
    rules(acme, HOSTING + draw)
    ((booked, draft),) = do(acme).redone
    assert (booked.txn.date.day, draft.link[:6]) == (6, "ic-26-")
    commit(acme)
    # Alone it follows its rule, and keeps its link while it is the same crossing.
    rules(
        acme, HOSTING + draw.replace("counterparty: Jane", "counterparty: Jane\n      payee: Jane")
    )
    ((_, again),) = do(acme).redone
    assert again.link == draft.link
    commit(acme)
    other = acme.ledger / "jane/2026/2026-09.beancount"
    other.parent.mkdir(exist_ok=True)
    other.write_text(
        f'2026-09-06 * "Acme" "Draw" ^{draft.link}\n  transfer: "distribution"\n'
        '  counterparty: "Acme"\n  Assets:Jane:Cash  50.00 USD\n  Assets:Jane:InvestIn:Acme\n'
    )
    rules(acme, HOSTING + draw.replace("Jane:Distributions", "Jane:Contributions"))
    assert not planned(acme).redone


def test_a_transfer_between_own_accounts_is_left_to_the_inbox(acme: Home) -> None:
    card = (
        "  - name: card\n    when: {payee: who}\n    then: {account: Liabilities:Acme:Card:Chase}\n"
    )
    rules(acme, HOSTING + card)
    done = planned(acme)
    assert not done.redone
    assert reasons(done) == [reflowing.OWN_ACCOUNTS]


def test_an_account_that_was_not_open_yet_is_told_and_stops_nothing_else(acme: Home) -> None:
    late = "  - name: who\n    when: {payee: who}\n    then: {account: Expenses:Acme:Late}\n"
    rules(acme, SOFTWARE + late)
    done = do(acme)
    assert len(done.redone) == 2
    assert reasons(done) == [reflowing.CLOSED]


STRIPE = """\
2020-01-01 open Assets:Acme:Clearing:Stripe  USD
  role: "bank"
  account-id: "stripe-acme"
  title-holder: "Acme LLC"
  line: "cash-and-equivalents"
  fees: "Expenses:Acme:Fees"
"""
REPORT = """\
balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,description
txn_1,2026-09-02 10:00:00,usd,100.00,3.20,96.80,charge,Widget
"""


def test_a_processors_line_is_made_again_with_its_fee_where_it_was(acme: Home) -> None:
    accounts = acme.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + STRIPE)
    (acme.inbox / "stripe.csv").write_text(REPORT)
    plan = plan_import(
        [acme.inbox / "stripe.csv"],
        home=acme,
        books=read(acme.main_root),
        reader=reader,
        ask=lambda statement, hints: None,
        keep=False,
    )
    apply(acme, plan.change, key=str(uuid.uuid4()))
    commit(acme)
    sales = HOSTING + '  - name: sales\n    when: {payee: "^charge$"}\n'
    rules(acme, sales + "    then: {account: Income:Acme:Sales}\n")
    commit(acme)
    do(acme)
    txn = next(t for t in read(acme.main_root).transactions if t.payee == "charge")
    assert [(p.account, str(p.units)) for p in txn.postings] == [
        ("Assets:Acme:Clearing:Stripe", "96.80 USD"),
        ("Income:Acme:Sales", "-100.00 USD"),
        ("Expenses:Acme:Fees", "3.20 USD"),
    ]
