"""From statement lines to journal entries: identity, twins, rules, crossings, accounts."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.entity import Account
from core.findings import UserError
from core.home import Home
from core.journal.read import read
from core.journal.write import apply
from importers.account import Hints, proposed
from importers.inbox.items import accepted, find, inbox, rules_for
from importers.plan import plan_import
from importers.planned import ImportPlan
from importers.statement import RefusedFileError, Split, Statement, StatementFile, StatementLine
from importers.summary import to_json

CHECKING = """\
2020-01-01 open Assets:Acme:Bank:Checking  USD
  role: "bank"
  account-id: "chase-4411"
  title-holder: "Acme LLC"
  line: "cash-and-equivalents"
"""
RULES = """\
version: 1
rules:
  - name: hosting
    when: {payee: "cloud nine", direction: out}
    then: {account: Expenses:Acme:Hosting, payee: "Cloud Nine"}
  - name: draw
    when: {payee: "transfer to jane"}
    then:
      account: Equity:Acme:Members:Jane:Distributions
      transfer: distribution
      counterparty: Jane
"""


def line(
    day: int, amount: str, payee: str = "Cloud Nine Hosting", bank_id: str = ""
) -> StatementLine:
    cells = {"Date": f"09/{day:02}/2026", "Description": payee, "Amount": amount}
    return StatementLine(
        dt.date(2026, 9, day), Decimal(amount), None, payee, "", day, cells, bank_id
    )


def statement(*lines: StatementLine, number: str | None = "000123454411") -> Statement:
    identity = ("test-1", ("Date", "Description", "Amount"))
    return Statement(number, "USD", lines, kind="bank", identity=identity)


@pytest.fixture
def acme(home: Home) -> Home:
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + CHECKING)
    (home.rules / "categorise/acme.yaml").write_text(RULES)
    return home


def plan(
    home: Home, statements: Sequence[Statement], name: str = "chase.csv", **more
) -> ImportPlan:
    path = home.path.parent / name
    path.write_text("content")
    file = StatementFile(path, "csv", "Chase", tuple(statements))
    more.setdefault("ask", lambda statement, hints: None)
    return plan_import([path], home=home, books=read(home.main_root), reader=lambda _: file, **more)


def do(home: Home, statements: Sequence[Statement], **more) -> ImportPlan:
    planned = plan(home, statements, **more)
    apply(home, planned.change, key=str(uuid.uuid4()))
    return planned


def journal(home: Home, entity: str = "acme") -> str:
    return (home.ledger / entity / "2026/2026-09.beancount").read_text()


def test_a_line_that_a_rule_knows_becomes_an_entry_with_its_identity(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00"))])
    text = journal(acme)
    assert '2026-09-03 * "Cloud Nine" ""' in text
    assert 'rule: "hosting"' in text
    assert "Assets:Acme:Bank:Checking  -20.00 USD" in text
    assert 'id: "chase-4411-' in text
    assert 'src: "chase.csv ' in text
    assert not read(acme.main_root).findings


def test_a_line_that_nobody_knows_waits_in_suspense_for_review(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00", "Who Knows"))])
    (item,) = inbox(read(acme.main_root))
    assert (item.review, item.account) == ("categorise", "Assets:Acme:Bank:Checking")
    assert "Assets:Acme:Suspense" in journal(acme)
    assert '2026-09-03 ! "Who Knows"' in journal(acme)


def test_01_the_same_file_again_changes_no_byte(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00"), line(4, "-5.00", "Other"))])
    before = journal(acme)
    again = do(acme, [statement(line(3, "-20.00"), line(4, "-5.00", "Other"))])
    assert not again.drafts
    assert journal(acme) == before


def test_03_04_twins_are_both_kept_and_a_third_export_adds_only_what_is_missing(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00"))])
    do(acme, [statement(line(3, "-20.00"), line(3, "-20.00"))])
    do(acme, [statement(line(3, "-20.00"), line(3, "-20.00"))])
    assert len(read(acme.main_root).transactions) == 2


def test_09_a_late_line_dated_before_the_last_import_is_imported(acme: Home) -> None:
    do(acme, [statement(line(20, "-20.00"))])
    do(acme, [statement(line(2, "-7.00", "Late"))])
    assert [t.date.day for t in read(acme.main_root).transactions] == [2, 20]


def test_05_a_fee_that_shares_the_banks_id_of_its_purchase_is_kept(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00", bank_id="F1"), line(3, "-0.60", "Fee", bank_id="F1"))])
    assert len(read(acme.main_root).transactions) == 2


def test_the_banks_id_survives_a_changed_payee(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00", "CLOUD 9", bank_id="F1"))])
    assert not do(acme, [statement(line(3, "-20.00", "Cloud Nine Inc", bank_id="F1"))]).drafts


def test_07_the_same_bank_id_on_two_accounts_is_two_lines(acme: Home) -> None:
    accounts = acme.ledger / "acme/accounts.beancount"
    second = CHECKING.replace("Checking", "Savings").replace("4411", "5522")
    accounts.write_text(accounts.read_text() + second)
    do(acme, [statement(line(3, "1.00", bank_id="F1"))])
    do(acme, [statement(line(3, "1.00", bank_id="F1"), number="99995522")])
    assert len(read(acme.main_root).transactions) == 2


def test_an_odd_payee_arrives_whole_and_harms_nothing(acme: Home) -> None:
    odd = 'Bob\'s "Best" \\ Café {{7*7}} ; ^link #tag \u202e'
    do(acme, [statement(line(3, "-20.00", odd))])
    (txn,) = read(acme.main_root).transactions
    assert txn.payee == 'Bob\'s "Best" \\ Café {{7*7}} ; ^link #tag'
    assert not txn.links
    assert not txn.tags


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(payee=st.text(min_size=1, max_size=60))
def test_any_payee_goes_through_the_printer_and_back(acme: Home, payee: str) -> None:
    from core.journal.render import clean_text, render
    from importers.draft import drafted, transaction

    draft = drafted(
        line(3, "-20.00", payee),
        entity="Acme",
        account="Assets:Acme:Bank:Checking",
        currency="USD",
        line_id="x-1",
        src="f row 1",
        decide=lambda line: None,
        suspense="Assets:Acme:Suspense",
    )
    from beancount.parser import parser

    entries, errors, _ = parser.parse_string(render(transaction(draft)).text)
    assert not errors
    assert (entries[0].payee or "") == clean_text(payee)


def test_a_line_that_its_file_splits_is_decided_part_by_part(acme: Home) -> None:
    bought = replace(
        line(3, "-30.00", "Corner Shop"),
        splits=(Split(Decimal(-20), "Hosting"), Split(Decimal(-10), "Stamps", "for letters")),
    )
    rules = acme.rules / "categorise/acme.yaml"
    by_category = (
        "  - name: stamps\n    when: {text: stamps}\n    then: {account: Expenses:Acme:Fees}\n"
    )
    rules.write_text(rules.read_text() + by_category)
    accounts = acme.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + "2020-01-01 open Expenses:Acme:Fees\n")
    (draft,) = do(acme, [statement(bought)]).drafts
    assert [(leg.account, leg.number) for leg in draft.others] == [
        ("Assets:Acme:Suspense", Decimal(20)),
        ("Expenses:Acme:Fees", Decimal(10)),
    ]
    assert (draft.rule, draft.review) == ("stamps", "categorise")
    assert draft.others[1].meta == (("note", "Stamps: for letters"),)


def test_a_number_that_ends_like_two_accounts_is_a_question(acme: Home) -> None:
    accounts = acme.ledger / "jane/accounts.beancount"
    twin = CHECKING.replace("Acme:", "Jane:").replace("Acme LLC", "Jane")
    accounts.write_text(accounts.read_text() + twin)
    with pytest.raises(UserError, match="could be 2 of yours") as caught:
        plan(acme, [statement(line(3, "1.00"))])
    assert "--account Assets:Jane:Bank:Checking" in caught.value.hint


def test_a_number_that_ends_like_no_account_is_left_open_or_asked(acme: Home) -> None:
    planned = plan(acme, [statement(line(3, "1.00"), number="0000")])
    assert to_json(planned)["files"][0]["new"] is None
    assert to_json(planned)["files"][0]["accounts"][0]["sum"] == "1.00"


def test_the_account_that_is_proposed_is_opened_before_its_first_line(acme: Home) -> None:
    def ask(found: Statement, hints: Hints) -> Account:
        entity = read(acme.main_root).registry.entities["Acme"]
        return proposed(found, hints, entity)

    planned = do(acme, [statement(line(3, "1.00"), number="777788")], ask=ask)
    assert [a.name for a in planned.opened] == ["Assets:Acme:Bank:Chase7788"]
    books = read(acme.main_root)
    assert not books.findings
    opened = books.accounts["Assets:Acme:Bank:Chase7788"]
    assert (opened.account_id, opened.title_holder) == ("chase-7788", "Acme LLC")


def test_a_crossing_gets_a_link_and_its_other_half_the_same(acme: Home) -> None:
    rules = """\
