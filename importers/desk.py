"""What an import is about to write: the stage between the drafts and the change of the books.

Each step (other sources of a line, transfers, crossings) takes a Desk and returns another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.journal.edit import Edit
from importers.draft import Draft


@dataclass(frozen=True)
class Desk:
    """New ``drafts``, in the order of the files, and ``edits`` of transactions in the books."""

    drafts: tuple[Draft, ...]
    edits: tuple[Edit, ...] = ()

    @property
    def rewritten(self) -> frozenset[tuple[str, int]]:
        """Where the transactions stand (file, line) that no longer say what the books say: what is
        new belongs to none of them."""
        edits = (edit for edit in self.edits if edit.rewrites)
        return frozenset((str(edit.txn.meta["filename"]), edit.line) for edit in edits)

    def after(
        self,
        changed: Iterable[Draft] = (),
        gone: Iterable[str] = (),
        edits: Iterable[Edit] = (),
    ) -> "Desk":
        """With the changed drafts in the places of those with the same line, without the drafts of
        the lines that are gone, and with these edits."""
        new = {draft.id: draft for draft in changed}
        left = set(gone)
        if not new and not left:
            return Desk(self.drafts, (*self.edits, *edits))
        kept = (draft for draft in self.drafts if draft.id not in left)
        return Desk(tuple(new.get(d.id, d) for d in kept), (*self.edits, *edits))
