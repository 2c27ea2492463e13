"""The log of a repository: who committed what, when, how it was signed, and what is behind HEAD."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.git import answered, branch
from core.signing import Keys, Signature

_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{40,64})\b", re.MULTILINE)


@dataclass(frozen=True)
class Logged:
    """A commit as the log has it: who and when (ISO 8601), what it says, and of each file that it
    changed (relative to the top) the blobs before and after; empty where there was none."""

    id: str
    author: str
    email: str
    written: str
    committed: str
    subject: str
    files: Mapping[str, tuple[str, str]]
    committer: str = ""
    parents: tuple[str, ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()


def log(
    folder: Path,
    *,
    touching: str = "",
    below: str = "",
    saying: str = "",
    since: str = "",
    tip: str = "HEAD",
) -> Iterator[Logged]:
    """The commits behind ``tip``, or ``--all``, newest first; of merges only what neither side has.
    ``touching``: those that add or take away this text; ``below`` a folder or file; ``saying``:
    those whose message has this text; ``since`` a day (committed on it or later)."""
    shown = (
        "--format=%x01%H%x00%an%x00%ae%x00%aI%x00%cI%x00%s%x00%cn%x00%P%x00"
        "%(trailers:only,unfold,separator=%x02)%x00"
    )
    asked = ["-c", "--raw", "-z", "--no-abbrev", "--no-renames", "--full-history", shown]
    asked += [f"-S{touching}"] if touching else []
    asked += ["--fixed-strings", f"--grep={saying}"] if saying else []
    asked += [f"--since={since}T00:00:00"] if since else []
    told = _said(folder, "log", *asked, tip, *(["--", below] if below else []))
    for record in told.split("\x01")[1:]:
        *head, committer, parents, trailers, raw = record.split("\0", 9)
        commit_id, author, email, written, committed_at, subject = head
        said = trailers.split("\x02")
        words = [word for word in raw.replace("\0\n", "\0").split("\0") if word]
        # ":100644 100644 BEFORE AFTER M", then its path; with more colons and befores for a merge
        changes = zip(words[::2], words[1::2], strict=False)
        files = {name: _blobs_of(change) for change, name in changes}
        yield Logged(
            commit_id,
            author,
            email,
            written,
            committed_at,
            subject,
            files,
            committer,
            tuple(parents.split()),
            tuple((name, value) for name, _, value in (t.partition(": ") for t in said if t)),
        )


@dataclass(frozen=True)
class Word:
    """What a commit says for programs: the ``values`` of a trailer, and which commits it reverts;
    of a merge that it reverts, those that the merge brought."""

    id: str
    values: tuple[str, ...]
    reverts: frozenset[str]


def words(folder: Path, trailer: str) -> Iterator[Word]:
    """The commits behind HEAD with a trailer of that name, or that revert others, newest first."""
    wanted = (f"--grep=^{trailer}: ", "--grep=^This reverts commit ")
    shown = f"--format=%x01%H%x00%b%x00%(trailers:key={trailer},valueonly,separator=%x02)"
    for record in _said(folder, "log", "--topo-order", *wanted, shown).split("\x01")[1:]:
        commit_id, body, said = record.split("\0")
        targets = _REVERTS.findall(body)
        reverts = frozenset(each for target in targets for each in _brought(folder, target))
        yield Word(commit_id, tuple(v.strip() for v in said.split("\x02") if v.strip()), reverts)


def _brought(folder: Path, commit_id: str) -> list[str]:
    """A commit, or with a merge all that it brought to its first parent."""
    asked = ("rev-list", "--end-of-options", f"{commit_id}^1..{commit_id}")
    return [commit_id, *_said(folder, *asked).split()]


def signatures(
    folder: Path, ids: Iterable[str], keys: Keys | None = None
) -> dict[str, tuple[str, str]]:
    """Of each commit the letter for its signature (``G`` good, ``N`` none, …) and the signer: by
    these keys and whose they are, or by git's own settings."""
    wanted = list(ids)
    if not wanted:
        return {}
    settings = keys.settings if keys else ()
    shown = "--format=%H%x00%ae%x00%G?%x00%GF%x00%GP%x00%GS%x01"
    asked = (*settings, "log", "--no-walk=unsorted", "--no-mailmap", shown, *wanted)
    done = answered(folder, asked, keys.environment if keys else None)
    said = done.stdout.decode("utf-8", "replace")
    rows = (record.strip("\n").split("\0") for record in said.split("\x01"))
    found = {}
    for commit, author, letter, *key, signer in (row for row in rows if len(row) == 6):
        judged = keys.letter(Signature(letter, *key), author) if keys else letter
        found[commit] = judged, signer
    return found


def is_behind(folder: Path, commit_id: str) -> bool:
    """Whether a commit is HEAD, or one that HEAD comes from."""
    asked = ("merge-base", "--is-ancestor", commit_id, "HEAD")
    return answered(folder, asked).returncode == 0


def last_before(folder: Path, moment: str) -> str:
    """The newest commit behind HEAD that was committed before a moment (ISO 8601), or nothing."""
    asked = ("rev-list", "-1", f"--before={moment}T00:00:00", "HEAD")
    return _said(folder, *asked).strip()


def main_line(folder: Path) -> frozenset[str]:
    """The commits that HEAD has been at, where merges count for what they brought."""
    return frozenset(_said(folder, "rev-list", "--first-parent", "HEAD").split())


def once_head(folder: Path) -> list[str]:
    """The commits that the checked-out branch has stood at, as this repository remembers."""
    name = branch(folder) or "HEAD"
    told = _said(folder, "reflog", "show", "--format=%H", name)
    return list(dict.fromkeys(told.split()))


def _blobs_of(change: str) -> tuple[str, str]:
    parents = len(change) - len(change.lstrip(":"))
    words = change.split()
    before, after = words[parents + 1], words[2 * parents + 1]
    return before.strip("0") and before, after.strip("0") and after


def _said(folder: Path, *args: str) -> str:
    """What git says, or nothing where it refuses."""
    return answered(folder, args).stdout.decode("utf-8", "replace")
