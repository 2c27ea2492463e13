"""Another state of a tree of books, laid over the one on the disk.

A commit, or another folder, is not copied anywhere: it becomes an overlay for the reader.
So a file that both states share is the same file, under the same path, and what is kept of it is
used for both. A commit's files come from git's objects as they are; no filter, hook or attribute
takes part, and a symbolic link in it is refused as one on the disk is.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from core import git
from core.findings import UserError
from core.journal.files import read_bytes
from core.journal.lint import MAX_FILE_BYTES

JOURNALS = (".beancount", ".bean")
_LINK = "120000"


class Files(Protocol):
    """The files of a state, by their paths below its folder, with forward slashes."""

    @property
    def names(self) -> "Mapping[str, object]":
        """Every file."""

    def is_same(self, name: str, path: Path) -> bool:
        """Whether the file called ``name`` is what stands at ``path``."""

    def content(self, name: str) -> bytes:
        """Its content; raises UserError where it may not be read."""

    def is_of_no_state(self, name: str) -> bool:
        """Whether what is missing here says nothing: git ignores it, so that no commit has it."""


@dataclass(frozen=True)
class Folder:
    """The files below another folder."""

    path: Path

    @cached_property
    def names(self) -> Mapping[str, object]:
        """Every file, without git's and our own."""
        found: dict[str, object] = {}
        for folder, below, files in os.walk(self.path):
            below[:] = [name for name in below if name not in {".git", ".books"}]
            above = Path(folder).relative_to(self.path)
            found |= {(above / name).as_posix(): None for name in files}
        return found

    def is_same(self, name: str, path: Path) -> bool:
        """Compares size, then content; what may not be read is another one."""
        mine = self.path / name
        try:
            if mine.is_symlink() or path.is_symlink() or mine.stat().st_size != path.stat().st_size:
                return False
            return mine.samefile(path) or mine.read_bytes() == path.read_bytes()
        except OSError:
            return False

    def content(self, name: str) -> bytes:
        """The file as the reader would read it in its place."""
        return read_bytes(self.path / name, {})

    def is_of_no_state(self, name: str) -> bool:  # noqa: ARG002 - a folder holds what it holds
        """A folder says what is in it."""
        return False


@dataclass(frozen=True)
class Commit:
    """The files of a commit below ``folder``."""

    folder: Path
    commit: str

    @cached_property
    def names(self) -> Mapping[str, git.Blob]:
        """Every file; submodules are none."""
        return git.tree(self.folder, self.commit)

    def is_same(self, name: str, path: Path) -> bool:
        """Compares size, then git's hash of the content."""
        blob = self.names[name]
        try:
            if blob.mode == _LINK or path.is_symlink() or path.stat().st_size != blob.size:
                return False
            raw = path.read_bytes()
        except OSError:
            return False
        kind = hashlib.sha256 if len(blob.oid) == 64 else hashlib.sha1
        said = kind(b"blob %d\0" % len(raw), usedforsecurity=False)
        said.update(raw)
        return said.hexdigest() == blob.oid

    def content(self, name: str) -> bytes:
        """The blob; journals that differ are fetched together."""
        blob = self.names[name]
        if blob.mode == _LINK:
            raise UserError("is a symbolic link", file=name)
        if blob.size > MAX_FILE_BYTES:
            raise UserError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", file=name)
        if blob.oid not in self._fetched:
            wanted = [blob.oid]
            if name.endswith(JOURNALS) and not self._fetched:
                wanted += [
                    each.oid
                    for other, each in self.names.items()
                    if other.endswith(JOURNALS)
                    and each.size <= MAX_FILE_BYTES
                    and not self.is_same(other, self.folder / other)
                ]
            self._fetched.update(git.blobs(self.folder, wanted))
        try:
            return self._fetched[blob.oid]
        except KeyError:
            raise UserError("git does not have its content", file=name) from None

    def is_of_no_state(self, name: str) -> bool:
        """What git ignores stands beside every commit."""
        names, folders = self._ignored
        return name in names or name.startswith(folders)

    @cached_property
    def _fetched(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def _ignored(self) -> tuple[frozenset[str], tuple[str, ...]]:
        names = git.ignored(self.folder)
        return frozenset(names), tuple(name for name in names if name.endswith("/"))


@dataclass(frozen=True, eq=False)
class State(Mapping[Path, bytes | None]):
    """An overlay over ``base``: what ``files`` hold instead of what stands on the disk.

    Only what differs is in it; it is found out when it is asked for. Going through it gives the
    files that the disk does not have: those that it does have, a reader meets there.
    """

    base: Path
    files: Files
    _known: dict[Path, bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, Path):
            return False
        if path not in self._known:
            self._known[path] = self._differs(path)
        return self._known[path]

    def _differs(self, path: Path) -> bool:
        if not path.is_relative_to(self.base):
            return False
        name = path.relative_to(self.base).as_posix()
        if name in self.files.names:
            return not self.files.is_same(name, path)
        there = path.is_symlink() or path.is_file()
        return there and not self.files.is_of_no_state(name)

    def __getitem__(self, path: Path) -> bytes | None:
        if path not in self:
            raise KeyError(path)
        name = path.relative_to(self.base).as_posix()
        return self.files.content(name) if name in self.files.names else None

    @cached_property
    def _only_here(self) -> tuple[Path, ...]:
        paths = (self.base / name for name in sorted(self.files.names))
        return tuple(path for path in paths if not path.exists())

    def __iter__(self) -> Iterator[Path]:
        return iter(self._only_here)

    def __len__(self) -> int:
        return len(self._only_here)
