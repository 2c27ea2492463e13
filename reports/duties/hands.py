"""Two duties in one hand (DOMAIN D6): who changed a vendor paid them, who wrote the entries of an
account reconciled it.

Ten days lie between the commit that changed a vendor and the date of the payment, before or after,
both days included. Of an account's entries those count that the reconciled balance is the first to
prove: from the balance before it on.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from beancount.core import data

from core.dealings import folded
from core.journal.books import Books
from core.people import WRITING, People
from reports.duties.deeds import Deed, Paid, Reconciled, VendorChanged, Wrote, names_of

NEAR = dt.timedelta(days=10)
# How far back commits are looked at: a month that is proven late in the next one, and its entries.
WINDOW = dt.timedelta(days=62)
_MONTH = dt.timedelta(days=31)
VENDOR, RECONCILING = "vendor", "reconciling"

Who = Callable[[str], str]  # an address to whose it is


def whose(people: People | None) -> Who:
    """Whose an address is: the name in rules/people.yaml, else the address itself."""

    def who(email: str) -> str:
        person = people.named(email) if people else None
        return person.name if person else email.casefold()

    return who


def could_share(people: People | None, entity: str, who: str) -> bool:
    """Whether anybody else may write in an entity's books, as far as rules/people.yaml says."""
    writers = people.with_role(entity, WRITING) if people else []
    return any(person.name != who for person in writers)


@dataclass(frozen=True)
class OneHand:
    """Somebody had both: in words, the entity, the places, and the day of the later deed."""

    kind: str
    who: str
    entity: str
    said: str
    places: tuple[str, str]
    day: dt.date


def one_hand(deeds: Iterable[Deed], books: Books, who: Who) -> Iterator[OneHand]:
    """Each vendor's payment and each reconciling that was in one hand, once."""
    every = list(dict.fromkeys(deeds))
    seen = set()
    for found in (*_vendors(every, names_of(books), who), *_accounts(every, books, who)):
        if found.said not in seen:
            seen.add(found.said)
            yield found


def _vendors(deeds: Iterable[Deed], names: Mapping[str, set[str]], who: Who) -> Iterator[OneHand]:
    every = list(deeds)
    paid = [deed for deed in every if isinstance(deed, Paid)]
    for change in every:
        if not isinstance(change, VendorChanged):
            continue
        known = names.get(change.name, {change.name})
        for payment in paid:
            if (
                folded(payment.payee) in known
                and abs(payment.date - change.day) <= NEAR
                and who(payment.who) == who(change.who)
            ):
                yield OneHand(
                    VENDOR,
                    who(change.who),
                    _entity(payment.account),
                    f"{who(change.who)} changed the vendor {payment.payee} on {change.day} "
                    f"({change.place}) and paid them on {payment.date} ({payment.place})",
                    (payment.place, change.place),
                    max(change.day, payment.day),
                )


def _accounts(deeds: Iterable[Deed], books: Books, who: Who) -> Iterator[OneHand]:
    every = list(deeds)
    for proof in every:
        if not isinstance(proof, Reconciled):
            continue
        since = _proven_before(proof, books)
        own = [
            deed
            for deed in every
            if isinstance(deed, Wrote)
            and deed.account == proof.account
            and since <= deed.date < proof.date
            and who(deed.who) == who(proof.who)
        ]
        if own:
            last = proof.date - dt.timedelta(days=1)
            places = sorted({deed.place for deed in own})
            entries = "an entry" if len(places) == 1 else f"{len(places)} entries"
            yield OneHand(
                RECONCILING,
                who(proof.who),
                _entity(proof.account),
                f"{who(proof.who)} reconciled {proof.account} up to {last} ({proof.place}) and "
                f"wrote {entries} of it since {since} ({places[0]})",
                (proof.place, places[0]),
                max(proof.day, *(deed.day for deed in own)),
            )


def _proven_before(proof: Reconciled, books: Books) -> dt.date:
    """The day of the account's balance before this one; a month before it where there is none."""
    days = [
        entry.date
        for entry in books.standing
        if isinstance(entry, data.Balance)
        and entry.account == proof.account
        and entry.date < proof.date
    ]
    return max(days, default=proof.date - _MONTH)


def _entity(account: str) -> str:
    return account.split(":", 2)[1]
