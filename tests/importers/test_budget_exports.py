"""Exports of YNAB and Actual: read within limits, taken over as a budget that adds up."""

import datetime as dt
import io
import sqlite3
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from budgeted import books_of, month
from hypothesis import given
from hypothesis import strategies as st

from core.budget.month import month_named
from core.findings import UserError
from core.journal.books import Books
from core.journal.render import render
from importers.budgets.export import BudgetExport, read_export
from importers.budgets.taken import Taken, taken_over
from importers.budgets.ynab import _number, _point
from importers.statement import RefusedFileError

D = Decimal
TODAY = dt.date(2026, 2, 20)
BOOKS = """
2025-12-01 custom "entity" "Jane" "person"
2025-12-01 open Assets:Jane:Bank
  role: "bank"
2025-12-01 open Liabilities:Jane:Card:Visa
  role: "card"
2025-12-01 open Income:Jane:Salary
2025-12-01 open Expenses:Jane:Food:Groceries
2025-12-01 open Expenses:Jane:Rent
2025-12-01 open Equity:Jane:OpeningBalances
2026-01-01 * "Opening"
  Assets:Jane:Bank  5000.00 USD
  Equity:Jane:OpeningBalances
"""
CASES = Path(__file__).resolve().parents[1] / "cases" / "budget"
PLAN, REGISTER = (
    (CASES / f"ynab-{name}.csv").read_text(encoding="utf-8") for name in ("plan", "register")
)
HEAD = PLAN.splitlines()[0].lstrip("\ufeff")


def zipped(path: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in members.items():
            packed.writestr(name, body)
    return path


def ynab(folder: Path, plan: str = PLAN, register: str = REGISTER) -> BudgetExport:
    stem = "My Plan as of 2026-02-20 10-22 - "
    members = {f"{stem}Plan.csv": plan, f"{stem}Register.csv": register}
    return read_export(zipped(folder / "ynab.zip", **members))


def actual(folder: Path, more: str = "") -> BudgetExport:
    with sqlite3.connect(":memory:") as database:
        database.executescript(f"{SCHEMA}{more}")
        raw = database.serialize()
    return read_export(zipped(folder / "actual.zip", **{"db.sqlite": raw, "metadata.json": "{}"}))


def taken(export: BudgetExport, text: str = BOOKS, **how: object) -> Taken:
    books = books_of(text)
    owner = books.registry.entities["Jane"]
    return taken_over(export, books, owner, today=TODAY, **how)  # type: ignore[arg-type]


def with_orders(found: Taken, text: str = BOOKS) -> Books:
    return books_of(text + "\n" + "\n".join(render(order).text for order in found.orders))


def test_ynab_begins_with_what_was_left_and_what_is_assigned(tmp_path: Path) -> None:
    found = taken(ynab(tmp_path))
    assert found.month == month_named("2026-02")  # today's; March is ahead
    books = with_orders(found)
    done = month(books, "2026-02")
    assert {e.name: e.assigned for e in done.envelopes} == {
        "Rent": D("1200.00"),
        "🛒 Groceries": D("500.00"),  # 80 left of January, and 420
        "Fun ”money”": D("10.00"),  # what was missing is not carried
    }
    assert [(c.card.name, c.assigned) for c in done.cards] == [("Visa", D("90.00"))]
    assert done.ahead == D("300.00")  # what March has is no longer ready
    assert done.ready == 5000 - 1200 - 500 - 10 - 90 - 300
    assert done.gap == 0
    accounts = {e.name: e.accounts for e in done.budget.envelopes}
    assert accounts["🛒 Groceries"] == ("Expenses:Jane:Food:Groceries",)
    assert accounts["Rent"] == ("Expenses:Jane:Rent",)
    assert done.budget.card_model == "payment"
    assert 'group: "Daily"' in "\n".join(render(order).text for order in found.orders)


def test_what_is_not_taken_over_is_said(tmp_path: Path) -> None:
    said = " | ".join(taken(ynab(tmp_path)).remarks)
    assert "YNAB exports no targets" in said
    assert "Old: no card account of that name" in said
    assert "without an account: Fun ”money”" in said
    assert "the register" not in said  # the two agree


def test_a_register_of_another_export_is_noticed(tmp_path: Path) -> None:
    found = ynab(tmp_path, register=REGISTER.replace("$420.00,$0.00", "$421.00,$0.00"))
    assert any("activity, the register -421.00" in each for each in found.remarks)


def test_a_category_is_mapped_by_hand(tmp_path: Path) -> None:
    mapped = {'daily: fun "money"': "Expenses:Jane:Rent"}
    found = taken(ynab(tmp_path), accounts=mapped)
    budget = month(with_orders(found), "2026-02").budget
    assert {e.name: e.accounts for e in budget.envelopes}["Fun ”money”"] == ()  # Rent has it
    with pytest.raises(UserError, match="no category “Pets”"):
        taken(ynab(tmp_path), accounts={"Pets": "Expenses:Jane:Rent"})
    with pytest.raises(UserError, match="no account Expenses:Jane:Nope"):
        taken(ynab(tmp_path), accounts={"Rent": "Expenses:Jane:Nope"})


def test_an_older_export_in_euros_with_tabs(tmp_path: Path) -> None:
    rows = [
        HEAD.replace("Assigned", "Budgeted").replace('"', ""),
        "Jun 2019,Home: Rent,Home,Rent,€1.144;36,-€197;44,€0;00",
        "Jul 2019,Home: Rent,Home,Rent,150;00€,-11;51€,138;49€",
    ]
    path = tmp_path / "Budget.tsv"
    path.write_text("\n".join(rows).replace(",", "\t").replace(";", ","))
    (rent,) = read_export(path).categories
    assert rent.assigned == {month_named("2019-06"): D("1144.36"), month_named("2019-07"): D(150)}
    assert rent.available[month_named("2019-07")] == D("138.49")


@given(
    st.integers(-(10**9), 10**9),
    st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ","), ("’", ".")]),
    st.sampled_from(["${}", "{}€", "kr {}", "{}"]),
)
def test_an_amount_in_any_of_the_formats_is_itself(
    cents: int, marks: tuple[str, str], sign: str
) -> None:
    group, point = marks
    text = f"{abs(cents) // 100:,}".replace(",", group) + point + f"{abs(cents) % 100:02}"
    shown = ("-" if cents < 0 else "") + sign.format(text)
    assert _number(shown, _point([shown]), 2) == Decimal(cents) / 100


