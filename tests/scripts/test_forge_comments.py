"""The comment that a forge's template puts on a proposal: its very script, against a forge on
loopback that writes down what it is asked."""

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import yaml

from scripts.forges import files_for

MARK = "<!-- books review -->"
TOKEN = "token-of-nobody"  # noqa: S105 - of nobody
HOSTILE = (
    f"{MARK}### Fine\n@everyone see [here](https://evil.example) <img src=x> www.evil.example\n"
    "<details>kept</details>\n/close\n\x1b[31m\u202e"
)


@dataclass
class Forge:
    """``answers`` by method and place; what is not there is 404. ``asked`` is what was asked."""

    answers: dict[str, object]
    address: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def written(self) -> list[tuple[str, dict[str, str]]]:
        return [each for each in self.asked if not each[0].startswith("GET")]


@pytest.fixture
def forge() -> Iterator[Forge]:
    fake = Forge({})

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            said = json.loads(self.rfile.read(size) or b"{}")
            place, _, query = self.path.partition("?")
            fake.asked.append((f"{self.command} {place}", said))
            fake.keys.add(self.headers.get("Authorization") or self.headers["PRIVATE-TOKEN"])
            found = fake.answers.get(f"{self.command} {place}")
            later = int(parse_qs(query).get("page", ["1"])[0]) > 1
            content = found if isinstance(found, bytes) else json.dumps([] if later else found)
            raw = content if isinstance(content, bytes) else content.encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


def template(forge: str, name: str) -> dict:
    files = {path.name: text for path, text in files_for(forge).items()}
    return yaml.safe_load(files[name])


