"""``books export parquet``: what is written says what the books say, and only where it was told."""

import re
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from beancount.core import convert
from click.testing import CliRunner

from core.home import Home
from core.journal.read import read
from core.projection.schema import TABLES
from scripts.main import cli

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = (CHECKOUT / "docs/projection.md").read_text()
EXACTLY = Context(prec=100)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as Parquet files."""
    target = tmp_path_factory.mktemp("export") / "tables"
    export(CHECKOUT, "--to", target)
    return target


def export(home: Path, *args: object, code: int = 0) -> str:
    given = ["--home", str(home), "export", "parquet", *map(str, args)]
    result = CliRunner().invoke(cli, given)
    error = result.exception
    told = result.output if isinstance(error, SystemExit | None) else f"{error}"
    assert (result.exit_code == 0) == (code == 0), told
    return told


def asked(folder: Path, what: str, files: str) -> list[tuple[Any, ...]]:
    """What a reader who knows nothing of us finds in the files."""
    reader = f"read_parquet('{folder}/{files}', hive_partitioning = true)"
    return duckdb.sql(f"SELECT {what} FROM {reader} GROUP BY ALL").fetchall()  # noqa: S608


def test_another_reader_finds_the_sums_of_the_books(tables: Path) -> None:
    home = Home(CHECKOUT)
    books = read(home.main_root, home=home)
    wanted: dict[tuple[str | None, int, str, str], Decimal] = {}
    for txn in books.transactions:
        for posting in txn.postings:
            weight = convert.get_weight(posting)
            entity = books.registry.ent(posting.account)
            key = (entity, txn.date.year, posting.account, weight.currency)
            wanted[key] = EXACTLY.add(wanted.get(key, Decimal(0)), weight.number)
    what = "entity, year, account, weight_currency, sum(weight)"
    rows = asked(tables, what, "postings/**/*.parquet")
    assert {tuple(key): number for *key, number in rows} == wanted
    months = asked(tables, what.replace("year", "year(month)"), "balances.parquet")
    assert {tuple(key): number for *key, number in months} == wanted
    ((count,),) = asked(tables, "count(DISTINCT id)", "transactions/**/*.parquet")
    assert count == len(books.transactions)
    accounts = asked(tables, "account", "accounts.parquet")
    assert {name for (name,) in accounts} == set(books.accounts)


def test_one_entity_and_year_have_a_folder_of_their_own(tables: Path, tmp_path: Path) -> None:
    folder = tables / "postings/entity=Acme/year=2026"
    assert list(folder.glob("*.parquet"))
    told = export(CHECKOUT, "--to", tmp_path / "one", "--entity", "acme", "--year", 2026)
    assert [p.name for p in (tmp_path / "one/postings").iterdir()] == ["entity=Acme"]
    assert [p.name for p in (tmp_path / "one/postings/entity=Acme").iterdir()] == ["year=2026"]
    sums = [
        asked(path, "count(*), sum(weight)", "*.parquet")
        for path in (folder, tmp_path / "one/postings/entity=Acme/year=2026")
    ]
    assert sums[0] == sums[1]
    assert f"wrote {tmp_path / 'one/postings'}: {sums[0][0][0]} rows" in told


def test_a_folder_in_use_needs_force_which_leaves_the_rest_alone(home: Home, tmp_path) -> None:
    target = tmp_path / "tables"
    (target / "postings/entity=Old").mkdir(parents=True)
    (target / "mine.txt").write_text("mine")
    assert "is not empty; nothing was written" in export(home.path, "--to", target, code=2)
    assert sorted(p.name for p in target.iterdir()) == ["mine.txt", "postings"]
    export(home.path, "--to", target, "--force")
    assert (target / "mine.txt").read_text() == "mine"
    assert not (target / "postings/entity=Old").exists()
    assert sorted(p.name for p in target.iterdir()) == [
        "accounts.parquet",
        "balances.parquet",
        "mine.txt",
        "postings",
        "prices.parquet",
        "transactions",
    ]


def test_nothing_is_written_into_the_books(home: Home) -> None:
    assert "part of the books" in export(home.path, "--to", home.ledger / "tables", code=2)
    assert not (home.ledger / "tables").exists()


def test_books_that_would_have_to_be_rounded_are_refused(home: Home, write, tmp_path) -> None:
    write(
        "ledger/acme/2026/2026-06.beancount",
        "2026-06-01 open Assets:Acme:Coins\n\n"
        f'2026-06-01 * "Long"\n  Assets:Acme:Coins  {"1" * 25} COIN\n  Expenses:Acme:Office\n',
    )
    assert "without rounding" in export(home.path, "--to", tmp_path / "tables", code=1)
    assert not (tmp_path / "tables").exists()


EXAMPLES = re.findall(r"```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", PAGE, re.DOTALL)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize(("query", "shown"), EXAMPLES)
def test_the_examples_of_the_page_are_what_the_example_gives(
    tables: Path, monkeypatch, query: str, shown: str
) -> None:
    monkeypatch.chdir(tables.parent)
    found = duckdb.sql(query)
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in shown.splitlines()
    ]
    assert head == found.columns
    assert rows == [[str(value) for value in row] for row in found.fetchall()]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_is_explained(table: str) -> None:
    alone = re.search(rf"^\| `{table}` \| (.*)$", PAGE, re.MULTILINE)
    section = re.search(rf"^## `{table}`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = section or alone
    assert found, table
    columns = ("schema", "scales", "state") if table == "meta" else TABLES[table]
    assert [name for name in columns if f"`{name}`" not in found[1]] == []
