"""A review as a value."""

from dataclasses import dataclass

from core.findings import EXIT_FINDINGS, EXIT_OK, Finding, Severity, exit_code
from reports.bookdiff.model import BookDiff


@dataclass(frozen=True)
class Review:
    """``findings`` are those that the proposal brings, errors first; ``standing`` counts the errors
    that were there before. ``diff`` is None where the proposal's books cannot be read."""

    labels: tuple[str, str]
    findings: tuple[Finding, ...]
    standing: int
    diff: BookDiff | None
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    walls: str
    notes: tuple[str, ...]
    strict: bool

    @property
    def is_fine(self) -> bool:
        """Whether nothing speaks against it."""
        return exit_code(self.findings, strict=self.strict) == EXIT_OK

    @property
    def exit_code(self) -> int:
        """0 fine, 1 refused."""
        return EXIT_OK if self.is_fine else EXIT_FINDINGS

    def count(self, severity: Severity) -> int:
        """How many of its findings have a severity."""
        return sum(finding.severity is severity for finding in self.findings)
