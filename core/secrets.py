"""Secrets at rest: access tokens, encrypted below ``.books/secrets/``, never in git.

Each secret is a file of its own, AES-256-GCM with a fresh nonce; its name and the id of the key
are authenticated with it, so that a file cannot be passed off as another one's.
``core.sealing_keys`` knows the keys. Nothing here prints a value, and no message quotes one::

    {"version": 1, "name": "plaid/item-1", "key": "3f9a5c21", "stored": "2026-09-03T02:10:00Z",
     "nonce": "…", "sealed": "…"}
"""

import base64
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.write import forget, keep
from core.masked import Secret
from core.sealing_keys import Keys

VERSION = 1
_FOLDER = "secrets"
_NONCE = 12


@dataclass(frozen=True)
class Stored:
    """What may be told of a secret: its name, the id of its key, and when it was stored."""

    name: str
    key_id: str
    stored: str


@dataclass(frozen=True)
class Secrets:
    """The secrets of a home, and the keys that open them."""

    home: Home
    keys: Keys

    def ready(self) -> None:
        """Raises UserError where nothing could be stored for want of a key: asked before a bank
        gives away what cannot be asked for twice."""
        self.keys.current()

    def put(self, name: str, secret: Secret) -> None:
        """Stores a secret under ``name``, in place of the one it had; on disk at the return.

        Raises UserError without a key, or where the disk refuses.
        """
        key_id, key = self.keys.current()
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, secret.reveal().encode(), _bound(name, key_id))
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told = {
            "version": VERSION,
            "name": name,
            "key": key_id,
            "stored": now,
            "nonce": base64.b64encode(nonce).decode(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        keep(self.home, _place(name), (json.dumps(told, indent=1) + "\n").encode())

    def get(self, name: str) -> Secret | None:
        """The secret called ``name``; None where there is none.

        Raises UserError where its key is not here, or where the file is not what was stored.
        """
        told = self._read(_place(name))
        if told is None:
            return None
        key = self.keys.named(told["key"])
        try:
            nonce, sealed = base64.b64decode(told["nonce"]), base64.b64decode(told["sealed"])
            plain = AESGCM(key).decrypt(nonce, sealed, _bound(name, told["key"]))
        except (InvalidTag, ValueError) as error:
            raise self._damaged(_place(name)) from error
        return Secret(plain.decode())

    def drop(self, name: str) -> None:
        """Forgets the secret called ``name``."""
        forget(self.home, _place(name))

    def stored(self) -> list[Stored]:
        """All that are there, by name; never a value."""
        return sorted(self._all(), key=lambda each: each.name)

    def outdated(self) -> list[Stored]:
        """Those that ``rotate`` encrypts anew; nothing is written, and no key is made.

        Raises UserError where one of them cannot be opened here, as ``rotate`` would.
        """
        newest = self.keys.to_change_to()
        found = [each for each in self.stored() if each.key_id != newest]
        for each in found:
            self.get(each.name)
        return found

    def rotate(self) -> int:
        """Encrypts every secret anew with the newest key; how many.

        It may be interrupted at any place: each file says which key it needs, and an old key is
        forgotten only when no file needs it.
        """
        before = {each.key_id for each in self._all()}
        newest = self.keys.renewed()
        count = 0
        for each in self.stored():
            if each.key_id == newest:
                continue
            secret = self.get(each.name)
            if secret is not None:
                self.put(each.name, secret)
                count += 1
        for key_id in before - {newest}:
            self.keys.forget(key_id)
        return count

    def _all(self) -> Iterator[Stored]:
        for path in (self.home.private / _FOLDER).glob("*.json"):
            told = self._read(f"{_FOLDER}/{path.name}")
            if told is not None:
                yield Stored(told["name"], told["key"], told["stored"])

    def _read(self, place: str) -> dict[str, str] | None:
        try:
            told = json.loads((self.home.private / place).read_bytes())
            if told["version"] != VERSION:
                raise ValueError("another version")
            return {key: str(told[key]) for key in ("name", "key", "stored", "nonce", "sealed")}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(place) from error

    def _damaged(self, place: str) -> UserError:
        return UserError(
            "is not what was stored: damaged, of another secret, or of another key",
            file=str(self.home.private / place),
            hint="take it from a backup, or connect the bank again: books bank add",
            code=EXIT_FINDINGS,
        )


def _bound(name: str, key_id: str) -> bytes:
    """What is authenticated with a secret: the versioned key id and the name, both in full."""
    return f"{VERSION}\0{key_id}\0{name}".encode()


def _place(name: str) -> str:
    """The secret's file below ``.books/``; names that differ have files that differ."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40]
    return f"{_FOLDER}/{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.json"
