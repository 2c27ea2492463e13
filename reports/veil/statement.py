"""The veil statement as values: a pure function of the books, an entity and a period.

Balances are those at the end of the period, or of the books where these end sooner. Findings are
those that stand today and are dated up to then: what was mended is none any more.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.entity import Entity
from core.findings import Finding, fingerprinted
from core.journal.books import Books
from core.journal.closings import Closings
from core.period import Period
from plugins.run import run_rules
from plugins.veil.crossing import crossing_books
from reports.veil.ageing import OpenItem, ageing
from reports.veil.crossings import Crossing, crossings
from reports.veil.formalities import Formality, formalities
from reports.veil.loans import LoanLine, loan_lines
from reports.veil.matrix import Matrix, matrix
from reports.veil.owners import Owners, owners
from reports.veil.score import Score, score


@dataclass(frozen=True)
class VeilStatement:
    """Everything of one entity and period. ``day`` is the day of the balances, ``as_of`` that of
    the books; ``waived`` are the findings that somebody waived with a reason; ``due_max_days`` is
    the age from which a due is stale; ``commit`` the state of the books in git."""

    entity: str
    legal_name: str
    period: Period
    day: dt.date
    as_of: dt.date
    crossings: tuple[Crossing, ...]
    matrix: Matrix
    ageing: tuple[OpenItem, ...]
    due_max_days: int
    loans: tuple[LoanLine, ...]
    owners: Owners
    formalities: tuple[Formality, ...]
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    score: Score
    commit: str = ""


@dataclass(frozen=True)
class GroupStatement:
    """The matrix of all entities, and each one's score (by name) that keeps books here."""

    period: Period
    day: dt.date
    as_of: dt.date
    matrix: Matrix
    scores: tuple[tuple[str, Score], ...]
    commit: str = ""


def veil_statement(
    books: Books, entity: str, period: Period, findings: Sequence[Finding] | None = None
) -> VeilStatement:
    """The statement of the registered ``entity``; ``findings`` are all of the books, looked up
    where they are not given."""
    found = _all_findings(books) if findings is None else findings
    lean = crossing_books(books)
    day = min(period.last, books.as_of)
    crossed = crossings(lean, entity, period, _by_place(found))
    own = _own_findings(found, books.registry.entities[entity], period.last, books, crossed)
    return VeilStatement(
        entity,
        books.registry.entities[entity].legal_name or entity,
        period,
        day,
        books.as_of,
        crossed,
        matrix(lean, period, day).around(entity),
        ageing(lean, entity, day),
        int(books.policy.threshold("VEIL-025", "due-max-days", day, 90)),
        loan_lines(lean, entity, day),
        owners(books, entity, period, day),
        formalities(books, entity, period, day),
        tuple(f for f in own if not f.waived),
        tuple(f for f in own if f.waived),
        score(own, len(crossed), sum(1 for each in crossed if each.is_documented)),
    )


def group_statement(
    books: Books, period: Period, findings: Sequence[Finding] | None = None
) -> GroupStatement:
    """The matrix between all entities of the books."""
    found = _all_findings(books) if findings is None else findings
    lean = crossing_books(books)
    day = min(period.last, books.as_of)
    places = _by_place(found)
    scores = []
    for entity in books.registry.entities.values():
        if entity.books and entity.kind != "elimination":
            crossed = crossings(lean, entity.name, period, places)
            own = _own_findings(found, entity, period.last, books, crossed)
            documented = sum(1 for each in crossed if each.is_documented)
            scores.append((entity.name, score(own, len(crossed), documented)))
    return GroupStatement(period, day, books.as_of, matrix(lean, period, day), tuple(scores))


def _all_findings(books: Books) -> list[Finding]:
    return fingerprinted([*books.findings, *run_rules(books, closed=Closings.of(books))])


def _by_place(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    by_place: dict[str, list[Finding]] = {}
    for finding in findings:
        by_place.setdefault(f"{finding.file}:{finding.line}", []).append(finding)
    return by_place


def _own_findings(
    findings: Sequence[Finding],
    entity: Entity,
    last: dt.date,
    books: Books,
    crossed: Sequence[Crossing],
) -> list[Finding]:
    """The findings about the entity that are dated up to ``last`` or not at all; what another has
    booked with it and its own books lack is about it too. One that names no entity is its own where
    it lies in its folder, and everybody's where it lies in nobody's."""
    folders = {e.folder: e.name for e in books.registry.entities.values()}
    unanswered = {each.part.where for each in crossed if not each.answered}

    def is_own(finding: Finding) -> bool:
        if finding.date and finding.date > last:
            return False
        if finding.code == "VEIL-005" and f"{finding.file}:{finding.line}" in unanswered:
            return True
        if finding.entities:
            return entity.name in finding.entities
        places = {folders[part] for part in finding.file.split("/")[:-1] if part in folders}
        return not places or entity.name in places

    return [finding for finding in findings if is_own(finding)]
