"""The budget engine: the catalogue's worked cases to the cent, and BUD-01 as a law."""

import datetime as dt
from decimal import Decimal

import pytest
from budgeted import JANUARY, books_of, config, month
from hypothesis import given, settings
from hypothesis import strategies as st

from core.budget.engine import BudgetMonth
from core.budget.ledger import NoRateError, budgets_in, ledger_of
from core.budget.month import month_named
from core.findings import UserError

D = Decimal
JANUARY_26 = month_named("2026-01")
MODELS = pytest.mark.parametrize("model", ["payment", "pool"])


def available(done: BudgetMonth) -> dict[str, Decimal]:
    return {each.name: each.available for each in done.envelopes}


def visa(done: BudgetMonth) -> tuple[Decimal, Decimal, Decimal]:
    """Set aside, uncovered, owed."""
    (card,) = (card for card in done.cards if card.card.name == "Visa")
    return card.set_aside, card.uncovered, card.debt


def test_case_i_7_january() -> None:
    done = month(books_of(JANUARY.read_text()), "2026-01")
    figures = [(e.name, e.assigned, e.activity, e.available) for e in done.envelopes]
    assert figures == [
        ("Rent", 1200, -1200, 0),
        ("Groceries", 500, -420, 80),
        ("Dining", 200, -240, -40),
        ("Clothing", 0, -60, -60),
        ("Emergency", 1100, 0, 1100),
    ]
    assert [e.credit_overspend for e in done.envelopes] == [0, 0, 40, 0, 0]
    assert [e.cash_overspend for e in done.envelopes] == [0, 0, 0, 60, 0]
    assert visa(done) == (50, 40, 90)
    assert (done.income, done.ready, done.cash_total, done.accounted) == (3000, 0, 1170, 1170)


def test_case_i_7_february() -> None:
    text = JANUARY.read_text()
    before_income = month(books_of(text[: text.index("2026-02-01 custom")]), "2026-02")
    assert before_income.ready == -60
    carries = [each.carry for each in before_income.envelopes]
    assert carries == [0, 80, 0, 0, 1100]
    assert visa(before_income) == (50, 40, 90)
    done = month(books_of(text), "2026-02")
    assert (done.ready, done.cash_total) == (0, 4170)
    assert list(available(done).values()) == [1200, 500, 200, 50, 2130]
    assert visa(done) == (90, 0, 90)


def test_case_i_7_in_the_pool_model() -> None:
    pool = JANUARY.read_text().replace('start: "2026-01"', 'start: "2026-01"\n  card-model: "pool"')
    pool = pool[: pool.index("2026-02-01 custom")]
    done = month(books_of(pool), "2026-01")
    assert (done.cash_total, done.ready) == (1080, 0)
    assert list(available(done).values()) == [0, 80, -40, -60, 1100]
    assert [e.cash_overspend for e in done.envelopes] == [0, 0, 40, 60, 0]
    assert month(books_of(pool), "2026-02").ready == -100


FOOD = """
2026-01-01 custom "bud-envelope" "Jane" "Food" Expenses:Jane:Food "rollover"
2026-01-01 * "Salary"
  Assets:Jane:Bank  1000.00 USD
  Income:Jane:Salary
2026-01-01 custom "bud-assign" "Jane" "Food" "2026-01" 100.00 USD
"""


def test_several_assigns_add_up_and_an_account_takes_the_nearest_envelope() -> None:
    done = month(
        books_of(f"""{config()}{FOOD}
2026-01-01 custom "bud-envelope" "Jane" "Dining" Expenses:Jane:Food:Dining
2026-01-03 custom "bud-assign" "jane" "food" "2026-01" 25.00 USD
2026-01-05 * "A shop and its restaurant"
  Expenses:Jane:Food          10.00 USD
  Expenses:Jane:Food:Dining    7.00 USD
  Assets:Jane:Cash           -17.00 USD
"""),
        "2026-01",
    )
    assert available(done) == {"Food": 115, "Dining": -7}
    assert (done.ready, done.gap) == (875, 0)


