"""A statement beside small books: every way in which a line and a posting meet, or do not."""

import datetime as dt
import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest
from bank import AMEX, CHECKING, bring, line, open_accounts, statement

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from core.journal.write import apply
from core.seal import canonical, seals_of
from importers.reconcile.bank import banks
from importers.reconcile.marking import marking
from importers.reconcile.reconciliation import Reconciliation, reconciled
from importers.statement import StatementFile

START = """\
2026-08-31 * "Opening"
  Assets:Acme:Bank:Checking  100.00 USD
  Equity:Acme:OpeningBalances
"""
OPEN = """\
2020-01-01 open Equity:Acme:OpeningBalances
2020-01-01 open Expenses:Acme:Rent
2020-01-01 open Income:Acme:Work
"""
END = dt.date(2026, 9, 30)


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home, [CHECKING, AMEX])
    path = home.ledger / "acme/accounts.beancount"
    known = path.read_text()
    new = [each for each in OPEN.splitlines() if each.split(maxsplit=1)[1] not in known]
    path.write_text(known + "\n".join(new) + "\n")
    return home


def paid(day: str, amount: str, payee: str = "Corner Shop", more: str = "", head: str = "") -> str:
    """What the books hold: negative is money out of the account."""
    return (
        f'2026-{day} * "{payee}" ""{head}\n  {CHECKING}  {amount} USD\n{more}'
        f"  Expenses:Acme:Rent\n\n"
    )


def books_of(home: Home, *entries: str) -> None:
    path = home.ledger / "acme/2026/2026-09.beancount"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join((START, *entries)))


def september(home: Home, *lines, closing: str, account: str = CHECKING, name="sep.csv", **more):
    """The file of a statement, and its reconciliation."""
    bank_s = {"balance_date": END, "period": (dt.date(2026, 9, 1), END)} | more
    stated = statement(account, *lines, balance=Decimal(closing), **bank_s)
    path = home.path.parent / name
    path.write_text(repr(stated))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return StatementFile(path, "csv", "Bank", (stated,), sha256=sha256)


def look(
    home: Home, *lines, closing: str, account: str = CHECKING, said=None, errors=(), **more
) -> Reconciliation:
    file = september(home, *lines, closing=closing, account=account, **more)
    books = read(home.main_root, home=home)
    assert [f.message for f in books.findings] == []
    (side,) = banks(file, books.accounts[account], books)
    found = reconciled(books, side, said=said, errors=errors)
    # Whatever is found, the lines are each in one place.
    used = [x.row for m in (*found.matches, *found.differing) for x in m.lines]
    used += [x.row for x in (*found.unbooked, *found.asked, *found.errors)]
    assert sorted(used) == sorted(x.row for x in side.lines)
    return found


def write_marks(home: Home, *lines, closing: str, key: str, account: str = CHECKING, **more) -> str:
    """Reconciles and applies; the diff."""

    file = september(home, *lines, closing=closing, account=account, **more)
    books = read(home.main_root, home=home)
    owner = books.accounts[account]
    (side,) = banks(file, owner, books)
    found = reconciled(books, side)
    assert found.closes, found
    change, _ = marking(home, books, owner, file, [found])
    apply(home, change, key=key)
    return change.diff()


def hows(found: Reconciliation) -> list[tuple[str, list[int], list[str]]]:
    return [
        (m.by, [x.row for x in m.lines], [f"{e.date:%m-%d} {e.amount}" for e in m.entries])
        for m in found.matches
    ]


def test_lines_that_were_imported_are_known_by_their_ids(acme: Home) -> None:
    books_of(acme)
    lines = line(3, "-5.00"), line(9, "25.00")
    bring(acme, "s.csv", statement(CHECKING, *lines))
    found = look(acme, *lines, closing="120.00")
    assert hows(found) == [("id", [3], ["09-03 -5.00"]), ("id", [9], ["09-09 25.00"])]
    assert found.closes
    assert (found.adjusted_bank, found.adjusted_book) == (Decimal("120.00"), Decimal("120.00"))


