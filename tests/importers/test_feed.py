"""Feeds: the bank adds, corrects and takes back, and what a person decided stays (hard cases)."""

import datetime as dt
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import bank as files
import pytest
from feeds import (
    CHECKING,
    CHECKING_ACCOUNT,
    Bank,
    books,
    entry,
    journal,
    line,
    pending,
    synced,
    told,
)

from core import git
from core.entity import Account
from core.findings import UserError
from core.home import Home
from core.journal.lock import alone
from core.journal.write import apply, keep
from importers.feed import cache as caches
from importers.feed import exact, record
from importers.feed import sync as syncing
from importers.feed.cache import Cache, Decision, decide_pending
from importers.feed.collect import ATTEMPTS, collect
from importers.feed.contract import FeedAccount, FeedLine, Page
from importers.feed.cursor import committed
from importers.inbox.items import accepted, find, inbox

MEALS, OFFICE, SUSPENSE = "Expenses:Acme:Meals", "Expenses:Acme:Office", "Assets:Acme:Suspense"


@pytest.fixture
def acme(home: Home) -> Home:
    """Acme has a checking account at Chase that ends in 4411."""
    files.open_accounts(home, [CHECKING])
    owner_commits(home)
    return home


def owner_commits(home: Home) -> None:
    """The owner commits what they did by hand."""
    subprocess.run(["git", "-C", str(home.path), "add", "-A"], check=True)
    name = ["-c", "user.name=Jane", "-c", "user.email=jane@localhost"]
    command = ["git", "-C", str(home.path), *name, "commit", "-qm", "By hand"]
    subprocess.run(command, check=True)


def edit_by_hand(home: Home, old: str, new: str) -> None:
    """The owner edits September in an editor, and commits."""
    path = home.ledger / "acme/2026/2026-09.beancount"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    owner_commits(home)


def accept(home: Home, payee: str, account: str) -> None:
    """The owner decides a line of the inbox."""
    item = next(i for i in inbox(books(home)) if i.txn.payee == payee)
    apply(home, accepted(item, account, home=home, books=books(home)), key=f"{payee} {account}")


def cached(home: Home, bank: Bank | None = None) -> Cache:
    return caches.loaded(home, (bank or Bank()).item().scope)


def decide(home: Home, line_id: str, decision: Decision) -> None:
    """The owner decides a pending line."""
    scope = Bank().item().scope
    after = decide_pending(caches.loaded(home, scope), line_id, decision)
    keep(home, caches.place(scope), caches.dumped(after))


def proven(home: Home, day: str, balance: str) -> None:
    """A statement has proven the balance at the start of a day."""
    path = home.ledger / "acme/accounts.beancount"
    proof = f'{day} balance {CHECKING}  {balance} USD\n  statement: "documents/september.pdf"\n'
    path.write_text(f"{path.read_text()}{proof}")
    owner_commits(home)


# 8. Ids with odd characters


@pytest.mark.parametrize("odd", ['a"b\\c', "#tag ^link", "Ünï{}; comment", "A", "a"])
def test_08_an_odd_id_is_metadata_as_the_feed_wrote_it(acme: Home, odd: str) -> None:
    bank = Bank().adds(line(odd, 3, "-20.00"))
    synced(acme, bank)
    scope = bank.item().scope
    assert entry(acme, odd).postings[0].meta["id"] == f"{scope}:{odd}"
    assert entry(acme, odd).links == frozenset()
    assert not synced(acme, Bank(events=bank.events)).plan.change.effective().files


def test_08_ids_that_differ_in_case_or_by_a_control_character_are_two_lines(acme: Home) -> None:
    ids = ["abc", "aBc", "a\nb", "a\tb", "x" * 500, "x" * 501]
    synced(acme, Bank().adds(*(line(each, 3, "-20.00") for each in ids)))
    assert len(books(acme).transactions) == len(ids)


# 10. A pending line posts with a new id and an amount that a tip has raised


def test_10_pending_lines_are_no_entries(acme: Home) -> None:
    synced(acme, Bank().adds(pending("p1", 3, "-20.00")))
    assert books(acme).transactions == ()
    assert cached(acme).pendings["p1"].amount == Decimal("-20.00")


def test_10_what_was_decided_on_a_pending_line_is_applied_when_it_posts(acme: Home) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00", "BISTRO"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS, "Bistro", "Lunch with Ann", ("client",)))
    bank.removes("p1").adds(line("t1", 5, "-23.00", "BISTRO 0042", of="p1"))
    synced(acme, bank)
    assert told(acme) == [(5, "Bistro", "-23.00", MEALS, "")]
    txn = entry(acme, "t1")
    assert (txn.flag, txn.narration, txn.tags) == ("*", "Lunch with Ann", frozenset({"client"}))
    assert cached(acme).pendings == {}