def step(workflow: dict, job: str, name: str) -> str:
    return next(s["run"] for s in workflow["jobs"][job]["steps"] if s["name"].startswith(name))


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "no_proxy": "127.0.0.1"}
    return subprocess.run(
        ["bash", "-e", "-c", script], env=clean | environment, cwd=folder,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def is_harmless(body: str) -> None:
    assert body.startswith(f"{MARK}### Fine\n@\u2060everyone see [here]\u2060(https:\u2060//evil")
    assert "\u2039img src=x> w\u2060ww.evil" in body
    assert "<details>kept</details>" in body
    assert "\x1b" not in body
    assert "\u202e" not in body


COMMENTS = "/api/v1/repos/o/books/issues/7/comments"
GITEA = ("gitea", "books-review-comment.yml")


def gitea(forge: Forge, folder: Path) -> subprocess.CompletedProcess[str]:
    return run(
        step(template(*GITEA), "comment", "Put it"), folder,
        BODY=base64.b64encode(HOSTILE.encode()).decode(), NUMBER="7", REPOSITORY="o/books",
        SERVER=forge.address, TOKEN=TOKEN,
    )  # fmt: skip


def comment(number: int, login: str, body: str) -> dict[str, object]:
    return {"id": number, "user": {"login": login}, "body": body}


def test_gitea_gets_one_comment_and_then_another_in_its_place(forge: Forge, tmp_path: Path) -> None:
    others = [comment(1, "mallory", f"{MARK} mine"), comment(2, "gitea-actions", "Another job's")]
    forge.answers = {f"GET {COMMENTS}": others, f"POST {COMMENTS}": {"id": 3}}
    assert gitea(forge, tmp_path).returncode == 0
    ((place, said),) = forge.written()
    assert place == f"POST {COMMENTS}"
    is_harmless(said["body"])
    old = "/api/v1/repos/o/books/issues/comments/3"
    mine = comment(3, "gitea-actions", said["body"])
    forge.answers = {f"GET {COMMENTS}": [*others, mine], f"PATCH {old}": {"id": 3}}
    assert gitea(forge, tmp_path).returncode == 0
    assert [each for each, _ in forge.written()] == [place, f"PATCH {old}"]
    assert forge.keys == {f"token {TOKEN}"}


def test_gitea_says_when_it_could_not_be_put_there(forge: Forge, tmp_path: Path) -> None:
    forge.answers = {f"GET {COMMENTS}": []}
    done = gitea(forge, tmp_path)
    assert done.returncode != 0
    assert TOKEN not in done.stdout + done.stderr


def test_gitea_finds_the_pull_request_of_the_very_commit(forge: Forge, tmp_path: Path) -> None:
    pulls = "/api/v1/repos/o/books/pulls"

    def pull(number: int, sha: str, who: str) -> dict[str, object]:
        return {"number": number, "head": {"sha": sha}, "base": {"sha": "b" * 40},
                "user": {"login": who}}  # fmt: skip

    def said(login: str, state: str, commit: str = "h" * 40) -> dict[str, object]:
        return {"user": {"login": login}, "state": state, "commit_id": commit}

    reviews = [
        said("ann", "APPROVED"), said("jane", "APPROVED", "old"), said("raj", "APPROVED"),
        said("raj", "REQUEST_CHANGES"), said("ann", "COMMENT"),
    ]  # fmt: skip
    forge.answers = {
        f"GET {pulls}": [pull(6, "x" * 40, "eve"), pull(7, "h" * 40, "paula\nnumber=9")],
        f"GET {pulls}/7/reviews": reviews,
    }
    out = tmp_path / "out"
    script = step(template(*GITEA), "review", "Ask which")
    given = {"SERVER": forge.address, "REPOSITORY": "o/books", "TOKEN": TOKEN}
    done = run(script, tmp_path, GITHUB_OUTPUT=str(out), HEAD="h" * 40, **given)
    assert done.returncode == 0, done.stderr
    assert out.read_text().splitlines() == [
        f"base={'b' * 40}", "author=paulanumber9", "approved=ann", "number=7",
    ]  # fmt: skip
    out.unlink()
    done = run(script, tmp_path, GITHUB_OUTPUT=str(out), HEAD="f" * 40, **given)
    assert (done.returncode, out.read_text()) == (0, "")


API = "/api/v4/projects/5"
HERE = f"{API}/merge_requests/7"


def gitlab(forge: Forge, folder: Path) -> subprocess.CompletedProcess[str]:
    job = template("gitlab", "books-review.yml")["books-review-comment"]
    return run(
        "\n".join(job["script"]), folder, CI_API_V4_URL=f"{forge.address}/api/v4",
        CI_PROJECT_ID="5", BOOKS_COMMENT_TOKEN=TOKEN,
    )  # fmt: skip


def open_requests(forge: Forge, notes: list[dict[str, object]]) -> None:
    """One that was judged, one whose pipeline is of another commit, one of a fork."""
    forge.answers = {
        "GET /api/v4/user": {"id": 11},
        f"GET {API}/merge_requests": [
            {"iid": 8, "sha": "new"}, {"iid": 9, "sha": "fork"}, {"iid": 7, "sha": "head"},
        ],
        f"GET {HERE}/pipelines": [{"id": 70, "sha": "head"}, {"id": 69, "sha": "older"}],
        f"GET {API}/merge_requests/8/pipelines": [{"id": 80, "sha": "old"}],
        f"GET {API}/merge_requests/9/pipelines": [{"id": 90, "sha": "fork"}],
        f"GET {API}/pipelines/70/jobs": [
            {"id": 700, "name": "tests", "status": "success"},
            {"id": 701, "name": "books-review", "status": "failed"},
        ],
        f"GET {API}/jobs/701/artifacts/review.md": HOSTILE.encode(),
        f"GET {HERE}/notes": notes,
        f"POST {HERE}/notes": {"id": 3},
        f"PUT {HERE}/notes/3": {"id": 3},
    }  # fmt: skip


def note(number: int, author: int, body: str) -> dict[str, object]:
    return {"id": number, "author": {"id": author}, "body": body}


def test_gitlab_gets_one_comment_and_then_another_in_its_place(
    forge: Forge, tmp_path: Path
) -> None:
    others = [note(1, 12, f"{MARK} mine"), note(2, 11, "Another job's")]
    open_requests(forge, others)
    done = gitlab(forge, tmp_path)
    assert done.returncode == 0, done.stderr
    ((place, said),) = forge.written()
    assert place == f"POST {HERE}/notes"
    is_harmless(said["body"])
    assert "\n\u2060/close" in said["body"]
    open_requests(forge, [*others, note(3, 11, said["body"])])
    assert gitlab(forge, tmp_path).returncode == 0
    assert len(forge.written()) == 1  # it says so already
    open_requests(forge, [*others, note(3, 11, f"{MARK}### Refused")])
    assert gitlab(forge, tmp_path).returncode == 0
    assert forge.written()[1] == (f"PUT {HERE}/notes/3", said)
    assert forge.keys == {TOKEN}


def test_gitlab_says_when_it_could_not_be_put_there(forge: Forge, tmp_path: Path) -> None:
    open_requests(forge, [])
    del forge.answers[f"POST {HERE}/notes"]
    done = gitlab(forge, tmp_path)
    assert done.returncode == 1
    assert TOKEN not in done.stdout + done.stderr


def test_who_reads_proposals_writes_nothing_and_who_writes_runs_as_the_base_has_it() -> None:
    workflow = template(*GITEA)
    assert set(workflow[True]) == {"workflow_run"}
    jobs = workflow["jobs"]
    assert set(jobs["review"]["permissions"].values()) == {"read"}
    assert "needs.review" in str(jobs["comment"])
    assert "git " not in str(jobs["comment"]["steps"])
    said = template("gitlab", "books-review.yml")
    assert "TOKEN" not in str(said["books-review"])
    ((rule),) = said["books-review-comment"]["rules"]
    assert '$CI_COMMIT_REF_PROTECTED == "true"' in rule["if"]
    assert '$CI_PIPELINE_SOURCE == "schedule"' in rule["if"]
