"""docs/review.md: its proposal is what the commands say, line for line.

``BOOKS_UPDATE_GOLDEN=1`` writes what they say into the page.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from core import git, sandbox
from core.people import parse_people
from scripts.main import main

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs/review.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
MONTH = Path("ledger/acme/2026/2026-10.beancount")
FIRST = """\
2026-10-02 * "Client" "Invoice 13"
  Assets:Acme:Bank:Checking  1200.00 USD
  Income:Acme:Sales

2026-10-05 * "Paper Mill" "Paper and ink"
  Expenses:Acme:Ofice  58.20 USD
  Assets:Acme:Bank:Checking
"""


def proposed(where: Path) -> None:
    """Jane's base on main; Paula's two commits on proposal."""
    shutil.copytree(CHECKOUT / "tests/cases/proposal", where)
    git.init(where)
    git.commit(where, [Path()], "Start", {})
    git_in(where, "checkout --quiet -b proposal")
    for message, text in (("October", FIRST), ("Correct it", FIRST.replace("Ofice", "Office"))):
        (where / MONTH).write_text(text)
        git.commit(where, [MONTH], message, {})
    git_in(where, "checkout --quiet main")


def git_in(where: Path, words: str) -> None:
    subprocess.run(["git", "-C", str(where), *words.split()], check=True)


def test_the_proposal_is_what_the_commands_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Paula")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "paula@example.com")
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-11-20T12:00:00+00:00")
    monkeypatch.setattr(sandbox, "_bubblewrap", lambda: "")
    proposed(tmp_path / "books")
    monkeypatch.chdir(tmp_path / "books")

    def said(line: str) -> str:
        if line.startswith("$ git "):
            git_in(Path.cwd(), line.removeprefix("$ git "))
            return ""
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main(shlex.split(line.removeprefix("$ books ")))
        captured = capsys.readouterr()
        return "".join(
            f"{each}".rstrip() + "\n" for each in (captured.out + captured.err).splitlines()
        )

    def run(match: re.Match[str]) -> str:
        commands = [line for line in match[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{said(line)}" for line in commands) + "```"

    page = PAGE.read_text()
    now = BLOCK.sub(run, page)
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        PAGE.write_text(now)
    assert now == page


def test_the_people_of_the_page_are_people() -> None:
    block = re.search(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert block
    assert len(parse_people(block[1].encode()).people) == 3
