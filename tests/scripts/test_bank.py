"""``books bank`` and ``books sync``: a person, a fake Plaid, and a token that nobody sees."""

import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import bank as files
import pytest
from click.testing import CliRunner, Result
from plaids import CHECKING, Nights, chase, committed, nights, shop

from core import git
from core.home import Home
from core.masked import Secret
from core.sealing_keys import new_key
from core.secrets import Secrets
from importers.feed import connections
from importers.plaid.api import Api
from importers.plaid.fake.banks import FakeAccount, FakeBank, line
from importers.plaid.fake.plaid import CLIENT_ID, SECRET, Fault
from scripts.main import cli, main
from scripts.needs import needs


class Person:
    """Somebody at the terminal, who also opens the page when its address is printed."""

    def __init__(self, plaid: Nights) -> None:
        self.plaid, self.fake, self.home = plaid, plaid.fake, plaid.home
        self.read: list[str] = []

    def types(self, *words: str, **more) -> Result:
        run = ["--home", str(self.home.path), *words]
        result = CliRunner().invoke(cli, run, standalone_mode=False, **more)
        self.read.append(result.output)
        return result

    def logs_in(self, *words: str, bank: str = "chase", leaves: bool = False) -> Result:
        """Types a command that prints an address, and opens it."""

        def opens() -> None:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                for page in list(self.fake._links):
                    if not self.fake._links[page].sessions:
                        return self.fake.left(page) if leaves else self.fake.chosen(page, bank)
                time.sleep(0.01)
            return None

        thread = threading.Thread(target=opens)
        thread.start()
        try:
            return self.types(*words)
        finally:
            thread.join()


@pytest.fixture
def one_bank() -> FakeBank:
    return chase().adds(shop("t1", 1, "-100.00", "Customer"), shop("t2", 3, "20.00"))


