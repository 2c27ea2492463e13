"""The audit report as a page."""

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

from core.findings import Finding
from core.journal.past import Step
from core.signing import OTHERS, WORDS
from reports.audit.trail import Recorded, Trail
from reports.duties.hands import RECONCILING, VENDOR
from reports.pages.page import Heading, Items, Page, Part, Row, Table, Text

_KINDS = ("added", "changed", "moved", "removed")
_SHOWN = 200  # entries of one commit that are told one by one
_DIGITS = 16  # of a hash: what a directive may say instead of all of it
_LISTED, _FEW = 25, 5  # lines, and places in one line, of what to look at
_ALONE = (
    "One person wrote all commits of the period, so that nobody could be kept from approving, "
    "paying or reconciling what they wrote themselves. "
)
_NO_CONTROL = (
    "rules/people.yaml names no compensating-control. What makes up for it is an outside "
    "accountant who looks each month through this report and the statements, and keeps the hash of "
    "the newest closed period: say so there."
)


def worded(trail: Trail, title: str, size: str = "us-letter") -> Page:
    """The page of an audit report of the books called ``title``."""
    where = f"branch {trail.branch}" if trail.branch else "no branch"
    return Page(
        f"Audit report: {title}",
        f"{trail.period.first} to {trail.period.last} · {where} at {trail.head[:12]}",
        (
            *_summary(trail),
            *_attention(trail),
            *_closed(trail),
            *_commits(trail),
            *_changes(trail),
            *_found("Findings that came", trail.opened),
            *_found("Findings that were cured", trail.cured),
            *_found("Waivers", trail.waived),
            *_actions(trail),
        ),
        size,
    )


def _summary(trail: Trail) -> Iterator[Part]:
    kinds = Counter(step.kind for commit in trail.commits for step in commit.steps)
    authors = sorted({f"{c.commit.author} <{c.commit.email}>" for c in trail.commits})
    rows = [
        ("Commits", str(len(trail.commits))),
        ("Authors", ", ".join(authors) or "none"),
        *((f"Entries {kind}", str(kinds[kind])) for kind in _KINDS),
        ("Closed periods verified", str(len(trail.verdicts))),
    ]
    yield Text(
        "Commits count in the period in which they were committed. Dates of authors can be set at "
        "will; they are shown and not relied on."
    )
    yield Table("Summary", ("What", "Number"), tuple(Row(cells) for cells in rows))
    if trail.is_alone:
        control = f"The compensating control is: {trail.control}" if trail.control else _NO_CONTROL
        yield Text(f"{_ALONE}{control}")


def _attention(trail: Trail) -> Iterator[Part]:
    """What an auditor looks at first."""
    found = [
        *_listed(
            "closed periods that are not as they were sealed",
            [f"{v.entity} {v.period}: {v.said}" for v in trail.verdicts if not v.holds],
        ),
        *_listed(
            "actions that were taken out of the log, put in or edited",
            [f"line {trail.actions.broken} does not follow the one before it"]
            if trail.actions.broken
            else [],
        ),
        *_listed("commits that are no longer in the history", trail.rewritten),
        *_listed("commits on the main line without a request to merge", _of(trail, "direct")),
        *_listed(
            "commits with a signature that does not hold",
            [_commit(c) for c in trail.commits if c.signature in {"B", "R", "X", "Y", "E", OTHERS}],
        ),
        *_listed(
            "entries dated more than 35 days before they were committed",
            _late(trail),
            len(trail.late),
        ),
        *_listed(
            "papers that were changed or deleted",
            [
                f"{paper.path} {paper.kind} in {paper.commit.id[:9]}"
                for paper in trail.papers
                if paper.kind != "added"
            ],
        ),
        *_listed(
            "papers that are not what their directive says (sha256)",
            [f"{entry.date} {entry.filename}" for entry in trail.altered],
        ),
        *_listed("changes of who may do what", [_commit(c) for c in trail.roles]),
        *_listed("changes of rules or the registry", [_commit(c) for c in trail.machinery]),
        *_listed(
            "changes of vendors",
            [f"{_place(step)} in {_commit(commit)}" for commit, step in trail.vendors],
        ),
        *_listed(
            "vendors changed and paid by the same person within ten days",
            [each.said for each in trail.one_hand if each.kind == VENDOR],
        ),
        *_listed(
            "accounts reconciled by who wrote their entries",
            [each.said for each in trail.one_hand if each.kind == RECONCILING],
        ),
        *_listed("entries that are not committed yet", [_place(s) for s in trail.uncommitted]),
    ]
    yield Heading("What to look at")
    yield Items(tuple(found)) if found else Text("Nothing.")


def _of(trail: Trail, what: str) -> list[str]:
    return [_commit(each) for each in trail.commits if getattr(each, what)]