@pytest.mark.parametrize(
    ("booked", "by"),
    [("09-07", "3 days"), ("09-13", "3 days"), ("09-06", "7 days"), ("09-17", "7 days")],
)
def test_one_amount_within_three_days_then_seven(acme: Home, booked: str, by: str) -> None:
    books_of(acme, paid(booked, "-5.00"))
    found = look(acme, line(10, "-5.00"), closing="95.00")
    assert hows(found) == [(by, [10], [f"{booked} -5.00"])]
    assert found.closes


def test_what_stands_nearer_than_three_days_goes_before_a_likelier_text_beyond(acme: Home) -> None:
    books_of(acme, paid("09-05", "-5.00", "Corner Shop"), paid("09-09", "-5.00", "Somebody"))
    found = look(acme, line(10, "-5.00"), closing="95.00")
    assert hows(found) == [("3 days", [10], ["09-09 -5.00"])]


@pytest.mark.parametrize("booked", ["09-02", "09-18"])
def test_beyond_seven_days_nothing_is_matched(acme: Home, booked: str) -> None:
    books_of(acme, paid(booked, "-5.00"))
    found = look(acme, line(10, "-5.00"), closing="95.00")
    assert hows(found) == []
    assert not found.closes
    assert not found.difference
    # What was booked before is asked about; what was booked after cannot be it.
    asked = [(d.lines[0].row, str(d.entries[0].date)) for d in found.doubts]
    assert asked == ([(10, "2026-09-02")] if booked == "09-02" else [])
    assert [x.row for x in found.unbooked] == ([] if asked else [10])


def test_a_persons_word_settles_what_is_far_away_and_stays_said(acme: Home) -> None:
    books_of(acme, paid("09-02", "-5.00"))
    place = {10: [(str(acme.ledger / "acme/2026/2026-09.beancount"), 5)]}
    found = look(acme, line(10, "-5.00"), closing="95.00", said=place)
    assert hows(found) == [("your word", [10], ["09-02 -5.00"])]
    books_of(acme, paid("09-02", "-5.00", more='    recon: "yes"\n    recon-date: 2026-09-30\n'))
    again = look(acme, line(10, "-5.00"), closing="95.00")
    assert hows(again) == [("mark", [10], ["09-02 -5.00"])]
    assert again.closes


def test_a_word_for_what_is_not_there_is_refused(acme: Home) -> None:
    books_of(acme, paid("09-02", "-5.00"))
    with pytest.raises(UserError, match="row 10 cannot be nowhere"):
        look(acme, line(10, "-5.00"), closing="95.00", said={10: [("nowhere", 1)]})
    with pytest.raises(UserError, match="no line in row 11"):
        look(acme, line(10, "-5.00"), closing="95.00", errors=[11])


def test_of_two_on_one_day_the_likelier_text_is_it(acme: Home) -> None:
    books_of(acme, paid("09-10", "-5.00", "Tea House"), paid("09-10", "-5.00", "Corner Shop"))
    found = look(acme, line(10, "-5.00", "CORNER SHOP 0213"), closing="95.00")
    assert [e.text for m in found.matches for e in m.entries] == ["Corner Shop"]
    assert [e.text for e in found.outstanding] == ["Tea House"]
    assert found.closes


def test_of_twins_that_nothing_tells_apart_one_is_asked_about(acme: Home) -> None:
    books_of(acme, paid("09-10", "-5.00"), paid("09-10", "-5.00"))
    found = look(acme, line(10, "-5.00"), closing="95.00")
    assert hows(found) == []
    assert [(len(d.lines), len(d.entries)) for d in found.doubts] == [(1, 2)]
    assert not found.closes
    assert not found.difference


def test_as_many_twins_on_both_sides_are_each_matched(acme: Home) -> None:
    books_of(acme, paid("09-10", "-5.00"), paid("09-11", "-5.00"))
    found = look(acme, line(11, "-5.00"), line(12, "-5.00"), closing="90.00")
    assert hows(found) == [("3 days", [11], ["09-10 -5.00"]), ("3 days", [12], ["09-11 -5.00"])]
    assert found.closes


def test_one_deposit_of_several_cheques(acme: Home) -> None:
    books_of(acme, paid("09-08", "30.00", "Ann"), paid("09-09", "20.00", "Bob"))
    found = look(acme, line(10, "50.00", "DEPOSIT"), closing="150.00")
    assert hows(found) == [("deposit", [10], ["09-08 30.00", "09-09 20.00"])]
    assert found.closes


