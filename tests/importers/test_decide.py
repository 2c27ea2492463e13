"""What a person decides of an inbox item: each decision, and near it what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bank import CHECKING, JANES, SAVINGS, bring, line, open_accounts, statement, told

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.read import read
from core.journal.write import apply
from importers.inbox.candidates import candidates
from importers.inbox.decide import crossed, duplicate, joined
from importers.inbox.items import InboxItem, accepted, all_accepted, inbox, waiting
from plugins.run import run_rules

OFFICE, FEES = "Expenses:Acme:Office", "Expenses:Acme:BankFees"
DUE_FROM, DUE_TO = "Assets:Acme:DueFrom:Jane", "Liabilities:Jane:DueTo:Acme"
TRANSIT = "Assets:Acme:InTransit"
FILE = "ledger/acme/2026/2026-09.beancount"

Write = Callable[[str, str], Path]


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home)
    return home


def of(account: str, books: Books) -> InboxItem:
    (item,) = [item for item in inbox(books) if item.account == account]
    return item


def after(home: Home, change: ChangeSet) -> Books:
    apply(home, change, key=change.message)
    return read(home.main_root)


def doubtful(home: Home, second: str = "-20.00") -> Books:
    """Two exports of one account whose days do not overlap, with what may be one line."""
    bring(home, "a.csv", statement(CHECKING, line(3, "-20.00", "Paper Mill")))
    return bring(home, "b.ofx", statement(CHECKING, line(5, second, "PAPER MILL"), version="o"))


def test_the_same_line_gives_its_id_to_the_other_and_goes(acme: Home) -> None:
    books = doubtful(acme)
    (item,) = [item for item in inbox(books) if item.review == "duplicate"]
    (perhaps,) = candidates([item], books)[item.id]
    assert (perhaps.date.day, perhaps.name) == (3, "Paper Mill")
    assert (perhaps.file, perhaps.number) == (FILE, item.number)
    books = after(acme, duplicate(item, "", home=acme, books=books))
    suspense = ("Assets:Acme:Suspense", "20.00", [])
    assert told(books) == [(3, "categorise", [(CHECKING, "-20.00", ["id", "id-2"]), suspense])]
    meta = books.transactions[0].postings[0].meta
    assert meta["id-2"] == item.id
    assert meta["src-2"].startswith("b.ofx ")
    again = bring(acme, "b.ofx", statement(CHECKING, line(5, "-20.00", "PAPER MILL"), version="o"))
    assert len(again.transactions) == 1


def test_a_third_source_gets_the_third_number(acme: Home) -> None:
    books = doubtful(acme)
    (item,) = [item for item in inbox(books) if item.review == "duplicate"]
    books = after(acme, duplicate(item, "", home=acme, books=books))
    third = statement(CHECKING, line(7, "-20.00", "paper mill"), version="third")
    books = bring(acme, "c.csv", third)
    (item,) = [item for item in inbox(books) if item.txn.date.day == 7]
    books = after(acme, duplicate(item, inbox(books)[0].id, home=acme, books=books))
    assert told(books)[0][2][0] == (CHECKING, "-20.00", ["id", "id-2", "id-3"])


def test_another_amount_is_no_duplicate(acme: Home) -> None:
    books = doubtful(acme, "-21.00")
    first, second = inbox(books)
    with pytest.raises(UserError, match=r"not one line: .* -21.00 USD and .* -20.00 USD"):
        duplicate(second, first.id, home=acme, books=books)


def test_which_line_it_is_has_to_be_said_where_no_one_asked(acme: Home) -> None:
    books = doubtful(acme, "-21.00")
    with pytest.raises(UserError, match="which line is the other one"):
        duplicate(inbox(books)[0], "", home=acme, books=books)
    with pytest.raises(UserError, match="the line itself"):
        duplicate(inbox(books)[0], inbox(books)[0].id, home=acme, books=books)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"PAPER MILL" "" ^receipt-7', r"has \^receipt-7, which would be lost"),
        ('"PAPER MILL" "" #tax', "has #tax, which would be lost"),
        ('"PAPER MILL" ""\n  invoice: "77"', "has invoice:, which would be lost"),
        ('"PAPER MILL" ""  ; ask Bob', "has a comment, which would be lost"),
    ],
)
def test_what_a_person_wrote_does_not_go_with_a_duplicate(
    acme: Home, written: str, said: str
) -> None:
    doubtful(acme)
    path = acme.path / FILE
    path.write_text(path.read_text().replace('"PAPER MILL" ""', written))
    books = read(acme.main_root)
    (item,) = [item for item in inbox(books) if item.review == "duplicate"]
    with pytest.raises(UserError, match=said):
        duplicate(item, "", home=acme, books=books)


def two_sides(home: Home, *, days: int = 0) -> Books:
    """Equal amounts that nothing else connects: a question."""
    return bring(
        home,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Ref 77")),
        statement(SAVINGS, line(3 + days, "50.00", "Ref 12")),
    )


@pytest.mark.parametrize("account", [CHECKING, SAVINGS])
def test_a_transfer_of_one_day_is_one_entry_whichever_side_is_asked(
    acme: Home, account: str
) -> None:
    books = two_sides(acme)
    change = joined(of(account, books), "", home=acme, books=books)
    books = after(acme, change)
    both = [(CHECKING, "-50.00", ["id"]), (SAVINGS, "50.00", ["id"])]
    assert told(books) == [(3, "", both)]
    assert books.transactions[0].flag == "*"
    assert "perhaps" not in books.transactions[0].meta
    assert not books.findings


def test_the_entry_with_something_of_a_person_is_the_one_that_stays(acme: Home) -> None:
    two_sides(acme)
    path = acme.path / FILE
    path.write_text(path.read_text().replace('"Ref 12" ""', '"Ref 12" "" ^rainy-day'))
    books = read(acme.main_root)
    books = after(acme, joined(of(CHECKING, books), "", home=acme, books=books))
    (one,) = books.transactions
    assert one.links == {"rainy-day"}
    assert told(books) == [(3, "", [(SAVINGS, "50.00", ["id"]), (CHECKING, "-50.00", ["id"])])]


def test_a_transfer_of_two_days_goes_by_way_of_in_transit_which_is_opened(acme: Home) -> None:
    books = two_sides(acme, days=2)
    books = after(acme, joined(of(CHECKING, books), "", home=acme, books=books))
    assert told(books) == [
        (3, "", [(CHECKING, "-50.00", ["id"]), (TRANSIT, "50.00", [])]),
        (5, "", [(SAVINGS, "50.00", ["id"]), (TRANSIT, "-50.00", [])]),
    ]
    assert books.accounts[TRANSIT].role == "in-transit"
    assert not books.findings


def test_a_line_that_is_decided_already_is_no_side(acme: Home) -> None:
    books = two_sides(acme)
    first = of(SAVINGS, books)
    books = after(acme, accepted(first, OFFICE, home=acme, books=books))
    with pytest.raises(UserError, match="Ref 12 is decided already"):
        joined(of(CHECKING, books), "", home=acme, books=books)


def test_amounts_that_are_not_opposite_are_no_transfer(acme: Home) -> None:
    books = bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Ref 77")),
        statement(SAVINGS, line(3, "49.00", "Ref 12")),
    )
    out, into = of(CHECKING, books), of(SAVINGS, books)
    with pytest.raises(UserError, match="not opposite amounts"):
        joined(out, into.id, home=acme, books=books)


def crossing(home: Home, *, days: int = 0) -> Books:
    return bring(
        home,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Ref 77")),
        statement(JANES, line(3 + days, "50.00", "Ref 12")),
    )


def test_between_entities_it_becomes_a_pair_that_waits_for_its_class(acme: Home) -> None:
    books = crossing(acme, days=1)
    books = after(acme, joined(of(CHECKING, books), of(JANES, books).id, home=acme, books=books))
    out, into = of(CHECKING, books), of(JANES, books)
    assert out.txn.links == into.txn.links
    assert (out.txn.meta["counterparty"], into.txn.meta["counterparty"]) == ("Jane", "Acme")
    assert (out.review, into.review) == ("transfer", "transfer")
    (link,) = out.txn.links
    # The class of one half is told to the other; then nothing is wrong with the pair.
    books = after(acme, crossed(out, DUE_FROM, "loan-advance", "", home=acme, books=books))
    into = of(JANES, books)
    assert into.txn.meta["transfer"] == "loan-advance"
    books = after(acme, accepted(into, DUE_TO, home=acme, books=books))
    assert inbox(books) == []
    assert {linked for txn in books.transactions for linked in txn.links} == {link}
    pairs = {"VEIL-005", "VEIL-006", "VEIL-007"}
    assert [f for f in run_rules(books) if f.code in pairs] == []


def test_halves_of_a_pair_are_not_six_days_apart(acme: Home) -> None:
    books = crossing(acme, days=6)
    with pytest.raises(UserError, match="at most 5 days apart, and these are 6"):
        joined(of(CHECKING, books), of(JANES, books).id, home=acme, books=books)


def test_a_crossing_finds_the_one_line_that_must_be_its_other_half(acme: Home) -> None:
    books = crossing(acme)
    item = of(CHECKING, books)
    books = after(acme, crossed(item, DUE_FROM, "loan-advance", "jane", home=acme, books=books))
    half = of(JANES, books)
    assert half.txn.meta["counterparty"] == "Acme"
    (decided,) = [txn for txn in books.transactions if not txn.meta.get("review")]
    assert decided.meta["counterparty"] == "Jane"
    assert decided.links == half.txn.links
    assert all(link.startswith("ic-26-") for link in decided.links)


def test_a_crossing_takes_the_link_of_the_half_that_waits_for_it(acme: Home) -> None:
    books = bring(acme, "a.csv", statement(CHECKING, line(3, "-50.00", "Ref 77")))
    item = of(CHECKING, books)
    books = after(acme, crossed(item, DUE_FROM, "loan-advance", "Jane", home=acme, books=books))
    (link,) = books.transactions[0].links
    books = bring(acme, "b.csv", statement(JANES, line(4, "50.00", "Ref 12")))
    item = of(JANES, books)
    books = after(acme, crossed(item, DUE_TO, "loan-advance", "Acme", home=acme, books=books))
    assert [set(txn.links) for txn in books.transactions] == [{link}, {link}]


@pytest.mark.parametrize(
    ("transfer", "party", "said"),
    [
        ("lone", "Jane", "'lone' is no class of crossings"),
        ("rent", "Joan", "'Joan' is no other entity"),
        ("rent", "Acme", "'Acme' is no other entity"),
        ("rent", "", "a crossing with whom"),
    ],
)
def test_a_crossing_is_refused_where_it_says_nothing(
    acme: Home, transfer: str, party: str, said: str
) -> None:
    books = crossing(acme)
    with pytest.raises(UserError, match=said):
        crossed(of(CHECKING, books), DUE_FROM, transfer, party, home=acme, books=books)


TWO_PARTS = """\
2026-09-03 ! "Shop" "Order 7"
  review: "categorise"
  Assets:Acme:Bank:Checking   96.50 USD
    id: "x-1"
  Assets:Acme:Suspense       -100.00 USD
  Assets:Acme:Suspense          3.50 USD
    note: "fee"
