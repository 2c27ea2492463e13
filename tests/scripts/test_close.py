"""``books close`` and ``books reopen``: the seal, its tag, and two people to open it again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core import git
from core.home import Home
from core.journal.closings import Closings
from core.journal.read import read
from core.seal import seals_of

Write = Callable[[str, str], Path]
MONTHS = {month: f"ledger/acme/2026/2026-{month}.beancount" for month in ("08", "09", "10")}
OFF = '2020-01-01 custom "veil-rule" "VEIL-019" "off"\n'
PAPER = '2026-{0}-03 * "Depot" "Paper" ^bill-{0}\n  Expenses:Acme:Office  4.00 USD\n  {1}\n'
AP = "Liabilities:Acme:AP"
TWO = ("--approved-by", "jane@example.org", "--second-by", "cpa@example.org")


@pytest.fixture
def books(home: Home, write: Write, run: Callable[..., str]) -> Callable[..., str]:
    """Runs a command in a home with a bill in August and one in September."""
    write(MONTHS["08"], OFF + PAPER.format("08", AP))
    write(MONTHS["09"], PAPER.format("09", AP))
    git.commit(home.path, [Path(MONTHS["08"]), Path(MONTHS["09"])], "Two bills", {})

    return run


def close(month: str, *more: str) -> tuple[str, ...]:
    return ("close", "acme", f"2026-{month}", "--date", "2026-10-05", "--by", "jane", *more)


def closed(home: Home) -> list[str]:
    found = seals_of(read(home.main_root, home=home).standing)
    return [seal.period.name for seal in found.get("Acme", ())]


def test_two_months_are_closed_in_order_and_continue_each_other(
    home: Home, books: Callable[..., str]
) -> None:
    said = books(*close("08", "--reviewed-by", "cpa@example.org"))
    assert "Nothing of 15 stands in the way." in said
    assert "Acme 2026-08 is closed" in said
    books(*close("09"))
    one, two = seals_of(read(home.main_root, home=home).standing)["Acme"]
    assert (one.period.name, two.period.name) == ("2026-08", "2026-09")
    assert (two.prev, set(one.prev)) == (one.hash, {"0"})
    assert one.entry.meta["reviewed-by"] == "cpa@example.org"
    assert one.entry.meta["count"] == 1  # the policy beside it is not of Acme
    assert git.tags(home.path, "close/*") == ["close/Acme/2026-08", "close/Acme/2026-09"]
    assert not git.dirty(home.path, [Path(MONTHS["10"])])
    assert "VEIL-021" not in books("check")


def test_what_stands_in_the_way_closes_nothing(
    home: Home, write: Write, books: Callable[..., str]
) -> None:
    before = write(MONTHS["08"], PAPER.format("08", "Assets:Acme:Suspense")).read_text()
    said = books(*close("08"), code=1)
    assert "✗ nothing undecided or in transit: 1 to mend" in said
    assert "Assets:Acme:Suspense holds -4.00 USD" in said
    assert closed(home) == []
    assert (home.path / MONTHS["08"]).read_text() == before


def test_check_and_dry_run_write_nothing(home: Home, books: Callable[..., str]) -> None:
    told = json.loads(books(*close("08", "--check", "--format", "json")))
    assert (told["entity"], told["last"]) == ("Acme", "2026-08-31")
    assert all(check["met"] and not check["lacking"] for check in told["checks"])
    assert '+2026-10-05 custom "close-period" "Acme" "2026-08"' in books(*close("08", "--dry-run"))
    assert closed(home) == []


def test_reopening_takes_two_people_and_opens_what_followed(
    home: Home, books: Callable[..., str]
) -> None:
    books(*close("08"))
    books(*close("09"))
    again = ("reopen", "acme", "2026-08", "--reason", "booked twice", "--date", "2026-10-06")
    said = books(*again, "--approved-by", "jane", "--second-by", "Jane", code=2)
    assert "two people" in said
    assert closed(home) == ["2026-08", "2026-09"]
    assert "Acme 2026-08, 2026-09 may be changed" in books(*again, *TWO)
    assert closed(home) == []
    path = home.path / MONTHS["08"]
    path.write_text(path.read_text().replace("4.00", "5.00"))
    assert "VEIL-021" not in books("check")
    assert "is not closed" in books(*again, *TWO, code=2)


PEOPLE = """\
people:
  - name: Jane Roe
    emails: [jane@example.org, jane@home.example]
    login: janeroe
    roles: {"*": owner}
  - name: Joe Roe
    emails: [joe@example.org]
    roles: {Jane: owner, Acme: accountant}
  - name: Paula Prep
    emails: [paula@example.org]
    roles: {Acme: preparer}
  - name: Ed Audit
    emails: [ed@example.org]
    roles: {"*": auditor}
  - name: Raj Rao
    emails: [raj@example.org]
    roles: {Beta: owner}
