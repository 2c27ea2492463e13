"""The forms of a review: one comment in Markdown with the verdict in front, text, JSON.

What comes from a proposal stands in code spans, as in the book diff: its text marks nothing up,
mentions nobody and links nowhere.
"""

import json
from collections.abc import Callable, Sequence

from core.findings import Finding, Severity
from core.show import place
from reports.bookdiff.as_json import to_json
from reports.bookdiff.markdown import MOST, as_markdown, code
from reports.bookdiff.text import as_text
from reports.bookdiff.words import clean, count
from reports.review.model import Review

MARK = "<!-- books review -->"
_MOST_FINDINGS, _MOST_NAMES = 40, 20


def render(review: Review, form: str) -> str:
    """The review as ``text``, ``md`` or ``json``."""
    return {"text": _text, "md": _markdown, "json": _json}[form](review)


def verdict(review: Review) -> str:
    """One sentence."""
    errors, warnings = review.count(Severity.ERROR), review.count(Severity.WARNING)
    told = f"{count(errors, 'error')}, {count(warnings, 'warning')}"
    if review.diff is None:
        return f"Refused: the proposal cannot be judged before it is mended ({told})."
    if not review.is_fine:
        return f"Refused: {told}."
    return f"Fine: {count(warnings, 'warning')}, no error." if warnings else "Fine: nothing found."


def _markdown(review: Review) -> str:
    lines = [MARK, f"### {verdict(review)}", ""]
    lines += [f"- {line}" for line in _findings(review, code)]
    lines += [f"- {line}" for line in _people(review, code)]
    out = "\n".join(lines).rstrip() + "\n\n"
    end = "\n" + "\n".join(f"<sub>{line}</sub>  " for line in _ground(review, code)) + "\n"
    if review.diff is not None:
        out += as_markdown(review.diff, MOST - len(out) - len(end))
    return out + end


def _text(review: Review) -> str:
    lines = [verdict(review), *(f"  {line}" for line in _findings(review, clean))]
    lines += [f"  {line}" for line in _people(review, clean)]
    out = "\n".join(lines) + "\n\n"
    if review.diff is not None:
        out += as_text(review.diff) + "\n"
    return out + "\n".join(_ground(review, clean)) + "\n"


def _findings(review: Review, name: Callable[[str], str]) -> list[str]:
    out = [_finding(each, name) for each in review.findings[:_MOST_FINDINGS]]
    rest = len(review.findings) - _MOST_FINDINGS
    if rest > 0:
        out.append(f"and {count(rest, 'more finding')}; books review --format json has all of them")
    if review.standing > 0:
        out.append(f"{count(review.standing, 'error')} stood there before, and do not count")
    return out


def _finding(finding: Finding, name: Callable[[str], str]) -> str:
    where = f"{name(place(finding))}: " if finding.file else ""
    return f"{finding.severity} {finding.code} {where}{name(finding.message)}"


def _people(review: Review, name: Callable[[str], str]) -> list[str]:
    authors = _some(review.authors, name) or "nobody"
    approvers = _some(review.approvers, name) or "nobody yet"
    return [f"made by {authors}; approved by {approvers}"]


def _some(names: Sequence[str], name: Callable[[str], str]) -> str:
    """The first names, and how many more there are."""
    rest = len(names) - _MOST_NAMES
    more = [f"{rest} more"] if rest > 0 else []
    return ", ".join([*map(name, names[:_MOST_NAMES]), *more])


def _ground(review: Review, name: Callable[[str], str]) -> list[str]:
    """What the verdict stands on."""
    out = [
        f"Rules, policy, options and plugins are those of {name(review.labels[0])}; only data of "
        f"{name(review.labels[1])} was read, and none of its code was run.",
        f"Read in a child process: {review.walls}.",
    ]
    rest = len(review.notes) - _MOST_NAMES
    more = [f"Note: {rest} more; books review --format json has them."] if rest > 0 else []
    return [*out, *(f"Note: {name(note)}." for note in review.notes[:_MOST_NAMES]), *more]


def _json(review: Review) -> str:
    said = {
        "verdict": "fine" if review.is_fine else "refused",
        "base": review.labels[0],
        "head": review.labels[1],
        "findings": [finding.to_json() for finding in review.findings],
        "errors_before": review.standing,
        "authors": list(review.authors),
        "approvers": list(review.approvers),
        "child": review.walls,
        "notes": list(review.notes),
        "diff": to_json(review.diff) if review.diff is not None else None,
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
