"""Lawful distributions, composed: the entries or the refusal, word for word
(``BOOKS_UPDATE_GOLDEN=1`` writes ``tests/cases/crossings/distributions.txt``)."""

import datetime as dt
import os
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from veil_cases import CASES

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from plugins.veil import distributing
from plugins.veil.distributing import Accounts, booked, proposed

GOLDEN = CASES.parent / "crossings" / "distributions.txt"
REGISTRY = """
2020-01-01 custom "entity" "Jane" "person"
  legal-name: "Jane Roe"
2020-01-01 custom "entity" "Ravi" "person"
  currency: "INR"
2020-01-01 custom "entity" "Raj" "person"
  legal-name: "Raj Patel"
  books: FALSE
2020-01-01 custom "entity" "Acme" "llc"
  legal-name: "Acme LLC"
  tax-class: "partnership"
2020-01-01 custom "entity" "Beta" "corporation"
  tax-class: "c-corp"
2020-01-01 custom "entity" "Gamma" "india-pvt"
  tax-class: "india-company"
  currency: "INR"
2020-01-01 custom "entity" "Delta" "llc"
  tax-class: "partnership"
2020-01-01 custom "entity" "Omega" "llc"
  books: FALSE
2020-01-01 custom "entity" "Cross" "elimination"
2020-01-01 custom "ownership" "Acme" "Jane" 66.50
2020-01-01 custom "ownership" "Acme" "Raj" 33.50
  preference: 500.00 USD
2020-01-01 custom "ownership" "Beta" "Jane" 100.00
2020-01-01 custom "ownership" "Gamma" "Jane" 50.00
2020-01-01 custom "ownership" "Gamma" "Ravi" 50.00
2020-01-01 custom "ownership" "Delta" "Jane" 60.00
2020-01-01 custom "ownership" "Delta" "Nobody" 40.00
2020-01-01 custom "entity" "Poor" "llc"
2020-01-01 custom "ownership" "Poor" "Jane" 100.00
2020-01-01 custom "entity" "Edge" "llc"
2020-01-01 custom "ownership" "Edge" "Jane" 100.00
2020-01-01 custom "ownership" "Cross" "Jane" 100.00
2020-01-01 custom "ownership" "Omega" "Jane" 100.00
"""
LEDGER = """
2020-01-01 open Assets:Acme:Euros  EUR
  role: "bank"
2020-01-01 open Assets:Acme:Old  USD
  role: "bank"
2026-09-01 close Assets:Acme:Old
2020-01-01 open Assets:Acme:Bank
  role: "bank"
2020-01-01 open Assets:Acme:Second  USD
  role: "bank"
2020-01-01 open Assets:Acme:Third  USD
  role: "bank"
2020-01-01 open Assets:Acme:Press
  role: "fixed-asset"
2020-01-01 open Liabilities:Acme:Bills
  role: "ap"
2020-01-01 open Equity:Acme:OpeningBalances
2020-01-01 open Equity:Acme:Members:Jane:Distributions
  role: "distribution"
2020-01-01 open Equity:Acme:Shares:Raj
  role: "distribution"
  counterparty: "raj"
2020-01-01 open Assets:Poor:Till
  role: "cash"
2020-01-01 open Equity:Poor:OpeningBalances
2020-01-01 open Assets:Beta:Bank  USD
  role: "bank"
2020-01-01 open Equity:Beta:OpeningBalances
2020-01-01 open Equity:Beta:Members:Jane:Distributions
  role: "distribution"
2020-01-01 open Assets:Gamma:Bank  INR
  role: "bank"
2020-01-01 open Equity:Gamma:OpeningBalances
2020-01-01 open Equity:Gamma:Members:Jane:Distributions
  role: "distribution"
2020-01-01 open Equity:Gamma:Members:Ravi:Distributions
  role: "distribution"
2020-01-01 open Assets:Edge:Bank
  role: "bank"
2020-01-01 open Liabilities:Edge:Mortgage
2020-01-01 open Equity:Edge:OpeningBalances
2020-01-01 open Equity:Edge:Members:Jane:Distributions
  role: "distribution"
2026-10-02 open Assets:Jane:Second
  role: "bank"
2020-01-01 open Assets:Jane:Purse
  role: "bank"
2020-01-01 open Assets:Jane:InvestIn:Acme
  role: "invest-in"
  counterparty: "Acme"
2020-01-01 open Assets:Jane:InvestIn:Beta
  role: "invest-in"
  counterparty: "Beta"
2020-01-01 open Income:Jane:DistributionsFrom:Acme
  role: "distribution-income"
  counterparty: "Acme"
2026-10-01 open Income:Jane:DistributionsFrom:Beta
  role: "distribution-income"
  counterparty: "Beta"
2026-10-01 open Equity:Poor:Members:Jane:Distributions
  role: "distribution"

2026-01-05 * "What Acme has and owes"
  Assets:Acme:Bank       4000.00 USD
  Assets:Acme:Press      1000.00 USD
  Equity:Acme:OpeningBalances
2026-01-05 * "What Edge has and owes"
  Assets:Edge:Bank        101.00 USD
  Liabilities:Edge:Mortgage  -50.00 USD
  Equity:Edge:OpeningBalances
2026-01-05 * "What Poor has"
  Assets:Poor:Till       1000.00 USD
  Equity:Poor:OpeningBalances
2026-01-05 * "What Beta has"
  Assets:Beta:Bank      10000.00 USD
  Equity:Beta:OpeningBalances
2026-01-05 * "What Gamma has"
  Assets:Gamma:Bank     10000.00 INR
  Equity:Gamma:OpeningBalances
2026-01-07 * "Mill" "A bill" ^bill-7
  due: 2026-12-29
  Liabilities:Acme:Bills  -1500.00 USD
  Equity:Acme:OpeningBalances
"""
# Whose distribution of how much on which day; then a note, a resolution, the accounts named.
CASES_OF = """
Acme 1000.00 2026-09-30
Acme 1000.00 2026-09-30 from=Assets:Acme:Second to=Assets:Jane:Purse paper=2026-09-29-consent.txt
Acme 1000.00 2026-09-29 from=Assets:Acme:Bank note=Profit paper=2026-09-29-consent.txt
Acme 1000.00 2026-09-28 from=Assets:Acme:Bank paper=2026-09-29-consent.txt
Acme 1000.00 2026-09-28 from=Assets:Acme:Bank paper=undated.txt
Acme 1000.00 2026-09-28 paper=missing.txt
Acme 1000.00 2026-09-28 paper=../../../../outside.txt
Acme 1000.00 2026-08-31 from=Assets:Acme:Old
Acme 1000.00 2026-09-01 from=Assets:Acme:Old
Acme 1000.00 2026-09-30 from=Assets:Acme:Euros
Acme 1000.00 2026-09-30 from=Assets:Jane:Purse
Acme 1000.00 2026-09-30 from=Assets:Acme:Bank to=Assets:Jane:InvestIn:Acme
Acme 1000.00 2026-09-30 from=Assets:Acme:Bank to=Assets:Acme:Second to=Assets:Jane:Purse
Acme 0.01 2026-09-30 from=Assets:Acme:Bank
Acme 2500.00 2026-09-30
Acme 2500.01 2026-09-30
Acme 3000.00 2026-09-30
Acme 3000.01 2026-09-30
Acme 0.00 2026-09-30
Acme -1.00 2026-09-30
Acme 10.001 2026-09-30
Acme 10.00 2019-12-31
Jane 10.00 2026-09-30
Omega 10.00 2026-09-30
Cross 10.00 2026-09-30
Delta 10.00 2026-09-30
Beta 10.00 2026-09-30
Beta 10.00 2026-10-01
Beta 10.00 2026-10-02
Edge 51.00 2026-09-30
Edge 100.50 2026-09-30
Edge 101.00 2026-09-30
Gamma 10.00 2026-09-30
Poor 10.00 2026-09-30
Poor 10.00 2026-10-01
"""


