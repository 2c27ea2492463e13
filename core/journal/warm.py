"""The warm reader: the books again, without reading what has not changed.

Every file is a ``Leaf`` kept under a name made of its content and of all that its reading depends
on; lots are kept by month, sums and verdicts by what they were found from. So there is nothing to
invalidate: what changed has another name, and everything under a known name is still right. Entries
themselves are made only when somebody asks for them.

Where that does not hold (a plugin that may rewrite entries, no place for a store) or something is
missing from the store, ``warm_books`` gives None, and the books are read as Beancount reads them.
"""

import datetime as dt
import hashlib
import json
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol

from beancount.core import data

from core.cache.slim import content
from core.cache.store import GoneError, LostError, Scratch, Store
from core.entity import accounts_of, registry_of
from core.findings import UserError
from core.journal import proofs, trouble
from core.journal.books import Books
from core.journal.bundle import Bundle, Sources, bundled, of_entries, of_months
from core.journal.files import read_bytes
from core.journal.joined import around, joined_options, kind_of, own_plugins
from core.journal.keeping import root_name, seen_name, store_for
from core.journal.leaf import Leaf, grown, how_booked, kept
from core.journal.lots import Memo as LotsMemo
from core.journal.lots import Month, booked_months
from core.journal.parts import Made, Parts, replaced
from core.journal.parts import Memo as PiecesMemo
from core.journal.walk import Looked, Plan, Walk, looked_at, walked
from core.memory import collector_paused
from core.policy import policy_of

_LOG = logging.getLogger("bulkhead")
# A file that changed so shortly before it was read may change again within one tick of its clock.
_SETTLES = 2_000_000_000
_Signature = tuple[int, ...]
# A file that differs from what the store holds of it is opened by the next process: let it be some.
_UNTOLD = 16


class Settled(Protocol):
    """Calls a walk until no writer was at work meanwhile."""

    def __call__(self, walk: Callable[[], Walk[Leaf]], /) -> Walk[Leaf]: ...


# A file's signature, and the hash of its content.
_Seen = tuple[_Signature, str]


