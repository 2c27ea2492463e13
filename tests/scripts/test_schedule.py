"""``books schedule`` and ``books status``: what begins the nights, and how they went."""

import configparser
import datetime as dt
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import bank as files
import click
import pytest
import yaml
from click.testing import CliRunner, Result
from plaids import CHECKING, Nights, chase, committed, nights, shop

from core import git
from core.findings import UserError
from core.home import Home
from core.sealing_keys import Keys, new_key
from core.secrets import Secrets
from importers.feed import connections
from importers.plaid.fake.banks import FakeBank
from importers.plaid.fake.plaid import CLIENT_ID, SECRET
from importers.unattended import history, notify
from importers.unattended.history import History, next_run
from importers.unattended.state import packed, unpacked
from importers.unattended.timers import Job, Program, ci, crontab, service
from scripts.main import cli

Type = Callable[..., Result]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that writes down how it was called, and a crontab that keeps one."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {folder}/called\n')
    (folder / "crontab").write_text(
        f'#!/bin/sh\nif [ "$1" = "-l" ]; then cat {folder}/table 2>/dev/null || '
        f'{{ echo "no crontab for jane" >&2; exit 1; }}; else cat > {folder}/table; fi\n'
    )
    for program in folder.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return folder


@pytest.fixture
def types(home: Home) -> Type:
    def type_(*words: str) -> Result:
        run = ["--home", str(home.path), *words]
        return CliRunner().invoke(cli, run, standalone_mode=False)

    return type_


def units(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "config/systemd/user").glob("books-*"))


def test_a_timer_is_written_enabled_shown_and_taken_away(
    types: Type, programs: Path, tmp_path: Path
) -> None:
    result = types("schedule", "install", "--at", "03:15", "--credential", "/etc/books key")
    assert result.exception is None
    service_, timer_ = units(tmp_path)
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str
    read.read([service_, timer_])
    assert read["Timer"]["OnCalendar"] == "*-*-* 03:15:00"
    assert read["Timer"]["Persistent"] == "true"
    assert read["Service"]["ExecStart"].endswith(" schedule run")
    assert read["Service"]["LoadCredential"] == "books-key:/etc/books key"
    said = (programs / "called").read_text().splitlines()
    assert said == ["--user daemon-reload", f"--user enable --now {timer_.name}"]
    assert "03:15:00" in types("schedule", "show").output
    types("schedule", "install", "--at", "04:00")
    assert len(units(tmp_path)) == 2
    assert types("schedule", "remove").output == "The nightly runs are taken away.\n"
    assert units(tmp_path) == []
    assert "Nothing is installed" in types("schedule", "show").output


