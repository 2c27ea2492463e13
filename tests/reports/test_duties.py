"""Duties in one hand: who changed a vendor paid them, who wrote an account's entries reconciled it;
in a review and in the audit report."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from proposals import Repository

from core import git
from core.home import Home
from scripts.main import main

Keep = Callable[..., str]
SEPTEMBER, OCTOBER = (f"ledger/acme/2026/2026-{month}.beancount" for month in ("09", "10"))
VENDORS, STATEMENT = "ledger/acme/vendors.beancount", "ledger/acme/documents/2026-09.txt"
PEOPLE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com, jane@home.example]
    roles: {"*": owner}
  - name: Paula Prep
    emails: [paula@example.com]
    roles: {Acme: preparer}
  - name: Ann Lee
    emails: [ann@example.com]
    roles: {Acme: accountant}
"""
ONE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com, jane@home.example]
    roles: {"*": owner}
"""
CONTROL = 'compensating-control: "Ann Lee, CPA, reviews every month."\n'
BANK = """\
2026-01-01 open Assets:Acme:Checking  USD
  role: "bank"
  account-id: "chase-4411"
  title-holder: "Acme LLC"
"""
MILL = '2026-01-01 custom "vendor" "Paper Mill"\n  entity: "Acme"\n  alias: "P. M. Inc."\n'
OTHER_BANK = MILL + '  pay-to: "firstbank-9087"\n'
PAID = """\
{day} * "{payee}" "Paper"
  Expenses:Acme:Office  58.20 USD
  Assets:Acme:Checking
"""
PROOF = (
    '2026-10-01 balance Assets:Acme:Checking  -58.20 USD\n  statement: "documents/2026-09.txt"\n'
)


def paid(day: str, payee: str = "Paper Mill") -> str:
    return PAID.format(day=day, payee=payee)


@pytest.fixture
def keep(home: Home, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Commits files on a day as somebody; the first commit has a bank account and a vendor."""

    def kept(day: str, who: str, files: dict[str, str]) -> str:
        for name, text in files.items():
            path = home.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for part in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{part}_NAME", who)
            monkeypatch.setenv(f"GIT_{part}_EMAIL", who if "@" in who else f"{who}@example.com")
            monkeypatch.setenv(f"GIT_{part}_DATE", f"{day}T12:00:00+00:00")
        return git.commit(home.path, map(Path, files), f"{who} on {day}", {})

    monkeypatch.chdir(home.path)
    for part in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{part}_DATE", "2026-06-01T12:00:00+00:00")
    start = {"ledger/acme/2026/2026-01.beancount": BANK, "rules/people.yaml": PEOPLE}
    kept("2026-06-01", "jane", {**start, "ledger/acme/2026/2026-02.beancount": MILL})
    return kept


VENDOR_FILE = "ledger/acme/2026/2026-02.beancount"


