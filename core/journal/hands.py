"""Who wrote what in the journals lately: the entries that each commit brought or took away."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core import git, git_log
from core.journal.past import Written, entries_in
from core.journal.state import JOURNALS

# Reconciling marks what others wrote.
_MARK = re.compile(r"^\s+recon(-date)?\s*:.*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Hand:
    """An entry as a commit brought it, or (``is_gone``) took it away: the author's address, the day
    on which it was committed, the place (from the top of the repository), the text."""

    commit: str
    email: str
    day: dt.date
    path: str
    line: int
    text: str
    is_gone: bool = False


Files = Mapping[str, tuple[bytes, bytes]]  # by path, the content before and after


def hands(folder: Path, tip: str, since: dt.date) -> Iterator[Hand]:
    """What the commits behind ``tip`` did since a day, newest first; without the first one, with
    which the books begin. The repository may be bare."""
    for commit in git_log.log(folder, tip=tip, since=since.isoformat()):
        if not commit.parents:
            continue
        day = dt.date.fromisoformat(commit.committed[:10])
        journals = {name: oids for name, oids in commit.files.items() if name.endswith(JOURNALS)}
        known = git.blobs(folder, {oid for oids in journals.values() for oid in oids if oid})
        files = {
            name: (known.get(was, b""), known.get(now, b""))
            for name, (was, now) in journals.items()
        }
        yield from of_commit(commit.id, commit.email, day, files)


def of_commit(commit: str, email: str, day: dt.date, files: Files) -> Iterator[Hand]:
    """What one commit did to journals. What only moved to another file, or was marked as
    reconciled, nobody wrote."""
    before = [each for name, (was, _) in files.items() for each in entries_in(name, was)]
    after = [each for name, (_, now) in files.items() for each in entries_in(name, now)]
    for is_gone, some in ((True, _without(before, after)), (False, _without(after, before))):
        for each in some:
            yield Hand(commit, email, day, each.path, each.line, each.text, is_gone)


def _without(some: list[Written], others: list[Written]) -> list[Written]:
    """Those that the others have not, each as often as it is missing there."""
    there = Counter(_bare(each) for each in others)
    left = []
    for each in some:
        if there[_bare(each)] > 0:
            there[_bare(each)] -= 1
        else:
            left.append(each)
    return left


def _bare(entry: Written) -> str:
    return _MARK.sub("", f"{entry.text}\n").strip()
