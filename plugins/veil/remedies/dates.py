"""An entry on another day: out of where it stands, into the month file of its new date."""

import datetime as dt

from beancount.core import data

from core.journal.books import Books
from core.journal.edit import Edit
from core.journal.placement import month_file
from core.journal.render import render
from core.seal import seals_of
from plugins.veil.remedies.remedy import ByHand, Cure, Remedy

_PLACE = {"filename", "lineno"}


def redated(
    txn: data.Transaction,
    day: dt.date,
    books: Books,
    beside: tuple[data.Transaction, ...] = (),
) -> Cure:
    """The entry as of ``day``, and other entries ``beside`` it. Raises nothing; of an entry that
    two entities share VEIL-001 speaks first."""
    (name,) = books.registry.ents(txn)
    entity = books.registry.entities[name]
    moved = txn._replace(date=day, meta=_own(txn.meta), postings=_plain(txn))
    blocks = [(month_file(entity, t.date), entity, render(t)) for t in (moved, *beside)]
    return Cure(tuple(blocks), (Edit(txn, instead=""),))


def adjusting(txn: data.Transaction, period: str, books: Books) -> Remedy:
    """The entry of a closed period as one of the first open day, with what it is for."""
    (name,) = books.registry.ents(txn)
    if any(books.role(p.account) in {"bank", "card"} for p in txn.postings):
        return ByHand(
            "the bank has this entry on its day, so it belongs into the closed period: have the "
            "period opened again by two people, and close it and those after it again"
        )

    last = max(seal.period.last for seal in seals_of(books.standing)[name])
    tags = frozenset({*(txn.tags or ()), "adjusting"})
    meta = {**txn.meta, "applies-to": period}
    return redated(txn._replace(tags=tags, meta=meta), last + dt.timedelta(days=1), books)


def _own(meta: data.Meta) -> data.Meta:
    return {k: v for k, v in meta.items() if k not in _PLACE and not k.startswith("__")}


def _plain(txn: data.Transaction) -> list[data.Posting]:
    return [p._replace(meta=_own(p.meta) if p.meta else None) for p in txn.postings]
