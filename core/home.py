"""The home: the directory, usually a git repository, that holds ``ledger/`` and ``rules/``."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from core.findings import UserError

_LOG = logging.getLogger("bulkhead")


@dataclass(frozen=True)
class Home:
    """Paths of a home. Nothing here reads or writes."""

    path: Path

    @property
    def ledger(self) -> Path:
        """The books."""
        return self.path / "ledger"

    @property
    def rules(self) -> Path:
        """What the owner decides."""
        return self.path / "rules"

    @property
    def private(self) -> Path:
        """Private state, ignored by git: locks and the log of the door."""
        return self.path / ".books"

    @property
    def inbox(self) -> Path:
        """Where bank exports wait to be imported."""
        return self.ledger / "inbox"

    @property
    def entity_roots(self) -> tuple[Path, ...]:
        """Each entity's own root file."""
        return tuple(sorted(self.ledger.glob("*/main.beancount")))

    @property
    def group_root(self) -> Path | None:
        """The group's root file, where there is one."""
        path = self.ledger / "group.beancount"
        return path if path.is_file() else None

    @property
    def main_root(self) -> Path:
        """The root that sees most: the group's, else the only entity's.

        Raises UserError when there is neither.
        """
        roots = (self.group_root,) if self.group_root else self.entity_roots
        if roots and roots[0]:
            return roots[0]
        raise UserError(
            "no root file here",
            file=str(self.ledger),
            hint="a home holds ledger/group.beancount or ledger/<entity>/main.beancount; "
            "'books init DIR --person Jane --llc Acme' writes them",
        )


def find_home(given: str | os.PathLike[str] | None = None) -> Home:
    """The home: ``given``, else ``$BOOKS_HOME``, else the nearest parent with ledger/ and rules/.

    Raises UserError when there is none.
    """
    named = given or os.environ.get("BOOKS_HOME")
    if named:
        path = Path(named).expanduser().resolve()
        if _is_home(path):
            _LOG.info("home: %s (%s)", path, "--home" if given else "$BOOKS_HOME")
            return Home(path)
        raise UserError(f"{path} is not a home: it has no ledger/ and rules/ folders", hint=_HINT)
    here = Path.cwd().resolve()
    for path in (here, *here.parents):
        if _is_home(path):
            _LOG.info("home: %s (found from %s upwards)", path, here)
            return Home(path)
    raise UserError(f"no books found in {here} or above it", hint=_HINT)


def home_of(path: Path) -> Home | None:
    """The home that a file lies in, or None."""
    return next((Home(parent) for parent in path.resolve().parents if _is_home(parent)), None)


def _is_home(path: Path) -> bool:
    return (path / "ledger").is_dir() and (path / "rules").is_dir()


_HINT = "give one with --home DIR or BOOKS_HOME, or start one: books init DIR --person Jane"
