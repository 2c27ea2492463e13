"""The include walk: from a root file to every file of the books, each looked at once.

What looking means is the caller's: the cold reader parses, the warm one asks first whether it knows
the content. An include that means nothing, or something that may not be read, is a finding.
"""

import hashlib
import re
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from beancount.core import data
from beancount.parser import parser

from core.cache.store import Scratch
from core.findings import Finding, Severity, UserError
from core.home import Home
from core.journal.files import Overlay, included, read_bytes
from core.journal.lint import lint_text


@dataclass(frozen=True)
class Plan:
    """What is read, from where, and what it may use; ``home`` only where the root lies in it.
    ``scratch`` serves where nothing is kept on the disk."""

    root: Path
    base: Path
    allowed: tuple[str, ...]
    home: Home | None
    overlay: Overlay
    scratch: Scratch | None = None


class Page(Protocol):
    """A file that was looked at. ``includes`` are patterns, each with its line."""

    @property
    def sha(self) -> str:
        """The SHA-256 of its content."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the lint found."""

    @property
    def includes(self) -> Sequence[tuple[str, int]]:
        """The patterns that it includes, each with its line."""

    @property
    def was_parsed(self) -> bool:
        """Whether the parser was given it."""


P = TypeVar("P", bound=Page)


@dataclass
class Walk(Generic[P]):
    """The pages in the order they were reached, and what is wrong on the way."""

    pages: dict[Path, P] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @cached_property
    def files(self) -> Mapping[Path, str]:
        """Every file that was read, with its SHA-256; asked for when the walk is over."""
        return {path: page.sha for path, page in self.pages.items()}


def walked(plan: Plan, look: Callable[[Path, str], P]) -> Walk[P]:
    """Looks at the root and all it includes; ``look`` takes a path and how findings show it.

    Raises UserError where the root itself cannot be read.
    """
    walk: Walk[P] = Walk()
    above = f"{plan.base}/"  # every path is below it, and there may be thousands
    queue = deque([(plan.root, "", 0)])  # a file, and where it is included
    reached: set[str] = set()
    while queue:
        path, by, at = queue.popleft()
        shown = str(path).removeprefix(above)
        if shown in reached:
            again = unsafe("LINT-INCLUDE", f"{shown} is included already; remove this include", by)
            walk.findings.append(replace(again, line=at))
            continue
        try:
            page = look(path, shown)
        except (UserError, UnicodeDecodeError) as error:
            if path == plan.root and isinstance(error, UserError):
                raise
            walk.findings.append(_unread(error, shown))
            continue
        walk.pages[path] = page
        reached.add(shown)
        if page.findings:
            walk.findings.extend(page.findings)
        if not page.was_parsed:
            walk.findings.append(
                unsafe("LINT-FILE", "was not read: mend its other findings first", shown)
            )
        for pattern, line in page.includes:
            paths, findings = included(pattern, path, plan.base, shown, plan.overlay)
            walk.findings.extend(replace(finding, line=line) for finding in findings)
            queue.extend((found, shown, line) for found in paths)
    return walk


@dataclass(frozen=True)
class Looked:
    """What lint and parser say of a file; ``options`` is None where the parser was not asked."""

    sha: str
    findings: Sequence[Finding]
    entries: Sequence[data.Directive] = ()
    errors: Sequence[Any] = ()
    options: dict[str, Any] | None = None
    includes: Sequence[tuple[str, int]] = ()

    @property
    def was_parsed(self) -> bool:
        """Whether the parser was given it."""
        return self.options is not None


def looked_at(
    path: Path, shown: str, allowed: Collection[str], overlay: Overlay, raw: bytes | None = None
) -> Looked:
    """Reads a file (unless its content is given), lints it and, where that may be done, parses it.

    Raises UserError where it cannot be read, UnicodeDecodeError where it is not UTF-8.
    """
    raw = read_bytes(path, overlay) if raw is None else raw
    text = raw.decode("utf-8")
    sha = hashlib.sha256(raw).hexdigest()
    lint = lint_text(text, shown, allowed)
    if not lint.parseable:
        return Looked(sha, lint.findings)
    entries, errors, options = parser.parse_string(text.removeprefix("\ufeff"), str(path))
    includes = [(pattern, _line_of(pattern, text)) for pattern in options["include"]]
    return Looked(sha, lint.findings, entries, errors, options, includes)


def unsafe(code: str, message: str, shown: str) -> Finding:
    """A finding of the lint's about a file."""
    return Finding(code, Severity.ERROR, message, factor="Safety of the books", file=shown)


def _unread(error: UserError | UnicodeDecodeError, shown: str) -> Finding:
    if isinstance(error, UserError):
        return unsafe("LINT-FILE", f"{error.message}; it was not read", shown)
    line = error.object[: error.start].count(b"\n") + 1
    finding = unsafe("LINT-FILE", "is not UTF-8 text and was not read; save it as UTF-8", shown)
    return replace(finding, line=line)


def _line_of(pattern: str, text: str) -> int:
    """The line of the directive that includes ``pattern``; 0 where it is written otherwise."""
    wanted = re.compile(rf'\s*include\s+"{re.escape(pattern)}"')
    lines = enumerate(text.split("\n"), start=1)
    return next((number for number, line in lines if wanted.match(line)), 0)
