"""What a schedule is written as: a systemd timer, a line of crontab, a file for a forge's CI.

Texts only; ``books schedule`` writes them. The job is right however often and whenever it runs, so
that nothing here has to be: it only has to begin now and then.
"""

import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

# actions/checkout v4.2.2, by the hash of its commit: a tag can be moved.
_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
_SECRETS = ("BOOKS_KEY", "BOOKS_STATE", "PLAID_CLIENT_ID", "PLAID_SECRET", "BOOKS_NOTIFY")
CI_FILES = {
    "github": Path(".github/workflows/books.yml"),
    "gitea": Path(".gitea/workflows/books.yml"),
    "gitlab": Path(".gitlab-ci.yml"),
}


@dataclass(frozen=True)
class Job:
    """What is to be run: ``command`` is its program with arguments, ``at`` the time of day;
    ``environment`` a file of variables, ``credential`` one with the key, both may be missing."""

    home: Path
    command: tuple[str, ...]
    at: str = "02:30"
    environment: str = ""
    credential: str = ""

    @property
    def name(self) -> str:
        """A name that says which home it is, and is nobody else's."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.home.name.casefold()).strip("-") or "home"
        return f"books-{slug}-{hashlib.sha256(str(self.home).encode()).hexdigest()[:6]}"


@dataclass(frozen=True)
class Program:
    """Where a CI gets this program: a git repository, and the commit of it that is meant."""

    url: str
    commit: str


def service(job: Job) -> str:
    """The systemd unit of a run."""
    more = f"EnvironmentFile={_said(job.environment)}\n" if job.environment else ""
    more += f"LoadCredential=books-key:{_said(job.credential)}\n" if job.credential else ""
    return (
        f"[Unit]\nDescription=Bank lines into the books of {_said(str(job.home))}\n"
        "Wants=network-online.target\nAfter=network-online.target\n\n"
        "[Service]\nType=oneshot\n"
        f"ExecStart={' '.join(_word(word) for word in job.command)}\n{more}"
        "TimeoutStartSec=1h\nNice=10\n"
    )


def timer(job: Job) -> str:
    """The systemd unit of its time: a night that was missed is caught up with at the next start."""
    return (
        f"[Unit]\nDescription=Every night: {job.name}.service\n\n"
        f"[Timer]\nOnCalendar=*-*-* {job.at}:00\nPersistent=true\nRandomizedDelaySec=10m\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def crontab(before: str, job: Job | None, name: str) -> str:
    """A crontab with the line of a job, in the place of the one that it had; no job: without."""
    mark = f"# {name}"
    lines = [line for line in before.splitlines() if not line.endswith(mark)]
    if job is not None:
        hour, minute = job.at.split(":")
        lock = shlex.quote(str(job.home / ".books" / "cron.lock"))
        command = " ".join(shlex.quote(word) for word in job.command)
        given = f"set -a; . {shlex.quote(job.environment)}; set +a; " if job.environment else ""
        # A percent sign would end the command; the folder of the lock is there once a bank is.
        line = f"{given}flock -n {lock} {command}".replace("%", "\\%")
        lines.append(f"{int(minute)} {int(hour)} * * * {line} {mark}")
    return "".join(f"{line}\n" for line in lines)


def ci(kind: str, job: Job, program: Program) -> str:
    """The file for a forge's CI; ``kind`` is a key of ``CI_FILES``."""
    hour, minute = (int(part) for part in job.at.split(":"))
    install = _install(program)
    if kind == "gitlab":
        steps = [
            *install,
            'git remote set-url origin "https://oauth2:${BOOKS_FORGE_TOKEN}@${CI_SERVER_HOST}/'
            '${CI_PROJECT_PATH}.git"',
            'git switch "$CI_DEFAULT_BRANCH" || git switch -c "$CI_DEFAULT_BRANCH"',
            "venv/bin/books --home . schedule run",
        ]
        script = "".join(f"    - {_yaml(step)}\n" for step in steps)
        return (
            "# Written by 'books schedule install --ci gitlab'. Give it a schedule in the\n"
            "# project, and the variables of docs/unattended.md, masked and protected.\n"
            "books:\n  image: python:3.11-bookworm\n  resource_group: books\n"
            '  rules:\n    - if: $CI_PIPELINE_SOURCE == "schedule"\n'
            "  variables:\n    GIT_DEPTH: 0\n    GIT_STRATEGY: clone\n"
            f"  script:\n{script}"
        )
    secrets = "".join(f"          {name}: ${{{{ secrets.{name} }}}}\n" for name in _SECRETS)
    script = "".join(f"          {step}\n" for step in install)
    token = "github.token" if kind == "github" else "secrets.BOOKS_FORGE_TOKEN"
    return (
        f"# Written by 'books schedule install --ci {kind}'; docs/unattended.md tells of the\n"
        "# secrets that it names. It never runs for a pull request.\n"
        "name: books\non:\n  schedule:\n"
        f'    - cron: "{minute} {hour} * * *"\n'
        "  workflow_dispatch:\n"
        "permissions: {}\n"
        "concurrency:\n  group: books\n  cancel-in-progress: false\n"
        "jobs:\n  sync:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 60\n"
        "    permissions:\n      contents: write\n      pull-requests: write\n"
        f"    steps:\n      - uses: {_CHECKOUT}\n        with:\n          fetch-depth: 0\n"
        f"      - name: Install\n        run: |\n{script}"
        "      - name: Fetch and propose\n        env:\n"
        f"{secrets}          BOOKS_FORGE_TOKEN: ${{{{ {token} }}}}\n"
        "        run: venv/bin/books --home . schedule run\n"
    )


def _install(program: Program) -> list[str]:
    url, commit = shlex.quote(program.url), shlex.quote(program.commit)
    return [
        "set -e",
        "git init -q .books/program",
        f"git -C .books/program fetch -q --depth 1 {url} {commit}",
        "git -C .books/program checkout -q FETCH_HEAD",
        "python3 -m venv venv",
        "venv/bin/pip install -q --require-hashes -r .books/program/requirements.lock",
        "venv/bin/pip install -q --no-deps --no-build-isolation -e .books/program",
    ]


def _said(text: str) -> str:
    """A text in a unit file, where a percent sign begins a specifier."""
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """An argument in a unit file."""
    said = _said(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{said}"' if re.search(r"[^A-Za-z0-9_./:=@%$+-]", said) or not said else said


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
