"""Deciding what waits: by keys on a terminal, and by commands that do the same."""

import json
import re
import shutil
import subprocess

import pytest
from bank import CHECKING, JANES, SAVINGS, bring, line, open_accounts, statement
from click.testing import CliRunner
from terminal import terminal

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from importers.inbox.items import InboxItem, inbox
from scripts.choosing import ranked
from scripts.main import cli

OFFICE = "Expenses:Acme:Office"
FILE = "ledger/acme/2026/2026-09.beancount"
READY = "? help"


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home)
    return home


def run(home: Home, *words: object, refused: str = "") -> str:
    """What ``books inbox`` says; ``refused`` is what it must refuse with."""
    asked = ["--home", str(home.path), "inbox", *map(str, words)]
    runner = CliRunner()
    if refused:
        with pytest.raises(UserError, match=refused):
            runner.invoke(cli, asked, catch_exceptions=False, standalone_mode=False)
        return ""
    return runner.invoke(cli, asked, catch_exceptions=False, standalone_mode=False).output


def session(home: Home) -> object:
    return terminal("--home", str(home.path), "inbox")


def waiting(home: Home) -> list[InboxItem]:
    return inbox(read(home.main_root))


def log(home: Home) -> list[str]:
    """The subjects of the commits, newest first."""
    asked = ["git", "-C", str(home.path), "log", "--format=%s"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()


def shops(home: Home, *more: object) -> None:
    """Three lines of Staples and one of a motel, and one of Staples that was decided before."""
    days = [line(day, f"-{day}.00", f"STAPLES #{day}") for day in (3, 4, 5)]
    lines = (line(1, "-9.00", "Staples"), *days, line(6, "-80.00", "Starlight Motel"))
    bring(home, "a.csv", statement(CHECKING, *lines), *more)
    run(home, "accept", waiting(home)[0].id, "--account", OFFICE)


def test_a_digit_takes_a_suggestion_and_u_takes_it_back(acme: Home) -> None:
    shops(acme)
    with session(acme) as at:
        told = at.expect(READY)
        assert "1 of 4 · Acme · categorise" in told
        assert "2026-09-03  -3.00 USD  STAPLES #3" in told
        assert re.search(rf"1 +{OFFICE} +\d+% +like 'Staples' of 2026-09-01", told)
        assert "3 lines of this payee wait, -12.00 USD in all." in told
        at.press("1")
        told = at.expect(READY)
        assert f"» Accept STAPLES #3: {OFFICE}" in told
        assert "1 of 3 · Acme" in told
        # What was decided a moment ago is already an argument.
        assert "like 'STAPLES #3' of 2026-09-03, decided so 2 times" in told
        assert [item.txn.date.day for item in waiting(acme)] == [4, 5, 6]
        at.press("u")
        told = at.expect(READY)
        assert "Take back: Accept STAPLES #3" in told
        assert "1 of 4 · Acme" in told
        at.press("q")
        assert "0 decided, 4 left" in at.end()
    assert len(waiting(acme)) == 4
    assert log(acme)[:2] == [
        f"Take back: Accept STAPLES #3: {OFFICE}",
        f"Accept STAPLES #3: {OFFICE}",
    ]


def test_all_lines_of_a_payee_and_a_rule_are_one_decision(acme: Home) -> None:
    shops(acme)
    before = (acme.rules / "categorise/acme.yaml").read_text()
    with session(acme) as at:
        at.expect(READY)
        at.press("p")
        assert "for all 3 of them: -12.00 USD" in at.expect(READY)
        at.press("r")
        assert "becomes a rule as well" in at.expect(READY)
        at.press("1")
        told = at.expect(READY)
        assert f"Accept STAPLES #3 and 2 more (3 lines): {OFFICE}" in told
        assert "Starlight Motel" in told
        at.press("q")
        at.end()
    assert [item.name for item in waiting(acme)] == ["Starlight Motel"]
    rules = (acme.rules / "categorise/acme.yaml").read_text()
    assert rules.count(OFFICE) == before.count(OFFICE) + 3
    # One command back, the rules with it.
    run(acme, "undo")
    assert len(waiting(acme)) == 4
    assert (acme.rules / "categorise/acme.yaml").read_text() == before


def test_an_account_is_found_by_a_few_letters(acme: Home) -> None:
    shops(acme)
    with session(acme) as at:
        at.expect(READY)
        at.press("b")  # the last one: the motel
        assert "4 of 4" in at.expect(READY)
        at.press("a")
        at.expect("Esc goes back")
        at.press("offi")
        assert OFFICE in at.expect("Esc goes back")
        at.press("\r")
        assert f"Accept Starlight Motel: {OFFICE}" in at.expect(READY)
        at.press("a")
        assert "Suspense" not in at.expect("Esc goes back")
        at.press("\x1b")
        at.expect(READY)
        at.press("z")
        assert "That key does nothing here" in at.expect(READY)
        at.press("\x03")
        assert "1 decided, 3 left" in at.end()


def test_a_duplicate_goes_and_the_last_decision_ends_the_session(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-20.00", "Paper Mill")))
    run(acme, "accept", waiting(acme)[0].id, "-a", OFFICE)
    bring(acme, "b.ofx", statement(CHECKING, line(5, "-20.00", "PAPER MILL"), version="o"))
    with session(acme) as at:
        told = at.expect(READY)
        assert "1 of 1 · Acme · duplicate" in told
        where = rf"{re.escape(FILE)}:\d+"
        assert re.search(rf"2026-09-03 {CHECKING} -20.00 USD Paper Mill {where}\n", told), told
        at.press("w")
        assert "since another source may have told the same line" in at.expect(READY)
        at.press("d")
        told = at.end()
    assert "The inbox is empty" in told
    assert "'books inbox undo' takes the last decision back" in told
    assert len(read(acme.main_root).transactions) == 1
    run(acme, "undo")
    assert [item.review for item in waiting(acme)] == ["duplicate"]


def test_the_other_side_is_chosen_where_it_may_be_several(acme: Home) -> None:
    bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Ref 1")),
        statement(SAVINGS, line(3, "50.00", "Ref 2"), line(4, "50.00", "Ref 3")),
    )
    with session(acme) as at:
        assert "Acme · transfer" in at.expect(READY)
        at.press("t")
        told = at.expect("Esc goes back")
        assert "Ref 2" in told
        assert "Ref 3" in told
        at.press("Ref 3")
        at.expect("Esc goes back")
        at.press("\r")
        assert f"Transfer: {CHECKING} to {SAVINGS}, 50.00 USD" in at.expect(READY)
        at.press("q")
        at.end()
    assert [item.name for item in waiting(acme)] == ["Ref 2"]


def test_two_lines_that_nobody_connected_become_a_crossing(acme: Home) -> None:
    bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Ref 1")),
        statement(JANES, line(4, "50.00", "Ref 2")),
    )
    with session(acme) as at:
        at.expect(READY)
        at.press("t")
        assert f"2026-09-04 {JANES} 50.00 USD Ref 2" in at.expect("Esc goes back")
        at.press("\r")
        assert "It is half of a crossing with Jane." in at.expect(READY)
        at.press("xloan-a\rdue\r")  # typed ahead, and nothing of it is lost
        told = at.expect(READY)
        assert "Accept Ref 1: Assets:Acme:DueFrom:Jane, loan-advance with Jane" in told
        at.press("q")
        at.end()
    (left,) = waiting(acme)
    assert (left.entity, left.txn.meta["transfer"]) == ("Jane", "loan-advance")


