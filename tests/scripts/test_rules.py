"""``books rules``, ``books import --reflow`` and ``books inbox why``, as people run them."""

import datetime as dt
import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from scripts.main import cli

ACCOUNTS = """\
2020-01-01 open Assets:Acme:Bank:Checking  USD
  role: "bank"
  account-id: "chase-4411"
  title-holder: "Acme LLC"
  line: "cash-and-equivalents"
2020-01-01 open Expenses:Acme:Coffee
"""
EXPORT = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/08/2026,"STAPLES #77",-9.00,ACH_DEBIT,22.00,,
DEBIT,09/07/2026,"SUNRISE CAFE 2",-4.00,ACH_DEBIT,31.00,,
DEBIT,09/06/2026,"SUNRISE CAFE 1",-4.00,ACH_DEBIT,35.00,,
DEBIT,09/05/2026,"STAPLES #12",-6.00,ACH_DEBIT,39.00,,
DEBIT,09/04/2026,"STAPLES #48",-20.00,ACH_DEBIT,45.00,,
DEBIT,09/03/2026,"CLOUD NINE 0815",-15.00,ACH_DEBIT,65.00,,
CREDIT,09/01/2026,"OPENING",80.00,ACH_CREDIT,80.00,,
"""
RULES = """\
version: 1
rules:
  - name: cloud
    when: {payee: "cloud nine", direction: out}
    then: {account: Expenses:Acme:Hosting}
  - name: cloud-again
    when: {text: "CLOUD", direction: out}
    then: {account: Expenses:Acme:Software}
  - name: nothing
    when: {payee: "no such shop"}
    then: {account: Expenses:Acme:Office}
