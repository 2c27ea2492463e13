"""A card's last statement, as the bank says it, into the books: a directive for the forecast.

It asserts nothing, and one that is there stays: a bank that says another balance of the same
statement later is told of, no more.
"""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeGuard, cast

from beancount.core import account, data
from beancount.core.amount import Amount
from beancount.parser.grammar import ValueType

from core.bills.cards import STATEMENT
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.placement import month_file, placed
from core.journal.render import render
from core.journal.write import apply
from core.money import at_cents
from importers.feed.contract import Item
from importers.feed.cursor import of_run
from importers.feed.entries import Sealed
from importers.plaid.liabilities import Billed, billed

_CENT = Decimal("0.01")


def book_statements(
    tree: Home, books: Books, item: Item, content: bytes, sealed: Sealed, run_id: str
) -> list[str]:
    """Writes the statements that the books do not have; what to tell of it.

    ``content`` is the answer of ``/liabilities/get``. Raises UserError where the door refuses.
    """
    there = {(e.date, str(e.values[0].value)): e for e in books.standing if _is_one(e)}
    told: list[str] = []
    blocks = []
    for each in billed(content, item, books):
        name = each.account.name
        known = there.get((each.issued, name))
        if known is not None:
            told += _otherwise(known, each, books)
        elif each.account.is_open(each.issued) and not sealed(each.account.entity, each.issued):
            entity = books.registry.entities[each.account.entity]
            blocks.append((month_file(entity, each.issued), entity, render(_directive(each))))
    if not blocks:
        return told
    files, remarks = placed(tree, books, blocks)
    count = f"{len(blocks)} card statement{'s' if len(blocks) > 1 else ''}"
    done = apply(
        tree,
        ChangeSet(f"Note {count} of {item.institution}", tuple(files)),
        key=f"card statements {uuid.uuid4()}",
        actor="feed",
        trailers=of_run(run_id),
    )
    return [*told, f"{count} noted, for the forecast", *remarks, *done.remarks]


def _directive(each: Billed) -> data.Custom:
    meta: dict[str, object] = {"due": each.due}
    if each.minimum is not None:
        meta["minimum"] = Amount(each.minimum.quantize(_CENT), each.currency)
    owed = Amount(each.balance.quantize(_CENT), each.currency)
    values = [ValueType(each.account.name, cast("type", account.TYPE)), ValueType(owed, Amount)]
    return data.Custom(meta, each.issued, STATEMENT, values)


def _is_one(entry: data.Directive) -> TypeGuard[data.Custom]:
    return isinstance(entry, data.Custom) and entry.type == STATEMENT and bool(entry.values)


def _otherwise(known: data.Custom, said: Billed, books: Books) -> Iterator[str]:
    stands = known.values[1].value if len(known.values) > 1 else None
    if isinstance(stands, Amount) and stands.number != said.balance:
        file, line = books.where(known)
        yield (
            f"{said.account.name}: the bank now says {at_cents(said.balance)} of the statement of "
            f"{said.issued}, {file}:{line} {at_cents(stands.number or Decimal(0))}"
        )
