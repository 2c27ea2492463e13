"""Payments between entities, composed: both halves or the refusal, word for word
(``BOOKS_UPDATE_GOLDEN=1`` writes ``tests/cases/crossings/``)."""

import datetime as dt
import os
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest
from beancount.core import data
from beancount.parser import printer
from veil_cases import CASES, loaded

from core.findings import UserError
from core.journal.books import Books
from plugins.veil.pairing import Payment, pair
from plugins.veil.settling import owed_between, settled

FOLDER = CASES.parent / "crossings"
# Who pays whom how much as what on which day; then a note, a text, and the accounts named.
PAYMENTS = """
Acme Jane 1000.00 USD distribution 2026-03-14
Acme Jane 1000.00 USD distribution 2026-03-15
Acme Jane 1000.00 USD tax-distribution 2026-03-15 text=Taxes
Acme Jane 1000.00 USD dividend 2026-03-15
Acme Raj 1000.00 USD distribution 2026-03-15
Raj Acme 1000.00 USD contribution 2026-03-15
Jane Acme 1000.00 USD contribution 2026-03-15
Jane Acme 1000.00 USD contribution 2025-12-31
Jane Harbor 1000.00 USD contribution 2026-03-15
Acme Jane 500.00 USD loan-advance 2026-03-15
Acme Jane 500.00 USD loan-advance 2026-03-15 note=N1
Acme Jane 500.00 USD loan-advance 2026-03-15 note=N2
Acme Jane 500.00 USD loan-advance 2026-03-15 note=N3
Jane Acme 500.00 USD loan-repayment 2026-03-15 note=N1
Jane Acme 500.00 USD loan-repayment 2026-03-15 note=N2
Harbor Acme 500.00 USD loan-repayment 2026-03-15 note=N9
Acme Harbor 500.00 USD loan-advance 2026-03-15 note=N5
Acme Harbor 500.00 USD loan-advance 2026-03-15
Jane Harbor 500.00 USD loan-advance 2026-03-15 note=N7
Jane Harbor 500.00 USD loan-advance 2026-03-15 note=N8
Jane Harbor 500.00 USD loan-advance 2026-03-15 note=N10
Acme Jane 40.00 USD guaranteed-payment 2026-03-15
Acme Jane 40.00 USD guaranteed-payment 2026-03-31
Acme Jane 40.00 USD guaranteed-payment 2026-04-01
Jane Acme 42.50 USD expense-on-behalf 2026-03-15
Jane Acme 42.50 USD expense-on-behalf 2026-03-15 by=Expenses:Acme:Paper
Acme Jane 7.50 USD expense-on-behalf 2026-03-15 by=Liabilities:Acme:Card by=Expenses:Jane:Food
Acme Harbor 42.50 EUR service 2026-03-15
Harbor Acme 42.50 USD service 2026-03-15
Acme Harbor 42.50 USD rent 2026-03-15
Acme Harbor 42.50 USD rent 2026-02-01
Acme Harbor 42.50 USD rent 2026-01-31
Harbor Acme 42.50 USD settlement 2026-01-01
Acme Harbor 42.50 USD sale 2026-03-15 by=Expenses:Acme:Paper by=Assets:Acme:Second
Acme Harbor 42.50 USD sale 2026-03-15 by=Expenses:Jane:Food
Acme Harbor 42.50 USD sale 2026-03-15 by=Expenses:Acme:Papers
Acme Jane 42.50 USD distribution 2026-03-15 by=Equity:Acme:Members:Jane:Old
Acme Jane 80.00 USD settlement 2026-03-15
Acme Jane 80.01 USD settlement 2026-03-15
Acme Jane 80.00 USD settlement 2026-02-10
Acme Jane 80.00 USD reimbursement 2026-02-09
Jane Acme 30.00 USD reimbursement 2026-03-15
Jane Acme 30.00 EUR settlement 2026-03-15
Raj Acme 10.00 USD settlement 2026-03-15
Raj Acme 10.01 USD settlement 2026-03-15
Acme Raj 25.00 USD settlement 2026-03-15
Acme Raj 25.01 USD settlement 2026-03-15
Harbor Acme 70.00 INR settlement 2026-03-15
Acme Harbor 5.00 USD settlement 2026-03-15
Jane Harbor 5.00 USD settlement 2026-03-15
Harbor Jane 5.00 USD settlement 2026-03-15
"""
SETTLED = """
Acme Jane 2026-03-15
Jane Acme 2026-03-15
Jane Acme 2026-02-10
Jane Acme 2026-02-09
Acme Raj 2026-03-15
Raj Acme 2026-02-13
Raj Jane 2026-03-15
Acme Harbor 2026-03-15
Harbor Acme 2026-02-12
Raj Acme 2026-02-12
Harbor Jane 2026-02-19
Harbor Jane 2026-02-20
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def books() -> Books:
    return Books.of(*loaded(FOLDER / "books.beancount"), kind="group")


def payment(line: str) -> Payment:
    giver, receiver, number, currency, transfer, day, *more = line.split()
    options = [each.split("=") for each in more]
    told = dict(options)
    return Payment(
        giver,
        receiver,
        Decimal(number),
        currency,
        transfer,
        dt.date.fromisoformat(day),
        told.get("text", ""),
        told.get("note", ""),
        tuple(value for key, value in options if key == "by"),
    )


def paid(line: str) -> str:
    return told(lambda: pair(payment(line), books(), "ic-26-1"))


def squared(line: str) -> str:
    one, other, day = line.split()

    def halves() -> list[data.Transaction]:
        found = owed_between(one, other, dt.date.fromisoformat(day), books())
        return [half for each in found for half in settled(each, books(), "ic-26-1")]

    return told(halves)


def told(made: Callable[[], Iterable[data.Transaction]]) -> str:
    """The entries made, or the refusal with its exit status."""
    try:
        entries = list(made())
    except UserError as error:
        return f"refused ({error.code}): {error}\n"
    assert all(type(entry.meta) is dict for entry in entries)
    return "".join(printer.format_entry(entry) for entry in entries) or "nothing\n"


@pytest.mark.parametrize(
    ("golden", "cases", "made"),
    [("pairs.txt", PAYMENTS, paid), ("settlements.txt", SETTLED, squared)],
    ids=["pairs", "settlements"],
)
def test_a_crossing_is_booked_as_it_always_was(
    golden: str, cases: str, made: Callable[[str], str]
) -> None:
    text = "\n".join(f"== {line}\n{made(line)}" for line in lines(cases))
    path = FOLDER / golden
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("line", lines(PAYMENTS))
def test_both_halves_cancel_and_share_link_class_and_day(line: str) -> None:
    try:
        ours, *theirs = pair(payment(line), books(), "ic-26-1")
    except UserError:
        return
    for half in (ours, *theirs):
        assert sum(posting.units.number for posting in half.postings) == 0
        assert (half.links, half.date) == (ours.links, ours.date)
        assert half.meta["transfer"] == ours.meta["transfer"]
    assert all(half.meta["counterparty"] != ours.meta["counterparty"] for half in theirs)
