"""Processors: gross, fee and net; conversions in three rows; payouts; holds. Hard case 26."""

import re
import uuid
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from bank import line as bank_line
from bank import open_accounts
from bank import statement as bank_statement
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st

from core.entity import Account
from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.render import render
from core.journal.write import apply
from importers.account import Hints, proposed
from importers.detect import load_profiles, read_statement_file
from importers.draft import Kept, drafted, transaction
from importers.inbox.candidates import opposite_lines
from importers.inbox.decide import joined
from importers.inbox.items import accepted, inbox
from importers.plan import plan_import
from importers.planned import ImportPlan
from importers.rules.categorise import RuleText
from importers.statement import Statement, StatementFile

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
STRIPE = "Assets:Acme:Clearing:Stripe"
PAYPAL = "Assets:Acme:Clearing:PayPal"
REVOLUT = "Assets:Acme:Bank:Revolut"
FEES, SALES, SUSPENSE = "Expenses:Acme:BankFees", "Income:Acme:Sales", "Assets:Acme:Suspense"

# Stripe keeps 96.80 - 25.00 - 65.00 + 38.54 - 45.34 = 0.00, so it is in no balance below.
STRIPE_CSV = """\
balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,description
txn_1,2026-09-02 10:00:00,usd,100.00,3.20,96.80,charge,Widget
txn_2,2026-09-03 23:59:59,usd,-25.00,0.00,-25.00,refund,Part of the widget
txn_3,2026-09-08 10:00:00,usd,-50.00,15.00,-65.00,dispute,Chargeback
txn_4,2026-09-09 10:00:00,usd,40.00,1.46,38.54,charge,Gadget
txn_5,2026-09-10 10:00:00,usd,-45.34,0.00,-45.34,payout,STRIPE PAYOUT
"""
PAYPAL_HEADER = (
    "Date,Time,Name,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID\n"
)
SALE = "09/03/2026,10:00:00,Anna,Website Payment,Completed,EUR,100.00,-3.50,96.50,A1,\n"
OUT = "09/03/2026,10:00:00,,General Currency Conversion,Completed,EUR,-96.50,0.00,-96.50,B1,A1\n"
INTO = "09/03/2026,10:00:00,,General Currency Conversion,Completed,USD,104.20,0.00,104.20,C1,A1\n"
RULES = """\
version: 1
rules:
  - name: sales
    when: {text: "charge|refund|dispute|website payment"}
    then: {account: "Income:Acme:Sales"}
"""


def opened(home: Home, account: str, currencies: str, account_id: str, fees: str = FEES) -> None:
    path = home.ledger / "acme/accounts.beancount"
    named = f'  fees: "{fees}"\n' if fees else ""
    path.write_text(
        f'{path.read_text()}2020-01-01 open {account} {currencies}\n  role: "bank"\n'
        f'  account-id: "{account_id}"\n  title-holder: "Acme"\n'
        f'  line: "cash-and-equivalents"\n{named}'
    )


@pytest.fixture
def acme(home: Home) -> Home:
    (home.rules / "categorise/acme.yaml").write_text(RULES)
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(re.sub(rf"(open ({FEES}|{SALES})) +USD", r"\1", path.read_text()))
    opened(home, STRIPE, "USD", "stripe-acme")
    opened(home, PAYPAL, "EUR,USD,GBP", "paypal-acme")
    opened(home, REVOLUT, "EUR,USD", "revolut-9001")
    return home


def opens_it(statement: Statement, hints: Hints, books: Books) -> Account:
    return proposed(statement, hints, books.registry.entities["Acme"])


def planned(home: Home, text: str, name: str = "report.csv", account: str = "") -> ImportPlan:
    path = home.path.parent / name
    path.write_text(text)
    books = read(home.main_root)
    return plan_import(
        [path],
        home=home,
        books=books,
        reader=lambda path: read_statement_file(path, PROFILES),
        ask=lambda statement, hints: opens_it(statement, hints, books),
        account=account,
    )


def do(home: Home, plan: ImportPlan) -> Books:
    apply(home, plan.change, key=str(uuid.uuid4()))
    books = read(home.main_root)
    assert not [f for f in books.findings if f.severity == "error"]
    return books


