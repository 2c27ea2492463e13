"""Schedules to the cent: the worked case, every kind of loan, every event, and the laws of all."""

import datetime as dt
from decimal import Decimal

import pytest
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from core.loans.accrual import accrued, fraction
from core.loans.declared import Declared, declared
from core.loans.schedule import Row, current_portion, owed_after, schedule
from core.loans.terms import ACT_365, THIRTY_360

D = Decimal
B_1 = """
2026-01-01 custom "loan" "B-1" "First Bank" "Ops" 25000.00 USD
  rate: 7.20
  term: 24
  first-payment: 2026-02-01
"""


def said(text: str) -> Declared:
    entries, errors, _ = parser.parse_string(text)
    assert not errors
    return declared(entries)


def rows(text: str, name: str = "B-1", **given: object) -> tuple[Row, ...]:
    found = said(text)
    assert not found.problems
    return schedule(found.loans[name], found.events.get(name, ()), **given)


def total(found: tuple[Row, ...], column: str) -> Decimal:
    return sum((getattr(row, column) for row in found), D(0))


def test_the_worked_case_comes_out_to_the_cent() -> None:
    """DOMAIN I-2: 25,000.00 at 7.2 percent over 24 months."""
    found = rows(B_1)
    wanted = {
        1: "1121.58 150.00 971.58 24028.42",
        2: "1121.58 144.17 977.41 23051.01",
        3: "1121.58 138.31 983.27 22067.74",
        12: "1121.58 83.92 1037.66 12948.50",
        13: "1121.58 77.69 1043.89 11904.61",
        23: "1121.58 13.34 1108.24 1114.97",
        24: "1121.66 6.69 1114.97 0.00",
    }
    for number, line in wanted.items():
        row = found[number - 1]
        assert row.number == number
        assert f"{row.payment} {row.interest} {row.principal} {row.balance}" == line
    assert (total(found, "payment"), total(found, "interest")) == (D("26918.00"), D("1918.00"))
    assert total(found[:12], "interest") == D("1407.46")
    assert total(found[:12], "principal") == D("12051.50")
    assert current_portion(found, dt.date(2026, 1, 1)) == D("12051.50")
    assert owed_after(found, said(B_1).loans["B-1"], dt.date(2026, 1, 31)) == D("25000.00")
    assert owed_after(found, said(B_1).loans["B-1"], dt.date(2026, 2, 1)) == D("24028.42")


def test_a_mortgage_has_its_escrow_on_top() -> None:
    found = rows(
        B_1.replace("25000", "300000").replace("7.20", "6.25").replace("24", "360")
        + '  kind: "mortgage"\n  escrow: 410.00 USD\n'
    )
    first = found[0]
    assert (first.payment, first.interest, first.principal) == (
        D("1847.15"),
        D("1562.50"),
        D("284.65"),
    )
    assert {row.escrow for row in found} == {D("410.00")}
    assert (len(found), found[-1].balance) == (360, 0)


def test_an_agreed_payment_is_taken_as_it_is() -> None:
    found = rows(B_1 + "  payment: 1200.00 USD\n")
    assert {row.payment for row in found[:-1]} == {D("1200.00")}
    assert (len(found), found[-1].payment) == (23, D("387.10"))
    assert total(found, "principal") == 25000


def test_interest_only_repays_all_at_the_end() -> None:
    found = rows(B_1 + '  kind: "interest-only"\n')
    assert {row.payment for row in found[:-1]} == {D("150.00")}
    assert found[-1].payment == D("25150.00")


def test_some_instalments_of_interest_come_before_those_that_repay() -> None:
    found = rows(B_1.replace("24", "36") + "  interest-only: 12\n")
    assert {row.principal for row in found[:12]} == {0}
    assert {row.payment for row in found[12:-1]} == {D("1121.58")}
    assert found[-1].payment == D("1121.66")


def test_a_balloon_is_what_is_left_at_maturity() -> None:
    found = rows(B_1 + '  kind: "balloon"\n  amortisation: 360\n')
    assert {row.payment for row in found[:-1]} == {D("169.70")}
    assert len(found) == 24
    assert found[-1].principal > 24000


def test_a_note_that_only_has_a_maturity_is_paid_then() -> None:
    (row,) = rows(
        '2026-01-01 custom "loan" "B-1" "Jane" "Ops" 10000.00 USD\n'
        "  rate: 5.00\n  maturity: 2027-07-01\n"
    )
    assert (row.due, row.interest, row.payment) == (
        dt.date(2027, 7, 1),
        D("750.00"),
        D("10750.00"),
    )


