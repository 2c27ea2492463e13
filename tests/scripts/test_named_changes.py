"""VEIL-021 in ``books check``, in a diff and in a review: each entry, price, option or pad that was
added, changed or removed after a closing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from proposals import Repository

from bulkhead.veil import veil
from core import git
from core.home import Home
from core.journal.read import read
from scripts import books as loading
from scripts.main import main

Write = Callable[[str, str], Path]
Told = list[tuple[str, str]]  # where, and what is said there
POLICY = "ledger/acme/2026/2026-01.beancount"
JULY, AUGUST, SEPTEMBER, OCTOBER = (
    f"ledger/acme/2026/2026-{month}.beancount" for month in ("07", "08", "09", "10")
)
PRICES, ROOT = "ledger/prices.beancount", "ledger/group.beancount"
FILES = {
    POLICY: """
2020-01-01 custom "veil-rule" "VEIL-019" "off"
2020-01-01 open Assets:Acme:Euro  EUR
2020-01-01 open Assets:Acme:Till  USD
""",
    JULY: """
2026-07-15 * "Depot" "Chairs" ^bill-0
  Expenses:Acme:Office  90.00 USD
  Liabilities:Acme:AP
""",
    AUGUST: """
2026-08-03 * "Depot" "Paper" ^bill-1
  receipt: "documents/paper.txt"
  Expenses:Acme:Office  40.00 USD
  Liabilities:Acme:AP

2026-08-10 * "Exchange" "For the trip" #trip ^bill-2
  Assets:Acme:Euro  50.00 EUR @ 1.10 USD
  Liabilities:Acme:AP

2026-08-12 note Liabilities:Acme:AP "The shop called"
""",
    SEPTEMBER: """
2026-09-03 * "Depot" "Pens" ^bill-3
  Expenses:Acme:Office  5.00 USD
  Liabilities:Acme:AP
""",
    OCTOBER: "",
    PRICES: "2026-08-31 price EUR 1.12 USD\n2026-09-30 price EUR 1.15 USD\n",
    "ledger/acme/documents/paper.txt": "Paper, 40.00\n",
}
LATE = """
2026-08-20 * "Printer" "Ink" ^bill-4
  Expenses:Acme:Office  7.00 USD
  Liabilities:Acme:AP
