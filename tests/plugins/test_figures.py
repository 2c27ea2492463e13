"""The figures behind the rules on capital: added up once, and the same as added up anew."""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from beancount.core.amount import Amount
from hypothesis import given
from hypothesis import strategies as st

from core.journal.books import Books
from plugins.veil.dues import due_entries, dues_of, is_due
from plugins.veil.figures import EntityFigures, Group, figures_of, group_of, member_of
from plugins.veil.gathering import sum_up, sums, sums_by_day
from plugins.veil.proportion import shared
from plugins.veil.solvency import Solvency, solvency

CASES = Path(__file__).resolve().parents[1] / "cases" / "veil"
D = Decimal
FIRST = dt.date(2026, 1, 1)
DAYS = st.integers(0, 400).map(lambda days: FIRST + dt.timedelta(days))
CENTS = st.integers(-10_000, 10_000).map(lambda cents: D(cents) / 100)
ACCOUNTS = {
    "Assets:Acme:Bank": Group("Assets", "bank"),
    "Assets:Acme:Cash": Group("Assets", "cash"),
    "Equity:Acme:Members:Jane:Contributions": Group("Equity", "contribution", "Jane"),
}


def case(name: str) -> Books:
    entries, errors, options = loader.load_file(str(CASES / name))
    assert not errors
    return Books.of(entries, options)


def test_case_i_10_comes_out_exactly() -> None:
    before = Solvency(
        "USD",
        dt.date(2026, 9, 30),
        90,
        assets=D(50_000),
        liabilities=D(38_000),
        senior=D(5_000),
        cash=D(15_000),
        receipts=D(14_000),
        obligations=D(24_500),
    )
    after = before.after(D(6_000))
    assert (after.balance_sheet, after.cash_flow) == (D(1_000), D(-1_500))
    assert (before.balance_sheet, before.cash_flow, before.largest) == (7_000, 4_500, 4_500)


def test_case_i_10_comes_out_of_the_books() -> None:
    books = case("veil-013/six_thousand_where_four_and_a_half_are_lawful.beancount")
    eve = solvency(books.registry.entities["Acme"], dt.date(2026, 9, 30), books)
    figures = (eve.assets, eve.cash, eve.liabilities, eve.senior, eve.receipts, eve.obligations)
    # The day's figures have the six thousand in them already.
    assert figures == (44_000, 9_000, 38_000, 5_000, 14_000, 24_500)
    assert (eve.balance_sheet, eve.cash_flow) == (1_000, -1_500)
    assert eve.after(D(-6_000)).largest == 4_500


@given(
    st.integers(0, 10**12).map(lambda cents: D(cents) / 100),
    st.dictionaries(
        st.sampled_from("ABCDEFGH"),
        st.integers(0, 10_000).map(lambda share: D(share) / 100),
        min_size=1,
    ).filter(lambda shares: sum(shares.values()) > 0),
)
def test_shares_lose_no_cent_whatever_the_percentages(
    amount: Decimal, shares: dict[str, Decimal]
) -> None:
    given_out = shared(amount, shares)
    assert sum(given_out.values()) == amount
    whole = sum(shares.values())
    for owner, part in given_out.items():
        assert abs(part * whole - amount * shares[owner]) < D("0.01") * whole
        assert part >= 0
        assert part == part.quantize(D("0.01"))
    assert given_out == shared(amount, dict(reversed(shares.items())))


def test_at_a_tie_the_cent_goes_to_the_larger_share_then_to_the_earlier_name() -> None:
    assert shared(D("0.01"), {"Raj": D(50), "Jane": D(50)}) == {"Raj": 0, "Jane": D("0.01")}
    thirds = {name: D("33.3333") for name in ("Ann", "Bob", "Cid")}
    assert shared(D("100.00"), thirds) == {"Ann": D("33.34"), "Bob": D("33.33"), "Cid": D("33.33")}


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "-0.001"])
def test_only_whole_cents_can_be_shared(amount: str) -> None:
    with pytest.raises(ValueError, match=rf"^{amount} is no amount of whole cents$"):
        shared(D(amount), {"Jane": D(1)})


@pytest.mark.parametrize("shares", [{"Jane": D(0)}, {"Jane": D(2), "Raj": D(-1)}])
def test_shares_are_positive(shares: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match=r"^the shares are no shares$"):
        shared(D(1), shares)


