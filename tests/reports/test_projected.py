"""Statements from tables are those from entries, figure by figure."""

import shutil
from pathlib import Path

import pytest

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.period import parse_period
from reports.catalogue import REPORTS
from reports.model import Report
from reports.projected import from_tables
from reports.render import to_json
from scripts.books import check

CHECKOUT = Path(__file__).resolve().parents[2]
PERIODS = ("2025", "2026-Q3", "2026-09", "FY2026", "2024", "2027")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The example, with entries that nobody has reviewed."""
    path = tmp_path_factory.mktemp("projected") / "home"
    for room in ("ledger", "rules"):
        shutil.copytree(CHECKOUT / room, path / room)
    month = path / "ledger/acme/2026/2026-09.beancount"
    month.write_text(month.read_text().replace("\n  receipt:", '\n  review: "yes"\n  receipt:', 2))
    return Home(path)


@pytest.fixture(scope="module")
def books(home: Home) -> Books:
    return read(home.main_root, home=home)


@pytest.mark.parametrize("entity", ["Jane", "Acme", "Harbor", "AcmeIndia"])
@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("period", PERIODS)
def test_tables_say_what_entries_say(books: Books, entity: str, name: str, period: str) -> None:
    when = parse_period(period, books.registry.entities[entity].fiscal_year_end)

    def made() -> Report:
        return REPORTS[name](books, entity, when)

    books.memo.clear()
    wanted = to_json(made())
    books.memo.clear()
    assert to_json(from_tables(books, check(books), made)) == wanted
