"""An entry and its other half as another class: the accounts follow the class matrix.

Bank, card and cash postings are never touched: what the bank said stays what it said.
"""

from collections.abc import Sequence
from decimal import Decimal

from beancount.core import data

from core.journal.books import Books
from core.journal.edit import Edit
from plugins.veil.classes import fitting
from plugins.veil.pairing import MATRIX, MONEY
from plugins.veil.remedies.accounts import account_for
from plugins.veil.transfers import pair_links, parties, posting_party

_OWED: tuple[Sequence[str], Sequence[str]] = (("due-from",), ("due-to",))
_PAY = {"payroll", "wage-income", "guaranteed-payment", "guaranteed-payment-income"}


def halves(txn: data.Transaction, books: Books) -> list[data.Transaction]:
    """The entry and those that share a pair link with it, the entry first. An entry may have been
    made twice, so it is known by its place."""
    found = {books.where(txn): txn}
    for link in pair_links(txn):
        for other in books.by_link[link]:
            found.setdefault(books.where(other), other)
    return list(found.values())


def classes_that_fit(txns: Sequence[data.Transaction], books: Books) -> list[str]:
    """The classes whose accounts all of these entries post to."""
    sets = [fitting(txn, books) for txn in txns]
    return sorted(set.intersection(*sets)) if sets else []


def classed(txns: Sequence[data.Transaction], transfer: str) -> list[Edit]:
    """The entries with this class and their accounts as they are."""
    return [
        Edit(txn, without=("transfer",), head={"transfer": transfer})
        for txn in txns
        if txn.meta.get("transfer") != transfer
    ]


def rebooked(
    txns: Sequence[data.Transaction], transfer: str, books: Books, note: str = ""
) -> list[Edit]:
    """The entries with this class, and on the accounts that the class posts to."""
    edits = []
    for txn in txns:
        (entity,) = books.registry.ents(txn)
        other = next(iter(sorted(parties(txn, books) - {entity})), "")
        places = _about(txn, books)
        gives = sum((_number(txn.postings[p]) for p in places), Decimal(0)) > 0
        roles = MATRIX.get(transfer, _OWED)[0 if gives else 1]
        accounts = {}
        if other and roles[0]:
            name = account_for(entity, roles, other, txn.date, books, note)
            accounts = {p: name for p in places if txn.postings[p].account != name}
        head = {"transfer": transfer} | ({"note": note} if note else {})
        edits.append(Edit(txn, without=("transfer", "note"), head=head, accounts=accounts))
    return edits


def _about(txn: data.Transaction, books: Books) -> list[int]:
    """The places of the postings that say what the entry is: those about the other entity, else
    pay, else the only one that is no money."""
    places = range(len(txn.postings))
    crossing = [p for p in places if posting_party(txn.postings[p], books)]
    pay = [p for p in places if books.role(txn.postings[p].account) in _PAY]
    rest = [p for p in places if books.role(txn.postings[p].account) not in MONEY]
    return crossing or pay or (rest if len(rest) == 1 else [])


def _number(posting: data.Posting) -> Decimal:
    return (posting.units.number if posting.units else None) or Decimal(0)


def is_shown(txn: data.Transaction, books: Books) -> bool:
    """Whether a bank, card or cash account has the entry."""
    return any(books.role(p.account) in MONEY for p in txn.postings)
