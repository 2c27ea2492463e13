"""A year of nights with faults ends with the very books of the year without them.

The nights go over a year's end, the days on which the clocks change, and a 29 February. Unattended:
on the standing branch, which is merged, squashed, deleted or left alone meanwhile.
"""

import datetime as dt
import random
import shutil
from pathlib import Path

import bank as files
import pytest
from plaids import CHECKING, Nights, chase, committed, nights
from simulated_year import Year, of_night

from core import branches, git
from core.home import Home
from core.sealing_keys import new_key
from importers.feed import cache as caches
from importers.feed import connections
from importers.unattended.run import unattended
from importers.unattended.standing import BRANCH

FIRST = dt.date(2027, 9, 1)  # 29 February 2028 is in it
SHORT, WHOLE = 45, 366


def facts(plaid: Nights) -> list[tuple[str, ...]]:
    """Each bank line of the books, by its id: what the bank says of it."""
    found = []
    for txn in plaid.books().transactions:
        for posting in txn.postings:
            if posting.meta and posting.meta.get("id"):
                amount = f"{posting.units.number:.2f} {posting.units.currency}"
                said = (txn.date.isoformat(), amount, txn.payee or "")
                found.append((posting.meta["id"].rpartition(":")[2], *said))
    return sorted(found)


def expected(year: Year) -> list[tuple[str, ...]]:
    """The same of what is posted at the bank."""
    return sorted(
        (f"{line.key}x1", line.date.isoformat(), f"{-line.amount:.2f} USD", line.name)
        for line in year.posted
    )


def started(home: Home, at: Path) -> Home:
    shutil.copytree(home.path, at)
    return Home(at)


@pytest.fixture
def acme(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    return home


@pytest.mark.parametrize(
    ("seed", "days"),
    [(1, SHORT), *(pytest.param(seed, WHOLE, marks=pytest.mark.slow) for seed in (2, 3))],
)
def test_a_year_of_faults_ends_as_the_year_without(
    acme: Home, tmp_path: Path, seed: int, days: int
) -> None:
    ends = []
    for name in ("calm", "rough"):
        bank = chase(page=3)
        year = Year(bank, seed, FIRST, days)
        draw = random.Random(seed)  # noqa: S311 - no secret
        with nights(started(acme, tmp_path / name), bank) as plaid:
            connection = plaid.connect(bank)
            failed = 0
            for _ in year.happens():
                if name == "rough":
                    if draw.random() < 0.15:
                        continue  # the machine was off
                    of_night(plaid.fake, draw)
                    if draw.random() < 0.1:
                        plaid.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
                night = plaid.night(connection, take_out=True)
                failed += night.error is not None
                plaid.fake.logins[0].error = ""
            plaid.fake.faults.clear()
            plaid.synced(connection, take_out=True)
            assert facts(plaid) == expected(year)
            assert bool(failed) == (name == "rough")
            cache = caches.loaded(plaid.home, connection.scope)
            assert {key.removesuffix("x1") for key in cache.pendings} == set(year.pending)
            ends.append((facts(plaid), cache.cursor))
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("seed", "days"), [(4, 20), pytest.param(5, WHOLE, marks=pytest.mark.slow)]
)
def test_an_unattended_year_loses_and_doubles_nothing_whatever_becomes_of_its_branch(
    acme: Home, seed: int, days: int
) -> None:
    bank = chase(page=3)
    year = Year(bank, seed, FIRST, days)
    draw = random.Random(seed)  # noqa: S311 - no secret
    with nights(acme, bank) as plaid:
        connection = plaid.connect(bank)

        def git_(*args: str) -> bool:
            return git.call(acme.path, *git.identity(acme.path), *args)[0]

        def run():
            banks = connections.connections(acme)
            return unattended(
                acme,
                banks,
                lambda each, tree: plaid.night(each, tree=tree, take_out=True),
                forge=lambda _: None,
            )

        merged = 0
        for _ in year.happens():
            of_night(plaid.fake, draw)
            run()
            fate = draw.random()
            if not branches.tip(acme.path, BRANCH):
                continue
            if fate < 0.2:
                assert git_("merge", "-q", "--no-edit", BRANCH)
                merged += 1
            elif fate < 0.3:
                assert git_("merge", "-q", "--squash", BRANCH)
                git_("commit", "-qm", "Squashed")
                merged += 1
            elif fate < 0.4:
                assert git_("branch", "-D", BRANCH)
            elif fate < 0.5:
                plaid.fake.faults.clear()
                plaid.synced(connection, take_out=True)  # by hand, in the checkout
        plaid.fake.faults.clear()
        outcome = run()
        assert not outcome.failed, outcome.said
        git_("merge", "-q", "--no-edit", BRANCH)
        assert facts(plaid) == expected(year)
        assert merged


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"])
@pytest.mark.parametrize("around", ["2026-12-31", "2027-03-14", "2026-11-01", "2028-02-29"])
def test_where_the_clocks_stand_changes_no_date(
    acme: Home, monkeypatch: pytest.MonkeyPatch, zone: str, around: str
) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        bank = chase()
        year = Year(bank, 6, dt.date.fromisoformat(around) - dt.timedelta(days=1), 3)
        with nights(acme, bank) as plaid:
            connection = plaid.connect(bank)
            for _ in year.happens():
                plaid.synced(connection, take_out=True)
            assert facts(plaid) == expected(year)
    finally:
        monkeypatch.undo()
        time.tzset()