@pytest.fixture
def books(tmp_path: Path) -> Books:
    for name, text in {
        "ledger/group.beancount": 'include "registry.beancount"\ninclude "all.beancount"\n',
        "ledger/registry.beancount": REGISTRY,
        "ledger/all.beancount": LEDGER,
        "ledger/acme/documents/2026-09-29-consent.txt": "The members consent.",
        "ledger/acme/documents/undated.txt": "The members consent.",
        "../outside.txt": "No file of these books.",
    }.items():
        path = tmp_path / "home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    home = Home(tmp_path / "home")
    return read(home.main_root, home=home)


def composed(line: str, books: Books, home: Home) -> str:
    name, amount, day, *more = line.split()
    options = [each.split("=") for each in more]
    given = dict(options)
    try:
        proposal = proposed(
            books.registry.entities[name],
            Decimal(amount),
            dt.date.fromisoformat(day),
            books,
            note=given.get("note", ""),
        )
        paper = given.get("paper")
        change, remarks = booked(
            proposal,
            home,
            books,
            accounts=Accounts(
                given.get("from", ""), tuple(value for key, value in options if key == "to")
            ),
            resolution=home.path / "ledger/acme/documents" / paper if paper else None,
        )
    except UserError as error:
        return f"refused ({error.code}): {error}\n"
    shares = "".join(f"{s.owner.name} {s.percent} % {s.amount}\n" for s in proposal.shares)
    return f"{shares}{change.message}\n{change.diff()}" + "".join(f"- {each}\n" for each in remarks)


def numbered() -> Callable[[dt.date], str]:
    """Links that are the same every time."""
    numbers = count(1)
    return lambda day: f"ic-{day:%y}-{next(numbers)}"


def test_a_distribution_is_booked_as_it_always_was(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    said = []
    for line in CASES_OF.strip().splitlines():
        monkeypatch.setattr(distributing, "new_link", numbered())
        said.append(f"== {line}\n{composed(line, books, home)}")
    text = "\n".join(said).replace(str(tmp_path), "TMP")
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()