"""


def reopen(approved: str, second: str) -> tuple[str, ...]:
    two = ("--approved-by", approved, "--second-by", second)
    return ("reopen", "acme", "2026-08", "--reason", "booked twice", *two)


@pytest.mark.parametrize(
    ("approved", "second", "said"),
    [
        ("joe@example.org", "janeroe", "Joe Roe is accountant of Acme, and an owner approves"),
        ("raj@example.org", "joe@example.org", "Raj Rao has no role in Acme, and an owner"),
        (
            "jane@example.org",
            "paula@example.org",
            "Paula Prep is preparer of Acme, and an",
        ),
        ("jane@example.org", "Ed Audit", "Ed Audit is auditor of Acme"),
        ("jane@example.org", "jane@home.example", "are both Jane Roe, and it takes two people"),
        ("jane@example.org", "janeroe", "are both Jane Roe"),
        (
            "jane@example.org",
            "mallory@example.org",
            "mallory@example.org: nobody there",
        ),
        (
            "Mallory",
            "joe@example.org",
            "add to people: - {name: Mallory, emails: [THEIR-ADDRESS]",
        ),
    ],
)
def test_who_may_not_open_a_period_again_does_not(
    home: Home, write: Write, books: Callable[..., str], approved: str, second: str, said: str
) -> None:
    books(*close("08"))
    write("rules/people.yaml", PEOPLE)
    told = books(*reopen(approved, second), code=2)
    assert said in told
    assert "rules/people.yaml" in told
    assert closed(home) == ["2026-08"]


@pytest.mark.parametrize(
    "names", [("janeroe", "Joe Roe"), ("jane@home.example", "joe@example.org")]
)
def test_an_owner_and_an_accountant_open_a_period_again(
    home: Home, write: Write, books: Callable[..., str], names: tuple[str, str]
) -> None:
    books(*close("08"))
    assert "names nobody" in books(*reopen("jane", "cpa"), "--dry-run")
    write("rules/people.yaml", PEOPLE)
    told = books(*reopen(*names))
    assert 'approved-by: "jane@example.org"' in told
    assert 'second-by: "joe@example.org"' in told
    assert "names nobody" not in told
    assert closed(home) == []


def test_a_month_closed_again_gets_the_next_tag(home: Home, books: Callable[..., str]) -> None:
    books(*close("08"))
    books("reopen", "acme", "2026-08", "--reason", "a typo", "--date", "2026-10-05", *TWO)
    assert "Tagged close/Acme/2026-08.2." in books(*close("08"))
    assert closed(home) == ["2026-08"]


def test_the_folder_names_an_entity_and_nonsense_does_not(books: Callable[..., str]) -> None:
    assert "there is no entity 'akme'" in books("close", "akme", "2026-08", code=2)
    assert "is not a period" in books("close", "ACME", "August", code=2)


ADJUST = ("adjust", "acme", "2026-09", "--amount", "12.00", "--why", "Rent, billed in October")
ACCRUED = ("--debit", "Expenses:Acme:Office", "--credit", AP)


def test_an_accrual_is_reversed_to_the_cent_on_the_next_day(
    home: Home, books: Callable[..., str]
) -> None:
    books(*ADJUST, *ACCRUED, "--approved-by", "cpa", "--reverse")
    entries = [t for t in read(home.main_root, home=home).transactions if t.tags]
    one, two = entries
    assert [(str(t.date), *t.tags) for t in entries] == [
        ("2026-09-30", "adjusting"),
        ("2026-10-01", "reversing"),
    ]
    assert one.links == two.links
    assert one.meta["approved-by"] == "cpa"
    assert [(p.account, p.units) for p in one.postings] == [
        (p.account, -p.units) for p in two.postings
    ]


def test_a_closed_month_is_corrected_in_an_open_one(home: Home, books: Callable[..., str]) -> None:
    books(*close("08"))
    books(*close("09"))
    said = books(*ADJUST, *ACCRUED, code=2)
    assert "Acme 2026-09 is closed" in said
    assert "--applies-to 2026-09" in said
    (name, entity, _, *rest) = ADJUST
    books(name, entity, "2026-10", *rest, *ACCRUED, "--by", code=2)
    books(name, entity, "2026-10", *rest, *ACCRUED, "--applies-to", "2026-09", "--approved-by", "x")
    (entry,) = [t for t in read(home.main_root, home=home).transactions if t.tags]
    assert (str(entry.date), entry.meta["applies-to"]) == ("2026-10-31", "2026-09")
    assert "VEIL-021" not in books("check")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--debit", "Expenses:Jane:Other", "--credit", AP), "is no account of Acme"),
        (("--debit", "Expenses:Acme:Nothing", "--credit", AP), "is no account of Acme"),
        ((*ACCRUED, "--amount", "-1"), "the amount is not positive"),
        ((*ACCRUED, "--amount", "twelve"), "is not an amount"),
    ],
)
def test_an_adjustment_that_cannot_be(
    books: Callable[..., str], more: tuple[str, ...], said: str
) -> None:
    assert said in books(*ADJUST, *more, "--approved-by", "x", code=2)


def test_what_is_not_committed_is_not_sealed(
    home: Home, write: Write, books: Callable[..., str]
) -> None:
    """The tag would not hold it; the open month's own changes are no matter."""
    more = write(MONTHS["08"].replace("08.", "08-more."), PAPER.format("08", AP))
    said = books(*close("08"), code=1)
    assert "an entry or a paper of the period is not committed" in said
    assert "git add ledger/acme/2026/2026-08-more.beancount && git commit" in said
    more.unlink()
    write(MONTHS["09"], PAPER.format("09", AP) + ";; noted\n" + PAPER.format("09", AP))
    said = books(*close("08", "--date", "2026-09-05"), code=1)
    assert f"{MONTHS['09']}, into which the seal goes, is not committed" in said
    assert closed(home) == git.tags(home.path, "close/*") == []
    books(*close("08"))
    assert git.tags(home.path, "close/*") == ["close/Acme/2026-08"]
    now = read(home.main_root, home=home)
    assert Closings.of(now)(seals_of(now.standing)["Acme"][0]) is not None


def test_a_fiscal_year_that_is_not_the_calendars(
    home: Home, write: Write, books: Callable[..., str]
) -> None:
    registry = next(home.ledger.rglob("registry.beancount"))
    before, acme, after = registry.read_text().partition('"Acme" "llc"')
    assert "12-31" in after
    registry.write_text(before + acme + after.replace("12-31", "08-31", 1))
    git.commit(home.path, [registry.relative_to(home.path)], "It ends in August", {})
    books("close", "acme", "FY2026", "--date", "2026-10-05", "--by", "jane")
    assert closed(home) == ["FY2026"]
    assert "✓ Acme FY2026: " in books("verify")
    assert "close what begins on 2026-09-01" in books(*close("10"), code=1)
    books("reopen", "acme", "FY2026", "--reason", "rent", *TWO, "--date", "2026-10-06")
    assert closed(home) == []
    books("close", "acme", "FY2026", "--date", "2026-10-07", "--by", "jane")
    assert git.tags(home.path, "close/*") == ["close/Acme/FY2026", "close/Acme/FY2026.2"]
    assert "none not as sealed" in books("verify")
