"""The way back of a decision: what its files said before, so that it can be taken back.

A person who decides lines quickly decides one wrongly now and then. For a change that the door was
told is a decision, ``.books/decisions.jsonl`` keeps for each file what stood where the decision
wrote, and the hashes before and after. Taking it back is a change as any other; it is offered only
while every file is as the decision left it. This needs no git: where there is one, the commit of a
decision is followed by the commit that takes it back.
"""

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal import intent
from core.journal.change import ChangeSet, FileChange, content
from core.journal.lock import sync_folder

# Who has decided so many lines since does not want the one before them back.
_KEPT = 200


@dataclass(frozen=True)
class Back:
    """The way back of one file, from ``after`` to ``base`` (hashes; None: no such file).

    ``old`` (base64) stood between the first ``head`` bytes, which stay, and the last ``tail``.
    """

    path: str
    base: str | None
    after: str | None
    head: int
    tail: int
    old: str


@dataclass(frozen=True)
class Decision:
    """A change that can be taken back: its key, what it was, and the way back of its files.

    ``takes_back`` is the key of the decision that this one took back, empty for all others.
    """

    key: str
    message: str
    back: tuple[Back, ...]
    takes_back: str = ""


def decision_of(change: ChangeSet, key: str, takes_back: str = "") -> Decision:
    """What is kept of a change that somebody may want to take back."""
    back = tuple(_back(file) for file in change.files)
    return Decision(key, change.message, back, takes_back)


def remember(home: Home, decision: Decision) -> None:
    """Puts the decision on disk, once; raises OSError when the disk refuses."""
    known = _decisions(home)
    if all(other.key != decision.key for other in known):
        _write(home, [*known, decision][-_KEPT:])


def drop(home: Home, key: str) -> None:
    """Forgets a decision whose change was undone because the disk refused it."""
    known = _decisions(home)
    if any(decision.key == key for decision in known):
        _write(home, [decision for decision in known if decision.key != key])


def last(home: Home) -> Decision:
    """The newest decision that was not taken back. Raises UserError where there is none."""
    gone: set[str] = set()
    for decision in reversed(_decisions(home)):
        if decision.takes_back:
            gone.add(decision.takes_back)
        elif decision.key not in gone:
            return decision
    raise UserError(
        "there is no decision to take back",
        hint="decisions that 'books inbox' wrote in this folder can be taken back; others are in "
        "the history of git",
        code=EXIT_FINDINGS,
    )


def taken_back(home: Home, decision: Decision) -> ChangeSet:
    """The change that makes every file what it was before the decision.

    Raises UserError where a file says something else than the decision left in it.
    """
    files = []
    for back in decision.back:
        now = content(home.path / back.path)
        if intent.digest(now) != back.after:
            raise UserError(
                f"has changed since the decision '{decision.message}'; nothing was taken back",
                file=back.path,
                hint="edit the entry by hand; 'git log -p' shows what it was",
                code=EXIT_FINDINGS,
            )
        files.append(FileChange(Path(back.path), now, _restored(back, now or b"")))
    return ChangeSet(f"Take back: {decision.message}", tuple(files))


def _back(file: FileChange) -> Back:
    before, after = file.before or b"", file.after or b""
    head = _same(zip(before, after, strict=False))
    rest = zip(reversed(before[head:]), reversed(after[head:]), strict=False)
    tail = _same(rest)
    old = base64.b64encode(before[head : len(before) - tail]).decode("ascii")
    left = intent.digest(file.after)
    return Back(file.path.as_posix(), file.base, left, head, tail, old)


def _same(pairs: Iterable[tuple[int, int]]) -> int:
    """How many pairs at the beginning are of two equals."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _restored(back: Back, now: bytes) -> bytes | None:
    if back.base is None:
        return None
    return now[: back.head] + base64.b64decode(back.old) + now[len(now) - back.tail :]


def _log(home: Home) -> Path:
    return home.private / "decisions.jsonl"


def _decisions(home: Home) -> list[Decision]:
    """The decisions that are kept, oldest first. A line that cannot be read is none: without it
    nothing can be taken back, and nothing else is lost."""
    if not _log(home).is_file():
        return []
    found = []
    for line in _log(home).read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(from_json(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def from_json(told: Mapping[str, Any]) -> Decision:
    """The decision that ``dataclasses.asdict`` and JSON made of one."""
    return Decision(**{**told, "back": tuple(Back(**back) for back in told["back"])})


def _write(home: Home, decisions: Iterable[Decision]) -> None:
    beside = _log(home).with_suffix(".tmp")
    with beside.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(decision)) + "\n" for decision in decisions)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(_log(home))
    sync_folder(home.private)
