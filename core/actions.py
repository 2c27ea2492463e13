"""What people do with the books that git cannot know: exports, reports handed out, servings.

The log is ``.books/actions.jsonl``: one JSON object a line, each with the SHA-256 of the line
before it (``prev``), so that a line that is taken out, put in or edited breaks the chain. It is
private to this copy of the books, only ever appended to, and no part of a commit. Who holds the
file can still write all of it anew: what it proves is that nobody has done so by halves.
"""

import datetime as dt
import getpass
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from core import git
from core.home import Home
from core.journal.write import append

NAME = "actions.jsonl"
_BEGINNING = "0" * 64


@dataclass(frozen=True)
class Action:
    """One line: when (UTC, ISO 8601), who, what was done, and with what."""

    when: str
    who: str
    what: str
    details: Mapping[str, str]


@dataclass(frozen=True)
class Log:
    """All actions in order; ``broken`` is the number of the first line that does not follow the one
    before it, zero where all do."""

    actions: tuple[Action, ...] = ()
    broken: int = 0


def record(home: Home, what: str, **details: str) -> None:
    """Appends an action by the person who runs this, now. Raises UserError when the disk
    refuses."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    said = {"when": now, "who": _who(home), "what": what, "details": details}

    def line(content: bytes) -> bytes:
        last = content.rstrip(b"\n").rpartition(b"\n")[2]
        prev = hashlib.sha256(last).hexdigest() if last else _BEGINNING
        text = json.dumps(said | {"prev": prev}, sort_keys=True, ensure_ascii=False)
        return f"{text}\n".encode()

    append(home, NAME, line)


def _who(home: Home) -> str:
    """The address that git knows the person by, else the account on this machine."""
    try:
        return git.user(home.path) or getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def read_log(home: Home) -> Log:
    """The log as it stands, and where its chain breaks."""
    path = home.private / NAME
    if not path.is_file():
        return Log()
    actions: list[Action] = []
    prev, broken = _BEGINNING, 0
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            said = json.loads(line)
            details = {str(k): str(v) for k, v in said["details"].items()}
            action = Action(str(said["when"]), str(said["who"]), str(said["what"]), details)
            follows = said["prev"] == prev
        except (ValueError, KeyError, TypeError, AttributeError):
            broken = broken or number
            prev = hashlib.sha256(line).hexdigest()
            continue
        if not follows:
            broken = broken or number
        actions.append(action)
        prev = hashlib.sha256(line).hexdigest()
    return Log(tuple(actions), broken)