"""


@pytest.fixture
def closed(home: Home, write: Write, monkeypatch: pytest.MonkeyPatch) -> Home:
    """August and September of Acme are closed."""
    monkeypatch.chdir(home.path)
    for name, text in FILES.items():
        write(name, text)
    git.commit(home.path, map(Path, FILES), "Three months", {})
    close()
    return home


def close(*months: str, day: str = "2026-10-05") -> None:
    for month in months or ("08", "09"):
        with pytest.raises(SystemExit) as ended:
            main(["close", "acme", f"2026-{month}", "--date", day, "--by", "jane"])
        assert ended.value.code == 0


def found(home: Home) -> Told:
    """What VEIL-021 says, twice, since what is kept must not make it say another thing."""
    first = told(home)
    assert told(home) == first
    return first


def told(home: Home) -> Told:
    findings = loading.check(read(home.main_root, home=home))
    return [
        (f"{f.file}:{f.line}" if f.line else f.file, f.message)
        for f in findings
        if f.code == "VEIL-021"
    ]


def edit(home: Home, name: str, was: str, becomes: str) -> None:
    path = home.path / name
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, becomes, 1))


@pytest.mark.parametrize(
    ("file", "was", "becomes", "where", "said"),
    [
        (
            AUGUST, "40.00", "41.00", f"{AUGUST}:2",
            "“Depot” of 2026-08-03 in Acme 2026-08 was changed after it was closed: "
            "Expenses:Acme:Office 40.00 USD, Liabilities:Acme:AP -40.00 USD → "
            "Expenses:Acme:Office 41.00 USD, Liabilities:Acme:AP -41.00 USD; take the change back",
        ),
        (AUGUST, '"Paper"', '"Pens"', f"{AUGUST}:2", "closed: narration Paper → Pens; take"),
        (AUGUST, "#trip ", "", f"{AUGUST}:7", 'closed: tags ["trip"] → []; take'),
        (
            AUGUST, "paper.txt", "other.txt", f"{AUGUST}:2",
            "closed: receipt documents/paper.txt → documents/other.txt; take",
        ),
        (AUGUST, "08-03", "08-04", f"{AUGUST}:2", "closed: date 2026-08-03 → 2026-08-04; take"),
        (AUGUST, "@ 1.10", "@ 1.20", f"{AUGUST}:7", "price 1.10 USD"),
        (
            AUGUST, "called", "rang", f"{AUGUST}:11",
            "the note directive of 2026-08-12 in Acme 2026-08 was changed after it was closed: "
            "comment The shop called → The shop rang; take",
        ),
        (
            AUGUST, '\n2026-08-12 note Liabilities:Acme:AP "The shop called"\n', "", AUGUST,
            "the note directive of 2026-08-12 was taken out of Acme 2026-08 after it was closed "
            f"(it stood at {AUGUST}:11: 2026-08-12 note Liabilities:Acme:AP The shop called); "
            "put it back",
        ),
        # the date is moved: out of the period into an open month, out of another one into it
        (
            AUGUST, "2026-08-03", "2026-07-31", AUGUST,
            "was taken out of Acme 2026-08 after it was closed (it stood at "
            f'{AUGUST}:2: 2026-08-03 * "Depot" "Paper": Expenses:Acme:Office 40.00 USD, '
            f"Liabilities:Acme:AP -40.00 USD); it stands now at {AUGUST}:2 under 2026-07-31",
        ),
        (
            JULY, "2026-07-15", "2026-08-01", f"{JULY}:2",
            "“Depot” of 2026-08-01 was added to Acme 2026-08 after it was closed",
        ),
        (OCTOBER, "", LATE, f"{OCTOBER}:", "“Printer” of 2026-08-20 was added to Acme 2026-08"),
        # nothing in the period is another: what alters its figures
        (
            PRICES, "1.12", "1.13", f"{PRICES}:1",
            "the price of EUR in USD on 2026-08-31 was changed: 1.12 → 1.13; figures of "
            "Acme 2026-08",
        ),
        (
            PRICES, "2026-08-31 price EUR 1.12 USD\n", "", PRICES,
            "the price of EUR in USD on 2026-08-31 was taken out: 1.12 (it stood at "
            f"{PRICES}:1); figures of Acme 2026-08",
        ),
        (
            PRICES, "2026-08-31", "2026-08-15 price EUR 2.00 USD\n2026-08-31", f"{PRICES}:1",
            "the price of EUR in USD on 2026-08-15 was added: 2; figures of Acme 2026-08",
        ),
        (
            ROOT, 'option "title"', 'option "booking_method" "FIFO"\noption "title"', f"{ROOT}:",
            "the option booking_method was changed: STRICT → FIFO; figures of Acme 2026-08",
        ),
        (
            POLICY, "Euro  EUR", 'Euro  EUR "FIFO"', f"{POLICY}:3",
            "how lots of Assets:Acme:Euro are booked was added: FIFO; figures of Acme 2026-08",
        ),
        (
            JULY, "90.00", "91.00", f"{JULY}:2",
            "“Depot” of 2026-07-15 was changed: Expenses:Acme:Office 90.00 USD, "
            "Liabilities:Acme:AP -90.00 USD → Expenses:Acme:Office 91.00 USD, "
            "Liabilities:Acme:AP -91.00 USD; figures of Acme 2026-08, which is closed, follow "
            "from it: take that back",
        ),
        (
            JULY, FILES[JULY], "", JULY,
            "figures of Acme 2026-08, which is closed, follow from it: “Depot” of 2026-07-15 was "
            "taken out after that was closed",
        ),
    ],
)  # fmt: skip
def test_what_changed_after_a_closing_is_named_once(
    closed: Home, file: str, was: str, becomes: str, where: str, said: str
) -> None:
    assert found(closed) == []
    before = (closed.path / file).read_text()
    (closed.path / file).write_text(
        before.replace(was, becomes, 1) if was else f"{before}{becomes}"
    )
    ((place, message),) = found(closed)
    assert place.startswith(where)
    assert said in message
    (closed.path / file).write_text(before)
    assert found(closed) == []


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        (AUGUST, "  Expenses", "      Expenses"),
        (AUGUST, "\n2026-08-10", "\n; the trip\n2026-08-10"),
        (AUGUST, '  receipt: "d', '  rule: "paper"\n  recon: "yes"\n  receipt: "d'),
        (AUGUST, "  Liabilities:Acme:AP\n", "  Liabilities:Acme:AP  -40.00 USD\n"),
        (SEPTEMBER, "  Expenses", '  review: "categorise"\n  Expenses'),
        (JULY, '"Chairs"', '"Stools"'),  # an open month may say it in other words
        (JULY, "07-15", "07-16"),
        (OCTOBER, "2026-10-05", LATE.replace("08-20", "10-01") + "\n2026-10-05"),
        (PRICES, "1.12 USD", "1.120 USD"),
        (PRICES, "2026-08-31", "2026-08-31 price GBP 1.30 USD\n2026-08-31"),  # it holds none
        (PRICES, "2026-08-31", "2026-07-31 price EUR 1.30 USD\n2026-08-31"),
    ],
)
def test_what_alters_no_closed_period_is_not(
    closed: Home, file: str, was: str, becomes: str
) -> None:
    edit(closed, file, was, becomes)
    assert found(closed) == []


def test_a_file_that_moved_and_another_order_are_nothing(closed: Home, write: Write) -> None:
    first, *rest = FILES[AUGUST].strip().split("\n\n")
    write("ledger/acme/2026/2026-08-more.beancount", f"{first}\n")
    write(AUGUST, "\n\n".join(reversed(rest)) + "\n")
    assert found(closed) == []


def test_each_of_several_changes_is_named(closed: Home) -> None:
    edit(closed, AUGUST, "40.00", "41.00")
    edit(closed, AUGUST, '\n2026-08-12 note Liabilities:Acme:AP "The shop called"\n', LATE + LATE)
    edit(closed, SEPTEMBER, "5.00", "6.00")
    edit(closed, PRICES, "1.15", "1.16")
    said = found(closed)
    assert sorted(place for place, _ in said) == [
        AUGUST, f"{AUGUST}:11", f"{AUGUST}:15", f"{AUGUST}:2", f"{SEPTEMBER}:2", f"{PRICES}:2",
    ]  # fmt: skip


def test_an_entry_moved_from_one_closed_month_into_another_changes_both(closed: Home) -> None:
    edit(closed, AUGUST, "2026-08-03", "2026-09-08")
    (place, message), (other, gone) = sorted(found(closed), reverse=True)
    assert (place, other) == (f"{AUGUST}:2", AUGUST)
    assert "“Depot” of 2026-09-08 was added to Acme 2026-09" in message
    assert f"it stands now at {AUGUST}:2 under 2026-09-08" in gone


def test_a_pad_is_named_by_the_balance_that_it_goes_up_to(
    home: Home, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.path)
    pad = "\n2026-08-20 pad Assets:Acme:Till Equity:Acme:OpeningBalances\n"
    files = {**FILES, AUGUST: FILES[AUGUST] + pad}
    files[OCTOBER] = "2026-10-01 balance Assets:Acme:Till  100.00 USD\n"
    for name, text in files.items():
        write(name, text)
    git.commit(home.path, map(Path, files), "Three months", {})
    close("08")
    (always,) = found(home)
    assert "goes up to the balance of 2026-10-01, which is not closed" in always[1]
    edit(home, OCTOBER, "100.00", "150.00")
    said = found(home)
    assert always in said
    said.remove(always)
    ((place, message),) = said
    assert place == f"{OCTOBER}:1"
    assert "the balance directive of 2026-10-01 was changed: amount 100.00 → 150.00" in message
    assert "figures of Acme 2026-08, which is closed, follow from it" in message
    edit(home, OCTOBER, "150.00", "100.00")
    edit(home, AUGUST, "2026-08-20 pad", "2026-08-21 pad")
    ((place, message),) = [each for each in found(home) if each[0] == f"{AUGUST}:13"
                           and "goes up" not in each[1]]  # fmt: skip
    assert "closed: date 2026-08-20 → 2026-08-21" in message


def test_a_pad_written_into_a_closed_month_is_named(closed: Home, write: Write) -> None:
    write(
        OCTOBER,
        (closed.path / OCTOBER).read_text()
        + """
