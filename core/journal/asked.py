"""What is asked of books besides their entries: of the disk, of sums by file, of the whole.

Who wants to know later whether an answer still holds listens while it is made. A listener hears
too much rather than too little: who finds in the memo what another one left there has asked all
that had been asked until it was left.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

Question = tuple[str, ...]
ALL: Question = ("all",)  # of all that the books hold: only who looks again can answer that


class Asked:
    """Hears the questions about some books."""

    def __init__(self) -> None:
        self._heard: set[Question] | None = None
        self._found: set[Hashable] = set()

    @contextmanager
    def hearing(self) -> Iterator[set[Question]]:
        """What is asked meanwhile."""
        self._heard, self._found = heard, _ = set[Question](), set[Hashable]()
        try:
            yield heard
        finally:
            self._heard = None

    def note(self, question: Question) -> None:
        """Hears a question."""
        if self._heard is not None:
            self._heard.add(question)

    @property
    def so_far(self) -> frozenset[Question]:
        """What was asked until now."""
        return frozenset(self._heard or ())

    def found(self, where: Hashable, behind: frozenset[Question]) -> None:
        """Hears that an answer was found ready, and what had been asked for it."""
        if self._heard is not None and where not in self._found:
            self._found.add(where)
            self._heard |= behind


class Memo(dict[Any, Any]):
    """A memo of books whose questions are heard: each value with those that it is made of."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self._behind: dict[Any, frozenset[Question]] = {}

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        if behind := self._asked.so_far:
            self._behind[key] = behind

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """The value, or ``default``."""
        self._note(key)
        return super().get(key, default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The value; without one, ``default``, which is one from now on."""
        if key not in self:
            self[key] = default
        return self[key]

    def _note(self, key: Any) -> None:
        behind = self._behind.get(key)
        if behind:
            self._asked.found((id(self), key), behind)
