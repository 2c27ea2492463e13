"""Plaid, through its real client and a fake on loopback: the hard cases as a bank brings them."""

import contextlib
import datetime as dt
import json
import multiprocessing
import threading
import types
from collections.abc import Iterator
from decimal import Decimal

import bank as files
import openapi
import plaids
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plaid.model.products import Products
from plaid.model.sandbox_item_reset_login_request import SandboxItemResetLoginRequest
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaids import CHECKING, Nights, NoWayOutError, chase, committed, nights, shop

from core.findings import UserError
from core.home import Home
from core.journal.lock import alone
from core.masked import Secret
from core.sealing_keys import new_key
from importers.feed import cache as caches
from importers.feed import connections, exact
from importers.feed.contract import Item, Page
from importers.feed.sync import BUSY
from importers.plaid import parse
from importers.plaid.api import Api, Credentials
from importers.plaid.errors import PlaidError
from importers.plaid.fake.banks import FakeAccount, FakeBank
from importers.plaid.fake.plaid import CLIENT_ID, SECRET, FakePlaid, Fault
from importers.plaid.liabilities import owed

SYNC = "/transactions/sync"
DAY = dt.date(2026, 9, 30)
ITEM = Item("plaid", "item", "Chase", ())
NO_BOOKS = types.SimpleNamespace(accounts={})
MUTATION = Fault(
    SYNC, kind="TRANSACTIONS_ERROR", code="TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
)


