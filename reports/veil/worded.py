"""The veil statement as a page: its sections in the order in which a lawyer asks for them."""

from collections.abc import Iterator, Sequence

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books
from reports.pages.page import Heading, Items, Page, Part, Row, Table, Text
from reports.papers.parties import jurisdiction, kind_name, paper_size, place_name
from reports.veil import score as scoring
from reports.veil.balances import (
    ageing_part,
    capital_part,
    formalities_part,
    loans_part,
    share_part,
)
from reports.veil.crossed import crossings_part
from reports.veil.network import owed_part, paid_part
from reports.veil.score import Score
from reports.veil.statement import GroupStatement, VeilStatement

_FOOT = "no legal opinion"
_NO_OPINION = (
    "This statement is computed from the books. It is no legal opinion and no legal advice: "
    "whether a court would respect the separateness of a company depends on the law that applies "
    "and on facts that no ledger holds. A paper is called filed when its file is there and is not "
    "marked as a draft; what it says was not read."
)


def worded(statement: VeilStatement, books: Books) -> Page:
    """The page of one entity's statement."""
    entity = books.registry.entities[statement.entity]
    parts: list[Part] = [
        Text(_described(entity, statement)),
        *_in_short(statement),
        Text(_NO_OPINION),
        *_score_part(statement.score, statement.crossings == ()),
        *_findings_part(statement),
        *_waivers_part(statement.waived),
        *owed_part(statement.matrix),
        *ageing_part(statement),
        *paid_part(statement.matrix, statement.period),
        *crossings_part(statement),
        *loans_part(statement.loans, statement.day),
        *capital_part(statement.owners, statement.day),
        *share_part(statement.owners),
        *formalities_part(statement.formalities),
    ]
    return Page(
        f"Veil statement: {statement.legal_name}",
        _subtitle(statement),
        tuple(parts),
        paper_size(entity),
        _FOOT,
    )


def worded_group(statement: GroupStatement, books: Books) -> Page:
    """The page of the group: who owes and paid whom, and every entity's score."""
    rows = [
        Row(
            (
                name,
                str(score.points),
                str(sum(f.errors for f in score.factors)),
                str(sum(f.warnings for f in score.factors)),
                str(sum(f.waived for f in score.factors)),
                f"{score.documented} of {score.crossings}",
            )
        )
        for name, score in statement.scores
    ]
    heads = ("Entity", "Score", "Errors", "Warnings", "Waived", "Crossings with paper")
    return Page(
        "Veil statement: the group",
        _subtitle(statement),
        (
            Text(_NO_OPINION),
            Heading("Entities"),
            Text("How a score is made stands on each entity's own statement."),
            Table("Entities and scores", heads, tuple(rows), frozenset(range(1, 6))),
            *owed_part(statement.matrix),
            *paid_part(statement.matrix, statement.period),
        ),
        paper_size(next(iter(books.registry.entities.values()))),
        _FOOT,
    )


def _subtitle(statement: VeilStatement | GroupStatement) -> str:
    period = statement.period
    commit = f" · commit {statement.commit}" if statement.commit else ""
    return f"{period.first} to {period.last} · books as of {statement.as_of}{commit}"


def _described(entity: Entity, statement: VeilStatement) -> str:
    place = place_name(jurisdiction(entity))
    formed = f", formed {entity.formed}" if entity.formed else ""
    tax = f", taxed as {entity.tax_class}" if entity.tax_class and not entity.is_person else ""
    law = f" of {place}" if place and not entity.is_person else ""
    end = "" if statement.day == statement.period.last else ", where the books end"
    kind = kind_name(entity.kind)
    return (
        f"{statement.legal_name} ({entity.name}) is registered as {kind}{law}{formed}{tax}. "
        f"Balances are those at the end of {statement.day}{end}. Places are file and line in the "
        "books."
    )


