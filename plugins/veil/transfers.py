"""What a crossing is: transfers, interface postings, pair links, and the classes they may have.

A transfer is a transaction with ``counterparty:`` in its metadata, or with an interface posting:
one whose account, or which itself, carries ``counterparty:``. A pair is the transactions of a link
that begins ``ic-``. What an entry carries in from before the books began crosses nothing.
"""

from typing import NamedTuple

from beancount.core import data

from core.journal.books import ENTITY, Books
from core.journal.shape import Shape

CLASSES = frozenset(
    (
        "contribution distribution tax-distribution dividend loan-advance loan-repayment"
        " expense-on-behalf reimbursement settlement payroll guaranteed-payment rent service sale"
        " asset-transfer"
    ).split()
)


def posting_party(posting: data.Posting, books: Books) -> str:
    """The counterparty of an interface posting, or an empty string."""
    own = (posting.meta or {}).get("counterparty")
    if isinstance(own, str) and own:
        return own
    account = books.accounts.get(posting.account)
    return account.counterparty if account else ""


class _Facts(NamedTuple):
    """What nearly every rule asks of a transaction."""

    txn: data.Transaction
    entities: frozenset[str]
    parties: frozenset[str]


def entities_of(txn: data.Transaction, books: Books) -> frozenset[str]:
    """The registered entities that a transaction posts to."""
    return _facts(txn, books).entities


def parties(txn: data.Transaction, books: Books) -> frozenset[str]:
    """Every counterparty that a transaction names, itself or by its postings."""
    return _facts(txn, books).parties


def _facts(txn: data.Transaction, books: Books) -> _Facts:
    known: dict[int, _Facts] | None = books.memo.get("facts")
    if known is None:
        known = books.memo["facts"] = {}
    found = known.get(id(txn))
    if found is None:  # it is kept with the transaction, so that no other gets its id
        found = known[id(txn)] = _Facts(
            txn, frozenset(books.registry.ents(txn)), _parties(txn, books)
        )
    return found


def _parties(txn: data.Transaction, books: Books) -> frozenset[str]:
    if _carries_in(txn, books):
        return frozenset()
    named = {party for posting in txn.postings if (party := posting_party(posting, books))}
    own = txn.meta.get("counterparty")
    if isinstance(own, str) and own:
        named.add(own)
    registered = ((name, books.registry.named(name)) for name in named)
    return frozenset(entity.name if entity else name for name, entity in registered)


def _carries_in(txn: data.Transaction, books: Books) -> bool:
    """Whether an entry says what stood before the books began: against ``OpeningBalances``, without
    class, counterparty or pair link of its own, and no money leaves."""
    against = any(
        p.account.startswith("Equity:") and p.account.split(":")[2:3] == ["OpeningBalances"]
        for p in txn.postings
        if p.units and p.units.number
    )
    if not against or not {"transfer", "counterparty"}.isdisjoint(txn.meta) or pair_links(txn):
        return False
    money = (p.units for p in txn.postings if books.role(p.account) in {"bank", "cash"})
    return not any(units and units.number and units.number < 0 for units in money)


def crosses(shape: Shape, books: Books) -> bool:
    """Shapes of transfers and of what shares a link with them."""
    if "counterparty" in shape.keys or "ic" in shape.links:
        return True
    known = (books.accounts.get(account) for account in shape.accounts)
    return any(account and account.counterparty for account in known)


def pair_links(txn: data.Transaction) -> list[str]:
    """The links of a transaction that make it part of a pair."""
    return sorted(link for link in txn.links or () if link.startswith("ic-"))


def is_half_unseen(txn: data.Transaction, books: Books) -> bool:
    """Whether the rest of its pair is in books that are not here: an entity's own root shows one
    half, and what may stand on the other only the group's can miss."""
    links = pair_links(txn) if books.kind == ENTITY else []
    return bool(links) and all(len(books.by_link[link]) < 2 for link in links)


def is_mixed(txn: data.Transaction, books: Books) -> bool:
    """A transaction of two entities: VEIL-001 speaks of it, and no other rule does."""
    return len(_facts(txn, books).entities) > 1


def keeps_books(name: str, books: Books) -> bool:
    """Whether the entity keeps books here; an outside owner does not."""
    entity = books.registry.named(name)
    return entity.books if entity else True
