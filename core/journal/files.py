"""The files of a journal: which ones a root includes, and where an include may point.

An include must stay inside the tree, be a plain file and not a symbolic link, and not be
encrypted. An overlay lets the door ask what the books would be if a change were made: it maps
absolute paths to the content that would stand there.
"""

import fnmatch
import glob
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path

from core.findings import Finding, Severity, UserError
from core.journal.lint import MAX_FILE_BYTES

Overlay = Mapping[Path, bytes]


def read_bytes(path: Path, overlay: Overlay) -> bytes:
    """The content of a journal file. Raises UserError where it is no ordinary, readable file."""
    if path in overlay:
        return overlay[path]
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
        found = set(_matching(tree, parts))
    except OSError as error:
        folder = Path(str(error.filename)).relative_to(tree).as_posix()
        return refuse(f"{folder}/ cannot be listed ({error.strerror}); mend its permissions")
    found |= {path for path in overlay if path.is_relative_to(tree) and _fits(path, tree, parts)}
    if not found:
        return refuse("matches no file; correct the path, which is relative to this file")
    paths = sorted(found, key=attrgetter("parts"))
    is_real = cache(lambda folder: folder.resolve() == folder)  # hundreds of files lie in one
    why = next((why for path in paths if (why := _unfit(path, overlay, is_real))), "")
    return refuse(why) if why else (paths, [])


def _unfit(path: Path, overlay: Overlay, is_real: Callable[[Path], bool]) -> str:
    """Why a file may not be included, or nothing; ``is_real`` says whether a folder is itself."""
    if path.suffix in {".gpg", ".asc"}:
        return "encrypted files are not read; include a plain one"
    if path not in overlay and (path.is_symlink() or not is_real(path.parent)):
        return f"{path.name} is reached through a symbolic link; include the file itself"
    return ""


def _matching(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """The files below ``folder`` that fit the pattern's ``parts``, as Beancount's glob finds them.

    Raises OSError where a folder cannot be listed: what stands in it would be missing unnoticed.
    """
    part, *rest = parts
    if part == "**":
        yield from _matching(folder, rest or ["*"])
        below = [path for path in _listed(folder) if path.is_dir() and path.name[0] != "."]
        found = (path for each in below for path in _matching(each, parts))
    else:
        literal = folder / part
        fitting = [literal] if os.path.lexists(literal) else []
        if glob.has_magic(part) and not fitting:
            fitting = [path for path in _listed(folder) if _fits_part(path.name, part)]
        if not rest:
            yield from fitting
            return
        found = (path for each in fitting if each.is_dir() for path in _matching(each, rest))
    yield from found


def _listed(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries)


def _fits(path: Path, tree: Path, parts: Sequence[str]) -> bool:
    names = path.relative_to(tree).parts
    if "**" in parts:
        return fnmatch.fnmatchcase("/".join(names), "/".join(parts).replace("**/", "*"))
    return len(names) == len(parts) and all(map(_fits_part, names, parts))


def _fits_part(name: str, part: str) -> bool:
    if name == part:
        return True
    hidden = name.startswith(".") and not part.startswith(".")
    return not hidden and fnmatch.fnmatchcase(name, part)
