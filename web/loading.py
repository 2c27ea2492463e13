"""Our reader in Fava's place: it hands over what was read, instead of loading all of it again.

Fava calls one function of its own to load a ledger; that name is given another function, which
asks whether somebody loads through ``instead`` at this moment and is Fava's own where nobody does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data
from fava import core as fava_core
from fava.beans.load import load_uncached

from core.findings import Finding, Severity
from core.journal.books import Books


class BooksError(NamedTuple):
    """A finding, as Fava shows errors."""

    source: Mapping[str, Any]
    message: str
    entry: None = None


Loaded = tuple[Sequence[data.Directive], Sequence[BooksError], Mapping[str, Any]]
# Reads a root file (None: Fava may do it); raises UserError where it must not be shown.
Load = Callable[[Path], Loaded | None]

_INSTEAD: ContextVar[Loaded | None] = ContextVar("instead", default=None)


def loaded(books: Books, findings: Iterable[Finding]) -> Loaded:
    """The books as Fava takes them, with the findings that are errors."""
    errors = [
        BooksError(
            data.new_metadata(str(books.base / finding.file), finding.line),
            f"{finding.code} {finding.message}",
        )
        for finding in findings
        if finding.severity is Severity.ERROR
    ]
    return books.entries, errors, dict(books.options)


@contextmanager
def instead(what: Loaded | None) -> Iterator[None]:
    """While this holds, what Fava loads in this thread is ``what``; None: what it finds itself."""
    token = _INSTEAD.set(what)
    try:
        yield
    finally:
        _INSTEAD.reset(token)


def _load(beancount_file_path: str, *, is_encrypted: bool) -> Any:
    found = _INSTEAD.get()
    if found is None:
        return load_uncached(beancount_file_path, is_encrypted=is_encrypted)
    entries, errors, options = found
    return list(entries), list(errors), options


fava_core.load_uncached = _load  # type: ignore[attr-defined]
