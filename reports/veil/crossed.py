"""The section of every crossing of the period, by class, each with its paper and its entries."""

from collections.abc import Iterator, Sequence

from reports.render import shown
from reports.veil.crossings import ZERO, Crossing
from reports.veil.network import few
from reports.veil.page import Heading, Part, Row, Table, Text
from reports.veil.papers import FILED, Paper
from reports.veil.statement import VeilStatement

_HEADS = ("Date", "With", "Gave", "Received", "", "Link, entries", "Paper", "Remark")


def crossings_part(statement: VeilStatement) -> Iterator[Part]:
    """A table for each class, with its sums."""
    yield Heading("Every crossing, by class")
    if not statement.crossings:
        yield Text("Nothing crossed.")
        return
    name = statement.entity
    yield Text(
        f"Gave is what the entries of {name} debit towards the other (on accounts or postings with "
        "a counterparty), received what they credit, in the units of the posting. An entry that "
        "books a cost and owes it at once has both."
    )
    by_class: dict[str, list[Crossing]] = {}
    for crossing in statement.crossings:
        by_class.setdefault(crossing.part.transfer, []).append(crossing)
    for transfer, crossings in sorted(by_class.items()):
        bare = sum(1 for each in crossings if not each.is_documented)
        said = f", {bare} without paper" if bare else ""
        yield Heading(f"{transfer} ({len(crossings)}{said})", 3)
        rows = [_row(crossing, name) for crossing in crossings]
        yield Table(
            f"Crossings of the class {transfer}",
            _HEADS,
            (*rows, *_totals(crossings, name)),
            frozenset({2, 3}),
        )


def papers_cell(papers: Sequence[Paper]) -> str:
    """The papers with what is wrong with them."""
    if not papers:
        return "none"
    return "; ".join(p.path if p.state == FILED else f"{p.state}: {p.path}" for p in papers)


def _row(crossing: Crossing, entity: str) -> Row:
    part = crossing.part
    is_own = part.entity == entity
    remarks = list(crossing.findings)
    if not crossing.answered:
        missing = part.party if is_own else entity
        remarks.insert(0, f"only in {part.entity}'s books; {missing} has no entry")
    elif not crossing.others and part.party:
        remarks.insert(0, f"{part.party}'s books are not here")
    gave, received = (shown(n) if n else "" for n in (part.gave, part.received))
    entries = few((part.where, *crossing.others))
    return Row(
        (
            part.date.isoformat(),
            part.party if is_own else part.entity,
            gave if is_own else "",
            received if is_own else "",
            part.currency if is_own else "",
            f"^{crossing.link}; {entries}" if crossing.link else entries,
            papers_cell(crossing.papers),
            "; ".join(remarks),
        ),
        marked=not crossing.answered or not crossing.is_documented or bool(crossing.findings),
    )


def _totals(crossings: Sequence[Crossing], entity: str) -> Iterator[Row]:
    own = [each.part for each in crossings if each.part.entity == entity]
    for currency in sorted({part.currency for part in own if part.currency}):
        gave = sum((p.gave for p in own if p.currency == currency), ZERO)
        received = sum((p.received for p in own if p.currency == currency), ZERO)
        cells = ("Total", "", shown(gave), shown(received), currency, "", "", "")
        yield Row(cells, total=True)