def run(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(list(args))
    return capsys.readouterr().out


def audited(capsys: pytest.CaptureFixture[str], period: str) -> list[tuple[str, str]]:
    said = json.loads(run(capsys, "audit", "-p", period, "--format", "json"))
    return [(each["kind"], each["who"]) for each in said["one_hand"]]


@pytest.mark.parametrize(
    ("who", "day", "payee", "found"),
    [
        ("paula", "2026-09-20", "Paper Mill", [("vendor", "Paula Prep")]),  # ten days after
        ("paula", "2026-09-21", "Paper Mill", []),  # eleven
        ("paula", "2026-08-31", "Paper Mill", [("vendor", "Paula Prep")]),  # ten days before
        ("paula", "2026-08-30", "Paper Mill", []),
        ("paula", "2026-09-12", "P. M. INC", [("vendor", "Paula Prep")]),  # by another name
        ("paula", "2026-09-12", "Pen Mill", []),
        ("ann", "2026-09-12", "Paper Mill", []),
    ],
)
def test_who_changed_a_vendor_pays_them_within_ten_days(
    keep: Keep, capsys: pytest.CaptureFixture[str], who: str, day: str, payee: str, found: list
) -> None:
    keep("2026-09-10", "paula", {VENDOR_FILE: OTHER_BANK})
    keep("2026-09-25", who, {SEPTEMBER: paid(day, payee)})
    assert audited(capsys, "2026-09") == found
    assert audited(capsys, "2026-10") == []
    said = run(capsys, "audit", "-p", "2026-09")
    named = "Vendors changed and paid by the same person within ten days (1)" in said
    assert named is bool(found)


def test_two_addresses_of_one_person_are_one_hand(
    keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    keep("2026-09-10", "jane@home.example", {VENDOR_FILE: OTHER_BANK})
    keep("2026-09-12", "jane", {SEPTEMBER: paid("2026-09-12")})
    keep("2026-09-13", "ann", {OCTOBER: "; nothing yet\n"})
    assert audited(capsys, "2026-09") == [("vendor", "Jane Roe")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('2026-09-01 custom "vendor" "Depot"\n  entity: "Acme"\n', []),  # new, without a bank
        ('2026-09-01 custom "vendor" "Depot"\n  iban: "DE00"\n', [("vendor", "Paula Prep")]),
    ],
)
def test_a_new_vendor_counts_with_bank_details(
    keep: Keep, capsys: pytest.CaptureFixture[str], text: str, found: list
) -> None:
    keep("2026-09-10", "paula", {OCTOBER: text})
    keep("2026-09-12", "paula", {SEPTEMBER: paid("2026-09-12", "Depot")})
    assert audited(capsys, "2026-09") == found


def test_a_payment_to_the_company_and_one_on_account_are_none(
    keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    keep("2026-09-10", "paula", {VENDOR_FILE: OTHER_BANK})
    refund = paid("2026-09-12").replace("58.20", "-58.20")
    billed = paid("2026-09-13").replace("Assets:Acme:Checking", "Liabilities:Acme:AP")
    keep("2026-09-14", "paula", {SEPTEMBER: refund + billed})
    assert audited(capsys, "2026-09") == []


@pytest.mark.parametrize(
    ("who", "found"), [("paula", [("reconciling", "Paula Prep")]), ("ann", [])]
)
def test_who_wrote_an_account_reconciles_it(
    keep: Keep, capsys: pytest.CaptureFixture[str], who: str, found: list
) -> None:
    keep("2026-09-03", "paula", {SEPTEMBER: paid("2026-09-02", "Depot")})
    marked = paid("2026-09-02", "Depot") + '    recon: "yes"\n    recon-date: 2026-09-30\n'
    files = {OCTOBER: PROOF, STATEMENT: "Closing balance -58.20\n", SEPTEMBER: marked}
    keep("2026-10-04", who, files)
    assert audited(capsys, "2026-10") == found
    assert audited(capsys, "2026-09") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-09-02", "2026-08-30"),  # an earlier balance has proven it
        ("Assets:Acme:Checking", "Liabilities:Acme:AP"),  # not of this account
    ],
)
def test_what_the_balance_does_not_prove_is_not_reconciled_by_it(
    keep: Keep, capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    entry = paid("2026-09-02", "Depot").replace(old, new)
    keep("2026-09-01", "ann", {VENDORS: "; nothing\n", OCTOBER: AUGUST_PROOF})
    keep("2026-09-03", "paula", {SEPTEMBER: entry})
    keep("2026-10-04", "paula", {OCTOBER: AUGUST_PROOF + PROOF})
    assert audited(capsys, "2026-10") == []


AUGUST_PROOF = PROOF.replace("2026-10-01", "2026-09-01").replace("2026-09.txt", "2026-08.txt")


@pytest.mark.parametrize("control", [CONTROL, ""])
def test_one_person_is_told_what_makes_up_for_it(
    keep: Keep, capsys: pytest.CaptureFixture[str], control: str
) -> None:
    keep("2026-07-01", "jane", {"rules/people.yaml": ONE + control})
    keep("2026-09-03", "jane", {SEPTEMBER: paid("2026-09-02", "Depot")})
    keep("2026-10-04", "jane@home.example", {OCTOBER: PROOF})
    assert audited(capsys, "2026-10") == []  # no one else could have
    said = " ".join(run(capsys, "audit", "-p", "2026-10").split())
    assert "One person wrote all commits" in said
    assert ("The compensating control is: Ann Lee, CPA, reviews" in said) is bool(control)
    assert ("rules/people.yaml names no compensating-control" in said) is not bool(control)


def test_people_that_cannot_be_read_end_no_audit(
    keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    keep("2026-09-10", "paula", {VENDOR_FILE: OTHER_BANK, "rules/people.yaml": "people: []\n"})
    keep("2026-09-12", "paula", {SEPTEMBER: paid("2026-09-12")})
    assert audited(capsys, "2026-09") == [("vendor", "paula@example.com")]


def reviewed(
    home: Home, capsys: pytest.CaptureFixture[str], head: str, by: str
) -> list[tuple[str, str, str]]:
    """What a review says of duties: severity, code, message."""
    args = ("review", "--base", "main", "--head", head, "--approved-by", by, "--format", "json")
    said = json.loads(run(capsys, *args))["findings"]
    codes = ("REVIEW-VENDOR", "REVIEW-RECONCILED")
    return [(f["severity"], f["code"], f["message"]) for f in said if f["code"] in codes]


@pytest.mark.parametrize(
    ("author", "day", "severity"),
    [
        ("paula", "2026-09-20", "warning"),
        ("paula", "2026-09-21", ""),
        ("ann", "2026-09-20", ""),
    ],
)
def test_a_review_knows_who_changed_the_vendor_before(
    home: Home,
    keep: Keep,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    author: str,
    day: str,
    severity: str,
) -> None:
    keep("2026-09-10", "paula", {VENDOR_FILE: OTHER_BANK})
    for part in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{part}_EMAIL")
    repository = Repository(home.path)
    head = repository.commit({SEPTEMBER: paid(day)}, email=f"{author}@example.com")
    found = reviewed(home, capsys, head, "jane@example.com")
    assert [each[:2] for each in found] == ([(severity, "REVIEW-VENDOR")] if severity else [])


def test_each_commit_of_a_proposal_is_its_authors(
    home: Home, keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keep
    repository = Repository(home.path)
    repository.git("config", "user.useConfigOnly", "false")
    first = repository.commit({VENDOR_FILE: OTHER_BANK}, email="paula@example.com")
    for author, found in (("ann", []), ("paula", ["REVIEW-VENDOR"])):
        head = repository.commit(
            {SEPTEMBER: paid("2026-09-22")}, parent=first, email=f"{author}@example.com"
        )
        said = reviewed(home, capsys, head, "jane@example.com")
        assert [code for _, code, _ in said] == found


@pytest.mark.parametrize(("control", "severity"), [(CONTROL, "info"), ("", "warning")])
def test_an_only_writer_is_told_the_control(
    home: Home, keep: Keep, capsys: pytest.CaptureFixture[str], control: str, severity: str
) -> None:
    keep("2026-09-03", "jane", {SEPTEMBER: paid("2026-09-02"), "rules/people.yaml": ONE + control})
    head = Repository(home.path).commit({OCTOBER: PROOF}, email="jane@example.com")
    ((said, code, message),) = reviewed(home, capsys, head, "")
    assert (said, code) == (severity, "REVIEW-RECONCILED")
    assert "Jane Roe reconciled Assets:Acme:Checking up to 2026-09-30" in message
    assert "nobody else may write in Acme" in message
    assert ("the compensating control is: Ann Lee" in message) is bool(control)


def test_a_day_that_there_is_not_harms_nobody(
    home: Home, keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keep
    os.environ.pop("GIT_AUTHOR_DATE")
    repository = Repository(home.path)
    text = repository.git("cat-file", "commit", repository.commit({SEPTEMBER: paid("2026-09-22")}))
    old = text.replace("1790000000", "99999999999999")
    assert old != text
    head = repository.git("hash-object", "-w", "-t", "commit", "--stdin", "--literally",
                          given=f"{old}\n".encode())  # fmt: skip
    assert reviewed(home, capsys, head, "ann@example.com") == []