def test_what_is_refused_is_said_and_the_session_goes_on(acme: Home) -> None:
    shops(acme)
    path = acme.path / FILE
    with session(acme) as at:
        at.expect(READY)
        at.press("1")
        at.expect(READY)
        path.write_text(path.read_text() + "; mine\n")
        at.press("u")
        assert "has changed since the decision" in at.expect(READY)
        at.press("1")
        told = at.expect(READY)
        assert "has changed since the books were read" not in told
        assert "not committed" in told
        at.press("q")
        at.end()
    assert path.read_text().endswith("; mine\n")
    assert len(waiting(acme)) == 2


def test_elsewhere_and_with_list_it_is_the_table(acme: Home) -> None:
    shops(acme)
    assert "4 to decide: books inbox accept ID" in run(acme)
    with terminal("--home", str(acme.path), "inbox", "--list") as at:
        assert "4 to decide" in at.end()


def test_several_ids_are_one_decision(acme: Home) -> None:
    shops(acme)
    first, second, *_ = waiting(acme)
    said = run(acme, "accept", first.id, second.id[-8:], first.id, "-a", OFFICE)
    assert "Accepted 2 lines; 2 left in the inbox." in said
    assert log(acme)[0] == f"Accept STAPLES #3 and 1 more (2 lines): {OFFICE}"


def test_a_batch_by_payee_is_shown_first(acme: Home) -> None:
    shops(acme)
    said = run(acme, "accept", "--payee", "Staples #99", "-a", OFFICE, "--dry-run")
    assert said.count(f"+  {OFFICE}") == 3
    assert "Dry run: nothing was written." in said
    assert len(waiting(acme)) == 4
    run(acme, "accept", "--payee", "staples", "-a", OFFICE)
    assert [item.name for item in waiting(acme)] == ["Starlight Motel"]


def test_a_batch_takes_no_other_payee_and_no_question(acme: Home) -> None:
    shops(acme)
    words = ("accept", "-a", OFFICE)
    run(acme, *words, "--payee", "star", refused="no line of Acme waits with the payee 'star'")
    run(acme, *words, refused="which lines")
    run(acme, *words, waiting(acme)[0].id, "--payee", "staples", refused="which lines")
    bring(acme, "b.ofx", statement(CHECKING, line(8, "-3.00", "STAPLES"), version="o"))
    assert [item.review for item in waiting(acme)].count("duplicate") == 1
    run(acme, *words, "--payee", "staples")
    assert {item.review for item in waiting(acme)} == {"categorise", "duplicate"}


