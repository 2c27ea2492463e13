"""Beancount's errors as values: what one says, where, and about what.

Its own errors hold the directives that they speak of; a Trouble holds only what a finding needs, so
that it can be kept beside the file it came from.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.said import code_of, near_account, said

_UNKNOWN_ACCOUNT = re.compile(r"Invalid reference to unknown account '([^']+)'")
_BALANCE = re.compile(
    r"Balance failed for '([^']+)': expected (\S+) (\S+) != accumulated (\S+) \S+ \(.*\)", re.DOTALL
)

# Room for any number that fits on a line.
_WIDE = Context(prec=50_000)


@dataclass(frozen=True)
class Trouble:
    """An error of Beancount's: its class, its words, its place, and the day and accounts of it."""

    name: str
    message: str
    file: str = ""
    line: int = 0
    day: dt.date | None = None
    accounts: tuple[str, ...] = ()


def troubles(errors: Iterable[Any]) -> Iterator[Trouble]:
    """The errors as Troubles."""
    for error in errors:
        source: Mapping[str, Any] = error.source or {}
        entry = error.entry
        several = isinstance(entry, Sequence) and entry and not hasattr(entry, "meta")
        first = entry[0] if several else entry
        yield Trouble(
            type(error).__name__,
            _plain(str(error.message)),
            str(source.get("filename", "")),
            int(source.get("lineno") or 0),
            getattr(first, "date", None),
            _accounts(first),
        )


def failed_balance(entry: data.Balance, held: Decimal) -> Trouble:
    """The error of an assertion that found ``held`` units of its currency in its account."""
    gap = held - number_of(entry.amount)
    message = (
        f"Balance failed for '{entry.account}': expected {entry.amount} != accumulated "
        f"{held} {entry.amount.currency} ({abs(gap)} {'too much' if gap > 0 else 'too little'})"
    )
    return Trouble(
        "BalanceError",
        _plain(message),
        str(entry.meta["filename"]),
        int(entry.meta["lineno"]),
        entry.date,
        (entry.account,),
    )


def with_plain_gap(entry: data.Directive) -> data.Directive:
    """The entry; a failed assertion's gap with no more decimals than count (see ``_plain``)."""
    if not isinstance(entry, data.Balance) or entry.diff_amount is None:
        return entry
    return entry._replace(diff_amount=plain_gap(entry, number_of(entry.diff_amount)))


def plain_gap(entry: data.Balance, gap: Decimal) -> Amount:
    """By how much an assertion fails, with the decimals of what it expects."""
    return Amount(_as_written(gap, number_of(entry.amount)), entry.amount.currency)


def number_of(amount: Amount) -> Decimal:
    """The number of an amount, its decimals also where it is nothing: ``0.00`` is not ``0``."""
    return Decimal(0) if amount.number is None else amount.number


def findings(found: Iterable[Trouble], books: Books) -> Iterator[Finding]:
    """The Troubles as findings: ``ValidationError`` becomes ``BC-VALIDATION``."""
    registry = books.registry
    for trouble in found:
        message = " ".join(trouble.message.replace(f"{books.base}/", "").split())
        unknown = _UNKNOWN_ACCOUNT.search(message)
        is_new = unknown and not near_account(unknown[1], books.accounts)
        fix = f"{trouble.day} open {unknown[1]}" if unknown and is_new and trouble.day else ""
        nowhere = trouble.file.startswith("<")
        yield Finding(
            code_of(trouble.name),
            Severity.ERROR,
            said(trouble.name, message, books.accounts),
            factor="Double entry",
            entities=tuple(sorted({e for a in trouble.accounts if (e := registry.ent(a))})),
            date=trouble.day,
            file=books.relative(str(books.root) if nowhere else trouble.file),
            line=trouble.line,
            fix=fix,
            identity=(message,),
        )


def _accounts(entry: Any) -> tuple[str, ...]:
    if isinstance(entry, data.Transaction):
        return tuple(posting.account for posting in entry.postings)
    account = getattr(entry, "account", None)
    return (account,) if account else ()


def _plain(message: str) -> str:
    """A failed balance says ``99.50``, whether its sum met a ``0.500`` on its way or not."""
    match = _BALANCE.fullmatch(message)
    if not match:
        return message
    account, wanted, currency, there = match.groups()
    expected, held = Decimal(wanted), Decimal(there)
    held, gap = (_as_written(number, expected) for number in (held, held - expected))
    way = "too much" if gap > 0 else "too little"
    return (
        f"Balance failed for '{account}': expected {wanted} {currency} != accumulated "
        f"{held} {currency} ({abs(gap)} {way})"
    )


def _as_written(number: Decimal, like: Decimal) -> Decimal:
    """``number`` with the decimals of ``like``, or with more where it has more that count."""
    least = number.normalize()
    places = min(int(least.as_tuple().exponent), int(like.as_tuple().exponent), 0)
    return least.quantize(Decimal(1).scaleb(places), context=_WIDE)


def slim_trouble(trouble: Trouble) -> list[Any]:
    """A Trouble, as JSON can hold it."""
    day = trouble.day and trouble.day.toordinal()
    return [trouble.name, trouble.message, trouble.file, trouble.line, day, trouble.accounts]


def thick_trouble(row: Sequence[Any]) -> Trouble:
    """The Trouble that ``slim_trouble`` was given."""
    name, message, file, line, day, accounts = row
    when = None if day is None else dt.date.fromordinal(day)
    return Trouble(name, message, file, line, when, tuple(accounts))
