"""``books budget``: the month as documented, on any root file; and decisions through the door."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from budgeted import JANUARY

from core import git
from core.home import Home
from scripts.main import main

GOLDEN = JANUARY.parent
BUDGET = """
2026-01-01 open Assets:Jane:Bank  USD
2026-01-01 open Liabilities:Jane:Card:Visa  USD
2026-01-01 open Income:Jane:Salary
2026-01-01 open Expenses:Jane:Food
2026-01-01 custom "bud-config" "Jane" "envelope" "USD"
2026-01-01 custom "bud-account" Assets:Jane:Bank "cash"
2026-01-01 custom "bud-account" Liabilities:Jane:Card:Visa "credit"
2026-01-01 custom "bud-envelope" "Jane" "Food" Expenses:Jane:Food "rollover"
2026-01-01 custom "bud-envelope" "Jane" "Car" "rollover"
2026-01-01 custom "bud-target" "Jane" "Car" 2400.00 USD 2026-12-01
"""
MONTH = """;; January
2026-01-02 * "Employer" "Salary"
  Assets:Jane:Bank  1000.00 USD
  Income:Jane:Salary

2026-01-10 * "Dinner"
  Expenses:Jane:Food  30.00 USD
  Liabilities:Jane:Card:Visa
"""
Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``books budget`` with arguments, and gives what it said."""
    monkeypatch.delenv("BOOKS_HOME", raising=False)

    def budget(*args: str, code: int = 0) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["budget", *args])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out if code == 0 else said.out + said.err

    return budget


