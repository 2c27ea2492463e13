"""Soft-closed periods (DOMAIN D1): the time between the last ordinary entry and the seal.

Who keeps the books is done, and an accountant adjusts::

    2026-10-02 custom "soft-close" "Acme" "2026-09"
      last-date: 2026-09-30
      hash: "e0a1…"

``hash`` is that of a seal (``bcv1``), over what makes figures without the adjusting entries: so
what stood there can be told from what came later. It stands alone: no ``prev`` goes through it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from beancount.core import data

from core.seal import CLOSE, REOPEN, SOFT, Seal, reopened, seal_of

ADJUSTING = "adjusting"


def soft_seals(entries: Iterable[data.Directive]) -> Mapping[str, tuple[Seal, ...]]:
    """The soft-closed periods of each entity, the earliest first: of a period that was soft-closed
    again the newest; none that was closed since (alone or in a longer one), or opened again."""
    found: dict[str, dict[str, Seal]] = {}
    for entry in entries:  # in date order
        if not isinstance(entry, data.Custom):
            continue
        with suppress(ValueError):
            if entry.type == SOFT:
                seal = seal_of(entry)
                found.setdefault(seal.entity, {})[seal.period.name] = seal
            elif entry.type == CLOSE:
                seal = seal_of(entry)
                of, last = found.get(seal.entity, {}), seal.period.last
                for name in [name for name, each in of.items() if each.period.last <= last]:
                    del of[name]
            elif entry.type == REOPEN:
                entity, period = reopened(entry)
                found.get(entity, {}).pop(period.name, None)
    return {
        entity: tuple(sorted(of.values(), key=lambda seal: seal.period.last))
        for entity, of in found.items()
        if of
    }


def is_adjusting(entry: data.Directive) -> bool:
    """Whether an entry says that it adjusts: it may come into a soft-closed period."""
    return isinstance(entry, data.Transaction) and ADJUSTING in (entry.tags or ())
