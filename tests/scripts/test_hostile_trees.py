"""Proposals that mean harm end in a clear verdict: nothing is run, nothing of outside is told."""

import re
from pathlib import Path

import pytest
from crash_deeds import new_home
from hostile_trees import TREES, Hostile, Place
from proposals import Repository

from scripts.main import main

OUTSIDE = "canary-4711-of-the-machine"
# What acts on a terminal or turns the reading order round; the answer has line ends only.
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("hostile")
    repository = Repository(new_home(folder / "books").path)
    secret = folder / "secret.txt"
    secret.write_text(f'2026-01-01 open "{OUTSIDE}\n')
    canary = folder / "canary"
    run = f"touch {canary}"
    for name, value in (
        ("filter.evil.smudge", run),
        ("filter.evil.clean", run),
        ("diff.evil.textconv", run),
        ("diff.evil.command", run),
        ("merge.evil.driver", run),
    ):
        repository.git("config", name, value)
    return Place(repository, secret, canary)


def said(
    place: Place, head: str, capsys: pytest.CaptureFixture[str], *more: str, base: str = "main"
) -> tuple[int, str]:
    """The exit status of a review, and all that it says."""
    capsys.readouterr()
    args = ["--home", str(place.repository.folder), "review", "--base", base, "--head", head]
    with pytest.raises(SystemExit) as ended:
        main([*args, *more])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out + captured.err


def test_there_are_at_least_28() -> None:
    assert len(TREES) >= 28


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_the_verdict_is_clear(
    tree: Hostile, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    head = place.repository.commit(tree.changes(place))
    status, text = said(place, head, capsys, "--format", "md")
    assert (status, tree.says in text) == (tree.status, True), text[:3_000]
    assert text.startswith("<!-- books review -->\n### ")
    assert not place.canary.exists()
    assert OUTSIDE not in text
    assert "root:x:0" not in text
    assert not ACTING.search(text)
    assert len(text) <= 60_000
    outside = re.sub(r"(?s)(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
    outside = re.sub(r"</?(details|summary|sub)>|<!-- books review -->|&#\d+;", "", outside)
    assert not re.search(r"@|\]\(|https?:|<", outside), outside


def test_a_replacement_does_not_count(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = place.repository.commit({"ledger/acme/x.py": place.code})
    place.repository.git("replace", "-f", wrong, "main")
    try:
        status, text = said(place, wrong, capsys)
    finally:
        place.repository.git("replace", "-d", wrong)
    assert (status, "REVIEW-TREE" in text) == (1, True)


def test_a_graft_does_not_count(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = place.repository.commit({"ledger/acme/x.py": place.code})
    grafts = place.repository.folder / ".git/info/grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(f"{wrong}\n")
    try:
        status, text = said(place, wrong, capsys)
    finally:
        grafts.unlink()
    assert (status, "REVIEW-TREE" in text) == (1, True)


def test_objects_from_elsewhere_are_objects(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A clone that borrows its objects is judged like any other."""
    wrong = place.repository.commit({"ledger/acme/x.py": place.code})
    other = Repository(tmp_path / "other")
    place.repository.git("clone", "-q", "-s", "--bare", ".", str(other.folder))
    status, text = said(Place(other, place.secret, place.canary), wrong, capsys)
    assert (status, "REVIEW-TREE" in text) == (1, True)


@pytest.mark.parametrize("head", ["", "nowhere", "--output=x", "-x", "a\nb", "main:ledger"])
def test_what_is_no_revision_cannot_be_judged(
    head: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(place, head, capsys)[0] == 2


def test_what_has_no_commit_in_common_cannot_be_judged(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = place.repository.commit({"ledger/group.beancount": ""}, parent="")
    status, text = said(place, alone, capsys)
    assert (status, "no commit in common" in text) == (2, True)


def test_an_author_of_separators_is_one_author(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    email = "a\x1fb\x1fc\x1b[2J@example.com"
    head = place.repository.commit({"ledger/x.txt": "x"}, email=email)
    status, text = said(place, head, capsys)
    assert status == 0
    assert "made by a�b�c�[2J@example.com; approved" in text


def test_an_author_of_markdown(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    head = place.repository.commit({"ledger/x.txt": "x"}, email="a`](https://e.example)@all")
    _, text = said(place, head, capsys, "--format", "md")
    assert "``a`](https://e.example)@all``" in text
