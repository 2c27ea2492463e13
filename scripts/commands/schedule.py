"""``books schedule``: nights without anybody, and what begins them."""

import json
import os
import re
import shlex
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import click

from core import branches, git
from core.findings import EXIT_FINDINGS, EXIT_OK, UserError
from core.home import Home
from core.journal.change import ChangeSet, FileChange
from core.journal.write import apply
from core.masked import masked
from core.programs import called
from importers.feed.connections import connections
from importers.unattended import history
from importers.unattended.run import Outcome
from importers.unattended.standing import BRANCH, folder
from importers.unattended.state import packed
from importers.unattended.timers import CI_FILES, Job, Program, ci, crontab, service, timer
from scripts import books as loading
from scripts.commands.secrets import secrets_of
from scripts.commands.sync import as_json, told
from scripts.shipped import SHIPPED
from scripts.unattended import run_once

_COMMITS = ("commit", "commits")
_AT = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


@click.group("schedule")
def command() -> None:
    """Fetch every night without anybody: on a branch of its own, proposed for merging.

    \b
      books schedule run              one such run, now
      books schedule install          every night, by a systemd timer; or --cron, or --ci github
      books schedule show             what is installed
      books schedule remove

    A run works on the branch import/open in a folder of its own, never in your checkout, pushes it
    where there is a remote, and keeps one pull request open where a token is stored (books secrets
    set forge-token). 'books status' says how it went. docs/unattended.md tells all of it.
    """