def test_money_assigned_ahead_leaves_ready_to_assign_at_once() -> None:
    books = books_of(f"""{config()}{FOOD}
2026-01-20 custom "bud-assign" "Jane" "Food" "2026-03" 300.00 USD
""")
    ready = [month(books, name).ready for name in ("2026-01", "2026-02", "2026-03", "2026-04")]
    assert ready == [600, 600, 600, 600]
    assert [month(books, name).ahead for name in ("2026-01", "2026-02", "2026-03")] == [300, 300, 0]
    assert available(month(books, "2026-03")) == {"Food": 400}


def test_a_hold_is_released_with_the_next_month() -> None:
    books = books_of(f'{config()}{FOOD}2026-01-31 custom "bud-hold" "Jane" "2026-01" 300.00 USD\n')
    assert [month(books, name).ready for name in ("2026-01", "2026-02")] == [600, 900]
    assert [month(books, name).hold for name in ("2026-01", "2026-02")] == [300, 0]


def test_a_reset_envelopes_rest_is_ready_in_the_next_month() -> None:
    books = books_of(f"{config()}{FOOD}".replace('"rollover"', '"reset"'))
    assert available(month(books, "2026-01")) == {"Food": 100}
    assert available(month(books, "2026-02")) == {"Food": 0}
    assert [month(books, name).ready for name in ("2026-01", "2026-02")] == [900, 1000]


@MODELS
def test_an_envelope_that_keeps_its_debt_leaves_ready_to_assign_alone(model: str) -> None:
    books = books_of(f"""{config(model=model)}{FOOD}
2026-01-01 custom "bud-envelope" "Jane" "Work" Expenses:Jane:Work "rollover-negative"
2026-01-10 * "Train, for the employer"
  Expenses:Jane:Work          80.00 USD
  Liabilities:Jane:Card:Visa -50.00 USD
  Assets:Jane:Bank
2026-03-10 * "The employer pays it back"
  Assets:Jane:Bank            80.00 USD
  Expenses:Jane:Work
""")
    done = [month(books, name) for name in ("2026-01", "2026-02", "2026-03")]
    assert [each.ready for each in done] == [900, 900, 900]
    assert [available(each)["Work"] for each in done] == [-80, -80, 0]
    assert [each.gap for each in done] == [0, 0, 0]
    assert visa(done[1]) == ((50, 0, 50) if model == "payment" else (0, 0, 50))


def test_cash_consumes_the_envelope_before_the_card() -> None:
    done = month(
        books_of(f"""{config()}{FOOD}
2026-01-05 * "By card, first"
  Expenses:Jane:Food  90.00 USD
  Liabilities:Jane:Card:Visa
2026-01-06 * "By cash"
  Expenses:Jane:Food  60.00 USD
  Assets:Jane:Bank
"""),
        "2026-01",
    )
    (food,) = done.envelopes
    assert (food.credit_overspend, food.cash_overspend) == (50, 0)
    assert visa(done) == (40, 50, 90)


def test_what_two_cards_overspent_lies_on_the_one_used_last() -> None:
    done = month(
        books_of(f"""{config()}{FOOD}
2026-01-05 * "On Amex"
  Expenses:Jane:Food  80.00 USD
  Liabilities:Jane:Card:Amex
2026-01-06 * "On Visa"
  Expenses:Jane:Food  50.00 USD
  Liabilities:Jane:Card:Visa
"""),
        "2026-01",
    )
    assert [(c.card.name, c.set_aside, c.uncovered) for c in done.cards] == [
        ("Visa", 20, 30),
        ("Amex", 80, 0),
    ]


def test_a_refund_on_a_card_fills_the_envelope_and_empties_the_cards() -> None:
    books = books_of(f"""{config()}{FOOD}
2026-01-05 * "Bought"
  Expenses:Jane:Food  80.00 USD
  Liabilities:Jane:Card:Visa
2026-02-05 * "Brought back"
  Liabilities:Jane:Card:Visa  30.00 USD
  Expenses:Jane:Food
""")
    done = month(books, "2026-02")
    assert available(done) == {"Food": 50}
    assert visa(done) == (50, 0, 50)


