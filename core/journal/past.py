"""One entry through all commits: when it was written, edited, moved to another file, taken out.

An entry is followed as text, from now into the past. Where a commit brought the text as it is, the
entry that it was before is among those that the commit took away: the one with the same id, else
the most alike. So it is found through renames of accounts and files as well.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from core import git, git_log
from core.findings import UserError
from core.journal.change import entry_spans
from core.journal.lint import MAX_FILE_BYTES
from core.journal.scan import scan
from core.journal.state import JOURNALS

_ALIKE = 0.6  # how much of an entry an edit leaves, at the least
_ID = re.compile(r'^\s*id(?:-\d+)?:\s*"([^"]+)"', re.MULTILINE)
_FEW = 40_000  # comparisons
NOT_COMMITTED = "not committed yet"


@dataclass(frozen=True)
class Written:
    """An entry as it stands in a file: the path from the top of the repository, the line, the
    text."""

    path: str
    line: int
    text: str

    def to_json(self) -> dict[str, Any]:
        """The entry as the documented JSON object."""
        return {"file": self.path, "line": self.line, "text": self.text}


@dataclass(frozen=True)
class Step:
    """What a commit did to the entry: added, changed, moved (another file), removed."""

    commit: git_log.Logged
    kind: str
    before: Written | None
    after: Written | None

    def to_json(self) -> dict[str, Any]:
        """The step as the documented JSON object, without its commit."""
        sides = {"before": self.before, "after": self.after}
        return {"kind": self.kind} | {k: side and side.to_json() for k, side in sides.items()}


def entries_in(path: str, content: bytes) -> list[Written]:
    """The entries of a journal, each from the comments right above it."""
    if len(content) > MAX_FILE_BYTES:
        return []
    lines = list(scan(content.decode("utf-8", "replace").replace("\r\n", "\n")))
    return [
        Written(path, span.first + 1, "\n".join(line.text for line in lines[span.first : span.end]))
        for span in entry_spans(lines)
    ]


def only_journals(commit: git_log.Logged) -> git_log.Logged:
    """A commit with its journals alone of the files that it changed."""
    journals = {n: blobs for n, blobs in commit.files.items() if n.endswith(JOURNALS)}
    return replace(commit, files=journals)


class Past:
    """The commits of a repository with books, and what was in their journals."""

    def __init__(self, home: Path) -> None:
        top = git.top(home)
        if top is None or not git.head(home):
            raise UserError(f"{home} is no git repository with a commit", hint="git init")
        self._home = home
        self._top = top
        self._blobs: dict[str, bytes] = {"": b""}
        self.commits = self._commits()

    def _commits(self) -> list[git_log.Logged]:
        """The commits that changed journals, newest first; before them what is not committed."""
        found = []
        open_ = [p for p in git.changed(self._home, [self._home]) if p.name.endswith(JOURNALS)]
        if open_:
            above = git.prefix(self._home)
            names = {}
            for path in open_:
                name, disk = f"{above}{path.as_posix()}", self._home / path
                before, now = f"HEAD {name}", f"disk {name}"
                self._blobs[before] = git.committed(self._home, path) or b""
                self._blobs[now] = disk.read_bytes() if disk.is_file() else b""
                names[name] = before, now
            found.append(git_log.Logged("", "", "", "", "", NOT_COMMITTED, names))
        kept = (only_journals(commit) for commit in git_log.log(self._home))
        return [*found, *(commit for commit in kept if commit.files)]

    def of(self, wanted: str) -> list[list[Step]]:
        """The steps of each entry that ``wanted`` names, oldest first: an id, a link, or file:line.

        Raises UserError where nothing and nobody before knows it.
        """
        found = list(self._standing(wanted))
        if found:
            return [list(self._back(each, 0))[::-1] for each in found]
        gone = self._taken_out(wanted)
        if gone:
            return [
                [*list(self._back(was, place + 1))[::-1], Step(commit, "removed", was, None)]
                for place, commit, was in gone
            ]
        raise UserError(
            f"no entry, now or in the past, is '{wanted}'",
            hint="name it by its id, its link, or its place: ledger/acme/2026/2026-09.beancount:12",
        )

    def _standing(self, wanted: str) -> Iterator[Written]:
        """The entries on the disk that are meant."""
        file, _, line = wanted.rpartition(":")
        above = git.prefix(self._home)
        for base in (Path.cwd(), self._home):
            path = base / file
            if file and line.isdigit() and path.is_file():
                name = path.resolve().relative_to(self._top.resolve()).as_posix()
                yield from self._at(entries_in(name, path.read_bytes()), int(line), wanted)
                return
        for path in sorted(self._home.rglob("*")):
            if path.name.endswith(JOURNALS) and path.is_file() and ".books" not in path.parts:
                name = f"{above}{path.relative_to(self._home).as_posix()}"
                content = path.read_bytes()
                # most files do not have it, and a glance is much quicker than going by line
                named = wanted.lstrip("^").encode() in content
                for each in entries_in(name, content) if named else ():
                    if _is_meant(each.text, wanted):
                        yield each

    @staticmethod
    def _at(entries: Iterable[Written], line: int, wanted: str) -> Iterator[Written]:
        for each in entries:
            if each.line <= line <= each.line + each.text.count("\n"):
                yield each
                return
        raise UserError(f"no entry stands at {wanted}", hint="give the line of its date")

    def _taken_out(self, wanted: str) -> list[tuple[int, git_log.Logged, Written]]:
        """Entries of that id or link that the newest commit which had them took out."""
        bare = wanted.lstrip("^")
        ids = {commit.id for commit in git_log.log(self._home, touching=bare)}
        for place, commit in enumerate(self.commits):
            if commit.id in ids:
                gone, _ = self._changes(commit)
                found = [each for each in gone if _is_meant(each.text, wanted)]
                if found:
                    return [(place, commit, each) for each in found]
        return []

    def _back(self, entry: Written, start: int) -> Iterator[Step]:
        """The steps that led to the entry, newest first."""
        for commit in self.commits[start:]:
            if entry.path not in commit.files:
                continue
            before, after = (self._blob(oid) for oid in commit.files[entry.path])
            text = entry.text.encode()
            if text not in after.replace(b"\r\n", b"\n") or text in before.replace(b"\r\n", b"\n"):
                continue
            gone, new = self._changes(commit)
            here = next((n for n in new if (n.path, n.text) == (entry.path, entry.text)), entry)
            was = _former(entry, gone)
            if was is None:
                yield Step(commit, "added", None, here)
                return
            yield Step(commit, "changed" if was.path == entry.path else "moved", was, here)
            entry = was

    def steps(self, commit: git_log.Logged) -> list[Step]:
        """What a commit did, entry by entry, in the order of the files."""
        gone, new = self._changes(commit)
        found = []
        # to look for what each was before among all takes long, where a commit brought thousands
        few = len(gone) * len(new) <= _FEW
        for each in new:
            was = _former(each, gone) if few else None
            if was is None:
                found.append(Step(commit, "added", None, each))
            else:
                gone.remove(was)
                found.append(
                    Step(commit, "changed" if was.path == each.path else "moved", was, each)
                )
        return [*found, *(Step(commit, "removed", each, None) for each in gone)]

    def _changes(self, commit: git_log.Logged) -> tuple[list[Written], list[Written]]:
        """The entries that a commit took away, and those that it brought."""
        before: list[Written] = []
        after: list[Written] = []
        for name, (was, now) in commit.files.items():
            sides = entries_in(name, self._blob(was)), entries_in(name, self._blob(now))
            texts = [{each.text for each in side} for side in sides]
            before += (each for each in sides[0] if each.text not in texts[1])
            after += (each for each in sides[1] if each.text not in texts[0])
        return before, after

    def _blob(self, oid: str) -> bytes:
        if oid not in self._blobs:
            self._blobs.update(git.blobs(self._home, [oid]))
        return self._blobs.get(oid, b"")


def _is_meant(text: str, wanted: str) -> bool:
    bare = wanted.lstrip("^")
    if not wanted.startswith("^") and bare in _ID.findall(text):
        return True
    first = next((line for line in text.split("\n") if line[:1].isdigit()), "")
    return re.search(rf"\^{re.escape(bare)}(?![\w./-])", first) is not None


def _former(entry: Written, gone: Iterable[Written]) -> Written | None:
    """The entry that another was before: of the same id, else the most alike; or None."""
    ids = set(_ID.findall(entry.text))
    if ids:
        for each in gone:
            if ids & set(_ID.findall(each.text)):
                return each
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(entry.text)
    best: tuple[float, Written] | None = None
    for each in gone:
        matcher.set_seq1(each.text)
        if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
            continue
        ratio = matcher.ratio()
        if ratio >= _ALIKE and (best is None or ratio > best[0]):
            best = ratio, each
    return best[1] if best else None
