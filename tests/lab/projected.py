"""Projections to be compared with the entries that they are made of."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

from beancount.core import convert
from beancount.core.inventory import Inventory

from core.findings import Finding, Severity
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.projection import queries
from core.projection.projection import Projection
from core.projection.schema import TABLES
from core.projection.sync import synced

EXACTLY = Context(prec=100)
LAST = dt.date(2026, 12, 31)
FOUND = Finding("VEIL-006", Severity.ERROR, "one half", entities=("Acme",), file="x", line=3)
SALE = '{day} * "Shop" "Sale"\n  Assets:Acme:Cash  {n}.25 USD\n  Income:Acme:Sales\n'
ACCOUNTS = "".join(
    f"2020-01-01 open {account}{booking}\n"
    for account, booking in (
        ("Assets:Acme:Cash", ""),
        ("Assets:Acme:Goods", ' "FIFO"'),
        ("Income:Acme:Sales", ""),
        ("Expenses:Acme:Sold", ""),
        ("Equity:Acme:Start", ""),
        ("Equity:Jane:Start", ""),
    )
)
NAMES = [f"ledger/acme/2026/2026-0{month}.beancount" for month in (6, 7, 8)]


def tables(projection: Projection, *without: str) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(projection.rows(f"FROM books.{table}"), key=repr)
        for table in TABLES
        if table not in without
    }


def from_nothing(books: Books, findings: list[Finding]) -> Projection:
    """Made from the entries alone, in memory."""
    return synced(replace(books, parts=None), findings)


def held(books: Books, entity: str, day: dt.date) -> dict[str, list[dict[str, Decimal]]]:
    """Units, weights and book values by account, summed over the entries."""
    out: dict[str, list[dict[str, Decimal]]] = {}
    for txn in books.transactions:
        for posting in txn.postings if txn.date <= day else ():
            if books.registry.ent(posting.account) != entity:
                continue
            own = out.setdefault(posting.account, [{}, {}, {}])
            of = (posting.units, convert.get_weight(posting), convert.get_cost(posting))
            for sums, amount in zip(own, of, strict=True):
                before = sums.get(amount.currency, Decimal(0))
                sums[amount.currency] = EXACTLY.add(before, amount.number)
    short = {
        account: [{c: n for c, n in sums.items() if n} for sums in own]
        for account, own in out.items()
    }
    return {account: own for account, own in short.items() if any(own)}


def agree(projection: Projection, books: Books, *days: dt.date) -> None:
    """Balances and lots are those of the entries."""
    for entity in books.registry.entities:
        for day in days:
            found = queries.balances(projection, entity, day)
            got = {b.account: [b.units, b.weight, b.book] for b in found}
            assert got == held(books, entity, day), (entity, day)
            inventories = {}
            for txn in books.transactions:
                for posting in txn.postings if txn.date <= day else ():
                    if posting.cost and books.registry.ent(posting.account) == entity:
                        own = inventories.setdefault(posting.account, Inventory())
                        own.add_amount(posting.units, posting.cost)
            wanted = {
                (account, p.units.number, p.units.currency, *p.cost)
                for account, inventory in inventories.items()
                for p in inventory
            }
            lots = queries.lots(projection, entity, day)
            if day == LAST:  # after the end of all books here
                now = "SELECT account, units, currency, cost_number, cost_currency, cost_date,"
                now += " cost_label FROM books.lots WHERE entity = ?"
                assert set(projection.rows(now, entity)) == wanted
            assert wanted == {
                (x.account, x.units, x.currency, x.cost, x.cost_currency, x.date, x.label)
                for x in lots
            }


def booked(home: Home, write: Callable[[str, str], Path], *entries: str) -> Books:
    write("ledger/acme/2020/2020-01.beancount", ACCOUNTS)
    write(NAMES[0], "\n".join(entries))
    return read(home.main_root, home=home)
