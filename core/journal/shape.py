"""What a transaction has in common with thousands of others, so that a question is asked once for
all of them: its accounts, and which metadata, links and tags it has.

Books of a hundred thousand transactions have some hundred shapes.
"""

from collections.abc import Hashable, Iterable
from itertools import chain
from typing import Any, NamedTuple

from beancount.core import data

from core.journal.books import Books

_ACCOUNT, _META = data.Posting._fields.index("account"), data.Posting._fields.index("meta")


class Shape(NamedTuple):
    """The accounts in order; the keys of the transaction's metadata and of its postings', without
    their values; of links the kind, which is what stands before the first hyphen."""

    accounts: tuple[str, ...]
    keys: frozenset[str]
    links: frozenset[str]
    tags: frozenset[str]

    def roles(self, books: Books) -> set[str]:
        """The roles of its accounts."""
        return {books.role(account) for account in self.accounts}

    def entities(self, books: Books) -> set[str]:
        """The registered entities that it posts to."""
        found = (books.registry.ent(account) for account in self.accounts)
        return {entity for entity in found if entity}

    def has_company(self, books: Books) -> bool:
        """Whether it posts to an entity that is no person."""
        return any(not books.registry.entities[each].is_person for each in self.entities(books))

    def posts_to(self, *roots: str) -> bool:
        """Whether it posts to an account below one of these, such as ``Equity:``."""
        return any(account.startswith(roots) for account in self.accounts)


def sketch(txn: data.Transaction) -> Hashable:
    """What is equal for transactions of one shape only, made faster than the shape: accounts, each
    with the keys that follow it. Accounts and keys cannot be taken for one another.

    Every transaction is drawn, so what is needed of a posting is taken by its place: to unpack all
    of it takes half as long again."""
    meta, _, _, _, _, tags, links, postings = txn
    said: list[Any] = [*meta]
    for posting in postings:
        said.append(posting[_ACCOUNT])
        said += posting[_META] or ()
    if tags or links:
        said += (tags, kinds(links or ()))
    return tuple(said)


def shape_of(txn: data.Transaction) -> Shape:
    """The shape of a transaction."""
    return Shape(
        tuple(posting.account for posting in txn.postings),
        frozenset(chain(txn.meta, *(posting.meta or () for posting in txn.postings))),
        kinds(txn.links or ()),
        frozenset(txn.tags or ()),
    )


def kinds(links: Iterable[str]) -> frozenset[str]:
    """The kinds of links: ``ic`` of ``ic-26-0903``."""
    return frozenset(link.partition("-")[0] for link in links)