def test_a_payment_a_balance_transfer_and_a_cash_advance_are_no_income() -> None:
    books = books_of(f"""{config()}{FOOD}
2026-01-05 * "Bought"
  Expenses:Jane:Food  80.00 USD
  Liabilities:Jane:Card:Visa
2026-01-10 * "Paid"
  Liabilities:Jane:Card:Visa  50.00 USD
  Assets:Jane:Bank
2026-01-11 * "From one card to the other"
  Liabilities:Jane:Card:Visa  30.00 USD
  Liabilities:Jane:Card:Amex
2026-01-12 * "Drawn from the card"
  Assets:Jane:Cash  20.00 USD
  Liabilities:Jane:Card:Amex
""")
    done = month(books, "2026-01")
    assert (done.income, done.ready, done.gap) == (1000, 900, 0)
    assert [(c.payments, c.set_aside, c.debt) for c in done.cards] == [(80, 0, 0), (-50, 50, 50)]


def test_a_split_paid_by_cash_and_card_is_taken_apart() -> None:
    done = month(
        books_of(f"""{config()}{FOOD}
2026-01-01 custom "bud-envelope" "Jane" "Home" Expenses:Jane:Home "rollover"
2026-01-05 * "Two things, part in cash"
  Expenses:Jane:Food           60.00 USD
  Expenses:Jane:Home           40.00 USD
  Liabilities:Jane:Card:Visa  -70.00 USD
  Assets:Jane:Cash            -30.00 USD
"""),
        "2026-01",
    )
    assert available(done) == {"Food": 40, "Home": -40}
    assert {e.name: (e.credit_overspend, e.cash_overspend) for e in done.envelopes} == {
        "Food": (0, 0),
        "Home": (10, 30),
    }
    assert visa(done) == (60, 10, 70)
    assert done.gap == 0


def test_what_was_there_at_the_start_is_ready_and_old_card_debt_is_uncovered() -> None:
    books = books_of(f"""{config()}{FOOD}
2025-12-31 * "Opening"
  Assets:Jane:Bank            700.00 USD
  Liabilities:Jane:Card:Visa -300.00 USD
  Equity:Jane:OpeningBalances
2026-01-31 custom "bud-assign" "Jane" "Visa" "2026-01" 100.00 USD
""")
    done = month(books, "2026-01")
    assert (done.income, done.ready, done.cash_total) == (1000, 1500, 1700)
    assert visa(done) == (100, 200, 300)
    with pytest.raises(UserError, match="starts in 2026-01"):
        month(books, "2025-12")


@MODELS
def test_an_opening_in_the_first_month_says_the_same_of_the_card(model: str) -> None:
    books = books_of(f"""{config(model=model)}{FOOD}
2026-01-01 * "Opening"
  Assets:Jane:Bank            700.00 USD
  Liabilities:Jane:Card:Visa -300.00 USD
  Equity:Jane:OpeningBalances
""")
    done = month(books, "2026-01")
    assert done.gap == 0
    if model == "payment":
        assert (done.cash_total, visa(done)) == (1700, (0, 300, 300))
        assert done.ready == 1600
    else:
        assert (done.cash_total, done.ready) == (1400, 1300)


def test_another_currency_counts_as_the_transaction_says_else_at_the_months_end() -> None:
    text = f"""{config()}{FOOD}
2026-01-05 * "The bank says what it took"
  Expenses:Jane:Food  10.00 EUR @ 1.10 USD
  Assets:Jane:Bank
2026-01-05 * "The bank says it on its own side"
  Expenses:Jane:Food  100.00 EUR
  Assets:Jane:Bank   -125.00 USD @@ 100.00 EUR
2026-01-06 * "From a purse with euros"
  Expenses:Jane:Food  20.00 EUR
  Assets:Jane:Cash
"""
    with pytest.raises(NoRateError, match="no rate of EUR in USD on or before 2026-01-31"):
        month(books_of(text), "2026-01")
    priced = f"""{text}
2026-01-30 price EUR 1.20 USD
2026-02-02 price EUR 9.00 USD
"""
    done = month(books_of(priced), "2026-01")
    assert available(done) == {"Food": 100 - 11 - 125 - 24}
    assert done.gap == 0


