"""A drafted paper and where it is attached: what a form gives, and what filing writes."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from beancount.core import data

from core.findings import UserError
from core.journal.books import Books
from reports.papers.paper import Paper

_ABOUT = ("loan-from", "loan-to", "distribution", "contribution", "capital", "due-to", "due-from")
_CAPITAL = ("contribution", "capital", "distribution", "invest-in")


@dataclass(frozen=True)
class Attachment:
    """A ``document`` directive of an entity: its account, and the entry (if any) that the paper
    speaks of, in whose file the directive then stands."""

    entity: str
    account: str
    txn: data.Transaction | None = None


@dataclass(frozen=True)
class Drafted:
    """A paper, its attachments, and the links that they carry.

    ``unlinked`` are entries that carry no link yet and are to get the first of ``links``;
    ``remarks`` are for the person who drafts.
    """

    paper: Paper
    attachments: tuple[Attachment, ...]
    links: frozenset[str]
    unlinked: tuple[data.Transaction, ...] = ()
    remarks: tuple[str, ...] = ()


def beside(books: Books, entity: str, txns: Iterable[data.Transaction], day: dt.date) -> Attachment:
    """The attachment, of ``day``, beside the entity's first entry among these: on the account that
    the paper is about, or where that is not open on the day, on another."""
    own = [t for t in txns if books.registry.ents(t) == {entity}]
    first = own[0]
    names = [p.account for p in first.postings]
    accounts = [
        name for name in names if name in books.accounts and books.accounts[name].is_open(day)
    ]
    if not accounts:
        return Attachment(entity, for_entity(books, entity, day).account, first)
    accounts.sort(key=lambda account: _rank(books.role(account), _ABOUT))
    return Attachment(entity, accounts[0], first)


def for_entity(books: Books, entity: str, day: dt.date) -> Attachment:
    """The attachment of a paper that no entry stands for: on the account of the owners' capital, or
    another that is open on the day."""
    of_entity = [a for a in books.accounts.values() if a.entity == entity and a.is_open(day)]
    if not of_entity:
        raise UserError(
            f"{entity} has no account that is open on {day}", hint="choose another day with --date"
        )
    found = min(
        of_entity, key=lambda a: (_rank(a.role, _CAPITAL), not a.name.startswith("Equity:"), a.name)
    )
    return Attachment(entity, found.name)


def dated(books: Books, form: str, links: Iterable[str], otherwise: dt.date) -> dt.date:
    """The day of the paper of this form that one of the links carries already, so that drafting it
    again gives the same paper; ``otherwise`` where there is none."""
    wanted = set(links)
    for entry in books.standing:
        links_of_entry = entry.links if isinstance(entry, data.Document) else None
        if entry.meta.get("form") == form and wanted & (links_of_entry or frozenset()):
            return entry.date
    return otherwise


def as_link(text: str) -> str:
    """The text as Beancount allows it in a link."""
    return re.sub(r"[^A-Za-z0-9_/.-]+", "-", text).strip("-")


def _rank(role: str, order: Sequence[str]) -> int:
    return order.index(role) if role in order else len(order)
