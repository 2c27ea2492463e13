"""What was so at several month ends in a row: told once, and what became of it.

A finding at each month end would be a page of the same. A span is told at its first month end; one
that was over by the last is mended.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books

T = TypeVar("T")


@dataclass(frozen=True)
class Span(Generic[T]):
    """Days in a row on which something was found, with what was found on the last of them."""

    days: tuple[dt.date, ...]
    last: T
    lasts: bool = False  # up to the last day that was looked at

    @property
    def told(self) -> str:
        """The days as people say them."""
        first, last = self.days[0], self.days[-1]
        return f"on {first}" if first == last else f"from {first} to {last}"


def spans(found: Iterable[tuple[dt.date, T | None]]) -> Iterator[Span[T]]:
    """The spans of what was found on days in order; None where nothing was."""
    current: Span[T] | None = None
    for day, each in found:
        if each is not None:
            days = (*current.days, day) if current else (day,)
            current = Span(days, each)
        elif current:
            yield current
            current = None
    if current:
        yield replace(current, lasts=True)


def about_entity(
    books: Books,
    entity: Entity,
    *,
    code: str,
    factor: str,
    severity: Severity,
    message: str,
    day: dt.date,
    about: str = "",
    evidence: tuple[str, ...] = (),
) -> Finding:
    """A finding about an entity on a day, at the directive that registers it; ``about`` tells two
    on the same day apart."""
    file, line = books.place(entity.meta)
    return Finding(
        code,
        severity,
        message,
        factor=factor,
        entities=(entity.name,),
        date=day,
        file=file,
        line=line,
        evidence=evidence,
        identity=(entity.name, about, day.isoformat()),
    )
