"""Every command that changes something can be tried first: ``--dry-run``."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from core.home import Home
from core.masked import Secret
from core.sealing_keys import Keys, new_key
from core.secrets import Secrets
from scripts.main import cli

# Those that change nothing, or only what they are told to write to.
READERS = {
    *("adopt", "audit", "check", "coverage", "diff", "explain", "forecast", "history", "report"),
    *("completion", "serve", "status", "verify", "review", "review codeowners", "veil report"),
    *("bank list", "budget", "cache info", "export parquet", "inbox why", "rules test"),
    *("schedule show", "schedule state", "secrets", "secrets new-key"),
    # Without --write it only shows; the group's keys decide one by one, each taken back by u.
    *("rules suggest", "inbox"),
    # A copy of the example in a folder of its own is all that it makes.
    "demo",
}


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        assert found is not None
        said = f"{above} {name}".strip()
        if not isinstance(found, click.Group):
            yield said, found
            continue
        if found.invoke_without_command:
            yield said, found
        yield from commands(found, said)


def test_every_command_that_writes_can_be_tried_first() -> None:
    lacking = {
        name
        for name, command in commands(cli)
        if not any("--dry-run" in parameter.opts for parameter in command.params)
    }
    assert lacking == READERS


@pytest.fixture
def types(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("BOOKS_KEY", new_key())

    def type_(*words: str) -> str:
        run = ["--home", str(home.path), *words]
        done = CliRunner().invoke(cli, run, standalone_mode=False, input="never-read\n")
        assert done.exception is None, done.output
        return done.output

    return type_


def private(home: Home) -> dict[str, bytes]:
    found = (path for path in (home.path / ".books").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in found}


def test_secrets_are_tried_without_a_value_and_without_a_change(
    home: Home, types: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "would be stored" in types("secrets", "set", "plaid-secret", "--dry-run")
    assert private(home) == {}
    Secrets(home, Keys(home)).put("plaid-secret", Secret("canary-value"))
    before = private(home)
    assert "would be replaced" in types("secrets", "set", "plaid-secret", "--dry-run")
    assert "would be forgotten" in types("secrets", "forget", "plaid-secret", "--dry-run")
    assert "is not stored" in types("secrets", "forget", "forge-token", "--dry-run")
    assert "0 secrets would be" in types("secrets", "rotate", "--dry-run")
    monkeypatch.setenv("BOOKS_KEY_OLD", os.environ["BOOKS_KEY"])
    monkeypatch.setenv("BOOKS_KEY", new_key())
    said = types("secrets", "rotate", "--dry-run")
    assert "plaid-secret, now with the key" in said
    assert "1 secrets would be" in said
    assert "canary" not in said
    assert private(home) == before
    assert "1 secrets are encrypted anew" in types("secrets", "rotate")


def test_init_names_what_it_would_write(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    run = ["init", str(folder), "--llc", "Acme", "--dry-run"]
    done = CliRunner().invoke(cli, run, standalone_mode=False)
    assert f"would be written: {folder}/rules/plugins.yaml" in done.output
    assert not folder.exists()