SCHEMA = """
create table preferences (id text primary key, value text);
create table accounts (id text primary key, name text, offbudget integer, tombstone integer);
create table category_groups (id text primary key, name text, is_income integer, sort_order real,
  tombstone integer);
create table categories (id text primary key, name text, is_income integer, cat_group text,
  sort_order real, tombstone integer, goal_def text);
create table category_mapping (id text primary key, transferId text);
create table zero_budgets (id text primary key, month integer, category text, amount integer,
  carryover integer);
create table zero_budget_months (id text primary key, buffered integer);
create table transactions (id text primary key, isParent integer, isChild integer, acct text,
  category text, amount integer, date integer, tombstone integer);
insert into preferences values ('budgetType', 'envelope');
insert into accounts values ('a', 'Checking', 0, 0), ('off', 'House', 1, 0);
insert into category_groups values ('g', 'Usual', 0, 1, 0), ('i', 'Income', 1, 2, 0);
insert into categories values
  ('rent', 'Rent', 0, 'g', 1, 0, null),
  ('food', 'Groceries', 0, 'g', 2, 0, '[{"type":"simple","monthly":400}]'),
  ('work', 'Work', 0, 'g', 3, 0, null),
  ('car', 'Car', 0, 'g', 4, 0, '[{"type":"by","amount":600.5,"month":"2026-12"}]'),
  ('gone', 'Gone', 0, 'g', 5, 1, null),
  ('pay', 'Salary', 1, 'i', 1, 0, null);
insert into category_mapping values ('rent','rent'), ('food','food'), ('gone','food');
insert into zero_budgets values
  ('1', 202601, 'rent', 120000, 0), ('2', 202601, 'food', 50000, 0),
  ('3', 202601, 'work', 0, 1), ('4', 202602, 'work', 0, 1),
  ('5', 202602, 'rent', 120000, 0), ('6', 202602, 'food', 42000, 0),
  ('7', 202602, 'car', 5505, 0);
insert into zero_budget_months values ('2026-01', 30000), ('2026-02', 10000);
insert into transactions values
  ('t1', 0, 0, 'a', 'rent', -120000, 20260103, 0),
  ('t2', 1, 0, 'a', null, -45000, 20260110, 0),
  ('t3', 0, 1, 'a', 'food', -40000, 20260110, 0),
  ('t4', 0, 1, 'a', 'gone', -5000, 20260110, 0),
  ('t5', 0, 0, 'a', 'food', -99900, 20260111, 1),
  ('t6', 0, 0, 'off', 'food', -77700, 20260111, 0),
  ('t7', 0, 0, 'a', 'work', -8000, 20260120, 0);
"""