@pytest.mark.parametrize(
    ("often", "interest", "second"),
    [
        ("quarterly", "450.00", dt.date(2026, 5, 1)),
        ("semiannual", "900.00", dt.date(2026, 8, 1)),
        ("annual", "1800.00", dt.date(2027, 2, 1)),
    ],
)
def test_a_period_may_be_longer_than_a_month(often: str, interest: str, second: dt.date) -> None:
    found = rows(B_1 + f'  schedule: "{often}"\n')
    assert found[0].interest == D(interest)
    assert found[1].due == second


def test_interest_may_run_by_days() -> None:
    found = rows(B_1 + '  day-count: "act/365"\n')
    assert found[0].interest == D("152.88")  # 31 days
    assert found[1].interest == (found[0].balance * 28 * D("7.2") / 36500).quantize(D("0.01"))
    assert total(found, "principal") == 25000


def test_a_month_too_short_for_the_day_has_it_on_its_last() -> None:
    found = rows(B_1.replace("2026-02-01", "2026-01-31"))
    assert [row.due.day for row in found[:4]] == [31, 28, 31, 30]


def test_a_demand_note_owes_interest_on_what_was_lent_each_day() -> None:
    """DOMAIN I-16: 40,000 from April 1 to the year's end, 275 days at 4 percent."""
    loan = said(
        '2026-04-01 custom "loan" "D" "Jane" "Ops" 40000.00 USD\n'
        '  rate: 4.00\n  maturity: "demand"\n'
    ).loans["D"]
    moves = [(dt.date(2026, 4, 1), D(40000))]
    days = (dt.date(2026, 4, 1), dt.date(2027, 1, 1))
    assert accrued(loan, (), moves, *days) == D("1205.48")
    assert schedule(loan, until=dt.date(2027, 3, 31)) == ()
    (row,) = schedule(loan, until=dt.date(2027, 4, 1))
    assert (row.payment, row.balance) == (D("1600.00"), 40000)


def test_a_credit_line_owes_interest_on_what_is_drawn() -> None:
    line = (
        '2026-01-01 custom "loan" "L" "First Bank" "Ops" 50000.00 USD\n'
        '  kind: "credit-line"\n  rate: 7.30\n  maturity: 2026-04-01\n'
    )
    moves = [(dt.date(2026, 1, 11), D(10000)), (dt.date(2026, 2, 11), D(-4000))]
    found = rows(line, "L", moves=moves, until=dt.date(2026, 12, 31))
    assert [row.interest for row in found] == [D("42.00"), D("41.60"), D("37.20")]
    assert [row.balance for row in found] == [10000, 6000, 0]
    assert found[-1].principal == 6000
    assert rows(line, "L", until=dt.date(2026, 12, 31)) == ()


def test_extra_principal_shortens_the_loan() -> None:
    found = rows(B_1 + '2026-03-15 custom "loan-event" "B-1" "extra" 5000.00 USD\n')
    assert [row.what for row in found[:4]] == ["instalment", "instalment", "extra", "instalment"]
    assert found[3].interest == D("138.31")  # the period began before
    assert found[4].interest == D("102.41")
    assert (found[-1].number, found[-1].balance) == (20, 0)


def test_extra_principal_may_lower_the_payment_instead() -> None:
    text = B_1 + '2026-03-15 custom "loan-event" "B-1" "extra" 5000.00 USD\n  recompute: TRUE\n'
    found = rows(text)
    assert found[3].payment == D("1121.58")  # of the period that had begun
    payments = [row.payment for row in found[4:]]
    # 17,067.74 over the 21 instalments that remain, at 0.6 percent a month
    assert found[3].balance == D("17067.74")
    assert payments[:-1] == [D("867.46")] * 20
    assert abs(payments[-1] - payments[0]) < D("0.21")  # the last bears the cents alone
    assert found[-1].number == 24


def test_extra_principal_on_a_due_date_lowers_the_next_payment() -> None:
    text = B_1 + '2026-04-01 custom "loan-event" "B-1" "extra" 5000.00 USD\n  recompute: TRUE\n'
    found = rows(text)
    assert [row.what for row in found[2:4]] == ["instalment", "extra"]
    payments = [row.payment for row in found[4:]]
    assert payments[0] < D("1121.58")
    assert abs(payments[-1] - payments[0]) < D("0.21")
    assert found[-1].number == 24