def imported(home: Home, text: str, account: str = "") -> Books:
    return do(home, planned(home, text, account=account))


def balances(books: Books) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for txn in books.transactions:
        for posting in txn.postings:
            sums[posting.account, posting.units.currency] += posting.units.number
    return {key: number for key, number in sums.items() if number}


def reviews(books: Books) -> list[str]:
    return [item.review for item in inbox(books)]


def journal(home: Home) -> str:
    return (home.ledger / "acme/2026/2026-09.beancount").read_text()


# Gross, fee, net


def test_a_month_of_stripe_is_booked_gross_and_its_balance_is_stripes(acme: Home) -> None:
    books = imported(acme, STRIPE_CSV)
    assert balances(books) == {
        (SALES, "USD"): Decimal("-65.00"),  # 100 - 25 - 50 + 40
        (FEES, "USD"): Decimal("19.66"),
        (SUSPENSE, "USD"): Decimal("45.34"),
    }
    assert reviews(books) == ["transfer"]
    assert not planned(acme, STRIPE_CSV).change.files


def test_a_sale_that_no_rule_knows_waits_with_its_gross_and_the_fee_does_not(acme: Home) -> None:
    (acme.rules / "categorise/acme.yaml").write_text("version: 1\nrules: []\n")
    books = imported(acme, "".join(STRIPE_CSV.splitlines(keepends=True)[:2]))
    (item,) = inbox(books)
    assert balances(books)[SUSPENSE, "USD"] == Decimal("-100.00")
    books = do(acme, _as_plan(accepted(item, SALES, home=acme, books=books)))
    assert balances(books) == {
        (STRIPE, "USD"): Decimal("96.80"),
        (SALES, "USD"): Decimal("-100.00"),
        (FEES, "USD"): Decimal("3.20"),
    }


def _as_plan(change) -> ImportPlan:
    return ImportPlan((), change=change)


def test_a_fee_without_an_account_waits_and_the_owner_is_told_what_to_add(home: Home) -> None:
    (home.rules / "categorise/acme.yaml").write_text(RULES)
    opened(home, STRIPE, "USD", "stripe-acme", fees="")
    plan = planned(home, STRIPE_CSV)
    (warning,) = plan.files[0].warnings
    assert "3 fees wait in suspense" in warning
    assert 'fees: "Expenses:Acme:…"' in warning
    books = do(home, plan)
    # the fees 3.20 + 15.00 + 1.46 and the payout
    assert balances(books)[SUSPENSE, "USD"] == Decimal("65.00")
    assert sorted(reviews(books)) == ["categorise"] * 3 + ["transfer"]


@pytest.mark.parametrize(
    ("fees", "wrong"),
    [("Expenses:Acme:Nowhere", "is not opened"), ("Expenses:Jane:Fees", "belongs to Jane")],
)
def test_an_account_for_fees_that_cannot_be_is_refused(home: Home, fees: str, wrong: str) -> None:
    opened(home, STRIPE, "USD", "stripe-acme", fees=fees)
    with pytest.raises(UserError, match=wrong):
        planned(home, STRIPE_CSV)


def test_a_refund_that_gives_a_part_of_the_fee_back(acme: Home) -> None:
    rows = (
        "09/03/2026,10:00:00,Anna,Website Payment,Completed,USD,100.00,-3.50,96.50,A1,\n"
        "09/05/2026,10:00:00,Anna,Website Payment Refund,Completed,USD,-40.00,1.20,-38.80,A2,A1\n"
    )
    assert balances(imported(acme, PAYPAL_HEADER + rows)) == {
        (PAYPAL, "USD"): Decimal("57.70"),
        (SALES, "USD"): Decimal("-60.00"),
        (FEES, "USD"): Decimal("2.30"),
    }


