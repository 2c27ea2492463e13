"""What the entries of a link say: which company moved what to whom, on which day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import convert, data

from core.findings import UserError
from core.identity import ids_of
from core.journal.books import Books
from plugins.veil.transfers import pair_links, parties, posting_party

ZERO = Decimal(0)
_MONEY = frozenset(("bank", "card", "cash", "in-transit"))
_OWED = frozenset(("due-to", "due-from"))


@dataclass(frozen=True)
class Movement:
    """One company's side of a transfer: ``amount`` (positive) to ``party``, or from it where
    ``gives`` is false. ``kind`` is the ``transfer:`` class, empty where nobody has said it."""

    company: str
    party: str
    kind: str
    amount: Decimal
    currency: str
    gives: bool
    txn: data.Transaction

    @property
    def day(self) -> dt.date:
        """The day of its entry."""
        return self.txn.date

    @property
    def note(self) -> str:
        """The loan it belongs to, or an empty text."""
        value = self.txn.meta.get("note")
        return value if isinstance(value, str) else ""


def of_links(books: Books, links: Iterable[str]) -> list[data.Transaction]:
    """The transactions that carry one of the links, in order; raises UserError for a link that
    nothing carries."""
    found: dict[tuple[str, int], data.Transaction] = {}
    for link in links:
        bare = link.removeprefix("^")
        if bare not in books.by_link:
            raise UserError(
                f"no entry carries ^{bare}", hint="the link stands on the entry's first line"
            )
        for txn in books.by_link[bare]:
            found[str(txn.meta.get("filename")), int(txn.meta.get("lineno", 0))] = txn
    return sorted(found.values(), key=data.entry_sortkey)


def of_link_or_id(books: Books, given: str) -> list[data.Transaction]:
    """The transactions of a link, or the one with this bank line's id."""
    bare = given.removeprefix("^")
    if bare in books.by_link:
        return of_links(books, [bare])
    found = [t for t in books.transactions if any(bare in ids_of(p) for p in t.postings)]
    if not found:
        raise UserError(
            f"no entry carries the link ^{bare}, and no bank line has the id '{bare}'",
            hint="links stand on an entry's first line; ids on its bank posting",
        )
    return found


def companies(books: Books, txns: Iterable[data.Transaction], entity: str = "") -> list[str]:
    """The companies among the owners of the transactions, or only ``entity``; raises UserError
    where there is none."""
    found = {name for txn in txns for name in books.registry.ents(txn)}
    kept = sorted(name for name in found if not books.registry.entities[name].is_person)
    if entity:
        kept = [name for name in kept if name == entity]
    if not kept:
        who = entity or "a company"
        raise UserError(f"no entry of the link belongs to {who}", hint="'books check' shows pairs")
    return kept


def movements(books: Books, txns: Sequence[data.Transaction], company: str) -> tuple[Movement, ...]:
    """What the company's own entries among these moved, one for each party of an entry."""
    out: list[Movement] = []
    for txn in txns:
        if books.registry.ents(txn) != {company}:
            continue
        kind = txn.meta.get("transfer")
        for party in sorted(parties(txn, books) - {company}):
            number, currency = _moved(txn, party, books)
            out.append(
                Movement(
                    company,
                    party,
                    kind if isinstance(kind, str) else "",
                    abs(number),
                    currency,
                    number > 0,
                    txn,
                )
            )
    if not out:
        raise UserError(
            f"no entry of {company} with this link names a counterparty",
            hint='give the entry counterparty: "…" and transfer: "…"',
        )
    return tuple(out)


def total(moved: Iterable[Movement]) -> tuple[Decimal, str]:
    """The sum and its currency; raises UserError where there are several currencies."""
    sums: dict[str, Decimal] = {}
    for each in moved:
        sums[each.currency] = sums.get(each.currency, ZERO) + each.amount
    if len(sums) != 1:
        raise UserError(
            f"the entries are in {' and '.join(sorted(sums))}", hint="draft a paper for each link"
        )
    ((currency, number),) = sums.items()
    return number, currency


def seller(txn: data.Transaction, books: Books) -> str:
    """Whom an expense was paid to: the payee, unless that only names who paid it for the company.
    Then it is the payee of the other half, unless that names a party of the pair too; else empty,
    for a person to fill in."""
    payers = {
        name
        for posting in txn.postings
        if not posting.account.startswith("Expenses:")
        and (entity := books.registry.named(posting_party(posting, books)))
        for name in (entity.name.casefold(), entity.legal_name.casefold())
    }
    if not payers or (txn.payee or "").casefold() not in payers:
        return txn.payee or ""
    known = books.registry.entities.values()
    entities = {name.casefold() for e in known for name in (e.name, e.legal_name)}
    others = (other for link in pair_links(txn) for other in books.by_link.get(link, ()))
    found = (other.payee for other in others if other is not txn and other.payee)
    return next((payee for payee in found if payee.casefold() not in entities), "")


def expense_day(txn: data.Transaction, posting: data.Posting, books: Books) -> dt.date:
    """When an expense was incurred: the ``expense-date:`` of its posting, of the entry, or of the
    debt that it is booked against; else the day of the entry."""
    owed = (p.meta for p in txn.postings if books.role(p.account) in _OWED)
    for meta in (posting.meta, txn.meta, *owed):
        day = (meta or {}).get("expense-date")
        if isinstance(day, dt.date):
            return day
    return txn.date


def links_of(txns: Iterable[data.Transaction]) -> frozenset[str]:
    """The pair links of the entries; where they have none, all their links."""
    every = {link for txn in txns for link in txn.links or ()}
    return frozenset({link for link in every if link.startswith("ic-")} or every)


def _moved(txn: data.Transaction, party: str, books: Books) -> tuple[Decimal, str]:
    """What the company gave (positive) or got: by the postings about the party; where no posting is
    about it, by its own money."""
    about = []
    for posting in txn.postings:
        named = books.registry.named(posting_party(posting, books))
        if named is not None and named.name == party:
            about.append(posting)
    if about:
        return _weight(about)
    money = [p for p in txn.postings if books.role(p.account) in _MONEY]
    number, currency = _weight(money or list(txn.postings[:1]))
    return -number if money else number, currency


def _weight(postings: Sequence[data.Posting]) -> tuple[Decimal, str]:
    """The sum of what the postings weigh, in the currency of the first."""
    weights = [convert.get_weight(posting) for posting in postings]
    currency = weights[0].currency
    return sum((w.number for w in weights if w.currency == currency), ZERO), currency
