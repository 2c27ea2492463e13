"""The projection's numbers are exact, or the books are refused."""

from decimal import Decimal

import pytest
from projected import LAST, NAMES, SALE, agree, booked, from_nothing

from core.journal.read import read
from core.projection import queries
from core.projection.schema import UnfitError
from core.projection.sync import synced


@pytest.mark.parametrize(
    "number", ["0.000000000000000001", "12345678901234567890", "-7.10000000000000000000000000000"]
)
def test_a_number_of_many_digits_is_exact(home, write, number) -> None:
    books = booked(
        home,
        write,
        f'2026-06-01 * "Long"\n  Assets:Acme:Cash  {number} COIN\n  Equity:Acme:Start\n',
    )
    with synced(books, []) as projection:
        agree(projection, books, LAST)
        found = queries.balances(projection, "Acme", LAST)
        assert found[0].units == {"COIN": Decimal(number)}


def test_a_finer_number_than_before_makes_all_of_it_finer(home, write) -> None:
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    with synced(books, []) as projection:
        assert ("scales", "18 18 18") in projection.rows("FROM books.meta")
    write(
        NAMES[1],
        '2026-07-01 * "Rupees"\n  Assets:Acme:Cash  830 INR @@ 10.00 USD\n  Equity:Acme:Start\n',
    )
    books = read(home.main_root, home=home)
    with synced(books, []) as projection:
        assert projection.rows("SELECT value FROM books.meta WHERE name = 'scales'") == [
            ("27 29 27",)
        ]
        agree(projection, books, LAST)


@pytest.mark.parametrize("number", [f"0.{'0' * 37}1", f"0.{'0' * 50}1", "1" * 21, "9" * 40])
def test_a_number_that_does_not_fit_is_never_rounded(home, write, number) -> None:
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    synced(books, []).close()
    write(
        NAMES[1],
        f'2026-07-01 * "Long"\n  Assets:Acme:Cash  {number} COIN\n  Equity:Acme:Start\n',
    )
    books = read(home.main_root, home=home)
    with pytest.raises(UnfitError):
        synced(books, [])
    with pytest.raises(UnfitError):
        from_nothing(books, [])


def test_a_number_that_did_not_fit_beside_others_fits_without_them(home, write) -> None:
    entry = '2026-0{}-01 * "Long"\n  Assets:Acme:Cash  {} COIN\n  Equity:Acme:Start\n'
    synced(booked(home, write, entry.format(6, f"0.{'0' * 24}1")), []).close()
    books = booked(home, write, entry.format(6, "1" * 20))
    with synced(books, []) as projection:
        agree(projection, books, LAST)


def test_a_sum_that_does_not_fit_is_never_rounded(home, write) -> None:
    number = "9" * 20
    entry = '2026-06-0{} * "Long"\n  Assets:Acme:Cash  {} COIN\n  Equity:Acme:Start\n'
    books = booked(home, write, *(entry.format(day, number) for day in (1, 2)))
    with pytest.raises(UnfitError):
        synced(books, [])
