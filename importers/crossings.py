"""Crossings between entities among imported lines: each half gets the link of its pair."""

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from beancount.core import data

from core.journal.books import Books
from importers.draft import Draft

# Five days of bank transit is what the books allow between the two sides of a pair.
_TRANSIT = dt.timedelta(days=5)
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def linked(drafts: Iterable[Draft], books: Books) -> list[Draft]:
    """The drafts, each crossing with its ``^ic-`` link.

    A crossing takes the link of the one half that waits for it: the same class, the opposite
    amount, at most five days apart, in the counterparty's books or among these drafts. Two such
    halves are no answer: then, and where there is none, the link is new.
    """
    waiting = _waiting_halves(books)
    out = []
    for draft in drafts:
        if not draft.transfer or not draft.counterparty:
            out.append(draft)
            continue
        key = (draft.counterparty, draft.entity, draft.transfer, draft.currency, -draft.number)
        near = [half for half in waiting.get(key, []) if abs(half[0] - draft.date) <= _TRANSIT]
        if len(near) == 1:
            waiting[key].remove(near[0])
            out.append(replace(draft, link=near[0][1]))
            continue
        link = new_link(draft.date)
        own = (draft.entity, draft.counterparty, draft.transfer, draft.currency, draft.number)
        waiting.setdefault(own, []).append((draft.date, link))
        out.append(replace(draft, link=link))
    return out


_Half = tuple[str, str, str, str, Decimal]


def _waiting_halves(books: Books) -> dict[_Half, list[tuple[dt.date, str]]]:
    """Transfers in the books whose link has one entity only, by who, to whom, class and amount."""
    waiting: dict[_Half, list[tuple[dt.date, str]]] = {}
    linked: dict[str, list[data.Transaction]] = {}
    for txn in books.select("paired", lambda txn: any(map(_is_pair, txn.links or ()))):
        for link in filter(_is_pair, txn.links or ()):
            linked.setdefault(link, []).append(txn)
    for link, txns in linked.items():
        entities = set().union(*(books.registry.ents(txn) for txn in txns))
        if len(entities) != 1 or len(txns) != 1:
            continue
        txn, (entity,) = txns[0], entities
        party, transfer = txn.meta.get("counterparty"), txn.meta.get("transfer")
        for posting in txn.postings:
            units = posting.units
            if units is None or units.number is None:
                continue
            if books.role(posting.account) not in {"bank", "card", "cash"}:
                continue
            key = (entity, str(party), str(transfer), units.currency, units.number)
            waiting.setdefault(key, []).append((txn.date, link))
    return waiting


def _is_pair(link: str) -> bool:
    return link.startswith("ic-")


def new_link(day: dt.date) -> str:
    """A pair link that two branches never both choose: ``ic-26-`` and six random characters."""
    return f"ic-{day:%y}-" + "".join(secrets.choice(_BASE32) for _ in range(6))
