"""Recurring payments and the forecast, to the day and the cent."""

import datetime as dt
from decimal import Decimal
from itertools import islice, pairwise

import pytest
from budgeted import books_of
from hypothesis import given
from hypothesis import strategies as st

from core.bills.cards import card_statements_in
from core.bills.forecast import Forecast, forecast
from core.bills.matching import matched, recurring_in
from core.bills.open_items import open_items
from core.bills.recurring import EVERY
from core.findings import UserError
from core.journal.books import Books
from plugins.bills import RULES

D = Decimal
CHART = """
2025-12-01 custom "entity" "Ops" "llc"
2025-12-01 custom "entity" "Jane" "person"
2025-12-01 open Assets:Ops:Bank
  role: "bank"
2025-12-01 open Assets:Ops:Savings
  role: "bank"
2025-12-01 open Liabilities:Ops:Card
  role: "card"
2025-12-01 open Assets:Ops:AR
  role: "ar"
2025-12-01 open Liabilities:Ops:AP
  role: "ap"
2025-12-01 open Liabilities:Ops:Loan:B-1
2025-12-01 open Expenses:Ops:Interest
  role: "interest-expense"
2025-12-01 open Expenses:Ops:Software
2025-12-01 open Expenses:Ops:Rent
2025-12-01 open Income:Ops:Retainer
2025-12-01 open Equity:Ops:OpeningBalances
2026-01-01 * "Opening"
  Assets:Ops:Bank  1000.00 USD
  Equity:Ops:OpeningBalances
"""
ADOBE = """
2026-01-03 custom "recurring" "Ops" "Adobe" 60.00 USD
  every: "month"
  account: Expenses:Ops:Software
  pay-from: Assets:Ops:Bank
"""


def paid(
    day: str, amount: str = "60.00", payee: str = "Adobe", money: str = "Assets:Ops:Bank"
) -> str:
    return f'{day} * "{payee}" ""\n  Expenses:Ops:Software  {amount} USD\n  {money}\n'


def until(day: str) -> str:
    """An entry that makes the books reach to a day."""
    return f'{day} * "Nothing much"\n  Assets:Ops:Savings  0.01 USD\n  Equity:Ops:OpeningBalances\n'


def ops(*parts: str) -> Books:
    return books_of(CHART + "\n".join(parts))


def found(books: Books) -> list[tuple[str, str]]:
    return [(f.code, str(f.date)) for rule in RULES for f in rule.check(books)]


def ahead(books: Books, days: int = 90) -> Forecast:
    return forecast(books, "Ops", days)


def events(known: Forecast) -> list[tuple[str, Decimal, str]]:
    return [(event.day.isoformat(), event.amount, event.what) for event in known.events]


@pytest.mark.parametrize(
    ("every", "first", "day", "expected"),
    [
        ("month", "2026-01-15", 31, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("month", "2026-01-15", 10, ["2026-02-10", "2026-03-10", "2026-04-10"]),
        ("quarter", "2026-01-15", 15, ["2026-01-15", "2026-04-15", "2026-07-15"]),
        ("half-year", "2026-08-31", 31, ["2026-08-31", "2027-02-28", "2027-08-31"]),
        ("year", "2024-02-29", 29, ["2024-02-29", "2025-02-28", "2026-02-28"]),
        ("week", "2026-01-02", 2, ["2026-01-02", "2026-01-09", "2026-01-16"]),
        ("two-weeks", "2026-01-02", 2, ["2026-01-02", "2026-01-16", "2026-01-30"]),
    ],
)
def test_the_days_on_which_it_comes(every: str, first: str, day: int, expected: list[str]) -> None:
    text = f'{first} custom "recurring" "Ops" "X" 1.00 USD\n  every: "{every}"\n  day: {day}\n'
    ((terms,),) = (series.terms for series in recurring_in(ops(text)).series)
    assert [str(each) for each in islice(terms.dates(), 3)] == expected


@given(
    st.sampled_from(EVERY),
    st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31)),
    st.integers(1, 31),
)
def test_days_go_on_and_none_is_before_the_directive(every: str, first: dt.date, day: int) -> None:
    text = f'{first} custom "recurring" "Ops" "X" 1.00 USD\n  every: "{every}"\n  day: {day}\n'
    ((terms,),) = (series.terms for series in recurring_in(ops(text)).series)
    days = list(islice(terms.dates(), 30))
    assert days == sorted(set(days))
    assert days[0] >= first
    steps = {"week": (7, 7), "two-weeks": (14, 14), "month": (28, 31), "quarter": (89, 92)}
    low, high = steps.get(every, (180, 366))
    assert all(low <= (b - a).days <= high for a, b in pairwise(days))


