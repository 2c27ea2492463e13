"""What of a proposal is not data: rules, registry, settings and waivers, by path and directive."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.state import JOURNALS
from core.policy import AS_OF
from core.seal import CLOSE, REOPEN
from reports.bookdiff.changes import ADDED, DirectiveChange
from reports.bookdiff.model import BookDiff
from reports.review.codes import DUTIES, RULES, WAIVER

# Where entries and evidence lie; every other file of a home is there for programs or people.
_DATA = ("ledger/", "documents/")
_REGISTRY = {"entity", "ownership", "veil-rule", "personal-payee", AS_OF}
_SEALS = {CLOSE, REOPEN}
_OPENING = {"open", "close"}
_VERBS = {"added": "adds", "removed": "removes", "changed": "changes"}


@dataclass(frozen=True)
class Ruling:
    """Something that is the owners' to change, and where. ``is_seal``: who closes periods may
    propose it, an owner approves."""

    what: str
    file: str
    line: int = 0
    is_seal: bool = False


def rulings(
    changed: Iterable[str], outside: Iterable[str], resettled: Iterable[str], diff: BookDiff | None
) -> Iterator[Ruling]:
    """Everything that is the owners' in a proposal. ``changed`` are paths in the home, ``outside``
    those beside it, ``resettled`` journals whose options or plugin lines differ."""
    for name in outside:
        yield Ruling("changes a file outside of the books", name)
    for name in changed:
        if name.startswith("rules/"):
            yield Ruling("changes the rules; the base's were used", name)
        elif not name.startswith(_DATA):
            yield Ruling("changes a file beside the books", name)
        elif not name.endswith(JOURNALS) and PurePosixPath(name).name.startswith("."):
            yield Ruling("changes what programs do with the books", name)
    for name in resettled:
        yield Ruling("changes options or plugin lines; the base's were used", name)
    for change in diff.directives if diff else ():
        what, is_seal = _of_directive(change)
        if what:
            each = change.directive
            yield Ruling(what, each.file, each.line, is_seal)


def _of_directive(change: DirectiveChange) -> tuple[str, bool]:
    entry = change.directive.entry
    if isinstance(entry, data.Custom):
        if entry.type in _REGISTRY:
            return f"{_VERBS[change.kind]} a '{entry.type}' directive", False
        if entry.type in _SEALS:
            return f"{_VERBS[change.kind]} a seal ('{entry.type}')", True
    elif change.directive.kind in _OPENING and change.kind != ADDED:
        return f"{_VERBS[change.kind]} the '{change.directive.kind}' of an account", False
    return "", False


def ruling_findings(found: Iterable[Ruling], severity: Severity) -> Iterator[Finding]:
    """A finding for each; their severity says whether somebody may who did."""
    for each in found:
        yield Finding(
            RULES, severity, each.what, factor=DUTIES, file=each.file, line=each.line,
            identity=(each.what, each.file, str(each.line)),
        )  # fmt: skip


def waived_anew(
    before: Iterable[Finding], after: Iterable[Finding], severity: Severity
) -> Iterator[Finding]:
    """A finding for each waiver that only the proposal has."""
    known = {finding.fingerprint for finding in before if finding.waived}
    for finding in after:
        if finding.waived and finding.fingerprint not in known:
            yield Finding(
                WAIVER, severity, f"waives {finding.code}: {finding.waived}", factor=DUTIES,
                entities=finding.entities, date=finding.date, file=finding.file, line=finding.line,
                identity=(finding.fingerprint,),
            )  # fmt: skip