def test_an_expense_without_an_envelope_is_the_gap() -> None:
    text = f"""{config()}{FOOD}
2026-01-05 * "Nobody thought of it"
  Expenses:Jane:Other  35.00 USD
  Assets:Jane:Bank
2026-01-06 * "Nor of this"
  Expenses:Jane:Other  5.00 USD
  Liabilities:Jane:Card:Visa
"""
    done = month(books_of(text), "2026-01")
    assert (done.gap, done.unmapped) == (-35, -40)
    assert visa(done) == (0, 5, 5)


def test_months_without_activity_carry_on() -> None:
    books = books_of(f"{config()}{FOOD}")
    assert available(month(books, "2031-06")) == {"Food": 100}


def test_a_zero_based_plan_sums_to_zero_and_only_funds_roll() -> None:
    books = books_of(f"""{config("zero-based")}{FOOD.replace(' "rollover"', "")}
2026-01-01 custom "bud-plan-income" "Jane" "Salary" "2026-01" 1000.00 USD
2026-01-01 custom "bud-envelope" "Jane" "Car" "rollover"
2026-01-01 custom "bud-envelope" "Jane" "Insurance"
2026-01-01 custom "bud-target" "Jane" "Insurance" 600.00 USD 2026-12-01
2026-01-01 custom "bud-assign" "Jane" "Car" "2026-01" 850.00 USD
2026-01-01 custom "bud-assign" "Jane" "Insurance" "2026-01" 50.00 USD
""")
    january, february = month(books, "2026-01"), month(books, "2026-02")
    assert (january.plan_income, january.plan_sum, january.ready) == (1000, 0, 0)
    assert available(february) == {"Food": 0, "Car": 850, "Insurance": 50}
    assert february.ready == 100


def test_a_target_asks_for_equal_parts_rounded_up() -> None:
    books = books_of(f"""{config()}{FOOD}
2026-01-01 custom "bud-envelope" "Jane" "Insurance" "rollover"
2026-01-01 custom "bud-target" "Jane" "Insurance" 1000.00 USD 2026-07-01
2026-01-01 custom "bud-assign" "Jane" "Insurance" "2026-01" 142.86 USD
2026-02-01 custom "bud-assign" "Jane" "Insurance" "2026-02" 100.00 USD
""")
    january, february = (month(books, f"2026-0{n}").envelopes[1] for n in (1, 2))
    assert (january.needed, january.underfunded) == (D("142.86"), 0)
    assert (february.needed, february.underfunded) == (D("142.86"), D("42.86"))
    assert month(books, "2026-08").envelopes[1].needed is None


def test_moves_leave_ready_to_assign_alone() -> None:
    books = books_of(f"""{config()}{FOOD}
2026-01-01 custom "bud-envelope" "Jane" "Home" Expenses:Jane:Home
2026-01-15 custom "bud-move" "Jane" "Food" "Home" "2026-01" 40.00 USD
2026-01-16 custom "bud-move" "Jane" "Food" "Visa" "2026-01" 10.00 USD
""")
    done = month(books, "2026-01")
    assert available(done) == {"Food": 50, "Home": 40}
    assert (done.ready, visa(done)) == (900, (10, 0, 0))
    ledger = ledger_of(books, budgets_in(books).budgets["Jane"])
    assert available(ledger.on(dt.date(2026, 1, 15))) == {"Food": 60, "Home": 40}