2026-08-20 pad Assets:Acme:Till Equity:Acme:OpeningBalances
2026-08-21 balance Assets:Acme:Till  10.00 USD
""",
    )
    said = " ".join(message for _, message in found(closed))
    assert "the pad directive of 2026-08-20 was added to Acme 2026-08" in said
    assert "the balance directive of 2026-08-21 was added to Acme 2026-08" in said
    assert len(found(closed)) == 2


def test_without_its_tag_a_period_is_named_and_how_to_get_it(closed: Home) -> None:
    for month in ("08", "09"):
        git._git(closed.path, "tag", "--delete", f"close/Acme/2026-{month}")
    edit(closed, AUGUST, "40.00", "41.00")
    findings = [f for f in loading.check(read(closed.main_root)) if f.code == "VEIL-021"]
    assert [f.date and f"{f.date:%Y-%m}" for f in findings] == ["2026-08", "2026-09"]
    assert "the entries of Acme in 2026-08 are not those that were sealed" in findings[0].message
    assert "git fetch --tags" in findings[0].evidence[0]


def test_without_git_a_period_is_named(closed: Home) -> None:
    (closed.path / ".git").rename(closed.path.parent / "elsewhere")
    edit(closed, AUGUST, "40.00", "41.00")
    assert [place.rpartition(":")[0] for place, _ in found(closed)] == [OCTOBER, OCTOBER]
    (closed.path.parent / "elsewhere").rename(closed.path / ".git")
    assert [place for place, _ in found(closed)] == [f"{AUGUST}:2"]


def test_books_that_are_as_they_were_sealed_ask_git_for_nothing(
    closed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> list[str]:
        raise AssertionError("asked")

    monkeypatch.setattr(git, "tags", asked)
    assert found(closed) == []
    edit(closed, AUGUST, "40.00", "41.00")
    with pytest.raises(AssertionError, match="asked"):
        told(closed)


def test_a_month_closed_again_is_compared_with_its_second_closing(closed: Home) -> None:
    two = ["--approved-by", "jane@example.org", "--second-by", "cpa@example.org"]
    with pytest.raises(SystemExit):
        main(["reopen", "acme", "2026-08", "--reason", "late", "--date", "2026-10-06", *two])
    edit(closed, AUGUST, "40.00", "41.00")
    git.commit(closed.path, [Path(AUGUST)], "Late", {})
    close(day="2026-10-07")
    assert found(closed) == []
    edit(closed, AUGUST, "41.00", "42.00")
    ((_, message),) = found(closed)
    assert "41.00 USD, Liabilities:Acme:AP -41.00 USD → Expenses:Acme:Office 42.00" in message


def test_one_file_that_is_no_home_is_named_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: Home
) -> None:
    flat = closed.ledger / "acme" / "main.beancount"
    edit(closed, AUGUST, "40.00", "41.00")
    findings = loading.check(read(flat))
    assert [(f.file, f.line) for f in findings if f.code == "VEIL-021"] == [(AUGUST, 2)]


def test_the_doorway_names_it_too(closed: Home) -> None:
    edit(closed, AUGUST, "40.00", "41.00")
    books = read(closed.main_root, home=closed)
    _, errors = veil(list(books.entries), {**books.options}, "group")
    (error,) = [error for error in errors if error.message.startswith("VEIL-021")]
    assert (Path(error.source["filename"]), error.source["lineno"]) == (closed.path / AUGUST, 2)
    assert "41.00 USD" in error.message


def test_a_diff_finds_what_the_change_brings_and_no_more(
    closed: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(closed, AUGUST, "40.00", "41.00")
    git.commit(closed.path, [Path(AUGUST)], "What nobody should do", {})
    edit(closed, AUGUST, "called", "rang")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["diff", "HEAD", "--format", "json"])
    said = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["code"], f["line"]) for f in said["new"]] == [("VEIL-021", 11)]
    assert said["cured"] == []


def proposed(
    home: Home, capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> tuple[int, list[tuple[int, str]]]:
    """The exit status of a review of these changes of the checkout, and what VEIL-021 says."""
    head = Repository(home.path).commit(changes)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["review", "--base", "main", "--head", head, "--format", "json"])
    said = json.loads(capsys.readouterr().out)["findings"]
    found = [(f["line"], f["message"]) for f in said if f["code"] == "VEIL-021"]
    return int(ended.value.code or 0), found


def test_a_review_names_what_a_proposal_changes_in_a_closed_month(
    closed: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (closed.path / AUGUST).read_text()
    both = text.replace("40.00", "41.00").replace("called", "rang")
    status, said = proposed(closed, capsys, {AUGUST: both})
    assert (status, [line for line, _ in said]) == (1, [2, 11])
    # in books that somebody broke before, what the proposal changes besides is its own
    broken = Repository(closed.path).commit({AUGUST: text.replace("40.00", "41.00")})
    Repository(closed.path).git("update-ref", "refs/heads/main", broken)
    assert proposed(closed, capsys, {POLICY: FILES[POLICY] + "; more\n"}) == (0, [])
    status, said = proposed(closed, capsys, {AUGUST: both})
    assert (status, [line for line, _ in said]) == (1, [11])