def test_a_new_rate_holds_from_the_next_period() -> None:
    found = rows(B_1 + '2026-03-15 custom "loan-event" "B-1" "rate" 3.60\n')
    assert found[2].interest == D("138.31")
    assert found[3].interest == (found[2].balance * D("0.003")).quantize(D("0.01"))
    assert (len(found), total(found, "principal")) == (24, 25000)


HOLIDAY = '2026-03-15 custom "loan-event" "B-1" "holiday"\n  until: 2026-05-01\n'


def test_a_holiday_capitalises_its_interest() -> None:
    found = rows(B_1 + HOLIDAY)
    assert [(row.what, row.payment) for row in found[2:4]] == [("holiday", 0)] * 2
    assert found[3].balance == D("23051.01") + found[2].interest + found[3].interest
    assert found[-1].due == dt.date(2028, 1, 1)


def test_a_holiday_may_be_added_at_the_end_and_its_interest_paid() -> None:
    found = rows(B_1 + HOLIDAY + '  extend: TRUE\n  interest: "paid"\n')
    assert [row.payment for row in found[2:4]] == [D("138.31")] * 2
    assert found[-1].due == dt.date(2028, 3, 1)
    assert found[-1].payment == D("1121.66")


def test_a_holiday_over_the_last_instalment_puts_it_off() -> None:
    text = '2027-12-15 custom "loan-event" "B-1" "holiday"\n  until: 2028-02-01\n'
    found = rows(B_1 + text)
    assert (found[-1].due, found[-1].balance) == (dt.date(2028, 3, 1), 0)


def test_a_refinance_begins_a_new_schedule() -> None:
    text = (
        '2026-12-01 custom "loan-event" "B-1" "refinance" 20000.00 USD\n  rate: 6.00\n  term: 12\n'
    )
    found = rows(B_1 + text)
    row = found[11]
    assert (row.what, row.principal, row.balance) == ("refinance", D("-6013.84"), 20000)
    assert [r.due for r in found[12:14]] == [dt.date(2027, 1, 1), dt.date(2027, 2, 1)]
    assert found[12].interest == D("100.00")
    assert (len(found), found[-1].balance) == (24, 0)


def test_a_loan_may_be_paid_off_by_another() -> None:
    other = B_1.replace('"B-1"', '"B-2"').replace("2026-01-01", "2026-03-16")
    other = other.replace("2026-02-01", "2026-04-16")
    found = rows(B_1 + other + '2026-03-16 custom "loan-event" "B-1" "refinance" "B-2"\n')
    assert found[-1].what == "payoff"
    assert found[-1].interest == D("69.15")  # fifteen days of thirty
    assert (found[-1].principal, found[-1].balance) == (D("23051.01"), 0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('2026-01-01 custom "loan" "B-1" "Jane"\n', "a loan is written"),
        (B_1 + B_1, "declared twice"),
        (B_1.replace("Ops", "first bank"), "lends to itself"),
        (B_1.replace("7.20", "7200"), "a rate of 7200 percent"),
        (B_1.replace("7.20", "-7.20"), "is negative"),
        (B_1.replace("7.20", '"7.20"'), "write rate: 6.50"),
        (B_1.replace("24", "24.5"), "no number of instalments"),
        (B_1.replace("term: 24", "maturity: 2025-02-01"), "not after it begins"),
        (B_1.replace("  term: 24\n", ""), "add term: or maturity:"),
        (B_1.replace("first-payment: 2026", "first-payment: 2025"), "not after the start"),
        (B_1 + "  payment: 149.99 USD\n", "does not even cover"),
        (B_1 + "  payment: 1121.58 EUR\n", "the currency of the loan"),
        (B_1 + '  kind: "baloon"\n', "is none of level"),
        (B_1 + '  kind: "balloon"\n', "needs payment:, or amortisation:"),
        (B_1 + '2026-02-01 custom "loan-event" "B-9" "extra" 1.00 USD\n', "known: B-1"),
        (B_1 + '2026-02-01 custom "loan-event" "B-1" "xtra" 1.00 USD\n', "is none of extra"),
        (B_1 + '2026-02-01 custom "loan-event" "B-1" "extra" 1.00 EUR\n', "an amount in"),
        (B_1 + '2026-02-01 custom "loan-event" "B-1" "refinance" "B-9"\n', "a loan that is"),
        (B_1 + '2026-02-01 custom "loan-event" "B-1" "rate" -1.00\n', "a rate, such as"),
        (B_1.replace("25000.00", "9" * 40), "more money than there is"),
        (B_1 + '2026-02-01 custom "loan-forbearance" "B-1"\n', "needs until:"),
        (B_1 + '2026-02-01 custom "covenant" "B-1"\n', "min-dscr: or max-ltv:"),
        (B_1 + '2026-02-01 custom "covenant" "B-1"\n  max-ltv: 80\n', "needs asset:"),
        ('2026-01-01 custom "afr" "2026-01" "medium" 4.00\n', "of short, mid, long, blended"),
    ],
)
def test_a_directive_that_means_nothing_is_said(text: str, problem: str) -> None:
    assert problem in said(text).problems[0][1]


