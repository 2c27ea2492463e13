"""A score that anybody can recompute: points off for findings and for crossings without paper.

It begins at 100. Each finding that stands takes 10 points (error) or 3 (warning); an info and a
waived finding take none. A finding counts under the first factor that its rule names, and a factor
takes 30 points at most, so that many findings of one kind do not hide the others. Crossings without
paper take up to 20 points, by their part in all crossings, rounded half-up. It is never below zero.
It is no measure that a court knows: it says whether a company does better than the year before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.findings import Finding, Severity
from core.money import round_half_up

START, ERROR, WARNING, MOST_OF_FACTOR, PAPER = 100, 10, 3, 30, 20
NO_FACTOR = "Books that do not check"


@dataclass(frozen=True)
class Factor:
    """The findings under one factor, by severity; ``waived`` are no part of the others."""

    name: str
    errors: int
    warnings: int
    infos: int
    waived: int

    @property
    def points(self) -> int:
        """What they take off."""
        return min(MOST_OF_FACTOR, ERROR * self.errors + WARNING * self.warnings)


@dataclass(frozen=True)
class Score:
    """All that goes into the score, and the score."""

    factors: tuple[Factor, ...]
    crossings: int
    documented: int

    @property
    def undocumented(self) -> int:
        """The crossings without a paper."""
        return self.crossings - self.documented

    @property
    def paper_points(self) -> int:
        """What crossings without paper take off."""
        if not self.crossings:
            return 0
        return int(round_half_up(Decimal(PAPER * self.undocumented) / self.crossings, 0))

    @property
    def factor_points(self) -> int:
        """What the findings take off."""
        return sum(factor.points for factor in self.factors)

    @property
    def points(self) -> int:
        """The score, 0 to 100."""
        return max(0, START - self.factor_points - self.paper_points)


def factor_of(finding: Finding) -> str:
    """The factor that a finding counts under: the first that its rule names."""
    name = finding.factor.partition(";")[0].partition(":")[0].strip()
    return name.replace("reliable ", "") if name else NO_FACTOR


def score(findings: Iterable[Finding], crossings: int, documented: int) -> Score:
    """The score of these findings, and of so many crossings with paper."""
    by_factor: dict[str, list[Finding]] = {}
    for finding in findings:
        by_factor.setdefault(factor_of(finding), []).append(finding)
    factors = tuple(_factor(name, each) for name, each in sorted(by_factor.items()))
    return Score(factors, crossings, documented)


def _factor(name: str, findings: list[Finding]) -> Factor:
    def count(severity: Severity) -> int:
        return sum(1 for f in findings if f.severity is severity and not f.waived)

    return Factor(
        name,
        count(Severity.ERROR),
        count(Severity.WARNING),
        count(Severity.INFO),
        sum(1 for f in findings if f.waived),
    )
