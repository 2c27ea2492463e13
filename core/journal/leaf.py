"""A leaf: one journal file, parsed and booked as far as the file alone allows, and kept.

What a transaction becomes depends on other files only where a lot must be found: where a posting
has a cost, or leaves its currency open. Those stay as the parser gave them, for ``lots``; all
others are booked here, once for each content. Beside its directives a leaf knows a few facts
(``Head``), so that the whole can be judged without looking into every file again. The parts are
kept apart in the store because a change of one file needs the heads of all, and the bodies of few.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from beancount.core import data, display_context
from beancount.core.number import MISSING
from beancount.ops import validation
from beancount.parser import options

from core.cache.shelf import Shelf
from core.cache.slim import Slim, content, digest, pack, slim, thick, unpack
from core.cache.store import GoneError, Scratch, Store
from core.findings import Finding, Severity
from core.journal.book import book
from core.journal.effect import (
    Days,
    Effect,
    effect_of,
    slim_days,
    slim_effect,
    thick_days,
    thick_effect,
)
from core.journal.trouble import Trouble, slim_trouble, thick_trouble, troubles
from core.journal.walk import Looked

# What other entries are judged by: kept at hand, however many transactions there are.
STANDING = (
    data.Open,
    data.Close,
    data.Commodity,
    data.Balance,
    data.Pad,
    data.Note,
    data.Document,
    data.Custom,
    data.Price,
)
# The options that booking one file looks at; its result is kept for these.
BOOKING_OPTIONS = (
    "booking_method",
    "tolerance_multiplier",
    "inferred_tolerance_default",
    "inferred_tolerance_multiplier",
    "infer_tolerance_from_cost",
    "use_precise_interpolation",
)


@dataclass(frozen=True)
class Head:
    """What is known of a file without its transactions.

    ``options`` is None for a file that the parser was not given; ``includes`` are its patterns and
    their lines; ``lots`` the places (in the body) of the transactions that ``lots`` books, and
    ``lot_accounts`` the accounts whose lots they ask for; ``links`` maps a link to the places of
    its transactions; ``accounts`` are all that transactions name; ``count`` is how many places the
    body has. ``effect`` is that of all entries but the ``lots``.
    """

    findings: tuple[Finding, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    options: Mapping[str, Any] | None = None
    includes: tuple[tuple[str, int], ...] = ()
    standing: tuple[data.Directive, ...] = ()
    links: Mapping[str, Sequence[int]] = field(default_factory=dict)
    lots: Sequence[int] = ()
    lot_accounts: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    count: int = 0
    effect: Effect = field(default_factory=Effect)


@dataclass(frozen=True, eq=False)
class Leaf:
    """One file: its path, the SHA-256 of its content, how it is booked, and its head; where
    they are held its directives as they are, None for one that was dropped."""

    path: Path
    sha: str
    how: str
    head: Head
    store: Store
    directives: Sequence[data.Directive | None] | None = None

    @cached_property
    def key(self) -> str:
        """The name that it is kept under."""
        return _key(self.path, self.sha, self.how)

    @cached_property
    def file(self) -> str:
        """Its path, as text."""
        return str(self.path)

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """What the lint found."""
        return self.head.findings

    @cached_property
    def includes(self) -> Sequence[tuple[str, int]]:
        """The patterns that it includes, each with its line."""
        return self.head.includes

    @cached_property
    def was_parsed(self) -> bool:
        """Whether the parser was given it."""
        return self.head.options is not None

    @cached_property
    def short(self) -> str:
        """The key, short enough to be part of others."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    @cached_property
    def chance(self) -> int:
        """A number that looks like chance, and is the same one for a path at any time. (A checksum
        does not: those of paths that differ in a digit have much in common.)"""
        return int.from_bytes(hashlib.sha256(os.fsencode(self.path)).digest()[:4])

    def _rows(self) -> Sequence[Slim | None]:
        """The directives in slim form, in the parser's order; None for one that was dropped."""
        found: Sequence[Slim | None] = _ROWS.of(f"{self.key} body", self.store, lambda slim: slim)
        return found

    def days(self) -> Days:
        """The sums by day of the head's ``effect``."""
        if isinstance(self.store, Scratch):
            held: Days = self.store.held[f"{self.key} days"]
            return held
        found: Days = _DAYS.of(f"{self.key} days", self.store, thick_days)
        return found

    def thick(self, places: Iterable[int]) -> list[data.Directive]:
        """The directives at these places of the body; dropped ones are left out."""
        return [entry for _, entry in self.placed(places) if entry]

    def placed(self, places: Iterable[int]) -> Iterator[tuple[int, data.Directive | None]]:
        """The directives at these places of the body, each with its place."""
        if self.directives is not None:
            yield from ((place, self.directives[place]) for place in places)
            return
        rows = self._rows()
        for place in places:
            row = rows[place]
            yield place, thick(row, self.file) if row else None

    def lines(self) -> list[int | None]:
        """The line of each place; None where it was dropped."""
        if self.directives is not None:
            return [entry.meta["lineno"] if entry else None for entry in self.directives]
        return [row[2][0] if row else None for row in self._rows()]

    def touching(self, accounts: Set[str]) -> Iterator[tuple[int, Slim]]:
        """The places and slim forms of transactions that ask for lots, or post to an account."""
        lots = set(self.head.lots)
        if self.directives is None:
            for place, row in enumerate(self._rows()):
                if not row or row[0] != "Transaction":
                    continue
                if place in lots or any(posting[0] in accounts for posting in row[8]):
                    yield place, row
            return
        for place, entry in enumerate(self.directives):
            if not isinstance(entry, data.Transaction):
                continue
            if place in lots or any(posting.account in accounts for posting in entry.postings):
                yield place, slim(entry, self.file)