def test_a_hold_and_its_release_leave_nothing_and_an_authorisation_is_no_line(acme: Home) -> None:
    rows = (
        "09/03/2026,10:00:00,,Payment Hold,Completed,USD,-80.00,0.00,-80.00,H1,\n"
        "09/24/2026,10:00:00,,Payment Release,Completed,USD,80.00,0.00,80.00,H2,H1\n"
        "09/03/2026,10:00:00,Anna,Authorization,Completed,USD,12.00,0.00,12.00,H3,\n"
    )
    books = imported(acme, PAYPAL_HEADER + rows)
    assert len(books.transactions) == 2
    assert not balances(books)


def test_a_row_that_is_a_fee_and_nothing_else_needs_nobody(acme: Home) -> None:
    row = "09/03/2026,10:00:00,,Chargeback Fee,Completed,USD,0.00,-20.00,-20.00,F1,\n"
    books = imported(acme, PAYPAL_HEADER + row)
    assert balances(books) == {(PAYPAL, "USD"): Decimal(-20), (FEES, "USD"): Decimal(20)}
    assert not reviews(books)


def test_a_fee_on_top_of_what_was_bought_is_a_fee(acme: Home) -> None:
    text = (
        "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "CARD_PAYMENT,Current,2026-09-01 10:00:00,2026-09-02 10:00:00,Ryanair,-89.99,1.00,EUR,"
        "COMPLETED,\n"
    )
    assert balances(imported(acme, text, REVOLUT)) == {
        (REVOLUT, "EUR"): Decimal("-90.99"),
        (FEES, "EUR"): Decimal("1.00"),
        (f"{SUSPENSE}:EUR", "EUR"): Decimal("89.99"),
    }


# Conversions


def test_26_a_sale_in_euros_and_its_conversion_are_one_entry_at_the_price_as_written(
    acme: Home,
) -> None:
    plan = planned(acme, PAYPAL_HEADER + SALE + OUT + INTO)
    books = do(acme, plan)
    (txn,) = books.transactions
    assert "-96.50 EUR @@ 104.20 USD" in " ".join(journal(acme).split())
    told = [(p.account, str(p.units), "id" in (p.meta or {})) for p in txn.postings]
    assert told == [
        (PAYPAL, "96.50 EUR", True),
        (SALES, "-100.00 EUR", False),
        (FEES, "3.50 EUR", False),
        (PAYPAL, "-96.50 EUR", True),
        (PAYPAL, "104.20 USD", True),
    ]
    assert not reviews(books)
    assert sum(s.joined for f in plan.files for s in f.statements) == 2
    assert not planned(acme, PAYPAL_HEADER + SALE + OUT + INTO).change.files


def test_the_order_of_the_rows_does_not_matter(acme: Home) -> None:
    books = imported(acme, PAYPAL_HEADER + INTO + OUT + SALE)
    assert len(books.transactions) == 1
    assert balances(books)[PAYPAL, "USD"] == Decimal("104.20")


def test_a_conversion_without_its_payment_is_an_entry_of_its_own(acme: Home) -> None:
    books = imported(acme, PAYPAL_HEADER + OUT + INTO)
    assert balances(books) == {
        (PAYPAL, "EUR"): Decimal("-96.50"),
        (PAYPAL, "USD"): Decimal("104.20"),
    }
    assert not reviews(books)


def test_a_side_of_a_conversion_alone_waits_for_a_person(acme: Home) -> None:
    books = imported(acme, PAYPAL_HEADER + SALE + OUT)
    assert len(books.transactions) == 2
    assert reviews(books) == ["categorise"]


@pytest.mark.parametrize(
    "third",
    [
        pytest.param(INTO.replace("USD,104.20", "GBP,80.00").replace("C1", "D1"), id="currency"),
        pytest.param(INTO.replace("C1", "D1"), id="twin"),
    ],
)
def test_three_sides_of_a_conversion_are_no_pair(acme: Home, third: str) -> None:
    books = imported(acme, PAYPAL_HEADER + SALE + OUT + INTO + third)
    assert len(books.transactions) == 4
    assert reviews(books) == ["categorise"] * 3


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(INTO.replace(",A1\n", ",A2\n"), id="another reference"),
        pytest.param(INTO.replace("09/03", "09/04"), id="another day"),
        pytest.param(INTO.replace("USD", "EUR"), id="the same currency"),
        pytest.param(INTO.replace("104.20", "-104.20"), id="the same sign"),
    ],
)
def test_rows_that_are_not_two_sides_stay_alone(acme: Home, other: str) -> None:
    assert len(imported(acme, PAYPAL_HEADER + OUT + other).transactions) == 2