def test_several_deposits_that_the_books_hold_as_one(acme: Home) -> None:
    books_of(acme, paid("09-08", "50.00", "Takings"))
    found = look(acme, line(9, "30.00"), line(10, "20.00"), closing="150.00")
    assert hows(found) == [("deposit", [9, 10], ["09-08 50.00"])]


def test_payments_are_never_added_up(acme: Home) -> None:
    books_of(acme, paid("09-08", "-30.00"), paid("09-09", "-20.00"))
    found = look(acme, line(10, "-50.00"), closing="50.00")
    assert hows(found) == []
    assert [x.row for x in found.unbooked] == [10]


def test_a_deposit_with_two_sums_is_asked_about(acme: Home) -> None:
    books_of(
        acme, paid("09-08", "30.00"), paid("09-09", "20.00"), paid("09-09", "40.00"),
        paid("09-10", "10.00"),
    )  # fmt: skip
    found = look(acme, line(10, "50.00", "DEPOSIT"), closing="150.00")
    assert hows(found) == []
    assert [len(d.entries) for d in found.doubts] == [4]


def test_two_deposits_that_want_one_part_are_asked_about(acme: Home) -> None:
    parts = ("09-08", "30.00"), ("09-09", "20.00"), ("09-09", "25.00")
    books_of(acme, *(paid(*part) for part in parts))
    found = look(acme, line(10, "50.00"), line(11, "55.00"), closing="205.00")
    assert hows(found) == []
    assert len(found.doubts) == 2


