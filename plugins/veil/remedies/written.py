"""Cures as text: what a finding proposes, and single entries of a pair."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.entity import Entity
from core.journal.books import Books
from core.journal.change import Block
from core.journal.edit import Edit
from core.journal.placement import month_file
from core.journal.repair import placed_blocks
from core.money import at_cents
from plugins.veil.cures import expense_of
from plugins.veil.remedies.accounts import without_openings
from plugins.veil.remedies.remedy import Cure

_DIVIDENDS = {"c-corp", "india-company"}


def drawn_by(company: str, books: Books) -> str:
    """What an owner's share of the company is called: a corporation pays dividends."""
    return (
        "dividend" if books.registry.entities[company].tax_class in _DIVIDENDS else "distribution"
    )


def from_fix(text: str, txn: data.Transaction, books: Books, account: str = "") -> Cure:
    """The directives of a proposed cure in the entry's place: those of its own file stand where it
    stood. ``account`` is where the other entity books the cost, instead of the one proposed."""
    text = without_openings(text)
    if account:
        entity = books.registry.ent(account) or ""
        usual = expense_of(entity, txn.date, books) if entity else ""
        text = re.sub(rf"^(\s+){re.escape(usual)}\b", rf"\g<1>{account}", text, flags=re.M)
    file, _ = books.where(txn)
    here = Path(file)
    blocks = placed_blocks(text, books)
    own = [block.text for path, _, block in blocks if path == here]
    rest = tuple(each for each in blocks if each[0] != here)
    return Cure(rest, (Edit(txn, instead="\n\n".join(own)),))


def entry(
    entity: Entity,
    other: str,
    day: dt.date,
    transfer: str,
    said: str,
    link: str,
    rows: Mapping[str, Decimal],
    tags: str = "",
    currency: str = "",
) -> tuple[Path, Entity, Block]:
    """One half of a pair: ``rows`` are its accounts and their amounts."""
    lines = [
        f'{day} * "{other}" "{said}" ^{link} {tags}'.rstrip(),
        f'  transfer: "{transfer}"',
        f'  counterparty: "{other}"',
        *(f"  {a}  {at_cents(n)} {currency or entity.currency}" for a, n in rows.items()),
    ]
    return month_file(entity, day), entity, Block(day, "\n".join(lines))
