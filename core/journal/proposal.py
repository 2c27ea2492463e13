"""A proposal, laid out to be judged: two trees of plain files, written from git's objects.

The head's tree has the head's data, and the base's ``rules/``, options and plugin lines; so has the
tree of what was there before. Nothing that acts on being there is written: no links, no submodules,
no programs, no names that mean something to git or to a shell. What is left out of the head is
told.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core import commits, git
from core.commits import Entry
from core.findings import Finding, Severity, UserError
from core.journal.lint import MAX_FILE_BYTES
from core.journal.settings import settings, with_settings_of
from core.journal.state import JOURNALS

TREE = "REVIEW-TREE"
FACTOR = "Safety of the books"
RULES, PRIVATE = "rules/", ".books/"
_MOST_FILES, _MOST_BYTES, _DEEPEST, _LONGEST = 200_000, 4_000_000_000, 20, 200
_CODE = (".py", ".pyc", ".pyo", ".pyd", ".pyi", ".pth", ".so", ".dylib", ".dll", ".egg", ".whl")
_CACHES = (".picklecache", ".pickle", ".pkl")
# What git takes for its own folder, on one file system or another.
_GITS = re.compile(r"\.git(?:[ .:].*)?|git~\d+", re.IGNORECASE)
_SOUND = re.compile(r"[^\x00-\x1f\x7f\\:*?\"<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True)
class Proposal:
    """What is proposed: three commits of the repository of ``folder``. ``base`` gives the rules,
    ``fork`` is what both come from, ``head`` the data. ``behind``: commits that head lacks."""

    folder: Path
    base: str
    fork: str
    head: str
    behind: int


@dataclass(frozen=True)
class Touched:
    """A path that differs between fork and head, from the top of the repository."""

    name: str
    before: Entry | None
    after: Entry | None


def proposal(folder: Path, base: str, head: str) -> Proposal:
    """The proposal from one revision to another. Raises UserError where they are none."""
    found = {}
    for word, revision in (("base", base), ("head", head)):
        found[word] = git.commit_of(folder, revision)
        if not found[word]:
            raise UserError(
                f"--{word} '{revision}' is no revision of a git repository at {folder}",
                hint="in CI, check out with the whole history (fetch-depth: 0)",
            )
    fork = commits.fork(folder, found["base"], found["head"])
    if not fork:
        raise UserError(
            "base and head have no commit in common, so there is no telling what is proposed",
            hint="in CI, check out with the whole history (fetch-depth: 0)",
        )
    behind = commits.missing(folder, found["base"], found["head"])
    return Proposal(folder, found["base"], fork, found["head"], behind)


def touched(before: Iterable[Entry], after: Iterable[Entry]) -> list[Touched]:
    """What differs, by name."""
    old, new = ({entry.name: entry for entry in of} for of in (before, after))
    names = sorted(old.keys() | new.keys())
    pairs = (Touched(name, old.get(name), new.get(name)) for name in names)
    return [t for t in pairs if _said(t.before) != _said(t.after)]


def _said(entry: Entry | None) -> tuple[str, str] | None:
    return (entry.mode, entry.oid) if entry else None


def unfit(entry: Entry) -> str:
    """Why an entry of a proposal is refused, or nothing."""
    parts = entry.name.split("/")
    checks = (
        (entry.mode == commits.LINK, "is a symbolic link; add the file itself"),
        (entry.mode == commits.SUBMODULE, "is a submodule; books are files"),
        (not entry.name.isprintable(),
         "has a name with characters that are none, or that nobody sees; rename it"),
        (any(part in {"", ".", ".."} for part in parts),
         "has a name that leads elsewhere; rename it"),
        (any(_is_gits(part) for part in parts), "has a name that git takes for its own; rename it"),
        (any(part.startswith("-") for part in parts),
         "has a name that a program takes for an option; rename it"),
        (any(not _SOUND.fullmatch(part) or part != part.strip() for part in parts),
         "has a name that not every system can keep; rename it"),
        (len(parts) > _DEEPEST, f"lies more than {_DEEPEST} folders deep; move it up"),
        (max(len(part.encode("utf-8", "replace")) for part in parts) > _LONGEST,
         f"has a name of more than {_LONGEST} bytes; rename it"),
        (entry.name.endswith(_CACHES), "is a cache that can run code when it is loaded; delete it"),
        (entry.name.endswith(JOURNALS) and entry.size > MAX_FILE_BYTES,
         f"is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it"),
    )  # fmt: skip
    return next((why for is_so, why in checks if is_so), "")


def _is_gits(part: str) -> bool:
    bare = "".join(c for c in part if unicodedata.category(c) != "Cf")
    return bool(_GITS.fullmatch(unicodedata.normalize("NFKC", bare)))


def refused(of: Iterable[Touched], all_after: Iterable[Entry], prefix: str) -> Iterator[Finding]:
    """What the proposal may not bring, by its names and modes alone. ``prefix`` is the way from the
    top of the repository to the home: code may not lie in its books and rules."""
    new = [t.after for t in of if t.after]
    listed = list(all_after)
    folded = Counter(_folded(entry.name) for entry in listed)
    folders = {str(folder) for entry in listed for folder in PurePosixPath(entry.name).parents}
    for entry in new:
        why = unfit(entry)
        inside = entry.name.removeprefix(prefix)
        in_books = entry.name.startswith(prefix) and inside.startswith(("ledger/", RULES))
        if not why and in_books and (entry.name.endswith(_CODE) or "__pycache__" in inside):
            why = "is code; books and rules hold none"
        if not why and in_books and entry.mode == commits.PROGRAM:
            why = "is marked as a program; books hold none (git update-index --chmod=-x)"
        if not why and inside.startswith(PRIVATE):
            why = "is private state of this program's, which no commit has; delete it"
        if not why and (folded[_folded(entry.name)] > 1 or entry.name in folders):
            why = "differs from another name only in case or accents, or is there twice; rename it"
        if why:
            yield Finding(TREE, Severity.ERROR, why, factor=FACTOR, file=shown(inside))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()


def shown(name: str) -> str:
    """A name as text that acts on nothing."""
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "�" for c in name)


@dataclass(frozen=True)
class Trees:
    """The two trees, and the journals whose options or plugin lines are not the base's."""

    before: Path
    after: Path
    resettled: tuple[str, ...]


