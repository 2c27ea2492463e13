"""The chain of an entity's seals, link by link, compared with what stands in the books."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.seal import NOTHING_BEFORE, Seal, agrees
from plugins.closing.sealed import Sealed


@dataclass(frozen=True)
class Compared:
    """A seal beside the books: the seal ``before``, the hash that this one goes on from, whether it
    says so (``chained``), and whether ``entries`` and ``figures`` are those that were sealed.
    Figures are looked at where the entries are."""

    seal: Seal
    before: Seal | None
    prev: str
    chained: bool
    entries: bool
    figures: bool

    @property
    def holds(self) -> bool:
        """Whether the period says what was sealed."""
        return self.entries and self.figures


def is_as_soft_closed(seal: Seal, sealed: Sealed) -> bool:
    """Whether a soft-closed period holds what it held then, beside adjusting entries."""
    return agrees(seal.hash, sealed.hash_of(seal, NOTHING_BEFORE))


def compared(seals: Sequence[Seal], sealed: Sealed) -> Iterator[Compared]:
    """Each of an entity's seals, the earliest first. One that says a part of its hash is gone on
    from by the whole of it, where its period holds."""
    before: Seal | None = None
    head = NOTHING_BEFORE
    for seal in seals:
        chained = not seal.prev or seal.prev.startswith(head) or head.startswith(seal.prev)
        prev = seal.prev if len(seal.prev) == len(head) else head
        computed = sealed.hash_of(seal, prev)
        entries = agrees(seal.hash, computed)
        figures = entries and (not seal.figures or agrees(seal.figures, sealed.figures_of(seal)))
        yield Compared(seal, before, prev, chained, entries, figures)
        before, head = seal, computed if entries else seal.hash