def test_a_cheque_is_outstanding_until_a_later_statement_has_it(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"), paid("09-29", "-40.00", "Cheque 7"))
    found = look(acme, line(3, "-5.00"), closing="95.00")
    assert [(str(e.amount), e.text) for e in found.payments] == [("-40.00", "Cheque 7")]
    assert found.adjusted_bank == found.adjusted_book == Decimal("55.00")
    assert found.closes
    diff = write_marks(acme, line(3, "-5.00"), closing="95.00", key="1")
    assert '+    recon: "yes"\n+    recon-date: 2026-09-30\n' in diff
    books = read(acme.main_root, home=acme)
    (balance,) = [e for e in books.standing if hasattr(e, "diff_amount")]
    assert (str(balance.amount), balance.diff_amount) == ("55.00 USD", None)
    assert str(balance.meta["statement-balance"]) == "95.00 USD"
    (cheque,) = [t for t in books.transactions if t.payee == "Cheque 7"]
    assert cheque.postings[0].meta["recon"] == "no"
    # Nobody has forgotten it, and on the third of October the bank has it.
    october = {
        "balance_date": dt.date(2026, 10, 31), "name": "oct.csv",
        "period": (dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
    }  # fmt: skip
    still = look(acme, closing="95.00", **october)
    assert [e.text for e in still.outstanding] == ["Cheque 7"]
    assert still.closes
    cashed = look(acme, line(3, "-40.00", "CHEQUE 7", month=10), closing="55.00", **october)
    assert hows(cashed) == [("7 days", [3], ["09-29 -40.00"])]
    assert not cashed.outstanding
    assert cashed.closes


def test_a_deposit_is_in_transit(acme: Home) -> None:
    books_of(acme, paid("09-30", "70.00", "Customer"))
    found = look(acme, closing="100.00")
    assert [str(e.amount) for e in found.in_transit] == ["70.00"]
    assert found.adjusted_bank == found.adjusted_book == Decimal("170.00")


def test_what_the_books_hold_after_the_last_day_is_booked_later(acme: Home) -> None:
    books_of(acme, paid("10-01", "-9.00"))
    found = look(acme, line(30, "-9.00"), closing="91.00")
    assert [str(e.date) for e in found.booked_later] == ["2026-10-01"]
    assert found.closes
    assert "statement-balance: 91.00 USD" in write_marks(
        acme, line(30, "-9.00"), closing="91.00", key="1"
    )


def test_a_line_that_the_books_lack_keeps_the_account_open(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"))
    found = look(acme, line(3, "-5.00"), line(8, "-12.00", "FEE"), closing="83.00")
    assert [x.row for x in found.unbooked] == [8]
    assert found.adjusted_bank == found.adjusted_book == Decimal("83.00")
    assert not found.closes


def test_the_banks_error_is_its_own_and_is_carried_until_it_is_mended(acme: Home) -> None:
    books_of(acme)
    lines = (line(8, "-12.00", "NOT OURS"),)
    found = look(acme, *lines, closing="88.00", errors=[8])
    assert found.bank_errors == Decimal("-12.00")
    assert found.adjusted_bank == found.adjusted_book == Decimal("100.00")
    assert found.closes
    file = september(acme, *lines, closing="88.00")
    books = read(acme.main_root, home=acme)
    change, _ = marking(acme, books, books.accounts[CHECKING], file, [found])
    assert "bank-errors: -12.00 USD" in change.diff()
    apply(acme, change, key="1")
    october = {
        "balance_date": dt.date(2026, 10, 31), "name": "oct.csv",
        "period": (dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
    }  # fmt: skip
    still = look(acme, closing="88.00", **october)
    assert still.bank_errors == Decimal("-12.00")
    assert still.closes
    mended = look(
        acme, line(2, "12.00", "MENDED", month=10), closing="100.00", errors=[2], **october
    )
    assert not mended.bank_errors
    assert mended.closes


def test_a_reversal_pairs_with_its_original(acme: Home) -> None:
    books_of(
        acme,
        paid("09-03", "-40.00", "Cheque 7", head=" ^chk-7"),
        paid("09-20", "40.00", "Cheque 7 voided", head=" ^chk-7"),
    )
    found = look(acme, closing="100.00")
    assert hows(found) == [("reversal", [], ["09-03 -40.00", "09-20 40.00"])]
    assert not found.outstanding


@pytest.mark.parametrize(("link", "word"), [("^chk-8", "voided"), ("^chk-7", "paid in")])
def test_what_only_looks_like_a_reversal_stays_outstanding(
    acme: Home, link: str, word: str
) -> None:
    books_of(
        acme,
        paid("09-03", "-40.00", "Cheque 7", head=" ^chk-7"),
        paid("09-20", "40.00", f"Cheque 7 {word}", head=f" {link}"),
    )
    assert len(look(acme, closing="100.00").outstanding) == 2


def test_the_bank_takes_a_line_back_by_itself(acme: Home) -> None:
    books_of(acme)
    lines = line(3, "-40.00", "CARD FEE"), line(4, "40.00", "REVERSAL CARD FEE")
    found = look(acme, *lines, closing="100.00")
    assert hows(found) == [("reversal", [3, 4], [])]
    assert found.closes


def test_a_known_line_with_another_amount_is_a_difference(acme: Home) -> None:
    books_of(acme)
    bring(acme, "s.csv", statement(CHECKING, line(3, "-5.00")))
    path = acme.ledger / "acme/2026/2026-09.beancount"
    path.write_text(path.read_text().replace("-5.00", "-6.00").replace(" 5.00", " 6.00"))
    found = look(acme, line(3, "-5.00"), closing="95.00")
    assert found.difference == Decimal("1.00")
    assert not found.closes
    assert any("-6.00 is" in row and "says -5.00" in row for row in found.rows_near)


def test_a_statement_that_begins_elsewhere_says_what_is_missing(acme: Home) -> None:
    books_of(acme, paid("08-20", "-7.00", "Before"), paid("09-03", "-5.00"))
    found = look(acme, line(3, "-5.00"), closing="95.00")
    # 93.00 in the books, 100.00 at the bank, and a posting of August that no statement has.
    assert [e.text for e in found.outstanding] == ["Before"]
    assert found.closes
    worse = look(acme, line(3, "-5.00"), closing="80.00")
    assert worse.difference == Decimal("-15.00")
    assert any("reconcile the statements before" in row for row in worse.rows_near)


def test_a_statement_that_does_not_add_up_is_said(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"))
    found = look(acme, line(3, "-5.00"), closing="94.00", opening=Decimal("100.00"))
    assert found.difference == Decimal("-1.00")
    assert any("do not add up" in row for row in found.rows_near)


def test_what_agreed_before_is_cleared_without_marks_and_no_says_otherwise(acme: Home) -> None:
    books_of(acme, paid("08-05", "-7.00", "Old"), paid("09-03", "-5.00"))
    assert not look(acme, line(3, "-5.00"), closing="88.00").outstanding
    books_of(acme, paid("08-05", "-7.00", "Old", more='    recon: "no"\n'), paid("09-03", "-5.00"))
    found = look(acme, line(3, "-5.00"), closing="95.00")
    assert [e.text for e in found.outstanding] == ["Old"]
    assert found.closes


def test_an_account_of_two_currencies_is_reconciled_in_each(acme: Home) -> None:
    path = acme.ledger / "acme/accounts.beancount"
    path.write_text(path.read_text().replace(f"open {CHECKING} USD", f"open {CHECKING} USD,EUR"))
    euro = paid("09-03", "-5.00").replace("USD", "EUR")
    books_of(acme, euro, paid("09-03", "-5.00"))
    end = {"balance_date": END}

    of_euro = replace(
        statement(CHECKING, line(3, "-5.00"), balance=Decimal("-5.00"), **end), currency="EUR"
    )
    of_dollar = statement(CHECKING, line(4, "-5.00"), balance=Decimal("95.00"), **end)
    path = acme.path.parent / "both.xml"
    file = StatementFile(path, "camt", "Bank", (of_euro, of_dollar))
    books = read(acme.main_root, home=acme)
    sides = banks(file, books.accounts[CHECKING], books)
    assert [side.currency for side in sides] == ["EUR", "USD"]
    done = [reconciled(books, side) for side in sides]
    assert [of.closes for of in done] == [True, True]
    assert [str(of.held.held) for of in done] == ["-5.00", "95.00"]


def test_a_card_owes(acme: Home) -> None:
    books_of(
        acme,
        paid("09-03", "-5.00").replace(CHECKING, AMEX),
        paid("09-25", "-8.00").replace(CHECKING, AMEX),
    )
    found = look(acme, line(4, "-5.00"), closing="-5.00", account=AMEX)
    assert found.adjusted_bank == found.adjusted_book == Decimal("-13.00")
    assert [str(e.amount) for e in found.payments] == ["-8.00"]
    assert found.closes


def test_a_file_of_a_year_is_cut_at_a_months_end(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"), paid("10-03", "-6.00"))
    both = line(3, "-5.00"), line(4, "-6.00", month=10)
    file = september(acme, *both, closing="89.00", period=None, balance_date=dt.date(2026, 10, 4))
    books = read(acme.main_root, home=acme)
    account = books.accounts[CHECKING]
    (side,) = banks(file, account, books, until=END)
    assert (side.closing, len(side.lines), side.end) == (Decimal("95.00"), 1, END)
    assert reconciled(books, side).closes
    (later,) = banks(file, account, books, until=dt.date(2026, 10, 31))
    assert (later.closing, later.end) == (Decimal("89.00"), dt.date(2026, 10, 31))
    with pytest.raises(UserError, match="says nothing of 2026-11-01"):
        banks(file, account, books, until=dt.date(2026, 11, 1))


def test_a_file_without_a_balance_asks_for_it(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"))
    stated = statement(CHECKING, line(3, "-5.00"))
    file = StatementFile(acme.path.parent / "s.csv", "csv", "Bank", (stated,))
    books = read(acme.main_root, home=acme)
    account = books.accounts[CHECKING]
    with pytest.raises(UserError, match="no closing balance"):
        banks(file, account, books)
    (side,) = banks(file, account, books, balance=Decimal("95.00"))
    assert reconciled(books, side).closes


@pytest.mark.parametrize(("day", "is_old"), [(2, True), (3, False)])
def test_a_balance_that_is_older_than_the_lines_closes_nothing(
    acme: Home, day: int, is_old: bool
) -> None:
    books_of(acme, paid("09-03", "-5.00"))
    said = {"balance": Decimal("95.00"), "balance_date": dt.date(2026, 9, day)}
    stated = statement(CHECKING, line(3, "-5.00"), **said)
    file = StatementFile(acme.path.parent / "s.ofx", "ofx", "Bank", (stated,))
    books = read(acme.main_root, home=acme)
    account = books.accounts[CHECKING]
    if is_old:
        with pytest.raises(UserError, match="the one of 2026-09-02 is older than its lines"):
            banks(file, account, books)
    else:
        assert banks(file, account, books)[0].closing == Decimal("95.00")
    (side,) = banks(file, account, books, balance=Decimal("94.00"))
    assert (side.end, side.closing) == (dt.date(2026, 9, 3), Decimal("94.00"))


def test_statements_of_single_days_are_one(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"), paid("09-04", "-6.00"))
    days = [
        statement(
            CHECKING, line(day, amount), opening=Decimal(opening), balance=Decimal(closing),
            balance_date=dt.date(2026, 9, day),
        )
        for day, amount, opening, closing in (
            (4, "-6.00", "95.00", "89.00"), (3, "-5.00", "100.00", "95.00"),
        )
    ]  # fmt: skip
    file = StatementFile(acme.path.parent / "s.sta", "mt940", "Bank", tuple(days))
    books = read(acme.main_root, home=acme)
    (side,) = banks(file, books.accounts[CHECKING], books)
    assert (side.opening, side.closing, side.unread) == (100, 89, 0)
    assert reconciled(books, side).closes


def test_what_an_import_opens_an_account_with_is_no_deposit_in_transit(acme: Home) -> None:
    """It has an id of its own, and stands on the day of the first line."""
    opening = (
        f'2026-09-03 * "Opening balance" ""\n  {AMEX}  -20.00 USD\n    id: "opening-1"\n'
        "  Equity:Acme:OpeningBalances\n\n"
    )
    books_of(acme, opening, paid("09-03", "-5.00").replace(CHECKING, AMEX))
    found = look(acme, line(3, "-5.00"), closing="-25.00", account=AMEX, period=None)
    assert not found.outstanding
    assert found.closes


def test_a_file_may_begin_after_what_is_outstanding(acme: Home) -> None:
    """It has no period: its first line is of the fifth, and the cheque of the second."""
    books_of(
        acme,
        paid("08-05", "-7.00"), paid("09-02", "-40.00", "Cheque 7"), paid("09-05", "-5.00"),
    )  # fmt: skip
    found = look(acme, line(5, "-5.00"), closing="88.00", period=None)
    assert [e.text for e in found.outstanding] == ["Cheque 7"]
    assert found.closes


def test_a_fee_beside_its_conversion_is_one_line(acme: Home) -> None:
    books_of(acme)
    bring(acme, "s.csv", statement(CHECKING, line(3, "-103.00")))
    path = acme.ledger / "acme/2026/2026-09.beancount"
    own = f"  {CHECKING}  -103.00 USD"
    text = path.read_text()
    assert own in text
    path.write_text(text.replace(own, f"  {CHECKING}  -3.00 USD\n{own.replace('103', '100')}"))
    found = look(acme, line(3, "-103.00"), closing="-3.00")
    assert hows(found) == [("id", [3], ["09-03 -100.00", "09-03 -3.00"])]
    assert found.closes


def test_statements_of_one_day_follow_each_other(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"), paid("09-03", "-6.00"))
    halves = [
        statement(
            CHECKING, line(row, amount), opening=Decimal(opening), balance=Decimal(closing),
            opening_date=dt.date(2026, 9, 3), balance_date=dt.date(2026, 9, 4),
        )
        for row, amount, opening, closing in (
            (4, "-6.00", "95.00", "89.00"), (3, "-5.00", "100.00", "95.00"),
        )
    ]  # fmt: skip
    books = read(acme.main_root, home=acme)
    for told in (halves, halves[::-1]):
        file = StatementFile(acme.path.parent / "s.sta", "mt940", "Bank", tuple(told))
        (side,) = banks(file, books.accounts[CHECKING], books)
        assert (side.opening, side.closing, side.unread) == (100, 89, 0)


def test_a_file_of_two_accounts_with_the_same_last_digits_is_refused(acme: Home) -> None:
    books_of(acme)
    one = statement(CHECKING, line(3, "-5.00"), balance=Decimal(0), balance_date=END)
    file = StatementFile(
        acme.path.parent / "s.sta", "mt940", "Bank", (one, replace(one, account_id="99994411"))
    )
    books = read(acme.main_root, home=acme)
    with pytest.raises(UserError, match="2 accounts that may be"):
        banks(file, books.accounts[CHECKING], books)


def test_another_accounts_file_is_refused(acme: Home) -> None:
    books_of(acme)
    file = september(acme, closing="0.00")
    books = read(acme.main_root, home=acme)
    with pytest.raises(UserError, match="is not of Liabilities:Acme:Card:Amex"):
        banks(file, books.accounts[AMEX], books)


def test_a_second_time_nothing_changes(acme: Home) -> None:
    books_of(acme, paid("09-08", "30.00"), paid("09-09", "20.00"), paid("09-20", "-4.00"))
    lines = line(10, "50.00", "DEPOSIT"), line(18, "-4.00")
    assert write_marks(acme, *lines, closing="146.00", key="1")
    assert write_marks(acme, *lines, closing="146.00", key="2") == ""


def test_marks_are_no_part_of_what_is_sealed(acme: Home) -> None:
    def said() -> list[str]:
        books = read(acme.main_root, home=acme)
        return [canonical(txn, acme.path, lambda _: "") for txn in books.transactions]

    books_of(acme, paid("09-08", "-5.00"), paid("09-20", "-4.00"))
    before = said()
    diff = write_marks(acme, line(8, "-5.00"), closing="95.00", key="1")
    assert (diff.count('recon: "yes"'), diff.count('recon: "no"')) == (1, 1)
    assert said() == before


def test_a_mark_by_hand_without_its_date_is_matched_like_any_other(acme: Home) -> None:
    books_of(acme, paid("09-08", "-5.00", more='    recon: "yes"\n'))
    found = look(acme, line(8, "-5.00"), closing="95.00")
    assert hows(found) == [("3 days", [8], ["09-08 -5.00"])]


def test_of_a_file_of_two_accounts_only_the_own_days_are_kept(acme: Home) -> None:
    books_of(acme, paid("09-08", "-5.00"))
    own = statement(CHECKING, line(8, "-5.00"), balance=Decimal("95.00"), balance_date=END)
    other = statement(AMEX, line(2, "-9.00", month=11))
    path = acme.path.parent / "both.ofx"
    path.write_text("both")
    sha256 = hashlib.sha256(b"both").hexdigest()
    file = StatementFile(path, "ofx", "Bank", (other, own), sha256=sha256)
    books = read(acme.main_root, home=acme)
    account = books.accounts[CHECKING]
    (side,) = banks(file, account, books)
    change, _ = marking(acme, books, account, file, [reconciled(books, side)])
    assert "2026-09-30 document" in change.diff()
    assert "2026-11" not in change.diff()


def test_a_mark_replaces_no_and_leaves_what_is_said_of_other_accounts(acme: Home) -> None:
    transfer = (
        f'2026-09-10 * "Card" ""\n  recon: "no"\n  {CHECKING}  -5.00 USD\n  {AMEX}  5.00 USD\n'
    )
    books_of(acme, transfer)
    diff = write_marks(acme, line(10, "-5.00"), closing="95.00", key="1")
    assert '-  recon: "no"' in diff
    (txn,) = [t for t in read(acme.main_root, home=acme).transactions if t.date.month == 9]
    assert [p.meta.get("recon") for p in txn.postings] == ["yes", "no"]
    assert txn.postings[0].meta["recon-date"] == END


def test_a_closed_period_takes_marks_and_nothing_else(acme: Home) -> None:
    books_of(acme, paid("09-03", "-5.00"))
    path = acme.ledger / "acme/2026/2026-09.beancount"
    path.write_text(
        f'{path.read_text()}2026-10-05 custom "close-period" "Acme" "2026-09"\n'
        f'  last-date: 2026-09-30\n  hash: "{"a" * 64}"\n'
    )
    assert seals_of(read(acme.main_root, home=acme).standing)["Acme"]
    diff = write_marks(acme, line(3, "-5.00"), closing="95.00", key="1")
    assert '+    recon: "yes"' in diff
    assert "document" not in diff
    assert "balance" not in diff
