"""Closing a period softly: what is checked before; and how far all books are closed (DOMAIN D1)."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from beancount.core import data

from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.period import Period
from core.seal import Seal, reopened_in, seals_of
from core.soft_close import is_adjusting, soft_seals
from plugins.closing.approved import people_of, unapproved
from plugins.closing.checklist import Check, Closing, in_order, is_over


def soft_checklist(
    books: Books, entity: str, period: Period, *, today: dt.date
) -> tuple[Check, ...]:
    """What must hold before ordinary entries end: no more than that the period is over and its
    turn has come, and that whoever may adjust it approved what adjusts it already."""
    of = Closing(books, entity, period, (), {})
    return (is_over(of, today), in_order(of), _is_new(of), _approved(of))


def _is_new(of: Closing) -> Check:
    name = "not soft-closed already"
    soft = soft_seals(of.books.standing).get(of.entity, ())
    lacking = tuple(
        f"{seal.period.name} is soft-closed since {seal.entry.date}"
        for seal in soft
        if seal.period.first <= of.period.last and of.period.first <= seal.period.last
    )
    return Check(name, "ordinary entries came in up to now", lacking)


def _approved(of: Closing) -> Check:
    people = people_of(of.books)
    adjusting = [t for t in of.transactions() if t.date >= of.period.first and is_adjusting(t)]
    lacking = tuple(
        f"{':'.join(map(str, of.books.where(txn)))}: {why}"
        for txn in adjusting
        if (why := unapproved(txn, of.entity, people))
    )
    return Check("adjusting entries approved", f"{len(adjusting)} of them", lacking)


def refuse_unapproved(txn: data.Transaction, entity: str, books: Books) -> None:
    """Raises UserError where an adjusting entry would come into a soft-closed period of an entity
    without an accountant's approval."""
    for seal in soft_seals(books.standing).get(entity, ()):
        why = unapproved(txn, entity, people_of(books))
        if why and seal.period.first <= txn.date <= seal.period.last:
            raise UserError(
                f"{entity} {seal.period.name} is soft-closed, and {why}",
                hint="give --approved-by",
                code=EXIT_FINDINGS,
            )


@dataclass(frozen=True)
class Standing:
    """How far an entity's books are closed: the last of the periods that are (None: none is), those
    that are soft-closed, and those that were opened again and have to be closed again."""

    entity: str
    closed: Seal | None
    soft: tuple[Seal, ...]
    reopened: tuple[str, ...]


def standings(books: Books) -> Iterator[Standing]:
    """The standing of each entity of which a period is not simply open, in the registry's order."""
    closed, soft = seals_of(books.standing), soft_seals(books.standing)
    again = reopened_in(books.standing)
    for entity in books.registry.entities:
        of, softly = closed.get(entity, ()), soft.get(entity, ())
        known = {seal.period.name for seal in (*of, *softly)}
        opened = sorted(name for owner, name in again if owner == entity and name not in known)
        if of or softly or opened:
            yield Standing(entity, of[-1] if of else None, softly, tuple(opened))
