"""What is wrong with the books (Finding), and what cannot go on (UserError).

Findings are values: a reader sees every problem at once. A UserError stops one command with a
message that says where, what and what to do next; it never shows a traceback.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Errors fail a check (exit 1); warnings do so with ``--strict``; infos never."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


EXIT_OK, EXIT_FINDINGS, EXIT_USAGE, EXIT_FAULT = 0, 1, 2, 3


class UserError(Exception):
    """What cannot go on, said to a person: the message, where it is, and what to do next.

    ``code`` is the exit status of the command: 1 for input that is refused, 2 for usage or
    configuration that is wrong.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, hint: str = "", code: int = EXIT_USAGE
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.message}" + (f"\n  {self.hint}" if self.hint else "")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the books, or worth knowing about them.

    ``file`` is relative to the home (or to the root's folder) with forward slashes; ``fix`` is a
    directive, or metadata lines for the entry found, ready to paste, and ``fix_replaces`` says
    that it stands in for that entry instead of joining it; ``waived`` holds the reason of a valid
    waiver, and a waived finding is an info. ``identity`` is what the fingerprint is made of
    besides code, entities and date: for a transaction its sorted links and postings.
    """

    code: str
    severity: Severity
    message: str
    factor: str = ""
    entities: tuple[str, ...] = ()
    date: dt.date | None = None
    file: str = ""
    line: int = 0
    evidence: tuple[str, ...] = ()
    fix: str = ""
    fix_replaces: bool = False
    waived: str = ""
    identity: tuple[str, ...] = ()
    fingerprint: str = ""

    def to_json(self) -> dict[str, Any]:
        """The finding as the documented JSON object."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "factor": self.factor,
            "entities": list(self.entities),
            "date": self.date.isoformat() if self.date else None,
            "file": self.file,
            "line": self.line,
            "message": self.message,
            "evidence": list(self.evidence),
            "fix": self.fix,
            "fingerprint": self.fingerprint,
            "waived": self.waived or None,
        }


def fingerprinted(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in reading order, each with its fingerprint.

    The fingerprint is a SHA-256 of code, entities, date and identity, plus an occurrence index,
    so that twins differ. It does not depend on the file or the line: moving an entry does not
    make an old finding new.
    """
    ordered = sorted(findings, key=lambda f: (f.file, f.line, f.code, f.message))
    seen: Counter[str] = Counter()
    out = []
    for finding in ordered:
        key = "\x1f".join(
            (
                finding.code,
                *sorted(finding.entities),
                finding.date.isoformat() if finding.date else "",
                *(finding.identity or (finding.message,)),
            )
        )
        occurrence = seen[key]
        seen[key] += 1
        digest = hashlib.sha256(f"{key}\x1e{occurrence}".encode()).hexdigest()[:16]
        out.append(replace(finding, fingerprint=digest))
    return out


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity there are; every severity has a key."""
    found = Counter(f.severity.value for f in findings)
    return {severity.value: found[severity.value] for severity in Severity}


def exit_code(findings: Iterable[Finding], *, strict: bool = False) -> int:
    """1 when there is an error (or, with ``strict``, a warning), else 0."""
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return EXIT_FINDINGS if any(f.severity in failing for f in findings) else EXIT_OK
