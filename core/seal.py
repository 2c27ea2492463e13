"""Seals of closed periods: the canonical form of an entity's entries, and the hash chain over them.

A seal is a directive that says what an entity's entries of a period were when it was closed::

    2026-02-05 custom "close-period" "Acme" "2026-01"
      last-date: 2026-01-31
      hash: "b1ef1ff50303e8dd9978af92f8870c33062f2e16ff73b2aeb0f2a90b35a0b539"
      prev: "0000000000000000000000000000000000000000000000000000000000000000"

The form is ``bcv1`` (DOMAIN D3 and K3): one JSON object a line, keys sorted, amounts as they were
written. It covers booked entries, so neither the layout of files nor their order counts. ``prev``
is the hash of the entity's period before: who changes one changes all that follow.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.position import Cost

from core.findings import UserError
from core.money import plain
from core.period import Period, parse_period

FORM = "bcv1"
CLOSE, REOPEN = "close-period", "reopen-period"
SOFT = "soft-close"
# What comes before the first period of an entity.
NOTHING_BEFORE = "0" * 64
# The part of a hash that a person may write instead of all of it.
_SHORTEST = 16

_OWN = {"filename", "lineno"}
# Written after closing by reconciling, importing and deciding: no part of what is sealed.
_MUTABLE = re.compile(r"recon|recon-date|id(-\d+)?|src(-\d+)?|rule|review|line|cf")
_OF_OPEN = {"role", "counterparty", "title-holder"}
_HEX = re.compile(r"[0-9a-f]+")

HashOfFile = Callable[[Path], str]


@dataclass(frozen=True)
class Seal:
    """A ``close-period`` or ``soft-close`` directive that can be read. ``prev`` and ``figures`` are
    empty where it says none."""

    entry: data.Custom
    entity: str
    period: Period
    hash: str
    prev: str = ""
    figures: str = ""

    @property
    def is_soft(self) -> bool:
        """Whether adjusting entries may still come into the period."""
        return self.entry.type == SOFT

    @property
    def tag(self) -> str:
        """The name of the tag on its commit; ``.2`` and so on stands behind that of a later one."""
        return f"{'soft-close' if self.is_soft else 'close'}/{self.entity}/{self.period.name}"

    @property
    def note(self) -> str:
        """What was remarked when the period was closed."""
        value = self.entry.meta.get("note")
        return value.strip() if isinstance(value, str) else ""


def seal_of(entry: data.Custom) -> Seal:
    """The seal that a ``close-period`` or ``soft-close`` directive is; raises ValueError saying
    what it lacks."""
    entity, period = _whose(entry)
    seal, prev, figures = (_hash_in(entry.meta, key) for key in ("hash", "prev", "figures"))
    if not seal:
        raise ValueError('the closed period says no hash: give it "hash:" with 64 hex digits')
    return Seal(entry, entity, period, seal, prev, figures)


def reopened(entry: data.Custom) -> tuple[str, Period]:
    """Whose period a ``reopen-period`` directive opens again; raises ValueError saying what it
    lacks."""
    entity, period = _whose(entry)
    for key in ("reason", "approved-by", "second-by"):
        if not isinstance(entry.meta.get(key), str) or not str(entry.meta[key]).strip():
            raise ValueError(f'a period that is opened again says "{key}:"')
    if entry.meta["approved-by"].casefold() == entry.meta["second-by"].casefold():
        raise ValueError("a period is opened again by two people, not by one twice")
    return entity, period


def _whose(entry: data.Custom) -> tuple[str, Period]:
    """The entity and the period that a directive names; raises ValueError."""
    values = [value.value for value in entry.values]
    if len(values) != 2 or not all(isinstance(value, str) for value in values):
        raise ValueError(f'it names an entity and a period: custom "{entry.type}" "Acme" "2026-01"')
    last = entry.meta.get("last-date")
    # A fiscal year ends when its directive says: who reads it need not know the entity.
    year_end = f"{last:%m-%d}" if isinstance(last, dt.date) else "12-31"
    try:
        period = parse_period(values[1], year_end)
    except UserError as error:
        raise ValueError(f"{error.message}; {error.hint}") from error
    last = period.last if last is None else last
    if last != period.last:
        raise ValueError(f"{period.name} ends on {period.last}, not on “last-date: {last}”")
    return values[0], period


def _hash_in(meta: Mapping[str, Any], key: str) -> str:
    value = meta.get(key, "")
    text = value.strip().casefold() if isinstance(value, str) else "?"
    if text and not (_HEX.fullmatch(text) and _SHORTEST <= len(text) <= 64):
        raise ValueError(
            f"“{key}: {value}” is no SHA-256 in hex digits ({_SHORTEST} to 64 of them)"
        )
    return text


def seals_of(entries: Iterable[data.Directive]) -> dict[str, tuple[Seal, ...]]:
    """The seals of each entity that hold, the earliest period first; of a period closed again the
    newest, and none of one that was opened again and not closed since.

    Directives that cannot be read are left out: the registry's lint speaks of them.
    """
    found: dict[str, dict[tuple[dt.date, dt.date], Seal]] = {}
    for entry in entries:  # in date order
        if not isinstance(entry, data.Custom):
            continue
        with suppress(ValueError):
            if entry.type == CLOSE:
                seal = seal_of(entry)
                found.setdefault(seal.entity, {})[seal.period.last, seal.period.first] = seal
            elif entry.type == REOPEN:
                entity, period = reopened(entry)
                found.get(entity, {}).pop((period.last, period.first), None)
    ordered = {entity: sorted(of.items()) for entity, of in found.items() if of}
    return {entity: tuple(seal for _, seal in of) for entity, of in ordered.items()}


def reopened_in(entries: Iterable[data.Directive]) -> set[tuple[str, str]]:
    """The entity and period of every ``reopen-period`` directive that can be read."""
    found = set()
    for entry in entries:
        if isinstance(entry, data.Custom) and entry.type == REOPEN:
            with suppress(ValueError):
                entity, period = reopened(entry)
                found.add((entity, period.name))
    return found


def closed_until(entries: Iterable[data.Directive]) -> dict[str, dt.date]:
    """The last closed day of each entity that has one, by its name without case: periods close in
    order. A directive that says no hash seals nothing, and closes nevertheless."""
    closed: dict[str, set[dt.date]] = {}
    for entry in entries:  # in date order
        if isinstance(entry, data.Custom) and entry.type in {CLOSE, REOPEN}:
            with suppress(ValueError):
                entity, period = _whose(entry)
                days = closed.setdefault(entity.casefold(), set())
                (days.add if entry.type == CLOSE else days.discard)(period.last)
    return {entity: max(days) for entity, days in closed.items() if days}


def agrees(said: str, computed: str) -> bool:
    """Whether a hash that a directive says, or the beginning of one, is the computed one."""
    return bool(said) and computed.startswith(said)


def entities_in(entry: data.Directive) -> set[str]:
    """The entities that an entry is of: by its accounts, a ``custom`` also by the names it gives.

    Every text of a ``custom`` counts as a name: whether it is registered is the caller's to ask.
    """
    if isinstance(entry, data.Transaction):
        accounts = [posting.account for posting in entry.postings]
    elif isinstance(entry, data.Custom):
        texts = [value.value for value in entry.values if isinstance(value.value, str)]
        return {text for text in texts if ":" not in text} | _second(t for t in texts if ":" in t)
    else:
        accounts = [getattr(entry, "account", "")]
    return _second(accounts)


def _second(accounts: Iterable[str]) -> set[str]:
    return {parts[1] for account in accounts if len(parts := account.split(":", 2)) > 1}


def canonical(entry: data.Directive, home: Path, hash_of: HashOfFile) -> str:
    """The entry's line of the form ``bcv1``, or an empty string for what is never sealed.

    ``home`` is what paths of documents are relative to; ``hash_of`` gives a file's SHA-256 in hex,
    empty where there is none.
    """
    said = _said(entry, home, hash_of)
    if said is None:
        return ""
    said["date"] = entry.date.isoformat()
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _said(entry: data.Directive, home: Path, hash_of: HashOfFile) -> dict[str, Any] | None:
    if isinstance(entry, data.Transaction):
        return {
            "type": "txn",
            "flag": entry.flag,
            "payee": entry.payee,
            "narration": entry.narration,
            "tags": sorted(entry.tags or ()),
            "links": sorted(entry.links or ()),
            "meta": _meta(entry.meta),
            "postings": [_posting(posting) for posting in entry.postings],
        }
    if isinstance(entry, data.Custom):
        if entry.type == CLOSE:
            return None
        values = [_typed(value.value, value.dtype) for value in entry.values]
        said = {"type": "custom", "name": entry.type, "values": values}
        return said | {"meta": _meta(entry.meta)}
    return _about_account(entry, home, hash_of)


def _about_account(entry: data.Directive, home: Path, hash_of: HashOfFile) -> dict[str, Any] | None:
    said: dict[str, Any] = {"meta": _meta(entry.meta)}
    if isinstance(entry, data.Balance):
        said |= {"amount": _number(entry.amount.number), "currency": entry.amount.currency}
        if entry.tolerance is not None:
            said["tolerance"] = _number(entry.tolerance)
    elif isinstance(entry, data.Open):
        said["currencies"] = sorted(entry.currencies or ())
        said["meta"] = {key: said["meta"][key] for key in sorted(_OF_OPEN & said["meta"].keys())}
        if entry.booking is not None:
            said["booking"] = entry.booking.value
    elif isinstance(entry, data.Pad):
        said["source"] = entry.source_account
    elif isinstance(entry, data.Note):
        said["comment"] = entry.comment
    elif isinstance(entry, data.Document):
        path = Path(entry.filename)
        inside = path.relative_to(home).as_posix() if path.is_relative_to(home) else entry.filename
        said |= {"filename": inside, "sha256": hash_of(path)}
    elif not isinstance(entry, data.Close):
        return None
    return said | {"type": type(entry).__name__.casefold(), "account": entry.account}


def _posting(posting: data.Posting) -> dict[str, Any]:
    units = posting.units
    said: dict[str, Any] = {
        "account": posting.account,
        "amount": _number(units.number) if units else None,
        "currency": units.currency if units else None,
    }
    cost, price, meta = posting.cost, posting.price, _meta(posting.meta or {})
    if isinstance(cost, Cost):
        said["cost"] = {
            "amount": _number(cost.number),
            "currency": cost.currency,
            "date": cost.date.isoformat() if cost.date else None,
            "label": cost.label,
        }
    if price is not None:
        said["price"] = {"amount": _number(price.number), "currency": price.currency}
    if posting.flag:
        said["flag"] = posting.flag
    if meta:
        said["meta"] = meta
    return said


def _meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata without what the program or later work puts there. What is no text keeps its type
    beside it, so that ``5`` is not ``"5"``."""
    return {
        key: value if isinstance(value, str) else _typed(value, type(value))
        for key, value in meta.items()
        if key not in _OWN and not key.startswith("__") and not _MUTABLE.fullmatch(key)
    }


