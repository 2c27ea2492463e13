"""What an import is about to write: the stage between the drafts and the change of the books.

Each step (other sources of a line, transfers, crossings) takes a Desk and returns another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.journal.edit import Edit
from importers.draft import Draft


@dataclass(frozen=True)
class Desk:
    """New ``drafts``, in the order of the files, and ``edits`` of transactions in the books."""

    drafts: tuple[Draft, ...]
    edits: tuple[Edit, ...] = ()

    def without(self, ids: Iterable[str], *, edits: Iterable[Edit] = ()) -> "Desk":
        """Less the drafts of these lines, which the edits put where they belong."""
        gone = set(ids)
        kept = tuple(draft for draft in self.drafts if draft.id not in gone)
        return Desk(kept, (*self.edits, *edits))

    def changed(self, drafts: Iterable[Draft]) -> "Desk":
        """With these drafts in the places of those with the same line."""
        new = {draft.id: draft for draft in drafts}
        return replace(self, drafts=tuple(new.get(d.id, d) for d in self.drafts))
