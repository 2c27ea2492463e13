"""What commits hold and who made them, for who must not trust them: asked of git's objects alone.

Nothing is checked out: no filter, hook, attribute or submodule has a say, replacements and grafts
do not count, and names come as the bytes that they are.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core import git
from core.findings import UserError
from core.signing import Keys, Signature

FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
MOST = 400_000  # files in a commit
_AT_ONCE = 64_000_000  # bytes of content asked of git in one go


@dataclass(frozen=True)
class Entry:
    """What a tree has under a name: its mode, object id and size in bytes (submodules: none).

    Bytes of the name that are no UTF-8 come as surrogates.
    """

    name: str
    mode: str
    oid: str
    size: int


@dataclass(frozen=True)
class Made:
    """Who made a commit, and when (the day): e-mail of author and committer; ``signature`` is the
    letter for it (``G`` good, ``U`` good but of nobody known, ``N`` none, …; ``core.signing`` has
    them), empty where nobody asked."""

    commit: str
    author: str
    committer: str
    day: str = ""
    signature: str = ""


def entries(folder: Path, commit: str) -> list[Entry]:
    """Everything in a commit, from the top of the repository; a malformed tree names it twice.

    Raises UserError where it is more than anybody has: trees can hold each other a billion times.
    """
    said = git.first_records(folder, ("ls-tree", "-r", "-l", "-z", "--full-tree", commit), MOST)
    if said is None:
        raise UserError(f"has more than {MOST:,} files, more than can be judged")
    found = []
    for record in said:
        about, _, name = record.partition(b"\t")
        if about:
            mode, _, oid, size = about.decode("ascii").split()
            number = int(size) if size.isdigit() else 0
            found.append(Entry(name.decode("utf-8", "surrogateescape"), mode, oid, number))
    return found


def fork(folder: Path, base: str, head: str) -> str:
    """The newest commit that both have behind them; empty where there is none."""
    done = git.answered(folder, ("merge-base", base, head))
    return "" if done.returncode else done.stdout.decode("ascii", "replace").strip()


def missing(folder: Path, base: str, head: str) -> int:
    """How many commits ``base`` has that ``head`` has not."""
    return int(_asked(folder, "rev-list", "--count", f"{head}..{base}"))


def made(folder: Path, base: str, head: str, keys: Keys | None = None) -> list[Made]:
    """Who made the commits between, newest first. With ``keys`` git looks at signatures."""
    sign = "%G?%x00%GF%x00%GP" if keys else "%x00%x00"
    settings = ["-c", "log.showSignature=false", *(keys.settings if keys else ())]
    # No field can hold a zero; whoever writes a commit can write anything else into one.
    shown = f"--format=%H%x00%ae%x00%ce%x00%cs%x00{sign}"
    asked = (*settings, "log", "-z", "--no-mailmap", shown, f"{base}..{head}")
    said = _asked(folder, *asked, more=keys.environment if keys else None)
    parts = said.decode("utf-8", "replace").removesuffix("\0").split("\0")
    found = []
    for at in range(0, len(parts) - 6, 7):
        commit, author, committer, when, *signed = parts[at : at + 7]
        letter = keys.letter(Signature(*signed), author) if keys else ""
        found.append(Made(commit, author, committer, when, letter))
    return found


def day(folder: Path, commit: str) -> dt.date:
    """The day on which a commit that one trusts was committed."""
    said = _asked(folder, "show", "--no-patch", "--format=%cs", commit)
    return dt.date.fromisoformat(said.decode("ascii").strip())


def changed(folder: Path, commit: str) -> list[tuple[str, str, str]]:
    """The files that a commit changed: name, and the objects before and after, empty where there
    was none. Of a merge nothing: what it brings others wrote."""
    asked = ("diff-tree", "-r", "-z", "--root", "--no-commit-id", "--no-renames", "--no-abbrev")
    words = _asked(folder, *asked, commit).split(b"\0")
    found = []
    for about, name in zip(words[::2], words[1::2], strict=False):
        _, _, *oids, _ = about.decode("ascii").split()
        before, after = (oid.strip("0") and oid for oid in oids)
        found.append((name.decode("utf-8", "surrogateescape"), before, after))
    return found


def contents(folder: Path, wanted: Iterable[Entry]) -> Iterator[Mapping[str, bytes]]:
    """The content of entries by object id, some at a time."""
    some: list[str] = []
    size = 0
    for entry in wanted:
        some.append(entry.oid)
        size += entry.size
        if size > _AT_ONCE:
            yield git.blobs(folder, some)
            some, size = [], 0
    if some:
        yield git.blobs(folder, some)


def _asked(folder: Path, *args: str, more: Mapping[str, str] | None = None) -> bytes:
    done = git.answered(folder, args, more)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise UserError(f"git cannot tell: {said or 'no reason given'}")
    return done.stdout
