"""Closed periods and statements in books that are read again after each edit."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount import loader

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.render import render
from core.period import parse_period
from core.seal import NOTHING_BEFORE, canonical, entities_in, hash_of_period
from plugins import run
from plugins.closing import sealed as sealing
from plugins.closing.closing import seal
from plugins.run import run_rules
from plugins.veil import closed, reconciliation

Write = Callable[[str, str], Path]
AUGUST, SEPTEMBER = "ledger/acme/2026/2026-08.beancount", "ledger/acme/2026/2026-09.beancount"
CLOSED = "ledger/acme/2026/2026-closed.beancount"
PAPER = '2026-08-03 * "Staples" "Paper"\n  Expenses:Acme:Office  40.00 USD\n  Liabilities:Acme:AP\n'
PENS = '2026-09-03 * "Staples" "Pens"\n  Expenses:Acme:Office  5.00 USD\n  Liabilities:Acme:AP\n'
NOTE = '2026-08-04 note Liabilities:Acme:AP "The shop called"\n'
PADDED = (
    "2026-08-05 pad Liabilities:Acme:AP Equity:Acme:OpeningBalances\n"
    "2026-08-06 balance Liabilities:Acme:AP  -50.00 USD\n"
)
DOCUMENT = '2026-08-07 document Liabilities:Acme:AP "../documents/bill.txt"\n'


@pytest.fixture(autouse=True)
def _the_rules_of_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No others, so that ``make mutate`` knows whom these tests judge."""
    monkeypatch.setattr(run, "RULES", (*closed.RULES, *reconciliation.RULES))


def found(home: Home) -> list[tuple[str, str]]:
    """Codes and files of what the rules find, which must be the same at a cold look."""
    warm = read(home.main_root, home=home)
    assert warm.parts is not None
    findings = run_rules(warm)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKS_NO_CACHE", "1")
        assert findings == run_rules(read(home.main_root, home=home))
    return [(finding.code, finding.file) for finding in findings]


