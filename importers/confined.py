"""Reading a file in the sandbox: what comes of it, or the refusal to tell its owner."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from core.sandbox import Ending, Outcome, run
from importers.statement import RefusedFileError

_SMALLER = "export a shorter period, or another format"
_SAID = {
    Ending.TOO_SLOW: ("takes too long to read and was given up", _SMALLER),
    Ending.TOO_MUCH_MEMORY: ("needs too much memory to read and was given up", _SMALLER),
}


def read_confined(function: Callable[[bytes], Any], raw: bytes, shown: str) -> Any:
    """What ``function`` makes of ``raw`` in a child process; it is not to be changed.

    Raises RefusedFileError where it refuses, crashes, or needs more than it may have.
    """
    outcome = _outcome(function, raw)
    if outcome.ending == Ending.OK:
        return outcome.value
    if outcome.ending == Ending.REFUSED:
        raise RefusedFileError(outcome.reason, file=shown, line=outcome.line, hint=outcome.hint)
    if outcome.ending == Ending.CRASHED:
        raise RefusedFileError(
            f"is damaged: it cannot be read ({outcome.reason})",
            file=shown,
            hint="download it from the bank again, or as CSV, OFX or QFX",
        )
    reason, hint = _SAID[outcome.ending]
    raise RefusedFileError(reason, file=shown, hint=hint)


@lru_cache(maxsize=8)
def _outcome(function: Callable[[bytes], Any], raw: bytes) -> Outcome:
    """A file in the inbox is looked at again with every page; a child for each would be felt."""
    return run(function, raw)
