"""The section of every crossing of the period, by class, each with its paper and its entries."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from reports.pages.page import Heading, Part, Row, Table, Text
from reports.render import shown
from reports.veil.crossings import ZERO, Crossing
from reports.veil.network import few
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
        f"Gave is what {name}'s entries debit towards the other (on accounts or postings with a "
        "counterparty), received what they credit, in the units of the posting; an entry that "
        "books a cost and owes it at once has both. What stands in the other's books alone is "
        "turned round."
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
        apart = "" if is_own else ", and the total leaves it out"
        remarks.insert(0, f"only in {part.entity}'s books; {missing} has no entry{apart}")
    elif not crossing.others:
        remarks.insert(0, f"by {part.entity}'s books alone")
    numbers = (part.gave, part.received) if is_own else (part.received, part.gave)
    entries = few(tuple(dict.fromkeys((part.where, *crossing.others))))
    return Row(
        (
            part.date.isoformat(),
            part.party if is_own else part.entity,
            *(shown(n) if n else "" for n in numbers),
            part.currency,
            f"^{crossing.link}; {entries}" if crossing.link else entries,
            papers_cell(crossing.papers),
            "; ".join(remarks),
        ),
        marked=not crossing.answered or not crossing.is_documented or bool(crossing.findings),
    )


def _totals(crossings: Sequence[Crossing], entity: str) -> Iterator[Row]:
    """Sums of the entity's own entries; of the others' where its own books are not here."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for each in crossings:
        part, is_own = each.part, each.part.entity == entity
        if part.currency and (is_own or each.answered):
            gave, received = sums.get(part.currency, (ZERO, ZERO))
            mine = (part.gave, part.received) if is_own else (part.received, part.gave)
            sums[part.currency] = gave + mine[0], received + mine[1]
    for currency, (gave, received) in sorted(sums.items()):
        cells = ("Total", "", shown(gave), shown(received), currency, "", "", "")
        yield Row(cells, total=True)
