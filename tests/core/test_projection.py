"""The projection says what the books say, after any edits."""

import datetime as dt
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from crash_deeds import new_home
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projected import (
    ACCOUNTS,
    FOUND,
    LAST,
    NAMES,
    SALE,
    agree,
    booked,
    from_nothing,
    tables,
)

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.period import parse_period
from core.projection import queries
from core.projection.projection import Projection
from core.projection.sync import path_of, synced
from plugins.run import run_rules
from reports.trial_balance import trial_balance

CHECKOUT = Path(__file__).resolve().parents[2]
ENTRIES = (
    SALE,
    '{day} ! "Café \\"Zur Post\\", Wien" "a, b\n  c;\r \'d\'" #tag-{n} ^l-{n} #two\n'
    '  who: "x, \\"y\\"\nz"\n  sum: 1.50 USD\n'
    '  Expenses:Acme:Office  {n}.00 USD\n    id: "bank,{n}"\n    on: 2026-01-02\n'
    "  Liabilities:Acme:AP\n",
    '{day} * "" ""\n  Assets:Acme:Cash  -3.00 EUR @ 1.{n} USD\n  Equity:Acme:Start\n',
    '{day} * "Quotient"\n  Assets:Acme:Cash  -{n} INR @@ 7.00 USD\n  Equity:Acme:Start\n',
    '{day} * "Lot"\n  Assets:Acme:Goods  {n} PIECE {{{n}.50 USD}}\n  Equity:Acme:Start\n',
    '{day} * "Sold"\n  Assets:Acme:Goods  -1 PIECE {{}} @ 9 USD\n  Assets:Acme:Cash  9 USD\n'
    "  Expenses:Acme:Sold\n",
    "{day} price EUR  1.{n} USD\n",
    "{day} pad Assets:Jane:Cash Equity:Jane:Start\n2026-12-20 balance Assets:Jane:Cash  {n} USD\n",
    '{day} * "Draw" ^l-{n}\n  Assets:Jane:Cash  {n}.00 USD\n  Equity:Jane:Start\n',
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = new_home(tmp_path_factory.mktemp("projection") / "books")
    (home.ledger / "acme/2020").mkdir(exist_ok=True)
    (home.ledger / "acme/2020/2020-01.beancount").write_text(ACCOUNTS)
    return home


def copied(start: Home, folder: str) -> Home:
    home = Home(Path(folder).resolve())
    for part in ("ledger", "rules"):
        shutil.copytree(start.path / part, home.path / part)
    return home


EDITS = st.lists(
    st.tuples(
        st.sampled_from(("insert", "insert", "insert", "change", "delete", "move", "rename")),
        st.integers(0, 2),
        st.integers(0, 30),
        st.sampled_from(ENTRIES),
        st.integers(1, 28),
        st.integers(1, 99),
    ),
    min_size=1,
    max_size=8,
)


def edited(files: list[list[str]], suffixes: list[str], edit: tuple[Any, ...]) -> None:
    """Does one edit to the files, which are lists of entries."""
    kind, file, place, text, day, n = edit
    entry = text.format(day=dt.date(2026, 6 + file, day), n=n)
    own = files[file]
    if kind == "rename":
        suffixes[file] += "x"
    elif kind == "insert" or not own:
        own.insert(place % (len(own) + 1), entry)
    elif kind == "change":
        own[place % len(own)] = entry
    elif kind == "delete":
        own.pop(place % len(own))
    else:
        files[(file + 1) % 3].append(own.pop(place % len(own)))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EDITS, st.dates(dt.date(2026, 6, 1), dt.date(2026, 9, 1)))