def _in_short(statement: VeilStatement) -> Iterator[Part]:
    score = statement.score
    errors, warnings = (
        sum(1 for f in statement.findings if f.severity is severity)
        for severity in (Severity.ERROR, Severity.WARNING)
    )
    bare = score.undocumented
    yield Heading("In short")
    yield Text(
        f"Score {score.points} of {scoring.START}. {_many(score.crossings, 'crossing')}, "
        f"{bare or 'none'} of them without a paper; {_many(errors, 'error')}, "
        f"{_many(warnings, 'warning')}, {_many(len(statement.waived), 'waived finding')}.",
    )
    apart = [o for o in statement.matrix.owed if not o.agrees]
    for each in apart:
        yield Text(
            f"The books of {each.creditor} and {each.debtor} differ on what {each.debtor} owes.",
            loud=True,
        )


def _score_part(score: Score, is_empty: bool) -> Iterator[Part]:
    yield Heading("The score, to be recomputed")
    yield Text(
        f"It begins at {scoring.START}. Each error takes {scoring.ERROR} points and each warning "
        f"{scoring.WARNING}; infos and waived findings take none. A finding counts under the first "
        f"factor that its rule names, and one factor takes {scoring.MOST_OF_FACTOR} points at "
        f"most. Crossings without paper take {scoring.PAPER} × their number ÷ all crossings, "
        "rounded to a whole point. The score is never below 0. It serves to compare one period "
        "with the next; no court reckons so."
    )
    rows = [
        Row(
            (
                factor.name,
                str(factor.errors),
                str(factor.warnings),
                str(factor.infos),
                str(factor.waived),
                _off(factor.points),
            )
        )
        for factor in score.factors
    ]
    paper = (
        "Crossings without paper (there are no crossings)"
        if is_empty
        else f"Crossings without paper: {scoring.PAPER} × {score.undocumented} ÷ {score.crossings}"
    )
    sums = f"{scoring.START} − {score.factor_points} − {score.paper_points}"
    below = ", not below 0" if score.factor_points + score.paper_points > scoring.START else ""
    rows.append(Row((paper, "", "", "", "", _off(score.paper_points))))
    rows.append(Row((f"Score: {sums}{below}", "", "", "", "", str(score.points)), total=True))
    heads = ("Factor", "Errors", "Warnings", "Infos", "Waived", "Points")
    yield Table("The score", heads, tuple(rows), frozenset(range(1, 6)))


def _findings_part(statement: VeilStatement) -> Iterator[Part]:
    yield Heading("Findings by factor")
    yield Text(
        f"What the rules find in the books as they stand on {statement.as_of}, dated up to "
        f"{statement.period.last}. 'books explain CODE' prints a rule with its source in law."
    )
    if not statement.findings:
        yield Text("None.")
    by_factor: dict[str, list[Finding]] = {}
    for finding in statement.findings:
        by_factor.setdefault(scoring.factor_of(finding), []).append(finding)
    for factor, findings in sorted(by_factor.items()):
        yield Heading(factor, 3)
        yield Items(tuple(_finding(each) for each in _by_weight(findings)))


def _by_weight(findings: Sequence[Finding]) -> list[Finding]:
    order = list(Severity)
    return sorted(findings, key=lambda f: (order.index(f.severity), f.code, f.file, f.line))


def _finding(finding: Finding) -> tuple[str, tuple[str, ...]]:
    day = f", {finding.date}" if finding.date else ""
    lines = [finding.message, _place(finding)]
    if finding.evidence:
        lines.append(f"Evidence wanted: {'; '.join(finding.evidence)}")
    return f"{finding.severity.value} {finding.code}{day}", tuple(filter(None, lines))


def _place(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}" if finding.line else finding.file


def _waivers_part(waived: Sequence[Finding]) -> Iterator[Part]:
    yield Heading("Waivers")
    if not waived:
        yield Text("Nothing was waived.")
        return
    yield Text("Findings that somebody waived in the books, with the reason and who did. ")
    yield Items(
        tuple(
            (
                f"{f.code}{f', {f.date}' if f.date else ''}: {f.waived}",
                tuple(filter(None, (f.message, _place(f)))),
            )
            for f in _by_weight(waived)
        )
    )


def _off(points: int) -> str:
    return f"−{points}" if points else "0"


def _many(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"
