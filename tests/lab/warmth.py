"""Reading books warm and cold, and whether anybody could tell one from the other."""

import dataclasses
import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from beancount.core.display_context import DisplayContext

from core.cache.store import Scratch
from core.findings import UserError
from core.home import Home
from core.journal import leaf, lots, parts, proofs, warm
from core.journal.books import Books
from core.journal.files import Overlay
from core.journal.read import read
from scripts.books import check

_PLAIN = {str, int, bool, type(None), dt.date}


def forget() -> None:
    """What a new process does not remember; the store stays."""
    warm._ROOTS.clear()
    for shelf in (leaf._ROWS, leaf._DAYS, lots._PARTS, parts._ANSWERS, proofs._FOUND):
        shelf.__init__(shelf._limit)


@contextmanager
def without_cache() -> Iterator[None]:
    """Everything read within is read cold."""
    os.environ["BOOKS_NO_CACHE"] = "1"
    try:
        yield
    finally:
        del os.environ["BOOKS_NO_CACHE"]


def cold_books(home: Home, root: Path | None = None) -> Books:
    with without_cache():
        return read(root or home.main_root, home=home)


def plain(value: Any) -> Any:
    """A value so that what is written differently differs: ``1.50`` is not ``1.5``."""
    kind = type(value).__name__
    if isinstance(value, DisplayContext):
        told: Any = sorted((c, sorted(_written(each))) for c, each in value.ccontexts.items())
        return kind, str(value), told
    if isinstance(value, Mapping):
        return "map", sorted((str(key), plain(each)) for key, each in value.items())
    if isinstance(value, set | frozenset):
        return kind, sorted(map(str, value))
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return kind, [plain(getattr(value, field.name)) for field in fields]
    if isinstance(value, list | tuple):
        return kind, [each if type(each) in _PLAIN else plain(each) for each in value]
    return value if type(value) in _PLAIN else (kind, str(value))


def _written(context: Any) -> Any:
    """How many numbers of a currency have how many decimals."""
    return context.fractional_dist.hist.items()


def said(books: Books) -> dict[str, Any]:
    """All that books say, part by part."""
    asked = {  # first: what is made of pieces is not, once all entries are at hand
        "selected": [plain(t) for t in books.select("linked", lambda txn: bool(txn.links))],
        "gathered": sorted(each for found in books.by_file("told", _told) for each in found),
    }
    parts: dict[str, Any] = {**asked, "findings": sorted(map(str, map(plain, books.findings)))}
    parts["checked"] = sorted(map(str, map(plain, check(books))))
    parts["entries"] = [plain(entry) for entry in books.entries]
    parts["standing"] = [plain(e) for e in books.entries if not _is_told_alone(e)]
    for name in ("options", "registry", "accounts", "policy", "as_of", "kind", "files"):
        parts[name] = plain(getattr(books, name))
    parts["order of accounts"] = list(books.accounts)
    parts["last balances"] = plain(books.last_balance)
    return parts


def _told(transactions: Iterable[Any]) -> list[str]:
    return [f"{txn.date} {txn.narration} {len(txn.postings)}" for txn in transactions]


def _is_told_alone(entry: Any) -> bool:
    return type(entry).__name__ in {"Transaction", "Event", "Query"}


def outcome(
    home: Home, root: Path, overlay: Overlay | None = None, scratch: Scratch | None = None
) -> dict[str, Any]:
    """What reading gives; the error where it gives none."""
    try:
        books = read(root, home=home, overlay=overlay, scratch=scratch)
        parts = said(books)
        if books.parts is not None:
            parts["standing"] = [plain(entry) for entry in books.standing]
    except UserError as error:
        return {"error": (type(error).__name__, str(error))}
    return parts


def differences(
    home: Home,
    root: Path | None = None,
    overlay: Overlay | None = None,
    scratch: Scratch | None = None,
) -> list[str]:
    """How a warm reading differs from a cold one, or one with a scratch and nothing on the disk;
    nothing where none does."""
    root = root or home.main_root
    with without_cache() if scratch is not None else nullcontext():
        got = outcome(home, root, overlay, scratch)
    with without_cache():
        wanted = outcome(home, root, overlay)
    return list(_differences(got, wanted))


def _differences(got: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for part in sorted(got.keys() | wanted.keys()):
        ours, theirs = got.get(part), wanted.get(part)
        if ours == theirs:
            continue
        if not isinstance(ours, list) or not isinstance(theirs, list):
            yield f"{part}:\n  warm {ours}\n  cold {theirs}"
            continue
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=False) if a != b]
        shown = "".join(f"\n  warm {a}\n  cold {b}" for a, b in pairs[:2])
        yield f"{part}: {len(ours)} and {len(theirs)}{shown}"


def compare(
    home: Home,
    did: list[str],
    root: Path | None = None,
    overlay: Overlay | None = None,
    scratch: Scratch | None = None,
) -> None:
    """Fails with the edits that led here where the warm reading can be told from the cold one."""
    found = differences(home, root, overlay, scratch)
    assert not found, "\n".join([*did[-12:], *found])
