"""A runner for the files that a forge's CI is given: what is wrong with them, and what they do.

Their scripts are run by bash, word for word. Only what installs packages is a stand-in: ``python3
-m venv`` makes an environment whose ``pip`` writes down what it was asked and whose ``books`` is
this checkout's, and ``sudo`` and ``apt-get`` write down too. ``gh`` and ``curl`` answer as it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
EVENTS = {"schedule", "workflow_dispatch", "pull_request", "pull_request_review", "workflow_run"}
_TOP = {"name", "on", "permissions", "concurrency", "jobs"}
_JOB = {"if", "needs", "runs-on", "timeout-minutes", "permissions", "outputs", "env", "steps"}
_STEP = {"name", "id", "if", "uses", "with", "env", "run"}
_SCOPES = {"actions", "contents", "issues", "pull-requests"}
_GITLAB = {"image", "timeout", "resource_group", "rules", "variables", "script", "artifacts"}
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


class _Loader(yaml.SafeLoader):
    """Reads ``on:`` as the word that it is for a forge."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, exp) for tag, exp in each if tag != "tag:yaml.org,2002:bool"]
    for letter, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> dict[str, Any]:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader


def complaints(text: str) -> Iterator[str]:
    """What is wrong with a workflow of GitHub's or Gitea's, by what their schema knows."""
    said = read(text)
    yield from (f"unknown key {key}" for key in said.keys() - _TOP)
    yield from (f"lacks {key}" for key in {"on", "jobs", "permissions"} - said.keys())
    yield from (f"unknown event {event}" for event in said.get("on", {}).keys() - EVENTS)
    if not isinstance(said.get("permissions"), dict):
        yield "permissions of the whole are not a list of scopes"
    for name, job in said.get("jobs", {}).items():
        yield from (f"{name}: unknown key {key}" for key in job.keys() - _JOB)
        yield from (
            f"{name}: lacks {k}" for k in {"runs-on", "steps", "timeout-minutes"} - job.keys()
        )
        rights = {**said.get("permissions", {}), **job.get("permissions", {})}
        yield from (f"{name}: unknown scope {scope}" for scope in rights.keys() - _SCOPES)
        yield from (f"{name}: right {r}" for r in set(rights.values()) - {"read", "write", "none"})
        ids = set()
        for number, step in enumerate(job.get("steps", ())):
            where = f"{name}, step {number}"
            yield from (f"{where}: unknown key {key}" for key in step.keys() - _STEP)
            if ("run" in step) == ("uses" in step):
                yield f"{where}: one of run and uses"
            if "uses" in step and not _PINNED.fullmatch(step["uses"]):
                yield f"{where}: not pinned by a hash: {step['uses']}"
            if "${{" in step.get("run", ""):
                yield f"{where}: an expression within a script"
            for used in _EXPRESSION.findall(json.dumps(step)):
                before = re.match(r"steps\.([\w-]+)\.", used)
                if before and before[1] not in ids:
                    yield f"{where}: {used} is of no step before it"
            ids.add(step.get("id"))


def complaints_of_gitlab(text: str) -> Iterator[str]:
    """What is wrong with a file of GitLab's."""
    for name, job in read(text).items():
        yield from (f"{name}: unknown key {key}" for key in job.keys() - _GITLAB)
        yield from (f"{name}: lacks {key}" for key in {"image", "rules", "script"} - job.keys())
        if ":" not in job.get("image", "") or job.get("image", "").endswith(":latest"):
            yield f"{name}: the image has no version"
        if not all(isinstance(line, str) for line in job.get("script", ())):
            yield f"{name}: a line of the script is no text"
        for rule in job.get("rules", ()):
            if rule.keys() != {"if"} or "CI_PIPELINE_SOURCE" not in rule["if"]:
                yield f"{name}: runs for any pipeline"