def _late(trail: Trail) -> list[str]:
    """A line for each commit with such entries: one by one where they are few."""
    by_commit: dict[str, tuple[Recorded, list[Step]]] = {}
    for commit, step in trail.late:
        by_commit.setdefault(commit.commit.id, (commit, []))[1].append(step)
    lines = []
    for commit, steps in by_commit.values():
        few = ", ".join(_place(step) for step in steps[:_FEW])
        more = f" and {len(steps) - _FEW} more" if len(steps) > _FEW else ""
        lines.append(f"{few}{more} in {_commit(commit)}")
    return lines


def _listed(what: str, lines: Sequence[str], count: int = 0) -> list[tuple[str, tuple[str, ...]]]:
    more = (f"and {len(lines) - _LISTED} more",) if len(lines) > _LISTED else ()
    return (
        [(f"{what[0].upper()}{what[1:]} ({count or len(lines)})", (*lines[:_LISTED], *more))]
        if lines
        else []
    )


def _closed(trail: Trail) -> Iterator[Part]:
    yield Heading("Closed periods")
    if not trail.verdicts:
        yield Text("No period is closed.")
        return
    rows = (
        Row(
            (v.entity, v.period, "holds" if v.holds else "does not hold", v.hash[:_DIGITS], v.said),
            marked=not v.holds,
        )
        for v in trail.verdicts
    )
    yield Table(
        "Closed periods", ("Entity", "Period", "Seal", "Hash", "What was found"), tuple(rows)
    )


def _commits(trail: Trail) -> Iterator[Part]:
    yield Heading("Commits")
    if not trail.commits:
        yield Text("None.")
        return
    rows = (
        Row(
            (
                each.commit.committed[:16].replace("T", " "),
                each.commit.id[:9],
                each.commit.author,
                each.commit.committer if each.commit.committer != each.commit.author else "",
                WORDS.get(each.signature, each.signature),
                f"#{each.request}" if each.request else "",
                ", ".join(each.approvers),
                str(len(each.steps)),
                each.commit.subject,
            ),
            marked=each.signature in {"B", OTHERS},
        )
        for each in trail.commits
    )
    heads = ("Committed", "Commit", "Author", "Committer", "Signature", "Request", "Approved by")
    yield Table("Commits", (*heads, "Entries", "Why"), tuple(rows), frozenset({7}))


def _changes(trail: Trail) -> Iterator[Part]:
    yield Heading("Entries, by commit")
    for each in trail.commits:
        if each.steps:
            yield Heading(_commit(each), 3)
            yield Items(tuple((_told(step), tuple(_lines(step))) for step in each.steps[:_SHOWN]))
            if len(each.steps) > _SHOWN:
                kinds = Counter(step.kind for step in each.steps[_SHOWN:])
                more = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
                yield Text(f"And {more}: 'git show {each.commit.id[:9]}' has them.")


def _told(step: Step) -> str:
    if step.kind == "moved" and step.before and step.after:
        return f"moved {step.before.path}:{step.before.line} to {step.after.path}:{step.after.line}"
    return f"{step.kind} {_place(step)}"


def _lines(step: Step) -> Iterator[str]:
    """The lines that went and came; all of them where the entry is new or gone."""
    before, after = (side.text.split("\n") if side else [] for side in (step.before, step.after))
    for line in difflib.ndiff(before, after):
        if line[0] in "+-":
            yield f"{'−' if line[0] == '-' else '+'} {line[2:]}"


def _place(step: Step) -> str:
    side = step.after or step.before
    return f"{side.path}:{side.line}" if side else ""


def _commit(each: Recorded) -> str:
    commit = each.commit
    return f"{commit.id[:9]} {commit.committed[:10]} {commit.author}: {commit.subject}"


def _actions(trail: Trail) -> Iterator[Part]:
    """What git cannot know, as this copy of the books remembers it."""
    yield Heading("Exports, reports and servings")
    if not trail.actions.actions:
        yield Text("None in this copy of the books.")
        return
    rows = tuple(
        Row(
            (
                each.when[:16].replace("T", " "),
                each.who,
                each.what,
                ", ".join(f"{key} {value}" for key, value in each.details.items() if value),
            )
        )
        for each in trail.actions.actions
    )
    yield Table("Actions", ("When (UTC)", "Who", "What", "With"), rows)


def _found(title: str, findings: Sequence[Finding]) -> Iterator[Part]:
    if findings:
        yield Heading(title)
        rows = (
            Row(
                (
                    f.code,
                    f.severity.value,
                    f"{f.file}:{f.line}",
                    f"{f.message} ({f.waived})" if f.waived else f.message,
                )
            )
            for f in findings
        )
        yield Table(title, ("Code", "Severity", "Place", "What"), tuple(rows))
