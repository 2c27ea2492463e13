"""All that each rule says of its cases, word for word (``BOOKS_UPDATE_GOLDEN=1``): day, place,
entities, amounts, the paper wanted, the directive to paste, and the fingerprint that decisions
about a finding hang on.

A rule is run alone on its own cases, so that ``make mutate`` knows which cases judge which rule.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from beancount.core import data
from veil_cases import CASES, books_of, codes_of, told

from core.journal.books import Books
from plugins import run
from plugins.rule import Rule

FOLDERS = sorted({path.parent for path in CASES.glob("*/*.beancount")} - {CASES / "registry"})
RULES = run.RULES


def rules_of(path: Path) -> list[Rule]:
    return [rule for rule in RULES if rule.code in codes_of(path)]


def looked_at(rule: Rule, books: Books) -> Sequence[data.Directive]:
    """The entries that the rule says it needs."""
    looks_at = rule.looks_at
    if looks_at is None:
        return books.entries
    is_seen = (not isinstance(e, data.Transaction) or looks_at(e, books) for e in books.entries)
    return [entry for entry, seen in zip(books.entries, is_seen, strict=True) if seen]


def said(path: Path, *, narrow: bool, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the case's rules say of it; ``narrow``: each of what it looks at and no more."""
    found = []
    for rule in rules_of(path):
        books = books_of(path)
        if narrow:
            books = replace(books, entries=looked_at(rule, books))
        monkeypatch.setattr(run, "RULES", [rule])
        found += [f for f in run.run_rules(books) if f.code == rule.code]
    return f"== {path.stem}\n{told(found)}"


@pytest.mark.parametrize("narrow", [False, True], ids=["all", "what it looks at"])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_rule_says_of_its_cases_what_it_always_said(
    folder: Path, narrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(folder.glob("*.beancount"))
    text = "\n".join(said(path, narrow=narrow, monkeypatch=monkeypatch) for path in cases)
    golden = folder / "findings.txt"
    if os.environ.get("BOOKS_UPDATE_GOLDEN") and not narrow:
        golden.write_text(text)
    assert text == golden.read_text()


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