def test_what_outgrows_all_money_has_no_schedule() -> None:
    text = B_1.replace("7.20", "900.00").replace("24", "1000") + "  payment: 1.00 USD\n"
    loan = said(text).loans["B-1"]
    assert schedule(loan) == ()


def test_a_rate_too_small_to_count_bears_nothing() -> None:
    found = rows(B_1.replace("7.20", "0." + "0" * 40 + "1"))
    assert (len(found), total(found, "interest")) == (24, 0)


def test_no_due_date_lies_after_the_last_day_there_is() -> None:
    found = rows(B_1.replace("2026-", "9999-"))
    assert found[-1].due == dt.date.max


CENTS = st.decimals(D("0.01"), D("9999999.99"), places=2)
RATES = st.decimals(D(0), D(40), places=2)
KINDS = st.sampled_from(["level", "interest-only", "mortgage", "balloon"])
OFTEN = st.sampled_from(["monthly", "quarterly", "annual"])
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))


@given(CENTS, RATES, st.integers(1, 120), KINDS, OFTEN, st.sampled_from([THIRTY_360, ACT_365]))
def test_all_that_was_lent_is_repaid_and_never_more(
    principal: Decimal, rate: Decimal, term: int, kind: str, often: str, count: str
) -> None:
    found = rows(
        f'2026-01-31 custom "loan" "B-1" "First Bank" "Ops" {principal} USD\n'
        f'  rate: {rate}\n  term: {term}\n  kind: "{kind}"\n  schedule: "{often}"\n'
        f'  day-count: "{count}"\n  amortisation: 360\n'
    )
    assert total(found, "principal") == principal
    assert found[-1].balance == 0
    assert all(0 <= row.balance <= principal for row in found) or count == ACT_365
    assert all(row.payment == row.interest + row.principal for row in found)
    assert all(row.payment == row.payment.quantize(D("0.01")) for row in found)
    assert len(found) <= term
    assert [row.due for row in found] == sorted({row.due for row in found})
    if kind == "level" and count == THIRTY_360 and len(found) == term:
        # what rounding left over is in the last payment alone
        assert len({row.payment for row in found[:-1]}) <= 1


@given(
    CENTS,
    RATES,
    st.lists(st.tuples(DAYS, CENTS), max_size=4),
    st.lists(st.tuples(DAYS, RATES), max_size=3),
    st.one_of(st.none(), st.tuples(DAYS, st.integers(0, 200), st.booleans())),
)
def test_whatever_happens_every_cent_is_accounted_for(
    principal: Decimal,
    rate: Decimal,
    extras: list[tuple[dt.date, Decimal]],
    changes: list[tuple[dt.date, Decimal]],
    holiday: tuple[dt.date, int, bool] | None,
) -> None:
    text = f'2026-01-01 custom "loan" "B-1" "First Bank" "Ops" {principal} USD\n'
    text += f"  rate: {rate}\n  term: 24\n"
    for day, number in extras:
        text += f'{day} custom "loan-event" "B-1" "extra" {number} USD\n'
    for day, percent in changes:
        text += f'{day} custom "loan-event" "B-1" "rate" {percent}\n'
    if holiday:
        day, length, extend = holiday
        text += f'{day} custom "loan-event" "B-1" "holiday"\n'
        text += f"  until: {day + dt.timedelta(days=length)}\n"
        text += f"  extend: {str(extend).upper()}\n"
    found = rows(text)
    assert total(found, "principal") == principal
    assert found[-1].balance == 0
    owed = principal
    for row in found:
        owed -= row.principal
        assert row.balance == owed >= 0
        assert row.payment >= 0


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_days_counted_one_by_one_add_up(day: dt.date, some: int, more: int) -> None:
    middle, last = day + dt.timedelta(days=some), day + dt.timedelta(days=some + more)
    for count in (THIRTY_360, ACT_365):
        parts = fraction(day, middle, count) + fraction(middle, last, count)
        assert abs(parts - fraction(day, last, count)) < D("1e-20")
