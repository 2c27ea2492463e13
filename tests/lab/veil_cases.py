"""The small books of ``tests/cases/veil``: what their heads say, and what the rules find in them.

A case is loaded once in a process: who runs the same cases again and again (``make mutate``) forks
after that. What a rule has computed is never kept.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from beancount import loader
from beancount.core import data

from core.findings import Finding
from core.journal.books import Books

CASES = Path(__file__).resolve().parents[1] / "cases" / "veil"
BOOKS = tuple(sorted(CASES.glob("*/*.beancount")))


def head(path: Path, key: str) -> list[str]:
    """The values of ``;; key: value`` lines."""
    return re.findall(rf"^;; {key}: (.+)$", path.read_text(), re.MULTILINE)


@cache
def loaded(path: Path) -> tuple[Sequence[data.Directive], Mapping[str, Any]]:
    """The entries and options of a case, which has no error of Beancount's."""
    entries, errors, options = loader.load_file(str(path))
    assert not errors
    return entries, options


def books_of(path: Path) -> Books:
    """The case as its head wants it seen: ``kind:`` (else a group), ``as-of:``."""
    as_of = head(path, "as-of")
    return Books.of(
        *loaded(path),
        kind=(head(path, "kind") or ["group"])[0],
        as_of=dt.date.fromisoformat(as_of[0]) if as_of else None,
    )


def codes_of(path: Path) -> set[str]:
    """The rules that a case is about: its folder's, and those that its head names."""
    return {path.parent.name.upper(), *(each.split()[0] for each in head(path, "expect"))}


def told(findings: Iterable[Finding]) -> str:
    """All that findings say, a block for each."""
    return "".join(_told(finding) for finding in findings)


def _told(finding: Finding) -> str:
    file = Path(finding.file)  # above the case's folder it is absolute
    where = f"{file.name if file.is_absolute() else file}:{finding.line}"
    who = ", ".join(finding.entities) or "nobody"
    fix = "put in its place" if finding.fix_replaces else "put in"
    lines = [
        f"{finding.code} {finding.severity} {finding.date} {who}, {where}, {finding.fingerprint}",
        f"  {finding.message}",
        f"  factor: {finding.factor}",
        *([f"  waived: {finding.waived}"] if finding.waived else []),
        *(f"  wanted: {each}" for each in finding.evidence),
        *([f"  {fix}:"] if finding.fix else []),
        *(f"    {line}".rstrip() for line in finding.fix.splitlines()),
    ]
    return "\n".join(lines) + "\n"
