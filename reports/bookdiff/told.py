"""The sections that follow the four first lines, the same in text and Markdown.

A section is a heading and lines; a line is plain text in which what comes from books was written
by the form's ``name``. What is long is cut with a count of what was left out: JSON has all of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.findings import Finding
from core.show import by_severity, place
from reports.bookdiff.changes import ADDED, CHANGED, KINDS, MOVED, REMOVED, Change
from reports.bookdiff.market import Amounts
from reports.bookdiff.model import BookDiff
from reports.bookdiff.touched import Line
from reports.bookdiff.words import (
    DOCUMENT,
    PRICE,
    Name,
    count,
    figures_told,
    money,
    route,
    runs,
    sums,
    title,
)

EACH = 25  # transactions of a kind that are listed one by one; more become sums
_LINES = 30
_SAME = 6  # findings of a code that are all shown
_MONTHS = 24
TITLES = {
    REMOVED: "Removed transactions",
    CHANGED: "Changed transactions",
    MOVED: "Moved transactions",
    ADDED: "Added transactions",
}


@dataclass(frozen=True)
class Section:
    """A heading with its lines; an indented line belongs to the one above it."""

    heading: str
    lines: tuple[str, ...]


def sections(diff: BookDiff, name: Name) -> list[Section]:
    """All that there is to say, in the order in which it is read."""
    return [
        *_said([*_totals(diff, name), *_accounts(diff, name)]),
        *touched(diff, name),
        *_said(_transactions(diff, kind, name) for kind in KINDS),
        *besides(diff, name),
    ]


def touched(diff: BookDiff, name: Name) -> list[Section]:
    """What the change reaches beside the figures, and the findings."""
    closed = [f"{name(c.owner)} {c.period}: {count(c.count, 'entry')}" for c in diff.closed]
    return _said(
        (
            _section(
                "Renamed accounts", [f"{name(o)} → {name(n)}" for o, n in diff.renames.items()]
            ),
            _section("Tax lines", _lined(diff.taxes, name)),
            _section("Envelopes", _lined(diff.envelopes, name)),
            _section("Crossings between entities", _crossings(diff, name)),
            _section("Closed periods touched", closed),
            _section("New findings", _findings(diff.new, name)),
            _section("Cured findings", _findings(diff.cured, name)),
        )
    )


def besides(diff: BookDiff, name: Name) -> list[Section]:
    """The directives that are no transactions, options, and notes."""
    return _said(
        (
            _directives(diff, "Documents", {DOCUMENT}, name),
            _directives(diff, "Prices (they change market values only)", {PRICE}, name),
            _directives(diff, "Other directives", None, name),
            _section("Notes", [name(note) for note in diff.notes]),
        )
    )


def _said(found: Iterable[Section]) -> list[Section]:
    return [section for section in found if section.lines]


def _section(heading: str, lines: Iterable[str], most: int = _LINES) -> Section:
    told = list(lines)
    rest = len(told) - most
    if rest > 0:
        told = [*told[:most], f"and {rest:,} more (--format json lists all)"]
    return Section(heading, tuple(told))


def _totals(diff: BookDiff, name: Name) -> Iterator[Section]:
    for owner, months in diff.figures.totals.items():
        lines = []
        for run in runs(months):
            words = " · ".join(f"{word} {amounts}" for word, amounts in figures_told(run.figures))
            lines.append(f"{run.when}: {words}{' (persists)' if run.persists else ''}")
        yield _section(f"Figures{' of ' + name(owner) if owner else ''}", lines, _MONTHS)


def _accounts(diff: BookDiff, name: Name) -> Iterator[Section]:
    for owner, accounts in diff.figures.accounts.items():
        lines = []
        for account, months in accounts.items():
            first, last = min(months), max(months)
            when = first if first == last else f"{first} to {last}"
            lines.append(f"{name(account)} {money(_all(months.values())) or '±0.00'} ({when})")
        yield _section(f"Accounts{' of ' + name(owner) if owner else ''}", lines)


def _all(months: Iterable[Amounts]) -> Amounts:
    total: Amounts = {}
    for amounts in months:
        for currency, number in amounts.items():
            total[currency] = total.get(currency, type(number)()) + number
    return {currency: number for currency, number in sorted(total.items()) if number}


def _lined(lines: Sequence[Line], name: Name) -> list[str]:
    return [
        f"{name(line.owner) + ' ' if line.owner else ''}{name(line.name)} {line.period}: "
        f"{money(line.amounts)}"
        for line in lines
    ]


def _crossings(diff: BookDiff, name: Name) -> list[str]:
    return [
        f"{name('^' + c.link)} between {' and '.join(map(name, c.owners)) or 'nobody known'}: "
        f"{', '.join(c.kinds)}"
        for c in diff.crossings
    ]


def _findings(found: Sequence[Finding], name: Name) -> list[str]:
    """Each finding; where one cause brings many of a code, some of them and how many more."""
    lines = []
    by_code: dict[tuple[str, str], list[Finding]] = {}
    for finding in by_severity(found):
        by_code.setdefault((finding.severity.value, finding.code), []).append(finding)
    for (severity, code), some in by_code.items():
        shown = some if len(some) <= _SAME else some[: _SAME // 2]
        for finding in shown:
            where = f" {name(place(finding))}" if finding.file else ""
            lines.append(f"{severity} {code}{where}: {name(finding.message)}")
        if len(shown) < len(some):
            lines.append(f"and {len(some) - len(shown):,} more of {code}")
    return lines


def _transactions(diff: BookDiff, kind: str, name: Name) -> Section:
    some = [change for change in diff.changes if change.kind == kind]
    if len(some) <= EACH:
        return Section(TITLES[kind], tuple(line for c in some for line in _told(c, name)))
    lines = [
        f"{s.number:,} × {name(s.account)}{' of ' + name(s.owner) if s.owner else ''}, "
        f"{s.first} to {s.last}: {money(s.amounts) or '±0.00'}"
        for s in sums(some)
    ]
    return _section(f"{TITLES[kind]}: {len(some):,}, as sums", lines)


def _told(change: Change, name: Name) -> Iterator[str]:
    txn = change.txn
    owner = f"{name(txn.entity)} " if txn.entity else ""
    if change.base and change.head:
        yield f"{change.base.date} {owner}{name(title(change.base))}"
        for field in change.fields:
            before, after = (name(text) if text else "nothing" for text in (field.base, field.head))
            yield f"  {field.name}: {before} → {after}"
    else:
        yield f"{txn.date} {owner}{name(title(txn))}: {route(txn, name)}"


def _directives(diff: BookDiff, heading: str, kinds: set[str] | None, name: Name) -> Section:
    lines = []
    for change in diff.directives:
        mine = change.directive.kind not in {PRICE, DOCUMENT}
        if change.directive.kind in kinds if kinds else mine:
            before = f"{name(change.base.text)} → " if change.base and change.head else ""
            lines.append(f"{change.kind}: {before}{name(change.directive.text)}")
    if kinds is None:
        lines += [
            f"option {name(o.name)}: {name(o.base) if o.base else 'nothing'} → "
            f"{name(o.head) if o.head else 'nothing'}"
            for o in diff.options
        ]
    return _section(heading, lines)
