"""The files of a journal: which ones a root includes, and where an include may point.

An include must stay inside the tree, be a plain file and not a symbolic link, and not be
encrypted. An overlay lets the door ask what the books would be if a change were made, and the book
diff what they were: it maps absolute paths to the content that would stand there.
"""

import fnmatch
import glob
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path

from core.findings import Finding, Severity, UserError
from core.journal.lint import MAX_FILE_BYTES

# What stands at a path instead of what the disk holds; None: no file stands there.
Overlay = Mapping[Path, bytes | None]


def read_bytes(path: Path, overlay: Overlay) -> bytes:
    """The content of a journal file. Raises UserError where it is no ordinary, readable file."""
    if path in overlay:
        content = overlay[path]
        if content is None:
            raise UserError("there is no such file", file=str(path))
        return content
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise UserError("there is no such file", file=str(path)) from error
    except OSError as error:
        why = (
            "is a symbolic link"
            if path.is_symlink()
            else f"cannot be read ({error.strerror}), mend its permissions"
        )
        raise UserError(why, file=str(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UserError("is not an ordinary file", file=str(path))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if status.st_size > MAX_FILE_BYTES:
            raise UserError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", file=str(path))
        return file.read()


def stands(path: Path, overlay: Overlay) -> bool:
    """Whether the overlay leaves the file of the disk, or another, standing at ``path``: also one
    that may not be read."""
    try:
        return path not in overlay or overlay[path] is not None
    except UserError:
        return True


def included(
    pattern: str, by: Path, tree: Path, shown: str, overlay: Overlay
) -> tuple[list[Path], list[Finding]]:
    """The files that ``include "pattern"`` in the file ``by`` means, and what is wrong with it.

    ``tree`` is the folder that includes may not leave.
    """

    def refuse(why: str) -> tuple[list[Path], list[Finding]]:
        message = f'include "{pattern}": {why}'
        finding = Finding(
            "LINT-INCLUDE",
            Severity.ERROR,
            message,
            factor="Safety of the books",
            file=shown,
            line=1,
        )
        return [], [finding]

    if Path(pattern).is_absolute():
        return refuse("an absolute path; write it relative to this file")
    target = os.path.normpath(by.parent / pattern)
    if not Path(target).is_relative_to(tree):
        return refuse("leaves the tree of the books; move the file into it")
    parts = Path(target).relative_to(tree).parts
    try:
        found = dict(_matching(str(tree), parts))
    except OSError as error:
        folder = Path(str(error.filename)).relative_to(tree).as_posix()
        return refuse(f"{folder}/ cannot be listed ({error.strerror}); mend its permissions")
    if overlay:
        found = {name: link for name, link in found.items() if stands(Path(name), overlay)}
    for path in overlay:  # what would stand there is no link
        if str(path) in found or (path.is_relative_to(tree) and _fits(path, tree, parts)):
            found[str(path)] = None
    if not found:
        return refuse("matches no file; correct the path, which is relative to this file")
    fit = _fit(target, found)
    return refuse(fit) if isinstance(fit, str) else ([*fit], [])


def _fit(target: str, found: Mapping[str, "_IsLink"]) -> Sequence[Path] | str:
    """The files that were found, in order, or why one of them may not be included."""
    is_real = cache(lambda folder: folder.resolve() == folder)  # hundreds of files lie in one
    last = _LAST.get(target)
    if last is not None and last.found == found and all(map(is_real, last.folders)):
        return last.paths
    names = sorted(found, key=_by_parts)
    why = next((why for name in names if (why := _unfit(name, found[name], is_real))), "")
    if why:
        return why
    paths = [*map(_as_path, names)]
    _LAST[target] = _Fit(found, paths, {path.parent for path in paths})
    return paths


@dataclass(frozen=True)
class _Fit:
    """What an include matched when it was looked at last, and was fit to be included."""

    found: Mapping[str, "_IsLink"]
    paths: Sequence[Path]
    folders: Collection[Path]


_LAST: dict[str, _Fit] = {}


_as_path = lru_cache(maxsize=50_000)(Path)  # the same names come with every reading
_IsLink = bool | None  # of a name; None: it stands in an overlay


def _by_parts(name: str) -> str:
    """What sorts names as their parts would be: no other character comes before that."""
    return name.replace("/", "\0")


def _unfit(name: str, is_link: _IsLink, is_real: Callable[[Path], bool]) -> str:
    """Why a file may not be included, or nothing; ``is_real`` says whether a folder is itself."""
    if name.endswith((".gpg", ".asc")):
        return "encrypted files are not read; include a plain one"
    if is_link is not None and (is_link or not is_real(_as_path(name.rpartition("/")[0]))):
        file = name.rpartition("/")[2]
        return f"{file} is reached through a symbolic link; include the file itself"
    return ""


def _matching(folder: str, parts: Sequence[str]) -> Iterator[tuple[str, _IsLink]]:
    """The files below ``folder`` that fit the pattern's ``parts``, as Beancount's glob finds them,
    and whether each is a symbolic link.

    Raises OSError where a folder cannot be listed: what stands in it would be missing unnoticed.
    """
    part, *rest = parts
    if part == "**":
        yield from _matching(folder, rest or ["*"])
        below = [entry.path for entry in _listed(folder) if entry.is_dir() and entry.name[0] != "."]
        deeper: Sequence[str] = parts
    else:
        literal = os.path.join(folder, part)  # noqa: PTH118 - thousands of names, as texts
        fitting = [(literal, os.path.islink(literal))] if os.path.lexists(literal) else []  # noqa: PTH114
        if glob.has_magic(part) and not fitting:
            fits = _fitting(part)
            fitting = [(e.path, e.is_symlink()) for e in _listed(folder) if fits(e.name)]
        if not rest:
            yield from fitting
            return
        below = [name for name, _ in fitting if os.path.isdir(name)]  # noqa: PTH112
        deeper = rest
    for name in below:
        yield from _matching(name, deeper)


def _listed(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=attrgetter("name"))


def _fits(path: Path, tree: Path, parts: Sequence[str]) -> bool:
    names = path.relative_to(tree).parts
    if "**" in parts:
        return fnmatch.fnmatchcase("/".join(names), "/".join(parts).replace("**/", "*"))
    return len(names) == len(parts) and all(
        name == part or _fitting(part)(name) for name, part in zip(names, parts, strict=True)
    )


@lru_cache
def _fitting(part: str) -> Callable[[str], object]:
    """Whether a name fits a part of a pattern; hidden ones only a part that says so."""
    hidden = "" if part.startswith(".") else r"(?!\.)"
    return re.compile(hidden + fnmatch.translate(part)).match