def test_undo_goes_back_one_decision_after_the_other(acme: Home) -> None:
    shops(acme)
    path = acme.path / FILE
    texts = [path.read_text()]
    for _ in range(2):
        run(acme, "accept", waiting(acme)[0].id, "-a", OFFICE)
        texts.append(path.read_text())
    assert "Dry run" in run(acme, "undo", "--dry-run")
    assert path.read_text() == texts[2]
    assert "Take back: Accept STAPLES #4" in run(acme, "undo")
    assert path.read_text() == texts[1]
    run(acme, "undo")
    assert path.read_text() == texts[0]
    run(acme, "undo")  # the one that was made before the test
    run(acme, "undo", refused="there is no decision to take back")
    assert not read(acme.main_root).findings


def test_undo_after_an_edit_by_hand_is_refused(acme: Home) -> None:
    shops(acme)
    run(acme, "accept", waiting(acme)[0].id, "-a", OFFICE)
    path = acme.path / FILE
    edited = path.read_text().replace("Starlight Motel", "Starlight Inn")
    path.write_text(edited)
    run(acme, "undo", refused="has changed since the decision 'Accept STAPLES #3")
    assert path.read_text() == edited


def test_undo_after_an_import_into_the_same_month_is_refused(acme: Home) -> None:
    shops(acme)
    run(acme, "accept", waiting(acme)[0].id, "-a", OFFICE)
    bring(acme, "c.csv", statement(CHECKING, line(20, "-1.00", "Later")))
    run(acme, "undo", refused="has changed since the decision")


def test_undo_works_in_a_home_without_git(acme: Home) -> None:
    shutil.rmtree(acme.path / ".git")
    shops(acme)
    path = acme.path / FILE
    before = path.read_text()
    rules = acme.rules / "categorise/acme.yaml"
    rules.unlink()
    run(acme, "accept", waiting(acme)[0].id, "-a", OFFICE, "--rule")
    assert rules.is_file()
    assert "no git repository" in run(acme, "undo")
    assert path.read_text() == before
    assert not rules.exists()


def test_duplicate_and_transfer_by_command(acme: Home) -> None:
    bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Ref 1"), line(9, "-20.00", "Paper Mill")),
        statement(SAVINGS, line(3, "50.00", "Ref 2")),
    )
    bring(acme, "b.ofx", statement(CHECKING, line(12, "-20.00", "PAPER MILL"), version="o"))
    one, other, mill, again = waiting(acme)
    assert "Dry run" in run(acme, "transfer", one.id, other.id, "--dry-run")
    assert "Joined with its other side; 2 left" in run(acme, "transfer", one.id, other.id)
    assert "Joined with the other line; 1 left" in run(acme, "duplicate", again.id, "--of", mill.id)


def test_a_crossing_by_command(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-50.00", "Ref 1")))
    bring(acme, "j.csv", statement(JANES, line(3, "50.00", "Ref 2")))
    mine, hers = waiting(acme)
    mine, hers = sorted((mine, hers), key=lambda item: item.entity)
    due = "Assets:Acme:DueFrom:Jane"
    words = ("accept", mine.id, "-a", due, "--transfer", "loan-advance", "--counterparty", "jane")
    run(acme, *words, "--rule", refused="line by line")
    run(acme, *words)
    (left,) = waiting(acme)
    assert left.txn.meta["transfer"] == "loan-advance"
    run(acme, "accept", left.id, "-a", "Liabilities:Jane:DueTo:Acme")
    assert waiting(acme) == []


def test_json_tells_the_payee_group_and_what_it_may_belong_to(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-20.00", "Paper Mill #3")))
    bring(acme, "b.ofx", statement(CHECKING, line(5, "-20.00", "PAPER MILL"), version="o"))
    first, second = json.loads(run(acme, "--format", "json"))["items"]
    assert first["payee_group"] == second["payee_group"] == "paper mill"
    assert first["perhaps"] == []
    (perhaps,) = second["perhaps"]
    assert (perhaps["id"], perhaps["amount"]) == (first["id"], "-20.00")
    assert (perhaps["file"], perhaps["line"]) == (first["file"], first["line"])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("office", "Expenses:Acme:Office"),
        ("off sup", "Expenses:Acme:Office:Supplies"),
        ("ofice", "Expenses:Acme:Office"),
        ("bank", "Assets:Acme:Bank"),
    ],
)
def test_what_is_typed_ranks_the_accounts(typed: str, first: str) -> None:
    names = [
        "Assets:Acme:Bank",
        "Expenses:Acme:BankFees",
        "Expenses:Acme:Office:Supplies",
        "Expenses:Acme:Office",
    ]
    assert ranked(typed, names)[0] == first
    assert ranked("zzzz", names) == []


def test_the_keys_of_suggestions_are_named_where_there_are_any(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-9.00", "Tea House")))
    with session(acme) as screen:
        said = screen.expect(READY)
        assert "a account" in said
        assert " take" not in said
        screen.press("t")
        assert "s skips it until a file brings one" in screen.expect(READY)
        screen.press("q")
        screen.end()
