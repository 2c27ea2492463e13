"""Findings for people and machines: text with the excerpt and the cure, Markdown, JSON."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

from core.findings import Finding, Severity, counts
from core.journal.books import NO_DAY

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def as_text(findings: Sequence[Finding], base: Path, *, as_of: dt.date) -> str:
    """One paragraph per finding: ``file:line: severity CODE message``, the excerpt, the cure."""
    parts = [_paragraph(finding, base) for finding in by_severity(findings)]
    more = "; 'books explain CODE' says more about one" if findings else ""
    return "\n".join([*parts, summary(findings, as_of) + more]) + "\n"


def as_markdown(findings: Sequence[Finding], *, as_of: dt.date) -> str:
    """A list for a comment on a pull request."""
    out = [f"**{summary(findings, as_of)}**", ""]
    for finding in by_severity(findings):
        where = f"`{place(finding)}`" if finding.file else "the books"
        out.append(f"- **{finding.severity}** {finding.code}, {where}: {_quiet(finding.message)}")
        if finding.fix:
            out += ["", *(f"      {line}" for line in finding.fix.splitlines()), ""]
    return "\n".join(out) + "\n"


def as_json(findings: Sequence[Finding], *, as_of: dt.date) -> str:
    """The documented object: ``findings``, ``counts``, ``as_of``."""
    listed = [finding.to_json() for finding in by_severity(findings)]
    answer = {"findings": listed, "counts": counts(findings), "as_of": as_of.isoformat()}
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """Errors first; within a severity in reading order."""
    return sorted(findings, key=lambda f: (_ORDER[f.severity], f.file, f.line, f.code))


def summary(findings: Sequence[Finding], as_of: dt.date) -> str:
    """``2 errors, 0 warnings, 0 infos as of 2026-09-30``"""
    when = f" as of {as_of}" if as_of != NO_DAY else ""
    if not findings:
        return f"Nothing to report{when}."
    found = counts(findings)
    words = (f"{found[s.value]} {s.value}{'' if found[s.value] == 1 else 's'}" for s in Severity)
    return f"{', '.join(words)}{when}"


def place(finding: Finding) -> str:
    """``file:line``, or the file alone where the finding is about the whole of it."""
    return f"{finding.file}:{finding.line}" if finding.line else finding.file


def _paragraph(finding: Finding, base: Path) -> str:
    where = f"{place(finding)}: " if finding.file else ""
    out = [f"{where}{finding.severity} {finding.code} {finding.message}"]
    out += [f"  | {line}" for line in _excerpt(base / finding.file, finding.line)]
    if finding.waived:
        out.append(f"  waived: {finding.waived}")
    if finding.evidence:
        out.append(f"  evidence wanted: {', '.join(finding.evidence)}")
    if finding.fix:
        out += [
            f"  to mend it ({finding.fingerprint[:8]}):",
            *(f"    {line}".rstrip() for line in finding.fix.splitlines()),
        ]
    return "\n".join(out) + "\n"


def _excerpt(path: Path, line: int, most: int = 6) -> list[str]:
    """The entry that begins at ``line``: its first line and the indented ones after it."""
    if not line or not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    if line > len(lines):
        return []
    end = line
    while end < len(lines) and end < line + most - 1 and lines[end][:1] in {" ", "\t"}:
        end += 1
    return [_shown(text) for text in lines[line - 1 : end]]


def _shown(text: str, most: int = 240) -> str:
    """A line as a terminal bears it: a hidden character would do there what it did to the reader,
    and a line of megabytes is not read by anybody."""
    seen = "".join(c if c.isprintable() else "�" for c in text[:most])
    return seen if len(text) <= most else f"{seen}…"


def _quiet(text: str) -> str:
    """Text without Markdown or mentions."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|@" else c for c in text)