def test_books_without_entities_have_one_budget() -> None:
    books = books_of("""
2026-01-01 open Assets:Bank
2026-01-01 open Income:Salary
2026-01-01 open Expenses:Food
2026-01-01 custom "bud-config" "" "envelope" "USD"
2026-01-01 custom "bud-account" Assets:Bank "cash"
2026-01-01 custom "bud-envelope" "" "Food" Expenses:Food
2026-01-02 * "Pay"
  Assets:Bank  10.00 USD
  Income:Salary
2026-01-02 * "Bread"
  Expenses:Food  4.00 USD
  Assets:Bank
""")
    done = month(books, "2026-01", "")
    assert (done.ready, available(done), done.cash_total) == (10, {"Food": -4}, 6)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"bud-assign" "Jane" "Fod" "2026-01" 1.00 USD', "did you mean Food"),
        ('"bud-assign" "Raj" "Food" "2026-01" 1.00 USD', "“Raj” has no budget"),
        ('"bud-assign" "Jane" "Food" "2026-13" 1.00 USD', "“2026-13” is not a month"),
        ('"bud-assign" "Jane" "Food" "2025-12" 1.00 USD', "before the budget starts"),
        ('"bud-assign" "Jane" "Food" "2026-01" 1.00 EUR', "kept in USD, not EUR"),
        ('"bud-assign" "Jane" "Food" 1.00 USD', 'written: custom "bud-assign"'),
        ('"bud-move" "Jane" "Food" "Food" "2026-01" 1.00 USD', "from one envelope to another"),
        ('"bud-hold" "Jane" "2026-01" -1.00 USD', "not negative"),
        ('"bud-envelope" "Jane" "Eat" Expenses:Jane:Food', "in the envelope Food already"),
        ('"bud-envelope" "Jane" "Visa"', "payment envelope of a card"),
        ('"bud-envelope" "Jane" "Eat" "roll-over"', "neither an account nor a flag"),
        ('"bud-account" Assets:Jane:Savings "debit"', "no kind of account"),
        ('"bud-account" Liabilities:Jane:Other:Visa "credit"', "two cards are called Visa"),
        ('"bud-config" "Jane" "envelope" "USD"', "two budgets"),
        ('"bud-asign" "Jane" "Food" "2026-01" 1.00 USD', "did you mean bud-assign"),
    ],
)
def test_what_is_wrong_with_a_directive_is_said(line: str, said: str) -> None:
    books = books_of(f"{config()}{FOOD}2026-01-02 custom {line}\n")
    ((entry, problem),) = budgets_in(books).problems
    assert said in problem
    assert entry.meta["lineno"]


# --- BUD-01 as a law -----------------------------------------------------------------------------

AMOUNTS = st.integers(1, 50_000).map(lambda cents: D(cents) / 100)
MONTHS = st.sampled_from([f"2026-{number:02}" for number in range(1, 8)])
DAYS = st.integers(0, 200).map(lambda days: dt.date(2026, 1, 1) + dt.timedelta(days))
OWN = ["Assets:Jane:Bank", "Assets:Jane:Cash", "Liabilities:Jane:Card:Visa"]
OWN += ["Liabilities:Jane:Card:Amex"]
OTHERS = ["Expenses:Jane:Food", "Expenses:Jane:Food:Dining", "Expenses:Jane:Home"]
OTHERS += ["Expenses:Jane:Work", "Income:Jane:Salary", "Assets:Jane:Savings"]
OTHERS += ["Equity:Jane:OpeningBalances"]
ENVELOPES = """
2026-01-01 custom "bud-envelope" "Jane" "Food" Expenses:Jane:Food "rollover"
2026-01-01 custom "bud-envelope" "Jane" "Dining" Expenses:Jane:Food:Dining
2026-01-01 custom "bud-envelope" "Jane" "Home" Expenses:Jane:Home "reset"
2026-01-01 custom "bud-envelope" "Jane" "Work" Expenses:Jane:Work "rollover-negative"
"""


@st.composite
def transactions(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(OWN + OTHERS), min_size=1, max_size=4))
    numbers = draw(st.lists(AMOUNTS, min_size=len(names), max_size=len(names)))
    signs = draw(st.lists(st.sampled_from("-+"), min_size=len(names), max_size=len(names)))
    lines = [f"  {a}  {s}{n} USD" for a, s, n in zip(names, signs, numbers, strict=True)]
    day, rest = draw(DAYS), draw(st.sampled_from(OWN))
    return "\n".join([f'{day} * "Anything"', *lines, f"  {rest}"])