def laid_out(given: Proposal, listed: Mapping[str, list[Entry]], prefix: str, into: Path) -> Trees:
    """Writes both trees below ``into``. ``listed`` has the entries of ``base``, ``fork``, ``head``.

    Raises UserError where there is more of it than can be judged.
    """
    rules = _fitting(listed["base"], prefix)
    plans = {}
    for word in ("fork", "head"):
        here = _fitting(listed[word], prefix)
        data = {n: e for n, e in here.items() if not n.startswith((RULES, PRIVATE))}
        plans[word] = data | {n: e for n, e in rules.items() if n.startswith(RULES)}
        if (
            len(plans[word]) > _MOST_FILES
            or sum(e.size for e in plans[word].values()) > _MOST_BYTES
        ):
            raise UserError(
                f"has more than {_MOST_FILES:,} files, or more bytes than can be judged"
            )
    wanted = {entry.oid: entry for plan in plans.values() for entry in plan.values()}
    paths: dict[str, list[Path]] = {}
    for word, plan in plans.items():
        for name, entry in plan.items():
            paths.setdefault(entry.oid, []).append(into / word / name)
    for word in plans:
        for room in ("ledger", "rules") if _is_home(rules) else ("",):
            (into / word / room).mkdir(parents=True, exist_ok=True)
    for some in commits.contents(given.folder, wanted.values()):
        for oid, content in some.items():
            _write(paths[oid], content)
    resettled = _resettle(given, rules, plans["head"], into / "head")
    _resettle(given, rules, plans["fork"], into / "fork")
    return Trees(into / "fork", into / "head", resettled)


def _is_home(names: Iterable[str]) -> bool:
    rooms = {name.split("/", 1)[0] for name in names if "/" in name}
    return {"ledger", "rules"} <= rooms


def _fitting(of: Iterable[Entry], prefix: str) -> dict[str, Entry]:
    """The entries below ``prefix`` that may be written, by their names below it; of names that some
    file systems take for one, the first."""
    found: dict[str, Entry] = {}
    taken: set[str] = set()
    for entry in of:
        if not entry.name.startswith(prefix) or unfit(entry):
            continue
        folded = _folded(entry.name)
        if folded not in taken:
            found[entry.name.removeprefix(prefix)] = entry
        taken.add(folded)
    return found


def _write(paths: list[Path], content: bytes) -> None:
    """One content at all its places; a second one is the same file."""
    first = None
    for path in paths:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if first is None:
                with path.open("xb") as file:
                    file.write(content)
                first = path
            else:
                path.hardlink_to(first)
        except FileExistsError:  # a malformed tree has a file and a folder of one name
            continue
        except NotADirectoryError:
            continue


def _resettle(
    given: Proposal, rules: Mapping[str, Entry], plan: Mapping[str, Entry], tree: Path
) -> tuple[str, ...]:
    """Puts the base's options and plugin lines into journals that have others."""
    both = [
        name
        for name, entry in plan.items()
        if name.endswith(JOURNALS) and name in rules and rules[name].oid != entry.oid
    ]
    found = []
    for some in commits.contents(given.folder, [rules[name] for name in both]):
        for name in both:
            path = tree / name
            if rules[name].oid not in some or not path.is_file():
                continue
            old = some[rules[name].oid].decode("utf-8", "surrogateescape")
            now = path.read_bytes().decode("utf-8", "surrogateescape")
            if [s.text for s in settings(old)] != [s.text for s in settings(now)]:
                path.unlink()
                path.write_bytes(with_settings_of(old, now).encode("utf-8", "surrogateescape"))
                found.append(name)
    return tuple(sorted(found))
