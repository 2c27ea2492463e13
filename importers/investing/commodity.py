"""Which commodity a security is: the books' own name for it, else its ticker, else its number.

A commodity is recognised by the ``cusip``, ``isin`` or other id in its directive's metadata, then
by its name::

    2026-09-03 commodity FERN
      name: "Fern Index Fund"
      cusip: "000000111"
"""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field

from beancount.core import data

from core.journal.books import Books
from core.journal.render import clean_text
from importers.statement import Security

# Beancount's own limit is gone; names longer than this are no tickers.
_LONGEST = 24


@dataclass
class Commodities:
    """The commodities of the books and those that one import adds."""

    books: Books
    added: dict[str, data.Commodity] = field(default_factory=dict)
    _known: dict[str, data.Commodity] = field(default_factory=dict)
    _money: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._known = {e.currency: e for e in self.books.standing if isinstance(e, data.Commodity)}
        self._money = {entity.currency for entity in self.books.registry.entities.values()}
        for account in self.books.accounts.values():
            if account.role:
                self._money |= set(account.currencies)

    def is_money(self, commodity: str) -> bool:
        """Whether it is a currency that somebody keeps books or an account with money in."""
        return commodity in self._money

    def named(self, security: Security) -> str:
        """The commodity of a security; empty for one that says nothing of itself."""
        same = [name for name, known in self._all.items() if _is_same(known, security)]
        if same:
            return same[0]
        for name in _names(security):
            known = self._all.get(name)
            taken = self.is_money(name) or (known and not _may_be(known, security))
            if not taken:
                return name
        return ""

    def used(self, security: Security, day: dt.date) -> str:
        """The same, with a directive from ``day`` on where the books have none."""
        name = self.named(security)
        known = self.added.get(name)
        if known and day < known.date:
            self.added[name] = known._replace(date=day)
        elif name and name not in self._all:
            self.added[name] = data.Commodity(_meta(security), day, name)
        return name

    @property
    def _all(self) -> dict[str, data.Commodity]:
        return self._known | self.added


def _is_same(known: data.Commodity, security: Security) -> bool:
    key = _key(security)
    return bool(key) and known.meta.get(key) == security.unique_id


def _may_be(known: data.Commodity, security: Security) -> bool:
    """Whether nothing in the directive says that this is another security."""
    key = _key(security)
    return not key or known.meta.get(key) in {None, security.unique_id}


def _key(security: Security) -> str:
    """The metadata key of the security's number: ``cusip``, ``isin``, …; empty without one."""
    if not security.unique_id:
        return ""
    kind = re.sub(r"[^a-z0-9]+", "-", security.unique_id_type.casefold()).strip("-")
    return kind if kind[:1].isalpha() else "security-id"


def _names(security: Security) -> list[str]:
    """What the commodity may be called, the best first."""
    number = legal(security.unique_id)
    marked = legal(f"{security.unique_id_type or 'ID'}-{security.unique_id}")
    names = [legal(security.ticker)]
    if security.unique_id:
        names += [number, marked]
    if not security.ticker and not security.unique_id:
        names.append(legal(security.name))
    return [name for name in names if name]


def legal(text: str) -> str:
    """The text as a commodity's name: capitals, digits and ``'._-`` inside, a letter in front.

    Empty where it begins with a digit or has less than two characters: such a ticker is not made
    into another one's.
    """
    name = re.sub(r"[^A-Z0-9'._-]+", "-", text.strip().upper()).strip("'._-")
    if len(name) > _LONGEST:
        digest = hashlib.sha256(name.encode()).hexdigest()[:4].upper()
        name = f"{name[: _LONGEST - 5].rstrip(chr(39) + '._-')}-{digest}"
    return name if re.fullmatch(r"[A-Z][A-Z0-9'._-]*", name) else ""


def _meta(security: Security) -> data.Meta:
    name = clean_text(security.name)
    meta: data.Meta = {"name": name} if name else {}
    if key := _key(security):
        meta[key] = clean_text(security.unique_id)
    return meta