def hash_of_august(books: Books, home: Home) -> str:
    entries = [
        e
        for e in books.entries
        if f"{e.date:%Y-%m}" == "2026-08"
        and "Acme" in entities_in(e)
        and getattr(e, "flag", "") != "P"
    ]
    lines = [
        canonical(e, home.path, lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
        for e in entries
    ]
    return hash_of_period("Acme", "2026-08", NOTHING_BEFORE, [line for line in lines if line])


@pytest.fixture
def sealed(home: Home, write: Write) -> Home:
    """August closed, with a note, a pad and a paper in it; September open."""
    write("ledger/acme/documents/bill.txt", "Staples, 40.00\n")
    write(AUGUST, PAPER + NOTE + PADDED + DOCUMENT)
    write(SEPTEMBER, PENS)
    seal = hash_of_august(read(home.main_root, home=home), home)
    write(CLOSED, f'2026-09-05 custom "close-period" "Acme" "2026-08"\n  hash: "{seal}"\n')
    assert found(home) == []
    return home


def test_the_open_month_may_change(sealed: Home, write: Write) -> None:
    write(SEPTEMBER, PENS.replace("5.00", "6.00"))
    assert found(sealed) == []


def test_a_change_of_the_closed_month_is_found_and_gone_when_taken_back(
    sealed: Home, write: Write
) -> None:
    whole = PAPER + NOTE + PADDED + DOCUMENT
    for was, becomes in (("40.00", "40.01"), (NOTE, ""), ("-50.00", "-50.01"), ("08-07", "08-08")):
        assert was in whole
        write(AUGUST, whole.replace(was, becomes))
        assert found(sealed) == [("VEIL-021", CLOSED)], was
        write(AUGUST, whole)
        assert found(sealed) == [], was


def test_an_entry_added_to_the_closed_month_is_named_wherever_it_stands(
    sealed: Home, write: Write
) -> None:
    late = PAPER.replace("08-03", "08-30").replace("Paper", "Late bill")
    write(SEPTEMBER, late + PENS)
    assert found(sealed) == [("VEIL-021", SEPTEMBER)]


def test_layout_does_not_count(sealed: Home, write: Write) -> None:
    write(AUGUST, ";; moved\n\n" + DOCUMENT + PADDED + NOTE)
    write("ledger/acme/2026/2026-08-more.beancount", PAPER)
    assert found(sealed) == []


def test_evidence_that_changed_after_closing_is_found(sealed: Home, write: Write) -> None:
    write("ledger/acme/documents/bill.txt", "Staples, 4.00\n")
    assert found(sealed) == [("VEIL-021", CLOSED)]


JULY, MORE = "ledger/acme/2026/2026-07.beancount", "ledger/acme/2026/2026-08-more.beancount"
PRICES = "ledger/prices.beancount"
EURO = """
2026-08-10 * "Exchange" "Euro"
  Assets:Acme:Euro  10.00 EUR @ 1.10 USD
  Liabilities:Acme:AP
"""
PRICE = "2026-08-31 price EUR  1.10 USD\n"


def shut(home: Home, write: Write, entity: str = "Acme") -> None:
    """Closes the entity's August as ``books close`` does: with the hash of its figures."""
    books = read(home.main_root, home=home)
    made = seal(
        books, entity, parse_period("2026-08"), day=dt.date(2026, 9, 5), closed_by="Jane Roe"
    )
    write(CLOSED, render(made).text)
    assert found(home) == []


@pytest.fixture
def with_figures(home: Home, write: Write) -> Home:
    """August closed with its figures: two papers, a pad, euro and their price."""
    write("ledger/acme/documents/bill.txt", "Staples, 40.00\n")
    write("ledger/acme/documents/more.txt", "Staples, another page\n")
    write(JULY, "2026-07-01 open Assets:Acme:Euro  EUR\n" + PAPER.replace("08-03", "07-03"))
    more = DOCUMENT.replace("bill", "more")
    write(AUGUST, PAPER + PADDED.replace("50", "91") + DOCUMENT + more + EURO)
    write(SEPTEMBER, PENS)
    write(PRICES, PRICE)
    shut(home, write)
    return home


def test_what_nobody_touched_is_not_computed_again(
    with_figures: Home, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: object) -> None:
        pytest.fail("it was known")

    for pens in ("6.00", "7.00"):
        write(SEPTEMBER, PENS.replace("5.00", pens))
        with monkeypatch.context() as patch:
            patch.setattr(sealing, "hash_of_period", again)
            patch.setattr(sealing, "hash_of_figures", again)
            patch.setattr(hashlib, "file_digest", again)
            assert run_rules(read(with_figures.main_root, home=with_figures)) == []


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        (PRICES, PRICE, PRICE.replace("1.10", "1.20")),
        (JULY, "Expenses:Acme:Office  40.00", "Expenses:Acme:Office  39.00"),
    ],
    ids=["a price", "an entry before"],
)
def test_a_figure_that_changed_is_found_and_gone_when_taken_back(
    with_figures: Home, write: Write, file: str, was: str, becomes: str
) -> None:
    whole = (with_figures.path / file).read_text()
    assert was in whole
    write(file, whole.replace(was, becomes))
    assert found(with_figures) == [("VEIL-021", CLOSED)]
    write(file, whole)
    assert found(with_figures) == []


def test_the_first_and_the_last_day_belong_to_the_period(home: Home, write: Write) -> None:
    days = {day: PAPER.replace("08-03", day) for day in ("07-31", "08-01", "08-31", "09-01")}
    write(AUGUST, "".join(days.values()))
    closing = hash_of_august(read(home.main_root, home=home), home)
    write(CLOSED, f'2026-09-05 custom "close-period" "Acme" "2026-08"\n  hash: "{closing}"\n')
    assert found(home) == []
    for day, wanted in (("07-31", 0), ("08-01", 1), ("08-31", 1), ("09-01", 0)):
        write(AUGUST, "".join({**days, day: days[day].replace("40.00", "41.00")}.values()))
        assert len(found(home)) == wanted, day