def test_a_file_of_keys_that_is_missing_or_open_to_others_is_told(
    types: Type, programs: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    install = ("schedule", "install", "--credential", str(key))
    assert f"{key} is not there" in types(*install).output
    key.write_text("x")
    key.chmod(0o644)
    assert f"can be read by others: chmod 600 {key}" in types(*install).output
    key.chmod(0o600)
    assert str(key) not in types(*install).output


@pytest.mark.parametrize(
    "given",
    [
        ("--cron", "--credential"),
        ("--ci", "github", "--credential"),
        ("--ci", "github", "--environment"),
    ],
)
def test_a_file_that_no_run_would_read_is_refused(
    types: Type, programs: Path, given: tuple[str, ...]
) -> None:
    result = types("schedule", "install", *given, "/etc/books key")
    assert isinstance(result.exception, click.UsageError)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_the_units(types: Type, programs: Path, tmp_path: Path) -> None:
    types("schedule", "install")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units(tmp_path)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert [line for line in done.stderr.splitlines() if "books-" in line] == []


def test_a_systemd_that_does_not_run_is_said(types: Type, programs: Path) -> None:
    (programs / "systemctl").write_text("#!/bin/sh\necho 'no bus' >&2; exit 1\n")
    result = types("schedule", "install")
    assert isinstance(result.exception, UserError)
    assert "--cron" in result.exception.hint


def test_a_line_of_crontab_takes_a_lock_and_leaves_the_others_alone(
    types: Type, programs: Path, home: Home
) -> None:
    (programs / "table").write_text("0 1 * * * mine\n")
    for at in ("02:30", "03:05"):
        assert types("schedule", "install", "--cron", "--at", at).exception is None
    mine, ours = (programs / "table").read_text().splitlines()
    assert mine == "0 1 * * * mine"
    assert ours.startswith(f"5 3 * * * flock -n {home.path}/.books/cron.lock ")
    types("schedule", "remove")
    assert (programs / "table").read_text() == "0 1 * * * mine\n"


def test_a_line_of_crontab_does_what_it_says(tmp_path: Path) -> None:
    odd = tmp_path / "a 100% home"
    (odd / ".books").mkdir(parents=True)
    (tmp_path / "env").write_text("BOOKS_KEY=k\n")
    command = ("sh", "-c", 'echo "$BOOKS_KEY" > "$0"', str(odd / "done"))
    line = crontab("", Job(odd, command, environment=str(tmp_path / "env")), "books-x")
    shell = line.split(" ", 5)[5].replace("\\%", "%")
    subprocess.run(["sh", "-c", shell], check=True)
    assert (odd / "done").read_text() == "k\n"


def test_what_a_unit_file_would_take_for_something_else_is_written_so_that_it_is_not() -> None:
    text = service(Job(Path("/home/jane/100% $HOME"), ("books", "--home", "/home/jane/100% $HOME")))
    assert 'ExecStart=books --home "/home/jane/100%% $$HOME"' in text


@pytest.mark.parametrize("kind", ["github", "gitea", "gitlab"])
def test_a_ci_file_is_a_commit_with_pinned_actions_and_no_secret_for_proposals(
    types: Type, home: Home, kind: str
) -> None:
    program = f"https://example.org/bulkhead.git@{'a' * 40}"
    assert types("schedule", "install", "--ci", kind, "--program", program).exception is None
    (path,) = git.files_of(home.path, "HEAD")
    said = yaml.safe_load((home.path / path).read_text().replace("\non:", "\n'on':"))
    if kind == "gitlab":
        assert said["books"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
        steps = " ".join(said["books"]["script"])
    else:
        assert set(said["on"]) == {"schedule", "workflow_dispatch"}
        assert said["permissions"] == {}
        steps = " ".join(step.get("run", "") for step in said["jobs"]["sync"]["steps"])
        uses = [step["uses"] for step in said["jobs"]["sync"]["steps"] if "uses" in step]
        assert [len(each.partition("@")[2]) for each in uses] == [40]
    assert "--require-hashes" in steps
    assert "a" * 40 in steps
    assert "books --home . schedule run" in steps
    again = types("schedule", "install", "--ci", kind, "--program", program)
    assert again.exception is None


def test_a_ci_file_of_somebody_elses_is_left_alone(types: Type, home: Home) -> None:
    (home.path / ".gitlab-ci.yml").write_text("test: {script: [true]}\n")
    program = f"https://example.org/bulkhead.git@{'a' * 40}"
    result = types("schedule", "install", "--ci", "gitlab", "--program", program)
    assert "not ours" in result.exception.message
    wrong = types("schedule", "install", "--ci", "github", "--program", "bulkhead@main")
    assert "in full" in wrong.exception.hint


@pytest.mark.parametrize("words", [(), ("--cron",), ("--ci", "github", "--program", "P")])
def test_a_dry_run_of_installing_writes_nothing(
    types: Type, programs: Path, home: Home, tmp_path: Path, words: tuple[str, ...]
) -> None:
    program = f"https://example.org/bulkhead.git@{'b' * 40}"
    words = tuple(program if word == "P" else word for word in words)
    result = types("schedule", "install", "--dry-run", *words)
    assert "schedule run" in result.output
    assert units(tmp_path) == []
    assert not (programs / "table").exists()
    assert not (home.path / ".github").exists()
    assert history.loaded(home) == History()


def test_ci_scripts_are_shell(tmp_path: Path) -> None:
    job, program = Job(tmp_path, ("books",)), Program("https://example.org/b.git", "c" * 40)
    said = yaml.safe_load(ci("gitlab", job, program))
    script = "\n".join(said["books"]["script"])
    subprocess.run(["sh", "-n", "-c", script], check=True)


# What a machine without a memory is given


@pytest.fixture
def bank() -> FakeBank:
    return chase()


@pytest.fixture
def plaid(home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    files.open_accounts(home, [CHECKING])
    committed(home)
    with nights(home, bank) as ready:
        for name, value in (
            ("PLAID_CLIENT_ID", CLIENT_ID),
            ("PLAID_SECRET", SECRET),
            ("PLAID_ENV", ready.fake.address),
        ):
            monkeypatch.setenv(name, value)
        ready.connect(bank)
        yield ready


def test_a_run_on_a_fresh_clone_goes_on_from_the_branch(
    types: Type, plaid: Nights, bank: FakeBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared.git"
    subprocess.run(["git", "clone", "-q", "--bare", plaid.home.path, shared], check=True)
    state = types("schedule", "state").output.strip()
    assert plaid.fake.logins[0].access_token not in state
    monkeypatch.setenv("BOOKS_STATE", state)
    bank.adds(shop("a", 1, "20.00"))
    for number in (1, 2):
        clone = tmp_path / f"clone-{number}"
        subprocess.run(["git", "clone", "-q", shared, clone], check=True)
        run = ["--home", str(clone), "schedule", "run"]
        result = CliRunner().invoke(cli, run, standalone_mode=False)
        assert result.exception is None, result.output
        assert "import/open holds 1 commit " in result.output
    said = subprocess.run(
        ["git", "-C", shared, "log", "--format=%s", "main..import/open"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout == "Sync Chase: 1 new, 1 to review\n"


@pytest.mark.parametrize("text", ["", "x", "eJyrVkrLL1KyUkoEACMpBLc=", packed.__name__])
def test_a_state_that_is_none_is_refused(home: Home, text: str) -> None:
    with pytest.raises(UserError, match="BOOKS_STATE"):
        unpacked(home, text)


def test_a_state_writes_nowhere_else(home: Home, tmp_path: Path) -> None:
    import base64
    import zlib

    for name in ("../../x.json", "secrets/../x.json", "/x.json", "door.jsonl"):
        text = base64.b64encode(zlib.compress(json.dumps({name: "x"}).encode())).decode()
        with pytest.raises(UserError, match="BOOKS_STATE"):
            unpacked(home, text)


# One screen


def test_status_says_last_run_next_run_each_account_and_what_needs_somebody(
    types: Type, plaid: Nights, bank: FakeBank, programs: Path
) -> None:
    empty = types("status").output
    assert "Last run: none" in empty
    types("schedule", "install")
    bank.adds(shop("a", 1, "20.00"))
    assert types("schedule", "run").return_value == 0
    text = types("status").output
    for said in ("Last run: 20", "well", "Next run: 20", "(systemd)", "1 commit waits", CHECKING):
        assert said in text
    plaid.fake.logins[0].error = "ITEM_LOGIN_REQUIRED"
    assert types("schedule", "run").return_value == 1
    told = json.loads(types("status", "--format", "json").output)
    assert (told["last"]["well"], told["to_merge"], told["scheduler"]) == (False, 1, "systemd")
    assert told["banks"][0]["health"] == "ITEM_LOGIN_REQUIRED"
    assert any(need["command"].startswith("books bank repair") for need in told["needs"])
    listed = types("inbox").output
    assert "1 entry waits on import/open, which is not merged yet:" in listed
    assert json.loads(types("inbox", "--format", "json").output)["unmerged"][0]["id"]
    assert "to merge: " in types("status").output
    git.call(plaid.home.path, "merge", "-q", "import/open")
    assert "import/open" not in types("inbox").output
    assert "to merge" not in types("status").output


def test_an_interrupted_run_is_said(types: Type, home: Home) -> None:
    history.began(home, "x")
    assert "interrupted, or under way" in types("status").output


@pytest.mark.parametrize(
    ("now", "at", "due"),
    [
        ("2026-09-03T01:00", "02:30", "2026-09-03T02:30-07:00"),
        ("2026-09-03T02:30", "02:30", "2026-09-04T02:30-07:00"),
        ("2026-12-31T23:59", "02:30", "2027-01-01T02:30-08:00"),
        ("2028-02-28T23:59", "02:30", "2028-02-29T02:30-08:00"),
        ("2027-03-14T01:00", "02:30", "2027-03-14T03:30-07:00"),  # 02:30 is left out
        ("2026-11-01T00:30", "01:30", "2026-11-01T01:30-07:00"),  # 01:30 comes twice
        ("2038-01-19T23:00", "02:30", "2038-01-20T02:30-08:00"),
    ],
)
def test_the_next_run_over_midnight_year_end_and_the_clocks(now: str, at: str, due: str) -> None:
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("America/Los_Angeles"))
    found = next_run(History(scheduler="cron", at=at), moment)
    assert found.isoformat(timespec="minutes") == due
    assert next_run(History(), moment) is None


# Who is told


def test_notifications_go_out_by_apprise_and_quote_no_address(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    from core.masked import Secret

    with pytest.raises(UserError) as refused:
        notify.sender(Secret("nonsense://a-password-here@x"))
    assert "a-password-here" not in str(refused.value)
    Secrets(home, Keys(home)).put("notify-urls", Secret("json://127.0.0.1:9/a"))
    assert notify.sender(Secret("json://127.0.0.1:9/a"))("Title", "Text") is False
    assert connections.connections(home) == []


# Which run it was


def test_every_commit_of_a_run_names_it_and_history_finds_them(
    types: Type, plaid: Nights, bank: FakeBank
) -> None:
    bank.adds(shop("a", 1, "20.00"))
    first = json.loads(types("schedule", "run", "--format", "json").output)
    (plaid.home.ledger / "acme/notes.md").write_text("mine\n")
    committed(plaid.home)
    bank.adds(shop("b", 2, "5.00"))
    second = json.loads(types("schedule", "run", "--format", "json").output)
    log = ("log", "--format=%P|%(trailers:key=Books-Run,valueonly)", "main..import/open")
    done = git.call(plaid.home.path, *log)[1]
    runs = [row.partition("|")[2] for row in done.splitlines() if row]
    assert runs == [second["run"], second["run"], first["run"]]  # two syncs, and a merge of main
    assert first["run"] != second["run"]
    said = types("history", "--run", first["run"][:6]).output
    assert "Sync Chase: 1 new" in said
    assert "added ledger/acme/2026/2026-09.beancount" in said
    assert "git revert" in said
    (commit,) = json.loads(types("history", "--run", first["run"], "--format", "json").output)
    assert commit[0]["kind"] == "added"
    status = json.loads(types("status", "--format", "json").output)
    assert status["last"]["run"] == second["run"]


def test_a_run_that_is_none_is_told(types: Type, plaid: Nights, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    types("schedule", "run")
    assert "no commit is of a run" in str(types("history", "--run", "ffffffffffff").exception)
    assert "4 letters at least" in str(types("history", "--run", "f").exception)
    assert "one of ENTRY and --run" in str(types("history").exception)


def test_a_sync_by_hand_is_a_run_too(types: Type, plaid: Nights, bank: FakeBank) -> None:
    bank.adds(shop("a", 1, "20.00"))
    types("sync")
    _, trailer = git.call(plaid.home.path, "log", "-1", "--format=%(trailers:key=Books-Run)")
    assert re.fullmatch(r"Books-Run: [0-9a-f]{12}", trailer)
