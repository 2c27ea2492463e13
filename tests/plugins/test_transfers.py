"""What a crossing is, of small books: whom entries and accounts name, and who keeps books."""

import datetime as dt

import pytest
from beancount import loader
from beancount.core import data

from core.journal.books import Books
from plugins.veil.transfers import entities_of, is_mixed, keeps_books, parties

REGISTRY = """
2026-01-01 custom "entity" "Acme" "llc"
2026-01-01 custom "entity" "Harbor" "llc"
2026-01-01 custom "entity" "Raj" "person"
  books: FALSE
2026-01-01 open Assets:Acme:Bank
2026-01-01 open Assets:Harbor:Bank
2026-01-01 open Assets:Acme:DueFrom:Harbor
  counterparty: "harbor"
"""
PAID = """
2026-02-01 * "Somebody" "Something"
  {of_entry}
  Assets:Acme:Bank  -10.00 USD
  {posting}  10.00 USD
    {of_posting}
"""


def booked(text: str) -> Books:
    """The books, with whatever Beancount says against them."""
    entries, _, options = loader.load_string(REGISTRY + text)
    return Books.of(entries, options)


@pytest.mark.parametrize(
    ("of_entry", "posting", "of_posting", "named"),
    [
        ("", "Assets:Acme:Bank", "", set()),
        ("", "Assets:Acme:DueFrom:Harbor", "", {"Harbor"}),
        ('counterparty: "RAJ"', "Assets:Acme:Bank", "", {"Raj"}),
        ('counterparty: "Uncle Joe"', "Assets:Acme:Bank", "", {"Uncle Joe"}),
        ('counterparty: "Raj"', "Assets:Acme:DueFrom:Harbor", "", {"Raj", "Harbor"}),
        ('counterparty: ""', "Assets:Acme:Bank", "", set()),
        ("counterparty: 12", "Assets:Acme:Bank", "", set()),
        ("", "Assets:Acme:DueFrom:Harbor", 'counterparty: "Raj"', {"Raj"}),
        ("", "Assets:Acme:DueFrom:Harbor", 'counterparty: ""', {"Harbor"}),
        ("", "Assets:Acme:DueFrom:Harbor", "counterparty: 12", {"Harbor"}),
        ("", "Assets:Acme:NobodyOpenedIt", "", set()),
    ],
)
def test_whom_an_entry_names(of_entry: str, posting: str, of_posting: str, named: set[str]) -> None:
    text = PAID.format(of_entry=of_entry, posting=posting, of_posting=of_posting)
    books = booked("\n".join(line for line in text.splitlines() if line.strip()))
    (txn,) = books.transactions
    assert parties(txn, books) == named
    assert not is_mixed(txn, books)


def test_who_keeps_books_here() -> None:
    books = booked("")
    known = {name: keeps_books(name, books) for name in ("Acme", "acme", "Raj", "Uncle Joe")}
    assert known == {"Acme": True, "acme": True, "Raj": False, "Uncle Joe": True}


def test_what_was_found_of_an_entry_is_kept_and_taken_for_no_other() -> None:
    books = booked("")

    def paid(entity: str) -> data.Transaction:
        posting = data.Posting(f"Assets:{entity}:Bank", None, None, None, None, None)
        none: frozenset[str] = frozenset()
        meta = {"counterparty": "Raj"}
        return data.Transaction(meta, dt.date(2026, 2, 1), "*", None, "", none, none, [posting])

    first = paid("Acme")
    assert parties(first, books) is parties(first, books)
    for _ in range(50):  # each is thrown away, and the next one may lie where it lay
        assert entities_of(paid("Acme"), books) == {"Acme"}
        assert entities_of(paid("Harbor"), books) == {"Harbor"}
