"""Laws of every cure, whatever the finding and the answer: tried on the muddled year."""

from dataclasses import replace

import pytest
from muddled_year import muddled
from year_books import at_the_banks

from core.findings import Finding, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.working import WorkingCopy
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Paper, Remedy
from scripts import books as loading
from scripts.mending import applied, asked, tried

FACTS = {"rate": "5.00", "maturity": "demand", "schedule": "monthly"}


@pytest.fixture(scope="module")
def muddle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Books, list[Finding]]:
    path = tmp_path_factory.mktemp("muddle")
    muddled(path)
    home = Home(path)
    books = read(home.main_root, home=home)
    return home, books, loading.check(books)


def answered(finding: Finding, books: Books, answer: Answer, depth: int = 0) -> list[Remedy]:
    """The remedies at the end of all ways to answer."""
    found = asked(finding, books, answer)
    if not isinstance(found, Choice) or depth == 2:
        return [found]
    ends = []
    for name in found.answers:
        if found.option == "--as":
            further = replace(answer, chosen=name)
        elif found.option == "--who":
            further = replace(answer, who=name)
        elif finding.code == "VEIL-009":
            further = replace(answer, said=FACTS)
        else:
            continue
        ends += answered(finding, books, further, depth + 1)
    return ends


def test_no_cure_of_any_answer_touches_a_bank_or_breaks_an_entry(
    muddle: tuple[Home, Books, list[Finding]],
) -> None:
    home, books, findings = muddle
    before = at_the_banks(books)
    cures = 0
    for finding in findings:
        for remedy in answered(finding, books, Answer()):
            if not isinstance(remedy, Cure):
                assert isinstance(remedy, Choice | Paper | ByHand)
                continue
            after = applied(WorkingCopy(home, books), remedy).books()
            held = {key: number for key, number in at_the_banks(after).items() if number}
            assert held == before, finding
            assert not [f for f in after.findings if f.code.startswith(("BC-", "LINT-"))], finding
            cures += 1
    assert cures > 40


def test_a_cure_is_made_once_and_reading_it_changes_nothing(
    muddle: tuple[Home, Books, list[Finding]],
) -> None:
    home, books, findings = muddle
    files = {p: p.read_bytes() for p in home.ledger.rglob("*") if p.is_file()}
    for finding in findings:
        if finding.code not in {"VEIL-003", "VEIL-012", "VEIL-007"}:
            continue
        cure = asked(finding, books, Answer())
        if not isinstance(cure, Cure):
            continue
        done = tried(home, books, finding, cure)
        assert finding.fingerprint not in {f.fingerprint for f in done.after}
        assert done.change.files
    assert {p: p.read_bytes() for p in home.ledger.rglob("*") if p.is_file()} == files


def test_an_answer_that_is_none_is_refused_or_asked_again(
    muddle: tuple[Home, Books, list[Finding]],
) -> None:
    _, books, findings = muddle
    for finding in findings:
        try:
            found = asked(finding, books, Answer(chosen="nonsense", who="Nobody"))
        except UserError:
            continue
        if isinstance(found, Cure):
            said = "".join(block.text for _, _, block in found.blocks)
            said += "".join(f"{edit.head}{edit.instead}" for edit in found.edits)
            assert "nonsense" not in said
            assert "Nobody" not in said
