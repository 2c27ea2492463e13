"""``books close --soft``: from then on only what an accountant adjusts comes into a month."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from warmth import without_cache

from core import git
from core.findings import Finding
from core.home import Home
from core.journal.closings import Closings
from core.journal.read import read
from core.soft_close import soft_seals
from plugins.run import run_rules

Write = Callable[[str, str], Path]
AUGUST, SEPTEMBER, OCTOBER = (
    f"ledger/acme/2026/2026-{month}.beancount" for month in ("08", "09", "10")
)
OFF = """2020-01-01 custom "veil-rule" "VEIL-019" "off"
2020-01-01 open Assets:Acme:Till  USD
"""
PEOPLE = """people:
  - {name: Jane, emails: [jane@example.org], roles: {"*": owner}}
  - {name: Ann, emails: [cpa@example.org], roles: {Acme: accountant}}
  - {name: Pat, emails: [pat@example.org], roles: {Acme: preparer}}
"""
BILL = """
{0} * "Depot" "Paper" ^bill-{1}
  Expenses:Acme:Office  {2} USD
  Liabilities:Acme:AP
"""
ADJUSTING = """
{0} * "Rent of September" #adjusting ^bill-9
  {1}
  Expenses:Acme:Office  90.00 USD
  Liabilities:Acme:AP
