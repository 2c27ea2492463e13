"""The words that text, Markdown and pages have in common: amounts, months, the four first lines.

Every text that comes from books passes through ``clean`` first, so that no control character
reaches a terminal and none that turns the reading order round reaches anybody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.findings import Severity
from reports.bookdiff.changes import ADDED, CHANGED, KINDS, MOVED, REMOVED, Change
from reports.bookdiff.figures import BALANCES, FIGURES, FLOWS
from reports.bookdiff.legs import weight
from reports.bookdiff.loose import Loose
from reports.bookdiff.market import Amounts
from reports.bookdiff.model import BookDiff

# How a form writes a name or a text that comes from the books.
Name = Callable[[str], str]
WORDS = {
    "assets": "assets",
    "assets_market_value": "assets at market value",
    "liabilities": "liabilities",
    "equity": "equity",
    "revenue": "revenue",
    "expenses": "expenses",
    "net_income": "net income",
}
_LONGEST = 300
_OWNERS = 3
DOCUMENT, PRICE, OPTION = "document", "price", "option"


def clean(text: str, most: int = _LONGEST) -> str:
    """Text on one line that does nothing to whoever shows it; cut where it is very long."""
    out = "".join(c if c.isprintable() else " " if c in "\n\t" else "�" for c in text)
    return out if len(out) <= most else f"{out[: most - 1]}…"


def signed(number: Decimal) -> str:
    """A difference: with its sign, thousands apart, at least two decimals."""
    short = number.normalize()
    places = max(2, -int(short.as_tuple().exponent))
    return f"{'−' if number < 0 else '+'}{abs(number):,.{min(places, 8)}f}"


def money(amounts: Amounts) -> str:
    """Differences by currency."""
    return ", ".join(f"{signed(number)} {name}" for name, number in amounts.items())


def count(number: int, noun: str) -> str:
    """``1 entry``, ``3,000 transactions``"""
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else many}"


@dataclass(frozen=True)
class Run:
    """Months that follow each other and differ by the same: ``persists`` where nothing moved in
    them, and balances only still differ."""

    first: str
    last: str
    figures: Mapping[str, Amounts]
    persists: bool

    @property
    def when(self) -> str:
        """``2026-03``, or ``2026-04 to 2026-09``"""
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


def runs(months: Mapping[str, Mapping[str, Amounts]]) -> list[Run]:
    """An owner's totals, months with the same figures together."""
    out: list[Run] = []
    balances: Mapping[str, Amounts] = {}
    for month, said in months.items():
        now = {name: said[name] for name in BALANCES if name in said}
        persists = now == balances and not any(name in said for name in FLOWS)
        last = out[-1] if out else None
        if last and last.figures == said and last.persists == persists:
            out[-1] = Run(last.first, month, said, persists)
        else:
            out.append(Run(month, month, said, persists))
        balances = now
    return out


def figures_told(said: Mapping[str, Amounts]) -> list[tuple[str, str]]:
    """Name and difference of each figure; market value only where it is not that of the cost."""
    return [
        (WORDS[name], money(said[name]))
        for name in FIGURES
        if name in said and not (name == "assets_market_value" and said[name] == said.get("assets"))
    ]


def summary(diff: BookDiff, name: Name) -> list[str]:
    """The four first lines: the verdict, the figures, the entries, what needs attention."""
    return [_verdict(diff, name), _figures(diff, name), _entries(diff), _attention(diff, name)]


def _verdict(diff: BookDiff, name: Name) -> str:
    if diff.financial_change:
        return "The books change." if diff.changes else f"The books change: {_why(diff)}."
    if not diff.differs:
        return "No financial change: both sides say the same; at most the layout differs."
    parts = []
    if diff.renames:
        old, new = next(iter(diff.renames.items()))
        more = f" and {len(diff.renames) - 1} more" if len(diff.renames) > 1 else ""
        parts.append(
            f"{count(len(diff.renames), 'account')} renamed ({name(old)} → {name(new)}{more})"
        )
    if diff.changes:
        parts.append(f"{count(len(diff.changes), 'transaction')} with other words or marks")
    others = len(diff.directives) + len(diff.options)
    if others:
        parts.append(count(others, "other directive"))
    if not parts:
        parts.append("only findings differ")
    return f"No financial change: {', '.join(parts)}."


def _why(diff: BookDiff) -> str:
    kinds = {change.directive.kind for change in diff.directives}
    return "only market values, by prices" if PRICE in kinds else "no transaction, but the figures"


def _figures(diff: BookDiff, name: Name) -> str:
    if not diff.figures.totals:
        return "Figures: none is another."
    told = []
    for owner, months in list(diff.figures.totals.items())[:_OWNERS]:
        said = _overall(months)
        words = ", ".join(f"{word} {amounts}" for word, amounts in figures_told(said))
        first, last = min(months), max(months)
        when = first if first == last else f"{first} to {last}"
        told.append(
            f"{name(owner) + ' ' if owner else ''}{words or 'no total at the end'} ({when})"
        )
    rest = len(diff.figures.totals) - _OWNERS
    more = f"; and {count(rest, 'more owner')}" if rest > 0 else ""
    return f"Figures: {'; '.join(told)}{more}."