@pytest.fixture
def household(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which Jane has a budget and a month of entries."""
    accounts = home.ledger / "jane" / "accounts.beancount"
    accounts.write_text(accounts.read_text() + BUDGET)
    month = home.ledger / "jane" / "2026" / "2026-01.beancount"
    month.parent.mkdir(parents=True, exist_ok=True)
    month.write_text(MONTH)
    git.commit(home.path, [Path()], "A budget", {})
    monkeypatch.chdir(home.path)
    return home


def month_of(run: Run, month: str = "2026-01") -> dict[str, object]:
    found: dict[str, object] = json.loads(run("-m", month, "--format", "json"))
    return found


def available(found: dict[str, object]) -> dict[str, str]:
    envelopes = found["envelopes"]
    assert isinstance(envelopes, list)
    return {each["name"]: each["available"] for each in envelopes}


@pytest.mark.parametrize(
    ("form", "suffix"), [("text", "txt"), ("json", "json"), ("md", "md"), ("html", "html")]
)
def test_case_i_7_in_every_form(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, suffix: str
) -> None:
    shutil.copy(JANUARY, tmp_path / "anywhere.beancount")
    monkeypatch.chdir(tmp_path)
    said = run("--file", "anywhere.beancount", "-m", "2026-01", "--format", form)
    golden = GOLDEN / f"january.{suffix}"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.write_text(said)
    assert said == golden.read_text()


def test_a_month_is_one_object_and_a_range_a_list(run: Run) -> None:
    file = str(JANUARY)
    one = json.loads(run("--file", file, "--month", "2026-02", "--format", "json"))
    several = json.loads(run("--file", file, "-m", "2026-01..2026-03", "--format", "json"))
    assert [each["month"] for each in several] == ["2026-01", "2026-02", "2026-03"]
    assert several[1] == one
    assert one["ready_to_assign"] == "0.00"
    assert json.loads(run("--file", file, "-m", "2026-02..2026-02", "--format", "json")) == [one]
    assert json.loads(run("--file", file, "--format", "json")) == one  # the newest


def test_a_root_without_any_entity_has_a_budget_too(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "plain.beancount"
    path.write_text("""
2026-01-01 open Assets:Bank
2026-01-01 open Income:Salary
2026-01-01 open Expenses:Food
2026-01-01 custom "bud-config" "" "envelope" "EUR"
2026-01-01 custom "bud-account" Assets:Bank "cash"
2026-01-01 custom "bud-envelope" "" "Food" Expenses:Food
2026-01-02 * "Pay"
  Assets:Bank  10.00 EUR
  Income:Salary
""")
    found = json.loads(run("--file", str(path), "--format", "json"))
    assert (found["entity"], found["ready_to_assign"]) == ("", "10.00")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-m", "2026-13"), "“2026-13” is not a month"),
        (("-m", "2026-03..2026-01"), "ends before it begins"),
        (("-m", "2025-12"), "starts in 2026-01"),
        (("-m", "9999-12"), "more than twenty years after"),
        (("-e", "Raj"), "there is no entity 'Raj'"),
        (("-m", "2026-01..2026-02", "--format", "html"), "a page shows one month"),
        (("assign", "Food", "1"), "--file only shows a budget"),
    ],
)
def test_what_cannot_be_shown_is_said(run: Run, args: tuple[str, ...], said: str) -> None:
    assert said in run("--file", str(JANUARY), *args, code=2)


def test_money_that_does_not_add_up_is_loud(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "gap.beancount"
    path.write_text(
        JANUARY.read_text().replace(' Expenses:Jane:Clothing "rollover"', ' "rollover"')
    )
    said = run("--file", str(path), "-m", "2026-01", code=1)
    assert "IDENTITY FAILED" in said
    assert "spent without an envelope" in said


def test_a_directive_that_means_nothing_is_told_beside(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "typo.beancount"
    path.write_text(
        JANUARY.read_text().replace('"Jane" "Dining" "2026-01"', '"Jane" "D" "2026-01"')
    )
    with pytest.raises(SystemExit):
        main(["budget", "--file", str(path), "--format", "json"])
    said = capsys.readouterr()
    json.loads(said.out)
    assert "left out: Jane has no envelope “D”" in said.err


def test_assign_move_hold_and_cover_are_entries_and_commits(household: Home, run: Run) -> None:
    before = git.head(household.path)
    options = ("-m", "2026-01", "--yes")
    said = run("assign", "food", "100", *options)
    assert '+2026-01-31 custom "bud-assign" "Jane" "Food" "2026-01" 100.00 USD' in said
    assert "Written. No new findings." in said
    run("move", "Food", "Car", "20.50", *options)
    run("hold", "300", *options)
    found = month_of(run)
    assert available(found) == {"Food": "49.50", "Car": "20.50"}
    assert (found["ready_to_assign"], found["hold"]) == ("600.00", "300.00")
    assert month_of(run, "2026-02")["ready_to_assign"] == "900.00"
    assert git.head(household.path) != before
    run("assign", "Food", "-49.50", *options)
    assert available(month_of(run))["Food"] == "0.00"


def test_cover_takes_what_is_missing_and_no_more(household: Home, run: Run) -> None:
    said = run("cover", "Food", "-m", "2026-01", "--yes")
    assert '"bud-assign" "Jane" "Food" "2026-01" 30.00 USD' in said
    assert "nothing is missing from Food" in run("cover", "Food", "-m", "2026-01", code=2)


def test_a_cards_uncovered_debt_is_covered_in_the_next_month(household: Home, run: Run) -> None:
    run("assign", "Car", "50", "-m", "2026-02", "--date", "2026-02-01", "--yes")
    said = run("cover", "Visa", "--from", "Car", "-m", "2026-02", "--date", "2026-02-02", "--yes")
    assert '"bud-move" "Jane" "Car" "Visa" "2026-02" 30.00 USD' in said
    (card,) = month_of(run, "2026-02")["cards"]
    assert (card["payment_envelope"], card["uncovered"]) == ("30.00", "0.00")


def test_fund_assigns_what_targets_ask_for_as_far_as_money_goes(household: Home, run: Run) -> None:
    assert '"Car" "2026-01" 200.00 USD' in run("fund", "-m", "2026-01", "--yes")
    assert "Nothing was assigned." in run("fund", "-m", "2026-01")
    run("assign", "Food", "750", "-m", "2026-01", "--yes")
    said = run("fund", "-m", "2026-02", "--date", "2026-02-01", "--yes")
    assert "150.00 more is needed than is ready to assign." in said
    assert '"Car" "2026-02" 50.00 USD' in said


@pytest.mark.parametrize(
    ("args", "said", "code"),
    [
        (("assign", "Food", "1000.01"), "only 1000.00 USD is ready to assign", 1),
        (("assign", "Fod", "1"), "there is no envelope 'Fod'", 2),
        (("assign", "Food", "1.005"), "finer than cents", 2),
        (("assign", "Food", "lots"), "is not an amount", 2),
        (("assign", "Car", "-1"), "Car has only 0.00 USD", 1),
        (("move", "Car", "Food", "0.01"), "Car has only 0.00 USD", 1),
        (("move", "Car", "Food", "-5"), "No such option", 2),
        (("hold", "1000.01"), "only 1000.00 USD is ready", 1),
        (("cover", "Car"), "nothing is missing", 2),
    ],
)
def test_what_the_rules_forbid_is_not_written(
    household: Home, run: Run, args: tuple[str, ...], said: str, code: int
) -> None:
    before = git.head(household.path)
    assert said in run(*args, "--yes", code=code)
    assert git.head(household.path) == before


def test_a_closed_month_takes_no_decision(household: Home, run: Run) -> None:
    month = household.ledger / "jane" / "2026" / "2026-02.beancount"
    month.write_text(
        '2026-02-05 custom "close-period" "Jane" "2026-01"\n  hash: "0123456789abcdef"\n'
    )
    assert "was closed on 2026-02-05" in run("assign", "Food", "1", "-m", "2026-01", code=1)


def test_a_dry_run_and_a_second_time_with_the_same_key_write_nothing(
    household: Home, run: Run
) -> None:
    before = git.head(household.path)
    assert "nothing was written" in run("assign", "Food", "1", "-m", "2026-01", "--dry-run")
    assert git.head(household.path) == before
    run("assign", "Food", "1", "-m", "2026-01", "--yes", "--key", "k1")
    assert "Done before" in run("assign", "Food", "1", "-m", "2026-01", "--yes", "--key", "k1")
    assert available(month_of(run))["Food"] == "-29.00"


def test_decisions_go_into_the_budget_file_where_there_is_one(household: Home, run: Run) -> None:
    folder = household.ledger / "jane"
    (folder / "budget.beancount").write_text(";; Jane's budget\n")
    journal = folder / "ledger.beancount"
    journal.write_text(journal.read_text() + 'include "budget.beancount"\n')
    git.commit(household.path, [Path()], "A file for the budget", {})
    run("assign", "Food", "30", "-m", "2026-01", "--yes")
    assert '"Food" "2026-01" 30.00 USD' in (folder / "budget.beancount").read_text()


def test_without_a_month_it_is_the_newest_up_to_todays(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ahead.beancount"
    later = (
        '2099-01-01 * "Booked ahead"\n  Assets:Jane:Bank:Checking  1.00 USD\n  Income:Jane:Salary\n'
    )
    path.write_text(JANUARY.read_text() + later)
    shown = json.loads(run("--file", str(path), "--format", "json"))["month"]
    assert "2026-02" <= shown < "2099-01"


PLAN = """Month,Category Group/Category,Category Group,Category,Assigned,Activity,Available
Jan 2026,Usual: Food,Usual,Food,300.00,0.00,300.00
"""


def test_a_budget_starts_by_proposal_or_import_and_never_twice(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    accounts = home.ledger / "jane" / "accounts.beancount"
    opened = BUDGET[: BUDGET.index("2026-01-01 custom")]
    for account, role in (("Assets:Jane:Bank", "bank"), ("Liabilities:Jane:Card:Visa", "card")):
        opened = opened.replace(f"{account}  USD", f'{account}  USD\n  role: "{role}"')
    accounts.write_text(accounts.read_text() + opened)
    month = home.ledger / "jane" / "2026" / "2026-01.beancount"
    month.parent.mkdir(parents=True, exist_ok=True)
    month.write_text(MONTH)
    git.commit(home.path, [Path()], "A month", {})
    monkeypatch.chdir(home.path)
    said = run("start", "-e", "jane", "-m", "2026-02", "--dry-run")
    row = next(line for line in said.splitlines() if line.startswith("Food"))
    assert row.split() == ["Food", "Expenses:Jane:Food", "30.00", "median", "1", "30.00"]
    assert "Dry run" in said
    assert not (home.ledger / "jane" / "budget.beancount").exists()
    plan = tmp_path / "Plan.csv"
    plan.write_text(PLAN)
    said = run("import", str(plan), "-e", "jane", "--yes")
    assert "Written." in said
    shown = json.loads(run("-m", "2026-01", "--format", "json"))
    assert available(shown) == {"Food": "270.00"}
    journal = (home.ledger / "jane" / "ledger.beancount").read_text()
    assert journal.endswith('include "budget.beancount"\n')
    for again in (("start", "-e", "jane"), ("import", str(plan), "-e", "jane")):
        assert "Jane has a budget already" in run(*again, code=1)
    assert "maps nothing" in run("import", str(plan), "--account", "Food", code=2)
    assert run("import", str(plan), "--file", "x", code=2)
