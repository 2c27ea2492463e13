"""16. Killed for real, between calls, pages, writes and the cursor: nothing is lost or twice."""

import itertools
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import bank as files
import pytest
from feeds import journal
from plaids import CHECKING, Nights, chase, committed, nights, shop

from core.home import Home
from core.sealing_keys import new_key
from importers.feed import cache as caches
from importers.plaid.api import Api


def dying(plaid: Nights, connection, dies_at: int) -> None:
    """A night that kills its own process at a step, if it has so many."""
    steps = itertools.count(1)

    def step(done: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **named: object) -> object:
            if next(steps) == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = done(*args, **named)
            if done is real and next(steps) == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return counted

    real = Api._call
    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Api, "_call")):
        setattr(owner, name, step(getattr(owner, name)))
    plaid.synced(connection, take_out=True)


@pytest.mark.parametrize("stride", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_16_killed_at_any_call_page_or_write_the_next_night_ends_as_if_nothing_had_been(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    bank = chase(page=2)
    bank.adds(shop("t0", 1, "1.00"), shop("t1", 2, "2.00"), shop("p1", 2, "3.00", pending=True))
    with nights(home, bank) as plaid:
        connection = plaid.connect(bank)
        plaid.synced(connection)
        bank.modifies(shop("t0", 1, "1.50")).removes("t1")
        bank.posts("p1", shop("t2", 3, "3.50", of="p1")).adds(shop("p2", 4, "4.00", pending=True))

        def killed(number: int) -> tuple[Nights, int]:
            copy = Home(tmp_path / f"copy-{number}")
            shutil.copytree(home.path, copy.path)
            there = Nights(copy, plaid.fake)
            context = multiprocessing.get_context("fork")
            child = context.Process(target=dying, args=(there, connection, number))
            child.start()
            child.join()
            return there, child.exitcode

        def state(there: Nights) -> tuple[object, ...]:
            cache = caches.loaded(there.home, connection.scope)
            return journal(there.home), dict(cache.pendings), cache.removals

        whole, code = killed(0)
        assert code == 0
        expected = state(whole)
        for number in itertools.count(1, stride):
            there, code = killed(number)
            if code == 0:
                break
            assert code == -signal.SIGKILL
            there.synced(connection, take_out=True)
            assert state(there) == expected, number
            assert there.ids() == whole.ids()
            shutil.rmtree(there.home.path)
        assert number > 40
