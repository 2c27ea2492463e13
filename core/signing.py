"""Whose signature a commit has: the keys of ``rules/people.yaml``, those of ssh and of OpenPGP.

Git looks at signatures with these keys and no others: ssh's from a file of allowed signers, those
of OpenPGP from a keyring of their own, made for the occasion; nothing is fetched from anywhere. A
signature is good when its key is the author's: a good one of somebody else's key says who that is.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.people import People, Person, allowed_signers, is_block, is_fingerprint
from core.programs import called

# Besides git's letters: a good signature with the key of another person than the author.
OTHERS = "O"
WORDS: Mapping[str, str] = {
    "G": "good", "U": "good, of an unknown key", "B": "BAD", "X": "good, but expired",
    "Y": "good, of an expired key", "R": "good, of a revoked key", "E": "cannot be checked",
    "N": "none", "": "none", OTHERS: "good, but of somebody else's key",
}  # fmt: skip


@dataclass(frozen=True)
class Signature:
    """What git says of a commit's signature: its letter, the fingerprints of the key and of the
    primary key that it belongs to."""

    letter: str = ""
    key: str = ""
    primary: str = ""


@dataclass(frozen=True)
class Keys:
    """The keys of people: git's settings and environment to look at signatures with, and whose each
    fingerprint is."""

    settings: tuple[str, ...]
    environment: Mapping[str, str]
    owners: Mapping[str, Person] = field(default_factory=dict)

    def letter(self, signature: Signature, author: str) -> str:
        """The letter for a signature on a commit of ``author`` (an address): ``G`` where the key is
        theirs, ``O`` where it is another's, ``U`` where it is nobody's; else git's."""
        if signature.letter not in {"G", "U"}:
            return signature.letter
        known = (self.owners.get(each) for each in (signature.key, signature.primary))
        owner = next(filter(None, known), None)
        if owner is None:
            return "U"
        return "G" if author.casefold() in {e.casefold() for e in owner.emails} else OTHERS


def keys_of(people: People | None, place: Path) -> Keys | None:
    """The keys of people, put into the folder ``place``; None where they have none."""
    if people is None or not any(person.keys for person in people.people):
        return None
    place.mkdir(parents=True, exist_ok=True)
    signers, ring = place / "signers", place / "keyring"
    signers.write_text(allowed_signers(people), encoding="utf-8")
    ring.mkdir(mode=0o700)
    owners: dict[str, Person] = {}
    for person in people.people:
        for key in person.keys:
            owners |= dict.fromkeys(_fingerprints(key, ring), person)
    settings = ("-c", f"gpg.ssh.allowedSignersFile={signers}", "-c", "gpg.program=gpg")
    return Keys(settings, {"GNUPGHOME": str(ring)}, owners)


def _fingerprints(key: str, ring: Path) -> Iterator[str]:
    """How git names a key; one of OpenPGP is put into the keyring. None for what cannot be read,
    and where gpg or the key is not here."""
    if is_block(key):
        yield from _imported(key, ring)
    elif is_fingerprint(key):
        went_well, block = called("gpg", "--batch", "--armor", "--export", "".join(key.split()))
        if went_well and block:
            yield from _imported(block, ring)
    else:
        try:
            raw = base64.b64decode(key.split()[1], validate=True)
        except (IndexError, binascii.Error):
            return
        digest = base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
        yield f"SHA256:{digest}"


def _imported(block: str, ring: Path) -> Iterator[str]:
    """The fingerprints of the keys in an armoured block, once they are in the keyring."""
    gpg = ("--homedir", str(ring), "--batch", "--quiet", "--no-autostart")
    called("gpg", *gpg, "--import", given=block)
    _, listed = called("gpg", *gpg, "--with-colons", "--show-keys", given=block)
    for line in listed.splitlines():
        fields = line.split(":")
        if fields[0] == "fpr" and len(fields) > 9:
            yield fields[9]
