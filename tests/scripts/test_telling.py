"""What the program says about itself: explain, completion, --verbose, marks on a review."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core import git
from core.home import Home
from scripts.codes import CODES
from scripts.main import COMMANDS, LazyGroup, cli

PROGRAM = Path(sys.executable).parent / "books"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, catch_exceptions=False, standalone_mode=False)


def offered(home: Home, *words: str) -> list[str]:
    """What the shell would offer for the last of the words."""
    env = {k: v for k, v in os.environ.items() if k != "BOOKS_HOME"} | {
        "_BOOKS_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("books", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [PROGRAM], cwd=home.path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_explain_prints_the_page_of_a_code() -> None:
    said = run("explain", "veil-005").output
    assert said.startswith("VEIL-005: No partner\n")
    assert "Sea-Land" in said
    assert 'waive: "VEIL-005 reason"' in said
    assert "Waiver:        none" in run("explain", "VEIL-001").output


def test_explain_alone_lists_every_code() -> None:
    said = run("explain").output
    assert [code for code in CODES if code not in said] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    assert f"_BOOKS_COMPLETE={shell}_complete" in run("completion", shell).output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("check", "--entity", ""), ["acme", "jane"]),
        (("report", "balance-sheet", "-e", "A"), ["acme"]),
        (("report", "bal"), ["balance-sheet"]),
        (("explain", "veil-00"), [c for c in CODES if c.startswith("VEIL-00")]),
        (("inbox", "accept", "1", "--account", "Expenses:Jane:Food"), None),
        (("expl",), ["explain"]),
    ],
)
def test_the_shell_offers_names(home: Home, words: tuple[str, ...], expected: list[str]) -> None:
    if expected is None:
        expected = ["Expenses:Jane:Food:Dining", "Expenses:Jane:Food:Groceries"]
    assert offered(home, *words) == expected


def test_completion_does_not_load_the_books_and_is_silent_where_there_are_none(
    home: Home, tmp_path: Path
) -> None:
    (home.ledger / "group.beancount").write_text("nonsense\n")
    (home.rules / "plugins.yaml").write_text("nonsense\n")
    assert offered(home, "check", "--entity", "") == ["acme", "jane"]
    (home.ledger / "registry.beancount").write_bytes(b"\xff")
    assert offered(home, "check", "--entity", "") == []
    assert offered(Home(tmp_path), "check", "--entity", "") == []


def test_verbose_tells_stderr_and_leaves_stdout(home: Home) -> None:
    (home.ledger / "group.beancount").open("a").write('plugin "my_plugin"\n')
    at = ("--home", str(home.path))
    quiet = run(*at, "check", "--format", "json")
    for loud in (
        run(*at, "--verbose", "check", "--format", "json"),
        run(*at, "check", "--format", "json", "-v"),
    ):
        assert loud.stdout == quiet.stdout
        assert f"· home: {home.path} (--home)" in loud.stderr
        assert f"rules/plugins.yaml, from {home.path}/rules/plugins.yaml" in loud.stderr
        assert f"· read {home.main_root}: " in loud.stderr
        assert "plugin my_plugin: not allowed, so not run" in loud.stderr
        assert "plugin bulkhead.veil: its rules run" in loud.stderr
    assert quiet.stderr == ""


def test_verbose_says_how_the_home_was_found(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKS_HOME", str(home.path))
    assert "($BOOKS_HOME)" in run("check", "-v").stderr
    monkeypatch.delenv("BOOKS_HOME")
    monkeypatch.chdir(home.inbox)
    assert f"(found from {home.inbox} upwards)" in run("check", "-v").stderr


def test_every_command_takes_verbose() -> None:
    group = cli
    assert isinstance(group, LazyGroup)
    for name in COMMANDS:
        command = group.get_command(None, name)
        for each in (command, *getattr(command, "commands", {}).values()):
            assert sum("--verbose" in param.opts for param in each.params) == 1


def test_marks_on_a_review_count_from_the_top_of_the_checkout(tmp_path: Path) -> None:
    home = Home(tmp_path / "our books")
    for name, text in {
        "ledger/group.beancount": "2026-03-02 open Asset:Acme:Savings\n",
        "rules/plugins.yaml": "version: 1\n",
    }.items():
        (home.path / name).parent.mkdir(parents=True, exist_ok=True)
        (home.path / name).write_text(text)
    git.init(tmp_path)
    at = ("--home", str(home.path), "check", "--format")
    marks = run(*at, "github")
    assert marks.return_value == 1
    assert marks.output.startswith(
        "::error file=our books/ledger/group.beancount,line=1,title=BC-PARS"
    )
    assert marks.output.endswith("2 errors, 0 warnings, 0 infos as of 2026-03-02\n")
    log = json.loads(run(*at, "sarif").output)
    result, _ = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "our%20books/ledger/group.beancount"}
    assert [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]] == list(CODES)