def _overall(months: Mapping[str, Mapping[str, Amounts]]) -> dict[str, Amounts]:
    """Balances at the last month's end, flows of all months together."""
    last = months[max(months)]
    found = {name: last[name] for name in BALANCES if name in last}
    for name in FLOWS:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for said in months.values():
            for currency, number in said.get(name, {}).items():
                sums[currency] += number
        found[name] = {currency: number for currency, number in sums.items() if number}
    return {name: amounts for name, amounts in found.items() if amounts}


def _entries(diff: BookDiff) -> str:
    by_kind = {kind: sum(change.kind == kind for change in diff.changes) for kind in KINDS}
    told = [f"{by_kind[k]:,} {k}" for k in (ADDED, REMOVED, CHANGED, MOVED) if by_kind[k]]
    parts = [f"Transactions: {', '.join(told) or 'none'}"]
    for kind, noun in ((PRICE, "price"), (DOCUMENT, "document")):
        found = sum(change.directive.kind == kind for change in diff.directives)
        parts += [count(found, noun)] if found else []
    others = sum(c.directive.kind not in {PRICE, DOCUMENT} for c in diff.directives)
    others += len(diff.options)
    parts += [count(others, "other directive")] if others else []
    parts += [f"{count(len(diff.renames), 'account')} renamed"] if diff.renames else []
    return "; ".join(parts) + "."


def _attention(diff: BookDiff, name: Name) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in diff.new)
    loud = f" ({count(errors, 'error')})" if errors else ""
    parts = [f"Findings: {len(diff.new):,} new{loud}, {len(diff.cured):,} cured"]
    if diff.closed:
        told = [f"{name(closed.owner)} {closed.period}" for closed in diff.closed[:_OWNERS]]
        more = " and more" if len(diff.closed) > _OWNERS else ""
        parts.append(f"closed periods touched: {', '.join(told)}{more}")
    if diff.crossings:
        parts.append(count(len(diff.crossings), "crossing"))
    if diff.taxes:
        parts.append(count(len({line.name for line in diff.taxes}), "tax line"))
    if diff.envelopes:
        parts.append(count(len({line.name for line in diff.envelopes}), "envelope"))
    return "; ".join(parts) + "."


def route(txn: Loose, name: Name) -> str:
    """What a transaction moves: how much, from where, to where."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    sources, targets = [], []
    for leg in txn.legs:
        moved = weight(leg)
        if moved and moved.cost > 0:
            sums[moved.cost_currency] += moved.cost
            targets.append(leg.account)
        elif moved and moved.cost < 0:
            sources.append(leg.account)
    amounts = ", ".join(f"{number:,.2f} {currency}" for currency, number in sums.items())
    ways = [_some(list(dict.fromkeys(names)), name) for names in (sources, targets) if names]
    return f"{amounts} {' → '.join(ways)}".strip()


def _some(names: Sequence[str], name: Name) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{name(names[0])}{more}"


def title(txn: Loose) -> str:
    """Payee and narration, as the books have them."""
    return " · ".join(filter(None, (txn.payee, txn.narration))) or "(no text)"


@dataclass(frozen=True)
class Sum:
    """Many transactions of a kind in one line, by owner and the account that tells them apart."""

    kind: str
    owner: str
    account: str
    number: int
    first: str
    last: str
    amounts: Amounts


def sums(changed: Iterable[Change]) -> list[Sum]:
    """Transactions as a table of sums, the largest groups first. Each counts under its income or
    expense account, else under its last one; ``amounts`` is what they move there."""
    groups: dict[tuple[str, str, str], list[Change]] = defaultdict(list)
    for change in changed:
        groups[change.kind, change.txn.entity, _telling(change.txn)].append(change)
    out = []
    for (kind, owner, account), some in groups.items():
        total: dict[str, Decimal] = defaultdict(Decimal)
        for change in some:
            for txn, sign in ((change.base, -1), (change.head, 1)):
                for leg in txn.legs if txn else ():
                    moved = weight(leg)
                    if moved and leg.account == account:
                        total[moved.cost_currency] += sign * moved.cost
        days = sorted(str(change.txn.date) for change in some)
        amounts = {name: number for name, number in sorted(total.items()) if number}
        out.append(Sum(kind, owner, account, len(some), days[0], days[-1], amounts))
    out.sort(key=lambda s: (KINDS.index(s.kind), -s.number, s.owner, s.account))
    return out


def _telling(txn: Loose) -> str:
    names = [leg.account for leg in txn.legs]
    told = [name for name in names if not name.startswith(("Assets:", "Liabilities:", "Equity:"))]
    return (told or names or [""])[-1]
