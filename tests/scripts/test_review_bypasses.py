"""Ways around separation of duties and around the limits of a review, each with its near miss."""

import json
import subprocess
from pathlib import Path

import pytest
from proposals import HOSTING, OCTOBER, Repository

from core import commits, git
from core.findings import UserError
from scripts.forges import hook
from scripts.main import main

ALONE = """\
people:
  - name: Jane Roe
    emails: [jane@example.com]
    login: janeroe
    roles: {"*": owner}
  - name: Paula
    emails: [paula@example.com]
    login: paulap
    roles: {Acme: preparer}
  - name: Adam Admin
    emails: [adam@example.com]
    roles: {"*": admin}
  - name: Ed Audit
    emails: [ed@example.com]
    roles: {"*": auditor}
"""
WITH_ANN = """\
  - name: Ann
    emails: [ann@example.com]
    roles: {Acme: accountant}
"""
JANE, PAULA, ANN = "jane@example.com", "paula@example.com", "ann@example.com"
PAPER = "documents/acme/receipt.pdf"
NOTE = '2026-10-01 note Assets:Jane:Cash "looked at"\n'


@pytest.fixture
def repository(home) -> Repository:
    return Repository(home.path)


def with_people(repository: Repository, text: str) -> None:
    commit = repository.commit({"rules/people.yaml": text})
    repository.git("update-ref", "refs/heads/main", commit)


def proposed(repository: Repository, *emails: str, name: str = OCTOBER, text: str = HOSTING) -> str:
    """A commit of each, one on the other, that change one file."""
    head = "main"
    for number, email in enumerate(emails):
        head = repository.commit({name: text + f"; {number}\n"}, parent=head, email=email)
    return head


def reviewed(
    repository: Repository, head: str, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, str]:
    capsys.readouterr()
    args = ["--home", str(repository.folder), "review", "--base", "main", "--head", head, *more]
    with pytest.raises(SystemExit) as ended:
        main(args)
    return int(ended.value.code or 0), capsys.readouterr().out


def by(*names: str) -> list[str]:
    return [word for name in names for word in ("--approved-by", name)]


OPENED = ["--author", "paulap"]