"""


@pytest.fixture
def parts(acme: Home, write: Write) -> Books:
    path = acme.ledger / "acme/accounts.beancount"
    suspense = '2020-01-01 open Assets:Acme:Suspense\n  role: "suspense"\n'
    path.write_text(path.read_text() + suspense)
    write(FILE, TWO_PARTS)
    return read(acme.main_root)


def test_of_two_postings_that_wait_it_has_to_be_said_which(acme: Home, parts: Books) -> None:
    (item,) = inbox(parts)
    assert waiting(item, parts) == [1, 2]
    with pytest.raises(UserError, match="2 postings wait") as refused:
        accepted(item, OFFICE, home=acme, books=parts)
    assert "--part 2: 3.50 USD Assets:Acme:Suspense (fee)" in refused.value.hint
    with pytest.raises(UserError, match="2 postings wait"):
        accepted(item, OFFICE, home=acme, books=parts, part=3)


def test_the_entry_waits_until_its_last_part_is_decided(acme: Home, parts: Books) -> None:
    books = after(acme, accepted(inbox(parts)[0], FEES, home=acme, books=parts, part=2))
    (item,) = inbox(books)
    assert [p.account for p in item.txn.postings] == [CHECKING, "Assets:Acme:Suspense", FEES]
    assert item.txn.flag == "!"
    books = after(acme, accepted(item, OFFICE, home=acme, books=books))
    assert inbox(books) == []
    assert [p.account for p in books.transactions[0].postings] == [CHECKING, OFFICE, FEES]
    assert books.transactions[0].flag == "*"


def test_several_lines_are_one_change(acme: Home) -> None:
    lines = [line(day, "-20.00", f"STAPLES #{day}") for day in (3, 4, 5)]
    books = bring(acme, "a.csv", statement(CHECKING, *lines, line(6, "-1.00", "STARLIGHT")))
    items = [item for item in inbox(books) if item.group == "staples"]
    change = all_accepted(items, OFFICE, home=acme, books=books)
    assert change.message == f"Accept STAPLES #3 and 2 more (3 lines): {OFFICE}"
    books = after(acme, change)
    assert [item.name for item in inbox(books)] == ["STARLIGHT"]