@command.command("run")
@click.option("--dry-run", is_flag=True, help="Say which banks, and fetch nothing.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def run(ctx: click.Context, dry_run: bool, form: str) -> int:
    """Fetch from every bank onto the branch import/open, and propose it.

    \b
      books schedule run

    A second run at the same time does nothing and ends with 0. Exit status 1 when a bank or the
    forge is in trouble; what needs you is sent once (books secrets set notify-urls).
    """
    secrets = secrets_of(ctx)
    if dry_run:
        for bank in connections(secrets.home):
            click.echo(f"would be fetched onto {BRANCH}: {bank.institution} ({bank.scope})")
        click.echo("Dry run: nobody was asked. 'books sync --dry-run' shows the entries.")
        return EXIT_OK
    outcome = run_once(secrets)
    if form == "json":
        click.echo(_as_json(outcome))
        return EXIT_FINDINGS if outcome.failed else EXIT_OK
    for night in outcome.nights:
        for line in told(night):
            click.echo(masked(line))
    for line in outcome.said:
        click.echo(masked(line))
    if outcome.commits:
        click.echo(f"{BRANCH} holds {outcome.commits} {_COMMITS[outcome.commits > 1]} to merge.")
    return EXIT_FINDINGS if outcome.failed else EXIT_OK


def _as_json(outcome: Outcome) -> str:
    said = {
        "run": outcome.run_id,
        "well": not outcome.failed,
        "busy": outcome.is_busy,
        "to_merge": outcome.commits,
        "request": outcome.request,
        "said": outcome.said,
        "needs": list(outcome.conditions.values()),
        "banks": [as_json(night) for night in outcome.nights],
    }
    return masked(json.dumps(said, indent=2, ensure_ascii=False))


@command.command("install")
@click.option("--at", default="02:30", show_default=True, help="The time of day, HH:MM.")
@click.option("--cron", is_flag=True, help="A line of crontab in place of a systemd timer.")
@click.option("--ci", "kind", type=click.Choice(sorted(CI_FILES)), help="A file for a forge's CI.")
@click.option("--environment", default="", metavar="FILE", help="A file of variables for the run.")
@click.option("--credential", default="", metavar="FILE", help="systemd: the file of the key.")
@click.option("--program", default="", metavar="URL@COMMIT", help="CI: where this program is.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.pass_context
def install(
    ctx: click.Context,
    at: str,
    cron: bool,
    kind: str | None,
    environment: str,
    credential: str,
    program: str,
    dry_run: bool,
    commit: bool,
) -> int:
    """Have 'books schedule run' begin every night; again with another time replaces it.

    \b
      books schedule install --at 03:15 --credential ~/.config/books/key
      books schedule install --cron --environment ~/.config/books/env
      books schedule install --ci github

    A night that the machine slept through is caught up with. What is not in your keyring needs a
    file: BOOKS_KEY as a --credential, or with others as lines of an --environment.
    """
    home = loading.home_from(ctx)
    if not _AT.fullmatch(at):
        raise click.UsageError(f"--at is a time like 02:30, not {at}")
    if cron and kind:
        raise click.UsageError("one of --cron and --ci")
    if credential and (cron or kind):
        raise click.UsageError("--credential is for systemd; --cron takes --environment FILE")
    if environment and kind:
        raise click.UsageError("a CI has its variables from the forge, not from --environment")
    program_line = (sys.executable, "-m", "scripts.main", "--home", str(home.path))
    job = Job(
        home.path, (*program_line, "schedule", "run"), at, _full(environment), _full(credential)
    )
    if kind:
        _ci(home, kind, ci(kind, job, _program(program)), dry_run=dry_run, commit=commit)
    elif cron:
        _cron(home, job, dry_run=dry_run)
    else:
        _systemd(job, dry_run=dry_run)
    for file in filter(None, (job.environment, job.credential)):
        _warn_of(Path(file))
    if not dry_run:
        _remember(home, kind or ("cron" if cron else "systemd"), at)
    return EXIT_OK


@command.command("remove")
@click.option("--dry-run", is_flag=True, help="Show what would be taken away.")
@click.pass_context
def remove(ctx: click.Context, dry_run: bool) -> int:
    """Stop the nightly runs; the branch, its commits and what is connected stay."""
    home = loading.home_from(ctx)
    job = Job(home.path, ())
    units = [path for path in _units(job) if path.is_file()]
    line = _cron_line(job)
    if dry_run:
        for each in (*map(str, units), *([line] if line else [])):
            click.echo(f"would be taken away: {each}")
        return EXIT_OK
    if units:
        called("systemctl", "--user", "disable", "--now", f"{job.name}.timer")
        for path in units:
            path.unlink()
        called("systemctl", "--user", "daemon-reload")
    if line:
        _written_crontab(crontab(_crontab(), None, job.name))
    branches.drop_worktree(home.path, folder(home))
    _remember(home, "", "")
    if units or line:
        click.echo("The nightly runs are taken away.")
    else:
        click.echo("No timer and no line of crontab was here; a CI's file is yours to delete.")
    return EXIT_OK


@command.command("show")
@click.pass_context
def show(ctx: click.Context) -> int:
    """What is installed for this home, and when it is due."""
    home = loading.home_from(ctx)
    job = Job(home.path, ())
    for path in _units(job):
        if path.is_file():
            click.echo(f"# {path}\n{path.read_text(encoding='utf-8')}")
    line = _cron_line(job)
    if line:
        click.echo(line)
    for path in CI_FILES.values():
        if (home.path / path).is_file() and "books schedule" in (home.path / path).read_text():
            click.echo(f"CI: {path}")
    past = history.loaded(home)
    if not past.scheduler:
        click.echo("Nothing is installed; 'books schedule install' does so.")
    return EXIT_OK


@command.command("state")
@click.pass_context
def state(ctx: click.Context) -> int:
    """Print the connections and their encrypted tokens, for a CI's secret BOOKS_STATE.

    Without BOOKS_KEY it opens no bank; keep the two apart all the same.
    """
    click.echo(packed(loading.home_from(ctx)))
    return EXIT_OK


def _full(path: str) -> str:
    return str(Path(path).expanduser().resolve()) if path else ""


def _warn_of(file: Path) -> None:
    """Says what is wrong with a file of keys, since at night nobody is there to read it."""
    if not file.is_file():
        click.echo(f"{file} is not there: until it is, no run has what it should hold.", err=True)
    elif file.stat().st_mode & 0o077:
        click.echo(f"{file} can be read by others: chmod 600 {shlex.quote(str(file))}", err=True)


def _units(job: Job) -> tuple[Path, Path]:
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    return base / f"{job.name}.service", base / f"{job.name}.timer"


def _systemd(job: Job, *, dry_run: bool) -> None:
    paths = _units(job)
    for path, text in zip(paths, (service(job), timer(job)), strict=True):
        if dry_run:
            click.echo(f"# {path}\n{text}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if dry_run:
        return
    for args in (("daemon-reload",), ("enable", "--now", paths[1].name)):
        done, said = called("systemctl", "--user", *args)
        if not done:
            raise UserError(
                f"the units are written, and systemd does not take them: {said}",
                hint="where it does not run for you: books schedule install --cron",
                code=EXIT_FINDINGS,
            )
    click.echo(f"{paths[1].name} begins a run every night at {job.at}.")
    click.echo("On a machine where you are not logged in at night: loginctl enable-linger")


def _cron(home: Home, job: Job, *, dry_run: bool) -> None:
    text = crontab(_crontab(), job, job.name)
    if dry_run:
        click.echo(text, nl=False)
        return
    home.private.mkdir(mode=0o700, exist_ok=True)
    _written_crontab(text)
    click.echo(f"A line of your crontab begins a run every night at {job.at}.")


def _crontab() -> str:
    done, said = called("crontab", "-l")
    if not done and "no crontab" not in said:
        raise UserError(f"the crontab cannot be read: {said}", code=EXIT_FINDINGS)
    return said if done else ""


def _cron_line(job: Job) -> str:
    done, said = called("crontab", "-l")
    lines = said.splitlines() if done else []
    return next((line for line in lines if line.endswith(f"# {job.name}")), "")


def _written_crontab(text: str) -> None:
    done, said = called("crontab", "-", given=text)
    if not done:
        raise UserError(f"the crontab cannot be written: {said}", code=EXIT_FINDINGS)


def _ci(home: Home, kind: str, text: str, *, dry_run: bool, commit: bool) -> None:
    path = CI_FILES[kind]
    full = home.path / path
    before = full.read_bytes() if full.is_file() else None
    if before is not None and b"books schedule install" not in before:
        raise UserError(
            "is there already, and is not ours",
            file=path.as_posix(),
            hint="'books schedule install --ci ... --dry-run' prints what to put into it",
            code=EXIT_FINDINGS,
        )
    change = ChangeSet(f"A nightly run by {kind}", (FileChange(path, before, text.encode()),))
    if dry_run:
        click.echo(change.effective().diff() or "It is as it would be written.\n", nl=False)
        return
    done = apply(home, change, key=str(uuid.uuid4()), commit=commit)
    for remark in done.remarks:
        click.echo(remark)
    click.echo(f"{path} is written; push it, and give the CI the secrets of docs/unattended.md.")


def _program(said: str) -> Program:
    """Where a CI gets this program from: as it is said, else where this checkout is from."""
    url, _, commit = said.rpartition("@")
    if not said:
        url = branches.setting(SHIPPED, f"remote.{branches.remote(SHIPPED)}.url")
        commit = git.head(SHIPPED)
    if not url.startswith("https://") or not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise UserError(
            "it is not known where a CI gets this program",
            hint="--program https://HOST/OWNER/REPOSITORY.git@COMMIT, the commit in full",
        )
    return Program(url, commit)


def _remember(home: Home, scheduler: str, at: str) -> None:
    history.store(home, replace(history.loaded(home), scheduler=scheduler, at=at))
