"""What people did that duties are about: vendors changed, vendors paid, accounts written and
reconciled.

They are read from the text of what commits brought: nothing of it is parsed or booked.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from beancount.core import data

from core.dealings import folded
from core.journal.books import Books
from core.journal.hands import Hand

# What a vendor's directive says of where their money goes.
BANK_DETAILS = frozenset({"pay-to", "account-id", "iban", "ifsc", "routing", "sort-code", "upi"})
_MONEY = frozenset({"bank", "card", "cash"})
_PROVEN = frozenset({"bank", "card"})
_DATED = re.compile(r"^(\d{4}-\d\d-\d\d)\s+(\S+)(.*)$", re.MULTILINE)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_KEY = re.compile(r"^\s+([a-z][\w-]*)\s*:", re.MULTILINE)
_LEG = re.compile(
    r"^\s+(?:[*!]\s+)?([^\W\d_a-z][^\s:\"]*(?::[^\s:\"]+)+)[ \t]*([^\s;]*)", re.MULTILINE
)
_FLAGS = frozenset("*!&#?%PSTCURM")


@dataclass(frozen=True)
class Deed:
    """Who did it, when it was committed, and where it stands."""

    who: str
    day: dt.date
    place: str


@dataclass(frozen=True)
class VendorChanged(Deed):
    """A vendor's directive was changed or taken out, or a new one says bank details."""

    name: str


@dataclass(frozen=True)
class Paid(Deed):
    """A payment to ``payee`` on ``date`` from ``account``."""

    payee: str
    date: dt.date
    account: str


@dataclass(frozen=True)
class Wrote(Deed):
    """An entry of ``date`` on a bank or card ``account``."""

    date: dt.date
    account: str


@dataclass(frozen=True)
class Reconciled(Deed):
    """A balance of a bank or card ``account`` by its statement, at the beginning of ``date``."""

    date: dt.date
    account: str


def of_commits(hands: Iterable[Hand], books: Books) -> Iterator[Deed]:
    """The deeds of commits; accounts and vendors are those of ``books``."""
    by_commit: dict[str, list[Hand]] = {}
    for hand in hands:
        by_commit.setdefault(hand.commit, []).append(hand)
    often = _often(books)
    for some in by_commit.values():
        known = {_vendor(hand.text) for hand in some if hand.is_gone} | often
        for hand in some:
            yield from _of_text(hand, books, known)


def _of_text(hand: Hand, books: Books, known: Collection[str]) -> Iterator[Deed]:
    who = hand.email, hand.day, f"{hand.path}:{hand.line}"
    vendor = _vendor(hand.text)
    if vendor:
        says = BANK_DETAILS & set(_KEY.findall(hand.text))
        if hand.is_gone or says or vendor in known:
            yield VendorChanged(*who, vendor)
    head = _DATED.search(hand.text)
    if hand.is_gone or head is None:
        return
    with suppress(ValueError):
        day, kind, rest = dt.date.fromisoformat(head[1]), head[2], head[3]
        if kind == "balance":
            account = rest.split()[0] if rest.split() else ""
            if "statement" in _KEY.findall(hand.text) and books.role(account) in _PROVEN:
                yield Reconciled(*who, day, account)
        elif kind == "txn" or kind in _FLAGS:
            texts = _TEXT.findall(rest)
            legs = [(leg[1], leg[2]) for leg in _LEG.finditer(hand.text[head.end() :])]
            payee = texts[0] if len(texts) > 1 else ""
            yield from _of_legs(who, payee, day, legs, books)


def _of_legs(
    who: tuple[str, dt.date, str],
    payee: str,
    day: dt.date,
    legs: Sequence[tuple[str, str]],
    books: Books,
) -> Iterator[Deed]:
    """``legs`` are accounts with their amounts as text, empty where it follows from the others."""
    for account, amount in dict(legs).items():
        role = books.role(account)
        others = [n for other, n in legs if other != account and n]
        goes_out = amount.startswith("-") if amount else any(n[0] != "-" for n in others)
        if role in _MONEY and goes_out and payee:
            yield Paid(*who, payee, day, account)
        if role in _PROVEN:
            yield Wrote(*who, day, account)


def _vendor(text: str) -> str:
    """The vendor of a directive's text, or an empty string."""
    head = _DATED.search(text)
    texts = _TEXT.findall(head[3]) if head and head[2] == "custom" else []
    return folded(texts[1]) if len(texts) > 1 and texts[0] == "vendor" else ""


def _often(books: Books) -> set[str]:
    """The vendors of whom several directives stand: who writes one more changes them."""
    names = [folded(name) for name, _ in _declared(books)]
    return {name for name in names if names.count(name) > 1}


def names_of(books: Books) -> Mapping[str, set[str]]:
    """Each vendor with all their names."""
    found: dict[str, set[str]] = {}
    for name, alias in _declared(books):
        found.setdefault(folded(name), {folded(name)}).update({folded(alias)} - {""})
    return found


def _declared(books: Books) -> Iterator[tuple[str, str]]:
    for entry in books.standing:
        if isinstance(entry, data.Custom) and entry.type == "vendor" and entry.values:
            alias = entry.meta.get("alias")
            yield str(entry.values[0].value), alias if isinstance(alias, str) else ""
