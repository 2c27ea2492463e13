"""The keys that open the secrets of a home: from the environment, systemd, or the OS keyring.

``BOOKS_KEY`` comes first (32 bytes, base64; after a change ``BOOKS_KEY_OLD`` is the one before),
then the credential ``books-key`` of a systemd service, then the keyring, where a key is made on
first use. A key is known by its id, a hash of it that says nothing about it.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keyring
from keyring.errors import KeyringError

from core.findings import UserError
from core.home import Home
from core.journal.write import keep

SERVICE = "bulkhead-books"
CREDENTIAL = "books-key"
_LENGTH = 32
# Which key of the keyring is the newest of this home; no secret.
_NEWEST = "secrets/newest-key"


def new_key() -> str:
    """A fresh key, as ``BOOKS_KEY`` takes it."""
    return base64.b64encode(os.urandom(_LENGTH)).decode()


@dataclass(frozen=True)
class Keys:
    """The keys that this machine has for a home; ``only``, where given, stands for all that come
    from outside, and is kept nowhere."""

    home: Home
    only: str = field(default="", repr=False)

    def current(self) -> tuple[str, bytes]:
        """The id and the key that new secrets are encrypted with; made on first use.

        Raises UserError where there is no place for one.
        """
        given = next(self._given(), None)
        if given is not None:
            return _identified(given)
        newest = self._newest()
        if newest:
            return newest, self.named(newest)
        return self._made()

    def named(self, key_id: str) -> bytes:
        """The key with an id. Raises UserError where this machine does not have it."""
        for key in (*self._given(), *_before()):
            if _identified(key)[0] == key_id:
                return key
        kept = _from_keyring(key_id)
        if kept is None:
            raise UserError(
                f"the key {key_id} of these secrets is not on this machine",
                hint="set BOOKS_KEY to it, restore the keyring, or connect the banks again",
            )
        return _decoded(kept, "the keyring")

    def renewed(self) -> str:
        """The id of the key to change to: the one given from outside, else a fresh one."""
        given = next(self._given(), None)
        return _identified(given)[0] if given is not None else self._made()[0]

    def to_change_to(self) -> str:
        """The id of the key that ``renewed`` gives, empty where it makes a fresh one; nothing is
        made."""
        given = next(self._given(), None)
        return _identified(given)[0] if given is not None else ""

    def forget(self, key_id: str) -> None:
        """Takes a key out of the keyring, where it is there."""
        try:
            if keyring.get_password(SERVICE, key_id) is not None:
                keyring.delete_password(SERVICE, key_id)
        except KeyringError:
            return  # no keyring: the key came from outside, and its owner forgets it

    def where(self) -> str:
        """Where the current key comes from, for a person."""
        if os.environ.get("BOOKS_KEY"):
            return "BOOKS_KEY"
        if _credential() is not None:
            return f"systemd credential {CREDENTIAL}"
        return "keyring of the system" if self._newest() else "none yet"

    def _given(self) -> Iterator[bytes]:
        """The keys that were given from outside for new secrets, the first one first."""
        if self.only:  # what the environment says, right or wrong, is then nobody's business
            yield _decoded(self.only, "the key")
            return
        text = os.environ.get("BOOKS_KEY", "")
        if text:
            yield _decoded(text, "BOOKS_KEY")
        path = _credential()
        if path is not None:
            yield _decoded(path.read_text(encoding="utf-8"), f"the credential {CREDENTIAL}")

    def _made(self) -> tuple[str, bytes]:
        text = new_key()
        key_id, key = _identified(_decoded(text, "a new key"))
        try:
            keyring.set_password(SERVICE, key_id, text)
            lasting = keyring.get_password(SERVICE, key_id) == text
        except KeyringError:
            lasting = False
        if not lasting:
            raise UserError(
                "there is no key to keep secrets with, and no keyring to make one in",
                hint='export BOOKS_KEY="$(books secrets new-key)", and keep that key where you '
                "keep passwords: without it the banks have to be connected again",
            )
        keep(self.home, _NEWEST, f"{key_id}\n".encode())
        return key_id, key

    def _newest(self) -> str:
        path = self.home.private / _NEWEST
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _before() -> Iterator[bytes]:
    text = os.environ.get("BOOKS_KEY_OLD", "")
    if text:
        yield _decoded(text, "BOOKS_KEY_OLD")


def _credential() -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder, CREDENTIAL)
    return path if folder and path.is_file() else None


def _from_keyring(key_id: str) -> str | None:
    try:
        return keyring.get_password(SERVICE, key_id)
    except KeyringError:
        return None


def _identified(key: bytes) -> tuple[str, bytes]:
    return hashlib.sha256(b"key of secrets\0" + key).hexdigest()[:8], key


def _decoded(text: str, source: str) -> bytes:
    """The key; the message for a wrong one does not quote it."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _LENGTH:
        raise UserError(
            f"{source} is no key: 32 bytes in base64 are",
            hint="books secrets new-key prints a fresh one",
        ) from None
    return key
