"""What covers an account's days, and where the holes are; all dates are of 2026."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from bank import CHECKING, SAVINGS, bring, line, open_accounts, statement
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from importers.proof.coverage import Covered, Hole, coverage
from importers.statement import Statement

Write = Callable[[str, str], Path]


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home, [CHECKING, SAVINGS])
    return home


def checking(home: Home, as_of: str = "") -> Covered:
    day = dt.date.fromisoformat(as_of) if as_of else None
    (covered,) = coverage(read(home.main_root, home=home, as_of=day), [CHECKING])
    return covered


def states(covered: Covered) -> dict[int, str]:
    """The state of each month, by its number; ``+`` where its end is proven."""
    return {m.first.month: m.state + ("+" if m.proven else "") for m in covered.months}


def days(holes: tuple[Hole, ...]) -> list[str]:
    return [f"{h.first:%m-%d} {h.last:%m-%d} {h.lines}" for h in holes]


def by_hand(*entries: tuple[str, str]) -> str:
    """Entries that somebody wrote: date, amount."""
    return "".join(
        f'2026-{day} * "By hand"\n  {CHECKING}  {amount} USD\n  Assets:Acme:Suspense\n'
        for day, amount in entries
    )


def of_month(month: int, *amounts: str, closing: str = "", period: bool = False) -> Statement:
    """A statement with lines from the 3rd on; ``period``: it says that it covers the month."""
    last = dt.date(2026, month + 1, 1) - dt.timedelta(days=1)
    lines = [line(3 + n, amount, month=month) for n, amount in enumerate(amounts)]
    more = {"balance": Decimal(closing), "balance_date": last} if closing else {}
    if period:
        more["period"] = (last.replace(day=1), last)
    return statement(CHECKING, *lines, **more)


def test_a_statement_covers_the_days_that_it_says(acme: Home) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", period=True))
    covered = checking(acme, "2026-08-15")
    assert states(covered) == {7: "full", 8: "none"}
    assert covered.months[0].by == ("statement",)
    assert covered.months[0].lines == 1
    assert days(covered.holes) == ["08-01 08-15 0"]


def test_a_month_between_two_statements_is_a_hole(acme: Home) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", period=True))
    bring(acme, "september.csv", of_month(9, "5.00", period=True))
    covered = checking(acme, "2026-09-30")
    assert states(covered) == {7: "full", 8: "none", 9: "full"}
    assert days(covered.holes) == ["08-01 08-31 0"]


def test_a_gap_between_balances_that_hold_is_no_hole(acme: Home) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", "1.00", closing="6.00"))
    bring(acme, "august.csv", of_month(8, "5.00", "1.00", closing="12.00"))
    covered = checking(acme, "2026-08-31")
    assert states(covered) == {7: "full+", 8: "full+"}
    assert covered.holes == ()
    # The files' lines go from the 3rd to the 4th; the rest is known from the balances.
    assert [days(m.bridged) for m in covered.months] == [
        ["07-05 07-31 0"],
        ["08-01 08-02 0", "08-05 08-31 0"],
    ]


def test_near_miss_a_line_in_the_gap_makes_it_a_hole(acme: Home, write: Write) -> None:
    write("ledger/acme/2026/2026-08.beancount", by_hand(("08-10", "2.00"), ("08-11", "-2.00")))
    bring(acme, "july.csv", of_month(7, "5.00", closing="5.00"))
    bring(acme, "september.csv", of_month(9, "5.00", closing="10.00"))
    covered = checking(acme, "2026-09-30")
    assert days(covered.holes) == ["08-01 09-02 2"]
    assert states(covered) == {7: "full+", 8: "lines", 9: "part+"}


def test_near_miss_a_balance_that_fails_bridges_nothing(acme: Home, write: Write) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", closing="5.00"))
    bring(acme, "august.csv", of_month(8, "5.00"))
    write("ledger/acme/2026/2026-09.beancount", f"2026-09-01 balance {CHECKING} 99.00 USD\n")
    covered = checking(acme, "2026-08-31")
    assert days(covered.holes) == ["08-01 08-02 0", "08-04 08-31 0"]
    assert states(covered) == {7: "full+", 8: "part"}


def test_near_miss_nothing_is_bridged_over_a_balance_that_fails(acme: Home, write: Write) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", closing="5.00"))
    said = "".join(
        f"2026-{day} balance {CHECKING} {held} USD\n"
        for day, held in (("09-01", "99.00"), ("10-01", "5.00"))
    )
    write("ledger/acme/2026/2026-09.beancount", said)
    covered = checking(acme, "2026-09-30")
    assert days(covered.holes) == ["08-01 09-30 0"]
    assert states(covered) == {7: "full+", 8: "none", 9: "none+"}


def test_lines_whose_file_is_not_kept_cover_their_days_and_say_so(acme: Home, write: Write) -> None:
    entry = by_hand(("07-01", "1.00"), ("07-31", "2.00")).replace(
        " USD\n", ' USD\n    id: "x"\n    src: "old.csv 3f9a5c21 row 1"\n'
    )
    write("ledger/acme/2026/2026-07.beancount", entry.replace('"x"', '"y"', 1))
    covered = checking(acme, "2026-07-31")
    assert states(covered) == {7: "lines"}
    assert covered.months[0].by == ("lines",)
    assert covered.holes == ()


def test_a_feeds_file_covers_from_its_first_line_to_its_last(acme: Home, write: Write) -> None:
    source = "documents/feeds/2026-07-31.jsonl 3f9a5c21 row 1"
    entry = by_hand(("07-01", "1.00"), ("07-31", "2.00"))
    entry = entry.replace(" USD\n", f' USD\n    id: "x"\n    src: "{source}"\n')
    write("ledger/acme/2026/2026-07.beancount", entry)
    covered = checking(acme, "2026-07-31")
    assert states(covered) == {7: "full"}
    assert covered.months[0].by == ("feed",)


def test_a_balance_names_the_statement_of_the_days_since_the_one_before(
    acme: Home, write: Write
) -> None:
    write(
        "ledger/acme/2026/2026-07.beancount",
        by_hand(("06-20", "1.00"))
        + f'2026-07-01 balance {CHECKING} 1.00 USD\n  statement: "documents/june.txt"\n'
        + f'2026-10-01 balance {CHECKING} 1.00 USD\n  statement: "documents/q3.txt"\n',
    )
    covered = checking(acme, "2026-10-05")
    assert states(covered) == {6: "full+", 7: "full+", 8: "full+", 9: "full+", 10: "none"}


def test_near_miss_a_year_after_the_balance_before_it_is_the_statement_of_a_month(
    acme: Home, write: Write
) -> None:
    write(
        "ledger/acme/2026/2026-01.beancount",
        by_hand(("01-20", "1.00"), ("05-20", "1.00"))
        + f'2026-02-01 balance {CHECKING} 1.00 USD\n  statement: "documents/january.txt"\n'
        + f'2026-08-01 balance {CHECKING} 2.00 USD\n  statement: "documents/july.txt"\n',
    )
    covered = checking(acme, "2026-07-31")
    assert days(covered.holes) == ["02-01 06-30 1"]


def test_a_balance_in_the_middle_of_a_month_proves_its_start(acme: Home) -> None:
    card_month = statement(
        CHECKING,
        line(20, "5.00", month=6),
        line(10, "1.00", month=7),
        balance=Decimal("6.00"),
        balance_date=dt.date(2026, 7, 19),
        period=(dt.date(2026, 6, 20), dt.date(2026, 7, 19)),
    )
    bring(acme, "card.csv", card_month)
    covered = checking(acme, "2026-07-25")
    assert states(covered) == {6: "full+", 7: "part"}
    assert days(covered.holes) == ["07-20 07-25 0"]


def test_an_account_without_a_line_is_one_hole_from_its_opening(acme: Home) -> None:
    covered = checking(acme, "2020-02-10")
    assert states(covered) == {1: "none", 2: "none"}
    assert days(covered.holes) == ["01-01 02-10 0"]


def test_a_closed_account_has_no_days_after_its_end(acme: Home, write: Write) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", "-5.00", period=True))
    write("ledger/acme/2026/2026-08.beancount", f"2026-08-01 close {CHECKING}\n")
    covered = checking(acme, "2026-12-31")
    assert states(covered) == {7: "full"}
    assert covered.holes == ()


def test_what_no_bank_hands_out_statements_of_is_left_out(acme: Home) -> None:
    names = {c.account for c in coverage(read(acme.main_root, home=acme))}
    assert CHECKING in names
    assert "Assets:Acme:Suspense" not in names


def test_a_document_that_says_nonsense_of_its_days_covers_nothing(acme: Home, write: Write) -> None:
    write("ledger/acme/2026/note.txt", "")
    write(
        "ledger/acme/2026/2026-07.beancount",
        f'2026-07-31 document {CHECKING} "note.txt"\n  from: "July"\n  to: 2026-07-31\n'
        f'2026-07-31 document {CHECKING} "note.txt"\n  from: 2026-07-31\n  to: 2026-07-01\n'
        + by_hand(("07-31", "1.00")),
    )
    assert states(checking(acme, "2026-07-31")) == {7: "lines"}


def test_holes_are_cut_off_where_somebody_looks(acme: Home) -> None:
    bring(acme, "july.csv", of_month(7, "5.00", period=True))
    covered = checking(acme, "2026-10-15")
    seen = covered.within(dt.date(2026, 8, 1), dt.date(2026, 8, 31))
    assert states(seen) == {8: "none"}
    assert days(seen.holes) == ["08-01 08-31 0"]


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 40)).map(lambda s: (s[0], s[0] + s[1])),
        max_size=5,
    )
)
def test_law_every_day_is_covered_or_in_exactly_one_hole(spans: list[tuple[int, int]]) -> None:
    start = dt.date(2026, 1, 1)

    def day(number: int) -> dt.date:
        return start + dt.timedelta(days=number)

    text = '2026-01-01 custom "entity" "Acme" "llc"\n'
    text += f'2026-01-01 open {CHECKING}\n  role: "bank"\n'
    for a, z in spans:
        text += f'{day(z)} document {CHECKING} "f.csv"\n  from: {day(a)}\n  to: {day(z)}\n'
    entries, _, options = parser.parse_string(text)
    books = Books.of(entries, options, as_of=day(150))
    (covered,) = coverage(books)
    within = {d for a, z in spans for d in range(a, z + 1)}
    begin = min((a for a, _ in spans), default=0)
    holes = [
        d for h in covered.holes for d in range((h.first - start).days, (h.last - start).days + 1)
    ]
    assert sorted(holes) == [d for d in range(begin, 151) if d not in within]
    missing = [gap for month in covered.months for gap in month.missing]
    assert sum((g.last - g.first).days + 1 for g in missing) == len(holes)
