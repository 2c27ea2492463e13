"""What a bank says is owed: beside the books, and beside the loan's own schedule."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import bank as files
import pytest
from plaids import Nights, chase, committed, line, nights, shop

from core.home import Home
from core.sealing_keys import new_key
from importers.plaid.fake.banks import FakeAccount, FakeBank
from importers.plaid.fake.plaid import Fault

LOAN = """
2026-01-01 open Liabilities:Acme:Mortgage USD
  account-id: "chase-6600"
  line: "loans"
2026-01-01 custom "loan" "M-01" "Chase" "Acme" 225000.00 USD
  rate: 6.50
  term: 360
  start: 2026-01-01
  first-payment: 2026-02-01
  payment: 1422.15 USD
  account: Liabilities:Acme:Mortgage
"""
CARD = files.AMEX
# By hand: 225,000.00 at 6.5 % for a month is 1,218.75; 1,422.15 repays 203.40 of it. The second
# month: 224,796.60 × 6.5 % / 12 = 1,217.65, and 204.50.
INTEREST, PRINCIPAL = Decimal("2436.40"), Decimal("407.90")


@pytest.fixture
def amex(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Nights, FakeBank]]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CARD])
    committed(home)
    statement = {
        "last_statement_issue_date": "2026-09-10",
        "last_statement_balance": Decimal("30.00"),
        "minimum_payment_amount": Decimal("25.00"),
        "next_payment_due_date": "2026-10-05",
    }
    card = FakeAccount(
        "card", "1005", "Gold Card", "credit", "credit card", Decimal("37.00"), liability=statement
    )
    bank = FakeBank("amex", "Amex", [card], ("transactions", "liabilities"))
    bank.adds(
        line("a", "card", "2026-09-03", "30.00", "Fuel"),
        line("b", "card", "2026-09-12", "7.00", "Parking"),
    )
    with nights(home, bank) as plaid:
        yield plaid, bank


def test_a_charge_is_money_out_and_what_is_owed_is_negative(
    amex: tuple[Nights, FakeBank],
) -> None:
    plaid, bank = amex
    night = plaid.synced(plaid.connect(bank))
    assert [row[2] for row in plaid.told()] == ["-30.00", "-7.00"]
    (proof,) = [s.proof for f in night.synced.plan.imported.files for s in f.statements]
    assert (proof.closing, proof.holds) == (Decimal("-37.00"), True)


def test_a_cards_statement_is_compared_with_the_books_on_its_day(
    amex: tuple[Nights, FakeBank],
) -> None:
    plaid, bank = amex
    connection = plaid.connect(bank)
    owed = plaid.synced(connection).owed
    assert owed.remarks == ()
    assert owed.agrees == (
        f"Gold Card (1005): the statement of 2026-09-10 owes 30.00, {CARD} says the same",
    )
    (due,) = owed.dues
    assert (due.day, due.amount) == (dt.date(2026, 10, 5), Decimal("25.00"))
    bank.adds(line("c", "card", "2026-09-04", "1.25", "Late"))
    owed = plaid.synced(connection).owed
    assert owed.remarks == (
        f"Gold Card (1005): the statement of 2026-09-10 owes 30.00, {CARD} says 31.25: -1.25 apart",
    )
    assert plaid.books().last_balance == {}


@pytest.mark.parametrize(
    ("interest", "principal", "apart"),
    [(INTEREST, PRINCIPAL, 0), (INTEREST + 1, PRINCIPAL, 1), (INTEREST, PRINCIPAL - 1, 1)],
)
def test_what_a_lender_says_was_paid_is_held_against_the_schedule(
    home: Home, monkeypatch: pytest.MonkeyPatch, interest: Decimal, principal: Decimal, apart: int
) -> None:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [files.CHECKING])
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + LOAN)
    committed(home)
    bank = chase(products=("transactions", "liabilities"))
    said = {
        "last_payment_date": "2026-03-02",
        "last_payment_amount": Decimal("1422.15"),
        "next_monthly_payment": Decimal("1422.15"),
        "next_payment_due_date": "2026-04-01",
        "ytd_interest_paid": interest,
        "ytd_principal_paid": principal,
    }
    bank.accounts.append(
        FakeAccount("loan", "6600", "Mortgage", "loan", "mortgage", Decimal(1), liability=said)
    )
    with nights(home, bank.adds(shop("t1", 1, "1.00"))) as plaid:
        owed = plaid.synced(plaid.connect(bank)).owed
    assert len(owed.remarks) == apart
    assert len(owed.agrees) == 2 - apart
    assert owed.dues[0].amount == Decimal("1422.15")
    for remark in owed.remarks:
        assert "1.00 apart" in remark
        assert "M-01" in remark


def test_what_is_not_paid_for_is_not_asked(amex: tuple[Nights, FakeBank]) -> None:
    plaid, bank = amex
    bank.products = ("transactions",)
    assert plaid.synced(plaid.connect(bank)).owed.dues == ()
    assert "/liabilities/get" not in [path for path, _ in plaid.fake.asked]


@pytest.mark.parametrize(
    ("code", "said"),
    [("PRODUCTS_NOT_SUPPORTED", False), ("NO_LIABILITY_ACCOUNTS", False), ("NOT_AUTHORIZED", True)],
)
def test_without_this_product_the_others_are_there(
    amex: tuple[Nights, FakeBank], code: str, said: bool
) -> None:
    plaid, bank = amex
    plaid.fake.faults.append(Fault("/liabilities/get", 400, "ITEM_ERROR", code))
    night = plaid.synced(plaid.connect(bank))
    assert len(plaid.books().transactions) == 2
    assert bool(night.remarks) is said


def test_what_the_bank_leaves_open_is_no_fault(amex: tuple[Nights, FakeBank]) -> None:
    plaid, bank = amex
    bank.accounts[0].liability = {"is_overdue": None}
    owed = plaid.synced(plaid.connect(bank)).owed
    assert (owed.dues, owed.agrees, owed.remarks) == ((), (), ())
