"""One click: shown first, done as shown, by nobody else, and not at all where pages only read."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from core.home import Home
from scripts import books as loading
from scripts.needs import home_page
from scripts.steps import HomeSteps
from web.app import create_app

PORT = 5123
ORIGIN = f"http://localhost:{PORT}"
MONTH = "ledger/acme/2026/2026-09.beancount"
UNKNOWN = '2026-09-03 * "Mill" "Paper"\n  Expenses:Acme:Paper  4.00 USD\n  Liabilities:Acme:AP\n'


def client_of(home: Home, *, clicks: bool = True) -> Client:
    roots = [root for root in (home.group_root, *home.entity_roots) if root]
    steps = HomeSteps(home) if clicks else None
    return Client(create_app(roots, lambda: home_page(home, clicks=clicks), PORT, steps=steps))


@pytest.fixture
def broken(home: Home, write: Callable[[str, str], Path]) -> Home:
    """Books with an account that nobody opened, which is mended by one directive."""
    write(MONTH, UNKNOWN)
    subprocess.run(["git", "-C", home.path, "commit", "-qam", "Paper"], check=True)
    return home


def step_of(client: Client) -> str:
    page = client.get("/", base_url=ORIGIN).get_data(as_text=True)
    found = re.search(r'href="(/step/fix/[0-9a-f]+)"', page)
    assert found, page
    return found[1]


def seal_of(client: Client, path: str) -> str:
    page = client.get(path, base_url=ORIGIN).get_data(as_text=True)
    found = re.search(r'name="seal" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def click(client: Client, path: str, seal: str, origin: str | None = ORIGIN) -> TestResponse:
    headers = {"Origin": origin} if origin is not None else {}
    return client.post(path, data={"seal": seal}, base_url=ORIGIN, headers=headers)


def bytes_of(home: Home) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in home.ledger.rglob("*") if p.is_file()}


def commits(home: Home) -> int:
    asked = ["git", "-C", str(home.path), "rev-list", "--count", "HEAD"]
    return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def test_a_click_does_what_was_shown_as_a_commit(broken: Home) -> None:
    client, before = client_of(broken), commits(broken)
    path = step_of(client)
    shown = client.get(path, base_url=ORIGIN).get_data(as_text=True)
    assert "<ins>+2026-09-03 open Expenses:Acme:Paper</ins>" in shown
    done = click(client, path, seal_of(client, path)).get_data(as_text=True)
    assert "<h1>Done</h1>" in done
    assert re.search(r"git revert [0-9a-f]{9}", done)
    assert commits(broken) == before + 1
    assert loading.check(loading.load(broken)) == []
    assert "/step/fix" not in client.get("/", base_url=ORIGIN).get_data(as_text=True)


def test_a_second_click_does_nothing(broken: Home) -> None:
    client = client_of(broken)
    path = step_of(client)
    seal = seal_of(client, path)
    click(client, path, seal)
    before = commits(broken)
    again = click(client, path, seal)
    assert again.status_code == 409
    assert "that finding is gone" in again.get_data(as_text=True)
    assert commits(broken) == before


def test_looking_changes_nothing(broken: Home) -> None:
    client, before = client_of(broken), bytes_of(broken)
    seal_of(client, step_of(client))
    client.get(f"{step_of(client)}?seal=1", base_url=ORIGIN)
    assert bytes_of(broken) == before


def test_what_has_changed_since_it_was_shown_is_not_done(broken: Home) -> None:
    client = client_of(broken)
    path = step_of(client)
    seal = seal_of(client, path)
    accounts = broken.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + "; mine\n")
    before = bytes_of(broken)
    answer = click(client, path, seal)
    assert answer.status_code == 409
    assert "have changed since this was shown" in answer.get_data(as_text=True)
    assert bytes_of(broken) == before


@pytest.mark.parametrize(
    ("origin", "seal"),
    [
        (None, "right"),
        ("null", "right"),
        ("https://evil.example", "right"),
        (f"http://localhost:{PORT + 1}", "right"),
        (ORIGIN, ""),
        (ORIGIN, "0" * 64),
        (ORIGIN, "of another process"),
        (ORIGIN, "né"),
    ],
)
def test_a_click_from_elsewhere_or_with_a_made_up_seal_does_nothing(
    broken: Home, origin: str | None, seal: str
) -> None:
    client = client_of(broken)
    path = step_of(client)
    given = {"right": seal_of(client, path), "of another process": ""}.get(seal, seal)
    if seal == "of another process":
        given = seal_of(client_of(broken), path)
    before = bytes_of(broken)
    assert click(client, path, given, origin).status_code in {403, 409}
    assert bytes_of(broken) == before


@pytest.mark.parametrize(
    "path",
    [
        "/step/",
        "/step/fix/",
        "/step/fix/../../x",
        "/step/FIX/abcdef12",
        "/step/import/x",
        "/step/x",
    ],
)
def test_there_are_no_other_steps(broken: Home, path: str) -> None:
    before = bytes_of(broken)
    assert click(client_of(broken), path, "0" * 64).status_code in {403, 404}
    assert bytes_of(broken) == before


def test_a_form_that_is_no_form_of_ours_is_refused(broken: Home) -> None:
    client = client_of(broken)
    path = step_of(client)
    form = "application/x-www-form-urlencoded"
    for body, kind in ((b"{}", "application/json"), (b"seal=" + b"x" * 5000, form)):
        answer = client.post(
            path, data=body, content_type=kind, base_url=ORIGIN, headers={"Origin": ORIGIN}
        )
        assert answer.status_code == 403


def test_pages_that_only_read_offer_and_do_no_step(broken: Home) -> None:
    path, seal = step_of(client_of(broken)), seal_of(client_of(broken), step_of(client_of(broken)))
    client, before = client_of(broken, clicks=False), bytes_of(broken)
    assert "/step/" not in client.get("/", base_url=ORIGIN).get_data(as_text=True)
    assert client.get(path, base_url=ORIGIN).status_code == 503
    assert click(client, path, seal).status_code == 503
    assert bytes_of(broken) == before


def test_files_that_wait_are_imported_by_a_click(home: Home) -> None:
    (home.inbox).mkdir(exist_ok=True)
    accounts = home.ledger / "acme/accounts.beancount"
    bank = (
        '\n2020-01-01 open Assets:Acme:Bank:Chase4411 USD\n  role: "bank"\n'
        '  account-id: "chase-4411"\n  title-holder: "Acme LLC"\n  line: "cash-and-equivalents"\n'
    )
    accounts.write_text(accounts.read_text() + bank)
    (home.inbox / "chase-4411.csv").write_text(
        "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
        'DEBIT,09/03/2026,"CLOUD NINE",-12.34,ACH_DEBIT,87.66,,\n'
    )
    client = client_of(home)
    assert 'href="/step/import"' in client.get("/", base_url=ORIGIN).get_data(as_text=True)
    done = click(client, "/step/import", seal_of(client, "/step/import"))
    assert "Import 1 bank line, 1 of them" in done.get_data(as_text=True)
    page = client.get("/", base_url=ORIGIN).get_data(as_text=True)
    assert "1 entry waits for a decision" in page
    assert 'href="/step/import"' not in page
