"""The books as they were when a period was closed: at the tag of its closing, in git."""

import re
from functools import cache, cached_property
from pathlib import Path

from core import git
from core.findings import UserError
from core.home import home_of
from core.journal.books import Books
from core.journal.sides import sides
from core.seal import Seal, seals_of
from core.soft_close import soft_seals


class Closings:
    """The books at each closing, by its tag: the newest of that name (``close/Acme/2026-01``, then
    ``close/Acme/2026-01.2``) whose commit holds the very seal.

    They are those of the books whose ``root`` this is. A tag is read once.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read = cache(self._books)

    @classmethod
    def of(cls, books: Books) -> "Closings":
        """The closings of some books."""
        return cls(books.root)

    @cached_property
    def _place(self) -> tuple[Path, Path | None]:
        """The home; else the folder of the root, and the root."""
        root = self._root.resolve()
        home = home_of(root)
        return (home.path, None) if home else (root.parent, root)

    def __call__(self, seal: Seal) -> Books | None:
        """The books as they were; None without git, and without such a tag."""
        for tag in tags_of(self._place[0], seal.tag):
            books = self._read(tag)
            known = soft_seals if seal.is_soft else seals_of
            of_then = known(books.standing).get(seal.entity, ()) if books else ()
            if any((s.period, s.hash) == (seal.period, seal.hash) for s in of_then):
                return books
        return None

    def _books(self, tag: str) -> Books | None:
        try:
            then, _ = sides(f"refs/tags/{tag}", "", *self._place)
            return then.read()
        except UserError:
            return None


def tags_of(home: Path, name: str) -> list[str]:
    """The tags of a closing (``close/Acme/2026-01``), the newest first; none without git."""
    try:
        there = git.tags(home, f"{name}*")
    except UserError:  # no git, or nothing that git knows
        return []
    numbers = {
        tag: int(found[1] or 1)
        for tag in there
        if (found := re.fullmatch(rf"{re.escape(name)}(?:\.(\d+))?", tag))
    }
    return sorted(numbers, key=lambda tag: -numbers[tag])