# By the bytes of JSON that they were read from; as objects they take some eight times that.
_ROWS = Shelf(12_000_000)
_DAYS = Shelf(2_000_000)


def how_booked(root_options: Mapping[str, Any], allowed: Collection[str]) -> str:
    """What a leaf depends on besides its file: how the root books, which plugins may be named."""
    said = [[pack(root_options[name]) for name in BOOKING_OPTIONS], sorted(allowed)]
    return digest(said)


def kept(store: Store, path: Path, sha: str, how: str) -> Leaf | None:
    """The leaf of a content that was read before, or None."""
    key = _key(path, sha, how)
    if isinstance(store, Scratch):
        held: Leaf | None = store.held.get(key)
        return held
    raw = store.get(key)
    return None if raw is None else Leaf(path, sha, how, _thick_head(json.loads(raw), path), store)


def kept_links(store: Store, key: str) -> Iterable[str]:
    """The links of the leaf that was kept under ``key``; raises GoneError where it is no more."""
    if isinstance(store, Scratch):
        held: Leaf | None = store.held.get(key)
        if held is None:
            raise GoneError(key)
        return held.head.links
    raw = store.get(key)
    if raw is None:
        raise GoneError(key)
    links: Iterable[str] = json.loads(raw)[_LINKS]
    return links


def grown(
    store: Store,
    path: Path,
    how: str,
    looked: Looked,
    root_options: Mapping[str, Any],
    *,
    holds: bool = False,
) -> Leaf:
    """A leaf from what the parser said, put into the store; whether it also ``holds`` its
    directives, for who has the memory and will ask for them soon."""
    file = str(path)
    simple = [e for e in looked.entries if isinstance(e, data.Transaction) and not _asks_lots(e)]
    booked, booking_errors = book(simple, root_options)
    unbalanced = validation.validate_check_transaction_balances(booked, dict(root_options))
    by_line = {entry.meta["lineno"]: entry for entry in booked}
    lots: list[int] = []
    after: list[data.Directive | None] = []
    effective: list[data.Directive] = []
    for place, entry in enumerate(looked.entries):
        if isinstance(entry, data.Transaction) and _asks_lots(entry):
            lots.append(place)
            after.append(entry)
            continue
        is_txn = isinstance(entry, data.Transaction)
        result = by_line.get(entry.meta["lineno"]) if is_txn else entry
        after.append(result)
        if result:
            effective.append(result)
    effect, days = effect_of(effective)
    head = Head(
        tuple(looked.findings),
        tuple(troubles([*looked.errors, *booking_errors, *unbalanced])),
        looked.options,
        tuple(looked.includes),
        tuple(e for e in looked.entries if isinstance(e, STANDING)),
        _links(after),
        tuple(lots),
        _lot_accounts(looked.entries[place] for place in lots),
        frozenset(p.account for e in after if isinstance(e, data.Transaction) for p in e.postings),
        len(after),
        effect,
    )
    key = _key(path, looked.sha, how)
    if isinstance(store, Scratch):
        store.held[f"{key} days"] = days
        leaf = store.held[key] = Leaf(path, looked.sha, how, head, store, after)
        return leaf
    rows = [slim(entry, file) if entry else None for entry in after]
    body = content(rows)
    _ROWS.keep(f"{key} body", rows, len(body))
    _DAYS.keep(f"{key} days", days, 60 * sum(map(len, days.values())))
    store.put(f"{key} body", body)
    store.put(f"{key} days", content(slim_days(days)))
    store.put(key, content(_slim_head(head, path)))
    return Leaf(path, looked.sha, how, head, store, after if holds else None)