def test_after_any_edits_it_is_the_one_made_from_nothing(
    start: Home, edits: list[tuple[Any, ...]], day: dt.date
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = copied(start, folder)
        files: list[list[str]] = [[], [], []]
        suffixes = ["", "", ""]
        for edit in edits:
            edited(files, suffixes, edit)
            for path in home.ledger.glob("acme/2026/*"):
                path.unlink()
            for name, suffix, own in zip(NAMES, suffixes, files, strict=True):
                path = home.path / name.replace(".bean", f"{suffix}.bean")
                path.write_text("\n".join(own), newline="")
            books = read(home.main_root, home=home)
            with (
                synced(books, [FOUND]) as projection,
                from_nothing(books, [FOUND]) as other,
            ):
                assert books.parts
                assert path_of(books, books.parts).is_file()
                own_tables = tables(projection, "files", "meta")
                assert own_tables == tables(other, "files", "meta")
                idents = {(books.relative(p.name), p.ident) for p in books.parts.pieces}
                assert set(projection.rows("FROM books.files")) == idents
        with synced(books, [FOUND]) as projection:
            agree(projection, books, day, LAST)


def test_the_example_has_the_figures_of_its_trial_balances() -> None:
    home = Home(CHECKOUT)
    books = read(home.main_root, home=home)
    with synced(books, run_rules(books)) as projection:
        agree(projection, books, dt.date(2025, 12, 17), dt.date(2026, 9, 30), LAST)
        for entity in books.registry.entities:
            for name in ("2025", "2026-Q3", "2026-07"):
                agrees_with_report(projection, books, entity, name)


def agrees_with_report(projection: Projection, books: Books, entity: str, name: str) -> None:
    """Closing columns are the balances, and the period's difference is the sum of the months."""
    period = parse_period(name)
    report = trial_balance(books, entity, period)
    closing: dict[tuple[str, str], Decimal] = {}
    moved: dict[tuple[str, str], Decimal] = {}
    currencies = [i.name.rpartition(", ")[2] for i in report.identities][::3]
    block = currencies[0] if currencies else ""
    for row in report.rows:
        if row.kind == "heading":
            block = row.label
        elif row.kind != "total":
            amounts = [amount or Decimal(0) for amount in row.amounts]
            closing[row.label, block] = amounts[4] - amounts[5]
            moved[row.label, block] = amounts[2] - amounts[3]
    found = queries.balances(projection, entity, period.last)
    got = {(b.account, c): n for b in found for c, n in b.weight.items()}
    assert got == {key: n for key, n in closing.items() if n}
    sums: dict[tuple[str, str], Decimal] = {}
    for each in queries.monthly(projection, entity, period.first, period.last):
        key = (each.account, each.weight_currency)
        sums[key] = sums.get(key, Decimal(0)) + each.weight
    assert {k: n for k, n in sums.items() if n} == {k: n for k, n in moved.items() if n}


def test_a_period_that_cuts_months_is_the_sum_of_its_movements() -> None:
    home = Home(CHECKOUT)
    books = read(home.main_root, home=home)
    with synced(books, []) as projection:
        for first, last in (
            (dt.date(2025, 8, 9), dt.date(2026, 3, 14)),
            (dt.date(2026, 3, 9), dt.date(2026, 3, 14)),
            (dt.date(2026, 3, 9), dt.date(2026, 4, 30)),
            (dt.date(2026, 3, 1), dt.date(2026, 4, 1)),
        ):
            sums = queries.monthly(projection, "Acme", first, last)
            by_account: dict[str, Decimal] = {}
            for each in sums:
                by_account[each.account] = by_account.get(each.account, Decimal(0)) + each.weight
            for account, number in by_account.items():
                moves = queries.movements(projection, account, first, last)
                own = [m.weight for m in moves if m.account == account]
                assert sum(own) == number


def test_a_search_finds_by_words_amounts_tags_links_and_accounts(home, write) -> None:
    books = booked(
        home,
        write,
        SALE.format(day="2026-06-01", n=12),
        '2026-06-02 * "Café 100%" "Espresso_x" #trip ^inv-7\n'
        "  Expenses:Acme:Office  1,250.00 USD\n  Liabilities:Acme:AP\n",
    )

    with synced(books, []) as projection:

        def days(text: str, **how: Any) -> list[int]:
            return [hit.date.day for hit in queries.search(projection, text, **how)]

        assert days("") == [2, 1]
        assert days("", limit=1) == [2]
        assert days("SHOP sale") == [1]
        assert days("café") == [2]
        assert days("0%") == [2]
        assert days("o_x") == [2]
        assert days("e%x") == []
        assert days("12.25") == days("-12.25") == days("12.250") == [1]
        assert days("1,250") == [2]
        assert days("#trip") == days("^inv-7") == days("liabilities:acme") == [2]
        assert days("#tri") == days("shop espresso") == []
        assert days("", entity="Jane") == []
        (hit,) = queries.search(projection, "#trip")
        assert (hit.transaction, hit.line) == (f"{NAMES[0]}:5", 5)


def test_unchanged_books_do_not_touch_the_file(home, write) -> None:
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    synced(books, []).close()
    path = path_of(books, books.parts)
    before = path.stat()
    synced(read(home.main_root, home=home), []).close()
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_an_edit_writes_only_its_file_again(home, write, caplog) -> None:
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    synced(books, []).close()
    write(NAMES[0], SALE.format(day="2026-06-02", n=13))
    caplog.set_level("INFO", "bulkhead")
    synced(read(home.main_root, home=home), []).close()
    assert " 1 files written again" in caplog.text


def test_other_findings_are_other_rows(home, write) -> None:
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    synced(books, []).close()
    with synced(books, [FOUND]) as projection:
        assert projection.rows("SELECT code, entities FROM books.findings") == [
            ("VEIL-006", ["Acme"])
        ]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(), max_size=6))