"""


def books(home: Home, *args: object, code: int = 0) -> str:
    """What a command says. In this process: a new one takes a second to start."""
    result = CliRunner().invoke(cli, ["--home", str(home.path), *map(str, args)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert (result.return_value or result.exit_code or 0) == code, result.output
    return result.output


def told(home: Home, *args: object) -> dict:
    return json.loads(books(home, *args, "--format", "json"))


def rules(home: Home) -> Path:
    return home.rules / "categorise/acme.yaml"


def ids(home: Home) -> dict[str, str]:
    """The id of each line that waits, by its payee."""
    return {item["payee"]: item["id"] for item in told(home, "inbox")["items"]}


@pytest.fixture
def acme(home: Home) -> Home:
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + ACCOUNTS)
    rules(home).write_text(RULES)
    (home.inbox / "chase-4411.csv").write_text(EXPORT)
    subprocess.run(["git", "add", "-A"], cwd=home.path, check=True)
    who = ["-c", "user.name=Jane", "-c", "user.email=jane@localhost"]
    subprocess.run(["git", *who, "commit", "-qm", "Rules"], cwd=home.path, check=True)
    books(home, "import")
    return home


def accept(home: Home, payee: str, account: str) -> None:
    books(home, "inbox", "accept", ids(home)[payee], "--account", account)


def test_a_trial_tells_what_each_rule_catches_and_which_never_does(acme: Home) -> None:
    said = books(acme, "rules", "test")
    assert "rules/categorise/acme.yaml: 3 rules over 7 imported lines" in said
    assert "No line matches: nothing." in said
    assert "'cloud-again' never decides: 'cloud' before it takes all its lines." in said
    assert "disagree on 1 lines; the first wins: ledger/acme/2026/2026-09.beancount:" in said
    assert "6 lines are caught by no rule." in said


def test_a_trial_in_json_says_the_same(acme: Home) -> None:
    (entity,) = told(acme, "rules", "test", "--entity", "acme")["entities"]
    assert (entity["entity"], entity["lines"], entity["uncaught"]) == ("Acme", 7, 6)
    cloud, again, nothing = entity["rules"]
    assert (cloud["catches"], cloud["payees"], cloud["shadowed"]) == (1, ["CLOUD NINE 0815"], False)
    assert (again["catches"], again["matches"], again["shadowed"]) == (0, 1, True)
    assert (again["taken_by"], nothing["matches"]) == ({"cloud": 1}, 0)
    assert [(d["first"], d["second"]) for d in entity["disagreements"]] == [
        ("cloud", "cloud-again")
    ]


def test_two_rules_that_match_the_same_line_and_agree_are_no_dispute(acme: Home) -> None:
    rules(acme).write_text(RULES.replace("Acme:Software", "Acme:Hosting"))
    (entity,) = told(acme, "rules", "test")["entities"]
    assert entity["disagreements"] == []


def test_a_trial_tells_what_a_person_decided_otherwise(acme: Home) -> None:
    accept(acme, "SUNRISE CAFE 1", "Expenses:Acme:Coffee")
    accept(acme, "SUNRISE CAFE 2", "Expenses:Acme:Office")
    sunrise = (
        "  - name: cafe\n    when: {payee: sunrise}\n    then: {account: Expenses:Acme:Coffee}\n"
    )
    rules(acme).write_text(RULES + sunrise)
    cafe = told(acme, "rules", "test")["entities"][0]["rules"][-1]
    assert cafe["catches"] == 2
    assert [(o["stands"], o["by_rule"]) for o in cafe["otherwise"]] == [
        ("Expenses:Acme:Office", "")
    ]
    assert "a person Expenses:Acme:Office" in books(acme, "rules", "test")


def test_two_decisions_that_agree_propose_a_rule_and_reflow_uses_it(acme: Home) -> None:
    accept(acme, "STAPLES #48", "Expenses:Acme:Office")
    assert told(acme, "rules", "suggest")["rules"] == []  # one is a coincidence
    accept(acme, "STAPLES #12", "Expenses:Acme:Office")
    before = rules(acme).read_text()
    (rule,) = told(acme, "rules", "suggest")["rules"]
    assert (rule["pattern"], rule["direction"]) == (r"^STAPLES(?!\w)", "out")
    assert rule["reason"].startswith("2 of 2 lines to STAPLES (2026-09-04 to 2026-09-05)")
    assert rule["waiting"] == 1
    assert rules(acme).read_text() == before
    books(acme, "rules", "suggest", "--write")
    assert rules(acme).read_text().startswith(before)
    assert told(acme, "rules", "suggest")["rules"] == []
    assert "Reflowed 1 entry" in books(acme, "import", "--reflow", "--yes")
    assert "STAPLES #77" not in ids(acme)


def test_decisions_that_disagree_propose_nothing(acme: Home) -> None:
    accept(acme, "STAPLES #48", "Expenses:Acme:Office")
    accept(acme, "STAPLES #12", "Expenses:Acme:Office")
    accept(acme, "STAPLES #77", "Expenses:Acme:Coffee")
    assert told(acme, "rules", "suggest")["rules"] == []
    assert "No rule to propose" in books(acme, "rules", "suggest")


def test_a_pattern_that_catches_what_was_decided_otherwise_is_not_proposed(acme: Home) -> None:
    for payee in ("SUNRISE CAFE 1", "SUNRISE CAFE 2"):
        accept(acme, payee, "Expenses:Acme:Coffee")
    assert len(told(acme, "rules", "suggest")["rules"]) == 1
    month = acme.ledger / "acme/2026/2026-09.beancount"
    month.write_text(
        month.read_text() + '\n2026-09-20 * "Sunrise Cafe Catering" ""\n'
        '  Assets:Acme:Bank:Checking  -90.00 USD\n    id: "chase-4411-0123456789abcdef"\n'
        "  Expenses:Acme:Office  90.00 USD\n"
    )
    assert told(acme, "rules", "suggest")["rules"] == []


def test_reflow_shows_its_diff_and_writes_only_when_told(acme: Home) -> None:
    rules(acme).write_text(RULES.replace("Acme:Hosting", "Acme:Office"))
    month = acme.ledger / "acme/2026/2026-09.beancount"
    before = month.read_text()
    said = books(acme, "import", "--reflow", "--dry-run")
    assert "+  Expenses:Acme:Office" in said
    assert "Dry run" in said
    with pytest.raises(UserError, match="1 entry would change; nothing was written"):
        books(acme, "import", "--reflow")  # nobody is there to answer
    assert month.read_text() == before
    (changed,) = told(acme, "import", "--reflow", "--dry-run")["changed"]
    assert (changed["stands"], changed["accounts"]) == (
        ["Expenses:Acme:Hosting"],
        ["Expenses:Acme:Office"],
    )
    assert "Reflowed 1 entry (commit " in books(acme, "import", "--reflow", "--yes")
    assert "Nothing to reflow" in books(acme, "import", "--reflow")
    assert not read(acme.main_root).findings


def test_reflow_tells_what_it_leaves(acme: Home) -> None:
    rules(acme).write_text("version: 1\nrules:\n")
    said = books(acme, "import", "--reflow")
    assert "1 entry stays as it is: the rule that made it catches it no more." in said
    assert "2026-09-03 CLOUD NINE 0815" in said


def test_reflow_goes_with_no_file_and_since_with_nothing_else(acme: Home) -> None:
    with pytest.raises(UserError, match="reads no file"):
        books(acme, "import", "--reflow", "x.csv")
    with pytest.raises(UserError, match="goes with --reflow"):
        books(acme, "import", "--since", dt.date(2026, 9, 1))


def test_why_names_the_rule_and_its_line(acme: Home) -> None:
    month = (acme.ledger / "acme/2026/2026-09.beancount").read_text()
    line_id = month.split('rule: "cloud"')[1].split('id: "')[1].split('"')[0]
    said = books(acme, "inbox", "why", line_id)
    assert "rule 'cloud' decided it: rules/categorise/acme.yaml:3" in said
    assert "from chase-4411.csv" in said
    rules(acme).write_text("version: 1\nrules:\n")
    assert "no longer in the rules" in books(acme, "inbox", "why", line_id[-8:])


def test_why_tells_what_waits_from_what_a_person_decided(acme: Home) -> None:
    waiting = ids(acme)
    accept(acme, "STAPLES #48", "Expenses:Acme:Office")
    decided = books(acme, "inbox", "why", waiting["STAPLES #48"])
    assert "no rule made it so: a person decided it" in decided
    said = books(acme, "inbox", "why", waiting["STAPLES #12"])
    assert 'review "categorise", since no rule says its account' in said
    assert "suggestion: Expenses:Acme:Office (like 'STAPLES #48' of 2026-09-04" in said


def test_the_inbox_shows_suggestions_with_their_reason(acme: Home) -> None:
    accept(acme, "STAPLES #48", "Expenses:Acme:Office")
    assert "Expenses:Acme:Office (like 'STAPLES #48'" in books(acme, "inbox")
    items = {item["payee"]: item["suggestions"] for item in told(acme, "inbox")["items"]}
    assert [s["account"] for s in items["STAPLES #12"]] == ["Expenses:Acme:Office"]
    assert items["SUNRISE CAFE 1"] == []


def test_an_id_that_is_nobodys_is_told(acme: Home) -> None:
    with pytest.raises(UserError, match="no bank line in the books has the id 'nix'"):
        books(acme, "inbox", "why", "nix")


def test_why_names_what_a_question_is_about(acme: Home) -> None:
    waiting = ids(acme)
    other = waiting["STAPLES #48"]
    month = acme.ledger / "acme/2026/2026-09.beancount"
    head = '2026-09-05 ! "STAPLES #12" ""\n'
    text = month.read_text()
    asked = head + '  review: "transfer"\n' + f'  perhaps: "{other}"\n'
    assert head + '  review: "categorise"\n' in text
    month.write_text(text.replace(head + '  review: "categorise"\n', asked))
    said = books(acme, "inbox", "why", waiting["STAPLES #12"])
    assert f"it may belong to {other}: 2026-09-04 STAPLES #48" in said