def test_a_payment_counts_up_to_five_days_off_and_no_more() -> None:
    on_time = ops(ADOBE, paid("2026-01-08"), paid("2026-01-29"), until("2026-02-20"))
    assert found(on_time) == []
    late = ops(ADOBE, paid("2026-01-09"), paid("2026-02-03"), until("2026-02-20"))
    assert found(late) == [("BILL-01", "2026-01-03")]


def test_nothing_is_missing_before_its_five_days_are_over() -> None:
    assert found(ops(ADOBE, paid("2026-01-03"), until("2026-02-08"))) == []
    assert found(ops(ADOBE, paid("2026-01-03"), until("2026-02-09"))) == [("BILL-01", "2026-02-03")]


def test_the_price_may_move_within_the_tolerance() -> None:
    assert found(ops(ADOBE, paid("2026-01-03", "63.00"))) == []
    assert found(ops(ADOBE, paid("2026-01-03", "63.01"))) == [("BILL-02", "2026-01-03")]
    assert found(ops(ADOBE, paid("2026-01-03", "57.00"))) == []
    assert found(ops(ADOBE, paid("2026-01-03", "56.99"))) == [("BILL-02", "2026-01-03")]


def test_the_price_that_is_declared_anew_is_the_price() -> None:
    now = ADOBE.replace("2026-01-03", "2026-02-03").replace("60.00", "70.00")
    assert found(ops(ADOBE, now, paid("2026-01-03"), paid("2026-02-03", "70.00"))) == []
    known = ahead(ops(ADOBE, now, paid("2026-01-03")), 60)
    assert [amount for _, amount, _ in events(known)] == [D("-70.00")] * 2


def test_what_is_cancelled_is_not_missing_and_not_to_be_paid() -> None:
    ended = ADOBE + "  until: 2026-01-31\n"
    assert found(ops(ended, paid("2026-01-03"), until("2026-03-20"))) == []
    again = ops(ended, paid("2026-01-03"), paid("2026-02-06"))
    assert found(again) == [("BILL-03", "2026-02-06")]
    another = ops(ended, paid("2026-01-03"), paid("2026-02-06", "199.00"))
    assert found(another) == []  # another purchase of the same payee
    assert found(ops(ended, paid("2026-01-03"), paid("2026-02-05"))) == []


def test_a_second_payment_is_paid_twice_and_another_purchase_is_not() -> None:
    twice = ops(ADOBE, paid("2026-01-03"), paid("2026-01-08"))
    assert found(twice) == [("BILL-05", "2026-01-08")]
    assert found(ops(ADOBE, paid("2026-01-03"), paid("2026-01-09"))) == []
    assert found(ops(ADOBE, paid("2026-01-03"), paid("2026-01-05", "12.00"))) == []


def test_an_alias_of_the_vendor_is_the_payee() -> None:
    alias = '2026-01-01 custom "vendor" "Adobe"\n  alias: "ADOBE *CREATIVE"\n'
    books = ops(alias, ADOBE, paid("2026-01-03", payee="Adobe Creative"))
    assert [o.payment is not None for o in matched(books, books.as_of)[0].occurrences] == [True]


def test_what_is_due_within_a_week_has_to_be_there() -> None:
    poor = paid("2026-01-27", "940.01", "Dell")  # 1000.00 - 60.00 - 940.01 < 60.00
    first = paid("2026-01-03")
    assert ("BILL-04", "2026-01-27") in found(ops(ADOBE, first, poor))
    early = ops(ADOBE, first, poor.replace("01-27", "01-26"))  # due in eight days
    assert found(early) == []
    enough = poor.replace("940.01", "880.00")
    assert found(ops(ADOBE, first, enough)) == []


