"""The files for a forge's CI: held against what its schema knows, and done, word for word."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bank as files
import ci as machine
import pytest
from ci import Runner, complaints, complaints_of_gitlab
from machine import require
from plaids import CHECKING, Nights, chase, committed, nights, shop

from core import git
from core.home import Home
from core.sealing_keys import new_key
from importers.plaid.fake.banks import FakeBank
from importers.plaid.fake.plaid import CLIENT_ID, SECRET
from importers.unattended.state import packed
from importers.unattended.timers import Job, Program, ci
from scripts.forges import files_for

JOB, PROGRAM = Job(Path("books"), ("books",)), Program("https://example.org/b.git", "c" * 40)
WORKFLOWS = {
    **{path.as_posix(): text for path, text in files_for("github").items()},
    **{path.as_posix(): text for path, text in files_for("gitea").items()},
    ".github/workflows/books.yml": ci("github", JOB, PROGRAM),
    ".gitea/workflows/books.yml": ci("gitea", JOB, PROGRAM),
}
GITLAB = {
    **{path.as_posix(): text for path, text in files_for("gitlab").items()},
    ".gitlab-ci.yml": ci("gitlab", JOB, PROGRAM),
}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_one(name: str) -> None:
    assert list(complaints(WORKFLOWS[name])) == []


@pytest.mark.parametrize("name", GITLAB)
def test_a_file_of_gitlabs_is_one(name: str) -> None:
    assert list(complaints_of_gitlab(GITLAB[name])) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("on:\n  schedule:", "on:\n  pull_request_target:\n  schedule:", "unknown event"),
        ("permissions: {}\n", "", "lacks permissions"),
        ("contents: write", "contents: all", "right all"),
        ("      pull-requests: write", "      everything: write", "unknown scope everything"),
        ("@11bd71901bbe5b1630ceea73d27597364c9af683", "@v4", "not pinned"),
        ("set -e", "echo ${{ github.event.pull_request.title }}", "an expression within a script"),
        ("    runs-on: ubuntu-24.04\n", "", "lacks runs-on"),
        ("        env:\n", "        environment:\n", "unknown key environment"),
    ],
)
def test_a_workflow_that_is_wrong_is_told(before: str, after: str, said: str) -> None:
    text = WORKFLOWS[".github/workflows/books.yml"]
    assert before in text
    assert said in " ".join(complaints(text.replace(before, after)))


# The night


@pytest.fixture
def bank() -> FakeBank:
    return chase().adds(shop("a", 1, "20.00"))


@pytest.fixture
def plaid(home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    with nights(home, bank) as ready:
        ready.connect(bank)
        yield ready


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Where the program is fetched from: its lock is all that the stand-in for pip is shown."""
    folder = tmp_path / "program"
    folder.mkdir()
    git.init(folder)
    (folder / "requirements.lock").write_text("# nothing\n")
    return Program(
        f"file://{folder}", git.commit(folder, [Path("requirements.lock")], "Program", {})
    )


