"""Directives that are no transactions, as they compare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.core.account import TYPE as ACCOUNT

from core.journal.books import Books
from reports.bookdiff.legs import comparable, said

Renamed = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Directive:
    """A directive that is no transaction, as it compares. ``identity`` is what stays the same where
    it is changed; ``text`` what it says, in one line."""

    entry: data.Directive
    kind: str
    identity: tuple[Any, ...]
    key: tuple[Any, ...]
    text: str
    account: str
    file: str
    line: int


def directive(entry: data.Directive, books: Books, names: Renamed) -> Directive | None:
    """A directive of one side; its accounts by their ``names`` on the other."""
    kind = type(entry).__name__.casefold()
    tell = _TOLD.get(type(entry))
    if tell is None:
        return None
    identity, values = tell(entry, names, books)
    texts = " ".join(filter(None, map(_text, values)))
    account = getattr(entry, "account", "")
    return Directive(
        entry,
        kind,
        (kind, *identity),
        (kind, entry.date, tuple(map(comparable, values)), said(entry.meta)),
        f"{entry.date} {kind} {texts}".rstrip(),
        names.get(account, account),
        *books.where(entry),
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        joint = " " if type(value) is not tuple else ", "
        return joint.join(map(_text, value))
    return f'"{value}"' if isinstance(value, _Quoted) else str(value)


class _Quoted(str):
    """A text that stands in quotes."""

    __slots__ = ()


_Told = tuple[tuple[Any, ...], tuple[Any, ...]]  # identity, values


def _open(e: data.Open, names: Renamed, _: Books) -> _Told:
    name = names.get(e.account, e.account)
    booking = e.booking.value if e.booking else None
    return (name,), (name, tuple(sorted(e.currencies or ())), booking)


def _custom(e: data.Custom, names: Renamed, _: Books) -> _Told:
    values = [
        names.get(v.value, v.value)
        if v.dtype == ACCOUNT
        else _Quoted(v.value)
        if isinstance(v.value, str)
        else v.value
        for v in e.values
    ]
    texts = tuple(value for value in values if isinstance(value, str))
    return (e.type, e.date, texts), (_Quoted(e.type), *values)


def _named(e: Any, names: Renamed, *rest: Any) -> tuple[Any, ...]:
    return (names.get(e.account, e.account), *rest)


_TOLD: dict[Any, Callable[[Any, Renamed, Books], _Told]] = {
    data.Open: _open,
    data.Close: lambda e, n, _: (_named(e, n), _named(e, n)),
    data.Commodity: lambda e, _n, _: ((e.currency,), (e.currency,)),
    data.Balance: lambda e, n, _: (
        _named(e, n, e.amount.currency, e.date),
        _named(e, n, e.amount, e.tolerance),
    ),
    data.Pad: lambda e, n, _: (
        _named(e, n, e.date),
        _named(e, n, n.get(e.source_account, e.source_account)),
    ),
    data.Note: lambda e, n, _: (_named(e, n, e.date), _named(e, n, _Quoted(e.comment))),
    data.Document: lambda e, n, b: (
        _named(e, n, b.relative(e.filename)),
        _named(e, n, _Quoted(b.relative(e.filename)), *_marks(e)),
    ),
    data.Event: lambda e, _n, _: ((e.type, e.date), (_Quoted(e.type), _Quoted(e.description))),
    data.Query: lambda e, _n, _: ((e.name,), (_Quoted(e.name), _Quoted(e.query_string))),
    data.Price: lambda e, _n, _: (
        (e.currency, e.amount.currency, e.date),
        (e.currency, e.amount),
    ),
    data.Custom: _custom,
}


def _marks(entry: data.Document) -> tuple[str, ...]:
    """Tags and links as they are written, in order."""
    tags = sorted(f"#{tag}" for tag in entry.tags or ())
    return (*tags, *sorted(f"^{link}" for link in entry.links or ()))
