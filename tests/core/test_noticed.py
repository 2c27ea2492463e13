"""What has changed is noticed, and nothing else is believed: files, overlays, roots, threads."""

import os
import sys
import threading
from pathlib import Path

import pytest
from little import Little, buy, cost_of_sale, sell
from small_books import new_books
from warmth import cold_books, differences, forget, said

from core.journal import leaf, lots, warm
from core.journal.read import read, read_as_it_stands


def test_what_the_door_asks_is_not_remembered_as_what_is(little: Little) -> None:
    path = little.write("2026/01", buy("2026-01-05"))
    little.write("2026/03", sell("2026-03-05"))
    before = said(little.read())
    other = {path: buy("2026-01-05", cost="12.00").encode(), path.with_name("new.beancount"): b";"}
    overlay = read_as_it_stands(little.home.main_root, home=little.home, overlay=other)
    assert cost_of_sale(overlay) == ["-1 GEM 12.00"]
    assert len(overlay.files) == len(little.read().files) + 1
    assert said(little.read()) == before
    forget()
    assert said(little.read()) == before


def test_an_edit_that_keeps_a_files_size_is_seen(little: Little) -> None:
    path = little.write("2026/01", buy("2026-01-05"))
    little.read()
    for number in range(20):
        path.write_text(buy("2026-01-05", cost=f"10.{number:02}"))
        (txn,) = read(little.home.main_root, home=little.home).transactions
        assert str(txn.postings[0].cost.number) == f"10.{number:02}"


def test_an_edit_within_one_tick_of_a_slow_clock_is_seen(
    little: Little, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some disks know only in which second a file was written."""
    real = warm._signature

    def coarse(path: Path) -> list[int] | None:
        found = real(path)
        return found and [*found[:-2], *(time - time % 1_000_000_000 for time in found[-2:])]

    monkeypatch.setattr(warm, "_signature", coarse)
    test_an_edit_that_keeps_a_files_size_is_seen(little)


def test_a_file_that_is_renamed_is_told_of_by_its_new_name(little: Little) -> None:
    text = buy("2026-01-05") + "\n" + sell("2026-01-06") + "\n2026-01-07 balance Assets  1 USD\n"
    path = little.write("2026/01", text)
    little.read()
    path.rename(path.with_name("other.beancount"))
    assert {Path(t.meta["filename"]).name for t in little.read().transactions} == {
        "other.beancount"
    }
    little.write("2026/01", text)
    assert len(little.read().transactions) == 4


def test_a_file_whose_dates_were_set_back_is_read_again(
    little: Little, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_SETTLES", -(10**18))
    path = little.write("2026/01", buy("2026-01-05"))
    os.utime(path, (1, 1))
    little.read()
    path.write_text(buy("2026-01-05", cost="11.00"))
    os.utime(path, (1, 1))
    little.read()
    path.unlink()
    path.write_text(buy("2026-01-05", cost="12.00"))
    os.utime(path, (1, 1))
    little.read()


def test_a_file_that_may_not_be_read_is_a_finding_each_time(little: Little) -> None:
    path = little.write("2026/01", buy("2026-01-05"))
    little.read()
    path.write_bytes(b"\xff\xfe")
    little.read()
    path.unlink()
    path.symlink_to(little.home.ledger / "accounts.beancount")
    little.read()
    path.unlink()
    path.mkdir()
    little.read()


def test_the_roots_of_a_home_do_not_disturb_each_other(tmp_path: Path, cache: Path) -> None:
    home = new_books(tmp_path / "books", "months", 7)
    acme, jane = home.entity_roots
    for root in (acme, jane, home.main_root, acme):
        assert not differences(home, root)
    text = acme.read_text()
    acme.write_text('option "booking_method" "NONE"\n' + text)
    for root in (acme, jane, home.main_root):
        assert not differences(home, root)


def test_many_threads_may_read_at_once(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = new_books(tmp_path / "books", "months", 3)
    wanted = said(cold_books(home))
    for shelf in (leaf._ROWS, leaf._DAYS, lots._PARTS):
        monkeypatch.setattr(shelf, "_limit", 2_000)
    wrong: list[object] = []

    def work() -> None:
        for _ in range(6):
            try:
                if said(read(home.main_root, home=home))["entries"] != wanted["entries"]:
                    wrong.append("differs")
            except Exception as error:
                wrong.append(error)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(usual)
    assert not wrong