@pytest.mark.parametrize("kind", ["github", "gitea", "gitlab"])
def test_the_night_of_a_forge_fetches_and_proposes(
    plaid: Nights, program: Program, tmp_path: Path, kind: str
) -> None:
    shared = tmp_path / "shared.git"
    subprocess.run(["git", "clone", "-q", "--bare", plaid.home.path, shared], check=True)
    secrets = {
        "BOOKS_KEY": os.environ["BOOKS_KEY"],
        "BOOKS_STATE": packed(plaid.home),
        "PLAID_CLIENT_ID": CLIENT_ID,
        "PLAID_SECRET": SECRET,
    }
    ambient = {"PLAID_ENV": plaid.fake.address, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    if kind == "gitlab":
        ambient |= secrets | {
            "BOOKS_FORGE_TOKEN": "",
            "CI_SERVER_HOST": "git.example.org",
            "CI_PROJECT_PATH": "jane/books",
            "CI_DEFAULT_BRANCH": "main",
        }
    runner = Runner(
        tmp_path / "runner",
        {f"secrets.{name}": value for name, value in secrets.items()},
        ambient,
        checkout_from=shared,
    )
    home = runner.folder / "home"
    home.mkdir(parents=True)
    there = "https://oauth2:@git.example.org/jane/books.git"
    (home / ".gitconfig").write_text(f'[url "file://{shared}"]\n  insteadOf = {there}\n')
    text = ci(kind, JOB, program)
    done = runner.gitlab(text) if kind == "gitlab" else runner.workflow(text)
    assert done == 0, runner.log
    assert "--require-hashes -r .books/program/requirements.lock" in runner.installed
    _, subject = git.call(shared, "log", "-1", "--format=%s", "import/open")
    assert subject == "Sync Chase: 1 new, 1 to review"
    said = "".join(runner.log)
    assert all(value not in said for value in secrets.values())


# The check on a proposal


@pytest.fixture
def proposal(home: Home, tmp_path: Path) -> dict[str, str]:
    """A proposal at a forge: the address and the two commits."""
    base = git.head(home.path)
    git.call(home.path, "switch", "-q", "-c", "proposal")
    month = home.ledger / "acme/2026/2026-10.beancount"
    month.parent.mkdir(exist_ok=True)
    month.write_text('2026-10-05 * "Bank" "Nothing much"\n')
    committed(home)
    shared = tmp_path / "forge/jane/books"
    shared.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", "--bare", home.path, shared], check=True)
    head = git.head(home.path)
    git.call(shared, "update-ref", "refs/merge-requests/7/head", head)
    return {"server": f"file://{tmp_path / 'forge'}", "base": base, "head": head}


def contexts(proposal: dict[str, str]) -> dict[str, str]:
    event = "github.event.pull_request"
    return {
        f"{event}.base.sha": proposal["base"],
        f"{event}.head.sha": proposal["head"],
        f"{event}.number": "7",
        f"{event}.user.login": "mallory",
        "github.repository": "jane/books",
        "github.server_url": proposal["server"],
        "github.token": "token-of-the-job",
        "github.event.workflow_run.head_sha": proposal["head"],
        "github.event.workflow_run.id": "99",
    }


def has_jq() -> bool:
    return shutil.which("jq") is not None


def reviews(proposal: dict[str, str]) -> str:
    told = [
        {
            "user": {"login": "jane"},
            "state": "APPROVED",
            "commit_id": proposal["head"],
            "dismissed": False,
        },
        {"user": {"login": "raj"}, "state": "APPROVED", "commit_id": "0" * 40, "dismissed": False},
        {"user": {"login": "eve"}, "state": "COMMENTED", "commit_id": proposal["head"]},
    ]
    return json.dumps(told)


@pytest.mark.parametrize("forge", ["github", "gitea"])
def test_a_proposal_is_judged_by_the_workflow(
    proposal: dict[str, str], tmp_path: Path, forge: str
) -> None:
    require(forge != "github" or has_jq(), "jq, which gh has built in, is not installed")
    text = next(iter(files_for(forge).values()))
    runner = Runner(
        tmp_path / "runner",
        contexts(proposal),
        machine.environment() | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        answers={"pulls/7/reviews": reviews(proposal)},
    )
    status = runner.workflow(text)
    said = "".join(runner.log)
    assert status in {0, 1}, said
    assert "Traceback" not in said
    assert "bulkhead-books==" in runner.installed
    if forge == "github":
        assert runner.artifact is not None
        shown = runner.artifact.read_text()
        assert shown.startswith("<!-- books review -->")
        assert "Cannot be judged" not in shown
        assert (runner.folder / "summary").read_text() == shown
    else:
        assert "2026-10" in said
    assert runner.outputs == ["approved=jane"]  # who approved this very commit, and nobody else


def test_a_proposal_is_judged_at_gitlab(proposal: dict[str, str], tmp_path: Path) -> None:
    (text,) = files_for("gitlab").values()
    runner = Runner(
        tmp_path / "runner",
        {},
        {
            "CI_REPOSITORY_URL": f"{proposal['server']}/jane/books",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_USER_LOGIN": "mallory",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
    )
    assert runner.gitlab(text, "books-review") in {0, 1}, runner.log
    assert (runner.workspace / "review.md").read_text().startswith("<!-- books review -->")
    assert "apt-get" in runner.installed


def test_a_comment_is_made_harmless_and_put_on_its_own_request(
    proposal: dict[str, str], tmp_path: Path
) -> None:
    require(has_jq(), "jq, which gh has built in, is not installed")
    text = list(files_for("github").values())[1]
    pulls = [{"number": 7, "state": "open", "head": {"sha": proposal["head"]}}]
    hostile = "<!-- books review --><script>x</script> @jane [a](http://evil.example)\n"
    runner = Runner(
        tmp_path / "runner",
        contexts(proposal),
        {},
        answers={
            "comment.md": hostile,
            f"commits/{proposal['head']}/pulls": json.dumps(pulls),
            "issues/7/comments": "[]",
        },
    )
    assert runner.workflow(text) == 0, runner.log
    posted = (runner.folder / "posted").read_text()
    assert posted.startswith("api repos/jane/books/issues/7/comments")
    for harmful in ("<script>", "@jane", "](", "http://"):
        assert harmful not in posted
