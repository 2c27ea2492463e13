"""Mending: a finding's remedy tried on a working copy, judged there, and only then shown.

What a cure must do is seen before the door writes: the finding is gone (or milder, where only time
can do the rest), and no error has come that was not there before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.findings import EXIT_FINDINGS, Finding, Severity, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.edit import Edit
from core.journal.working import WorkingCopy
from plugins.run import RULES
from plugins.veil.remedies.ask import remedy
from plugins.veil.remedies.remedy import Answer, Cure, Remedy
from scripts import books as loading

_BY_CODE = {rule.code: rule for rule in RULES}
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_ROUNDS = 12  # cures that need each other; more than that is a cure that undoes another


@dataclass(frozen=True)
class Mended:
    """Cures that hold: the change, what is gone, what has come, and remarks for a person."""

    change: ChangeSet
    gone: tuple[Finding, ...]
    come: tuple[Finding, ...]
    remarks: tuple[str, ...]
    after: tuple[Finding, ...]


def asked(finding: Finding, books: Books, answer: Answer) -> Remedy:
    """The remedy of the finding, by what a person has decided."""
    return remedy(finding, books, answer, _BY_CODE.get(finding.code))


def tried(home: Home, books: Books, finding: Finding, cure: Cure) -> Mended:
    """The cure of one finding. Raises UserError where it would not be one."""
    before = loading.check(books)
    copy = applied(WorkingCopy(home, books), cure)
    after = loading.check(copy.books())
    standing = next((f for f in after if f.fingerprint == finding.fingerprint), None)
    if standing and _RANK[standing.severity] <= _RANK[finding.severity]:
        raise UserError(
            f"after that the finding would still stand; nothing was written: {standing.message}",
            hint="decide otherwise, or mend it by hand",
            code=EXIT_FINDINGS,
        )
    worse = _worse(before, after, [finding])
    if worse:
        raise UserError(
            f"that would bring an error; nothing was written: {worse[0].code} {worse[0].message}",
            file=worse[0].file,
            line=worse[0].line,
            hint="mend that first, or decide otherwise",
            code=EXIT_FINDINGS,
        )
    message = f"Mend {finding.code} at {finding.file}:{finding.line}"
    return _mended(copy.change(message), before, after, cure.remarks)


def applied(copy: WorkingCopy, cure: Cure) -> WorkingCopy:
    """The working copy with the cure in it."""
    return copy.with_lines(cure.lines).with_entries(cure.blocks, cure.edits)


def all_tried(home: Home, books: Books, wanted: Sequence[str] = (), entity: str = "") -> Mended:
    """Every cure that needs no decision, one after the other where they need each other.

    ``wanted`` are codes (none: every one), ``entity`` whose findings. A cure that would bring an
    error is left out.
    """
    before = loading.check(books)
    copy, now, found = WorkingCopy(home, books), books, before
    remarks: list[str] = []
    refused: set[str] = set()
    for _ in range(_ROUNDS):
        cures = _independent(
            [f for f in found if _is_meant(f, wanted, entity) and f.fingerprint not in refused],
            now,
            refused,
        )
        if not cures:
            break
        step, after = _round(copy, found, cures)
        if step is None:
            kept = _one_by_one(copy, found, cures, refused)
            cures = [each for each in cures if each[0].fingerprint in kept]
            if not cures:
                continue
            step, after = _round(copy, found, cures)
            if step is None:
                break
        refused |= {f.fingerprint for f, _ in cures}
        remarks += [remark for _, cure in cures for remark in cure.remarks]
        copy, now, found = step, step.books(), after
    message = "Mend what needs no decision"
    return _mended(copy.change(message), before, found, tuple(remarks))


def _is_meant(finding: Finding, wanted: Sequence[str], entity: str) -> bool:
    by_code = not wanted or finding.code in wanted
    by_entity = not entity or entity in finding.entities
    return by_code and by_entity and finding.severity is not Severity.INFO


def _independent(
    found: Iterable[Finding], books: Books, refused: set[str]
) -> list[tuple[Finding, Cure]]:
    """The cures that change no entry twice; metadata of other directives by itself, for it moves
    the lines."""
    cures: list[tuple[Finding, Cure]] = []
    touched: set[tuple[str, int]] = set()
    opened: set[str] = set()
    for finding in found:
        try:
            cure = asked(finding, books, Answer())
        except UserError:
            refused.add(finding.fingerprint)
            continue
        if not isinstance(cure, Cure):
            continue
        places = {_place(edit) for edit in cure.edits}
        files = {(str(books.base / each.file), 0) for each in cure.lines}
        if places & touched or (cures and bool(cure.lines) != bool(cures[0][1].lines)):
            continue
        fresh = tuple(b for b in cure.blocks if b[2].text not in opened)
        opened |= {b[2].text for b in cure.blocks}
        touched |= places | files
        cures.append((finding, replace(cure, blocks=fresh)))
    return cures


def _place(edit: Edit) -> tuple[str, int]:
    return str(edit.txn.meta["filename"]), edit.line


def _round(
    copy: WorkingCopy, found: Sequence[Finding], cures: Sequence[tuple[Finding, Cure]]
) -> tuple[WorkingCopy | None, list[Finding]]:
    """The copy after these cures and what is found then; None where they bring an error."""
    step = copy
    lines = [each for _, cure in cures for each in cure.lines]
    step = step.with_lines(lines).with_entries(
        [b for _, cure in cures for b in cure.blocks], [e for _, cure in cures for e in cure.edits]
    )
    after = loading.check(step.books())
    return (None if _worse(found, after, [f for f, _ in cures]) else step), after


def _one_by_one(
    copy: WorkingCopy,
    found: Sequence[Finding],
    cures: Sequence[tuple[Finding, Cure]],
    refused: set[str],
) -> set[str]:
    """The fingerprints of those that bring no error by themselves; the others are refused."""
    kept = set()
    for finding, cure in cures:
        step, _ = _round(copy, found, [(finding, cure)])
        if step is None:
            refused.add(finding.fingerprint)
        else:
            kept.add(finding.fingerprint)
    return kept


def _worse(
    before: Sequence[Finding], after: Sequence[Finding], cured: Sequence[Finding]
) -> list[Finding]:
    """The new errors of codes that have more errors than before, those that are cured apart: an
    entry that was rewritten has its other findings under new fingerprints."""
    was = Counter(f.code for f in before if f.severity is Severity.ERROR)
    was.subtract(f.code for f in cured if f.severity is Severity.ERROR)
    now = Counter(f.code for f in after if f.severity is Severity.ERROR)
    known = {f.fingerprint for f in before}
    return [
        f
        for f in after
        if f.severity is Severity.ERROR
        and now[f.code] > max(was[f.code], 0)
        and f.fingerprint not in known
    ]


def _mended(
    change: ChangeSet,
    before: Sequence[Finding],
    after: Sequence[Finding],
    remarks: tuple[str, ...],
) -> Mended:
    was, now = {f.fingerprint for f in before}, {f.fingerprint for f in after}
    gone = [f for f in before if f.fingerprint not in now]
    rest = Counter(f.code for f in gone)
    come = []
    for finding in after:
        if finding.fingerprint in was:
            continue
        rest[finding.code] -= 1
        if rest[finding.code] < 0:
            come.append(finding)
    return Mended(change, tuple(gone), tuple(come), remarks, tuple(after))