def test_a_payment_of_another_amount_is_not_what_was_converted(acme: Home) -> None:
    more = SALE.replace("-3.50,96.50", "-4.50,95.50")
    assert len(imported(acme, PAYPAL_HEADER + more + OUT + INTO).transactions) == 2


def test_payments_of_one_billing_agreement_have_nothing_else_in_common(acme: Home) -> None:
    row = "09/03/2026,10:00:00,Anna,Website Payment,Completed,USD,10.00,-0.50,9.50,{},B-77\n"
    books = imported(acme, PAYPAL_HEADER + row.format("S1") + row.format("S2"))
    assert len(books.transactions) == 2
    assert not reviews(books)


def test_what_came_from_the_bank_for_a_purchase_stays_the_banks_line(acme: Home) -> None:
    """A purchase of 50 EUR, paid by the bank: four rows, of which three are one event."""
    rows = (
        "09/03/2026,10:00:00,Shop,Payment,Completed,EUR,-50.00,0.00,-50.00,A1,\n"
        "09/03/2026,10:00:00,,Bank Deposit to PP Account ,Completed,USD,55.00,0.00,55.00,D1,A1\n"
        "09/03/2026,10:00:00,,General Currency Conversion,Completed,USD,-55.00,0.00,-55.00,B1,A1\n"
        "09/03/2026,10:00:00,,General Currency Conversion,Completed,EUR,50.00,0.00,50.00,C1,A1\n"
    )
    books = imported(acme, PAYPAL_HEADER + rows)
    assert sorted(reviews(books)) == ["categorise", "transfer"]
    assert len(books.transactions) == 2
    assert "50.00 EUR @@ 55.00 USD" in " ".join(journal(acme).split())
    assert {key for key in balances(books) if key[0] == PAYPAL} == set()


def test_an_exchange_with_a_fee_keeps_the_fee_out_of_the_price(acme: Home) -> None:
    start = "2026-09-01 10:00:00,2026-09-01 10:00:00"
    text = (
        "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        f"EXCHANGE,Current,{start},Exchanged to USD,-100.00,0.50,EUR,COMPLETED,\n"
        f"EXCHANGE,Current,{start},Exchanged from EUR,108.00,0.00,USD,COMPLETED,\n"
    )
    books = imported(acme, text, REVOLUT)
    assert "-100.00 EUR @@ 108.00 USD" in " ".join(journal(acme).split())
    assert balances(books) == {
        (REVOLUT, "EUR"): Decimal("-100.50"),
        (REVOLUT, "USD"): Decimal("108.00"),
        (FEES, "EUR"): Decimal("0.50"),
    }


# Payouts


def test_a_payout_and_the_banks_line_find_each_other(acme: Home) -> None:
    open_accounts(acme)
    imported(acme, STRIPE_CSV)
    got = bank_line(12, "45.34", "STRIPE TRANSFER ST-X1")
    statement = bank_statement("Assets:Acme:Bank:Checking", got)
    path = acme.path.parent / "chase.csv"
    path.write_text("bank")
    file = StatementFile(path, "csv", "Chase", (statement,))
    plan = plan_import(
        [path],
        home=acme,
        books=read(acme.main_root),
        reader=lambda _: file,
        ask=lambda statement, hints: None,
    )
    books = do(acme, plan)
    assert not reviews(books)
    assert (SUSPENSE, "USD") not in balances(books)
    assert balances(books)["Assets:Acme:Bank:Checking", "USD"] == Decimal("45.34")
    assert ("Assets:Acme:InTransit", "USD") not in balances(books)


def test_a_rule_may_name_where_a_payout_goes(acme: Home) -> None:
    rules = acme.rules / "categorise/acme.yaml"
    rules.write_text(
        RULES + '  - name: payout\n    when: {payee: "^payout$"}\n'
        '    then: {account: "Assets:Acme:InTransit"}\n'
    )
    books = imported(acme, STRIPE_CSV)
    assert not reviews(books)
    assert balances(books)["Assets:Acme:InTransit", "USD"] == Decimal("45.34")