"""
PADDED = """
2026-09-20 pad Assets:Acme:Till Equity:Acme:OpeningBalances
2026-09-21 balance Assets:Acme:Till  50.00 USD
"""
BY_NOBODY, BY_CPA = 'note: "by nobody"', 'approved-by: "cpa@example.org"'
SOFT = ("close", "acme", "2026-09", "--soft", "--date", "2026-10-02", "--by", "jane@example.org")


@pytest.fixture
def month(home: Home, write: Write, run: Callable[..., str]) -> Home:
    """September of Acme is soft-closed with one bill, a pad and an accrual in it."""
    write("rules/people.yaml", PEOPLE)
    accrued = ADJUSTING.format("2026-09-30", BY_CPA)
    write(SEPTEMBER, OFF + BILL.format("2026-09-03", 1, "4.00") + PADDED + accrued)
    git.commit(home.path, [Path(SEPTEMBER), Path("rules/people.yaml")], "September", {})
    run(*SOFT)
    return home


def found(home: Home) -> list[Finding]:
    """What VEIL-021 says, warm and cold, with git and without."""
    said = []
    for _ in ("cold", "warm"):
        books = read(home.main_root, home=home)
        said.append((run_rules(books), run_rules(books, closed=Closings.of(books))))
    with without_cache():
        books = read(home.main_root, home=home)
        said.append((run_rules(books), run_rules(books, closed=Closings.of(books))))
    assert said[0] == said[1] == said[2]
    alone, named = ([f for f in each if f.code == "VEIL-021"] for each in said[0])
    assert bool(alone) == bool(named)
    return named


def edit(home: Home, was: str, becomes: str) -> None:
    path = home.path / SEPTEMBER
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, becomes))


def add(home: Home, text: str, name: str = SEPTEMBER) -> None:
    path = home.path / name
    path.write_text((path.read_text() if path.exists() else "") + text)


def test_a_month_is_soft_closed(month: Home, run: Callable[..., str]) -> None:
    (seal,) = soft_seals(read(month.main_root, home=month).standing)["Acme"]
    assert (seal.period.name, seal.entry.meta["count"]) == ("2026-09", 3)
    assert git.tags(month.path, "soft-close/*") == ["soft-close/Acme/2026-09"]
    assert found(month) == []
    (said,) = json.loads(run("status", "--format", "json"))["periods"]
    assert said == {"entity": "Acme", "closed": None, "soft_closed": ["2026-09"], "reopened": []}
    assert "2026-09 is soft-closed since 2026-10-02" in run(*SOFT, code=1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BILL.format("2026-09-30", 2, "7.00"), "when only adjusting entries come in"),
        (BILL.format("2026-09-01", 2, "7.00"), "when only adjusting entries come in"),
        (ADJUSTING.format("2026-09-30", BY_NOBODY), "nobody approved it"),
        (
            ADJUSTING.format("2026-09-30", 'approved-by: "pat@example.org"'),
            "pat@example.org is preparer of Acme by rules/people.yaml; let cpa@example.org",
        ),
        (ADJUSTING.format("2026-09-30", 'approved-by: "jane@example.org"'), "is owner of Acme"),
        (ADJUSTING.format("2026-09-30", 'approved-by: "eve@example.org"'), "has no role in Acme"),
    ],
    ids=["last day", "first day", "unapproved", "preparer", "owner", "stranger"],
)
def test_what_may_not_come_in(month: Home, text: str, why: str) -> None:
    line = (month.path / SEPTEMBER).read_text().count("\n") + 2
    add(month, text)
    (finding,) = found(month)
    assert why in finding.message
    assert (finding.severity, finding.file, finding.line) == ("error", SEPTEMBER, line)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (SEPTEMBER, ADJUSTING.format("2026-09-30", BY_CPA)),
        (SEPTEMBER, ADJUSTING.format("2026-09-01", BY_CPA)),
        (OCTOBER, BILL.format("2026-10-01", 2, "7.00")),
        (AUGUST, BILL.format("2026-08-31", 2, "7.00")),
        (SEPTEMBER, '2026-09-30 note Expenses:Acme:Office "The landlord called"\n'),
        (SEPTEMBER, "2026-09-30 balance Expenses:Acme:Office  94.00 USD\n"),
    ],
    ids=["adjusting", "first day", "next month", "month before", "note", "balance"],
)
def test_what_may(month: Home, name: str, text: str) -> None:
    add(month, text, name)
    assert found(month) == []


def test_where_nobody_is_accountant_an_owner_approves(month: Home, write: Write) -> None:
    add(month, ADJUSTING.format("2026-09-30", 'approved-by: "jane@example.org"'))
    assert len(found(month)) == 1
    write("rules/people.yaml", PEOPLE.replace("accountant", "auditor"))
    assert ["is auditor" in finding.message for finding in found(month)] == [True]  # the accrual
    edit(month, BY_CPA, 'approved-by: "Jane"')
    assert found(month) == []


def test_people_that_cannot_be_read_approve_nothing(month: Home, write: Write) -> None:
    write("rules/people.yaml", PEOPLE.replace("accountant", "acountant"))
    (finding,) = found(month)
    assert "rules/people.yaml cannot be read" in finding.message
    (month.path / "rules/people.yaml").unlink()
    assert found(month) == []


def test_every_entry_that_came_in_was_changed_or_was_taken_out_is_named(month: Home) -> None:
    edit(month, "4.00 USD", "5.00 USD")
    edit(month, " 50.00", " 51.00")
    add(month, BILL.format("2026-09-28", 2, "7.00") + BILL.format("2026-09-29", 3, "8.00"))
    messages = [finding.message for finding in found(month)]
    assert len(messages) == 4
    assert sum("was changed after it was soft-closed" in each for each in messages) == 2
    assert sum("after it was soft-closed, when only" in each for each in messages) == 2


def test_an_adjusting_entry_may_change_and_become_no_other(month: Home) -> None:
    edit(month, "90.00", "95.00")
    assert found(month) == []
    edit(month, " #adjusting", "")
    (finding,) = found(month)
    assert "Rent of September" in finding.message


def test_then_the_month_is_closed_and_opened_again(month: Home, run: Callable[..., str]) -> None:
    add(month, ADJUSTING.format("2026-09-30", BY_CPA).replace("^bill-9", "^bill-8"))
    close = ("close", "acme", "2026-09", "--date", "2026-10-05", "--by", "jane@example.org")
    said = run(*close, code=1)
    assert "an entry or a paper of the period is not committed" in said
    assert f"git add {SEPTEMBER} && git commit" in said
    git.commit(month.path, [Path(SEPTEMBER)], "Rent", {})
    run(*close)
    assert found(month) == []
    assert not soft_seals(read(month.main_root, home=month).standing)
    reopen = ("--reason", "rent", "--approved-by", "Jane", "--second-by", "Ann")
    run("reopen", "acme", "2026-09", *reopen, "--date", "2026-10-06")
    add(month, BILL.format("2026-09-28", 2, "7.00"))
    assert found(month) == []
    (said,) = json.loads(run("status", "--format", "json"))["periods"]
    assert said == {"entity": "Acme", "closed": None, "soft_closed": [], "reopened": ["2026-09"]}


def test_what_came_in_stands_in_the_way_of_the_closing(
    month: Home, run: Callable[..., str]
) -> None:
    add(month, BILL.format("2026-09-28", 2, "7.00"))
    said = run("close", "acme", "2026-09", "--check", "--date", "2026-10-05", code=1)
    assert "✗ no error: 1 to mend" in said
    assert "VEIL-021 “Depot” of 2026-09-28 was added to Acme 2026-09" in said


def test_a_soft_close_is_taken_back_by_two(month: Home, run: Callable[..., str]) -> None:
    add(month, BILL.format("2026-09-28", 2, "7.00"))
    reopen = ("--reason", "a late bill", "--approved-by", "Jane", "--second-by", "Ann")
    run("reopen", "acme", "2026-09", *reopen, "--date", "2026-10-03")
    assert found(month) == []


def test_adjusting_asks_for_the_accountant(month: Home, run: Callable[..., str]) -> None:
    adjust = (
        "adjust acme 2026-09 --debit Expenses:Acme:Office --credit Liabilities:Acme:AP "
        "--amount 3.00 --why Power --approved-by"
    ).split()
    said = run(*adjust, "pat@example.org", code=1)
    assert "Acme 2026-09 is soft-closed, and approved-by: pat@example.org is preparer" in said
    run(*adjust, "cpa@example.org")
    assert found(month) == []


def test_what_is_adjusted_already_is_approved_before(
    home: Home, write: Write, run: Callable[..., str]
) -> None:
    write(SEPTEMBER, OFF + ADJUSTING.format("2026-09-30", BY_NOBODY))
    assert "nobody approved it" in run(*SOFT, code=1)
    write(SEPTEMBER, OFF + ADJUSTING.format("2026-09-30", 'approved-by: "anybody"'))
    run(*SOFT)
    assert found(home) == []


def test_months_are_soft_closed_in_order(month: Home, run: Callable[..., str]) -> None:
    run("close", "acme", "2026-09", "--date", "2026-10-05", "--by", "jane@example.org")
    soft = ("--soft", "--date", "2027-01-05")
    assert "close what begins on 2026-10-01" in run("close", "acme", "2026-12", *soft, code=1)
    assert "2026-09 is closed already" in run(*SOFT, code=1)