@dataclass
class Runner:
    """One machine of a forge: ``known`` are the contexts of expressions, ``ambient`` variables that
    the forge sets. ``installed`` is what packages were asked for."""

    folder: Path
    known: Mapping[str, str]
    ambient: Mapping[str, str]
    answers: Mapping[str, str] = field(default_factory=dict)
    checkout_from: Path | None = None
    artifact: Path | None = None
    log: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Path:
        return self.folder / "work"

    @property
    def installed(self) -> str:
        path = self.folder / "installed"
        return path.read_text() if path.is_file() else ""

    def workflow(self, text: str) -> int:
        """Does the steps of the one job of a workflow; the status of the first that fails, else
        0."""
        self._prepare()
        (job,) = read(text)["jobs"].values()
        outputs: dict[str, str] = {}
        status = 0
        for step in job["steps"]:
            if status and "always()" not in step.get("if", ""):
                continue
            if "uses" in step:
                self._used(step)
                continue
            env = {**job.get("env", {}), **step.get("env", {})}
            given = {key: self._value(str(text), outputs) for key, text in env.items()}
            out, summary = self.folder / "outputs", self.folder / "summary"
            out.write_text("")
            given |= {"GITHUB_OUTPUT": str(out), "GITHUB_STEP_SUMMARY": str(summary)}
            done = self._bash(step["run"], given)
            for line in out.read_text().splitlines():
                name, _, value = line.partition("=")
                outputs[f"steps.{step.get('id')}.outputs.{name}"] = value
                self.outputs.append(line)
            status = status or done
        return status

    def gitlab(self, text: str, name: str = "books") -> int:
        """Does the script of that job of GitLab's."""
        self._prepare()
        job = read(text)[name]
        variables = {key: str(value) for key, value in job.get("variables", {}).items()}
        if variables.get("GIT_STRATEGY") == "clone":
            self._clone()
        # A runner of GitLab's gives all lines to one shell that ends at the first failure.
        return self._bash("\n".join(job["script"]), variables)

    def _used(self, step: Mapping[str, Any]) -> None:
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"] == {"fetch-depth": "0"} or step["with"] == {"fetch-depth": 0}
            self._clone()
        else:
            assert step["uses"].startswith("actions/upload-artifact@")
            self.artifact = self.workspace / step["with"]["path"]
            assert self.artifact.is_file()

    def _clone(self) -> None:
        shutil.rmtree(self.workspace)
        where = ["git", "clone", "-q", str(self.checkout_from), str(self.workspace)]
        subprocess.run(where, check=True)

    def _value(self, text: str, outputs: Mapping[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            for part in found[1].split("||"):
                term = part.strip()
                said = term.strip("'") if term.startswith("'") else self.known.get(term, "")
                said = outputs.get(term, said)
                if said:
                    return said
            return ""

        return _EXPRESSION.sub(value, text)

    def _bash(self, script: str, given: Mapping[str, str]) -> int:
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        basic = {"PATH": path, "HOME": str(self.folder / "home"), "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=self.workspace,
            env={**basic, **self.ambient, **given},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        self.log.append(done.stdout + done.stderr)
        return done.returncode

    def _prepare(self) -> None:
        for name in ("bin", "home", "work"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "answers.json").write_text(json.dumps(dict(self.answers)))
        note = f'#!/bin/sh\necho "$(basename "$0") $*" >> {self.folder}/installed\n'
        books = f'#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} -m scripts.main "$@"\n'
        made = {"pip": note, "books": books}
        python = (
            f'#!/bin/sh\nif [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin"\n'
            f'cp {self.folder}/made/* "$3/bin/"; exit; fi\nexec {sys.executable} "$@"\n'
        )
        forge = f"#!{sys.executable} -I\n" + _FORGE.replace("@FOLDER@", str(self.folder))
        programs = {"python3": python, "sudo": note, "apt-get": note, "gh": forge, "curl": forge}
        for folder, texts in (("made", made), ("bin", programs)):
            (self.folder / folder).mkdir(exist_ok=True)
            for name, text in texts.items():
                (self.folder / folder / name).write_text(text)
                (self.folder / folder / name).chmod(0o755)


# What a forge answers to gh and curl: by the end of the address, through jq where that is asked.
_FORGE = """
import json, os, subprocess, sys
from pathlib import Path
folder = Path("@FOLDER@")
words = sys.argv[1:]
with (folder / "asked").open("a") as log:
    log.write(json.dumps(words) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
if words[:2] == ["run", "download"]:
    into = Path(words[words.index("--dir") + 1])
    into.mkdir()
    (into / "comment.md").write_text(answers["comment.md"])
    sys.exit()
address = next((w for w in words if "/" in w and not w.startswith(("-", "body"))), "")
place = address.partition("?")[0]
if "--method" in words or "--field" in words:
    file = words[words.index("--field") + 1].partition("@")[2]
    (folder / "posted").write_text(" ".join(words) + "\\n" + Path(file).read_text())
    sys.exit()
text = next((a for end, a in answers.items() if place.endswith(end)), None)
if text is None:
    sys.exit(f"nothing is known of {address}")
if "--jq" in words:
    asked = ["jq", "--raw-output", words[words.index("--jq") + 1]]
    text = subprocess.run(asked, input=text, capture_output=True, text=True, check=True).stdout
print(text, end="")
"""


def environment() -> dict[str, str]:
    """What of this machine's environment a run may see."""
    return {k: v for k, v in os.environ.items() if k.startswith(("BOOKS_", "PLAID_"))}
