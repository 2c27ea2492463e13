"""Promise 3: several writers at once, and a reader beside them."""

import datetime as dt
import multiprocessing
from collections import Counter
from pathlib import Path

import crash_deeds
import pytest

from core.findings import UserError
from core.home import Home
from core.journal.change import Block, ChangeSet
from core.journal.placement import placed
from core.journal.read import read
from core.journal.write import apply

SPAWN = multiprocessing.get_context("spawn")


def sale(home: Home, name: str, day: int) -> ChangeSet:
    books = read(home.main_root, home=home)
    date = dt.date(2026, 9, day)
    text = f'{date} * "{name}" "Sale"\n  Liabilities:Acme:AP  1.00 USD\n  Expenses:Acme:Office'
    path = Path("ledger/acme/2026/2026-09.beancount")
    files, _ = placed(home, books, [(path, books.registry.entities["Acme"], Block(date, text))])
    return ChangeSet("Sale", tuple(files))


def post_until_done(path: Path, names: list[str]) -> None:
    """Posts one entry for each name, computing the change again when another was quicker."""
    home = Home(path)
    for number, name in enumerate(names):
        while True:
            try:
                apply(home, sale(home, name, 1 + number % 28), key=name, commit=False)
                break
            except UserError as error:
                if "has changed since" not in error.message:
                    raise


def run_writers(home: Home, lists: list[list[str]]) -> Counter[str]:
    """How often each name stands in the books when all writers are done."""
    writers = [SPAWN.Process(target=post_until_done, args=(home.path, names)) for names in lists]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=300)
    assert [writer.exitcode for writer in writers] == [0] * len(lists)
    books = read(home.main_root, home=home)
    assert not books.findings
    return Counter(txn.payee for txn in books.transactions)


@pytest.mark.slow
def test_eight_writers_of_fifty_lose_nothing(home: Home) -> None:
    lists = [[f"{writer}-{number}" for number in range(50)] for writer in range(8)]
    assert run_writers(home, lists) == Counter(name for names in lists for name in names)


@pytest.mark.slow
def test_eight_writers_of_the_same_fifty_double_nothing(home: Home) -> None:
    names = [f"same-{number}" for number in range(50)]
    assert run_writers(home, [names] * 8) == Counter(names)


def test_three_writers_of_six_lose_and_double_nothing(home: Home) -> None:
    shared = [f"same-{number}" for number in range(3)]
    lists = [[*shared, *(f"{writer}-{number}" for number in range(3))] for writer in range(3)]
    assert run_writers(home, lists) == Counter({name for names in lists for name in names})


def post_pairs(path: Path, count: int) -> None:
    home = Home(path)
    for number in range(count):
        pair = crash_deeds.change(home, "pair", link=f"ic-26-{number:06}")
        apply(home, pair, key=f"pair-{number}", commit=number % 5 == 0)


def test_a_reader_beside_the_writer_never_sees_half_a_pair(home: Home) -> None:
    writer = SPAWN.Process(target=post_pairs, args=(home.path, 25))
    writer.start()
    seen = set()
    while writer.is_alive():
        halves = Counter(
            link for txn in read(home.main_root, home=home).transactions for link in txn.links
        )
        assert set(halves.values()) <= {2}, halves
        seen.add(len(halves))
    writer.join()
    assert writer.exitcode == 0
    assert len(seen) > 3, "the reader must have seen the books grow"
    assert len(read(home.main_root, home=home).by_link) == 25
