"""The files of a journal: which ones a root includes, and where an include may point.

An include must stay inside the tree, be a plain file and not a symbolic link, and not be
encrypted. An overlay lets the door ask what the books would be if a change were made: it maps
absolute paths to the content that would stand there.
"""

import fnmatch
import glob
import os
import stat
from collections.abc import Mapping
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
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UserError("is not an ordinary file", file=str(path))
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
    names = {os.path.normpath(name) for name in glob.glob(target, recursive=True)}
    names |= {str(path) for path in overlay if fnmatch.fnmatchcase(str(path), target)}
    if not names:
        return refuse("matches no file; correct the path, which is relative to this file")
    paths = [Path(name) for name in sorted(names)]
    for path in paths:
        if path.suffix in {".gpg", ".asc"}:
            return refuse("encrypted files are not read; include a plain one")
        if path not in overlay and path.resolve() != path:
            return refuse(
                f"{path.name} is reached through a symbolic link; include the file itself"
            )
    return paths, []
