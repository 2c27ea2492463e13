"""Proposals for tests, written as git objects: any bytes can be a name, any mode a mode."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OCTOBER = "ledger/acme/2026/2026-10.beancount"
HOSTING = """\
2026-10-05 * "Hoster" "Server"
  receipt: "affidavit:affidavits/2026-10.md"
  Expenses:Acme:Hosting   120.00 USD
  Income:Acme:Services
"""


@dataclass(frozen=True)
class Entry:
    """What stands under a name: ``120000`` is a link, ``160000`` a submodule."""

    content: bytes
    mode: str = "100644"


Changes = Mapping[str | bytes, Entry | bytes | str | None]


class Repository:
    """A repository whose first commit is the base."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *args: str, given: bytes = b"", email: str = "jane@example.com") -> str:
        """What git says, stripped."""
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "x"), ("EMAIL", email), ("DATE", "1790000000 +0000"))
        }
        done = subprocess.run(
            ["git", "-C", str(self.folder), *args],
            input=given, capture_output=True, check=True, env=os.environ | identity,
        )  # fmt: skip
        return done.stdout.decode("utf-8", "replace").strip()

    def blob(self, content: bytes) -> str:
        """The id of a content that git keeps now."""
        return self.git("hash-object", "-w", "--stdin", given=content)

    def commit(
        self, changes: Changes, *, parent: str = "main", email: str = "jane@example.com"
    ) -> str:
        """A commit on ``parent`` (empty: on none) with its files and these (None: without it)."""
        names: dict[bytes, tuple[str, str]] = {}
        if parent:
            for record in self._listed(parent):
                about, _, name = record.partition(b"\t")
                mode, _, oid = about.decode().split()
                names[name] = (mode, oid)
        for name, said in changes.items():
            key = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
            if said is None:
                names.pop(key, None)
                continue
            entry = said if isinstance(said, Entry) else Entry(as_bytes(said))
            if entry.mode == "160000":
                names[key] = (
                    entry.mode,
                    hashlib.sha1(entry.content, usedforsecurity=False).hexdigest(),
                )
            else:
                names[key] = (entry.mode, self.blob(entry.content))
        tree = self._tree(names)
        on = ("-p", self.git("rev-parse", parent)) if parent else ()
        return self.git("commit-tree", tree, *on, "-m", "A proposal", email=email)

    def text(self, name: str, revision: str = "main") -> str:
        """A file as a commit has it."""
        return self.git("show", f"{revision}:{name}") + "\n"

    def _listed(self, revision: str) -> list[bytes]:
        done = subprocess.run(
            ["git", "-C", str(self.folder), "ls-tree", "-r", "-z", revision],
            capture_output=True, check=True,
        )  # fmt: skip
        return [record for record in done.stdout.split(b"\0") if record]

    def _tree(self, names: Mapping[bytes, tuple[str, str]]) -> str:
        below: dict[bytes, dict[bytes, tuple[str, str]]] = {}
        here: list[tuple[bytes, str, str]] = []
        for name, (mode, oid) in names.items():
            first, slash, rest = name.partition(b"/")
            if slash:
                below.setdefault(first, {})[rest] = (mode, oid)
            else:
                here.append((first, mode, oid))
        here += [(name, "40000", self._tree(inside)) for name, inside in below.items()]
        here.sort(key=lambda e: e[0] + (b"/" if e[1] == "40000" else b""))
        raw = b"".join(f"{m} ".encode() + n + b"\0" + bytes.fromhex(o) for n, m, o in here)
        asked = ("hash-object", "-w", "-t", "tree", "--stdin", "--literally")
        return self.git(*asked, given=raw)


def as_bytes(said: bytes | str) -> bytes:
    """Text as UTF-8."""
    return said if isinstance(said, bytes) else said.encode()
