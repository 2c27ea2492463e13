"""What a bank says is owed: beside the books, and beside the loan's own schedule."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import bank as files
import pytest
from beancount.core import data
from plaids import Nights, chase, committed, line, nights, shop

from core import git
from core.bills.forecast import forecast
from core.home import Home
from core.sealing_keys import new_key
from importers.plaid.fake.banks import FakeAccount, FakeBank, FakeLine
from importers.plaid.fake.plaid import Fault
from plugins.run import run_rules

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


def statements(plaid: Nights) -> list[tuple[str, str, str, str]]:
    found = [e for e in plaid.books().standing if isinstance(e, data.Custom)]
    return [
        (str(e.date), e.values[0].value, str(e.values[1].value), str(e.meta["due"]))
        for e in found
        if e.type == "card-statement"
    ]


def test_a_cards_statement_is_noted_once_for_the_forecast(amex: tuple[Nights, FakeBank]) -> None:
    plaid, bank = amex
    connection = plaid.connect(bank)
    assert "1 card statement noted, for the forecast" in plaid.synced(connection).remarks
    expected = [("2026-09-10", CARD, "30.00 USD", "2026-10-05")]
    assert statements(plaid) == expected
    head = git.head(plaid.home.path)
    plaid.synced(connection)
    assert git.head(plaid.home.path) == head
    (event,) = forecast(plaid.books(), "Acme", 30).events
    assert (event.day, event.amount) == (dt.date(2026, 10, 5), Decimal("-30.00"))
    bank.accounts[0].liability["last_statement_balance"] = Decimal("31.00")
    remarks = " ".join(plaid.synced(connection).remarks)
    assert "the bank now says 31.00 of the statement of 2026-09-10" in remarks
    assert statements(plaid) == expected


@pytest.mark.parametrize("lacking", ["next_payment_due_date", "last_statement_balance"])
def test_a_statement_that_the_bank_does_not_say_is_not_noted(
    amex: tuple[Nights, FakeBank], lacking: str
) -> None:
    plaid, bank = amex
    bank.accounts[0].liability[lacking] = None
    plaid.synced(plaid.connect(bank))
    assert statements(plaid) == []


def test_a_dry_run_notes_and_splits_nothing(amex: tuple[Nights, FakeBank]) -> None:
    plaid, bank = amex
    plaid.synced(plaid.connect(bank), agreed=lambda _: False)
    assert statements(plaid) == []


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


# Payments that the lender splits

INTEREST_ACCOUNT = """
2026-01-01 open Expenses:Acme:Interest USD
  role: "interest-expense"
  line: "interest-expense"
"""
SEEDED = """
2026-01-01 * "Opening of the mortgage"
  Liabilities:Acme:Mortgage  -225000.00 USD
  Equity:Acme:OpeningBalances  225000.00 USD
