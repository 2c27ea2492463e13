"""The group is parsed once: each entity's view says what its own root says when loaded alone."""

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import pytest
from beancount.core import data
from crash_deeds import new_home
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.view import entity_view
from plugins.run import run_rules

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = {"Acme": "acme", "Jane": "jane"}
# Good and bad entries of either entity; what is wrong must be told of one and not of the other.
ENTRIES = {
    "Acme": (
        '{day} * "Paper"\n  Expenses:Acme:Office  {n}.00 USD\n  Liabilities:Acme:AP\n',
        '{day} * "Draw" ^ic-26-{n:06}\n  transfer: "distribution"\n'
        "  Equity:Acme:Members:Jane:Distributions  {n}.00 USD\n  Liabilities:Acme:AP\n",
        '{day} * "Not open"\n  Expenses:Acme:Nothing{n}  1.00 USD\n  Liabilities:Acme:AP\n',
        "{day} balance Liabilities:Acme:AP  {n}.00 USD\n",
        '{day} * "Not level"\n  Expenses:Acme:Office  {n}.00 USD\n'
        "  Liabilities:Acme:AP  1.00 USD\n",
        '{day} note Liabilities:Acme:AP "number {n}"\n',
    ),
    "Jane": (
        '{day} * "Draw" ^ic-26-{n:06}\n  transfer: "distribution"\n'
        "  Assets:Jane:Cash  {n}.00 USD\n  Assets:Jane:InvestIn:Acme\n",
        '{day} * "Groceries"\n  Expenses:Jane:Other  {n}.00 USD\n  Assets:Jane:Cash\n',
        "{day} balance Assets:Jane:Cash  -{n}.00 USD\n",
        "{day} price EUR  1.{n} USD\n",
    ),
}  # fmt: skip


def said(books: Books) -> list[tuple[str, str, int, str]]:
    found = [*books.findings, *run_rules(books)]
    return sorted((f.code, f.file, f.line, f.message) for f in found)


def told(books: Books) -> list[tuple[object, ...]]:
    """Every entry by what it says: type, date, and for a transaction its postings."""
    return [
        (type(e).__name__, e.date, getattr(e, "account", ""), getattr(e, "postings", None))
        for e in books.entries
        if not isinstance(e, data.Custom)
    ]


def agrees(home: Home, group: Books, name: str) -> None:
    root = home.ledger / group.registry.entities[name].folder / "main.beancount"
    alone, view = read(root, home=home), entity_view(group, name, home)
    assert told(view) == told(alone)
    assert said(view) == said(alone)
    assert view.accounts == alone.accounts
    assert (view.as_of, view.kind) == (alone.as_of, alone.kind)
    assert view.options["title"] == alone.options["title"]


KINDS = st.sampled_from([(who, text) for who, texts in ENTRIES.items() for text in texts])


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return new_home(tmp_path_factory.mktemp("view") / "books")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(KINDS, st.integers(1, 28), st.integers(1, 99)), max_size=8))
def test_a_view_agrees_with_the_root_alone(
    start: Home, drawn: list[tuple[tuple[str, str], int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).resolve())
        for part in ("ledger", "rules"):
            shutil.copytree(start.path / part, home.path / part)
        texts: dict[str, list[str]] = {name: [] for name in FOLDERS}
        for (name, text), day, number in drawn:
            texts[name].append(text.format(day=dt.date(2026, 9, day), n=number))
        for name, entries in texts.items():
            month = home.ledger / FOLDERS[name] / "2026/2026-09.beancount"
            month.write_text("\n".join(entries))
        group = read(home.main_root, home=home)
        for name in FOLDERS:
            agrees(home, group, name)


def test_the_views_of_the_example_agree_with_its_roots() -> None:
    home = Home(CHECKOUT)
    group = read(home.main_root, home=home)
    for root in home.entity_roots:
        (name,) = [n for n, e in group.registry.entities.items() if e.folder == root.parent.name]
        agrees(home, group, name)
