"""Every case is a small book: what it is in its name, what is expected in its head."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest
from beancount import loader

from bulkhead.veil import veil
from core.findings import Finding
from core.journal.books import Books
from plugins.run import RULES, run_rules

CASES = Path(__file__).resolve().parents[1] / "cases" / "veil"
BOOKS = sorted(CASES.glob("*/*.beancount"))


def head(path: Path, key: str) -> list[str]:
    return re.findall(rf"^;; {key}: (.+)$", path.read_text(), re.MULTILINE)


def findings(path: Path) -> list[Finding]:
    entries, errors, options = loader.load_file(str(path))
    assert not errors
    as_of = head(path, "as-of")
    books = Books.of(
        entries,
        options,
        kind=(head(path, "kind") or ["group"])[0],
        as_of=dt.date.fromisoformat(as_of[0]) if as_of else None,
    )
    return run_rules(books)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_has_exactly_the_findings_of_its_head(path: Path) -> None:
    """Each case is judged by the rule that it is about, and by those that its head names: a small
    book about one thing lacks what others ask for."""
    found = [f for f in findings(path) if f.code in judging(path)]
    assert Counter(f"{f.code} {f.severity}" for f in found) == Counter(head(path, "expect"))
    assert all(f.message and f.file and f.line for f in findings(path))


def judging(path: Path) -> set[str]:
    named = {line.split()[0] for line in head(path, "expect")}
    others = {rule.code for rule in RULES if rule.code.lower() != path.parent.name}
    return named | {f.code for f in findings(path)} - others


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_case_that_fires_and_a_near_miss(rule) -> None:
    folder = CASES / rule.code.lower()
    expected = [head(path, "expect") for path in folder.glob("*.beancount")]
    assert any(any(rule.code in line for line in lines) for lines in expected)
    assert [] in expected


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_plugin_says_the_errors_and_changes_no_entry(path: Path) -> None:
    entries, _, options = loader.load_file(str(path))
    before = list(entries)
    after, errors = veil(entries, options, (head(path, "kind") or ["group"])[0])
    assert after == before
    if not head(path, "as-of"):
        expected = [f"{f.code} {f.message}" for f in findings(path) if f.severity == "error"]
        assert [error.message for error in errors] == expected


def test_a_wrong_argument_is_one_clear_error() -> None:
    entries, _, options = loader.load_file(str(BOOKS[0]))
    _, (error,) = veil(entries, options, "goup")
    assert 'write "group" or "entity", not "goup"' in error.message


def test_twins_have_different_fingerprints_and_a_moved_entry_keeps_its_own(tmp_path: Path) -> None:
    text = (CASES / "veil-002/a_personal_charge_is_tagged_as_such.beancount").read_text()
    entry = text[text.index("2026-05-02") :]
    chart = text[: text.index("2026-05-02")].replace("../chart", str(CASES / "chart"))
    first, second = tmp_path / "one.beancount", tmp_path / "two.beancount"
    first.write_text(f"{chart}\n{entry}\n{entry}")
    second.write_text(f"{chart}\n\n\n\n{entry}")
    twins = [f.fingerprint for f in findings(first)]
    assert len(set(twins)) == 2
    assert next(f.fingerprint for f in findings(second)) in twins


def test_a_severity_is_dated_policy(tmp_path: Path) -> None:
    case = CASES / "veil-005/an_advance_with_one_half_only.beancount"
    text = case.read_text().replace("../chart", str(CASES / "chart"))
    path = tmp_path / "x.beancount"
    path.write_text('2026-07-02 custom "veil-rule" "VEIL-005" "warning"\n' + text)
    assert [f.severity for f in findings(path)] == ["error"]
    path.write_text('2026-07-01 custom "veil-rule" "VEIL-005" "warning"\n' + text)
    assert [f.severity for f in findings(path)] == ["warning"]


def test_cures_are_directives_that_parse() -> None:
    from beancount.parser import parser

    cured = 0
    for path in BOOKS:
        for finding in findings(path):
            if re.match(r"\d{4}-", finding.fix):
                _, errors, _ = parser.parse_string(finding.fix)
                assert not errors, finding.fix
                cured += 1
    assert cured > 5
