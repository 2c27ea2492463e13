"""The two sides of a book diff: each a git revision, a folder or a root file, ready to be read.

What exists as a path is a path; everything else is a revision of the repository that holds the
books of the other side.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from beancount.core import data
from beancount.ops import documents

from core import git
from core.cache.store import Scratch
from core.findings import UserError
from core.home import Home, home_of
from core.journal import trouble
from core.journal.books import Books
from core.journal.files import Overlay
from core.journal.read import read
from core.journal.state import JOURNALS, Commit, Folder, State

_GROUP = "ledger/group.beancount"
_USUAL = tuple(f"{stem}{end}" for stem in ("main", "ledger", "index") for end in JOURNALS)
WORKING_COPY = "working copy"
_MISSING = "BC-DOCUMENT"


@dataclass(frozen=True)
class Side:
    """Where a side's root stands, the home it is of, and what is laid over the disk to read it;
    ``plugins`` may run besides those that are allowed (in a child with limits only)."""

    label: str
    root: Path
    home: Home | None = None
    overlay: Overlay = field(default_factory=dict)
    plugins: tuple[str, ...] = ()

    def read(self, scratch: Scratch | None = None) -> Books:
        """The books of this side; with the ``scratch`` of the other one what both share is read
        once. Raises UserError where the root cannot be read."""
        books = read(
            self.root, home=self.home, overlay=self.overlay, also=self.plugins, scratch=scratch
        )
        return _with_its_documents(books) if self.overlay else books


def sides(base: str, head: str, here: Path, file: Path | None = None) -> tuple[Side, Side]:
    """What BASE and HEAD mean. Raises UserError (exit 2) where one of them means nothing.

    ``here`` is the home, or the folder in which the command was given; ``file`` a root file that
    revisions are of. HEAD empty is the working copy. In a bare repository both are revisions.
    """
    if git.is_bare(here) and any(git.commit_of(here, text) for text in (base, head)):
        over = _of_bare(head, here, file)
        return _of_bare(base, here, file), over
    of_head = _path(head, here)
    if head and of_head is None:
        over = _working(here, file)
        return _side(base, over), _revision(head, over)
    if of_head is not None:
        over = _standing(head, of_head)
        of_base = _path(base, here)
        if of_base and of_base.is_file():
            return _standing(base, of_base), over
        return _side(base, over), over
    of_base = _path(base, here)
    if of_base and of_base.is_file() and file is None:
        raise UserError(
            f"with what should {base} be compared?",
            hint="name the other file too: books diff old.beancount new.beancount",
        )
    over = _working(here, file)
    return _side(base, over), over


def _path(text: str, here: Path) -> Path | None:
    """The file or folder that a side names, or None."""
    if not text or "\0" in text:
        return None
    for path in (Path(text).expanduser(), here / text):
        try:
            if path.exists():
                return path.resolve()
        except OSError:  # a name that no file can have
            return None
    if text.endswith(JOURNALS):
        raise UserError("there is no such file", file=text, hint="correct the path")
    return None


def _working(here: Path, file: Path | None) -> Side:
    if file is not None:
        if not file.is_file():
            raise UserError("there is no such file", file=str(file), hint="correct the path")
        return Side(WORKING_COPY, file.resolve(), home_of(file.resolve()))
    return _standing(WORKING_COPY, _with_root(here.resolve()))


def _with_root(here: Path) -> Path:
    """This folder, or the nearest above it in its work tree with a root of a usual name, where it
    is no home and has no such root itself."""
    if (here / "ledger").is_dir() and (here / "rules").is_dir():
        return here
    top = git.top(here)
    around = [here, *here.parents] if top and here.is_relative_to(top) else [here]
    for folder in around:
        if any((folder / name).is_file() for name in _USUAL):
            return folder
        if folder == top:
            break
    return here


def _standing(label: str, path: Path) -> Side:
    """A root file, or the root in a folder, as it stands on the disk."""
    if path.is_file():
        return Side(label, path, home_of(path))
    home = Home(path) if (path / "ledger").is_dir() and (path / "rules").is_dir() else None
    if home:
        return Side(label, home.main_root, home)
    names = [entry.name for entry in path.iterdir() if entry.is_file()]
    return Side(label, path / _root_among(names, str(path)), home_of(path / "x"))


def _side(text: str, over: Side) -> Side:
    """The base: a folder laid over the other side's, or a revision of its repository."""
    path = _path(text, _folder(over))
    if path is None:
        return _revision(text, over)
    alone = _standing(text, path)
    if path.is_file() or (alone.home is None) is not (over.home is None):
        return alone
    below = alone.root.relative_to(_folder(alone))
    if _folder(alone) != path or _folder(alone) == _folder(over):
        return alone
    overlay = State(_folder(over), Folder(path))
    return Side(text, _folder(over) / below, over.home, overlay)