# The account


def test_a_processors_account_is_opened_with_every_currency_and_its_fees(home: Home) -> None:
    plan = planned(home, PAYPAL_HEADER + SALE + OUT + INTO)
    books = do(home, plan)
    account = books.accounts[PAYPAL]
    assert (account.role, account.account_id) == ("bank", "paypal-acme")
    assert account.currencies == ("EUR", "USD")
    assert account.meta["fees"] == "Expenses:Acme:Fees:PayPal"  # BankFees takes dollars only
    assert balances(books) == {
        (PAYPAL, "USD"): Decimal("104.20"),
        ("Expenses:Acme:Fees:PayPal", "EUR"): Decimal("3.50"),
        ("Assets:Acme:Suspense:EUR", "EUR"): Decimal("-100.00"),
    }


def test_the_only_account_for_fees_is_taken_where_it_takes_the_currency(home: Home) -> None:
    books = do(home, planned(home, STRIPE_CSV))
    assert books.accounts[STRIPE].meta["fees"] == FEES
    assert balances(books)[FEES, "USD"] == Decimal("19.66")


def test_entities_with_one_processor_each_are_asked_whose_file_it_is(acme: Home) -> None:
    path = acme.ledger / "jane/accounts.beancount"
    path.write_text(
        path.read_text() + "2020-01-01 open Assets:Jane:Clearing:Stripe USD\n"
        '  role: "bank"\n  account-id: "stripe-jane"\n  title-holder: "Jane"\n'
    )
    with pytest.raises(UserError, match="could be 2 of yours"):
        planned(acme, STRIPE_CSV)


def test_a_currency_that_the_account_does_not_list_is_refused(acme: Home) -> None:
    with pytest.raises(UserError, match="the statement is in EUR"):
        planned(acme, STRIPE_CSV.replace("usd", "eur"))


# The law

MONEY = st.decimals(min_value=-9999, max_value=9999, places=2)
CURRENCIES = st.sampled_from(["USD", "EUR"])


