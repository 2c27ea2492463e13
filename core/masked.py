"""Secrets in the memory of this process: none is printed, whatever goes wrong.

A ``Secret`` shows itself as ``<secret>``; who needs the value asks for it by ``reveal``. What has
been revealed is remembered, so that ``masked`` takes it out of any text on its way to a person, a
log or an error message: a library may quote what it was given.
"""

import logging
from typing import NoReturn

HIDDEN = "<secret>"
# Shorter ones are no secrets, and would be found in ordinary words.
_SHORTEST = 6
_revealed: set[str] = set()


class Secret:
    """A text that is never shown: not by print, not in a traceback, not as JSON or pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        if len(self._value) >= _SHORTEST:
            _revealed.add(self._value)
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


def masked(text: str) -> str:
    """The text without the secrets that this process has revealed."""
    for value in sorted(_revealed, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


class Masking(logging.Filter):
    """Takes revealed secrets out of log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps the record, with its text masked."""
        record.msg, record.args = masked(record.getMessage()), ()
        return True