def test_10_a_decision_holds_when_the_bank_corrects_the_line_later(acme: Home) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS, narration="Lunch"))
    synced(acme, bank.adds(line("t1", 5, "-20.00", of="p1")))
    synced(acme, bank.modifies(line("t1", 5, "-23.00", of="p1")))
    assert told(acme) == [(5, "Corner Shop", "-23.00", MEALS, "")]
    assert entry(acme, "t1").narration == "Lunch"


def test_10_the_posted_line_may_come_before_the_pending_one_goes(acme: Home) -> None:
    bank = Bank(page=1).adds(pending("p1", 3, "-20.00"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS))
    synced(acme, bank.adds(line("t1", 5, "-23.00", of="p1")))
    assert cached(acme).pendings == {}
    synced(acme, bank.removes("p1"))
    assert told(acme) == [(5, "Corner Shop", "-23.00", MEALS, "")]


def test_10_a_line_that_posts_under_its_own_id_is_the_same_line(acme: Home) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS))
    synced(acme, bank.modifies(line("p1", 4, "-20.00")))
    assert told(acme) == [(4, "Corner Shop", "-20.00", MEALS, "")]
    assert cached(acme).pendings == {}


@pytest.mark.parametrize("account", ["Expenses:Acme:Nowhere", "Assets:Jane:Cash"])
def test_10_a_decision_that_does_not_fit_the_books_waits_in_the_inbox(
    acme: Home, account: str
) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00"))
    synced(acme, bank)
    decide(acme, "p1", Decision(account))
    done = synced(acme, bank.adds(line("t1", 5, "-20.00", of="p1")))
    assert told(acme) == [(5, "Corner Shop", "-20.00", SUSPENSE, "categorise")]
    assert account in done.remarks[0]


def test_10_only_a_pending_line_can_be_decided() -> None:
    with pytest.raises(UserError, match="no pending line has the id 'p9'"):
        decide_pending(Cache(pendings={"p1": pending("p1", 3, "-1.00")}), "p9", Decision(MEALS))


# 11. The same, and the feed does not say which pending line it was


@pytest.mark.parametrize("gone_first", [True, False])
def test_11_a_decision_on_a_vanished_pending_line_is_offered(acme: Home, gone_first: bool) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00", "BISTRO"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS))
    if gone_first:
        synced(acme, bank.removes("p1"))
    synced(acme, bank.removes("p1").adds(line("t1", 5, "-23.00", "BISTRO 0042")))
    assert told(acme) == [(5, "BISTRO 0042", "-23.00", SUSPENSE, "categorise")]
    assert entry(acme, "t1").meta["perhaps"] == MEALS
    accept(acme, "BISTRO 0042", MEALS)
    assert "perhaps" not in entry(acme, "t1").meta


@pytest.mark.parametrize(
    "other",
    [
        line("t1", 5, "-23.00", "PAPER MILL"),  # another payee, another amount
        line("t1", 5, "20.00", "BISTRO"),  # money in
        line("t1", 25, "-20.00", "BISTRO"),  # three weeks later
        line("t1", 2, "-20.00", "BISTRO"),  # before it
        line("t1", 5, "-95.00", "BISTRO"),  # no tip raises that much
    ],
)
def test_11_a_line_that_it_cannot_be_is_offered_nothing(acme: Home, other: FeedLine) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00", "BISTRO"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS))
    synced(acme, bank.removes("p1").adds(other))
    assert "perhaps" not in entry(acme, "t1").meta


def test_11_what_has_posted_is_offered_to_nobody_else(acme: Home) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS))
    synced(acme, bank.adds(line("t1", 5, "-20.00", of="p1"), line("t2", 6, "-20.00")))
    assert told(acme)[1] == (6, "Corner Shop", "-20.00", SUSPENSE, "categorise")
    assert "perhaps" not in entry(acme, "t2").meta


# 12. The bank takes a line back


def test_12_a_pending_line_that_is_taken_back_is_gone_from_the_cache(acme: Home) -> None:
    bank = Bank().adds(pending("p1", 3, "-20.00"), pending("p2", 4, "-1.00"))
    synced(acme, bank)
    done = synced(acme, bank.removes("p1"))
    assert list(cached(acme).pendings) == ["p2"]
    assert (done.plan.removals, done.applied.files) == ((), ())