@pytest.mark.parametrize(
    ("people", "emails", "more", "status"),
    [
        # A preparer writes the names of all who may approve on commits of their own.
        (ALONE, [JANE], OPENED, 1),
        (ALONE, [PAULA, JANE], [], 1),
        (ALONE + WITH_ANN, [PAULA, JANE, ANN], OPENED, 1),
        # The only one who may approve worked on it as well, and approves the preparer's part.
        (ALONE, [PAULA, JANE], [*OPENED, *by("janeroe")], 0),
        (ALONE, [JANE], ["--author", "janeroe"], 0),
        # Two who may approve made a part each: each approves the other's.
        (ALONE + WITH_ANN, [JANE, ANN], by("janeroe"), 1),
        (ALONE + WITH_ANN, [JANE, ANN], by("janeroe", ANN), 0),
        # A commit that nobody but the forge made.
        (ALONE + WITH_ANN, ["noreply@github.com"], by(ANN), 1),
        # A stranger's login is Ann's first name.
        (ALONE + WITH_ANN, [PAULA], by("ann"), 1),
        (ALONE + WITH_ANN, [PAULA], by(ANN), 0),
    ],
)
def test_who_approves(
    people: str,
    emails: list[str],
    more: list[str],
    status: int,
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with_people(repository, people)
    said = reviewed(repository, proposed(repository, *emails), capsys, *more)
    assert said[0] == status, said[1]


def test_an_admin_who_signs_as_the_owner_is_not_the_owner(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    with_people(repository, ALONE)
    rule = {"name": "rules/policy.beancount", "text": "; looser\n"}
    head = proposed(repository, JANE, **rule)
    adam = ["--author", "adam@example.com"]
    status, text = reviewed(repository, head, capsys, *adam)
    assert (status, "the part of Adam Admin wants the approval of Jane Roe" in text) == (1, True)
    assert reviewed(repository, head, capsys, *adam, *by("janeroe"))[0] == 0


@pytest.mark.parametrize(
    ("email", "name", "text", "approver", "status"),
    [
        (PAULA, PAPER, "a receipt", [], 1),  # a paper is changed: somebody looks at it
        (PAULA, PAPER, "a receipt", by("janeroe"), 0),
        ("ed@example.com", PAPER, "a receipt", by("janeroe"), 1),
        (PAULA, OCTOBER, NOTE, by("janeroe"), 1),  # Jane's own books, from Acme's folder
        (PAULA, OCTOBER, NOTE.replace("Jane:Cash", "Acme:Suspense"), by("janeroe"), 0),
    ],
)
def test_whose_books_are_touched(
    email: str,
    name: str,
    text: str,
    approver: list[str],
    status: int,
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with_people(repository, ALONE)
    said = reviewed(
        repository, proposed(repository, email, name=name, text=text), capsys, *approver
    )
    assert said[0] == status, said[1]


def test_people_of_one_name_are_refused(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    with_people(repository, ALONE.replace("Ed Audit", "Jane Roe"))
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(repository.folder), "review", "--base", "main", "--head", "main"])
    assert ended.value.code
    assert "'jane roe' is of both" in capsys.readouterr().err


def test_a_comment_stays_a_comment_with_three_thousand_authors(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = "".join(
        f"commit refs/heads/many\nauthor x <author{n}@example.com> 1790000000 +0000\n"
        f"committer x <author{n}@example.com> 1790000000 +0000\ndata 1\nx\n"
        + ("" if n else f"from {repository.git('rev-parse', 'main')}\n")
        for n in range(3_000)
    )
    repository.git("fast-import", "--quiet", given=stream.encode())
    status, text = reviewed(repository, "many", capsys, "--format", "md")
    assert (status, "2980 more; approved by nobody yet" in text) == (0, True)
    assert len(text) < 10_000
    said = json.loads(reviewed(repository, "many", capsys, "--format", "json")[1])
    assert len(said["authors"]) == 3_000


def test_trees_that_hold_each_other_end_the_review_at_once(repository: Repository) -> None:
    """Ten thousand million files in eleven objects."""
    raw = f"100644 blob {repository.blob(b'x')}\tx\n"
    for _ in range(10):
        tree = repository.git("mktree", given=raw.encode())
        raw = "".join(f"040000 tree {tree}\t{n}\n" for n in range(10))
    top = repository.git("mktree", given=raw.encode())
    head = repository.git("commit-tree", top, "-p", "main", "-m", "A bomb")
    with pytest.raises(UserError, match="more than 400,000 files"):
        commits.entries(repository.folder, head)
    assert len(commits.entries(repository.folder, "main")) < 100


def test_sizes_are_known_without_reading(repository: Repository) -> None:
    """What is too large to be looked through is never asked for."""
    large, small = repository.blob(b"; x\n" * 1_000), repository.blob(b"y")
    gone = "1" * 40
    assert git.sizes(repository.folder, [large, small, gone]) == {large: 4_000, small: 1}


def test_a_push_takes_nothing_back(repository: Repository, tmp_path: Path) -> None:
    """A forced push that drops a commit of main proposes nothing, and is refused all the same."""
    bare = tmp_path / "books.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repository.folder), str(bare)], check=True)
    receive = bare / "hooks/pre-receive"
    receive.parent.mkdir(exist_ok=True)
    receive.write_text(hook("pre-receive").replace("${BOOKS:-books}", "true"))
    receive.chmod(0o755)
    later = repository.commit({OCTOBER: HOSTING})
    repository.git("push", "-q", str(bare), f"{later}:refs/heads/main")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        repository.git("push", "-q", "--force", str(bare), "main:refs/heads/main")
    assert b"would take back commits" in refused.value.stderr
    assert git.commit_of(bare, "main") == later
