"""A Sankey diagram as SVG: columns of bars, and bands between them as wide as what flows.

Columns follow the flows: a bar stands one column to the right of all that flow into it, and what
nothing flows out of stands in the last. Within a column bars stand where their bands come from, so
that few cross. Bars that are too thin to read are gathered into one. All coordinates are whole
numbers made from Decimals, and the same flows give the same drawing; colours are the page's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape

ZERO = Decimal(0)
_WIDTH, _BAR, _TALL, _GAP, _TOP = 960, 12, 420, 22, 12
_SMALL = Decimal("0.015")  # of the fullest column; what is less is gathered
_SWEEPS = 4
PLAIN, CROSSING, KEPT = "plain", "crossing", "kept"


@dataclass(frozen=True, order=True)
class Bar:
    """A bar: its label, and the group of those that it is gathered with where it is small."""

    label: str
    group: str = ""


@dataclass(frozen=True)
class Band:
    """What flows from one bar to another; ``kind`` is plain, crossing or kept."""

    source: Bar
    target: Bar
    amount: Decimal
    kind: str = PLAIN


@dataclass(frozen=True)
class Sankey:
    """What is drawn: bands that never lead back to where they came from, and a title."""

    title: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Placed:
    """A bar on the page: column, top edge, height."""

    column: int
    top: int
    height: int


def drawn(sankey: Sankey) -> str:
    """The diagram as an ``svg`` element with a title and a description for who cannot see it."""
    bands = gathered(sankey.bands)
    places, height = placed(bands)
    last = max((place.column for place in places.values()), default=0)
    lefts = {c: c * (_WIDTH - _BAR) // max(last, 1) for c in range(last + 1)}
    scale = _scale(bands, places)
    parts = [
        f'<svg class="chart sankey" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="flow-title flow-desc"><title id="flow-title">{escape(sankey.title)}'
        f'</title><desc id="flow-desc">{escape(_described(bands))}</desc>'
    ]
    used_out: dict[Bar, int] = {}
    used_in: dict[Bar, int] = {}
    for band in sorted(bands, key=lambda b: (places[b.source].top, places[b.target].top)):
        wide = max(1, int(band.amount * scale))
        begin, end = places[band.source], places[band.target]
        y = begin.top + used_out.get(band.source, 0)
        z = end.top + used_in.get(band.target, 0)
        used_out[band.source] = used_out.get(band.source, 0) + wide
        used_in[band.target] = used_in.get(band.target, 0) + wide
        parts.append(_band(band, lefts[begin.column] + _BAR, y, lefts[end.column], z, wide))
    for bar, place in sorted(places.items(), key=lambda item: item[1].top):
        left = lefts[place.column]
        parts.append(
            f'<rect class="bar" x="{left}" y="{place.top}" width="{_BAR}" height="{place.height}"/>'
        )
        ends = place.column == last and last > 0
        x = left - 5 if ends else left + _BAR + 5
        anchor = ' text-anchor="end"' if ends else ""
        parts.append(
            f'<text x="{x}" y="{place.top + place.height // 2 + 4}"{anchor}>'
            f"{escape(_short(bar.label))}</text>"
        )
    return "".join([*parts, "</svg>", _legend(bands)])


def gathered(bands: Sequence[Band]) -> list[Band]:
    """The bands, with small bars of a group as one, and one band between two bars."""
    through = _through(bands)
    small_from = max(through.values(), default=ZERO) * _SMALL
    sources, targets = {band.source for band in bands}, {band.target for band in bands}
    groups: dict[tuple[str, bool, bool], list[Bar]] = {}
    for bar, amount in sorted(through.items()):
        if bar.group and amount < small_from:
            # where money comes from and where it goes stay apart: together they were a cycle
            groups.setdefault((bar.group, bar in sources, bar in targets), []).append(bar)
    instead = {
        bar: Bar(f"{group} ({len(bars)})", "from" if comes else "to")
        for (group, comes, _), bars in groups.items()
        if len(bars) > 1
        for bar in bars
    }
    sums: dict[tuple[Bar, Bar, str], Decimal] = {}
    for band in bands:
        pair = instead.get(band.source, band.source), instead.get(band.target, band.target)
        sums[(*pair, band.kind)] = sums.get((*pair, band.kind), ZERO) + band.amount
    return [Band(source, target, n, kind) for (source, target, kind), n in sums.items()]


def placed(bands: Sequence[Band]) -> tuple[dict[Bar, Placed], int]:
    """Where each bar stands, and the height of the drawing."""
    columns = _columns(bands)
    scale = _scale(bands, {bar: Placed(c, 0, 0) for bar, c in columns.items()})
    heights = _heights(bands, scale)
    by_column: dict[int, list[Bar]] = {}
    for bar in sorted(columns):
        by_column.setdefault(columns[bar], []).append(bar)
    places: dict[Bar, Placed] = {}
    for column, bars in sorted(by_column.items()):
        bars.sort(key=lambda bar: (-heights[bar], bar))
        places |= _stacked(bars, column, heights)
    for sweep in range(_SWEEPS):
        order = sorted(by_column, reverse=bool(sweep % 2))
        for column in order:
            bars = by_column[column]
            middles = {bar: _middle(bar, bands, places) for bar in bars}
            bars.sort(key=lambda bar: (middles[bar], -heights[bar], bar))
            places |= _stacked(bars, column, heights)
    tallest = max((p.top + p.height for p in places.values()), default=_TALL)
    for bars in by_column.values():  # each column in the middle
        free = tallest - max(places[bar].top + places[bar].height for bar in bars)
        for bar in bars:
            places[bar] = replace(places[bar], top=places[bar].top + free // 2)
    return places, tallest + _TOP + 8


def _through(bands: Iterable[Band]) -> dict[Bar, Decimal]:
    """What flows through each bar: in or out, whichever is more."""
    into: dict[Bar, Decimal] = {}
    out: dict[Bar, Decimal] = {}
    for band in bands:
        out[band.source] = out.get(band.source, ZERO) + band.amount
        into[band.target] = into.get(band.target, ZERO) + band.amount
    return {bar: max(into.get(bar, ZERO), out.get(bar, ZERO)) for bar in {*into, *out}}


def _columns(bands: Sequence[Band]) -> dict[Bar, int]:
    """The column of each bar: the longest way to it; the last where nothing flows on."""
    columns = dict.fromkeys(_through(bands), 0)
    for _ in columns:  # no way is longer than there are bars
        moved = False
        for band in bands:
            if columns[band.target] <= columns[band.source]:
                columns[band.target] = columns[band.source] + 1
                moved = True
        if not moved:
            break
    last = max(columns.values(), default=0)
    flowing = {band.source for band in bands}
    return {bar: c if bar in flowing else last for bar, c in columns.items()}


def _scale(bands: Sequence[Band], places: Mapping[Bar, Placed]) -> Decimal:
    """Pixels for a unit of money, so that the fullest column is as tall as the drawing."""
    sums: dict[int, Decimal] = {}
    for bar, amount in _through(bands).items():
        column = places[bar].column
        sums[column] = sums.get(column, ZERO) + amount
    return Decimal(_TALL) / (max(sums.values(), default=ZERO) or Decimal(1))


def _heights(bands: Sequence[Band], scale: Decimal) -> dict[Bar, int]:
    """A bar is as tall as its bands, each at least one pixel."""
    into: dict[Bar, int] = {}
    out: dict[Bar, int] = {}
    for band in bands:
        wide = max(1, int(band.amount * scale))
        out[band.source] = out.get(band.source, 0) + wide
        into[band.target] = into.get(band.target, 0) + wide
    return {bar: max(into.get(bar, 0), out.get(bar, 0)) for bar in {*into, *out}}


def _stacked(bars: Sequence[Bar], column: int, heights: Mapping[Bar, int]) -> dict[Bar, Placed]:
    places, top = {}, _TOP
    for bar in bars:
        places[bar] = Placed(column, top, heights[bar])
        top += max(heights[bar] + 6, _GAP)
    return places


def _middle(bar: Bar, bands: Sequence[Band], places: Mapping[Bar, Placed]) -> Decimal:
    """Where a bar's bands come from and go to, on average."""
    total = weight = ZERO
    for band in bands:
        if bar in {band.source, band.target}:
            other = places[band.source if band.target == bar else band.target]
            total += band.amount * (other.top + other.height // 2)
            weight += band.amount
    return total / weight if weight else ZERO


def _band(band: Band, x: int, y: int, to_x: int, to_y: int, wide: int) -> str:
    half = (x + to_x) // 2
    path = (
        f"M{x},{y}C{half},{y} {half},{to_y} {to_x},{to_y}V{to_y + wide}"
        f"C{half},{to_y + wide} {half},{y + wide} {x},{y + wide}Z"
    )
    said = f"{band.source.label} to {band.target.label}: {band.amount:,.2f}"
    return f'<path class="band {band.kind}" d="{path}"><title>{escape(said)}</title></path>'


def _short(label: str, most: int = 30) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _described(bands: Sequence[Band]) -> str:
    """The bands in words, the largest first."""
    largest = sorted(bands, key=lambda b: (-b.amount, b.source, b.target))[:12]
    said = "; ".join(f"{b.source.label} to {b.target.label} {b.amount:,.2f}" for b in largest)
    more = f"; and {len(bands) - len(largest)} smaller ones" if len(bands) > len(largest) else ""
    return f"{said}{more}. The table below has all of it." if said else "Nothing flowed."


def _legend(bands: Sequence[Band]) -> str:
    names = {
        PLAIN: "within one entity",
        CROSSING: "crosses between entities",
        KEPT: "kept, or from before",
    }
    there = {band.kind for band in bands}
    items = "".join(
        f'<li><i class="{kind}"></i>{name}</li>' for kind, name in names.items() if kind in there
    )
    return f'<ul class="legend">{items}</ul>'
