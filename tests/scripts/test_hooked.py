"""``books serve --webhooks``: what comes from outside reaches one address, and begins one run."""

import time
from collections.abc import Iterator

import bank as files
import pytest
from hooks import KID, Signer, news
from plaids import CHECKING, Nights, chase, committed, nights, shop
from werkzeug.test import Client, TestResponse

from core import git
from core.home import Home
from core.journal.lock import alone
from core.sealing_keys import new_key
from importers.plaid.fake.banks import FakeBank
from importers.plaid.fake.plaid import CLIENT_ID, SECRET
from scripts.commands import bank as bank_command
from scripts.hooked import Hooked
from web.app import create_app
from web.home import HomePage

PLACE = "/webhooks/plaid"
OUTSIDE = {"Host": "books.example.org", "Content-Type": "application/json"}


class Site:
    """The served books of a home whose bank is behind a fake Plaid."""

    def __init__(self, plaid: Nights, signer: Signer) -> None:
        self.plaid, self.signer = plaid, signer
        self.hooked = Hooked(plaid.home, pause=0.05)
        home = plaid.home
        page = HomePage("Books", "now")
        app = create_app([home.main_root], lambda: page, 5000, webhook=self.hooked)
        self.client = Client(app)
        self.without = Client(create_app([home.main_root], lambda: page, 5000))

    def told(self, body: bytes, token: str = "", **headers) -> TestResponse:
        token = token or self.signer.signed(body, int(time.time()))
        said = {**OUTSIDE, "Plaid-Verification": token, **headers}
        answer = self.client.post(PLACE, data=body, headers=said)
        self.hooked.finished()
        return answer

    def commits(self) -> int:
        there, said = git.call(self.plaid.home.path, "rev-list", "--count", "main..import/open")
        return int(said) if there else 0


@pytest.fixture
def bank() -> FakeBank:
    return chase()


@pytest.fixture
def site(home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    with nights(home, bank) as plaid:
        monkeypatch.setenv("PLAID_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("PLAID_SECRET", SECRET)
        monkeypatch.setenv("PLAID_ENV", plaid.fake.address)
        signer = Signer()
        plaid.fake.keys[KID] = signer.jwk
        plaid.connect(bank)
        yield Site(plaid, signer)


def test_18_a_webhook_begins_the_run_of_the_night(site: Site, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    assert site.told(news("Item-chase-1")).status_code == 200
    assert site.commits() == 1
    assert site.plaid.books().transactions == ()


def test_18_a_forged_one_begins_nothing_and_is_not_told_why(site: Site, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    body = news("Item-chase-1")
    forged = Signer().signed(body, int(time.time()))
    old = site.signer.signed(body, int(time.time()) - 400)
    for token in ("x", forged, old):
        answer = site.told(body, token)
        assert (answer.status_code, answer.text) == (401, "{}")
    good = site.signer.signed(body, int(time.time()))
    assert site.told(body, good).status_code == 200
    bank.adds(shop("b", 2, "30.00"))
    assert site.told(body, good).status_code == 401
    assert site.commits() == 1


def test_18_one_of_an_item_that_is_not_ours_is_taken_and_does_nothing(site: Site) -> None:
    assert site.told(news("Item-of-somebody")).status_code == 200
    assert "/transactions/sync" not in [path for path, _ in site.plaid.fake.asked]


def test_18_what_comes_in_another_way_is_refused_before_it_is_looked_at(site: Site) -> None:
    body = news("Item-chase-1")
    large = b"{" + b" " * 70_000 + b"}"
    assert site.told(large).status_code in {403, 413}
    assert site.told(body, Origin="https://evil.example").status_code == 403
    assert site.told(body, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert site.told(body, **{"Content-Type": "text/plain"}).status_code == 403
    assert site.client.get(PLACE, headers=OUTSIDE).status_code == 403
    assert site.plaid.fake.asked == []


def test_18_from_outside_nothing_else_is_reached(site: Site) -> None:
    for place in ("/", "/home", f"{PLACE}/", "/webhooks", "/step/import"):
        assert site.client.get(place, headers=OUTSIDE).status_code == 421
        assert site.client.post(place, headers=OUTSIDE).status_code == 421


def test_18_without_the_option_there_is_no_such_address(site: Site) -> None:
    body = news("Item-chase-1")
    token = site.signer.signed(body, int(time.time()))
    local = {"Host": "localhost:5000", "Plaid-Verification": token}
    assert site.without.post(PLACE, data=body, headers=local).status_code == 403
    assert site.without.post(PLACE, data=body, headers=OUTSIDE).status_code == 421


def test_18_while_another_run_is_under_way_it_waits_and_then_runs(
    site: Site, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    body = news("Item-chase-1")
    with alone(site.plaid.home, "schedule.lock"):
        assert site.hooked(site.signer.signed(body, int(time.time())), body)
    site.hooked.finished()
    assert site.commits() == 1


def test_19_without_any_webhook_the_poll_says_the_same(site: Site, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    site.told(news("Item-chase-1"))
    bank.modifies(shop("a", 1, "21.00")).adds(shop("b", 2, "30.00"))
    connection = site.plaid.connect(bank)
    assert site.plaid.synced(connection)
    assert [row[2] for row in site.plaid.told()] == ["-21.00", "-30.00"]


def test_the_address_of_webhooks_is_told_to_plaid(site: Site) -> None:
    from click.testing import CliRunner

    run = ["webhook", "https://books.example.org/webhooks/plaid"]
    home = str(site.plaid.home.path)
    result = CliRunner().invoke(bank_command.command, run, obj=home, standalone_mode=False)
    assert result.exception is None
    assert site.plaid.fake.logins[0].webhook == run[1]