def _typed(value: Any, dtype: Any) -> list[str | None]:
    return [_TYPES.get(dtype, "account"), _text(value)]


_TYPES: dict[Any, str] = {
    str: "string",
    bool: "bool",
    Decimal: "number",
    int: "number",
    Amount: "amount",
    dt.date: "date",
    type(None): "none",
}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Amount):
        return f"{_number(value.number)} {value.currency}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _number(number: Any) -> str | None:
    return plain(number) if isinstance(number, Decimal) else None


def hash_of_period(entity: str, period: str, prev: str, lines: Iterable[str]) -> str:
    """The hash of a period: SHA-256 in hex over the form's name, the entity, the period as it is
    written, the hash before, and the canonical lines, sorted by their bytes."""
    return _hashed(entity, period, prev, _sorted(lines))


def _sorted(lines: Iterable[str]) -> list[bytes]:
    return sorted(f"{line}\n".encode() for line in lines)


def _hashed(entity: str, period: str, prev: str, lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256(f"{FORM}\n{entity}\n{period}\n{prev}\n".encode())
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


_TRIED = 1000  # lines: to leave out each of them takes a hash over all others


def added_line(said: str, entity: str, period: str, prev: str, lines: Sequence[str]) -> str:
    """The one line without which the period has the hash that was said, or an empty string.

    So an entry that was added after closing is named without looking into the past.
    """
    ordered = _sorted(lines)
    if len(ordered) > _TRIED:
        return ""
    for place, line in enumerate(ordered):
        rest = ordered[:place] + ordered[place + 1 :]
        if agrees(said, _hashed(entity, period, prev, rest)):
            return line.decode().rstrip("\n")
    return ""
