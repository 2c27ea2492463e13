"""The day that date rules compare with: asked for, else declared, else the newest transaction's."""

import datetime as dt

import pytest
from beancount import loader
from crash_deeds import new_home
from little import Little
from warmth import cold_books

from bulkhead.veil import veil
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.view import entity_view
from plugins.run import run_rules
from scripts.books import load

PAPER = '{day} * "Paper"\n  Expenses:Acme:Office  20.00 USD\n  Liabilities:Acme:AP\n'
FILING = (
    '2026-01-02 custom "obligation" "Acme" "annual-report"\n  every: "year"\n  first: 2026-10-15\n'
)


@pytest.fixture
def home(tmp_path, cache) -> Home:
    made = new_home(tmp_path / "books")
    journal = made.ledger / "acme/2026/2026-09.beancount"
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write_text(PAPER.format(day="2026-09-03") + "\n" + PAPER.format(day="2026-09-20"))
    (made.rules / "policy.beancount").write_text(FILING)
    return made


def declare(home: Home, *lines: str) -> None:
    (home.rules / "policy.beancount").write_text(FILING + "".join(f"{line}\n" for line in lines))


def every_way(home: Home, as_of: dt.date | None = None) -> set[dt.date]:
    """The day of the books read warm, cold, of one entity's root, and of its view."""
    group = read(home.main_root, home=home, as_of=as_of)
    root = home.ledger / "acme/main.beancount"
    found = [
        group,
        read(root, home=home, as_of=as_of),
        load(home, entity="acme", as_of=as_of),
        entity_view(group, "Acme", home, as_of=as_of),
    ]
    if as_of is None:
        found += [cold_books(home), cold_books(home, root)]
    return {books.as_of for books in found}


def late(books: Books) -> list[str]:
    return [f"{f.code} {f.severity}" for f in run_rules(books) if f.code == "VEIL-024"]


def test_without_a_directive_it_is_the_day_of_the_newest_transaction(home: Home) -> None:
    assert every_way(home) == {dt.date(2026, 9, 20)}


def test_a_directive_says_it_and_what_is_asked_for_comes_before_that(home: Home) -> None:
    declare(home, '2026-05-01 custom "as-of" 2026-10-31')
    assert every_way(home) == {dt.date(2026, 10, 31)}
    assert every_way(home, dt.date(2026, 8, 1)) == {dt.date(2026, 8, 1)}


def test_of_several_the_one_that_is_dated_last_holds_wherever_it_stands(home: Home) -> None:
    declare(
        home,
        '2026-05-01 custom "as-of" 2026-04-30',
        '2026-03-01 custom "as-of" 2026-12-31',
    )
    assert every_way(home) == {dt.date(2026, 4, 30)}


def test_of_two_on_one_day_the_later_day_holds(home: Home) -> None:
    declare(
        home,
        '2026-05-01 custom "as-of" 2026-10-31',
        '2026-05-01 custom "as-of" 2026-04-30',
    )
    assert every_way(home) == {dt.date(2026, 10, 31)}


def test_one_that_is_none_sets_no_day_and_is_found_where_it_stands(home: Home) -> None:
    declare(home, '2026-05-01 custom "as-of" "2026-10-31"')
    assert every_way(home) == {dt.date(2026, 9, 20)}
    (found,) = [f for f in run_rules(read(home.main_root)) if f.code == "LINT-REGISTRY"]
    assert (found.file, found.line) == ("rules/policy.beancount", 4)
    assert '2026-05-01 custom "as-of" 2026-05-01' in found.message


def test_a_directive_that_changes_is_seen_by_a_warm_reading_too(home: Home) -> None:
    declare(home, '2026-05-01 custom "as-of" 2026-10-31')
    assert late(read(home.main_root, home=home)) == ["VEIL-024 warning"]
    declare(home, '2026-05-01 custom "as-of" 2026-10-01')
    assert late(read(home.main_root, home=home)) == ["VEIL-024 info"]
    assert late(cold_books(home)) == ["VEIL-024 info"]


def test_bean_check_and_fava_judge_as_of_the_day_that_is_declared(home: Home) -> None:
    declare(home, '2026-05-01 custom "as-of" 2027-03-31')
    for root in (home.main_root, home.ledger / "acme/main.beancount"):
        entries, _, options = loader.load_file(str(root))
        _, errors = veil(entries, options, "")
        assert any("VEIL-024" in error.message for error in errors)


def test_an_edit_of_it_is_read_warm_as_it_is_cold(little: Little) -> None:
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Bank  5 USD\n  Equity:Opening\n')
    for day in ("2026-04-30", "2025-12-31", '"no day"'):
        little.write("2026/policy", f'2026-01-01 custom "as-of" {day}\n')
        little.read()
