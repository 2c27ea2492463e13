"""Who keeps which books: the registry of entities, and what each account means.

The entity is the second component of an account: ``Assets:Acme:Bank:Checking`` belongs to
``Acme``. The registry is the set of ``custom "entity"`` directives; roles and counterparties are
metadata of ``open`` directives. Names compare by whole components, never as prefixes, and
without regard to case where a person types them::

    2026-01-02 custom "entity" "Acme" "llc"
      legal-name: "Acme Widgets LLC"
      tax-class: "partnership"
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from beancount.core import data

KINDS = ("person", "llc", "corporation", "india-pvt", "llp", "trust", "elimination")
TAX_CLASSES = ("disregarded", "partnership", "s-corp", "c-corp", "person", "india-company")
ROLES = frozenset(
    (
        "bank card cash in-transit due-from due-to loan-to loan-from invest-in contribution"
        " distribution capital payroll wage-income withholding tax-withheld interest-expense"
        " interest-income guaranteed-payment guaranteed-payment-income fixed-asset inventory ar ap"
        " distribution-income suspense"
    ).split()
)


@dataclass(frozen=True)
class Entity:
    """A legal person that keeps its own books. ``books`` is false for an outside owner."""

    name: str
    kind: str
    legal_name: str = ""
    tax_class: str = ""
    currency: str = "USD"
    fiscal_year_end: str = "12-31"
    formed: dt.date | None = None
    folder: str = ""
    books: bool = True
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_person(self) -> bool:
        """A natural person, as opposed to a company."""
        return self.kind == "person"


@dataclass(frozen=True)
class Account:
    """An account as its ``open`` directive describes it; absent metadata is an empty string, and so
    is ``booking`` (``FIFO``, ``STRICT``, …) where the directive leaves it to the option."""

    name: str
    entity: str
    role: str = ""
    counterparty: str = ""
    account_id: str = ""
    title_holder: str = ""
    line: str = ""
    personal: bool = False
    currencies: tuple[str, ...] = ()
    booking: str = ""
    opened: dt.date | None = None
    closed: dt.date | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def is_open(self, day: dt.date) -> bool:
        """Whether the account is open on ``day``."""
        after_opening = self.opened is None or self.opened <= day
        return after_opening and (self.closed is None or day < self.closed)


@dataclass(frozen=True)
class Ownership:
    """From ``date`` on, ``owner`` holds ``percent`` of ``entity``."""

    date: dt.date
    entity: str
    owner: str
    percent: Decimal
    meta: Mapping[str, Any] = field(default_factory=dict)


class _Owners(dict[str, str]):
    """The owner of each account that was asked for, or an empty string: books have few accounts and
    many postings."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        super().__init__()
        self._entities = entities

    def __missing__(self, account: str) -> str:
        parts = account.split(":", 2)
        found = parts[1] if len(parts) > 1 and parts[1] in self._entities else ""
        self[account] = found
        return found