BILL = """
2026-01-05 * "Fuel Stop" "Oil" ^bill-17
  due: 2026-01-20
  Expenses:Ops:Rent  70.00 USD
  Liabilities:Ops:AP
"""
PAID_30 = """
2026-01-20 * "Fuel Stop" "" ^bill-17
  Liabilities:Ops:AP  30.00 USD
  Assets:Ops:Bank
"""


def test_a_bill_is_overdue_by_what_is_open() -> None:
    (item,) = open_items(ops(BILL, PAID_30))
    assert (item.open, item.due, item.payee) == (D("40.00"), dt.date(2026, 1, 20), "Fuel Stop")
    assert found(ops(BILL, PAID_30, until("2026-01-25"))) == []
    assert found(ops(BILL, PAID_30, until("2026-01-26"))) == [("BILL-06", "2026-01-05")]
    policy = '2026-01-01 custom "veil-rule" "BILL-06" "warning"\n  grace-days: 0\n'
    assert found(ops(policy, BILL, until("2026-01-21"))) == [("BILL-06", "2026-01-05")]


def test_a_bill_paid_beyond_what_it_asks_for() -> None:
    exact = BILL.replace("70.00", "30.00")
    assert found(ops(exact, PAID_30)) == []
    assert found(ops(exact, PAID_30, PAID_30)) == [("BILL-05", "2026-01-20")]


def test_the_forecast_by_hand() -> None:
    """1,000.00 less 55.00 owed on the card; rent by card on the day it is charged."""
    text = """
2026-01-10 custom "recurring" "Ops" "Landlord" 400.00 USD
  account: Expenses:Ops:Rent
  pay-from: Liabilities:Ops:Card
2026-01-15 custom "recurring" "Ops" "Client" 300.00 USD
  account: Income:Ops:Retainer
2026-01-08 * "Fuel Stop" "Oil" ^bill-17
  due: 2026-02-20
  Expenses:Ops:Rent  70.00 USD
  Liabilities:Ops:AP
2026-01-08 * "Client B" "Job" ^inv-4
  due: 2026-02-10
  Assets:Ops:AR  500.00 USD
  Income:Ops:Retainer
2026-01-08 * "Client C" "Long ago" ^inv-1
  due: 2025-12-31
  Assets:Ops:AR  90.00 USD
  Income:Ops:Retainer
2026-01-08 * "No day" "Nobody says when" ^bill-99
  Expenses:Ops:Rent  1.00 USD
  Liabilities:Ops:AP
"""
    books = ops(ADOBE, text, paid("2026-01-05", "55.00", money="Liabilities:Ops:Card"))
    known = ahead(books, 45)
    # the payment of 55.00 is Adobe's of 3 January, at another price
    assert (known.cash, known.cards, known.opening) == (1000, 55, 945)
    assert events(known) == [
        ("2026-01-10", -400, "Landlord"),
        ("2026-01-15", 300, "Client"),
        ("2026-02-03", -60, "Adobe"),
        ("2026-02-10", 500, "Client B ^inv-4"),
        ("2026-02-10", -400, "Landlord"),
        ("2026-02-15", 300, "Client"),
        ("2026-02-20", -70, "Fuel Stop ^bill-17"),
    ]
    assert (known.as_of, known.last) == (dt.date(2026, 1, 8), dt.date(2026, 2, 22))
    assert known.lowest == (dt.date(2026, 1, 10), 545)
    assert dict(known.balances())[dt.date(2026, 2, 22)] == 1115
    assert known.first_below(D("545.00")) is None
    assert known.first_below(D("545.01")) == (dt.date(2026, 1, 10), 545)
    assert known.first_below(D("800")) == (dt.date(2026, 1, 10), 545)
    assert any("Client C ^inv-1: 90.00 overdue" in each for each in known.left_out)
    assert any("nobody says when" in each for each in known.left_out)


def test_what_was_paid_a_little_early_is_not_due_again_and_what_is_late_is_due_at_once() -> None:
    early = ops(ADOBE, paid("2026-01-03"), paid("2026-01-30"))
    assert events(ahead(early, 31)) == []
    assert events(ahead(early, 32)) == [("2026-03-03", -60, "Adobe")]
    late = ops(ADOBE, paid("2026-01-03"), until("2026-02-05"))
    assert events(ahead(late, 10)) == [("2026-02-06", -60, "Adobe")]
    given_up = ops(ADOBE, paid("2026-01-03"), until("2026-02-09"))
    assert events(ahead(given_up, 10)) == []  # BILL-01 says so