def booked(day: dt.date, account: str, number: Decimal, **more: object) -> data.Transaction:
    posting = data.Posting(account, Amount(number, "USD"), None, None, None, None)
    links = frozenset({str(link)} if (link := more.pop("link", "")) else ())
    return data.Transaction({"lineno": 2, **more}, day, "*", "", "", frozenset(), links, [posting])


@given(
    st.lists(st.tuples(DAYS, st.sampled_from(sorted(ACCOUNTS)), CENTS)), st.lists(DAYS, min_size=1)
)
def test_a_balance_on_any_day_is_the_sum_of_what_was_posted(
    posted: Sequence[tuple[dt.date, str, Decimal]], asked: Sequence[dt.date]
) -> None:
    transactions = [booked(*each) for each in posted]
    kept = json.loads(json.dumps(sums_by_day(transactions)))
    books = Books.of([], {})
    sum_up(books, transactions)
    at_hand = list(sums(books, "Acme"))
    for rows in (kept, at_hand):
        figures = EntityFigures(rows, ACCOUNTS)
        for day in asked:
            held = figures.on(day)
            for account, group in ACCOUNTS.items():
                anew = sum(number for each, a, number in posted if a == account and each <= day)
                assert held.get((group, "USD"), 0) == anew


BILLS = st.lists(
    st.tuples(st.integers(0, 5), DAYS, st.none() | DAYS, st.integers(-5_000, 5_000)), max_size=20
)


@given(BILLS, st.lists(DAYS, min_size=1, max_size=5), st.integers(0, 120))
def test_what_falls_due_is_the_same_as_looked_up_bill_by_bill(
    posted: Sequence[tuple[int, dt.date, dt.date | None, int]],
    asked: Sequence[dt.date],
    horizon: int,
) -> None:
    txns = [
        booked(day, "Liabilities:Acme:AP", -D(number), link=f"bill-{bill}", **with_due(due))
        for bill, day, due, number in posted
    ]
    opened = data.Open({"role": "ap", "lineno": 1}, FIRST, "Liabilities:Acme:AP", None, None)
    entity = data.Custom({"lineno": 1}, FIRST, "entity", [value("Acme"), value("llc")])
    entries = sorted([opened, entity, *txns], key=data.entry_sortkey)
    books = Books.of(entries, {"filename": "x"})
    dues = dues_of(books, figures_of(books))
    for day in asked:
        anew = D(0)
        for bill in range(6):
            moves = sorted((m for m in posted if m[0] == bill), key=lambda move: move[1])
            due = next((due for _, _, due, _ in moves if due), None)
            if due and due <= day + dt.timedelta(horizon):
                anew += max(0, sum(number for _, each, _, number in moves if each <= day))
        assert dues.expected("Acme", day, horizon).obligations.get("USD", 0) == anew


def with_due(due: dt.date | None) -> dict[str, dt.date]:
    return {"due": due} if due else {}


def value(text: str) -> data.Custom:
    from beancount.parser.grammar import ValueType

    return ValueType(text, str)


def test_only_what_is_due_or_linked_is_kept() -> None:
    day = dt.date(2026, 3, 1)
    account = "Assets:Acme:Bank"
    assert not is_due(booked(day, account, D(1)))
    linked = booked(day, account, D(1), link="inv-7")
    assert is_due(linked)
    assert list(due_entries([linked])) == [[day.toordinal(), 0, "inv-7", [[account, "USD", D(1)]]]]


def test_a_position_says_whose_when_and_in_what() -> None:
    books = case("veil-013/all_that_is_expected_in_euros_at_the_rate_of_the_day.beancount")
    acme, day = books.registry.entities["Acme"], dt.date(2026, 9, 29)
    found = figures_of(books).position(acme, day)
    assert (found.entity, found.date, found.currency) == ("Acme", day, "USD")
    # 15,000 and the machines: of 10,500 dollars and 24,500 euros, one of 14,000 euros sold on.
    assert (found.cash, found.assets, found.liabilities) == (15_000, 50_000, 38_000)


