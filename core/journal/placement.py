"""Whether each transaction stands in a file of the entity it belongs to.

A transaction of entity X is allowed only below ``ledger/<folder of X>/``: the folder is what
reviewers and access rules hold on to.
"""

from collections.abc import Iterator
from pathlib import Path

from core.findings import Finding, Severity
from core.home import Home
from core.journal.books import Books


def misplaced(books: Books, home: Home) -> Iterator[Finding]:
    """A LINT-PATH finding for each transaction below another entity's folder, or none's."""
    folders = {name: home.ledger / e.folder for name, e in books.registry.entities.items()}
    for txn in books.transactions:
        entities = books.registry.ents(txn)
        if len(entities) != 1:
            continue  # none: LINT-ENTITY says so; several: VEIL-001 does
        (entity,) = entities
        file = str(txn.meta.get("filename", ""))
        if file.startswith("<") or Path(file).is_relative_to(folders[entity]):
            continue
        shown, line = books.where(txn)
        folder = folders[entity].relative_to(books.base).as_posix()
        yield Finding(
            "LINT-PATH",
            Severity.ERROR,
            f"a transaction of {entity} stands outside {folder}/; move it there",
            factor="Commingling",
            entities=(entity,),
            date=txn.date,
            file=shown,
            line=line,
        )