@pytest.fixture
def jane(home: Home, monkeypatch: pytest.MonkeyPatch, one_bank: FakeBank) -> Iterator[Person]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    monkeypatch.setattr("importers.plaid.link._POLL", 1)
    files.open_accounts(home, [CHECKING])
    committed(home)
    with nights(home, one_bank) as plaid:
        monkeypatch.setenv("PLAID_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("PLAID_SECRET", SECRET)
        monkeypatch.setenv("PLAID_ENV", plaid.fake.address)
        yield Person(plaid)


def test_a_bank_is_added_once_and_synced(jane: Person) -> None:
    added = jane.logs_in("bank", "add")
    assert added.exit_code == 0, added.output
    assert f"{jane.fake.address}/link/" in added.output
    assert f"Total Checking (4411): {CHECKING} (known)" in added.output
    (asked,) = [body for path, body in jane.fake.asked if path == "/link/token/create"]
    assert asked["transactions"] == {"days_requested": 730}
    assert asked["products"] == ["transactions"]
    synced = jane.types("sync")
    assert synced.exit_code == 0, synced.output
    assert "2 new" in synced.output
    assert "the bank says 80.00 USD, and so do the books" in synced.output
    assert len(jane.plaid.books().transactions) == 2
    assert "nothing new" in jane.types("sync", "--bank", "chase").output
    listed = jane.types("bank", "list")
    for word in ("Chase (plaid-", CHECKING, "well", "transactions"):
        assert word in listed.output


def test_a_bank_that_is_connected_already_is_refused_before_the_exchange(jane: Person) -> None:
    jane.logs_in("bank", "add")
    again = jane.logs_in("bank", "add")
    assert again.exit_code != 0
    assert "is connected already" in str(again.exception)
    assert len(jane.fake.exchanged) == 1
    assert len(connections.connections(jane.home)) == 1


def test_a_page_that_is_closed_connects_nothing(jane: Person) -> None:
    closed = jane.logs_in("bank", "add", leaves=True)
    assert "the page was closed" in str(closed.exception)
    assert connections.connections(jane.home) == []
    late = jane.types("bank", "add", "--wait", "1")
    assert "nobody finished" in str(late.exception)
    assert jane.fake.exchanged == []


def test_without_a_key_no_page_is_even_opened(
    jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOOKS_KEY")
    refused = jane.types("bank", "add")
    assert "no key to keep secrets with" in str(refused.exception)
    assert jane.fake.asked == []


def test_a_token_that_cannot_be_kept_ends_the_connection(
    jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.findings import UserError
    from core.secrets import Secrets

    def full(*_args: object) -> None:
        raise UserError("could not be written: no space")

    monkeypatch.setattr(Secrets, "put", full)
    refused = jane.logs_in("bank", "add")
    assert "no space" in str(refused.exception)
    assert jane.fake.removed == jane.fake.exchanged


def test_an_account_of_the_books_without_a_number_gets_it_once(
    jane: Person, one_bank: FakeBank
) -> None:
    one_bank.accounts.append(FakeAccount("save", "7788", "Savings", subtype="savings"))
    name = "Assets:Acme:Bank:Reserve"
    path = jane.home.ledger / "acme/accounts.beancount"
    path.write_text(
        f'{path.read_text()}2020-01-01 open {name} USD\n  role: "bank"\n  line: "reserve"\n'
    )
    committed(jane.home)
    asked = jane.logs_in("bank", "add")
    assert "which account of the books is Savings (7788)" in str(asked.exception)
    assert "books bank accounts plaid-" in asked.exception.hint
    dry = jane.types("bank", "accounts", "chase", "--account", f"7788={name}", "--dry-run")
    assert '+  account-id: "chase-7788"' in dry.output
    assert "chase-7788" not in path.read_text()
    told = jane.types("bank", "accounts", "chase", "--account", f"7788={name}")
    assert told.exit_code == 0, told.output
    assert path.read_text().count('  account-id: "chase-7788"\n') == 1
    assert jane.plaid.books().accounts[name].account_id == "chase-7788"
    assert "(known)" in jane.types("bank", "accounts", "chase").output
    assert path.read_text().count("chase-7788") == 1


def test_a_new_account_is_opened_for_two_years_of_lines(jane: Person, one_bank: FakeBank) -> None:
    one_bank.accounts.append(FakeAccount("card", "3003", "Ink", "credit", "credit card"))
    added = jane.logs_in("bank", "add", "--entity", "acme", "--yes")
    assert added.exit_code == 0, added.output
    assert "Liabilities:Acme:Card:Chase3003 (opened)" in added.output
    opened = jane.plaid.books().accounts["Liabilities:Acme:Card:Chase3003"]
    assert (opened.account_id, opened.role) == ("chase-3003", "card")


def test_an_account_may_be_ignored_and_wanted_again(jane: Person, one_bank: FakeBank) -> None:
    one_bank.accounts.append(FakeAccount("mine", "9999", "Private"))
    jane.logs_in("bank", "add", "--account", "9999=ignore")
    assert "Private 9999: ignored" in jane.types("bank", "list").output
    assert jane.types("sync").exit_code == 0
    assert "Private 9999: ignored" in jane.types("bank", "list").output
    asked = jane.types("bank", "accounts", "chase")
    assert "Private (9999)" in str(asked.exception)


def test_the_books_may_call_a_bank_by_another_name(home: Home, jane: Person) -> None:
    other = FakeBank("boa", "Bank of America", [FakeAccount("c", "4411", "Adv Plus")])
    jane.fake.banks["boa"] = other
    wrong = jane.logs_in("bank", "add", "--entity", "acme", "--yes", bank="boa")
    assert CHECKING in str(wrong.exception)
    right = jane.types("bank", "accounts", "bank of america", "--account", f"4411={CHECKING}")
    assert right.exit_code == 0, right.output
    assert connections.named(jane.home, "bank of america").slug == "chase"
    assert jane.types("sync").exit_code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [("Assets:Acme:Nowhere", "Nowhere"), ("Expenses:Acme:Office", "no open bank")],
)
def test_an_account_that_cannot_be_it_is_refused(
    jane: Person, one_bank: FakeBank, name: str, said: str
) -> None:
    one_bank.accounts.append(FakeAccount("x", "1212", "Other"))
    answer = jane.logs_in("bank", "add", "--account", f"1212={name}")
    assert said in str(answer.exception) + answer.output


def test_a_login_is_repaired_in_update_mode(jane: Person, one_bank: FakeBank) -> None:
    jane.logs_in("bank", "add")
    jane.types("sync")
    jane.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
    one_bank.adds(shop("t3", 4, "1.00"))
    stuck = jane.types("sync")
    assert stuck.return_value == 1
    assert "asks for the login again" in stuck.output
    assert f"its page: {jane.fake.address}/link/" in stuck.output
    assert "ITEM_LOGIN_REQUIRED" in jane.types("bank", "list").output
    jane.fake._links.clear()
    repaired = jane.logs_in("bank", "repair", "chase")
    assert repaired.exit_code == 0, repaired.output
    assert "well" in jane.types("bank", "list").output
    assert jane.types("sync").exit_code == 0
    assert len(jane.plaid.books().transactions) == 3
    assert len(jane.fake.exchanged) == 1


def test_a_bank_is_removed_and_known_again_when_it_comes_back(jane: Person) -> None:
    jane.logs_in("bank", "add")
    jane.types("sync")
    assert "add --yes" in jane.types("bank", "remove", "chase").exception.hint
    removed = jane.types("bank", "remove", "chase", "--yes")
    assert removed.exit_code == 0, removed.output
    assert jane.fake.removed == jane.fake.exchanged
    assert "No bank" in jane.types("bank", "list").output
    assert "No secrets" in jane.types("secrets").output
    assert "no bank is connected" in str(jane.types("sync").exception)
    jane.logs_in("bank", "add")
    jane.types("sync")
    assert len(jane.plaid.books().transactions) == 2


def test_one_bank_in_trouble_and_one_that_is_well(jane: Person) -> None:
    jane.fake.banks["ally"] = FakeBank("ally", "Ally", [FakeAccount("s", "7788", "Savings")])
    jane.logs_in("bank", "add")
    jane.logs_in("bank", "add", "--entity", "acme", "--yes", bank="ally")
    jane.fake.logins[1].error = "ITEM_LOGIN_REQUIRED"
    result = jane.types("sync", "--format", "json")
    assert result.return_value == 1
    said = {each["institution"]: each for each in json.loads(result.output)}
    assert said["Ally"]["repair"].startswith(jane.fake.address)
    assert (said["Chase"]["error"], said["Chase"]["new"]) == ("", 2)


def test_a_dry_run_shows_entries_and_writes_none(jane: Person) -> None:
    jane.logs_in("bank", "add")
    dry = jane.types("sync", "--dry-run")
    assert "Customer" in dry.output
    assert jane.plaid.books().transactions == ()
    assert jane.types("sync").exit_code == 0
    assert len(jane.plaid.books().transactions) == 2


def test_what_the_bank_takes_back_is_shown_until_somebody_agrees(
    jane: Person, one_bank: FakeBank
) -> None:
    jane.logs_in("bank", "add")
    jane.types("sync")
    one_bank.removes("t2")
    for _ in range(2):
        shown = jane.types("sync").output
        assert "the bank has taken back" in shown
        assert "books sync --take-out" in shown
    assert "taken back by the bank" in jane.types("sync", "--take-out").output
    assert len(jane.plaid.books().transactions) == 1


def test_the_keys_of_plaid_may_be_kept_as_secrets(
    jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PLAID_CLIENT_ID", "PLAID_SECRET"):
        monkeypatch.delenv(name)
    assert "books secrets set plaid-client-id" in jane.types("bank", "add").exception.hint
    jane.types("secrets", "set", "plaid-client-id", input=f"{CLIENT_ID}\n")
    jane.types("secrets", "set", "plaid-secret", input=f"{SECRET}\n")
    assert jane.logs_in("bank", "add").exit_code == 0


def test_a_pending_line_is_decided_before_it_posts(jane: Person, one_bank: FakeBank) -> None:
    jane.logs_in("bank", "add")
    one_bank.adds(shop("p1", 5, "20.00", "BISTRO", pending=True))
    jane.types("sync")
    assert "Pending at the bank" in jane.types("inbox").output
    meals = "Expenses:Acme:Meals"
    for wrong, said in (
        (("zz", "--account", meals), "no pending line has"),
        (("p1x1", "--account", "Expenses:Acme:Nope"), "is not open"),
        (("p1x1",), "decide something"),
    ):
        assert said in str(jane.types("inbox", "pending", *wrong).exception)
    words = ("inbox", "pending", "p1x1", "--account", meals, "--narration", "Lunch")
    assert "nothing was kept" in jane.types(*words, "--dry-run").output
    assert meals not in jane.types("inbox").output
    jane.types(*words)
    assert f"{meals}, Lunch" in jane.types("inbox").output
    one_bank.posts("p1", shop("t5", 7, "23.00", "BISTRO 0042", of="p1"))
    jane.types("sync")
    (txn,) = [t for t in jane.plaid.books().transactions if t.date.day == 7]
    assert (txn.flag, txn.narration, txn.postings[1].account) == ("*", "Lunch", meals)
    assert "Pending at the bank" not in jane.types("inbox").output


def test_a_bank_in_trouble_is_among_what_needs_the_owner(jane: Person, one_bank: FakeBank) -> None:
    jane.logs_in("bank", "add")
    books = jane.plaid.books()
    assert [n for n in needs(jane.home, books, []) if n.kind == "bank"] == []
    jane.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
    jane.types("sync")
    (need,) = [n for n in needs(jane.home, books, []) if n.kind == "bank"]
    assert need.command.startswith("books bank repair plaid-")
    jane.fake.logins[0].error = "INSTITUTION_DOWN"
    jane.types("sync")
    (need,) = [n for n in needs(jane.home, books, []) if n.kind == "bank"]
    assert need.command.startswith("books sync --bank plaid-")


def test_a_closed_account_that_the_bank_no_longer_says_holds_nothing_up(
    jane: Person, one_bank: FakeBank
) -> None:
    jane.logs_in("bank", "add")
    jane.types("sync")
    one_bank.accounts[0:1] = [FakeAccount("other", "9999", "New", "loan", "student")]
    one_bank.removes("t2")
    for _ in range(2):
        shown = jane.types("sync")
        assert shown.return_value == 0, shown.output
        assert "the bank has taken back" in shown.output


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1\n", "Assets:Acme:Bank:Reserve (known)"),
        ("n\nAcme\n", "Assets:Acme:Bank:Chase7788 (opened)"),
        ("i\n", "ignored"),
    ],
)
def test_somebody_at_the_terminal_is_asked_once(
    jane: Person,
    one_bank: FakeBank,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    said: str,
) -> None:
    monkeypatch.setattr("scripts.connecting.is_there", lambda: True)
    one_bank.accounts.append(FakeAccount("save", "7788", "Savings", subtype="savings"))
    path = jane.home.ledger / "acme/accounts.beancount"
    name = "Assets:Acme:Bank:Reserve"
    path.write_text(f'{path.read_text()}2020-01-01 open {name} USD\n  role: "bank"\n')
    committed(jane.home)
    jane.plaid.connect(one_bank)
    first = jane.types("bank", "accounts", "chase", input=typed)
    assert first.exit_code == 0, first.output
    assert said in first.output
    assert jane.types("sync").return_value == 0
    if "ignored" not in said:
        assert "Which" not in jane.types("bank", "accounts", "chase").output


# The canary: a token that is looked for everywhere


def test_the_token_of_a_bank_stands_nowhere(
    jane: Person,
    one_bank: FakeBank,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    jane.logs_in("bank", "add")
    canaries = [jane.fake.logins[0].access_token, SECRET, os.environ["BOOKS_KEY"]]
    jane.types("--verbose", "sync")
    errors = ("/transactions/sync", 400, "API_ERROR")
    for echoed in canaries[:2]:
        # A careless answer that quotes what it was sent.
        body = json.dumps({"error_type": "X", "error_code": "ODD", "error_message": echoed})
        jane.fake.faults.append(Fault(*errors[:2], body=body.encode()))
        jane.types("sync")
        jane.types("sync", "--format", "json")
    for code in ("ITEM_LOGIN_REQUIRED", "INVALID_ACCESS_TOKEN", "INTERNAL"):
        jane.fake.faults.append(Fault("/accounts/get", 400, "ITEM_ERROR", code))
        jane.types("--verbose", "sync")
        jane.types("bank", "list")
    jane.types("secrets")

    def fails(content: bytes) -> None:
        raise RuntimeError(f"while reading with {canaries[0]}")

    with monkeypatch.context() as broken:
        broken.setattr("importers.plaid.parse.page", fails)
        with pytest.raises(SystemExit):
            main(["--home", str(jane.home.path), "sync"])
    said = capsys.readouterr()
    assert "a fault of ours" in said.err
    one_bank.adds(shop("t9", 9, "9.00"))
    jane.types("secrets", "rotate")
    jane.types("sync")
    assert len(jane.plaid.books().transactions) == 3
    git = ["git", "-C", str(jane.home.path)]
    history = subprocess.run([*git, "log", "-p", "--all"], capture_output=True, check=True).stdout
    kept = [p.read_bytes() for p in jane.home.path.rglob("*") if p.is_file()]
    everything = b"\n".join([history, *kept, caplog.text.encode(), said.err.encode()])
    everything += "".join([*jane.read, said.out]).encode()
    for canary in canaries:
        assert canary.encode() not in everything
    assert b"Customer" in everything


def test_a_token_without_its_connection_is_shown_and_can_be_ended(
    jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(connections, "store", dies)
        jane.logs_in("bank", "add")
    assert connections.connections(jane.home) == []
    listed = jane.types("bank", "list").output
    assert "was not finished, and is billed" in listed
    scope = listed.partition("books bank remove ")[2].split()[0]
    assert jane.types("bank", "remove", scope, "--yes").exit_code == 0
    assert jane.fake.removed == jane.fake.exchanged
    assert "not finished" not in jane.types("bank", "list").output


def test_a_damaged_connection_is_said(jane: Person) -> None:
    jane.logs_in("bank", "add")
    (path,) = (jane.home.private / "feed").glob("*.bank.json")
    path.write_text("{")
    assert "is damaged" in str(jane.types("bank", "list").exception)


def test_amounts_of_json_are_texts(jane: Person, one_bank: FakeBank) -> None:
    one_bank.products = ("transactions", "liabilities")
    due = {"next_payment_due_date": "2026-10-05", "minimum_payment_amount": Decimal("25.00")}
    card = FakeAccount("card", "3003", "Ink", "credit", "credit card", liability=due)
    one_bank.accounts.append(card)
    jane.logs_in("bank", "add", "--liabilities", "--entity", "acme", "--yes")
    (asked,) = [body for path, body in jane.fake.asked if path == "/link/token/create"]
    assert asked["required_if_supported_products"] == ["liabilities"]
    said = json.loads(jane.types("sync", "--format", "json").output)
    assert said[0]["due"] == [{"account": "Ink (3003)", "date": "2026-10-05", "amount": "25.00"}]


def test_a_program_that_ended_before_the_token_was_kept_is_told_of(
    jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Secrets.put

    def dies(self: Secrets, name: str, secret: Secret) -> None:
        if name.startswith("plaid/"):
            raise KeyboardInterrupt
        real(self, name, secret)

    monkeypatch.setattr(Secrets, "put", dies)
    jane.logs_in("bank", "add")
    monkeypatch.setattr(Secrets, "put", real)
    assert len(jane.fake.exchanged) == 1
    again = jane.logs_in("bank", "add")
    assert "attempt to connect Chase ended before its token was kept" in again.output
    assert "ended before" not in jane.types("bank", "add", "--wait", "1").output


def test_a_program_that_ended_before_the_exchange_leaves_nothing_to_pay(
    jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_args) -> bytes:
        raise KeyboardInterrupt

    real = Api.exchange
    monkeypatch.setattr(Api, "exchange", dies)
    jane.logs_in("bank", "add")
    monkeypatch.setattr(Api, "exchange", real)
    again = jane.logs_in("bank", "add")
    assert "ended before" not in again.output
    assert len(jane.fake.exchanged) == 2
    assert jane.fake.removed == [jane.fake.exchanged[0]]


def test_connecting_and_mending_can_be_tried_without_asking_anybody(jane: Person) -> None:
    added = jane.types("bank", "add", "--liabilities", "--dry-run")
    assert "would be opened, for transactions, liabilities" in added.output
    assert "works once" in jane.types("bank", "add", "--simplefin", "--dry-run").output
    assert jane.fake.asked == []
    jane.logs_in("bank", "add")
    asked = len(jane.fake.asked)
    assert "for a new login of Chase" in jane.types("bank", "repair", "chase", "--dry-run").output
    assert "onto import/open: Chase" in jane.types("schedule", "run", "--dry-run").output
    assert len(jane.fake.asked) == asked


def test_banks_are_listed_as_json(jane: Person) -> None:
    jane.logs_in("bank", "add")
    jane.types("sync")
    said = json.loads(jane.types("bank", "list", "--format", "json").output)
    (bank,) = said["banks"]
    assert (bank["institution"], bank["health"], said["unfinished"]) == ("Chase", "well", [])
    (account,) = bank["accounts"]
    assert (account["account"], account["ends_in"], account["ignored"]) == (CHECKING, "4411", False)
    names = [
        each["name"]
        for each in json.loads(jane.types("secrets", "--format", "json").output)["secrets"]
    ]
    assert names == [connections.named(jane.home, "chase").secret]


def test_a_second_login_is_refused_even_before_the_accounts_of_the_first_are_known(
    jane: Person, one_bank: FakeBank
) -> None:
    one_bank.accounts.append(FakeAccount("other", "9999", "Other"))
    first = jane.logs_in("bank", "add")
    assert "which account of the books is Other (9999)" in str(first.exception)
    again = jane.logs_in("bank", "add")
    assert "is connected already" in str(again.exception)
    assert len(jane.fake.exchanged) == 1


def test_accounts_that_end_alike_or_in_nothing_are_told_apart_by_their_names(
    home: Home, jane: Person, one_bank: FakeBank
) -> None:
    one_bank.accounts = [
        FakeAccount("a", "3333", 'Joint "A"'),
        FakeAccount("b", "3333", "Joint B"),
        FakeAccount("c", None, "Pocket"),
    ]
    alone = ["--entity", "Acme", "--yes"]
    added = jane.logs_in("bank", "add", *alone)
    assert 'Joint B (3333) and Joint "A" (3333) would both be' in str(added.exception)
    named = ["--account", "Joint B=Assets:Acme:Bank:Second"]
    added = jane.types("bank", "accounts", "chase", *alone, *named)
    assert "does not say the number of Pocket" in str(added.exception)
    assert "--account 'Pocket=" in added.exception.hint
    named += ["--account", "Pocket=Assets:Acme:Bank:Pocket"]
    added = jane.types("bank", "accounts", "chase", *alone, *named)
    assert added.exit_code == 0, added.output
    one_bank.events.clear()
    one_bank.adds(*(line(k, k, "2026-09-03", "1.00", k) for k in "abc"))
    assert jane.types("sync").exit_code == 0, jane.read[-1]
    booked = {t.payee: t.postings[0].account for t in jane.plaid.books().transactions}
    assert booked["b"] == "Assets:Acme:Bank:Second"
    assert booked["c"] == "Assets:Acme:Bank:Pocket"
    assert booked["a"] not in {booked["b"], booked["c"]}


def test_an_account_of_the_books_keeps_the_name_where_two_end_alike(
    home: Home, jane: Person, one_bank: FakeBank
) -> None:
    one_bank.accounts.append(FakeAccount("twin", "4411", "Savings"))
    named = ["--account", f"Total Checking={CHECKING}", "--account", "Savings=ignore"]
    assert jane.logs_in("bank", "add", *named).exit_code == 0, jane.read[-1]
    said = jane.plaid.books().accounts[CHECKING].meta
    assert said["account-name"] == "Total Checking"
    before = git.head(home.path)
    assert jane.types("bank", "accounts", "chase", *named).exit_code == 0
    assert git.head(home.path) == before