def test_whose_capital_an_account_is_and_which_loan() -> None:
    books = case("veil-013/all_that_is_expected_in_euros_at_the_rate_of_the_day.beancount")
    loan, bank = "Liabilities:Acme:LoanFrom:Jane:N-01", "Assets:Acme:Bank"
    assert group_of(loan, books) == Group("Liabilities", "loan-from", loan=loan)
    assert group_of(bank, books) == Group("Assets", "bank")
    assert group_of(bank, books, frozenset({bank})) == Group("Assets", "bank", loan=bank)
    assert member_of("Equity:Acme:Members:jane:Anything", books) == "Jane"
    assert member_of("Equity:Acme:Members:Nobody", books) == "Nobody"
    assert member_of("Equity:Acme:Members", books) == ""
    assert member_of("Assets:Acme:Members:Jane", books) == ""


LENT = """
2026-02-02 * "Jane" "Loan"
  Assets:Acme:Bank   {number} USD
  Liabilities:Acme:LoanFrom:Jane:N-01
"""
LOANS = {
    "a quarter after its start, and each quarter": (
        'start: 2026-02-15\n  schedule: "quarterly"\n  payment: 100.00 USD',
        "100",
    ),
    "each month from the month after it was signed": ("payment: 100.00 USD", "300"),
    "what is left with the last before it matures": (
        "first-payment: 2026-03-20\n  payment: 100.00 USD\n  maturity: 2026-11-15",
        "2300",
    ),
    "what is left with the last that was agreed": (
        "first-payment: 2026-03-01\n  payment: 100.00 USD\n  term: 8",
        "2300",
    ),
    "as much as is computed where no payment is said": ("rate: 7.20\n  term: 24", "403.77"),
    "with its escrow": ("term: 30\n  escrow: 7.00 USD", "321"),
    "with an event that was known": (
        'term: 30\n2026-09-30 custom "loan-event" "N-77" "extra" 2250.00 USD',
        "50",
    ),
    "without one that was not": (
        'term: 30\n2026-10-01 custom "loan-event" "N-77" "holiday"\n  until: 2027-01-31',
        "300",
    ),
    "all of it on the last day of the window": (
        'schedule: "maturity"\n  maturity: 2026-12-29',
        "3000",
    ),
    "nothing on the day after": ('schedule: "maturity"\n  maturity: 2026-12-30', "0"),
    "nothing on the day itself": ('schedule: "maturity"\n  maturity: 2026-09-30', "0"),
}


def obligations(tmp_path: Path, text: str) -> Decimal:
    """What Acme owes in the ninety days after 2026-09-30."""
    path = tmp_path / "loan.beancount"
    path.write_text(f'include "{CASES / "capital.beancount"}"\n{text}')
    entries, errors, options = loader.load_file(str(path))
    assert not errors
    books = Books.of(entries, options, kind="group")
    return solvency(books.registry.entities["Acme"], dt.date(2026, 9, 30), books).obligations


def loan(name: str, said: str) -> str:
    return f'2026-02-01 custom "loan" "{name}" "Jane" "Acme" 3000.00 USD\n  {said}\n'


@pytest.mark.parametrize(("said", "owed"), LOANS.values(), ids=LOANS)
def test_a_loan_falls_due(tmp_path: Path, said: str, owed: str) -> None:
    assert obligations(tmp_path, loan("N-77", said)) == D(owed)


def test_what_was_missed_of_a_loan_is_due_as_well(tmp_path: Path) -> None:
    said = loan("N-01", "first-payment: 2026-03-01\n  term: 30")
    paid = LENT.format(number="3000.00") + LENT.format(number="-500.00").replace("02-02", "08-02")
    # 700.00 should be paid by the day; with the three of the window 1,000.00 less 500.00
    assert obligations(tmp_path, said + paid) == 500


def test_a_loan_paid_back_is_not_due_and_what_is_left_of_one_is(tmp_path: Path) -> None:
    at_once = 'schedule: "maturity"\n  maturity: 2026-12-'
    said = loan("N-01", f"{at_once}29") + loan("N-77", f"{at_once}28")
    lent = LENT.format(number="0.50")
    back = LENT.format(number="-0.50").replace("02-02", "02-03")
    assert obligations(tmp_path, said + lent) == D("3000.50")
    assert obligations(tmp_path, said + lent + back) == 3000