def test_12_a_posted_line_goes_only_when_a_person_agrees(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"), line("t2", 9, "-7.00", "Cafe"))
    synced(acme, bank)
    accept(acme, "Corner Shop", OFFICE)
    before = journal(acme)
    for _ in range(2):  # it is listed until somebody agrees, though the bank says it once
        (removal,) = synced(acme, bank.removes("t1")).plan.removals
        assert removal.sentence == (
            "ledger/acme/2026/2026-09.beancount:3: the bank has taken back -20.00 USD of "
            "2026-09-03 (Corner Shop): the entry goes"
        )
        assert journal(acme) == before
    done = synced(acme, bank, take_out=True)
    assert '-2026-09-03 * "Corner Shop" ""' in done.plan.change.diff()
    assert done.plan.change.message == "Sync Chase: 1 taken back by the bank"
    assert told(acme) == [(9, "Cafe", "-7.00", SUSPENSE, "categorise")]
    assert cached(acme).removals == ()
    assert not synced(acme, bank).plan.removals


def test_12_a_line_that_comes_back_before_anybody_agreed_stays(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    synced(acme, bank.removes("t1"))
    synced(acme, bank.adds(line("t1", 3, "-20.00")), take_out=True)
    assert told(acme) == [(3, "Corner Shop", "-20.00", SUSPENSE, "categorise")]
    assert cached(acme).removals == ()


def test_12_what_a_statement_has_proven_stays(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    proven(acme, "2026-09-04", "-20.00")
    (removal,) = synced(acme, bank.removes("t1"), take_out=True).plan.removals
    assert removal.refused == "the statement behind the balance of 2026-09-04 has proven it"
    assert len(told(acme)) == 1


def test_12_a_balance_before_the_line_proves_nothing_of_it(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    proven(acme, "2026-09-03", "0.00")  # the start of the day
    synced(acme, bank.removes("t1"), take_out=True)
    assert told(acme) == []


def test_12_what_is_sealed_stays(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"), line("t2", 4, "-7.00"))
    synced(acme, bank)

    def sealed(entity: str, day: dt.date) -> bool:
        return entity == "Acme" and day <= dt.date(2026, 9, 3)

    done = synced(acme, bank.removes("t1", "t2"), take_out=True, sealed=sealed)
    refusals = ["the books of Acme are sealed on 2026-09-03", ""]
    assert [r.refused for r in done.plan.removals] == refusals
    assert [row[0] for row in told(acme)] == [3]
    assert cached(acme).removals == ("t1",)


def test_12_an_entry_that_a_file_knows_too_keeps_the_files_line(acme: Home) -> None:
    two = [files.line(3, "-20.00"), files.line(9, "-1.00")]
    bank = Bank().adds(line("t1", 3, "-20.00"), line("t2", 9, "-1.00"))
    synced(acme, bank)
    files.bring(acme, "chase.csv", files.statement(CHECKING, *two))
    assert entry(acme, "t1").postings[0].meta["src-2"].startswith("chase.csv ")
    synced(acme, bank.removes("t1"), take_out=True)
    posting = next(t for t in books(acme).transactions if t.date.day == 3).postings[0]
    names = {"id", "src", "id-2", "src-2"} & posting.meta.keys()
    assert names == {"id", "src"}
    assert posting.meta["id"].startswith("chase-4411-")
    assert posting.meta["src"].startswith("chase.csv ")


def test_12_the_other_side_of_a_transfer_waits_again(acme: Home) -> None:
    files.open_accounts(acme, [files.SAVINGS])
    owner_commits(acme)
    files.bring(
        acme, "ally.csv", files.statement(files.SAVINGS, files.line(3, "50.00", "Transfer"))
    )
    bank = Bank().adds(line("t1", 3, "-50.00", "Transfer to savings 7788"))
    synced(acme, bank)
    assert {p.account for p in entry(acme, "t1").postings} == {CHECKING, files.SAVINGS}
    synced(acme, bank.removes("t1"), take_out=True)
    (txn,) = books(acme).transactions
    assert {p.account for p in txn.postings} == {SUSPENSE, files.SAVINGS}
    assert (txn.flag, txn.meta["review"]) == ("!", "transfer")


# 13. The bank corrects a line


def test_13_an_entry_that_nobody_touched_is_as_if_it_had_come_so(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"), line("t2", 9, "-7.00", "Cafe"))
    synced(acme, bank)
    synced(acme, bank.modifies(line("t1", 30, "-23.00", "Corner Shop 12")))
    synced(acme, bank.modifies(line("t2", 2, "-8.00", "Cafe", month=10)))
    assert told(acme) == [
        (2, "Cafe", "-8.00", SUSPENSE, "categorise"),
        (30, "Corner Shop 12", "-23.00", SUSPENSE, "categorise"),
    ]
    assert "Cafe" in (acme.ledger / "acme/2026/2026-10.beancount").read_text()


def test_13_the_bank_is_right_about_its_facts_and_the_person_about_theirs(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00", "CORNER SHOP"))
    synced(acme, bank)
    accept(acme, "CORNER SHOP", OFFICE)
    edit_by_hand(acme, '"CORNER SHOP" ""', '"CORNER SHOP" "Paper" #office ^order-12 ; by Jane')
    done = synced(acme, bank.modifies(line("t1", 4, "-23.00", "CORNER SHOP 12")))
    txn = entry(acme, "t1")
    assert told(acme) == [(4, "CORNER SHOP 12", "-23.00", OFFICE, "changed")]
    assert txn.postings[1].units.number == Decimal("23.00")
    assert (txn.narration, txn.tags, txn.links) == ("Paper", {"office"}, {"order-12"})
    assert (txn.flag, txn.meta["changed"]) == ("!", "was 2026-09-03, -20.00 USD, CORNER SHOP")
    assert "; by Jane" in (acme.ledger / "acme/2026/2026-09.beancount").read_text()
    assert "it was 2026-09-03" in done.remarks[0]
    accept(acme, "CORNER SHOP 12", OFFICE)
    assert told(acme) == [(4, "CORNER SHOP 12", "-23.00", OFFICE, "")]


def test_13_an_entry_moves_to_the_month_that_the_bank_says(acme: Home) -> None:
    bank = Bank().adds(line("t1", 30, "-20.00"), line("t2", 3, "-1.00", "Cafe"))
    synced(acme, bank)
    accept(acme, "Corner Shop", OFFICE)
    synced(acme, bank.modifies(line("t1", 1, "-20.00", month=10)))
    months = {name: (acme.ledger / f"acme/2026/2026-{name}.beancount") for name in ("09", "10")}
    assert "Corner Shop" not in months["09"].read_text()
    assert (
        months["10"]
        .read_text()
        .startswith(';; Acme LLC, October 2026\n\n2026-10-01 ! "Corner Shop" ""\n')
    )
    assert entry(acme, "t1").postings[1].account == OFFICE


def test_13_the_other_side_of_a_transfer_keeps_its_amount(acme: Home) -> None:
    files.open_accounts(acme, [files.SAVINGS])
    owner_commits(acme)
    files.bring(
        acme, "ally.csv", files.statement(files.SAVINGS, files.line(3, "50.00", "Transfer"))
    )
    bank = Bank().adds(line("t1", 3, "-50.00", "Transfer to savings 7788"))
    synced(acme, bank)
    synced(acme, bank.modifies(line("t1", 3, "-51.50", "Transfer to savings 7788")))
    amounts = {p.account: str(p.units.number) for p in entry(acme, "t1").postings}
    assert amounts == {CHECKING: "-51.50", files.SAVINGS: "50.00", SUSPENSE: "1.50"}
    assert entry(acme, "t1").meta["review"] == "changed"


def test_09_a_late_line_of_a_sealed_day_is_booked_and_told(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"), line("t2", 4, "-1.00"))
    done = synced(acme, bank, sealed=lambda entity, day: day.day <= 3)
    assert len(told(acme)) == 2
    (said,) = done.remarks
    assert said.startswith(
        "2026-09-03 Corner Shop: the line is new, and the books of Acme are seal"
    )


def test_13_what_is_sealed_is_not_even_flagged(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    text = (acme.ledger / "acme/2026/2026-09.beancount").read_text()
    done = synced(acme, bank.modifies(line("t1", 3, "-23.00")), sealed=lambda entity, day: True)
    assert (acme.ledger / "acme/2026/2026-09.beancount").read_text() == text
    assert "sealed on 2026-09-03; nothing was changed: it was -20.00 USD" in done.remarks[0]


@pytest.mark.parametrize("added", ['  receipt: "documents/slip.pdf"\n', "  number: 12\n"])
def test_13_what_a_person_has_added_stays(acme: Home, added: str) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    edit_by_hand(acme, '  review: "categorise"\n', f'  review: "categorise"\n{added}')
    synced(acme, bank.modifies(line("t1", 3, "-23.00")))
    assert added in (acme.ledger / "acme/2026/2026-09.beancount").read_text()
    assert told(acme) == [(3, "Corner Shop", "-23.00", SUSPENSE, "changed")]


@pytest.mark.parametrize(("other", "entries"), [("60.00", 1), ("50.00", 2)])
def test_13_a_corrected_line_finds_its_other_side_by_what_it_is_now(
    acme: Home, other: str, entries: int
) -> None:
    path = acme.ledger / "acme/accounts.beancount"
    more = '2020-01-01 open Assets:Acme:Bank:Saver USD\n  role: "bank"\n  line: "cash"\n'
    path.write_text(path.read_text() + more + '  account-id: "chase-5500"\n')
    owner_commits(acme)
    saver = FeedAccount("acc-2", "5500", "Saver", "bank", "USD")
    bank = Bank(accounts=(CHECKING_ACCOUNT, saver)).adds(line("t1", 3, "-50.00", "Transfer"))
    synced(acme, bank)
    bank.modifies(line("t1", 3, "-60.00", "Transfer"))
    synced(acme, bank.adds(line("s1", 3, other, "Transfer", account="acc-2")))
    assert len(told(acme)) == entries
    assert (entry(acme, "t1") == entry(acme, "s1")) is (entries == 1)


def test_13_a_payee_that_a_person_has_written_stays(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00", "CORNER SHOP"))
    synced(acme, bank)
    edit_by_hand(acme, '"CORNER SHOP"', '"The corner shop"')
    synced(acme, bank.modifies(line("t1", 3, "-23.00", "CORNER SHOP 12")))
    assert told(acme) == [(3, "The corner shop", "-23.00", SUSPENSE, "changed")]


def test_13_a_split_stays_and_the_difference_waits_in_suspense(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    edit_by_hand(
        acme,
        f"  {SUSPENSE}        20.00 USD",
        f"  {MEALS}  12.00 USD ; lunch\n  {OFFICE}  8.00 USD",
    )
    edit_by_hand(acme, '  review: "categorise"\n', "")
    synced(acme, bank.modifies(line("t1", 3, "-23.00")))
    amounts = {p.account: str(p.units.number) for p in entry(acme, "t1").postings}
    assert amounts == {CHECKING: "-23.00", MEALS: "12.00", OFFICE: "8.00", SUSPENSE: "3.00"}


def test_13_a_comment_within_an_entry_is_a_persons(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    edit_by_hand(acme, '  review: "categorise"\n', '  review: "categorise"\n  ; ask Ann\n')
    synced(acme, bank.modifies(line("t1", 12, "-23.00")))
    assert "; ask Ann" in (acme.ledger / "acme/2026/2026-09.beancount").read_text()
    assert told(acme) == [(12, "Corner Shop", "-23.00", SUSPENSE, "changed")]


def test_13_a_correction_that_corrects_nothing_of_the_books_changes_nothing(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    accept(acme, "Corner Shop", OFFICE)
    before = journal(acme)
    synced(acme, bank.modifies(replace(line("t1", 3, "-20.00"), category="SHOPS_AND_MORE")))
    assert journal(acme) == before


def test_13_modified_of_a_line_that_was_never_added_is_a_new_line(acme: Home) -> None:
    synced(acme, Bank().modifies(line("t1", 3, "-20.00")))
    assert len(told(acme)) == 1


def test_13_what_a_statement_has_proven_is_flagged_and_no_more(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    proven(acme, "2026-09-04", "-20.00")
    synced(acme, bank.modifies(line("t1", 3, "-23.00")))
    assert told(acme) == [(3, "Corner Shop", "-20.00", SUSPENSE, "changed")]
    assert entry(acme, "t1").meta["changed"].startswith("the bank says 2026-09-03 -23.00 USD")


def test_13_an_entry_that_its_owner_deleted_stays_deleted(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    (acme.ledger / "acme/2026/2026-09.beancount").write_text(";; nothing\n")
    owner_commits(acme)
    done = synced(acme, bank.modifies(line("t1", 3, "-23.00")))
    assert told(acme) == []
    assert "no longer in the books" in done.remarks[0]


# 14, 15. The pages of one run


@pytest.mark.parametrize("page", [1, 2, 100])
def test_14_only_the_net_effect_of_a_run_counts(acme: Home, page: int) -> None:
    bank = Bank(page=page).adds(line("t1", 3, "-20.00"), line("t2", 4, "-1.00"))
    bank.modifies(line("t1", 3, "-23.00"), line("t2", 5, "-2.00")).removes("t1")
    done = synced(acme, bank)
    assert told(acme) == [(5, "Corner Shop", "-2.00", SUSPENSE, "categorise")]
    assert done.plan.removals == ()


def test_15_pages_that_change_are_read_again_from_the_first_cursor(acme: Home) -> None:
    bank = Bank().adds(line("t0", 1, "-1.00"))
    synced(acme, bank)
    bank.adds(*(line(f"t{n}", 3, "-20.00") for n in range(1, 5)))
    bank.page, bank.fails_on, bank.fails = 1, 3, 2
    seen = []
    bank.on_page = lambda number: seen.append(journal(acme))
    synced(acme, bank)
    assert bank.asked == ["", "1", "1", "1"]
    assert len(told(acme)) == 5
    assert all(at_that_time == seen[0] for at_that_time in seen)


def test_15_a_bank_that_never_comes_to_rest_is_given_up(acme: Home) -> None:
    bank = Bank(fails_on=1, fails=ATTEMPTS).adds(line("t1", 3, "-20.00"))
    with pytest.raises(UserError, match=r"changed 5 times while it was read; nothing was written"):
        synced(acme, bank)
    assert told(acme) == []
    synced(acme, bank)  # it has come to rest
    assert len(told(acme)) == 1


def test_15_an_answer_that_breaks_off_is_no_answer(acme: Home) -> None:
    bank = Bank(page=1, fails_on=2, fails=1, error=UserError("the bank is down"))
    bank.adds(line("t1", 3, "-20.00"), line("t2", 4, "-1.00"))
    with pytest.raises(UserError, match="the bank is down"):
        synced(acme, bank)
    assert (told(acme), cached(acme)) == ([], Cache())
    bank.pages = lambda cursor: iter(())  # and one without any page
    with pytest.raises(UserError, match="does not end properly after 0 pages"):
        collect(bank, "")


def test_15_pages_that_turn_in_a_circle_are_no_answer() -> None:
    circle = [Page((), (), (), cursor, has_more=True) for cursor in ("b", "a", "b")]
    bank = Bank()
    bank.pages = lambda cursor: iter(circle)
    with pytest.raises(UserError, match="does not end properly after 2 pages"):
        collect(bank, "a")


# 16. A crash after the journal was written


class Crash(BaseException):
    """The machine dies."""


@pytest.mark.parametrize("in_git", [True, False])
def test_16_after_a_crash_before_the_cursor_is_saved_nothing_is_added(
    acme: Home, monkeypatch: pytest.MonkeyPatch, in_git: bool
) -> None:
    if not in_git:
        subprocess.run(["rm", "-r", str(acme.path / ".git")], check=True)
    bank = Bank().adds(line("t0", 1, "-1.00"), pending("p1", 2, "-20.00"))
    synced(acme, bank)
    bank.removes("p1").adds(line("t1", 3, "-20.00", of="p1"), pending("p2", 4, "-2.00"))

    def dies(home: Home, name: str, content: bytes) -> None:
        if name.endswith(".json"):
            raise Crash
        keep(home, name, content)

    with monkeypatch.context() as crashing:
        crashing.setattr(syncing, "keep", dies)
        with pytest.raises(Crash):
            synced(acme, bank)
    before = journal(acme)
    assert len(told(acme)) == 2
    assert list(cached(acme).pendings) == ["p1"]
    synced(acme, bank)
    assert journal(acme) == before
    assert list(cached(acme).pendings) == ["p2"]
    synced(acme, bank)
    assert bank.asked == ["", "2", "2", "5"]


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_16_dead_at_any_page_or_write_the_next_run_ends_as_if_nothing_had_been(
    acme: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    bank = Bank(page=2).adds(line("t0", 1, "-1.00"), line("t1", 2, "-2.00"), pending("p1", 2, "-3"))
    synced(acme, bank)
    decide(acme, "p1", Decision(MEALS))
    bank.modifies(line("t0", 1, "-1.50")).removes("p1", "t1")
    bank.adds(line("t2", 3, "-3.50", of="p1"), pending("p2", 4, "-4"))

    def run(number: int, dies_at: int) -> tuple[Home, bool]:
        """A copy of the home in which the run has died at a step, if it has so many."""
        home = Home(tmp_path / f"copy-{number}")
        shutil.copytree(acme.path, home.path)
        steps = itertools.count(1)

        def step(done: Callable[..., object]) -> Callable[..., object]:
            def counted(*args: object, **named: object) -> object:
                if next(steps) == dies_at:
                    raise Crash
                return done(*args, **named)

            return counted

        with monkeypatch.context() as dying:
            for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
                dying.setattr(owner, name, step(getattr(owner, name)))
            dying.setattr(bank, "on_page", step(lambda page: None))
            try:
                synced(home, bank, take_out=True)
            except Crash:
                return home, True
        return home, False

    whole, _ = run(0, 0)
    expected = (told(whole), cached(whole).pendings, cached(whole).removals)
    for number in itertools.count(1, stride):
        home, died = run(number, number)
        if not died:
            break
        ahead = committed(home, bank.item().scope)[0] != "3"
        assert not ahead or told(home) == expected[0]
        synced(home, bank, take_out=True)
        assert (told(home), cached(home).pendings, cached(home).removals) == expected, number
        shutil.rmtree(home.path)
    assert number > 20


def test_16_a_commit_that_is_taken_back_takes_the_cursor_back(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    synced(acme, bank.adds(line("t2", 4, "-1.00")))
    assert committed(acme, bank.item().scope) == ["2", "1"]
    subprocess.run(["git", "-C", str(acme.path), "reset", "-q", "--hard", "HEAD^"], check=True)
    assert len(told(acme)) == 1
    synced(acme, bank)
    assert bank.asked[-1] == "1"
    assert len(told(acme)) == 2


def test_16_what_was_not_committed_does_not_move_the_cursor(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank, commit=False)
    assert not synced(acme, bank, commit=False).applied.files
    assert bank.asked == ["", ""]
    assert len(told(acme)) == 1


def test_16_without_git_the_cursor_is_kept_beside_the_books(acme: Home) -> None:
    subprocess.run(["rm", "-r", str(acme.path / ".git")], check=True)
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    synced(acme, bank)
    assert bank.asked == ["", "1"]


def test_16_a_run_that_brings_nothing_for_the_books_makes_no_commit(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    synced(acme, bank)
    head = git.head(acme.path)
    synced(acme, bank.adds(pending("p1", 4, "-1.00")))
    synced(acme, bank)
    assert (git.head(acme.path), bank.asked) == (head, ["", "1", "2"])


# 17. Two runs at once


def test_17_a_second_run_of_the_same_bank_does_nothing(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    meanwhile = []
    bank.on_page = lambda number: meanwhile.append(synced(acme, Bank(events=bank.events)))
    synced(acme, bank)
    assert [run.remarks for run in meanwhile] == [("another sync of this bank is running",)]
    assert meanwhile[0].plan is None
    assert len(told(acme)) == 1


def test_17_another_bank_may_run(acme: Home) -> None:
    with alone(acme, f"feed/{Bank(id='item-2').item().scope}.lock"):
        assert synced(acme, Bank().adds(line("t1", 3, "-20.00"))).plan is not None


# 21. The login is made anew


def test_21_new_ids_of_a_new_login_are_the_same_account_and_the_same_lines(acme: Home) -> None:
    synced(acme, Bank().adds(line("t1", 3, "-20.00"), line("t2", 3, "-20.00"), line("t3", 9, "5")))
    again = Bank(id="item-2", accounts=(replace(CHECKING_ACCOUNT, ref="acc-77"),))
    new = [("u1", 3, "-20.00"), ("u2", 3, "-20.00"), ("u3", 9, "5"), ("u4", 12, "-8.00")]
    again.adds(*(line(i, day, number, account="acc-77") for i, day, number in new))
    synced(acme, again)
    assert [row[0] for row in told(acme)] == [3, 3, 9, 12]
    assert {row[4] for row in told(acme)} == {"categorise"}
    assert {"id", "id-2"} <= entry(acme, "u1", again).postings[0].meta.keys()
    # What the new login then corrects is the entry that both named.
    synced(acme, again.removes("u4"), take_out=True)
    assert [row[0] for row in told(acme)] == [3, 3, 9]


def test_21_the_name_decides_where_two_accounts_end_alike(acme: Home) -> None:
    path = acme.ledger / "acme/accounts.beancount"
    more = '2020-01-01 open Assets:Acme:Bank:Payroll USD\n  role: "bank"\n  line: "cash"\n'
    path.write_text(path.read_text() + more + '  account-id: "chase-4411"\n')
    owner_commits(acme)
    one, two = replace(CHECKING_ACCOUNT, name="Payroll"), replace(CHECKING_ACCOUNT, name="Unclear")
    synced(acme, Bank(accounts=(one,)).adds(line("t1", 3, "-20.00")))
    assert entry(acme, "t1").postings[0].account == "Assets:Acme:Bank:Payroll"
    with pytest.raises(UserError, match=r"'Unclear' \(4411\) could be Assets:Acme:Bank:Checking, "):
        synced(acme, Bank(id="item-2", accounts=(two,)).adds(line("t1", 3, "-20.00")))


def test_21_the_same_end_at_another_bank_is_another_account(acme: Home) -> None:
    path = acme.ledger / "acme/accounts.beancount"
    path.write_text(path.read_text().replace("chase-4411", "ally-4411"))
    owner_commits(acme)
    bank = Bank().adds(line("t1", 3, "-20.00"))
    with pytest.raises(UserError, match=r"is 'Total Checking' \(4411\) at Chase") as refused:
        synced(acme, bank)
    assert 'account-id: "chase-4411"' in refused.value.hint
    assert told(acme) == []


def test_21_an_account_that_its_owner_names_is_opened_and_found_again(acme: Home) -> None:
    saver = FeedAccount("acc-2", "5500", "Saver", "bank", "USD", Decimal(90), dt.date(2026, 9, 9))
    new = Account("Assets:Acme:Bank:Saver", "Acme", "bank", account_id="chase-5500")
    bank = Bank(accounts=(saver,)).adds(line("s1", 3, "50.00", account="acc-2"))
    synced(acme, bank, ask=lambda account, item: new if account == saver else None)
    assert [row[:3] for row in told(acme)] == [(3, "Corner Shop", "50.00")]  # and no opening entry
    synced(acme, bank.adds(line("s2", 4, "1.00", account="acc-2")))
    assert entry(acme, "s2").postings[0].account == new.name


# 22. A file of the same days


def test_22_a_file_and_a_feed_of_the_same_days_are_one_entry(acme: Home) -> None:
    days = [(1, "-5.00"), (4, "-20.00"), (9, "7.00")]
    rows = [files.line(day, number) for day, number in days]
    files.bring(acme, "chase.csv", files.statement(CHECKING, *rows))
    bank = Bank()
    for n, (day, number) in enumerate(days):  # a run each day
        synced(acme, bank.adds(line(f"t{n}", day, number)))
    assert len(told(acme)) == 3
    assert {row[4] for row in told(acme)} == {"categorise"}
    assert {"id", "id-2"} <= entry(acme, "t1").postings[0].meta.keys()


def test_22_a_file_may_date_the_newest_line_a_day_later(acme: Home) -> None:
    rows = [files.line(1, "-5.00"), files.line(10, "-20.00")]
    files.bring(acme, "chase.csv", files.statement(CHECKING, *rows))
    synced(acme, Bank().adds(line("t1", 1, "-5.00"), line("t2", 9, "-20.00")))
    assert [(row[0], row[4]) for row in told(acme)] == [(1, "categorise"), (10, "categorise")]


def test_22_twins_of_one_feed_in_two_runs_are_two_lines(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-5.00"), line("t2", 6, "-1.00"))
    synced(acme, bank)
    synced(acme, bank.adds(line("t3", 3, "-5.00")))
    assert [row[4] for row in told(acme)] == ["categorise"] * 3


# Balances, numbers, and what nobody knows


def test_a_balance_of_a_feed_is_compared_and_never_asserted(acme: Home) -> None:
    account = replace(CHECKING_ACCOUNT, balance=Decimal("-25.00"), balance_date=dt.date(2026, 9, 9))
    bank = Bank(accounts=(account,)).adds(line("t1", 3, "-20.00"))
    (proof,) = [s.proof for f in synced(acme, bank).plan.imported.files for s in f.statements]
    assert (proof.gap, proof.closing) == (Decimal("5.00"), Decimal("-25.00"))
    bank.modifies(line("t1", 3, "-25.00"))
    (proof,) = [s.proof for f in synced(acme, bank).plan.imported.files for s in f.statements]
    assert proof.holds
    assert books(acme).last_balance == {}


def test_amounts_are_exact_from_the_json_to_the_journal(acme: Home) -> None:
    said = exact.loads('{"amount": 1234567890123456.78, "tiny": 1e-7, "n": [5, null, true, "x"]}')
    assert said["amount"] == Decimal("1234567890123456.78")
    assert exact.loads(exact.dumps(said)) == said
    for wrong in ('{"amount": NaN}', '{"amount": -Infinity}', "{"):
        with pytest.raises(ValueError, match=r"number|property"):
            exact.loads(wrong)
    with pytest.raises(TypeError):
        replace(line("t1", 3, "1"), amount=0.1)
    with pytest.raises(TypeError):
        replace(line("t1", 3, "1"), amount=Decimal("NaN"))


def test_what_the_feed_calls_things_may_be_new_to_us(acme: Home) -> None:
    odd = FeedAccount("acc-1", "4411", "Total Checking", "neo-wallet", "USD")
    strange = replace(line("t1", 3, "-20.00"), category="QUANTUM_SNACKS")
    synced(acme, Bank(accounts=(odd,)).adds(strange))
    assert told(acme) == [(3, "Corner Shop", "-20.00", SUSPENSE, "categorise")]


def test_a_currency_that_no_journal_can_hold_is_said_and_nothing_written(acme: Home) -> None:
    strange = replace(line("t1", 3, "-20.00"), currency="cash back points")
    with pytest.raises(UserError, match="'cash back points', which is no name of a currency"):
        synced(acme, Bank().adds(strange))
    assert told(acme) == []


def test_what_a_run_brought_is_read_back_as_it_was(acme: Home) -> None:
    lines = [line("t1", 3, "-20.00", 'A "b" \\ ü'), replace(line("t2", 4, "1"), description="d")]
    bank = Bank().adds(*lines)
    content = record.encoded(bank.item(), lines, ["t0"])
    again = record.decoded(content, "f")
    assert ([found for _, found in again.lines], again.removed) == (lines, ("t0",))
    assert [row for row, _ in again.lines] == [2, 3]
    damaged = content.replace(b'"-20.00"', b'"twenty"')
    with pytest.raises(UserError, match="f:2: is not what a run of a feed has left"):
        record.decoded(damaged, "f")


def test_the_cache_is_read_back_as_it_was(acme: Home) -> None:
    waiting = pending("p1", 3, "-20.00")
    cache = Cache("c", "j", {"p1": waiting}, {"p1": (waiting, Decision(MEALS, tags=("x",)))})
    cache = replace(cache, claimed=frozenset({"p1"}), removals=("t9",))
    keep(acme, "feed/x.json", caches.dumped(cache))
    assert caches.loaded(acme, "x") == cache
    keep(acme, "feed/x.json", b'{"version": 7}')
    with pytest.raises(UserError, match="is damaged: version 7 is not known here"):
        caches.loaded(acme, "x")


def test_nothing_is_written_unless_somebody_agrees(acme: Home) -> None:
    bank = Bank().adds(line("t1", 3, "-20.00"))
    before = journal(acme)
    done = synced(acme, bank, agreed=lambda plan: False)
    assert "Corner Shop" in done.plan.change.diff()
    assert (journal(acme), cached(acme)) == (before, Cache())


def test_an_id_of_the_inbox_is_found_by_the_feeds_own(acme: Home) -> None:
    synced(acme, Bank().adds(line("t1", 3, "-20.00")))
    assert find(inbox(books(acme)), "t1").account == CHECKING