version: 1
rules:
  - name: from-acme
    when: {payee: "acme"}
    then: {account: Assets:Jane:InvestIn:Acme, transfer: distribution, counterparty: Acme}
"""
    (acme.rules / "categorise/jane.yaml").write_text(rules)
    accounts = acme.ledger / "jane/accounts.beancount"
    other = CHECKING.replace("Acme:", "Jane:").replace("4411", "9900").replace("Acme LLC", "Jane")
    accounts.write_text(accounts.read_text() + other)
    do(acme, [statement(line(3, "-500.00", "Transfer to Jane"))])
    do(acme, [statement(line(5, "500.00", "ACME LLC"), number="119900")])
    links = [txn.links for txn in read(acme.main_root).transactions]
    assert len(links[0]) == 1
    assert links[0] == links[1]


def test_a_refused_file_does_not_stop_the_others(acme: Home) -> None:
    good, bad = acme.path.parent / "good.csv", acme.path.parent / "bad.csv"
    good.write_text("x")
    bad.write_text("x")

    def reader(path: Path) -> StatementFile:
        if path == bad:
            raise RefusedFileError("row 3: '12,' is not an amount", file=str(path), line=3)
        return StatementFile(path, "csv", "Chase", (statement(line(3, "-1.00")),))

    planned = plan_import(
        [bad, good],
        home=acme,
        books=read(acme.main_root),
        reader=reader,
        ask=lambda statement, hints: None,
    )
    assert planned.refused
    assert len(planned.drafts) == 1


def test_a_rule_with_an_account_that_is_not_open_is_named_with_its_file(acme: Home) -> None:
    bad = RULES.replace("Expenses:Acme:Hosting", "Expenses:Acme:Hostng")
    (acme.rules / "categorise/acme.yaml").write_text(bad)
    with pytest.raises(UserError, match="rule 'hosting': the account Expenses:Acme:Hostng"):
        plan(acme, [statement(line(3, "1.00"))])


def test_a_rule_may_not_book_into_another_entity(acme: Home) -> None:
    bad = RULES.replace("Expenses:Acme:Hosting", "Expenses:Jane:Other")
    (acme.rules / "categorise/acme.yaml").write_text(bad)
    with pytest.raises(UserError, match="does not belong to Acme"):
        plan(acme, [statement(line(3, "1.00"))])


def test_a_file_in_another_currency_than_the_account_is_refused(acme: Home) -> None:
    euro = Statement("4411", "EUR", (line(3, "1.00"),), kind="bank")
    with pytest.raises(UserError, match="in EUR"):
        plan(acme, [euro])


def test_accepting_an_item_rewrites_only_its_transaction(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00", "Who Knows"), line(4, "-9.00", "Nor This"))])
    books = read(acme.main_root)
    before = journal(acme).splitlines()
    item = inbox(books)[0]
    change = accepted(
        find(inbox(books), item.id[-8:]), "Expenses:Acme:Office", home=acme, books=books
    )
    apply(acme, change, key="a")
    after = journal(acme).splitlines()
    assert len(inbox(read(acme.main_root))) == 1
    assert '2026-09-03 * "Who Knows" ""' in after
    assert [x for x in after if x in before and "Nor This" in x]
    assert len(after) == len(before) - 1
    assert not read(acme.main_root).findings


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("Expenses:Acme:Nowhere", "is not opened"),
        ("Expenses:Jane:Other", "belongs to Jane, the line to Acme"),
    ],
)
def test_an_item_is_not_accepted_to_a_wrong_account(acme: Home, account: str, said: str) -> None:
    do(acme, [statement(line(3, "-20.00", "Who Knows"))])
    books = read(acme.main_root)
    with pytest.raises(UserError, match=said):
        accepted(inbox(books)[0], account, home=acme, books=books)


def test_an_accepted_rule_decides_the_next_line(acme: Home) -> None:
    do(acme, [statement(line(3, "-20.00", "Who: Knows' (it)"))])
    books = read(acme.main_root)
    change = rules_for(
        inbox(books)[:1], "Expenses:Acme:Office", Path("rules/categorise/acme.yaml"), acme
    )
    (acme.path / change.path).write_bytes(change.after)
    do(acme, [statement(line(9, "-21.00", "Who: Knows' (it)"))])
    assert "Expenses:Acme:Office" in journal(acme)
    assert RULES.splitlines()[2] in change.after.decode()


def test_a_rule_can_be_added_to_the_file_that_init_wrote(home: Home) -> None:
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + CHECKING)
    do(home, [statement(line(3, "-20.00", "Who Knows"))])
    books = read(home.main_root)
    path = Path("rules/categorise/acme.yaml")
    change = rules_for(inbox(books)[:1], "Expenses:Acme:Office", path, home)
    (home.path / path).write_bytes(change.after)
    assert not do(home, [statement(line(9, "-21.00", "Who Knows"))]).drafts[0].review


def test_a_file_named_after_another_account_of_the_bank_is_not_taken_for_this_one(
    acme: Home,
) -> None:
    unnumbered = statement(line(3, "1.00"), number=None)
    assert plan(acme, [unnumbered], "Chase4411_Activity.csv").drafts
    assert plan(acme, [unnumbered], "export.csv").drafts
    assert not plan(acme, [unnumbered], "Chase9999_Activity.csv").drafts


def test_in_a_dry_run_a_question_is_a_warning_and_the_account_stays_unknown(acme: Home) -> None:
    early = StatementLine(dt.date(2019, 1, 1), Decimal("1.00"), None, "x", "", 1, {"Date": "x"})
    with pytest.raises(UserError, match="opens on 2020-01-01"):
        plan(acme, [statement(early)])
    planned = plan(acme, [statement(early)], lenient=True)
    assert to_json(planned)["files"][0]["new"] is None
    assert "opens on 2020-01-01" in planned.files[0].warnings[0]


def test_a_new_account_opens_with_what_it_held_before_its_first_line(acme: Home) -> None:
    def ask(found: Statement, hints: Hints) -> Account:
        return proposed(found, hints, read(acme.main_root).registry.entities["Acme"])

    lines = (line(3, "-20.00"), line(9, "5.00", "Other"))
    first = replace(
        statement(*lines, number="777788"),
        balance=Decimal("100.00"),
        balance_date=dt.date(2026, 9, 30),
    )
    planned = do(acme, [first], ask=ask)
    assert to_json(planned)["files"][0]["new"] == 2
    books = read(acme.main_root)
    assert not books.findings
    held = [p.units.number for t in books.transactions for p in t.postings if "Bank" in p.account]
    assert held == [Decimal("115.00"), Decimal("-20.00"), Decimal("5.00")]
    assert not do(acme, [first], ask=ask).change.effective().files


def test_a_balance_older_than_its_lines_opens_nothing(acme: Home) -> None:
    def ask(found: Statement, hints: Hints) -> Account:
        return proposed(found, hints, read(acme.main_root).registry.entities["Acme"])

    stale = replace(
        statement(line(3, "-20.00"), number="777788"),
        balance=Decimal("100.00"),
        balance_date=dt.date(2026, 9, 2),
    )
    assert len(do(acme, [stale], ask=ask).drafts) == 1
    assert len(read(acme.main_root).transactions) == 1


def test_an_expense_account_is_no_bank(acme: Home) -> None:
    with pytest.raises(UserError, match="is no bank or card account"):
        plan(acme, [statement(line(3, "1.00"))], account="Expenses:Acme:Office")
