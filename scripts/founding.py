"""A new home appears whole or not at all, and an interrupted start is finished by the next one.

Everything is written and committed in a folder beside the new one (in it, where it exists and is
empty already, as a mounted volume does), which then gets its name by one rename.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from core import git
from core.findings import UserError
from core.home import Home
from core.journal.lock import sync_folder

_BUILDING, _BUILT = ".books-building-", ".books-built"


def found(
    directory: Path,
    files: Mapping[Path, str],
    check: Callable[[Home], None],
    *,
    message: str,
    actor: str,
) -> Home:
    """A git repository at ``directory`` that holds ``files`` (path to text), in one commit.

    ``check`` may refuse the home before it gets its name. Raises UserError when the directory
    holds anything else, and OSError when the disk refuses; the directory is then as it was.
    """
    directory = directory.resolve()
    existed = directory.exists()
    if existed and finish(directory):
        return Home(directory)
    refuse_full(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    parent, prefix = (directory, _BUILDING)
    if not existed:
        parent, prefix = directory.parent, f".{directory.name}{_BUILDING}"
    _sweep(parent, prefix)
    building = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    try:
        _build(building, files, check, message, actor)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    if existed:
        building.replace(directory / _BUILT)
        finish(directory)
    else:
        building.replace(directory)
        try:
            sync_folder(directory.parent)
        except OSError:  # its name may not last, so it does not get it
            directory.replace(building)
            shutil.rmtree(building, ignore_errors=True)
            raise
    return Home(directory)


def refuse_full(directory: Path) -> None:
    """Raises UserError when ``directory`` holds anything but an interrupted start."""
    inside = directory.iterdir() if directory.exists() else ()
    if any(path.name != _BUILT and not path.name.startswith(_BUILDING) for path in inside):
        raise UserError("is not empty; init writes only into a new folder", file=str(directory))


def finish(directory: Path) -> bool:
    """Moves a home that was complete into its place; whether there was one."""
    built = directory / _BUILT
    if not built.is_dir():
        return False
    for child in sorted(built.iterdir()):
        child.replace(directory / child.name)
    built.rmdir()
    sync_folder(directory)
    return True


def _sweep(parent: Path, prefix: str) -> None:
    """Removes what interrupted starts left; a git of theirs may still write in it, so gently."""
    for stale in parent.glob(f"{prefix}*"):
        shutil.rmtree(stale, ignore_errors=True)


def _build(
    building: Path,
    files: Mapping[Path, str],
    check: Callable[[Home], None],
    message: str,
    actor: str,
) -> None:
    building.chmod(0o755)  # the name was for a private folder; the home is an ordinary one
    for path, text in files.items():
        full = building / path
        full.parent.mkdir(parents=True, exist_ok=True)
        with full.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
    for folder in {full.parent for full in building.rglob("*")}:
        sync_folder(folder)
    check(Home(building))
    git.init(building)
    git.commit(building, list(files), message, {"Books-Actor": actor})