def _key(path: Path, sha: str, how: str) -> str:
    return f"leaf {sha} {how} {path}"


def _asks_lots(txn: data.Transaction) -> bool:
    return any(map(_asks_lot, txn.postings))


def _asks_lot(posting: data.Posting) -> bool:
    """Whether booking it looks at what its account holds."""
    units: Any = posting.units
    price: Any = posting.price
    if posting.cost is not None or (price is not None and price.currency is MISSING):
        return True
    if units is not MISSING:
        return bool(units.currency is MISSING)
    return price is not None


def _lot_accounts(entries: Iterable[data.Directive]) -> frozenset[str]:
    """The accounts that a lot is asked of."""
    txns = (entry for entry in entries if isinstance(entry, data.Transaction))
    return frozenset(p.account for txn in txns for p in txn.postings if _asks_lot(p))


def _links(entries: Sequence[data.Directive | None]) -> dict[str, list[int]]:
    links: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        if isinstance(entry, data.Transaction):
            for link in entry.links or ():
                links.setdefault(link, []).append(place)
    return links


_LINKS = 5  # where the links stand in a slim head


def _slim_head(head: Head, path: Path) -> list[Any]:
    return [
        [_slim_finding(finding) for finding in head.findings],
        [slim_trouble(each) for each in head.troubles],
        None if head.options is None else _slim_options(head.options),
        head.includes,
        [slim(entry, str(path)) for entry in head.standing],
        head.links,
        head.lots,
        sorted(head.lot_accounts),
        sorted(head.accounts),
        head.count,
        slim_effect(head.effect),
    ]


def _thick_head(row: Sequence[Any], path: Path) -> Head:
    findings, found, said, includes, standing, links, lots, asked, accounts, count, effect = row
    return Head(
        tuple(map(_thick_finding, findings)),
        tuple(map(thick_trouble, found)),
        None if said is None else _thick_options(said),
        tuple((pattern, line) for pattern, line in includes),
        tuple(thick(each, str(path)) for each in standing),
        links,
        lots,
        frozenset(asked),
        frozenset(accounts),
        count,
        thick_effect(effect),
    )


def _slim_finding(finding: Finding) -> dict[str, Any]:
    return {name: pack(value) for name, value in asdict(finding).items()}


def _thick_finding(row: Mapping[str, Any]) -> Finding:
    values = {name: unpack(value) for name, value in row.items()}
    return Finding(**{**values, "severity": Severity(values["severity"])})


def _slim_options(found: Mapping[str, Any]) -> list[Any]:
    """What is not as by default, and how numbers are written."""
    defaults = options.OPTIONS_DEFAULTS
    said = {
        name: pack(value)
        for name, value in found.items()
        if name != "dcontext" and (name not in defaults or pack(value) != pack(defaults[name]))
    }
    context = found["dcontext"]
    written = {
        currency: [each.has_sign, each.integer_max, sorted(_distribution(each).items())]
        for currency, each in context.ccontexts.items()
    }
    return [said, context.commas, written]


def _distribution(context: Any) -> dict[int, int]:
    """How many numbers have how many decimals."""
    found: dict[int, int] = context.fractional_dist.hist
    return found


def _thick_options(row: Sequence[Any]) -> dict[str, Any]:
    said, commas, written = row
    found = _fresh_options()
    found.update({name: unpack(value) for name, value in said.items()})
    context = display_context.DisplayContext()
    context.set_commas(commas)
    for currency, (has_sign, integer_max, digits) in written.items():
        each = context.ccontexts[currency]
        each.has_sign, each.integer_max = has_sign, integer_max
        _distribution(each).update(dict(digits))
    found["dcontext"] = context
    return found


def _fresh_options() -> dict[str, Any]:
    """Beancount's defaults, with containers of its own."""
    defaults = options.OPTIONS_DEFAULTS
    return {
        name: value.copy() if isinstance(value, list | dict | set) else value
        for name, value in defaults.items()
    }
