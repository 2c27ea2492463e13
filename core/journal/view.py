"""One entity's books, seen in the group's: the group is parsed once, never once for each root.

Beancount entries know their accounts, and an account knows its entity; what names no account
(prices, commodities, the registry, policy) belongs to everybody, or to whose folder it stands in.
A property test shows that the view says what the entity's own root says when it is loaded alone.
"""

import datetime as dt
from dataclasses import replace

from beancount.core import data, getters

from core.findings import Finding
from core.home import Home
from core.journal.books import ENTITY, Books


def entity_view(books: Books, name: str, home: Home, *, as_of: dt.date | None = None) -> Books:
    """The books of the registered entity ``name`` out of the group's ``books``.

    ``as_of`` is by default as the books declare it, else its own newest transaction's. ``files``
    stay the group's.
    """
    entity = books.registry.entities[name]
    folder = home.ledger / entity.folder
    others = _others(books, name, home)

    def is_of(entry: data.Directive) -> bool:
        """It touches the entity; or names no account, and is not told by another entity alone."""
        accounts = () if isinstance(entry, data.Custom) else getters.get_entry_accounts(entry)
        if accounts:
            return any(books.registry.ent(account) == name for account in accounts)
        return not books.where(entry)[0].startswith(others)

    entries = [entry for entry in books.entries if is_of(entry)]
    view = Books.of(
        entries,
        {**books.options, "title": entity.legal_name, "filename": str(folder / "main.beancount")},
        base=books.base,
        kind=ENTITY,
        as_of=as_of,
        files=books.files,
    )
    return replace(view, findings=own_findings(books, name, home))


def own_findings(books: Books, name: str, home: Home) -> tuple[Finding, ...]:
    """The findings about the entity ``name``, or about nobody and not in another's folder."""
    others = _others(books, name, home)

    def belongs(finding: Finding) -> bool:
        if finding.entities:
            return name in finding.entities
        return not finding.file.startswith(others)

    return tuple(filter(belongs, books.findings))


def _others(books: Books, name: str, home: Home) -> tuple[str, ...]:
    """The folders of all other entities, as findings show them."""
    own = books.registry.entities[name].folder
    return tuple(
        f"{(home.ledger / e.folder).relative_to(books.base).as_posix()}/"
        for e in books.registry.entities.values()
        if e.folder != own
    )
