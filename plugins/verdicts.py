"""What rules found, kept as long as nothing is another that it was found from.

A rule's findings are kept with the name of all that it sees unasked, the questions that it asked
besides, and what the answers were. Who sees the same, and whose questions are answered the same
now, finds the same. One verdict is kept of each rule: the last one.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from core.bills.forecast import may_be_held
from core.cache.slim import digest
from core.findings import Finding, Severity
from core.journal.asked import Question
from core.journal.books import Books
from core.journal.parts import Parts
from plugins.rule import Rule
from plugins.veil.evidence import EVIDENT, evident
from plugins.veil.gathering import may_sum_up


@dataclass(frozen=True)
class _Verdict:
    """Findings, and all that they were found from: what was seen, on which lines where something
    was found, and what was asked."""

    seen: str
    lines: Mapping[str, str]
    asked: Sequence[Question]
    answers: str
    findings: Sequence[Finding]


class Verdicts:
    """The verdicts of the rules on some books."""

    def __init__(self, books: Books, parts: Parts, lines: Callable[[str], str]) -> None:
        self._books = books
        self._parts = parts
        self._lines = cache(lines)
        self._name = f"verdict {books.root} {books.kind}"
        self._known: dict[str, _Verdict | None] = parts.seen.setdefault(self._name, {})
        self._answered: dict[Question, str | None] = {}
        may_sum_up(parts)
        may_be_held(parts)

    def known(self, rule: Rule, seen: str) -> Sequence[Finding] | None:
        """What the rule finds, where that is known."""
        verdict = self._of(rule)
        if verdict is None or verdict.seen != seen:
            return None
        if any(self._lines(file) != lines for file, lines in verdict.lines.items()):
            return None
        return verdict.findings if self._answers(verdict.asked) == verdict.answers else None

    def keep(
        self, rule: Rule, seen: str, asked: Iterable[Question], findings: Sequence[Finding]
    ) -> None:
        """Keeps what the rule found: here, and for the next process."""
        questions = sorted(asked)
        answers = self._answers(questions)
        files = {finding.file for finding in findings}
        lines = {file: self._lines(file) for file in sorted(files)}
        verdict = _Verdict(seen, lines, questions, answers, findings) if answers else None
        before = self._of(rule)
        self._known[rule.code] = verdict
        if verdict != before:
            self._parts.keep(f"{self._name} {rule.code}", verdict and _row(verdict))

    def _of(self, rule: Rule) -> _Verdict | None:
        if rule.code not in self._known:
            row = self._parts.recall(f"{self._name} {rule.code}")
            self._known[rule.code] = row and _verdict(row)
        return self._known[rule.code]

    def _answers(self, questions: Iterable[Question]) -> str:
        """What all of them are answered now, in short; empty where nobody can tell."""
        answers = []
        for question in questions:
            if question not in self._answered:
                self._answered[question] = self._answer(*question)
            answer = self._answered[question]
            if answer is None:
                return ""
            answers.append(answer)
        return digest(answers)

    def _answer(self, kind: str, *about: str) -> str | None:
        match kind, *about:
            case "by file", name, part:
                return self._parts.answer(name, part)
            case "file", path:
                return str(self._books.has_file(Path(path)))
            case _ if kind == EVIDENT:
                text, folder = about[1], about[0]
                return str(evident(text, folder, self._books))
            case _:
                return None


def _row(verdict: _Verdict) -> list[Any]:
    found = [[*map(_plain, _VALUES(each))] for each in verdict.findings]
    return [verdict.seen, verdict.lines, verdict.asked, verdict.answers, found]


def _plain(value: Any) -> Any:
    return value.toordinal() if isinstance(value, dt.date) else value


def _verdict(row: Sequence[Any]) -> _Verdict:
    seen, lines, asked, answers, found = row
    questions = [tuple(each) for each in asked]
    return _Verdict(seen, lines, questions, answers, [*map(_finding, found)])


_FIELDS = [field.name for field in fields(Finding)]
_VALUES = attrgetter(*_FIELDS)


def _finding(row: Sequence[Any]) -> Finding:
    values = dict(zip(_FIELDS, map(_frozen, row), strict=True))
    day = values["date"] and dt.date.fromordinal(values["date"])
    return Finding(**{**values, "severity": Severity(values["severity"]), "date": day})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