LOAN = """
2026-01-01 custom "loan" "B-1" "First Bank" "Ops" 25000.00 USD
  rate: 7.20
  term: 24
  first-payment: 2026-02-01
2026-01-01 * "First Bank" "Loan B-1" ^loan-B-1
  Assets:Ops:Bank  25000.00 USD
  Liabilities:Ops:Loan:B-1
"""
INSTALMENT = """
{} * "First Bank" "B-1 payment 1" ^loan-B-1
  Liabilities:Ops:Loan:B-1   971.58 USD
  Expenses:Ops:Interest      150.00 USD
  Assets:Ops:Bank          -1121.58 USD
"""


def test_a_loan_is_paid_by_its_schedule() -> None:
    known = ahead(ops(LOAN), 90)
    assert (
        events(known)
        == [
            ("2026-02-01", D("-1121.58"), "loan B-1, instalment 1"),
            ("2026-03-01", D("-1121.58"), "loan B-1, instalment 2"),
            ("2026-04-01", D("-1121.58"), "loan B-1, instalment 3"),
        ][: len(events(known))]
    )
    assert len(events(known)) == 3
    early = ahead(ops(LOAN, INSTALMENT.format("2026-01-28")), 40)
    assert [what for *_, what in events(early)] == ["loan B-1, instalment 2"]


def test_a_loan_that_is_declared_as_recurring_too_is_counted_once() -> None:
    again = """
2026-02-01 custom "recurring" "Ops" "First Bank" 1121.58 USD
  account: Liabilities:Ops:Loan:B-1
"""
    known = ahead(ops(LOAN, again), 32)
    assert [what for *_, what in events(known)] == ["loan B-1, instalment 1"]
    assert known.left_out == ("First Bank: the schedule of its loan says it",)


def test_a_move_between_own_accounts_changes_no_cash_and_a_card_is_not_paid_twice() -> None:
    saving = (
        '2026-01-10 custom "recurring" "Ops" "Self" 100.00 USD\n  account: Assets:Ops:Savings\n'
    )
    assert events(ahead(ops(saving))) == []
    card = '2026-01-10 custom "recurring" "Ops" "Amex" 60.00 USD\n  account: Liabilities:Ops:Card\n'
    owing = paid("2026-01-05", payee="Dell", money="Liabilities:Ops:Card")
    assert ahead(ops(owing), 10).cards == 60
    known = ahead(ops(owing, card), 10)
    assert (known.cards, events(known)) == (0, [("2026-01-10", -60, "Amex")])


STATEMENT = """
2026-01-06 custom "card-statement" Liabilities:Ops:Card 60.00 USD
  due: 2026-01-20
  minimum: 25.00 USD
"""


def test_what_a_cards_statement_asks_for_is_due_on_its_day() -> None:
    owing = paid("2026-01-05", payee="Dell", money="Liabilities:Ops:Card")
    newer = paid("2026-01-07", "5.00", payee="Dell", money="Liabilities:Ops:Card")
    known = ahead(ops(owing, newer, STATEMENT), 20)
    what = "Liabilities:Ops:Card, statement of 2026-01-06"
    assert (known.cards, events(known)) == (5, [("2026-01-20", -60, what)])
    plain = ahead(ops(owing, newer), 20)
    assert list(known.balances())[-1] == list(plain.balances())[-1]  # moved, and nothing more


def test_what_was_paid_of_a_cards_statement_is_not_due_again() -> None:
    owing = paid("2026-01-05", payee="Dell", money="Liabilities:Ops:Card")
    payment = '2026-01-07 * "Card"\n  Liabilities:Ops:Card  50.00 USD\n  Assets:Ops:Bank\n'
    known = ahead(ops(owing, STATEMENT, payment), 20)
    assert (known.cards, [amount for _, amount, _ in events(known)]) == (0, [-10])
    paid_up = ahead(ops(owing, STATEMENT, payment.replace("50.00", "60.00")), 20)
    assert (paid_up.cards, events(paid_up)) == (0, [])


