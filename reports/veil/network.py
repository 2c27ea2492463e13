"""The sections on who owes and who paid whom: a drawing, the grid, and both books' views."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from core.period import Period
from reports.render import shown
from reports.veil.crossings import ZERO
from reports.veil.matrix import LOAN, Matrix, Owed, Paid
from reports.veil.page import Heading, Part, Picture, Row, Table, Text
from reports.veil.picture import Flow

# A grid of more would be wider than a page; the list beneath it says the same.
_WIDEST = 8
_KINDS = {"due": "due-to and due-from", LOAN: "loan"}
T = TypeVar("T", Owed, Paid)


def owed_part(matrix: Matrix) -> Iterator[Part]:
    """Who owes whom, and the links that set two books apart."""
    yield Heading(f"Who owes whom on {matrix.day}")
    if not matrix.owed:
        yield Text("Nobody owes anybody anything.")
        return
    yield Picture(
        f"Who owes whom on {matrix.day}",
        _flows(matrix.owed, lambda o: (o.debtor, o.creditor)),
        ("owes", "is owed"),
    )
    yield from _grid("Debtor ↓ creditor →", matrix.owed, lambda o: (o.debtor, o.creditor))
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
        "books a cost and owes it at once paid nobody yet."
    )
    yield Picture(
        f"Who paid whom, {period.name}",
        _flows(matrix.paid, lambda p: (p.giver, p.receiver)),
        ("paid", "received"),
    )
    yield from _grid("Giver ↓ receiver →", matrix.paid, lambda p: (p.giver, p.receiver))
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


def _flows(lines: Sequence[T], ends: Callable[[T], tuple[str, str]]) -> tuple[Flow, ...]:
    """One arrow for each pair and currency. What was overpaid flows the other way."""
    sums: dict[tuple[str, str, str], tuple[Decimal, bool]] = {}
    for line in lines:
        source, target = ends(line) if line.amount >= 0 else ends(line)[::-1]
        key = source, target, line.currency
        before, agreed = sums.get(key, (ZERO, True))
        sums[key] = before + abs(line.amount), agreed and line.agrees
    return tuple(
        Flow(source, target, amount, currency, agrees)
        for (source, target, currency), (amount, agrees) in sorted(sums.items())
    )


def _grid(corner: str, lines: Sequence[T], ends: Callable[[T], tuple[str, str]]) -> Iterator[Part]:
    rows = sorted({ends(line)[0] for line in lines})
    columns = sorted({ends(line)[1] for line in lines})
    if len(columns) > _WIDEST:
        yield Text(f"With {len(columns)} columns the grid is left out; the list says the same.")
        return
    sums: dict[tuple[str, str], dict[str, tuple[Decimal, bool]]] = {}
    for line in lines:
        cell = sums.setdefault(ends(line), {})
        before, agreed = cell.get(line.currency, (ZERO, True))
        cell[line.currency] = before + line.amount, agreed and line.agrees
    cells = [Row((row, *(_cell(sums.get((row, c), {})) for c in columns))) for row in rows]
    yield Table(corner, (corner, *columns), tuple(cells), frozenset(range(1, len(columns) + 1)))


def _cell(sums: dict[str, tuple[Decimal, bool]]) -> str:
    return "; ".join(
        f"{'' if agreed else '≠ '}{shown(number)} {currency}"
        for currency, (number, agreed) in sorted(sums.items())
    )
