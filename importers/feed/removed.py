"""What becomes of an entry whose line the bank takes back: a change that is shown, with its reason.

Nothing happens without a person's word. The entry goes when nothing but the feed speaks for it.
Where another source names the same posting, only the feed's id is taken off; where the entry
holds a second bank line, as a transfer does, this side goes back to suspense. What a statement has
proven, or a seal closed, stays.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.identity import ids_of
from core.journal.books import Books
from core.journal.edit import Edit
from importers.draft import sources
from importers.feed.entries import Entry, Sealed, fixed, is_sealed, suspense_of


@dataclass(frozen=True)
class Removal:
    """A posted line that the bank has taken back: ``line_id`` is the feed's id.

    ``number`` is what the account had gained, ``where`` the entry's file and line, ``effect`` what
    taking it back does; ``refused`` says why it may not, and is empty where it may.
    """

    line_id: str
    account: str
    date: dt.date
    number: Decimal
    currency: str
    payee: str
    where: str
    effect: str
    edit: Edit
    refused: str = ""

    @property
    def sentence(self) -> str:
        """What a person is told."""
        said = (
            f"{self.where}: the bank has taken back {self.number} {self.currency} of {self.date} "
            f"({self.payee or self.line_id}): {self.effect}"
        )
        return f"{said}; refused, since {self.refused}" if self.refused else said


def removal(line_id: str, own_id: str, entry: Entry, books: Books, sealed: Sealed) -> Removal:
    """What taking back the line ``line_id`` means; ``own_id`` is its id in the books."""
    units, others = entry.posting.units, [i for i in entry.ids if i != own_id]
    number = units.number if units and units.number is not None else Decimal(0)
    currency = units.currency if units else ""
    place, txn = entry.place, entry.txn
    if others:
        effect = "another source names the posting too; the feed's id is taken off"
        refused = "its books are sealed" if is_sealed(entry, books, sealed) else ""
        edit = Edit(txn, drop={place: _names(entry)}, meta={place: _left(entry, own_id)})
    elif any(ids_of(p) for n, p in enumerate(txn.postings) if n != place):
        effect = "the entry holds another bank line; this side goes back to suspense"
        refused = fixed(entry, books, sealed)
        entity = books.registry.ent(entry.posting.account) or ""
        edit = Edit(
            txn,
            flag="!",
            without=("review", "perhaps"),
            head={"review": "transfer"},
            accounts={place: suspense_of(entity, currency, books)},
            drop={place: _names(entry)},
        )
    else:
        effect = "the entry goes"
        refused = fixed(entry, books, sealed)
        edit = Edit(txn, instead="")
    file, row = books.where(txn)
    return Removal(
        line_id,
        entry.posting.account,
        txn.date,
        number,
        currency,
        txn.payee or "",
        f"{file}:{row}",
        effect,
        edit,
        refused,
    )


def _names(entry: Entry) -> tuple[str, ...]:
    """The names of the metadata that says which lines a posting is."""
    meta = entry.posting.meta or {}
    return tuple(n for n in meta if n in {"id", "src"} or n.startswith(("id-", "src-")))


def _left(entry: Entry, own_id: str) -> dict[str, str]:
    """The ids and sources that stay, numbered anew."""
    meta = entry.posting.meta or {}
    lines = tuple(
        (str(meta[name]), str(meta.get(name.replace("id", "src", 1), "")))
        for name in _names(entry)
        if name.startswith("id") and meta[name] != own_id
    )
    return sources(lines)
