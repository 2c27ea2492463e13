"""Secrets: what was stored comes back, nothing else does, and no value is ever shown."""

import base64
import json
import logging
import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner
from keyring.backend import KeyringBackend

from core.findings import UserError
from core.home import Home
from core.masked import HIDDEN, Masking, Secret, masked
from core.sealing_keys import SERVICE, Keys, new_key
from core.secrets import Secrets
from scripts import main as program
from scripts.main import cli

CANARY = "access-canary-5f0c9e61"


class Memory(KeyringBackend):
    """A keyring that goes with the test."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Memory]:
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    return Secrets(home, Keys(home))


def files(home: Home) -> list[Path]:
    return sorted((home.private / "secrets").glob("*.json"))


def test_what_was_stored_comes_back_and_stands_nowhere_in_the_clear(kept: Secrets) -> None:
    kept.put("plaid/item-1", Secret(CANARY))
    assert kept.get("plaid/item-1").reveal() == CANARY
    everything = b"".join(p.read_bytes() for p in kept.home.path.rglob("*") if p.is_file())
    assert CANARY.encode() not in everything
    assert base64.b64encode(CANARY.encode())[:-4] not in everything
    (file,) = files(kept.home)
    assert file.stat().st_mode & 0o077 == 0


def test_nothing_is_stored_twice_alike(kept: Secrets) -> None:
    kept.put("a", Secret(CANARY))
    first = json.loads(files(kept.home)[0].read_text())
    kept.put("a", Secret(CANARY))
    second = json.loads(files(kept.home)[0].read_text())
    assert first["nonce"] != second["nonce"]
    assert first["sealed"] != second["sealed"]


@pytest.mark.parametrize("field", ["key", "nonce", "sealed"])
def test_a_file_that_was_changed_is_no_secret(kept: Secrets, field: str) -> None:
    kept.put("a", Secret(CANARY))
    before = json.loads(files(kept.home)[0].read_text())
    kept.put("a", Secret("access-other-000001"))
    (file,) = files(kept.home)
    said = "00000000" if field == "key" else before[field]
    file.write_text(json.dumps(json.loads(file.read_text()) | {field: said}))
    with pytest.raises(UserError) as error:
        kept.get("a")
    assert "access-" not in str(error.value)


def test_a_secret_cannot_be_passed_off_as_another(kept: Secrets) -> None:
    kept.put("plaid/item-1", Secret(CANARY))
    kept.put("plaid/item-2", Secret("access-other-000001"))
    one, two = files(kept.home)
    two.write_bytes(one.read_bytes())
    with pytest.raises(UserError, match="not what was stored"):
        kept.get("plaid/item-2")


def test_another_key_opens_nothing(kept: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.put("a", Secret(CANARY))
    monkeypatch.setenv("BOOKS_KEY", new_key())
    with pytest.raises(UserError, match="is not on this machine"):
        kept.get("a")


@pytest.mark.parametrize("wrong", ["x", "c2hvcnQ=", "ä" * 44])
def test_a_key_that_is_none_is_not_quoted(
    home: Home, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("BOOKS_KEY", wrong)
    with pytest.raises(UserError, match="is no key") as error:
        Secrets(home, Keys(home)).put("a", Secret(CANARY))
    assert error.value.__cause__ is None
    assert (
        wrong not in str(error.value).replace("BOOKS_KEY", "").replace("fresh", "")
        or len(wrong) == 1
    )


def test_a_key_of_its_own_asks_nobody_elses(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKS_KEY", "none at all")
    own = Secrets(home, Keys(home, only=new_key()))
    own.put("a", Secret(CANARY))
    assert own.get("a") == Secret(CANARY)
    assert own.rotate() == 0


def test_without_keyring_and_key_nothing_is_begun(home: Home) -> None:
    with pytest.raises(UserError, match="no keyring") as error:
        Secrets(home, Keys(home)).ready()
    assert "books secrets new-key" in error.value.hint


def test_the_keyring_gets_a_key_on_first_use(home: Home, ring: Memory) -> None:
    Secrets(home, Keys(home)).put("a", Secret(CANARY))
    assert Secrets(home, Keys(home)).get("a") == Secret(CANARY)
    assert [service for service, _ in ring.kept] == [SERVICE]


def test_a_credential_of_systemd_is_a_key(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "books-key").write_text(new_key() + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secrets = Secrets(home, Keys(home))
    secrets.put("a", Secret(CANARY))
    assert secrets.get("a") == Secret(CANARY)
    assert "systemd" in secrets.keys.where()


def test_rotation_leaves_no_use_for_the_old_key(home: Home, ring: Memory) -> None:
    secrets = Secrets(home, Keys(home))
    for name in ("a", "b"):
        secrets.put(name, Secret(CANARY + name))
    old = dict(ring.kept)
    assert secrets.rotate() == 2
    assert not old.keys() & ring.kept.keys()
    assert [secrets.get(name).reveal() for name in ("a", "b")] == [CANARY + "a", CANARY + "b"]


def test_a_rotation_that_breaks_off_loses_nothing(
    home: Home, ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = Secrets(home, Keys(home))
    for name in ("a", "b", "c"):
        secrets.put(name, Secret(CANARY + name))
    real, done = Secrets.put, []

    def put(self: Secrets, name: str, secret: Secret) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(name)
        real(self, name, secret)

    monkeypatch.setattr(Secrets, "put", put)
    with pytest.raises(KeyboardInterrupt):
        secrets.rotate()
    monkeypatch.setattr(Secrets, "put", real)
    assert [secrets.get(n).reveal() for n in "abc"] == [CANARY + n for n in "abc"]
    secrets.rotate()
    assert [secrets.get(n).reveal() for n in "abc"] == [CANARY + n for n in "abc"]
    assert len({each.key_id for each in secrets.stored()}) == 1


def test_rotation_to_another_key_of_the_environment(
    kept: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.put("a", Secret(CANARY))
    monkeypatch.setenv("BOOKS_KEY_OLD", os.environ["BOOKS_KEY"])
    monkeypatch.setenv("BOOKS_KEY", new_key())
    assert kept.rotate() == 1
    monkeypatch.delenv("BOOKS_KEY_OLD")
    assert kept.get("a") == Secret(CANARY)


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = Secret(CANARY)
    said = f"{secret} {secret!r} {[secret]} {vars(Secret)} {format(secret)}"
    assert CANARY not in said
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_what_was_revealed_is_masked_in_messages_and_logs() -> None:
    Secret(CANARY).reveal()
    assert masked(f"token={CANARY}!") == f"token={HIDDEN}!"
    record = logging.LogRecord("bulkhead", logging.INFO, "", 0, "got %s", (CANARY,), None)
    assert Masking().filter(record)
    assert record.getMessage() == f"got {HIDDEN}"


def test_a_fault_of_ours_does_not_tell_a_secret(
    kept: Secrets, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Secret(CANARY).reveal()

    def fails(*_args: object, **_named: object) -> None:
        raise RuntimeError(f"unexpected {CANARY}")

    monkeypatch.setattr("scripts.commands.secrets.secrets_of", fails)
    with pytest.raises(SystemExit):
        program.main(["--home", str(kept.home.path), "secrets"])
    said = capsys.readouterr()
    assert "a fault of ours" in said.err
    assert CANARY not in said.out + said.err


def test_the_command_tells_names_and_never_values(kept: Secrets) -> None:
    run = ["--home", str(kept.home.path), "secrets"]
    stored = CliRunner().invoke(cli, [*run, "set", "plaid-secret"], input=f"{CANARY}\n")
    assert (stored.exit_code, CANARY in stored.output) == (0, False)
    listed = CliRunner().invoke(cli, run)
    assert "plaid-secret" in listed.output
    assert "BOOKS_KEY" in listed.output
    assert CANARY not in listed.output
    rotated = CliRunner().invoke(cli, [*run, "rotate"])
    assert rotated.exit_code == 0
    forgotten = CliRunner().invoke(cli, [*run, "forget", "plaid-secret"])
    assert forgotten.exit_code == 0
    assert "No secrets" in CliRunner().invoke(cli, run).output
