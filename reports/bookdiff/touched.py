"""What the change touches besides statements: tax lines, envelopes, crossings, closed periods."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data

from core.journal.books import Books
from core.seal import Seal, entities_in, seals_of
from reports.bookdiff.changes import Change, DirectiveChange
from reports.bookdiff.figures import Figures
from reports.bookdiff.loose import Loose
from reports.bookdiff.market import Amounts

_CROSSING = "ic-"
_ENVELOPE = "bud-envelope"


@dataclass(frozen=True)
class Line:
    """A tax line or an envelope of an owner in a period (``2026``, ``2026-03``), and by how much
    the sum of its accounts moves, positive where that grows."""

    owner: str
    name: str
    period: str
    amounts: Amounts


@dataclass(frozen=True)
class Crossing:
    """A link between entities of which a side was added, removed or changed."""

    link: str
    owners: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Closed:
    """A closed period that the change reaches into, and by how many entries."""

    owner: str
    period: str
    count: int


def tax_lines(found: Figures, base: Books, head: Books) -> tuple[Line, ...]:
    """By the ``tax:`` of the accounts' open directives, a line for each year."""

    def line_of(account: str) -> str:
        known = head.accounts.get(account) or base.accounts.get(account)
        said = known.meta.get("tax") if known else None
        return said if isinstance(said, str) else ""

    return _lines(found, line_of, lambda month: month[:4])


def envelopes(found: Figures, base: Books, head: Books) -> tuple[Line, ...]:
    """By the envelope whose account is the nearest parent of the account, a line for each month."""
    declared: dict[str, str] = {}
    for books in (base, head):
        for entry in books.standing:
            if isinstance(entry, data.Custom) and entry.type == _ENVELOPE and len(entry.values) > 2:
                _, name, account, *_ = (str(value.value) for value in entry.values)
                declared[account] = name

    def line_of(account: str) -> str:
        while account and account not in declared:
            account = account.rpartition(":")[0]
        return declared.get(account, "")

    return _lines(found, line_of, lambda month: month) if declared else ()


def _lines(found: Figures, line_of: Any, period_of: Any) -> tuple[Line, ...]:
    sums: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for owner, accounts in found.accounts.items():
        for account, months in accounts.items():
            name = line_of(account)
            for month, amounts in months.items() if name else ():
                for currency, number in amounts.items():
                    sums[owner, name, period_of(month)][currency] += number
    lines = (
        Line(*key, {name: number for name, number in amounts.items() if number})
        for key, amounts in sorted(sums.items())
    )
    return tuple(line for line in lines if line.amounts)


def crossings(changed: Sequence[Change], base: Books, head: Books) -> tuple[Crossing, ...]:
    """The ``^ic-`` links of transactions that are not the same, with all their owners."""
    kinds: dict[str, set[str]] = defaultdict(set)
    owners: dict[str, set[str]] = defaultdict(set)
    for change in changed:
        for txn, books in ((change.base, base), (change.head, head)):
            for link in txn.links if txn else ():
                if txn and link.startswith(_CROSSING):
                    kinds[link].add(change.kind)
                    owners[link] |= books.registry.ents(txn.txn) | _parties(txn, books)
    return tuple(
        Crossing(link, tuple(sorted(owners[link])), tuple(sorted(kinds[link])))
        for link in sorted(kinds)
    )


def _parties(txn: Loose, books: Books) -> set[str]:
    """Whom the transaction and its accounts name as counterparty."""
    named = {str(value) for key, _, value in txn.meta if key == "counterparty"}
    for leg in txn.legs:
        known = books.accounts.get(leg.account)
        named |= {known.counterparty} if known and known.counterparty else set()
        named |= {str(value) for key, _, value in leg.meta if key == "counterparty"}
    return named


def closed_periods(
    changed: Sequence[Change], directives: Sequence[DirectiveChange], base: Books, head: Books
) -> tuple[Closed, ...]:
    """The periods that either side says are closed and in which an entry is not the same."""
    seals = _seals((base, head))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for entries in _entries(changed, directives):
        reached = {
            (seal.entity, seal.period.name)
            for entry in entries
            for owner in entities_in(entry)
            for seal in seals.get(owner, ())
            if seal.period.first <= entry.date <= seal.period.last
        }
        for key in reached:
            counts[key] += 1
    return tuple(Closed(*key, count) for key, count in sorted(counts.items()))


def _seals(both: Iterable[Books]) -> Mapping[str, Sequence[Seal]]:
    found: dict[str, list[Seal]] = defaultdict(list)
    for books in both:
        for owner, seals in seals_of(books.standing).items():
            found[owner] += seals
    return found


def _entries(
    changed: Sequence[Change], directives: Sequence[DirectiveChange]
) -> Iterable[list[data.Directive]]:
    """Both sides of each change; a price belongs to nobody, and a seal is not what it seals."""
    for change in changed:
        yield [side.txn for side in (change.base, change.head) if side]
    for each in directives:
        if not isinstance(each.directive.entry, data.Custom | data.Price):
            yield [side.entry for side in (each.base, each.head) if side]