"""
FEBRUARY = {
    "last_payment_date": "2026-02-02",
    "last_payment_amount": Decimal("1422.15"),
    "ytd_interest_paid": Decimal("1218.75"),
    "ytd_principal_paid": Decimal("203.40"),
}
MARCH = FEBRUARY | {
    "last_payment_date": "2026-03-02",
    "ytd_interest_paid": INTEREST,
    "ytd_principal_paid": PRINCIPAL,
}


@pytest.fixture
def mortgage(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Nights, FakeBank]]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [files.CHECKING])
    accounts = home.ledger / "acme/accounts.beancount"
    accounts.write_text(accounts.read_text() + LOAN + INTEREST_ACCOUNT + SEEDED)
    committed(home)
    bank = chase(products=("transactions", "liabilities"))
    bank.accounts.append(
        FakeAccount("loan", "6600", "Mortgage", "loan", "mortgage", liability=dict(FEBRUARY))
    )
    with nights(home, bank) as plaid:
        yield plaid, bank


def pays(key: str, day: str, amount: str = "1422.15") -> FakeLine:
    return line(key, "checking", day, amount, "Chase Mortgage")


def says(bank: FakeBank, said: dict) -> None:
    """What the lender says from now on."""
    bank.accounts[-1].liability.clear()
    bank.accounts[-1].liability.update(said)


def parts(plaid: Nights) -> list[dict[str, str]]:
    """The postings of each payment, by account."""
    return [
        {p.account: str(p.units.number) for p in t.postings}
        for t in plaid.books().transactions
        if t.payee == "Chase Mortgage"
    ]


def test_a_payment_is_booked_as_the_lender_splits_it(mortgage: tuple[Nights, FakeBank]) -> None:
    plaid, bank = mortgage
    connection = plaid.connect(bank)
    night = plaid.synced(connection)
    assert "M-01: of the payment of 2026-02-02 the lender says 1218.75 interest and 203.40 " in (
        " ".join(night.remarks)
    )
    assert "no line of 1422.15 has come" in " ".join(night.remarks)
    bank.adds(pays("a", "2026-02-03"))
    night = plaid.synced(connection)
    assert "Split payments as Chase says: M-01 of 2026-02-02" in night.remarks
    first = {
        files.CHECKING: "-1422.15",
        "Liabilities:Acme:Mortgage": "203.40",
        "Expenses:Acme:Interest": "1218.75",
    }
    assert parts(plaid) == [first]
    (txn,) = [t for t in plaid.books().transactions if t.payee == "Chase Mortgage"]
    assert (txn.flag, txn.meta["note"], "review" in txn.meta) == ("*", "M-01", False)
    bank.adds(pays("b", "2026-03-02"))
    says(bank, MARCH)
    assert not [r for r in plaid.synced(connection, run_id="abc123").remarks if "lender says" in r]
    assert parts(plaid)[1]["Expenses:Acme:Interest"] == "1217.65"
    assert "abc123" in git.call(plaid.home.path, "log", "-1", "--format=%(trailers)")[1]
    before = git.head(plaid.home.path)
    again = plaid.synced(connection)
    assert not [r for r in again.remarks if "M-01" in r]
    assert git.head(plaid.home.path) == before
    assert [f for f in run_rules(plaid.books()) if f.code.startswith("LN-")] == []


def test_a_split_that_is_not_the_schedules_is_booked_and_reported(
    mortgage: tuple[Nights, FakeBank],
) -> None:
    plaid, bank = mortgage
    says(
        bank,
        FEBRUARY | {"ytd_interest_paid": Decimal("1218.15"), "ytd_principal_paid": Decimal(204)},
    )
    bank.adds(pays("a", "2026-02-02"))
    remarks = plaid.synced(plaid.connect(bank)).remarks
    assert (
        "M-01: of the payment of 2026-02-02 the lender says 1218.15 interest and 204.00 principal, "
        "the schedule 1218.75 and 203.40 for 2026-02-01"
    ) in remarks
    assert parts(plaid)[0]["Expenses:Acme:Interest"] == "1218.15"


@pytest.mark.parametrize(
    "said",
    [
        MARCH,  # the first answer names two months together: no split of one is known
        FEBRUARY | {"ytd_interest_paid": None},
        FEBRUARY | {"last_payment_amount": None},
        FEBRUARY | {"last_payment_amount": Decimal("1422.16")},
        FEBRUARY | {"ytd_interest_paid": Decimal("1423.15"), "ytd_principal_paid": Decimal(-1)},
    ],
)
def test_what_the_lender_does_not_split_is_not_split(
    mortgage: tuple[Nights, FakeBank], said: dict
) -> None:
    plaid, bank = mortgage
    says(bank, said)
    bank.adds(pays("a", said["last_payment_date"]))
    remarks = plaid.synced(plaid.connect(bank)).remarks
    assert "does not say how the payment" in " ".join(remarks)
    (entry,) = parts(plaid)
    assert "Expenses:Acme:Interest" not in entry


def test_two_lines_that_may_be_the_payment_are_a_question(
    mortgage: tuple[Nights, FakeBank],
) -> None:
    plaid, bank = mortgage
    bank.adds(pays("a", "2026-02-02"), pays("b", "2026-02-04"))
    remarks = plaid.synced(plaid.connect(bank)).remarks
    assert "2 lines may be it" in " ".join(remarks)
    assert all("Expenses:Acme:Interest" not in entry for entry in parts(plaid))


@pytest.mark.parametrize("near", ["2026-01-27", "2026-02-08"])
def test_a_line_of_other_days_is_not_the_payment(
    mortgage: tuple[Nights, FakeBank], near: str
) -> None:
    plaid, bank = mortgage
    bank.adds(pays("a", near))
    assert "no line of 1422.15 has come" in " ".join(plaid.synced(plaid.connect(bank)).remarks)
    assert "Expenses:Acme:Interest" not in parts(plaid)[0]


def test_a_payment_that_a_person_has_booked_is_compared_and_stays(
    mortgage: tuple[Nights, FakeBank],
) -> None:
    plaid, bank = mortgage
    month = plaid.home.ledger / "acme/2026/2026-02.beancount"
    month.parent.mkdir(exist_ok=True)
    month.write_text(
        '2026-02-02 * "Chase Mortgage" "By hand"\n  Liabilities:Acme:Mortgage  200.00 USD\n'
        "  Expenses:Acme:Interest  1222.15 USD\n  " + files.CHECKING + "\n"
    )
    committed(plaid.home)
    remarks = plaid.synced(plaid.connect(bank)).remarks
    assert "the books 1222.15 and 200.00: ledger/acme/2026/2026-02.beancount:1" in " ".join(remarks)


def test_a_branch_that_is_closed_brings_the_split_again(
    mortgage: tuple[Nights, FakeBank],
) -> None:
    plaid, bank = mortgage
    bank.adds(pays("a", "2026-02-02"))
    connection = plaid.connect(bank)
    before = git.head(plaid.home.path)
    plaid.synced(connection)
    done, said = git.call(plaid.home.path, "reset", "--hard", "-q", before)
    assert done, said
    plaid.synced(connection)
    assert parts(plaid)[0]["Expenses:Acme:Interest"] == "1218.75"


def test_an_escrow_of_the_schedule_is_the_rest(mortgage: tuple[Nights, FakeBank]) -> None:
    plaid, bank = mortgage
    accounts = plaid.home.ledger / "acme/accounts.beancount"
    text = accounts.read_text().replace(
        "  payment: 1422.15 USD\n", "  payment: 1422.15 USD\n  escrow: 410.00 USD\n"
    )
    accounts.write_text(text + '2026-01-01 open Assets:Acme:Escrow USD\n  line: "other-assets"\n')
    committed(plaid.home)
    says(bank, FEBRUARY | {"last_payment_amount": Decimal("1832.15")})
    bank.adds(pays("a", "2026-02-02", "1832.15"))
    plaid.synced(plaid.connect(bank))
    assert parts(plaid) == [
        {
            files.CHECKING: "-1832.15",
            "Liabilities:Acme:Mortgage": "203.40",
            "Expenses:Acme:Interest": "1218.75",
            "Assets:Acme:Escrow": "410.00",
        }
    ]
