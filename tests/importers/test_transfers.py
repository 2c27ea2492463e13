"""Two bank lines of one movement find each other (hard cases 23, 24 and 25)."""

import re
import uuid

import pytest
from bank import (
    AMEX,
    CHECKING,
    JANES,
    SAVINGS,
    VISA,
    bring,
    line,
    open_accounts,
    plan,
    statement,
    told,
)

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import apply
from importers.inbox.candidates import candidates
from importers.inbox.decide import joined
from importers.inbox.items import accepted, inbox
from importers.inbox.why import reasons
from importers.matching.sides import perhaps_of
from importers.statement import Statement

TRANSIT = "Assets:Acme:InTransit"
SUSPENSE = "Assets:Acme:Suspense"


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home)
    return home


def test_23_both_sides_on_one_day_are_one_transaction(acme: Home) -> None:
    books = bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-500.00", "Transfer to Ally")),
        statement(SAVINGS, line(3, "500.00", "Deposit from Chase")),
    )
    one = (CHECKING, "-500.00", ["id"]), (SAVINGS, "500.00", ["id"])
    assert told(books) == [(3, "", list(one))]
    assert not books.findings


def test_23_the_other_side_comes_a_week_later_in_another_file(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-500.00", "Transfer to Ally")))
    books = bring(acme, "b.csv", statement(SAVINGS, line(3, "500.00", "Deposit")))
    assert told(books) == [(3, "", [(CHECKING, "-500.00", ["id"]), (SAVINGS, "500.00", ["id"])])]
    assert books.transactions[0].flag == "*"
    # Either file again brings nothing.
    again = plan(acme, {"b.csv": [statement(SAVINGS, line(3, "500.00", "Deposit"))]})
    assert not again.change.effective().files


def test_23_sides_three_days_apart_go_by_way_of_the_in_transit_account(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-500.00", "Transfer to Ally")))
    books = bring(acme, "b.csv", statement(SAVINGS, line(6, "500.00", "Deposit")))
    assert told(books) == [
        (3, "", [(CHECKING, "-500.00", ["id"]), (TRANSIT, "500.00", [])]),
        (6, "", [(SAVINGS, "500.00", ["id"]), (TRANSIT, "-500.00", [])]),
    ]
    assert books.accounts[TRANSIT].role == "in-transit"


def test_six_days_apart_is_no_transfer(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-500.00", "Transfer to Ally")))
    books = bring(acme, "b.csv", statement(SAVINGS, line(9, "500.00", "Deposit")))
    assert [review for _, review, _ in told(books)] == ["categorise", "categorise"]


def test_the_end_of_a_transfer_that_is_in_transit_already(acme: Home) -> None:
    rules = acme.rules / "categorise/acme.yaml"
    rules.write_text(
        "version: 1\nrules:\n  - name: to savings\n    when: {payee: to ally}\n"
        f"    then: {{account: {TRANSIT}}}\n"
    )
    accounts = acme.ledger / "acme/accounts.beancount"
    transit = f'2020-01-01 open {TRANSIT}\n  role: "in-transit"\n  line: "cash-and-equivalents"\n'
    accounts.write_text(accounts.read_text() + transit)
    bring(acme, "a.csv", statement(CHECKING, line(3, "-500.00", "Transfer to Ally")))
    books = bring(acme, "b.csv", statement(SAVINGS, line(6, "500.00", "Ref 77")))
    assert told(books)[1] == (6, "", [(SAVINGS, "500.00", ["id"]), (TRANSIT, "-500.00", [])])


def test_equal_amounts_alone_are_a_question(acme: Home) -> None:
    books = bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-50.00", "Corner Shop")),
        statement(SAVINGS, line(4, "50.00", "Gift")),
    )
    assert [review for _, review, _ in told(books)] == ["transfer", "transfer"]
    out, into = books.transactions
    assert out.meta["perhaps"] == into.postings[0].meta["id"]
    assert [item.review for item in inbox(books)] == ["transfer", "transfer"]


def test_24_one_autopay_and_two_cards_is_a_question(acme: Home) -> None:
    books = bring(
        acme,
        "all.csv",
        statement(CHECKING, line(3, "-120.00", "AMEX AUTOPAY")),
        statement(AMEX, line(3, "120.00", "AUTOPAY PAYMENT - THANK YOU")),
        statement(VISA, line(3, "120.00", "AUTOPAY PAYMENT - THANK YOU")),
    )
    assert [review for _, review, _ in told(books)] == ["transfer"] * 3
    paid = next(t for t in books.transactions if t.postings[0].account == CHECKING)
    assert len(paid.meta["perhaps"].split(", ")) == 2


def test_24_the_last_digits_of_the_card_decide(acme: Home) -> None:
    books = bring(
        acme,
        "all.csv",
        statement(CHECKING, line(3, "-120.00", "AUTOPAY CARD ENDING 2009")),
        statement(AMEX, line(3, "120.00", "AUTOPAY PAYMENT - THANK YOU")),
        statement(VISA, line(3, "120.00", "AUTOPAY PAYMENT - THANK YOU")),
    )
    decided = [postings for _, review, postings in told(books) if not review]
    assert decided == [[(CHECKING, "-120.00", ["id"]), (VISA, "120.00", ["id"])]]


def test_twins_between_two_accounts_stand_in_for_each_other(acme: Home) -> None:
    twice = [line(3, "-500.00", "Transfer to Ally"), line(3, "-500.00", "Transfer to Ally")]
    books = bring(
        acme,
        "both.csv",
        statement(CHECKING, *twice),
        statement(SAVINGS, line(3, "500.00", "Deposit 1"), line(3, "500.00", "Deposit 2")),
    )
    assert [review for _, review, _ in told(books)] == ["", ""]
    # Two out and three in: nobody knows which came from where.
    three = [line(13, "70.00", f"Deposit {n}") for n in range(3)]
    out = [line(13, "-70.00", "Transfer to Ally"), line(13, "-70.00", "Transfer to Ally")]
    books = bring(acme, "more.csv", statement(CHECKING, *out), statement(SAVINGS, *three))
    assert [review for day, review, _ in told(books) if day == 13] == ["transfer"] * 5


def test_25_a_crossing_is_a_pair_and_never_merged(acme: Home) -> None:
    books = bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-900.00", "Transfer to Jane")),
        statement(JANES, line(3, "900.00", "ACH from Acme")),
    )
    out, into = books.transactions
    assert out.links == into.links
    assert [link[:6] for link in out.links] == ["ic-26-"]
    assert (out.meta["counterparty"], into.meta["counterparty"]) == ("Jane", "Acme")
    assert {t.meta["review"] for t in books.transactions} == {"transfer"}
    assert {books.registry.ent(p.account) for p in out.postings} == {"Acme"}


def test_25_the_half_that_a_rule_names_tells_the_other_what_it_is(acme: Home) -> None:
    (acme.rules / "categorise/acme.yaml").write_text(
        "version: 1\nrules:\n  - name: draw\n    when: {payee: to jane}\n"
        "    then: {account: 'Equity:Acme:Members:Jane:Distributions', transfer: distribution,"
        " counterparty: Jane}\n"
    )
    bring(acme, "b.csv", statement(JANES, line(4, "900.00", "Deposit")))
    books = bring(acme, "a.csv", statement(CHECKING, line(3, "-900.00", "Transfer to Jane")))
    out, into = books.transactions
    assert out.links == into.links != frozenset()
    assert (out.meta.get("review"), into.meta["review"]) == (None, "transfer")
    assert (into.meta["transfer"], into.meta["counterparty"]) == ("distribution", "Acme")


def test_two_people_who_pay_the_same_are_no_pair(acme: Home) -> None:
    books = bring(
        acme,
        "both.csv",
        statement(CHECKING, line(3, "-900.00", "Rent")),
        statement(JANES, line(3, "900.00", "Salary")),
    )
    assert not any(txn.links for txn in books.transactions)
    assert {t.meta["review"] for t in books.transactions} == {"categorise"}


def euros(
    home: Home, said: tuple[str, str] = ("Transfer to N26", "Transfer from Wise")
) -> list[Statement]:
    """Two accounts in euros, with a transfer between them that takes three days."""
    path = home.ledger / "acme/accounts.beancount"
    names = {"Assets:Acme:Bank:Wise": "wise-5151", "Assets:Acme:Bank:N26": "n26-6262"}
    opens = [
        f'2020-01-01 open {name} EUR\n  role: "bank"\n  account-id: "{number}"\n'
        '  title-holder: "Acme"\n  line: "cash-and-equivalents"\n'
        for name, number in names.items()
    ]
    path.write_text(path.read_text() + "".join(opens))
    lines = [line(3, "-80.00", said[0]), line(6, "80.00", said[1])]
    identity = ("csv-1", ("Date", "Description", "Amount"))
    return [
        Statement(number[-4:], "EUR", (one,), kind="bank", identity=identity)
        for number, one in zip(names.values(), lines, strict=True)
    ]


@pytest.mark.parametrize("opened", ["", "USD", "EUR", "USD,EUR"])
def test_money_in_transit_stands_in_an_account_that_takes_its_currency(
    home: Home, opened: str
) -> None:
    path = home.ledger / "acme/accounts.beancount"
    text = re.sub(rf"(?m)^\S+ open {TRANSIT}.*\n(  .*\n)*", "", path.read_text())
    transit = f'2020-01-01 open {TRANSIT} {opened}\n  role: "in-transit"\n'
    path.write_text(text + (transit if opened else ""))
    books = bring(home, "eur.csv", *euros(home))
    name = f"{TRANSIT}:EUR" if opened == "USD" else TRANSIT
    moved = [[(p.account, str(p.units)) for p in t.postings][1] for t in books.transactions]
    assert moved == [(name, "80.00 EUR"), (name, "-80.00 EUR")]
    assert books.accounts[name].role == "in-transit"
    assert not books.findings


def test_a_person_joins_two_lines_by_way_of_an_account_of_their_currency(home: Home) -> None:
    path = home.ledger / "acme/accounts.beancount"
    text = re.sub(rf"(?m)^\S+ open {TRANSIT}.*\n(  .*\n)*", "", path.read_text())
    path.write_text(f'{text}2020-01-01 open {TRANSIT} USD\n  role: "in-transit"\n')
    books = bring(home, "eur.csv", *euros(home, ("Shop", "Gift")))
    first, second = inbox(books)
    change = joined(first, second.id, home=home, books=books)
    apply(home, change, key=str(uuid.uuid4()))
    after = read(home.main_root)
    assert not inbox(after)
    assert after.accounts[f"{TRANSIT}:EUR"].role == "in-transit"
    assert not after.findings


# The question follows what the books know


def asked(books: Books) -> dict[str, tuple[str, list[str]]]:
    """Of each line that waits, by account: what it is asked, and about the lines of which."""
    items = inbox(books)
    account = {item.id: item.account for item in items}
    return {
        item.account: (item.review, sorted(account.get(i, i) for i in perhaps_of(item.txn)))
        for item in items
    }


PAYS = line(3, "-120.00", "AMEX AUTOPAY")
ON_AMEX = line(3, "120.00", "AUTOPAY PAYMENT - THANK YOU")


def test_a_third_line_that_widens_a_question_widens_it_on_both_sides(acme: Home) -> None:
    shop = statement(CHECKING, line(3, "-120.00", "Corner Shop"))
    bring(acme, "a.csv", shop, statement(SAVINGS, line(4, "120.00", "Gift")))
    assert asked(read(acme.main_root)) == {
        CHECKING: ("transfer", [SAVINGS]),
        SAVINGS: ("transfer", [CHECKING]),
    }
    twice = [statement(AMEX, ON_AMEX), statement(VISA, ON_AMEX)]
    books = bring(acme, "b.csv", *twice)
    assert asked(books) == {
        CHECKING: ("transfer", sorted([SAVINGS, AMEX, VISA])),
        SAVINGS: ("transfer", [CHECKING]),
        AMEX: ("transfer", [CHECKING]),
        VISA: ("transfer", [CHECKING]),
    }
    again = plan(acme, {"b.csv": twice})
    assert not again.change.effective().files


def test_a_third_line_that_settles_one_of_two_leaves_the_other_in_question(acme: Home) -> None:
    bring(
        acme,
        "a.csv",
        statement(CHECKING, PAYS),
        statement(AMEX, ON_AMEX),
        statement(VISA, line(3, "120.00", "PAYMENT FROM ALLY 7788")),
    )
    assert asked(read(acme.main_root))[CHECKING] == ("transfer", sorted([AMEX, VISA]))
    books = bring(acme, "b.csv", statement(SAVINGS, line(3, "-120.00", "To card 2009")))
    assert asked(books) == {CHECKING: ("transfer", [AMEX]), AMEX: ("transfer", [CHECKING])}


def test_a_question_whose_other_line_is_settled_is_what_it_is_without_it(acme: Home) -> None:
    gift = statement(CHECKING, line(4, "-50.00", "Gift"))
    bring(acme, "a.csv", gift, statement(SAVINGS, line(3, "50.00", "Ref 1005")))
    assert asked(read(acme.main_root))[CHECKING] == ("transfer", [SAVINGS])
    books = bring(acme, "b.csv", statement(AMEX, line(3, "-50.00", "Cash to Ally 7788")))
    assert asked(books) == {CHECKING: ("categorise", [])}


def test_a_line_in_the_inbox_is_asked_again_when_its_likeness_comes(acme: Home) -> None:
    bring(acme, "a.csv", statement(CHECKING, line(3, "-50.00", "Corner Shop")))
    books = bring(acme, "b.csv", statement(SAVINGS, line(4, "50.00", "Gift")))
    assert asked(books) == {CHECKING: ("transfer", [SAVINGS]), SAVINGS: ("transfer", [CHECKING])}


def test_what_is_decided_since_is_offered_no_more(acme: Home) -> None:
    books = bring(
        acme,
        "all.csv",
        statement(CHECKING, PAYS),
        statement(AMEX, ON_AMEX),
        statement(VISA, ON_AMEX),
    )
    amex = next(item for item in inbox(books) if item.account == AMEX)
    change = accepted(amex, "Expenses:Acme:Office", home=acme, books=books)
    apply(acme, change, key=str(uuid.uuid4()))
    books = read(acme.main_root)
    paid = next(item for item in inbox(books) if item.account == CHECKING)
    assert [c.account for c in candidates([paid], books)[paid.id]] == [VISA]
    assert any("decided since" in said for said in reasons(paid.txn, home=acme, books=books))
    apply(acme, joined(paid, "", home=acme, books=books), key=str(uuid.uuid4()))
    assert not inbox(read(acme.main_root))