def test_actual_leaves_what_its_transactions_left(tmp_path: Path) -> None:
    found = actual(tmp_path)
    january = {e.name: e.available.get(month_named("2026-01")) for e in found.categories}
    # 500 - 400 - 50 of a category merged into it; deleted and off-budget lines do not count
    assert january == {"Rent": 0, "Groceries": D("50.00"), "Work": D("-80.00"), "Car": None}
    assert "Groceries: its template (simple) is not taken over" in found.remarks


def test_actual_becomes_a_pool_with_its_hold_and_target(tmp_path: Path) -> None:
    books = with_orders(taken(actual(tmp_path)))
    done = month(books, "2026-02")
    assert {e.name: e.assigned for e in done.envelopes} == {
        "Rent": D("1200.00"),
        "Groceries": D("470.00"),
        "Car": D("55.05"),
    }
    assert (done.budget.card_model, done.hold) == ("pool", D("100.00"))
    (target,) = done.budget.targets
    assert (target.envelope, target.amount) == ("Car", D("600.50"))
    assert target.date == dt.date(2026, 12, 31)
    assert done.gap == 0


def test_a_tracking_budget_has_no_envelopes(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError, match="tracking budget"):
        actual(tmp_path, "update preferences set value = 'tracking';")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"SQLite format 3\x00" + b"\x00" * 200, "no budget of Actual"),
        (b"PK\x03\x04 and nothing", "no zip"),
        (b"Date,Amount\n2026-01-01,1.00\n", "no column Month"),
        (b"\xff\xfe\x00", "not text"),
        (PLAN.replace("Jan 2026", "janv. 2026").encode(), "no month as YNAB writes it"),
        (PLAN.replace("$420.00,$0.00,$500", "$420.00,$0.00,$x").encode(), "is no amount"),
        (PLAN.replace("$500.00,-$420", '"€500,00",-$420').encode(), "with a comma"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "export"
    path.write_bytes(body)
    with pytest.raises(RefusedFileError, match=said):
        read_export(path)


def test_a_zip_that_swells_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("Plan.csv", b"\0" * 70_000_000)
    path = tmp_path / "bomb.zip"
    path.write_bytes(packed.getvalue())
    with pytest.raises(RefusedFileError, match="more than a budget"):
        read_export(path)


def test_a_database_that_never_ends_is_given_up(tmp_path: Path) -> None:
    endless = """
drop table zero_budget_months;
create view zero_budget_months as with recursive n(i) as (select 1 union all select i + 1 from n)
  select '2026-01' as id, 0 as buffered from n;
"""
    with pytest.raises(RefusedFileError, match="interrupted"):
        actual(tmp_path, endless)


def test_an_empty_budget_and_a_month_after_it_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing was ever assigned"):
        taken(actual(tmp_path, "delete from zero_budgets;"))
    with pytest.raises(UserError, match="newest month with anything assigned is 2026-02"):
        taken(actual(tmp_path), month=month_named("2026-03"))
