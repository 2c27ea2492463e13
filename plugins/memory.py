"""What the rules saw the last time, kept so that an edit writes what it changed.

All of it is written rarely, and between two times what differs since, which names what it differs
from. Who finds only an older memory judges more again, and comes to the same findings.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakSet

from core.cache.slim import digest
from core.journal.parts import Parts, Sheaf

_Files = Mapping[str, Sequence[str]]
_DIFFERENT = 32  # files, and as many in each thousand, until all is written again


@dataclass(frozen=True)
class Seen:
    """What the rules of the scope LINK saw: each file's ident and the key of its leaf, what was
    declared, and the files and lines that they found something about. ``sheaves`` hold such files
    and no others, as far as this process knows them."""

    files: _Files
    customs: str
    accounts: Mapping[str, str]
    places: Sequence[Sequence[Any]] = ()
    sheaves: Collection[Sheaf] = frozenset()


@dataclass
class Memory:
    """The memory of some books: what was ``seen``, the files that were written as a whole, and
    under which name."""

    parts: Parts
    name: str
    seen: Seen | None = None
    whole: _Files = field(default_factory=dict)
    ident: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)
    same: WeakSet[Sheaf] = field(default_factory=WeakSet)  # with no file that differs from those

    @classmethod
    def of(cls, parts: Parts, name: str) -> "Memory":
        """The memory called ``name``: this process has it, or the store, or it is empty."""
        known = parts.seen.get(name)
        if isinstance(known, Memory):
            known.parts = parts
            return known
        memory = parts.seen[name] = cls(parts, name)
        whole = parts.recall(name)
        if whole is None:
            return memory
        memory.whole, memory.ident = whole["files"], whole["ident"]
        told = parts.recall(f"{name} since")
        if not told or told["since"] != memory.ident:
            told = {**whole, "files": {}, "gone": []}
        files = {**memory.whole, **told["files"]}
        for file in told["gone"]:
            del files[file]
        memory.seen = Seen(files, told["customs"], told["accounts"], told["places"])
        return memory

    def keep(self, now: Seen) -> None:
        """Remembers what was seen now: here, and for the next process."""
        with self.lock:
            self._keep(now)

    def _keep(self, now: Seen) -> None:
        self.seen = replace(now, sheaves=frozenset(now.sheaves))
        different: dict[str, Sequence[str]] = {}
        for sheaf in now.sheaves:
            if sheaf in self.same:
                continue
            new = {n: each for n, each in sheaf.idents.items() if self.whole.get(n) != each}
            different |= new
            if not new:
                self.same.add(sheaf)
        gone = sorted(self.whole.keys() - now.files.keys())
        said = {"customs": now.customs, "accounts": now.accounts, "places": now.places}
        if self.ident and len(different) + len(gone) <= _DIFFERENT * (1 + len(now.files) // 1000):
            since = {**said, "since": self.ident, "files": different, "gone": gone}
            self.parts.keep(f"{self.name} since", since)
            return
        self.whole, self.same = now.files, WeakSet(now.sheaves)
        self.ident = digest([said, now.files])
        self.parts.keep(self.name, {**said, "ident": self.ident, "files": now.files})
