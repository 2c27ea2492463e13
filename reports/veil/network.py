"""The sections on who owes and who paid whom: a drawing, the grid, and both books' views."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from core.period import Period
from reports.pages.page import Heading, Part, Picture, Row, Table, Text
from reports.pages.picture import Flow
from reports.render import shown
from reports.veil.matrix import LOAN, Matrix, Owed, Paid

# A grid of more would be wider than a page; the list beneath it says the same.
_WIDEST = 8
_ARROWS = "≠ marks what the two books say differently. A wider arrow is more of one currency."
_KINDS = {"due": "due-to and due-from", LOAN: "loan"}


def owed_part(matrix: Matrix) -> Iterator[Part]:
    """Who owes whom, and the links that set two books apart."""
    yield Heading(f"Who owes whom on {matrix.day}")
    if not matrix.owed:
        yield Text("Nobody owes anybody anything.")
        return
    yield Text(_ARROWS)
    yield Picture(
        f"Who owes whom on {matrix.day}",
        _summed(_owing(matrix)),
        ("owes", "is owed"),
    )
    yield from _grid("Debtor ↓ creditor →", _owing(matrix))
    yield Table(
        "Who owes whom, by both books",
        ("Debtor", "Creditor", "On", "Creditor's books", "Debtor's books", "", "Agree"),
        tuple(
            Row(
                (
                    o.debtor,
                    o.creditor,
                    _KINDS[o.kind],
                    _view(o.creditors),
                    _view(o.debtors),
                    o.currency,
                    _agree(o.agrees, None in (o.creditors, o.debtors)),
                ),
                marked=not o.agrees,
            )
            for o in matrix.owed
        ),
        frozenset({3, 4}),
    )
    gaps = [(o, gap) for o in matrix.owed for gap in o.gaps]
    if gaps:
        yield Text("What sets the books apart, by link:")
        yield Table(
            "Links on which the books differ",
            ("Between", "Link", "Creditor's books", "Debtor's books", "", "Entries"),
            tuple(
                Row(
                    (
                        f"{o.debtor} and {o.creditor}",
                        _link(gap.link),
                        shown(gap.creditors),
                        shown(gap.debtors),
                        o.currency,
                        few(gap.where),
                    ),
                    marked=True,
                )
                for o, gap in gaps
            ),
            frozenset({2, 3}),
        )


def paid_part(matrix: Matrix, period: Period) -> Iterator[Part]:
    """Who paid whom in the period, by class."""
    yield Heading(f"Who paid whom, {period.name}")
    if not matrix.paid:
        yield Text("Nobody paid anybody anything.")
        return
    yield Text(
        "Money, costs borne for another, and claims alike; the net of each entry. An entry that "
        f"books a cost and owes it at once paid nobody yet. {_ARROWS}"
    )
    yield Picture(
        f"Who paid whom, {period.name}",
        _summed(_paying(matrix)),
        ("paid", "received"),
    )
    yield from _grid("Giver ↓ receiver →", _paying(matrix))
    yield Table(
        "Who paid whom, by class and by both books",
        ("Giver", "Receiver", "Class", "Giver's books", "Receiver's books", "", "Agree"),
        tuple(
            Row(
                (
                    p.giver,
                    p.receiver,
                    p.transfer,
                    _view(p.givers),
                    _view(p.receivers),
                    p.currency,
                    _agree(p.agrees, None in (p.givers, p.receivers)),
                ),
                marked=not p.agrees,
            )
            for p in matrix.paid
        ),
        frozenset({3, 4}),
    )


def few(places: Sequence[str], most: int = 3) -> str:
    """The first places, and how many more there are."""
    more = len(places) - most
    return "; ".join(places[:most]) + (f" and {more} more" if more > 0 else "")


def _link(text: str) -> str:
    return f"^{text}" if text.startswith("ic-") else "none"


def _view(number: Decimal | None) -> str:
    return "not here" if number is None else shown(number)


def _agree(agrees: bool, one_sided: bool) -> str:
    return "one side only" if one_sided else "yes" if agrees else "NO"


def _owing(matrix: Matrix) -> list[Flow]:
    """An arrow from each debtor; what was overpaid is owed the other way."""
    return [_arrow(o.debtor, o.creditor, o) for o in matrix.owed]


def _paying(matrix: Matrix) -> list[Flow]:
    return [_arrow(p.giver, p.receiver, p) for p in matrix.paid]


def _arrow(source: str, target: str, line: Owed | Paid) -> Flow:
    ends = (source, target) if line.amount >= 0 else (target, source)
    return Flow(*ends, abs(line.amount), line.currency, line.agrees)


def _summed(flows: Sequence[Flow]) -> tuple[Flow, ...]:
    """One arrow for each pair and currency."""
    sums: dict[tuple[str, str, str], Flow] = {}
    for flow in flows:
        key = flow.source, flow.target, flow.currency
        known = sums.get(key)
        if known is not None:
            both = known.amount + flow.amount
            sums[key] = replace(known, amount=both, agrees=known.agrees and flow.agrees)
        else:
            sums[key] = flow
    return tuple(flow for _, flow in sorted(sums.items()))


def _grid(corner: str, flows: Sequence[Flow]) -> Iterator[Part]:
    columns = sorted({flow.target for flow in flows})
    if len(columns) > _WIDEST:
        yield Text(f"With {len(columns)} columns the grid is left out; the list says the same.")
        return
    cells: dict[tuple[str, str], list[Flow]] = {}
    for flow in _summed(flows):
        cells.setdefault((flow.source, flow.target), []).append(flow)
    rows = [
        Row((source, *(_cell(cells.get((source, target), ())) for target in columns)))
        for source in sorted({flow.source for flow in flows})
    ]
    yield Table(corner, (corner, *columns), tuple(rows), frozenset(range(1, len(columns) + 1)))


def _cell(flows: Sequence[Flow]) -> str:
    return "; ".join(
        f"{'' if flow.agrees else '≠ '}{shown(flow.amount)} {flow.currency}" for flow in flows
    )