def test_a_statement_that_is_not_due_in_these_days_changes_nothing() -> None:
    owing = paid("2026-01-05", payee="Dell", money="Liabilities:Ops:Card")
    for days, day in (
        (5, "2026-01-06"),
        (20, "2026-01-21"),
    ):
        known = ahead(ops(owing, STATEMENT, until(day)), days)
        assert (known.cards, events(known)) == (60, [])


def test_a_cards_statement_that_cannot_be_covered_is_bill_04() -> None:
    owing = paid("2026-01-05", "1100.00", payee="Dell", money="Liabilities:Ops:Card")
    statement = STATEMENT.replace("60.00", "1100.00")
    covered = RULES[3].check
    (finding,) = covered(ops(owing, statement, until("2026-01-15")))
    assert finding.code == "BILL-04"
    assert "statement of 2026-01-06: 1100.00 USD is due on 2026-01-20" in finding.message
    assert not list(covered(ops(owing, statement, until("2026-01-10"))))  # not within a week


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (STATEMENT.replace("60.00 USD", '"60"'), "a card's statement is written"),
        (STATEMENT.replace("Ops:Card", "Ops:AP"), 'no account with role: "card"'),
        (STATEMENT.replace("  due: 2026-01-20\n", ""), "says when it is due"),
        (STATEMENT.replace("25.00 USD", '"25"'), "is no amount"),
    ],
)
def test_a_cards_statement_that_is_malformed_is_told(written: str, said: str) -> None:
    known = card_statements_in(ops(written, until("2026-01-15")))
    assert known.newest == {}
    ((_, problem),) = known.problems
    assert said in problem


TARGETS = """
2026-01-01 custom "bud-config" "Ops" "envelope" "USD"
2026-01-01 custom "bud-account" Assets:Ops:Bank "cash"
2026-01-01 custom "bud-envelope" "Ops" "Insurance" "rollover"
2026-01-01 custom "bud-envelope" "Ops" "Tools" Expenses:Ops:Software "rollover"
2026-01-01 custom "bud-target" "Ops" "Insurance" 600.00 USD 2026-03-01
2026-01-01 custom "bud-target" "Ops" "Tools" 720.00 USD 2026-03-01
"""


def test_a_target_is_spent_on_its_day_unless_it_is_declared_as_recurring() -> None:
    known = ahead(ops(TARGETS, ADOBE, paid("2026-01-03")), 60)
    assert ("2026-03-01", D(-600), "Insurance") in events(known)
    assert not [each for each in events(known) if each[2] == "Tools"]
    assert known.left_out == ("target Tools: Adobe is declared as recurring",)
    assert events(ahead(ops(TARGETS), 58)) == []  # the day before


def test_a_rate_that_is_missing_is_never_one_to_one() -> None:
    euro = ADOBE.replace("60.00 USD", "60.00 EUR")
    with pytest.raises(UserError, match="no rate of EUR in USD"):
        ahead(ops(euro))
    known = ahead(ops("2026-01-01 price EUR 1.10 USD\n", euro), 30)
    assert [amount for _, amount, _ in events(known)] == [D("-66.00")]


@given(
    st.lists(
        st.tuples(st.integers(1, 28), st.integers(1, 99999), st.booleans(), st.sampled_from(EVERY)),
        max_size=6,
    ),
    st.integers(-200000, 200000),
    st.integers(1, 120),
)
def test_the_last_balance_is_all_that_comes_and_the_first_short_day_is_the_first(
    series: list, buffer: int, days: int
) -> None:
    text = "".join(
        f'2026-01-{day:02} custom "recurring" "Ops" "P{number}" {D(cents) / 100} USD\n'
        f'  every: "{every}"\n'
        f"  account: {'Income:Ops:Retainer' if comes else 'Expenses:Ops:Rent'}\n"
        for number, (day, cents, comes, every) in enumerate(series)
    )
    known = ahead(ops(text), days)
    balances = list(known.balances())
    assert len(balances) == days
    assert balances[-1][1] == known.opening + sum(event.amount for event in known.events)
    below = [each for each in balances if each[1] < D(buffer) / 100]
    assert known.first_below(D(buffer) / 100) == (below[0] if below else None)