class _Called(dict[str, Entity | None]):
    """The entity of each name that was asked for, however it is written: few names are asked for
    again and again."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        super().__init__()
        self._by_fold = {name.casefold(): entity for name, entity in entities.items()}

    def __missing__(self, text: str) -> Entity | None:
        self[text] = self._by_fold.get(text.casefold())
        return self[text]


@dataclass(frozen=True)
class Registry:
    """All entities, and who owns them since when."""

    entities: Mapping[str, Entity]
    ownerships: tuple[Ownership, ...] = ()

    @cached_property
    def _owner_of(self) -> "_Owners":
        return _Owners(self.entities)

    @cached_property
    def _called(self) -> "_Called":
        return _Called(self.entities)

    def named(self, text: str) -> Entity | None:
        """The entity called ``text``, without regard to case; None when there is none."""
        return self._called[text]

    def ent(self, account: str) -> str | None:
        """The registered entity that owns ``account`` (its second component), or None."""
        return self._owner_of[account] or None

    def ents(self, txn: data.Transaction) -> set[str]:
        """The registered entities that a transaction posts to."""
        owner_of = self._owner_of
        found = {owner_of[posting.account] for posting in txn.postings}
        found.discard("")
        return found

    def owners(self, entity: str, day: dt.date) -> dict[str, Decimal]:
        """Owner to percentage on ``day``: the newest directive for each owner on or before it."""
        shares: dict[str, Decimal] = {}
        for ownership in self.ownerships:  # in date order
            if ownership.entity == entity and ownership.date <= day:
                shares[ownership.owner] = ownership.percent
        return {owner: share for owner, share in shares.items() if share}


def registry_of(entries: Iterable[data.Directive]) -> Registry:
    """The registry that the ``custom`` directives among ``entries`` declare.

    What is malformed is left out here and reported by ``core.journal.registry_lint``.
    """
    entities: dict[str, Entity] = {}
    ownerships = []
    for entry in entries:
        if not isinstance(entry, data.Custom):
            continue
        values = [value.value for value in entry.values]
        if entry.type == "entity" and len(values) >= 2 and all(_is_text(v) for v in values[:2]):
            entities.setdefault(values[0], _entity(values[0], values[1], entry.meta))
        elif entry.type == "ownership" and len(values) == 3 and isinstance(values[2], Decimal):
            ownerships.append(Ownership(entry.date, values[0], values[1], values[2], entry.meta))
    ownerships.sort(key=lambda o: o.date)
    return Registry(entities, tuple(ownerships))


def accounts_of(entries: Iterable[data.Directive], registry: Registry) -> dict[str, Account]:
    """Every opened account by name, with what its metadata says."""
    closed = {}
    opens = []
    for entry in entries:
        if isinstance(entry, data.Open):
            opens.append(entry)
        elif isinstance(entry, data.Close):
            closed[entry.account] = entry.date
    return {entry.account: _account(entry, closed, registry) for entry in opens}


def folder_name(entity: str) -> str:
    """The entity's name in kebab-case: ``HarborRentals`` becomes ``harbor-rentals``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", entity)
    return spaced.casefold()


def is_month_day(value: object) -> bool:
    """Whether it is a day of every leap year as MM-DD, such as the end of a fiscal year."""
    try:
        dt.date.fromisoformat(f"2000-{value}")
    except ValueError:
        return False
    return isinstance(value, str)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _text(meta: Mapping[str, Any], key: str) -> str:
    value = meta.get(key)
    return value.strip() if isinstance(value, str) else ""


def _entity(name: str, kind: str, meta: Mapping[str, Any]) -> Entity:
    formed = meta.get("formed")
    year_end = _text(meta, "fiscal-year-end")
    return Entity(
        name=name,
        kind=kind,
        legal_name=_text(meta, "legal-name"),
        tax_class=_text(meta, "tax-class") or ("person" if kind == "person" else ""),
        currency=_text(meta, "currency") or "USD",
        fiscal_year_end=year_end if is_month_day(year_end) else "12-31",
        formed=formed if isinstance(formed, dt.date) else None,
        folder=_text(meta, "folder") or folder_name(name),
        books=meta.get("books") is not False,
        meta=meta,
    )


def _account(entry: data.Open, closed: Mapping[str, dt.date], registry: Registry) -> Account:
    meta = entry.meta
    return Account(
        name=entry.account,
        entity=registry.ent(entry.account) or "",
        role=_text(meta, "role"),
        counterparty=_text(meta, "counterparty"),
        account_id=_text(meta, "account-id"),
        title_holder=_text(meta, "title-holder"),
        line=_text(meta, "line"),
        personal=meta.get("personal") is True,
        currencies=tuple(entry.currencies or ()),
        booking=entry.booking.name if entry.booking else "",
        opened=entry.date,
        closed=closed.get(entry.account),
        meta=meta,
    )
