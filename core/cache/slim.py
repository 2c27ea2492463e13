"""Directives and the values in them as plain lists, for JSON, and back without a loss.

A directive becomes ``[kind, line, date, …]``; its file is that of the whole list. Numbers are
texts, exponents and all: ``1.50`` stays ``1.50``. What is no text, truth value or nothing carries a
tag in front.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.number import MISSING
from beancount.core.position import Cost, CostSpec
from beancount.parser.grammar import ValueType

Slim = list[Any]
_OWN = ("filename", "lineno")
_DTYPES = {str: "s", Decimal: "D", dt.date: "d", bool: "b", Amount: "A"}
_DTYPES_BACK = {tag: dtype for dtype, tag in _DTYPES.items()}


def pack(value: Any) -> Any:
    """A value of metadata, of an option or of a directive, as JSON can hold it."""
    if value is None or isinstance(value, str | bool):
        return value
    for shape, tag, plain in _PLAIN:
        if isinstance(value, shape):
            return [tag, plain(value)]
    return ["M"] if value is MISSING else _packed(value)


_PLAIN: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (Decimal, "D", str),
    (dt.date, "d", dt.date.toordinal),
    (int, "i", int),
    (data.Booking, "B", lambda booking: booking.value),
)


def _packed(value: Any) -> Slim:
    if isinstance(value, ValueType):
        dtype = _DTYPES[value.dtype] if isinstance(value.dtype, type) else ["t", value.dtype]
        return ["V", pack(value.value), dtype]
    for shape, tag in _SHAPES:
        if isinstance(value, shape):
            return [tag, *(pack(each) for each in tuple(value))]
    if isinstance(value, list | tuple):
        return ["L" if isinstance(value, list) else "T", *map(pack, value)]
    if isinstance(value, set | frozenset):
        return ["S" if isinstance(value, set) else "F", *map(pack, sorted(value))]
    if isinstance(value, dict):
        return ["m", *([pack(key), pack(each)] for key, each in value.items())]
    raise TypeError(f"no slim form of {type(value).__name__}")


_SHAPES: tuple[tuple[Any, str], ...] = ((Amount, "A"), (Cost, "C"), (CostSpec, "P"))


def unpack(slim: Any) -> Any:
    """The value that ``pack`` was given."""
    return _UNPACK[slim[0]](slim) if type(slim) is list else slim


_UNPACK: dict[str, Callable[[Slim], Any]] = {
    "M": lambda _: MISSING,
    "i": lambda s: s[1],
    "D": lambda s: Decimal(s[1]),
    "d": lambda s: dt.date.fromordinal(s[1]),
    "B": lambda s: data.Booking(s[1]),
    "V": lambda s: ValueType(unpack(s[1]), s[2][1] if type(s[2]) is list else _DTYPES_BACK[s[2]]),
    "A": lambda s: Amount(*map(unpack, s[1:])),
    "C": lambda s: Cost(*map(unpack, s[1:])),
    "P": lambda s: CostSpec(*map(unpack, s[1:])),
    "L": lambda s: [unpack(each) for each in s[1:]],
    "T": lambda s: tuple(unpack(each) for each in s[1:]),
    "S": lambda s: {unpack(each) for each in s[1:]},
    "F": lambda s: frozenset(unpack(each) for each in s[1:]),
    "m": lambda s: {unpack(key): unpack(each) for key, each in s[1:]},
}


def _meta(meta: data.Meta, file: str) -> Slim:
    """Its line, its file where that is another one, and everything else that it holds."""
    more = [[key, pack(value)] for key, value in meta.items() if key not in _OWN]
    own = meta.get("filename")
    return [meta.get("lineno"), None if own == file else own, more]


def _unmeta(slim: Slim, file: str) -> data.Meta:
    line, other, more = slim
    meta: data.Meta = {"filename": other or file, "lineno": line}
    for key, value in more:
        meta[key] = _UNPACK[value[0]](value) if type(value) is list else value
    return meta


def _slim_posting(posting: data.Posting, file: str) -> Slim:
    units = posting.units
    if isinstance(units, Amount) and isinstance(units.number, Decimal):
        number, currency = str(units.number), pack(units.currency)
    else:  # nothing, or not yet known
        number, currency = None, pack(units)
    meta = posting.meta
    return [
        posting.account,
        number,
        currency,
        pack(posting.cost),
        pack(posting.price),
        posting.flag,
        None if meta is None else _meta(meta, file),
    ]


def _posting(slim: Slim, file: str) -> data.Posting:
    account, number, currency, cost, price, flag, meta = slim
    return data.Posting(
        account,
        unpack(currency) if number is None else Amount(Decimal(number), unpack(currency)),
        cost and unpack(cost),
        price and unpack(price),
        flag,
        None if meta is None else _unmeta(meta, file),
    )


def slim(entry: data.Directive, file: str) -> Slim:
    """A directive of ``file`` as a list."""
    kind = type(entry).__name__
    head = [kind, entry.date.toordinal(), _meta(entry.meta, file)]
    if isinstance(entry, data.Transaction):
        postings = [_slim_posting(posting, file) for posting in entry.postings]
        tags, links = _set(entry.tags), _set(entry.links)
        return [*head, entry.flag, entry.payee, entry.narration, tags, links, postings]
    return [*head, *map(pack, entry[2:])]


def thick(row: Slim, file: str) -> data.Directive:
    """The directive that ``slim`` was given."""
    kind, day, meta = row[:3]
    date = dt.date.fromordinal(day)
    if kind == "Transaction":
        _, _, _, flag, payee, narration, tags, links, postings = row
        return data.Transaction(
            _unmeta(meta, file),
            date,
            flag,
            payee,
            narration,
            _unset(tags),
            _unset(links),
            [_posting(posting, file) for posting in postings],
        )
    return _KINDS[kind](_unmeta(meta, file), date, *map(unpack, row[3:]))


_KINDS: dict[str, Callable[..., data.Directive]] = {
    kind.__name__: kind for kind in data.ALL_DIRECTIVES
}


def _set(names: frozenset[str] | None) -> Sequence[str] | None:
    return None if names is None else sorted(names)


def _unset(names: Sequence[str] | None) -> Any:
    if names is None:
        return None
    return frozenset(names) if names else data.EMPTY_SET


def content(value: Any) -> bytes:
    """A value of plain lists, texts and numbers as the store holds it."""
    return json.dumps(value, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """A short name that is another one as soon as anything in the value is."""
    return hashlib.sha256(content(value)).hexdigest()[:40]
