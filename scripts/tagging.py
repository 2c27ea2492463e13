"""The commit that a closing is tagged on holds what was sealed: else nobody could tell later what
changed since."""

from collections.abc import Sequence
from pathlib import Path

from beancount.core import data

from core import git
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.placement import month_file
from core.journal.sides import sides
from core.seal import NOTHING_BEFORE, seal_of
from plugins.closing.sealed import Sealed

_SHOWN = 5


def refuse_uncommitted(home: Home, books: Books, entry: data.Custom) -> None:
    """Raises UserError where a seal is over something that is not committed, or would stand in a
    file with changes of the owner's own, so that it could not be committed. Other changes, as in
    the open month, are no matter. Without git nothing is tagged."""
    if not git.is_checkout(home.path):
        return
    seal = seal_of(entry)
    owner = books.registry.entities[seal.entity]
    file = month_file(owner, entry.date)
    if git.dirty(home.path, [file]):
        raise _refused(f"{file.as_posix()}, into which the seal goes,", [file])
    then = _committed(home)
    prev = seal.prev or NOTHING_BEFORE
    if then is None or then.hash_of(seal, prev) != seal.hash:
        what = "an entry or a paper of the period"
    elif seal.figures and then.figures_of(seal) != seal.figures:
        what = "what the period's figures come from"
    else:
        return
    raise _refused(what, _uncommitted(home, [line[1] for line in Sealed(books).lines(seal)]))


def _committed(home: Home) -> Sealed | None:
    """The last commit's books; None before the first one."""
    if not git.head(home.path):
        return None
    before, _ = sides("HEAD", "", home.path)
    return Sealed(before.read())


def _uncommitted(home: Home, entries: Sequence[data.Directive]) -> list[Path]:
    """What is not committed of the files of entries and of their papers, and of the ledger."""
    names = {str(entry.meta["filename"]) for entry in entries}
    names |= {entry.filename for entry in entries if isinstance(entry, data.Document)}
    inside = [Path(name) for name in names if Path(name).is_relative_to(home.path)]
    new = git.dirty(home.path, [path.relative_to(home.path) for path in inside])
    return sorted({*new, *git.changed(home.path, [Path("ledger")])})


def _refused(what: str, files: list[Path]) -> UserError:
    names = " ".join(path.as_posix() for path in files[:_SHOWN])
    more = f" (and {len(files) - _SHOWN} more)" if len(files) > _SHOWN else ""
    return UserError(
        f"{what} is not committed, and the tag of the closing would not hold it",
        hint=f"commit first: git add {names} && git commit{more}" if names else "commit it first",
        code=EXIT_FINDINGS,
    )