@pytest.fixture
def acme(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Acme has a checking account at Chase that ends in 4411."""
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    return home


@pytest.fixture
def bank() -> FakeBank:
    return chase()


@pytest.fixture
def plaid(acme: Home, bank: FakeBank) -> Iterator[Nights]:
    with nights(acme, bank) as ready:
        yield ready


def cache_of(plaid: Nights, connection: connections.Connection) -> caches.Cache:
    return caches.loaded(plaid.home, connection.scope)


def test_a_night_brings_the_lines_and_the_next_one_nothing(plaid: Nights, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "-100.00", "Customer"), shop("b", 3, "20.00"))
    connection = plaid.connect(bank)
    night = plaid.synced(connection)
    assert plaid.told() == [
        (1, "Customer", "100.00", "categorise"),
        (3, "Corner Shop", "-20.00", "categorise"),
    ]
    assert plaid.ids() == [f"{connection.scope}:ax1", f"{connection.scope}:bx1"]
    assert night.connection.scope.startswith("plaid-")
    (proof,) = [s.proof for f in night.synced.plan.imported.files for s in f.statements]
    assert (proof.closing, proof.books) == (Decimal("80.00"), Decimal("80.00"))
    again = plaid.synced(connection)
    assert not again.synced.plan.change.effective().files
    assert plaid.books().last_balance == {}


def test_amounts_keep_every_digit(plaid: Nights, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "1234567890123456.78"), shop("b", 2, "0.10"), shop("c", 3, "-0.3"))
    plaid.synced(plaid.connect(bank))
    assert [row[2] for row in plaid.told()] == ["-1234567890123456.78", "-0.10", "0.3"]


def test_the_answers_are_kept_as_they_came_and_hold_no_token(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank.adds(shop("a", 1, "20.00")))
    plaid.synced(connection)
    folder = plaid.home.private / f"feed/{connection.scope}.answers"
    answers = sorted(folder.iterdir())
    assert [path.name.partition("-")[0].partition(".")[0] for path in answers] == [
        "accounts",
        "transactions",
    ]
    assert parse.page(answers[1].read_bytes()).added[0].id == "ax1"
    everything = b"".join(p.read_bytes() for p in plaid.home.path.rglob("*") if p.is_file())
    assert plaid.fake.logins[0].access_token.encode() not in everything
    assert SECRET.encode() not in everything


def test_what_plaid_calls_things_may_be_new_to_us(plaid: Nights, bank: FakeBank) -> None:
    newest = {"primary": "MOON_TRAVEL", "detailed": "MOON_TRAVEL_TICKETS"}
    bank.adds(shop("a", 1, "20.00", personal_finance_category=newest))
    night = plaid.synced(plaid.connect(bank))
    (draft,) = night.synced.plan.imported.drafts
    assert draft.review == "categorise"


def test_a_currency_that_is_not_official_is_a_currency(plaid: Nights, bank: FakeBank) -> None:
    more = {"iso_currency_code": None, "unofficial_currency_code": "USD"}
    plaid.synced(plaid.connect(bank.adds(shop("a", 1, "20.00", **more))))
    assert plaid.told()[0][2] == "-20.00"


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"accounts": []}',
        b"[]",
        b"<html>gateway</html>",
        b'{"added": [{"transaction_id": "a", "account_id": "c", "amount": "x", '
        b'"date": "2026-01-01", "iso_currency_code": "USD"}], "modified": [], "removed": [],'
        b' "next_cursor": "", "has_more": false}',
        b'{"added": [{"transaction_id": "a", "account_id": "c", "amount": NaN}]}',
        b'{"added": [{"transaction_id": "a", "account_id": "c", "amount": 1e999999999, '
        b'"date": "2026-01-01", "iso_currency_code": "USD"}], "modified": [], "removed": [],'
        b' "next_cursor": "", "has_more": false}',
        b'{"added": [{"transaction_id": "a", "account_id": "c", "amount": 1e40, '
        b'"date": "2026-01-01", "iso_currency_code": "USD"}], "modified": [], "removed": [],'
        b' "next_cursor": "", "has_more": false}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_nobody_understands_writes_nothing(
    plaid: Nights, bank: FakeBank, wrong: bytes
) -> None:
    connection = plaid.connect(bank.adds(shop("a", 1, "20.00")))
    plaid.fake.faults.append(Fault(SYNC, 200, body=wrong))
    night = plaid.night(connection)
    assert "not understood" in night.error.message
    assert plaid.books().transactions == ()
    plaid.synced(connection)
    assert len(plaid.books().transactions) == 1


# 10 to 12: pending, posted, taken back


def test_10_a_pending_line_posts_with_a_tip_under_a_new_id_on_another_page(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.page = 1
    connection = plaid.connect(bank.adds(shop("p1", 3, "20.00", "BISTRO", pending=True)))
    plaid.synced(connection)
    assert plaid.books().transactions == ()
    scope, decision = connection.scope, caches.Decision("Expenses:Acme:Meals", "Bistro")
    after = caches.decide_pending(cache_of(plaid, connection), "p1x1", decision)
    plaids.keep(plaid.home, caches.place(scope), caches.dumped(after))
    bank.posts("p1", shop("t1", 5, "23.00", "BISTRO 0042", of="p1"))
    plaid.synced(connection)
    assert plaid.told() == [(5, "Bistro", "-23.00", "")]
    assert cache_of(plaid, connection).pendings == {}


def test_11_without_the_pending_id_a_decision_is_offered_and_not_applied(
    plaid: Nights, bank: FakeBank
) -> None:
    connection = plaid.connect(bank.adds(shop("p1", 3, "20.00", "BISTRO", pending=True)))
    plaid.synced(connection)
    decision = caches.Decision("Expenses:Acme:Meals", "Bistro")
    after = caches.decide_pending(cache_of(plaid, connection), "p1x1", decision)
    plaids.keep(plaid.home, caches.place(connection.scope), caches.dumped(after))
    bank.posts("p1", shop("t1", 5, "20.00", "BISTRO"))
    plaid.synced(connection)
    assert plaid.told() == [(5, "BISTRO", "-20.00", "categorise")]
    (txn,) = plaid.books().transactions
    assert "Meals" in str(txn.meta.get("perhaps"))


def test_12_a_void_of_a_pending_line_is_gone(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank.adds(shop("p1", 3, "20.00", pending=True)))
    plaid.synced(connection)
    assert set(cache_of(plaid, connection).pendings) == {"p1x1"}
    bank.removes("p1")
    plaid.synced(connection)
    assert cache_of(plaid, connection).pendings == {}
    assert plaid.books().transactions == ()


def test_12_a_posted_line_that_is_taken_back_goes_when_a_person_agrees(
    plaid: Nights, bank: FakeBank
) -> None:
    connection = plaid.connect(bank.adds(shop("t1", 3, "20.00")))
    plaid.synced(connection)
    bank.removes("t1")
    (removal,) = plaid.synced(connection).synced.plan.removals
    assert "the entry goes" in removal.sentence
    assert len(plaid.books().transactions) == 1
    plaid.synced(connection, take_out=True)
    assert plaid.books().transactions == ()


def test_13_a_correction_updates_what_the_bank_owns_and_keeps_what_the_person_changed(
    plaid: Nights, bank: FakeBank
) -> None:
    connection = plaid.connect(bank.adds(shop("t1", 3, "20.00")))
    plaid.synced(connection)
    path = plaid.home.ledger / "acme/2026/2026-09.beancount"
    path.write_text(
        path.read_text()
        .replace("Assets:Acme:Suspense", "Expenses:Acme:Office  ")
        .replace('  review: "categorise"\n', "")
        .replace("2026-09-03 !", "2026-09-03 *")
    )
    committed(plaid.home)
    bank.modifies(shop("t1", 3, "21.50"))
    plaid.synced(connection)
    (txn,) = plaid.books().transactions
    assert str(txn.postings[0].units.number) == "-21.50"
    assert txn.postings[1].account == "Expenses:Acme:Office"
    assert txn.meta.get("review")


def test_13_what_is_sealed_is_left_as_it_was(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank.adds(shop("t1", 3, "20.00"), shop("t2", 4, "5.00")))
    plaid.synced(connection)
    path = plaid.home.ledger / "acme/accounts.beancount"
    seal = f'2026-10-05 custom "close-period" "Acme" "2026-09"\n  hash: "{"a" * 64}"\n'
    path.write_text(path.read_text() + seal)
    committed(plaid.home)
    before = plaid.told()
    bank.modifies(shop("t1", 3, "21.50")).removes("t2")
    night = plaid.synced(connection, take_out=True)
    assert plaid.told() == before
    assert "are sealed" in night.synced.plan.removals[0].refused


def test_14_a_line_that_comes_changes_and_goes_in_one_night_was_never_there(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.page = 1
    bank.adds(shop("t1", 3, "20.00")).modifies(shop("t1", 3, "21.00")).removes("t1")
    night = plaid.synced(plaid.connect(bank.adds(shop("t2", 4, "1.00"))))
    assert len(plaid.books().transactions) == 1
    assert night.synced.plan.removals == ()


# 15: mutation, and everything else that may go wrong on the way


def test_15_a_mutation_on_page_three_begins_again_at_the_first_cursor(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.page = 1
    bank.adds(*(shop(f"t{n}", n, f"{n}.00") for n in range(1, 6)))
    plaid.fake.faults.append(plaids.again(MUTATION, after=2))
    plaid.synced(plaid.connect(bank))
    asked = [body.get("cursor", "") for path, body in plaid.fake.asked if path == SYNC]
    assert asked.count("") == 2
    assert len(plaid.books().transactions) == 5


def test_15_lines_that_come_while_the_pages_are_read_are_a_mutation(
    plaid: Nights, bank: FakeBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.page = 2
    bank.adds(*(shop(f"t{n}", n, f"{n}.00") for n in range(1, 6)))
    connection = plaid.connect(bank)
    real, late = parse.page, [shop("late", 9, "9.00")]

    def page(content: bytes) -> Page:
        if late:
            bank.adds(late.pop())
        return real(content)

    monkeypatch.setattr(parse, "page", page)
    plaid.synced(connection)
    refused = [body["error_code"] for _, status, body in plaid.fake.answered if status != 200]
    assert refused == [MUTATION.code]
    assert len(plaid.books().transactions) == 6


def test_15_a_bank_that_never_comes_to_rest_writes_nothing(plaid: Nights, bank: FakeBank) -> None:
    bank.page = 1
    connection = plaid.connect(bank.adds(shop("t1", 1, "1.00"), shop("t2", 2, "2.00")))
    plaid.fake.faults.append(plaids.again(MUTATION, times=100))
    assert "changed" in plaid.night(connection).error.message
    assert plaid.books().transactions == ()


PASSES = [
    Fault(SYNC, 429, "RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT", times=2, retry_after=7),
    Fault(SYNC, 400, "INSTITUTION_ERROR", "INSTITUTION_DOWN", times=2),
    Fault(SYNC, 400, "ITEM_ERROR", "PRODUCT_NOT_READY", times=2),
    Fault(SYNC, 500, "API_ERROR", "INTERNAL_SERVER_ERROR", times=2),
    Fault(SYNC, 503, body=b"<html>busy</html>", times=2),
    Fault(SYNC, 0, times=2),
]


@pytest.mark.parametrize("fault", PASSES, ids=lambda fault: fault.code or str(fault.status))
def test_what_passes_is_tried_again_after_a_pause(
    plaid: Nights, bank: FakeBank, fault: Fault
) -> None:
    plaid.fake.faults.append(plaids.again(fault))
    plaid.synced(plaid.connect(bank.adds(shop("t1", 1, "1.00"))))
    assert plaid.slept == ([7, 7] if fault.retry_after else [1, 4])
    assert len(plaid.books().transactions) == 1


@pytest.mark.parametrize("fault", PASSES, ids=lambda fault: fault.code or str(fault.status))
def test_what_does_not_pass_is_said_and_nothing_written(
    plaid: Nights, bank: FakeBank, fault: Fault
) -> None:
    plaid.fake.faults.append(plaids.again(fault, times=100))
    night = plaid.night(plaid.connect(bank.adds(shop("t1", 1, "1.00"))))
    assert "cannot be reached now" in night.error.message
    assert "later" in night.error.hint
    assert night.repair_url == ""
    assert plaid.books().transactions == ()


def test_an_answer_that_takes_too_long_is_asked_for_again(
    plaid: Nights, bank: FakeBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importers.plaid.api._TIMEOUT", 1)
    plaid.fake.faults.append(Fault(SYNC, seconds=2))
    plaid.synced(plaid.connect(bank.adds(shop("t1", 1, "1.00"))))
    assert plaid.slept == [1]
    assert len(plaid.books().transactions) == 1


def test_keys_follow_no_redirection(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank)
    away = f"{plaid.fake.address}/elsewhere"
    plaid.fake.faults.append(Fault("/accounts/get", 307, body=b"{}", times=100, location=away))
    assert plaid.night(connection).error is not None
    assert "/elsewhere" not in [path for path, _ in plaid.fake.asked]


def test_a_bank_that_is_not_ready_brings_nothing_yet(plaid: Nights, bank: FakeBank) -> None:
    bank.ready = "NOT_READY"
    connection = plaid.connect(bank.adds(shop("t1", 1, "1.00")))
    night = plaid.synced(connection)
    assert any("first time" in remark for remark in night.remarks)
    bank.ready = "INITIAL_UPDATE_COMPLETE"
    plaid.synced(connection)
    assert len(plaid.books().transactions) == 1


# 16 and 17: crashes, and two at once


def test_16_what_the_next_night_asks_is_never_ahead_of_the_journal(
    plaid: Nights, bank: FakeBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = plaid.connect(bank.adds(shop("t1", 1, "1.00")))

    def dies(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("importers.feed.sync.apply", dies)
        with pytest.raises(KeyboardInterrupt):
            plaid.night(connection)
    assert plaid.books().transactions == ()
    with monkeypatch.context() as broken:
        broken.setattr(caches, "dumped", dies)
        with pytest.raises(KeyboardInterrupt):
            plaid.night(connection)
    assert len(plaid.books().transactions) == 1
    plaid.synced(connection)
    assert len(plaid.books().transactions) == 1


def test_17_a_second_sync_of_a_bank_ends_cleanly(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank.adds(shop("t1", 1, "1.00")))
    with alone(plaid.home, f"feed/{connection.scope}.lock"):
        night = plaid.night(connection)
    assert night.is_busy
    assert night.synced.remarks == (BUSY,)
    assert night.error is None


def test_17_two_processes_at_once_enter_nothing_twice(plaid: Nights, bank: FakeBank) -> None:
    bank.page = 2
    connection = plaid.connect(bank.adds(*(shop(f"t{n}", n, f"{n}.00") for n in range(1, 10))))
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=plaid.night, args=(connection,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    plaid.synced(connection)
    assert len(plaid.books().transactions) == 9
    assert len(set(plaid.ids())) == 9


# 19 and 20: polling alone; one bank in trouble


def test_19_any_rhythm_of_polling_ends_in_the_same_books(
    plaid: Nights, bank: FakeBank, tmp_path_factory: pytest.TempPathFactory
) -> None:
    connection = plaid.connect(bank)
    steps = [
        lambda: bank.adds(shop("p1", 1, "5.00", pending=True), shop("t2", 2, "7.00")),
        lambda: bank.posts("p1", shop("t1", 3, "6.00", of="p1")),
        lambda: bank.modifies(shop("t2", 2, "7.50")),
        lambda: bank.adds(shop("t3", 1, "1.00")),
    ]
    for step in steps:
        step()
        plaid.synced(connection)
    nightly = plaid.told()
    other = plaids.new_home(tmp_path_factory.mktemp("once") / "books")
    files.open_accounts(other, [CHECKING])
    committed(other)
    at_once = Nights(other, plaid.fake)
    login = plaid.fake.logins[0]
    made = connections.Connection("plaid", login.item_id, bank.name)
    at_once.secrets.put(made.secret, Secret(login.access_token))
    connections.store(other, made)
    at_once.synced(made)
    assert at_once.told() == nightly


def test_20_a_bank_that_asks_for_the_login_does_not_hold_up_the_others(acme: Home) -> None:
    one, two = chase(), FakeBank("ally", "Ally", [FakeAccount("savings", "7788", "Savings")])
    files.open_accounts(acme, [files.SAVINGS])
    committed(acme)
    with nights(acme, one, two) as plaid:
        first, second = plaid.connect(one), plaid.connect(two)
        one.adds(shop("t1", 1, "1.00"))
        plaid.synced(first)
        before = cache_of(plaid, first)
        plaid.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
        one.adds(shop("t2", 2, "2.00"))
        two.adds(plaids.line("s1", "savings", "2026-09-03", "-3.00", "Interest"))
        night = plaid.night(first)
        assert "asks for the login again" in night.error.message
        assert night.repair_url.startswith(plaid.fake.address)
        assert cache_of(plaid, first) == before
        plaid.synced(second)
        assert [row[1] for row in plaid.told()] == ["Corner Shop", "Interest"]
        asked = [body for path, body in plaid.fake.asked if path == "/link/token/create"]
        assert [("products" in body, "access_token" in body) for body in asked] == [(False, True)]
        plaid.fake.chosen(night.repair_url.rpartition("/")[2], "chase")
        plaid.synced(first)
        assert len(plaid.books().transactions) == 3


# 21 and 22: logins made anew, and files


def test_21_a_login_made_anew_is_the_same_account_and_the_same_lines(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.adds(shop("t1", 1, "1.00"), shop("t2", 2, "2.00"))
    old = plaid.connect(bank)
    plaid.synced(old)
    connections.store(plaid.home, connections.ended(old))
    new = plaid.connect(bank.adds(shop("t3", 3, "3.00")))
    assert new.scope != old.scope
    plaid.synced(new)
    assert len(plaid.books().transactions) == 3
    assert len(plaid.ids()) == 5


def test_22_a_file_and_plaid_of_the_same_days_are_one_entry(plaid: Nights, bank: FakeBank) -> None:
    rows = [files.line(1, "-5.00"), files.line(4, "-20.00"), files.line(9, "7.00")]
    files.bring(plaid.home, "chase.csv", files.statement(CHECKING, *rows))
    bank.adds(shop("t1", 1, "5.00"), shop("t2", 4, "20.00"), shop("t3", 9, "-7.00"))
    plaid.synced(plaid.connect(bank))
    assert len(plaid.books().transactions) == 3
    assert len(plaid.ids()) == 6


# Accounts that are not booked, odd logins


def test_an_account_that_is_ignored_brings_nothing(plaid: Nights, bank: FakeBank) -> None:
    bank.accounts.append(FakeAccount("other", "9999", "Somebody's"))
    bank.adds(plaids.line("o1", "other", "2026-09-01", "1.00", "X"), shop("t1", 1, "1.00"))
    connection = plaid.connect(bank, ignored=("Acc-chase-other-1",))
    plaid.synced(connection)
    assert len(plaid.books().transactions) == 1


def test_an_account_that_nobody_knows_is_a_question_and_nothing_written(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.accounts.append(FakeAccount("other", "9999", "Other"))
    bank.adds(plaids.line("o1", "other", "2026-09-01", "1.00", "X"), shop("t1", 1, "1.00"))
    night = plaid.night(plaid.connect(bank))
    assert 'account-id: "chase-9999"' in night.error.hint
    assert plaid.books().transactions == ()


def test_lines_of_a_loan_are_kept_and_not_booked(plaid: Nights, bank: FakeBank) -> None:
    bank.accounts.append(FakeAccount("loan", "5555", "Student Loan", "loan", "student"))
    bank.adds(plaids.line("o1", "loan", "2026-09-01", "-50.00", "Payment"), shop("t1", 1, "1.00"))
    night = plaid.synced(plaid.connect(bank))
    assert "Student Loan (loan)" in night.remarks[0]
    assert len(plaid.books().transactions) == 1


@pytest.mark.parametrize("code", ["ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"])
def test_a_connection_that_is_no_more_says_what_to_do(
    plaid: Nights, bank: FakeBank, code: str
) -> None:
    connection = plaid.connect(bank)
    plaid.fake.faults.append(Fault("/accounts/get", 400, "ITEM_ERROR", code))
    night = plaid.night(connection)
    assert "is no more" in night.error.message
    assert "books bank remove" in night.error.hint


def test_keys_that_plaid_does_not_know(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank)
    wrong = Credentials(Secret("x"), Secret("another-secret"), plaid.fake.address)
    plaid.api = Api(wrong, sleep=plaid.slept.append)
    night = plaid.night(connection)
    assert "PLAID_CLIENT_ID" in night.error.hint
    assert "another-secret" not in str(night.error)


@pytest.mark.parametrize(
    "address",
    ["http://plaid.example", "https://production.plaid.com.evil.example", "http://10.0.0.1", "ftp"],
)
def test_keys_are_sent_to_plaid_and_to_nobody_else(address: str) -> None:
    with pytest.raises(UserError, match="no address of Plaid"):
        Credentials(Secret(CLIENT_ID), Secret(SECRET), address)


# The fake and the guard


def test_the_guard_lets_nothing_out(plaid: Nights, bank: FakeBank) -> None:
    connection = plaid.connect(bank)
    plaid.api = Api(
        Credentials(Secret(CLIENT_ID), Secret(SECRET), "https://sandbox.plaid.com"),
        sleep=plaid.slept.append,
    )
    with pytest.raises(NoWayOutError):
        plaid.night(connection)


def test_the_judge_of_the_fake_can_say_no(plaid: Nights, bank: FakeBank) -> None:
    plaids.needs_description()
    plaid.synced(plaid.connect(bank.adds(shop("t1", 1, "1.00"))))
    other = FakePlaid()
    for path, status, body in plaid.fake.answered:
        if path == SYNC:
            (added,) = body["added"]
            without = {key: value for key, value in added.items() if key != "pending"}
            other.answered.append((path, status, {**body, "added": [without]}))
            other.answered.append((path, status, {**body, "added": [{**added, "amount": "1.00"}]}))
    other.asked.append((SYNC, {"access_token": 5}))
    other.answered.append((SYNC, 400, {"error_code": "X"}))
    assert len(openapi.complaints(other)) == 4


def test_the_fake_counts_calls_from_several_threads(plaid: Nights, bank: FakeBank) -> None:
    login = plaid.fake.login(bank)
    token = {"access_token": login.access_token}
    threads = [threading.Thread(target=plaid.fake.answer, args=(SYNC, token)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(plaid.fake.answered) == 8


def test_the_sandbox_of_the_fake_is_one_for_the_real_client(plaid: Nights, bank: FakeBank) -> None:
    client = plaid.api._api()
    created = client.sandbox_public_token_create(
        SandboxPublicTokenCreateRequest(
            institution_id="ins_chase", initial_products=[Products("transactions")]
        )
    )
    said = json.loads(plaid.api.exchange(Secret(created.public_token)))
    token = Secret(said["access_token"])
    assert parse.item_error(plaid.api.item(token)) == ""
    reset = SandboxItemResetLoginRequest(access_token=token.reveal())
    assert client.sandbox_item_reset_login(reset).reset_login is True
    assert parse.item_error(plaid.api.item(token)) == "ITEM_LOGIN_REQUIRED"
    with pytest.raises(UserError, match="login again"):
        plaid.api.accounts(token)


# Answers that are not what they should be

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def _places(node: object, path: tuple = ()) -> list[tuple]:
    inner = node.items() if isinstance(node, dict) else []
    inner = enumerate(node) if isinstance(node, list) else inner
    return [path, *(place for key, value in inner for place in _places(value, (*path, key)))]


def _with(node: object, path: tuple, odd: object) -> object:
    if not path:
        return odd
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = _with(copy[path[0]], path[1:], odd)
    return copy


@given(st.data())
def test_an_odd_answer_is_read_or_refused_and_never_ends_the_program(data: st.DataObject) -> None:
    bank = chase(products=("transactions", "liabilities"))
    card = {"last_statement_balance": 3, "next_payment_due_date": "2026-01-01"}
    bank.accounts.append(FakeAccount("c", "1", "C", "credit", "credit card", liability=card))
    bank.adds(shop("a", 1, "1.00")).modifies(shop("a", 1, "2.00")).removes("a")
    fake = FakePlaid(bank)
    token = {"access_token": fake.login(bank).access_token}
    readers = {
        SYNC: [parse.page, parse.is_ready],
        "/accounts/get": [lambda content: parse.accounts(content, DAY), parse.billed],
        "/item/get": [parse.item_error],
        "/liabilities/get": [lambda content: owed(content, ITEM, NO_BOOKS)],
    }
    path = data.draw(st.sampled_from(sorted(readers)))
    whole = json.loads(exact.dumps(fake.answer(path, token)[1]))
    place = data.draw(st.sampled_from(_places(whole)))
    content = json.dumps(_with(whole, place, data.draw(ODD))).encode()
    for reader in readers[path]:
        with contextlib.suppress(PlaidError):
            reader(content)
