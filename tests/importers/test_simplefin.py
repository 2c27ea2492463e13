"""SimpleFIN: the second connector, through HTTP and a bridge on loopback."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace

import bank as files
import pytest
from click.testing import CliRunner, Result
from feeds import journal
from plaids import CHECKING, committed, loopback_only

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.masked import Secret
from core.sealing_keys import Keys, new_key
from core.secrets import Secrets
from importers.feed import cache, connections
from importers.feed.connections import Connection
from importers.feed.contract import FeedError
from importers.simplefin import feed as connector
from importers.simplefin.api import Access, claimed
from importers.simplefin.fake import WORD, Bridge, line, moment, served
from importers.simplefin.feed import SimplefinFeed, answered, banks
from importers.simplefin.run import run
from scripts.main import cli


class Evenings:
    """A home with a bank behind a bridge, on a day that the test moves."""

    def __init__(self, home: Home, bridge: Bridge) -> None:
        self.home, self.bridge = home, bridge
        self.secrets = Secrets(home, Keys(home))
        self.day = dt.date(2026, 9, 30)

    def connect(self) -> Connection:
        token = Secret(self.bridge.access)
        (made,) = banks(Access(token).accounts(self.day, self.day), token)
        self.secrets.put(made.secret, token)
        connections.store(self.home, made)
        return made

    def night(self):
        return run(self.home, connections.connections(self.home)[0], self.secrets)

    def synced(self):
        done = self.night()
        assert done.error is None, done.error
        return done

    def books(self) -> Books:
        return read(self.home.main_root, home=self.home)

    def told(self) -> list[tuple[str, str, str]]:
        return sorted(
            (t.date.isoformat(), t.payee or "", str(t.postings[0].units.number))
            for t in self.books().transactions
        )


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


@pytest.fixture
def lines(bridge: Bridge) -> list:
    return bridge.account("ACT-1", "Chase", "Total Checking (4411)", "80.00", "2026-09-30")


@pytest.fixture
def evenings(
    home: Home, bridge: Bridge, lines: list, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Evenings]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    with loopback_only(), served(bridge):
        ready = Evenings(home, bridge)

        def fixed(*args, **named):
            return SimplefinFeed(*args, **{"day": ready.day, **named})

        monkeypatch.setattr("importers.simplefin.run.SimplefinFeed", fixed)
        ready.connect()
        yield ready


def test_a_night_brings_the_lines_and_the_next_one_nothing(evenings: Evenings, lines: list) -> None:
    lines += [
        line("t1", "2026-09-01", "100.00", "Customer"),
        line("t2", "2026-09-03", "-20.00", "CORNER SHOP 0042", payee="Corner Shop"),
    ]
    done = evenings.synced()
    assert evenings.told() == [
        ("2026-09-01", "Customer", "100.00"),
        ("2026-09-03", "Corner Shop", "-20.00"),
    ]
    (proof,) = [s.proof for f in done.synced.plan.imported.files for s in f.statements]
    assert proof.holds
    before = journal(evenings.home)
    evenings.day += dt.timedelta(days=1)
    evenings.synced()
    assert journal(evenings.home) == before


def test_09_a_late_line_dated_before_the_last_night_comes(evenings: Evenings, lines: list) -> None:
    lines.append(line("t1", "2026-09-28", "-1.00", "A"))
    evenings.synced()
    lines.append(line("t2", "2026-09-02", "-2.00", "Late"))
    evenings.day += dt.timedelta(days=1)
    evenings.synced()
    assert ("2026-09-02", "Late", "-2.00") in evenings.told()


def test_10_a_pending_line_is_no_entry_until_it_posts(evenings: Evenings, lines: list) -> None:
    pending = {"posted": 0, "transacted_at": moment("2026-09-29"), "pending": True}
    lines.append({**line("p1", "2026-09-29", "-20.00", "BISTRO"), **pending})
    evenings.synced()
    scope = connections.connections(evenings.home)[0].scope
    assert evenings.told() == []
    assert set(cache.loaded(evenings.home, scope).pendings) == {"ACT-1/p1"}
    lines[:] = [line("t1", "2026-09-30", "-23.00", "BISTRO")]
    evenings.synced()
    assert evenings.told() == [("2026-09-30", "BISTRO", "-23.00")]
    assert cache.loaded(evenings.home, scope).pendings == {}


def test_13_a_line_that_the_bank_corrects_is_corrected(evenings: Evenings, lines: list) -> None:
    lines.append(line("t1", "2026-09-28", "-1.00", "A"))
    evenings.synced()
    lines[0]["amount"] = "-1.50"
    evenings.synced()
    assert evenings.told() == [("2026-09-28", "A", "-1.50")]


def test_a_year_is_asked_for_in_parts_and_a_month_away_is_caught_up_with(
    evenings: Evenings, lines: list, bridge: Bridge
) -> None:
    lines.append(line("t1", "2025-10-15", "-1.00", "A"))
    evenings.synced()
    assert len(evenings.told()) == 1
    lines.append(line("t2", "2026-12-01", "-2.00", "B"))
    evenings.day = dt.date(2027, 3, 1)
    evenings.synced()
    assert len(evenings.told()) == 2
    for said in bridge.asked:
        first, last = (int(part.partition("=")[2]) for part in said.split("&")[:2])
        assert last - first <= 62 * 86400


def test_ids_that_two_accounts_share_are_two_lines(
    evenings: Evenings, lines: list, bridge: Bridge
) -> None:
    files.open_accounts(evenings.home, ["Assets:Acme:Bank:Savings"])
    path = evenings.home.ledger / "acme/accounts.beancount"
    path.write_text(path.read_text().replace('"ally-7788"', '"chase-7788"'))
    committed(evenings.home)
    more = bridge.account("ACT-2", "Chase", "Savings 7788", "0.00", "2026-09-30")
    lines.append(line("t1", "2026-09-28", "-1.00", "A"))
    more.append(line("t1", "2026-09-28", "-1.00", "A"))
    evenings.synced()
    assert len(evenings.told()) == 2


@pytest.mark.parametrize(
    ("status", "passes", "needs_owner"),
    [(403, False, True), (402, False, False), (500, True, False), (301, False, False)],
)
def test_what_the_bridge_refuses_is_told_and_changes_nothing(
    evenings: Evenings, bridge: Bridge, lines: list, status: int, passes: bool, needs_owner: bool
) -> None:
    bridge.fails = [status]
    done = evenings.night()
    assert isinstance(done.error, FeedError)
    assert done.error.passes == passes
    now = connections.connections(evenings.home)[0]
    assert now.needs_owner == needs_owner
    assert WORD not in f"{done.error}{now}"
    lines.append(line("t1", "2026-09-28", "-1.00", "A"))
    evenings.synced()
    assert len(evenings.told()) == 1
    assert not connections.connections(evenings.home)[0].trouble


def test_a_bank_that_is_gone_from_the_bridge_needs_its_owner(
    evenings: Evenings, bridge: Bridge
) -> None:
    evenings.synced()
    bridge.accounts.clear()
    bridge.errors.append("Connection to Chase may need attention")
    done = evenings.night()
    assert "no longer behind" in done.error.message
    assert connections.connections(evenings.home)[0].needs_owner


def test_what_the_bridge_wants_to_say_is_said(evenings: Evenings, bridge: Bridge) -> None:
    bridge.errors.append("Connection to Chase may need attention")
    assert evenings.synced().remarks == ("Connection to Chase may need attention",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"accounts": [{}]}',
        b'{"accounts": [{"id": "a", "currency": "USD", "balance": 1.5, "balance-date": 1}]}',
        b'{"accounts": [{"id": "a", "currency": "USD", "balance": "NaN", "balance-date": 1}]}',
        b'{"accounts": [{"id": "a", "currency": "USD", "balance": "1", "balance-date": true}]}',
    ],
)
def test_an_odd_answer_is_refused(content: bytes) -> None:
    with pytest.raises(FeedError, match="not understood"):
        answered(content)


def test_amounts_keep_every_digit() -> None:
    said = {
        "id": "a",
        "currency": "USD",
        "balance": "1234567890123456.78",
        "balance-date": 1,
        "transactions": [line("t", "2026-09-01", "-0.10", "A")],
    }
    (told,), _ = answered(json.dumps({"accounts": [said]}).encode())
    assert str(connector._account(told).balance) == "1234567890123456.78"
    assert [str(each.amount) for each in connector._lines(told)] == ["-0.10"]


def test_the_key_goes_over_tls_alone() -> None:
    with pytest.raises(FeedError, match="https"):
        Access(Secret("http://u:p@bridge.example/simplefin"), "X").accounts(
            dt.date(2026, 9, 1), dt.date(2026, 9, 2)
        )
    for wrong in ("x", "aHR0cDovL2JyaWRnZS5leGFtcGxlL2NsYWlt"):
        with pytest.raises(UserError):
            claimed(Secret(wrong))


def types(home: Home, *words: str, **more) -> Result:
    run_ = ["--home", str(home.path), *words]
    return CliRunner().invoke(cli, run_, standalone_mode=False, **more)


def test_a_person_connects_syncs_and_removes(
    home: Home, bridge: Bridge, lines: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    now = dt.datetime.now(dt.UTC).date().isoformat()
    lines.append(line("t1", now, "-1.00", "A"))
    with loopback_only(), served(bridge):
        bridge.fails = [500]
        failed = types(home, "bank", "add", "--simplefin", input=bridge.setup_token + "\n")
        assert isinstance(failed.exception, UserError)
        # The token worked once; what it gave is kept, and nothing is asked for again.
        added = types(home, "bank", "add", "--simplefin")
        assert added.exception is None, added.output
        assert "Chase is connected, as simplefin-" in added.output
        assert f"{CHECKING} (known)" in added.output
        assert bridge.claims == 1
        assert "1 new" in types(home, "sync").output
        assert "bridge" in str(types(home, "bank", "repair", "chase").exception)
        listed = types(home, "bank", "list")
        assert CHECKING in listed.output
        everything = b"".join(p.read_bytes() for p in home.path.rglob("*") if p.is_file())
        assert WORD.encode() not in everything
        assert "would be" in types(home, "bank", "remove", "chase", "--dry-run").output
        assert len(connections.connections(home)) == 1
        assert "disconnected" in types(home, "bank", "remove", "chase", "--yes").output
        assert connections.connections(home) == []


def test_an_account_that_was_ignored_and_is_wanted_again_brings_its_old_lines(
    evenings: Evenings, lines: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.commands.bank.SimplefinFeed", SimplefinFeed)
    lines.append(line("t1", "2026-03-02", "-1.00", "Old"))
    connection = connections.connections(evenings.home)[0]
    connections.store(evenings.home, replace(connection, ignored=("ACT-1",)))
    evenings.synced()
    assert evenings.told() == []
    result = types(evenings.home, "bank", "accounts", "chase")
    assert "asks for all lines again" in result.output
    evenings.synced()
    assert evenings.told() == [("2026-03-02", "Old", "-1.00")]