def _revision(text: str, over: Side) -> Side:
    folder = _folder(over)
    commit = git.commit_of(folder, text)
    if not commit:
        raise UserError(
            f"'{text}' is no file, no folder, and no revision of a git repository at {folder}",
            hint=_how_to_name(folder),
        )
    files = Commit(folder, commit)
    if over.home:
        root = _home_root(files.names, text)
    else:
        root = over.root.relative_to(folder).as_posix()
        if root not in files.names:
            raise UserError(f"{root} is not in {text}", hint="name its root file with --file")
    return Side(_label(text, commit), folder / root, over.home, State(folder, files))


def _how_to_name(folder: Path) -> str:
    if git.is_shallow(folder):
        return "this clone has no older commits: fetch-depth: 0 in CI, or 'git fetch --unshallow'"
    return "'git log --oneline' lists revisions"


def _of_bare(text: str, folder: Path, file: Path | None) -> Side:
    """A revision where nothing is checked out; a file's place is that in the repository."""
    if not text:
        raise UserError(
            "a bare repository has no working copy to compare with",
            hint="name two revisions: books diff main~1 main",
        )
    commit = git.commit_of(folder, text)
    if not commit:
        raise UserError(
            f"'{text}' is no revision of the bare repository at {folder}", hint=_how_to_name(folder)
        )
    files = Commit(folder, commit)
    rooms = {name.split("/", 1)[0] for name in files.names if "/" in name}
    home = Home(folder) if file is None and {"ledger", "rules"} <= rooms else None
    if home:
        root = _home_root(files.names, text)
    elif file is None:
        root = _root_among([name for name in files.names if "/" not in name], text)
    else:
        root = file.as_posix()
        if root not in files.names:
            raise UserError(f"{root} is not in {text}", hint="name its root file with --file")
    return Side(_label(text, commit), folder / root, home, State(folder, files))


def _label(text: str, commit: str) -> str:
    return text if commit.startswith(text) else f"{text} ({commit[:9]})"


def _folder(side: Side) -> Path:
    """The folder that includes may not leave."""
    return side.home.path.resolve() if side.home else side.root.parent


def _home_root(names: Collection[str], label: str) -> str:
    """The root that sees most, as ``Home.main_root`` finds it."""
    if _GROUP in names:
        return _GROUP
    roots = sorted(name for name in names if PurePosixPath(name).match("ledger/*/main.beancount"))
    if not roots:
        raise UserError(f"there are no books in {label}: no ledger/group.beancount in it")
    return roots[0]


def _root_among(names: Collection[str], where: str) -> str:
    """The root of a folder that is no home: by its usual names, else the only journal."""
    journals = sorted(name for name in names if name.endswith(JOURNALS))
    usual = [name for name in _USUAL if name in journals]
    if usual or len(journals) == 1:
        return (usual or journals)[0]
    found = ", ".join(journals[:5]) or "no .beancount file"
    raise UserError(
        f"which root file of {where} is meant? ({found})", hint="name it: --file main.beancount"
    )


def _with_its_documents(books: Books) -> Books:
    """The books with the findings on missing documents that they have in their own tree: Beancount
    looks for documents on the disk."""
    named = {books.where(e): e for e in books.standing if isinstance(e, data.Document)}
    there = {place for place, e in named.items() if books.has_file(Path(e.filename))}
    kept = [f for f in books.findings if f.code != _MISSING or (f.file, f.line) not in there]
    told = {(f.file, f.line) for f in kept if f.code == _MISSING}
    missing = [
        documents.DocumentError(e.meta, f'File does not exist: "{e.filename}"', e)
        for place, e in named.items()
        if e.meta["lineno"] and place not in there | told
    ]
    return books.with_findings([*kept, *trouble.findings(trouble.troubles(missing), books)])