def test_any_text_arrives_as_it_was(start: Home, texts: list[str]) -> None:
    books = read(start.main_root, home=start)
    found = [replace(FOUND, message=text) for text in ["\ufeff\r", '\\N,"', "a\0b", *texts]]
    with synced(books, found) as projection:
        rows = projection.rows("SELECT message FROM books.findings")
        assert sorted(text for (text,) in rows) == sorted(each.message for each in found)


def test_many_threads_may_ask_at_once() -> None:
    books = read(Home(CHECKOUT).main_root, home=Home(CHECKOUT))
    with synced(books, []) as projection, ThreadPoolExecutor(8) as pool:
        days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(200)]
        ask = partial(queries.balances, projection, "Acme")
        assert list(pool.map(ask, days)) == [ask(day) for day in days]


def test_movements_of_an_account_and_those_beneath_it(home, write) -> None:
    entry = (
        '2026-06-0{} * "Shop" "Pens" #new ^inv-1\n  Liabilities:Acme:AP  -{}.10 USD\n'
        '    id: "bank-{}"\n  Expenses:Acme:Office\n'
    )
    books = booked(home, write, *(entry.format(day, day, day) for day in (3, 1, 2)))
    with synced(books, []) as projection:

        def found(account: str, last: int = 30) -> tuple[queries.Movement, ...]:
            first = dt.date(2026, 6, 2)
            return queries.movements(projection, account, first, dt.date(2026, 6, last))

        assert [m.date.day for m in found("Liabilities:Acme")] == [2, 3]
        assert found("Liabilities:Acm") == ()
        assert found("Liabilities:Acme:AP", last=2) == (
            queries.Movement(
                transaction=f"{NAMES[0]}:11",
                file=NAMES[0],
                line=12,
                date=dt.date(2026, 6, 2),
                account="Liabilities:Acme:AP",
                payee="Shop",
                narration="Pens",
                tags=("new",),
                links=("inv-1",),
                units=Decimal("-2.10"),
                currency="USD",
                weight=Decimal("-2.10"),
                weight_currency="USD",
                import_id="bank-2",
            ),
        )


def test_who_has_it_open_goes_on_seeing_the_same_books(home, write) -> None:
    books = booked(home, write, SALE.format(day="2026-06-01", n=12))
    with synced(books, []) as before:
        write(NAMES[0], SALE.format(day="2026-06-01", n=44))
        later = read(home.main_root, home=home)
        with synced(later, []) as after:
            agree(after, later, LAST)
            agree(before, books, LAST)


def test_a_new_entity_owns_its_postings_from_then_on(home, write) -> None:
    entry = '2026-06-01 * "Other"\n  Assets:Other:Cash  1 USD\n  Equity:Other:Start\n'
    opens = "".join(f"2020-01-01 open {a}\n" for a in ("Assets:Other:Cash", "Equity:Other:Start"))
    books = booked(home, write, opens, entry)
    with synced(books, []) as projection:
        assert queries.balances(projection, "Other", LAST) == ()
    registry = home.ledger / "registry.beancount"
    registry.write_text(f'{registry.read_text()}\n2020-01-01 custom "entity" "Other" "llc"\n')
    books = read(home.main_root, home=home)
    with synced(books, []) as projection:
        assert len(queries.balances(projection, "Other", LAST)) == 2