@st.composite
def orders(draw: st.DrawFn) -> str:
    names = draw(st.permutations(["Food", "Dining", "Home", "Work"]))
    number = draw(AMOUNTS)
    said = draw(
        st.sampled_from(
            [
                f'"bud-assign" "Jane" "{names[0]}" "{draw(MONTHS)}" {number} USD',
                f'"bud-assign" "Jane" "{names[0]}" "{draw(MONTHS)}" -{number} USD',
                f'"bud-move" "Jane" "{names[0]}" "{names[1]}" "{draw(MONTHS)}" {number} USD',
                f'"bud-hold" "Jane" "{draw(MONTHS)}" {number} USD',
                f'"bud-assign" "Jane" "Visa" "{draw(MONTHS)}" {number} USD',
                f'"bud-move" "Jane" "{names[0]}" "Amex" "{draw(MONTHS)}" {number} USD',
            ]
        )
    )
    return f"{draw(DAYS)} custom {said}"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(transactions(), max_size=25),
    st.lists(orders(), max_size=15),
    st.sampled_from(["envelope", "zero-based"]),
    st.sampled_from(["payment", "pool"]),
)
def test_bud_01_and_bud_06_hold_in_every_month_of_any_books(
    entries: list[str], orders: list[str], mode: str, model: str
) -> None:
    if model == "pool":
        orders = [each for each in orders if '"Visa"' not in each and '"Amex"' not in each]
    books = books_of("\n".join([config(mode, model), ENVELOPES, *entries, *orders]))
    cash, debt = D(0), {account: D(0) for account in OWN[2:]}
    ledger = ledger_of(books, budgets_in(books).budgets["Jane"])
    for number in range(month_named("2026-01"), month_named("2026-09")):
        done = ledger.month(number)
        for txn in books.transactions:
            if txn.date.year * 12 + txn.date.month - 1 == number:
                for posting in txn.postings:
                    if posting.account in debt:
                        debt[posting.account] -= posting.units.number
                    elif posting.account in OWN:
                        cash += posting.units.number
        # Against the postings themselves, not against what the engine adds up.
        assert done.cash_total == cash - (sum(debt.values()) if model == "pool" else 0)
        assert done.gap == 0
        assert {card.card.account: card.debt for card in done.cards} == debt
        if model == "payment":
            assert all(card.debt == card.set_aside + card.open_debt for card in done.cards)
            assert all(e.credit_overspend <= max(D(0), -e.available) for e in done.envelopes)


@st.composite
def card_use(draw: st.DrawFn) -> str:
    """A purchase or a refund by card, or a payment of the card, in January or February."""
    card = draw(st.sampled_from(OWN[2:]))
    other = draw(st.sampled_from([*OTHERS[:4], "Assets:Jane:Bank", "Assets:Jane:Bank"]))
    number = draw(AMOUNTS)
    sign = "" if "Bank" in other else draw(st.sampled_from(["-", "-", ""]))
    day = draw(st.dates(dt.date(2026, 1, 2), dt.date(2026, 2, 27)))
    return f'{day} * "Card"\n  {card}  {sign}{number} USD\n  {other}'


@given(
    st.lists(card_use(), max_size=20),
    st.lists(transactions(), max_size=8),
    st.lists(orders(), max_size=15),
)
def test_a_day_walked_to_is_as_the_day_worked_out_by_itself(
    used: list[str], entries: list[str], orders: list[str]
) -> None:
    books = books_of("\n".join([config(), ENVELOPES, *used, *entries, *orders]))
    ledger = ledger_of(books, budgets_in(books).budgets["Jane"])
    for number in range(month_named("2026-01"), month_named("2026-09")):
        for one in ledger.cards_paid(number):
            done = ledger.on(one.day)
            (card,) = (each for each in done.cards if each.card.account == one.account)
            assert one.set_aside == card.set_aside
            assert one.paid > 0


def test_a_payment_is_judged_by_what_was_set_aside_that_day() -> None:
    books = books_of(f"""{config()}{FOOD}
2026-01-10 * "Feast"
  Expenses:Jane:Food  130.00 USD
  Liabilities:Jane:Card:Visa
2026-01-11 * "Paid"
  Liabilities:Jane:Card:Visa  90.00 USD
  Assets:Jane:Bank
2026-01-12 custom "bud-assign" "Jane" "Food" "2026-01" 5.00 USD
2026-01-13 * "Paid"
  Liabilities:Jane:Card:Visa  20.00 USD
  Assets:Jane:Bank
""")
    ledger = ledger_of(books, budgets_in(books).budgets["Jane"])
    found = [(one.day.day, one.paid, one.set_aside) for one in ledger.cards_paid(JANUARY_26)]
    assert found == [(11, 90, 10), (13, 20, -5)]  # 100 - 90; 105 - 90 - 20