@settings(max_examples=60, deadline=None)
@given(charges=st.lists(st.tuples(MONEY, MONEY, CURRENCIES, st.booleans()), min_size=1, max_size=8))
def test_any_charges_balance_and_add_up_to_net_gross_and_fees(
    charges: list[tuple[Decimal, Decimal, str, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [
        f"txn_{n},2026-09-02 10:00:00,{currency.lower()},{gross},{fee},{gross - fee},"
        f"{'charge' if known else 'other'},"
        for n, (gross, fee, currency, known) in enumerate(charges)
    ]
    path = tmp_path_factory.mktemp("stripe") / "stripe.csv"
    path.write_text("\n".join([STRIPE_CSV.splitlines()[0], *rows]) + "\n")
    file = read_statement_file(path, PROFILES)
    rule = RuleText.model_validate(
        {"name": "sales", "when": {"payee": "charge"}, "then": {"account": SALES}}
    )
    drafts = [
        drafted(
            line,
            entity="Acme",
            account=STRIPE,
            currency=statement.currency or "",
            line_id=line.bank_id,
            src="f",
            decide=lambda line: rule if line.payee == "charge" else None,
            suspense=SUSPENSE,
            kept=Kept(FEES),
        )
        for statement in file.statements
        for line in statement.lines
    ]
    opens = "".join(f"2020-01-01 open {a}\n" for a in (STRIPE, FEES, SALES, SUSPENSE))
    text = opens + "\n".join(render(transaction(draft)).text for draft in drafts)
    entries, errors, _ = loader.load_string(text)
    assert not errors
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for txn in entries:
        for posting in getattr(txn, "postings", ()):
            sums[posting.account, posting.units.currency] += posting.units.number
    for currency in ("USD", "EUR"):
        own = [(gross, fee) for gross, fee, said, _ in charges if said == currency]
        assert sums[STRIPE, currency] == sum((g - f for g, f in own), Decimal(0))
        assert sums[FEES, currency] == sum((f for _, f in own), Decimal(0))
        assert sums[SALES, currency] + sums[SUSPENSE, currency] == -sum(
            (g for g, _ in own), Decimal(0)
        )


# Payouts of which the processor keeps a fee

INSTANT = STRIPE_CSV.splitlines(keepends=True)[0] + (
    "txn_6,2026-09-10 10:00:00,usd,-98.50,1.50,-100.00,payout,STRIPE INSTANT PAYOUT\n"
)
CHECKING = "Assets:Acme:Bank:Checking"
ARRIVED = {
    (STRIPE, "USD"): Decimal("-100.00"),
    (FEES, "USD"): Decimal("1.50"),
    (CHECKING, "USD"): Decimal("98.50"),
}


def got(home: Home, day: int, amount: str = "98.50") -> Books:
    """The books after the bank's file with a line of this day was imported."""
    path = home.path.parent / "chase.csv"
    path.write_text("bank")
    lines = bank_statement(CHECKING, bank_line(day, amount, "STRIPE TRANSFER ST-X1"))
    file = StatementFile(path, "csv", "Chase", (lines,))
    plan = plan_import(
        [path],
        home=home,
        books=read(home.main_root),
        reader=lambda _: file,
        ask=lambda statement, hints: None,
    )
    return do(home, plan)


@pytest.mark.parametrize("day", [10, 12])
@pytest.mark.parametrize("first", ["stripe", "bank"])
def test_an_instant_payout_is_what_arrived_and_its_fee(acme: Home, day: int, first: str) -> None:
    open_accounts(acme)
    if first == "stripe":
        assert reviews(imported(acme, INSTANT)) == ["transfer"]
        books = got(acme, day)
    else:
        got(acme, day)
        books = imported(acme, INSTANT)
    assert not reviews(books)
    assert balances(books) == ARRIVED
    assert len(books.transactions) == (1 if day == 10 else 2)


@pytest.mark.parametrize("day", [10, 12])
def test_a_payout_in_transit_ends_with_what_arrives(acme: Home, day: int) -> None:
    open_accounts(acme)
    rules = acme.rules / "categorise/acme.yaml"
    rules.write_text(
        RULES + '  - name: payout\n    when: {payee: "^payout$"}\n'
        '    then: {account: "Assets:Acme:InTransit"}\n'
    )
    imported(acme, INSTANT)
    assert balances(got(acme, day)) == ARRIVED


def test_the_net_of_an_instant_payout_is_not_what_arrives(acme: Home) -> None:
    open_accounts(acme)
    imported(acme, INSTANT)
    assert sorted(reviews(got(acme, 10, "100.00"))) == ["categorise", "transfer"]


@pytest.mark.parametrize("day", [10, 12])
def test_a_person_may_say_that_a_payout_with_a_fee_is_the_banks_line(acme: Home, day: int) -> None:
    open_accounts(acme)
    twin = INSTANT.splitlines(keepends=True)[1].replace("txn_6", "txn_7")
    imported(acme, INSTANT + twin)  # two that look alike are a question
    books = got(acme, day)
    assert len(reviews(books)) == 3
    payout = next(item for item in inbox(books) if item.account == STRIPE)
    bank = next(item for item in inbox(books) if item.account == CHECKING)
    assert bank.id in [line.id for line in opposite_lines(payout, books)]
    books = do(acme, _as_plan(joined(payout, bank.id, home=acme, books=books)))
    assert reviews(books) == ["transfer"]
    assert balances(books)[CHECKING, "USD"] == Decimal("98.50")
    assert balances(books)[FEES, "USD"] == Decimal("3.00")
    assert balances(books)[SUSPENSE, "USD"] == Decimal("98.50")


def test_a_payout_whose_fee_nobody_has_placed_waits_with_both_parts(home: Home) -> None:
    opened(home, STRIPE, "USD", "stripe-acme", fees="")
    open_accounts(home)
    imported(home, INSTANT)
    assert sorted(reviews(got(home, 10))) == ["categorise", "transfer"]