def test_a_month_in_which_nothing_was_booked_can_be_closed(home: Home, write: Write) -> None:
    write(AUGUST, PAPER)
    shut(home, write, "Jane")
    gift = '2026-08-20 * "Aunt" "Gift"\n  Assets:Jane:Cash  10.00 USD\n  Income:Jane:Gifts\n'
    opened = "2020-01-01 open Assets:Jane:Cash\n2020-01-01 open Income:Jane:Gifts\n"
    write("ledger/jane/2026/2026-08.beancount", opened + gift)
    assert found(home) == [("VEIL-021", "ledger/jane/2026/2026-08.beancount")]


def test_what_stands_on_the_line_of_a_pad_in_another_file_is_sealed(
    sealed: Home, write: Write
) -> None:
    line = (PAPER + NOTE).count("\n")  # the pad stands on the next one
    write(MORE, "\n" * line + PENS.replace("09-03", "08-30"))
    assert found(sealed) == [("VEIL-021", MORE)]


def test_books_of_another_state_are_sealed_with_its_papers(sealed: Home) -> None:
    paper = sealed.ledger / "acme/documents/bill.txt"

    def with_paper(content: bytes | None) -> list[str]:
        books = read(sealed.main_root, home=sealed, overlay={paper: content})
        return [finding.code for finding in run_rules(books) if finding.code == "VEIL-021"]

    was = paper.read_bytes()
    assert with_paper(b"Staples, 4.00\n") == ["VEIL-021"]
    assert with_paper(None) == ["VEIL-021"]
    paper.write_bytes(b"Staples, 4.00\n")
    assert with_paper(was) == []


def test_what_bean_check_reads_has_the_same_hash(sealed: Home) -> None:
    entries, _, options = loader.load_file(str(sealed.main_root))
    assert run_rules(Books.of(entries, options)) == []


def test_a_paper_outside_the_home_is_sealed_by_its_name_alone(home: Home, write: Write) -> None:
    outside = home.path.parent / "outside.txt"
    outside.write_text("Staples, 40.00\n")
    write(AUGUST, PAPER + DOCUMENT.replace("../documents/bill.txt", str(outside)))
    shut(home, write)
    outside.write_text("Staples, 4.00\n")
    assert found(home) == []


BANK = """
2026-08-01 open Assets:Acme:Bank  USD
  role: "bank"
  account-id: "chase-1"
  title-holder: "Acme LLC"
"""
SALE = '2026-08-03 * "Client" "Sale"\n  Assets:Acme:Bank  500.00 USD\n  Liabilities:Acme:AP\n'
PROVEN = '2026-09-01 balance Assets:Acme:Bank  500.00 USD\n  statement: "documents/2026-08.txt"\n'


def test_a_balance_that_fails_proves_nothing(home: Home, write: Write) -> None:
    later = '2026-09-21 * "Client" "Sale"\n  Assets:Acme:Bank  1.00 USD\n  Liabilities:Acme:AP\n'
    write("ledger/acme/documents/2026-08.txt", "Closing balance 500.00\n")
    write(AUGUST, BANK + SALE)
    write(SEPTEMBER, PROVEN + later)
    assert found(home) == []
    write(SEPTEMBER, PROVEN.replace("500.00", "501.00") + later)
    assert found(home) == [("VEIL-020", SEPTEMBER)]
    write(SEPTEMBER, later)
    assert found(home) == [("VEIL-020", AUGUST)]
    (home.ledger / "acme/documents/2026-08.txt").unlink()
    write(SEPTEMBER, PROVEN + later)
    assert found(home) == [("VEIL-020", SEPTEMBER)]


@pytest.mark.parametrize("where", [(MORE,), (JULY,), (SEPTEMBER,), (JULY, MORE, SEPTEMBER)])
def test_of_entries_that_are_alike_the_same_one_is_named_warm_and_cold(
    sealed: Home, write: Write, where: tuple[str, ...]
) -> None:
    """``found`` compares every detail; each edit before the last makes another file the newest."""
    for name in where:
        write(name, PAPER)
    wanted = found(sealed)
    for name in (AUGUST, *where, AUGUST):
        text = (sealed.path / name).read_text()
        write(name, f";; moved\n{text}")
        assert found(sealed) == wanted