@dataclass
class _Root:
    """What this process remembers of a root; of files by how findings show them."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    seen: dict[str, _Seen] | None = None
    untold: int = 0  # of them, how many the store does not know
    leaves: dict[str, Leaf] = field(default_factory=dict)
    lots: LotsMemo = field(default_factory=LotsMemo)
    of_months: dict[Month, Sources] = field(default_factory=dict)
    pieces: PiecesMemo = field(default_factory=PiecesMemo)
    made: Sequence[Made] = ()

    def forget(self) -> None:
        """Forgets what it was found from; what stands on the disk is still as it was seen."""
        self.leaves, self.lots, self.pieces = {}, LotsMemo(), PiecesMemo()


_ROOTS: dict[tuple[Path, Path], _Root] = {}
_ROOTS_LOCK = threading.Lock()


def warm_books(
    plan: Plan, as_of: dt.date | None, settled: Settled, cold: Callable[[], Books]
) -> Books | None:
    """The books of a home's root from what is kept and what has changed since; None: read them all.

    ``settled`` runs the walk over the files between two changes of the door; ``cold`` reads them
    all, in case that what is kept has gone and cannot be kept again.
    """
    store = store_for(plan)
    if store is None:
        return None
    root = _root_of(store, plan.root)

    def tried(store: Store, again: Callable[[], Books]) -> Books | None:
        with root.lock:
            try:
                return _books(plan, as_of, settled, again, store, root)
            except LostError as error:
                _LOG.info("cache: %s is lost, reading everything anew", error)
            except GoneError as error:
                _LOG.info("cache: not used (%s)", error)
                root.forget()
                return None
        return again()

    def anew() -> Books:
        with root.lock:
            root.forget()
        return tried(store.anew(), cold) or cold()

    return tried(store, anew)


def _root_of(store: Store, path: Path) -> _Root:
    """What this process remembers of a root: with a scratch, as long as that lives."""
    with _ROOTS_LOCK:
        if isinstance(store, Scratch):
            root: _Root = store.held.setdefault(root_name(path), _Root())
            return root
        return _ROOTS.setdefault((store.folder, path), _Root())


def _books(
    plan: Plan,
    as_of: dt.date | None,
    settled: Settled,
    again: Callable[[], Books],
    store: Store,
    root: _Root,
) -> Books | None:
    looking = _Looking(plan, store, root)
    if foreign := looking.foreign():
        _LOG.info("cache: not used, %s may change any entry", foreign)
        return None
    walk = settled(looking.walk)
    looking.keep()
    leaves = list(walk.pages.values())
    if not leaves or leaves[0].head.options is None:
        return None
    bundles = bundled(leaves, root.pieces.bundles)
    said = [leaves[0].head.options, *(each for some in bundles[1:] for each in some.options)]
    files = sorted(file for some in bundles for file in some.files)
    options = joined_options(said, files)
    if own_plugins(options["plugin"], plan.allowed):
        return None  # since a moment ago
    parts = _parts(bundles, looking.how, options, store, root)
    if looking.grew:
        store.trim()
    _LOG.info("cache: %s, %d of %d files read anew", store.folder, looking.grew, len(leaves))
    kind, remarks = kind_of(plan, options["plugin"])
    registry = registry_of(parts.standing)
    policy = policy_of(parts.standing)
    books = Books(
        root=plan.root,
        base=plan.base,
        kind=kind or parts.kind(registry.ent),
        entries=_Entries(parts, walk.files, root, again),
        options=options,
        registry=registry,
        accounts=accounts_of(parts.standing, registry),
        policy=policy,
        as_of=as_of or policy.as_of or parts.newest,
        files=walk.files,
        parts=parts,
        overlay=plan.overlay,
    )
    findings = [*walk.findings, *remarks, *trouble.findings(parts.troubles, books)]
    findings += [*parts.astray(books, plan), *around(plan)]
    return books.with_findings(findings)


class _Looking:
    """Looks at files: what a file's status shows to be unchanged is not even opened."""

    def __init__(self, plan: Plan, store: Store, root: _Root) -> None:
        self.plan = plan
        self.store = store
        self.root = root
        self.how = ""
        self.grew = 0
        self._shown_root = plan.root.relative_to(plan.base).as_posix()
        self._options: Mapping[str, Any] = {}
        self._name = seen_name(plan.root)
        if root.seen is None:
            told = json.loads(store.get(self._name) or b"{}")
            root.seen = {shown: (tuple(s), sha) for shown, (s, sha) in told.items()}
        self._before = root.seen
        self._seen: dict[str, _Seen] = {}
        self._read = 0

    def foreign(self) -> str:
        """A plugin besides ours that the root runs, or an empty string."""
        root = self.plan.root
        try:
            options = self._leaf(root, self._shown_root).head.options
        except UnicodeDecodeError:
            return ""  # the walk says so
        run = own_plugins(options["plugin"], self.plan.allowed) if options else []
        return run[0][0] if run else ""

    def walk(self) -> Walk[Leaf]:
        """The include walk."""
        self._seen, self._read = {}, 0
        return walked(self.plan, self._leaf)

    def keep(self) -> None:
        """Remembers what was seen: here, and for the next process."""
        if self.plan.overlay or self._seen == self._before:
            return
        self.root.seen = self._seen
        self.root.untold += self._read
        if self.root.untold > min(_UNTOLD, len(self._seen) // 4):
            self.root.untold = 0
            self.store.put(self._name, content(self._seen))

    def _leaf(self, path: Path, shown: str) -> Leaf:
        return self._unchanged(path, shown) or self._looked_at(path, shown)

    def _unchanged(self, path: Path, shown: str) -> Leaf | None:
        """The leaf of a file that is as it was at the last reading of this process: of thousands
        of files nearly all are, so that there is one look at each and no more."""
        leaf, seen = self.root.leaves.get(shown), self._before.get(shown)
        if leaf is None or seen is None or leaf.how != self.how or leaf.sha != seen[1]:
            return None
        if shown == self._shown_root or (self.plan.overlay and path in self.plan.overlay):
            return None
        try:
            if _SIGNATURE(os.lstat(path)) != seen[0]:
                return None
        except OSError:
            return None
        self._seen[shown] = seen
        return leaf

    def _looked_at(self, path: Path, shown: str) -> Leaf:
        overlaid = bool(self.plan.overlay) and path in self.plan.overlay
        raw: bytes | None = None
        sha = "" if overlaid else self._known(path, shown)
        if not sha:
            signature = None if overlaid else _signature(path)
            began = time.time_ns()
            raw = read_bytes(path, self.plan.overlay)
            sha = hashlib.sha256(raw).hexdigest()
            if signature and max(signature[-2:]) + _SETTLES < began:
                self._seen[shown] = (signature, sha)
                self._read += 1
        if shown == self._shown_root:
            leaf = self._root(path, shown, sha, raw)
        else:
            leaf = self._old(path, shown, sha, self.how) or self._new(path, shown, raw)
        if not overlaid:
            self.root.leaves[shown] = leaf
        return leaf

    def _root(self, path: Path, shown: str, sha: str, raw: bytes | None) -> Leaf:
        """The root says how all files are booked, itself among them."""
        allowed = hashlib.sha256(json.dumps(sorted(self.plan.allowed)).encode()).hexdigest()
        name = f"root {sha} {allowed} {path}"
        how = (self.store.get(name) or b"").decode()
        leaf = self._old(path, shown, sha, how) if how else None
        if leaf:
            self.how = how
            self._options = joined_options([leaf.head.options] if leaf.head.options else [], ())
            return leaf
        looked = looked_at(path, shown, self.plan.allowed, self.plan.overlay, raw)
        self._options = joined_options([looked.options] if looked.options else [], ())
        self.how = how_booked(self._options, self.plan.allowed)
        self.store.put(name, self.how.encode())
        return self._grown(path, looked)

    def _old(self, path: Path, shown: str, sha: str, how: str) -> Leaf | None:
        """The leaf of this content, where it was read before."""
        known = self.root.leaves.get(shown)
        if known is not None and known.sha == sha and known.how == how:
            return known
        return kept(self.store, path, sha, how)

    def _new(self, path: Path, shown: str, raw: bytes | None) -> Leaf:
        looked = looked_at(path, shown, self.plan.allowed, self.plan.overlay, raw)
        return self._grown(path, looked)

    def _grown(self, path: Path, looked: Looked) -> Leaf:
        self.grew += 1
        holds = self.plan.scratch is not None
        return grown(self.store, path, self.how, looked, self._options, holds=holds)

    def _known(self, path: Path, shown: str) -> str:
        """The content's hash, where the file is surely the one that was read."""
        seen = self._before.get(shown)
        if seen is None or seen[0] != _signature(path):
            return ""
        self._seen[shown] = seen
        return seen[1]


def _signature(path: Path) -> _Signature | None:
    """What changes when a file does: place, size and both times; None: no ordinary file."""
    try:
        status = os.lstat(str(path))
    except OSError:
        return None
    return _SIGNATURE(status) if stat.S_ISREG(status.st_mode) else None


_SIGNATURE = attrgetter("st_dev", "st_ino", "st_mode", "st_size", "st_mtime_ns", "st_ctime_ns")


class _Entries(Sequence[data.Directive]):
    """The entries of books, made when the first of them is asked for."""

    def __init__(
        self, parts: Parts, files: Mapping[Path, str], root: _Root, again: Callable[[], Books]
    ) -> None:
        self._parts = parts
        self._files = files
        self._root = root
        self._again = again

    @property
    def are_made(self) -> bool:
        """Whether somebody has asked for them."""
        return "_all" in self.__dict__

    @cached_property
    def _all(self) -> Sequence[data.Directive]:
        try:
            with collector_paused():
                made = self._parts.entries()
            self._root.made = [piece.made for piece in self._parts.pieces]
            return made
        except LostError as error:
            _LOG.info("cache: %s is lost, reading everything anew", error)
        books = self._again()
        if books.files != self._files:
            raise UserError("the books have changed while they were read; run the command again")
        return books.entries

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[data.Directive]:
        return iter(self._all)

    def __getitem__(self, index: Any) -> Any:
        return self._all[index]


def _parts(
    bundles: Sequence[Bundle], how: str, options: Mapping[str, Any], store: Store, root: _Root
) -> Parts:
    declared = [entry for some in bundles for entry in some.standing]
    declared.sort(key=data.entry_sortkey)
    opens = [entry for entry in declared if isinstance(entry, data.Open)]
    months = booked_months([b.lots for b in bundles], how, options, opens, store, root.lots)
    root.of_months = of_months(months, root.of_months)
    sources = [*(some.sources for some in bundles), *root.of_months.values()]
    known = {account for some in sources for account in some.effect.uses}
    known |= {entry.account for entry in declared if isinstance(entry, data.Open | data.Close)}
    found, missing = proofs.found_documents(declared, known, options)
    padding = proofs.padded(declared, sources, options, store)
    added = [*found, *(txn for _, txn in padding.entries)]
    if added:
        sources.append(of_entries(_added_key(added), added))
    gaps, unproven = proofs.failed_balances(declared, sources, options, store)
    standing = sorted(
        [*(replaced(entry, gaps) for entry in declared), *found], key=data.entry_sortkey
    )
    troubles = [each for some in bundles for each in some.troubles]
    troubles += [each for month in months for each in month.troubles]
    troubles += [*missing, *padding.troubles, *unproven]
    troubles += proofs.invalid(standing, sources, options, store)
    sheaves = root.pieces.of(bundles, months, padding)
    return Parts(
        sheaves, standing, found, padding, gaps, sources, troubles, store, root.pieces.seen
    )


def _added_key(entries: Sequence[data.Directive]) -> str:
    return hashlib.sha256(repr(entries).encode()).hexdigest()
