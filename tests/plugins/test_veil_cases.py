"""Every case is a small book: what it is in its name, what is expected in its head."""

import re
from collections import Counter
from pathlib import Path

import pytest
from beancount.core import data, interpolate
from beancount.parser import parser
from veil_cases import BOOKS, CASES, books_of, codes_of, head, loaded

from bulkhead.veil import veil
from core.findings import Finding
from plugins.run import RULES, run_rules


def findings(path: Path) -> list[Finding]:
    return run_rules(books_of(path))


def judged(path: Path, folder: str = "") -> list[Finding]:
    """What the rule of the case's folder finds, those that the head speaks of, and the lint: a
    small book has no paper for all else that it says."""
    own = codes_of(path) | {folder.upper()}
    return [f for f in findings(path) if f.code in own or f.code.startswith("LINT")]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_has_exactly_the_findings_of_its_head(path: Path) -> None:
    found = [f"{f.code} {f.severity}" for f in judged(path)]
    assert Counter(found) == Counter(head(path, "expect"))
    assert all(f.message and f.file and f.line for f in findings(path))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_case_that_fires_and_a_near_miss(rule) -> None:
    folder = CASES / rule.code.lower()
    expected = [head(path, "expect") for path in folder.glob("*.beancount")]
    assert any(any(rule.code in line for line in lines) for lines in expected)
    assert [] in expected


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_plugin_says_the_errors_and_changes_no_entry(path: Path) -> None:
    entries, options = loaded(path)
    before = list(entries)
    after, errors = veil(entries, options, (head(path, "kind") or ["group"])[0])
    assert after == before
    if not head(path, "as-of"):
        expected = [f"{f.code} {f.message}" for f in findings(path) if f.severity == "error"]
        assert [error.message for error in errors] == expected


def test_a_wrong_argument_is_one_clear_error() -> None:
    entries, options = loaded(BOOKS[0])
    _, (error,) = veil(entries, options, "goup")
    assert 'write "group" or "entity", not "goup"' in error.message


def test_twins_have_different_fingerprints_and_a_moved_entry_keeps_its_own(tmp_path: Path) -> None:
    text = (CASES / "veil-002/a_personal_charge_is_tagged_as_such.beancount").read_text()
    entry = text[text.index("2026-05-02") :]
    chart = text[: text.index("2026-05-02")].replace("../chart", str(CASES / "chart"))
    first, second = tmp_path / "one.beancount", tmp_path / "two.beancount"
    first.write_text(f"{chart}\n{entry}\n{entry}")
    second.write_text(f"{chart}\n\n\n\n{entry}")
    twins = [f.fingerprint for f in judged(first, "VEIL-002")]
    assert len(set(twins)) == 2
    assert next(f.fingerprint for f in judged(second, "VEIL-002")) in twins


def test_a_severity_is_dated_policy(tmp_path: Path) -> None:
    case = CASES / "veil-005/an_advance_with_one_half_only.beancount"
    text = case.read_text().replace("../chart", str(CASES / "chart"))
    later, then = tmp_path / "later.beancount", tmp_path / "then.beancount"
    later.write_text('2026-07-02 custom "veil-rule" "VEIL-005" "warning"\n' + text)
    assert [f.severity for f in judged(later, "VEIL-005")] == ["error"]
    then.write_text('2026-07-01 custom "veil-rule" "VEIL-005" "warning"\n' + text)
    assert [f.severity for f in judged(then, "VEIL-005")] == ["warning"]


def test_cures_are_directives_that_parse_and_balance() -> None:
    cured = 0
    for path in BOOKS:
        for finding in findings(path):
            if re.match(r"\d{4}-", finding.fix):
                entries, errors, _ = parser.parse_string(finding.fix)
                assert not errors, finding.fix
                for entry in entries:
                    if isinstance(entry, data.Transaction):
                        left = interpolate.compute_residual(entry.postings)
                        assert left.is_empty(), finding.fix
                cured += 1
    assert cured > 5
