"""One look at each transaction for all rules: what a rule needs is seen; a shape is asked once."""

from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from core.findings import fingerprinted
from core.journal.books import Books
from core.journal.shape import Shape, shape_of, sketch
from plugins.looks import Looks
from plugins.rule import Rule, Scope
from plugins.run import RULES
from plugins.veil.receipts import too_small

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "veil").glob("*/*.beancount"))
ENTRY = """
2020-01-01 open Assets:Acme:Bank
2020-01-01 open Expenses:Acme:Other
2020-01-01 custom "entity" "Acme" "llc"
2026-01-02 * "Diner" "Lunch" #trip ^ic-26-1
  purpose: "Talk"
  Expenses:Acme:Other  {amount} USD
    asset: "VAN-1"
  Assets:Acme:Bank
"""


def booked(text: str) -> Books:
    entries, _, options = loader.load_string(text, dedent=True)
    return Books.of(entries, options)


def test_a_shape_is_accounts_keys_kinds_of_links_and_tags() -> None:
    books = booked(ENTRY.format(amount="10.00"))
    (txn,) = books.transactions
    shape = shape_of(txn)
    assert shape.accounts == ("Expenses:Acme:Other", "Assets:Acme:Bank")
    assert {"purpose", "asset"} < shape.keys
    assert (shape.links, shape.tags) == ({"ic"}, {"trip"})
    assert shape.entities(books) == {"Acme"}
    assert shape.has_company(books)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Acme:Other  ", "Acme:Rent  "),
        ("purpose:", "attendees:"),
        ("    asset:", "    loan:"),
        ("ic-26", "inv-26"),
        ("#trip", "#personal"),
        (" #trip ^ic-26-1", ""),
    ],
)
def test_another_shape_is_another_sketch(old: str, new: str) -> None:
    entry = ENTRY.format(amount="10.00")
    one, other = (booked(text).transactions[0] for text in (entry, entry.replace(old, new)))
    assert shape_of(one) != shape_of(other)
    assert sketch(one) != sketch(other)


def test_what_a_shape_says_is_asked_once_and_a_closer_look_is_taken_at_each() -> None:
    asked: list[Shape] = []
    closer: list[data.Transaction] = []

    def looks_at(shape: Shape, _: Books) -> bool:
        asked.append(shape)
        return True

    def looks_closer(txn: data.Transaction, _: Books) -> bool:
        closer.append(txn)
        return txn.postings[0].units.number > 10

    later = ENTRY[ENTRY.index("2026-01-02") :]
    books = booked(ENTRY.format(amount="10.00") + later.format(amount="10.01"))
    rule = Rule(
        "VEIL-999", "", "", Scope.ENTITY, True, lambda _: (), "", "", "", looks_at, looks_closer
    )
    looks = Looks([rule], books)
    seen = books.only(filter(looks, books.transactions))
    assert [txn.postings[0].units.number.to_eng_string() for txn in seen.transactions] == ["10.01"]
    assert (len(asked), len(closer)) == (1, 2)
    assert looks.concerned(seen.transactions) == {"VEIL-999"}
    assert looks.concerned(books.transactions[:1]) == set()
    assert seen.by_file("count", lambda every: len(list(every))) == [2]  # of the whole


THRESHOLDS = """
2020-01-01 open Assets:Acme:Bank
2020-01-01 open Expenses:Acme:Other
2020-01-01 open Expenses:Acme:Hotel
  lodging: TRUE
2020-01-01 custom "entity" "Acme" "llc"
2026-02-01 custom "veil-rule" "VEIL-019" "warning"
  receipt-threshold: 50.00 USD
  receipt-threshold-inr: 900.00 INR
2026-03-01 custom "veil-rule" "VEIL-019" "warning"
  receipt-threshold: 60.00 USD
"""


@pytest.mark.parametrize(
    ("account", "amount", "is_dismissed"),
    [
        ("Other", "49.99 USD", True),
        ("Other", "-49.99 USD", True),
        ("Other", "50.00 USD", False),  # on some days enough
        ("Other", "-50.00 USD", False),
        ("Other", "1.00 EUR", False),  # takes a rate
        ("Other", "1.00 INR", False),  # before February it took one
        ("Hotel", "1.00 USD", False),
    ],
)
def test_what_costs_too_little_on_any_day_is_dismissed_at_a_glance(
    account: str, amount: str, is_dismissed: bool
) -> None:
    entry = f'2026-01-02 * "Shop"\n  Expenses:Acme:{account}  {amount}\n  Assets:Acme:Bank\n'
    books = booked(THRESHOLDS + entry)
    (txn,) = books.transactions
    is_small = too_small(shape_of(txn), books)
    assert (is_small is not None and is_small(txn)) is is_dismissed


def test_two_costs_that_are_little_each_are_not_dismissed() -> None:
    entry = """2026-01-02 * "Shop"
  Expenses:Acme:Other  40.00 USD
  Expenses:Acme:Other  40.00 USD
  Assets:Acme:Bank
"""
    books = booked(THRESHOLDS + entry)
    (txn,) = books.transactions
    assert too_small(shape_of(txn), books) is None


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_is_dismissed_that_a_closer_look_would_want(path) -> None:
    entries, _, options = loader.load_file(str(path))
    books = Books.of(entries, options, kind="group")
    for rule in RULES:
        wanted = [
            txn
            for txn in books.transactions
            if rule.looks_at
            and rule.looks_at(shape_of(txn), books)
            and (rule.looks_closer is None or rule.looks_closer(txn, books))
        ]
        found, concerned = list[data.Transaction](), set[str]()
        passed = Looks([rule], books).passing(books.transactions, found, concerned)
        assert list(passed) == list(books.transactions)
        assert found == wanted
        assert concerned == ({rule.code} if wanted else set())


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_rule_that_sees_what_it_looks_at_finds_what_it_finds_among_all(path) -> None:
    entries, _, options = loader.load_file(str(path))
    books = Books.of(entries, options, kind="group")
    for rule in RULES:
        seen = books.only(filter(Looks([rule], books), books.transactions))
        assert fingerprinted(rule.check(seen)) == fingerprinted(rule.check(books)), rule.code
