"""All that each rule says of its cases, word for word (``BOOKS_UPDATE_GOLDEN=1``): day, place,
entities, amounts, the paper wanted, the directive to paste, and the fingerprint that decisions
about a finding hang on.

A rule is run alone on its own cases, so that ``make mutate`` knows which cases judge which rule.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data
from veil_cases import CASES, books_of, codes_of, loaded, told

from core.findings import Finding
from core.journal.books import Books
from plugins import run
from plugins.looks import Looks
from plugins.rule import Rule

FOLDERS = sorted({path.parent for path in CASES.glob("*/*.beancount")} - {CASES / "registry"})
RULES = run.RULES


def rules_of(path: Path) -> list[Rule]:
    return [rule for rule in RULES if rule.code in codes_of(path)]


def looked_at(rule: Rule, books: Books) -> Sequence[data.Directive]:
    """The entries that the rule says it needs."""
    looks = Looks([rule], books)
    return [e for e in books.entries if not isinstance(e, data.Transaction) or looks(e)]


def all_of_it(books: Books, rule: Rule) -> Books:
    return books


def what_it_looks_at(books: Books, rule: Rule) -> Books:
    entries = looked_at(rule, books)
    return books.only(e for e in entries if isinstance(e, data.Transaction))


def among_strangers(books: Books, rule: Rule) -> Books:
    """With people and companies before them that have nothing to do with the case."""
    entries = [*loaded(CASES / "strangers.beancount")[0], *books.entries]
    entries.sort(key=data.entry_sortkey)
    own = Books.of(entries, books.options, kind=books.kind, as_of=books.as_of)
    return replace(own, base=books.base)


def with_nothings(books: Books) -> Books:
    """With each posting once more, of nothing, before the others."""
    entries = [
        entry._replace(postings=[*map(_nothing, entry.postings), *entry.postings])
        if isinstance(entry, data.Transaction)
        else entry
        for entry in books.entries
    ]
    return replace(books, entries=entries)


def _nothing(posting: data.Posting) -> data.Posting:
    return posting._replace(units=posting.units._replace(number=Decimal("0.00")))


def said(path: Path, seen: Callable[[Books, Rule], Books], patch: pytest.MonkeyPatch) -> str:
    """What the case's rules say of its people."""
    found = []
    for rule in rules_of(path):
        patch.setattr(run, "RULES", [rule])
        books = seen(books_of(path), rule)
        found += [f for f in run.run_rules(books) if f.code == rule.code]
    found = [f for f in found if "strangers" not in f.file]
    return f"== {path.stem}\n{told(found)}"


@pytest.mark.parametrize("seen", [all_of_it, what_it_looks_at, among_strangers])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_rule_says_of_its_cases_what_it_always_said(
    folder: Path, seen: Callable[[Books, Rule], Books], monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(folder.glob("*.beancount"))
    text = "\n".join(said(path, seen, monkeypatch) for path in cases)
    golden = folder / "findings.txt"
    if os.environ.get("BOOKS_UPDATE_GOLDEN") and seen is all_of_it:
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_posting_of_nothing_changes_nothing(folder: Path) -> None:
    cases = sorted(folder.glob("*.beancount"))
    for path, rule in [(case, each) for case in cases for each in rules_of(case)]:
        if rule.code == "VEIL-021":  # a seal is of all that is written
            continue
        books = books_of(path)
        found, again = (list(rule.check(each)) for each in (books, with_nothings(books)))
        assert [judged(f) for f in again] == [judged(f) for f in found], path


def judged(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.severity, finding.date, finding.line


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_rule_looks_at_little(folder: Path) -> None:
    """How many transactions of each case: who looks at more is slower, and no other test sees."""
    lines = []
    for path in sorted(folder.glob("*.beancount")):
        books = books_of(path)
        for rule in rules_of(path):
            if rule.looks_at:
                few = len(looked_at(rule, books)) - len(books.entries) + len(books.transactions)
                lines.append(f"{path.stem}: {rule.code} {few} of {len(books.transactions)}\n")
    golden = folder / "looks_at.txt"
    if os.environ.get("BOOKS_UPDATE_GOLDEN") and lines:
        golden.write_text("".join(lines))
    assert "".join(lines) == (golden.read_text() if golden.exists() else "")


def test_the_lint_of_the_registry_says_what_it_always_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RULES", [])
    cases = sorted((CASES / "registry").glob("*.beancount"))
    text = "\n".join(f"== {path.stem}\n{told(run.run_rules(books_of(path)))}" for path in cases)
    golden = CASES / "registry/findings.txt"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
