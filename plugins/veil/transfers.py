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


class Facts(NamedTuple):
    """What nearly every rule asks of a transaction: the registered entities that it posts to, and
    every counterparty that it names, itself or by its postings."""

    txn: data.Transaction
    entities: frozenset[str]
    parties: frozenset[str]

    @property
    def is_mixed(self) -> bool:
        """A transaction of two entities: VEIL-001 speaks of it, and no other rule does."""
        return len(self.entities) > 1


def entities_of(txn: data.Transaction, books: Books) -> frozenset[str]:
    """The registered entities that a transaction posts to."""
    return facts_of(txn, books).entities


def parties(txn: data.Transaction, books: Books) -> frozenset[str]:
    """Every counterparty that a transaction names, itself or by its postings."""
    return facts_of(txn, books).parties


def facts_of(txn: data.Transaction, books: Books) -> Facts:
    """The facts of a transaction: who asks for more than one of them asks once."""
    known: dict[int, Facts] | None = books.memo.get("facts")
    if known is None:
        known = books.memo["facts"] = {}
    found = known.get(id(txn))
    if found is None:  # it is kept with the transaction, so that no other gets its id
        found = known[id(txn)] = Facts(
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
    registered = books.registry.named
    return frozenset([entity.name if (entity := registered(name)) else name for name in named])


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
    links = [link for link in txn.links or () if link.startswith("ic-")]
    return sorted(links) if len(links) > 1 else links


def is_half_unseen(txn: data.Transaction, books: Books) -> bool:
    """Whether the rest of its pair is in books that are not here: an entity's own root shows one
    half, and what may stand on the other only the group's can miss."""
    links = pair_links(txn) if books.kind == ENTITY else []
    return bool(links) and all(len(books.by_link[link]) < 2 for link in links)


def is_mixed(txn: data.Transaction, books: Books) -> bool:
    """A transaction of two entities: VEIL-001 speaks of it, and no other rule does."""
    return len(facts_of(txn, books).entities) > 1


def outsiders(books: Books) -> frozenset[str]:
    """The registered entities that keep no books here, such as outside owners."""
    return frozenset(e.name for e in books.registry.entities.values() if not e.books)


def keeps_books(name: str, books: Books) -> bool:
    """Whether the entity keeps books here; an outside owner does not."""
    entity = books.registry.named(name)
    return entity.books if entity else True
