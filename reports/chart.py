"""A chart as SVG: bars by period and a line over them, drawn with the page's own colours.

The numbers stand in the table beside it; the chart only shows their shape. Coordinates are whole
numbers made from Decimals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from core.money import round_half_up

_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 720, 260, 70, 14, 26
_APART = 14  # two marks nearer than this would be written over each other


@dataclass(frozen=True)
class Series:
    """A name and one amount for each period; ``kind`` is ``bar`` or ``line``."""

    name: str
    amounts: tuple[Decimal, ...]
    kind: str = "bar"


@dataclass(frozen=True)
class Chart:
    """What is drawn: a title, the periods' names, the series."""

    title: str
    periods: tuple[str, ...]
    series: tuple[Series, ...]


def svg(chart: Chart) -> str:
    """The chart as an ``svg`` element with a title and a description for who cannot see it."""
    numbers = [n for one in chart.series for n in one.amounts] or [Decimal(0)]
    top, bottom = max([*numbers, Decimal(0)]), min([*numbers, Decimal(0)])
    span = (top - bottom) or Decimal(1)

    def y(amount: Decimal) -> int:
        return _TOP + int((top - amount) / span * (_HEIGHT - _TOP - _FOOT))

    step = (_WIDTH - _LEFT) // max(len(chart.periods), 1)
    bars = [one for one in chart.series if one.kind == "bar"]
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="chart-title chart-desc"><title id="chart-title">{escape(chart.title)}'
        f'</title><desc id="chart-desc">{escape(_described(chart))}</desc>',
        *(_mark(y(a), a) for a in (top, bottom) if abs(y(a) - y(Decimal(0))) > _APART),
        _mark(y(Decimal(0)), Decimal(0)),
    ]
    for index, period in enumerate(chart.periods):
        left = _LEFT + index * step
        width = max((step - 10) // max(len(bars), 1), 2)
        for place, one in enumerate(bars):
            high, low = sorted((y(one.amounts[index]), y(Decimal(0))))
            parts.append(
                f'<rect class="s{place}" x="{left + 5 + place * width}" y="{high}" '
                f'width="{max(width - 2, 1)}" height="{max(low - high, 1)}"/>'
            )
        if len(chart.periods) <= 13 or index % 3 == 0:
            middle, foot = left + step // 2, _HEIGHT - 8
            parts.append(
                f'<text x="{middle}" y="{foot}" text-anchor="middle">{escape(period)}</text>'
            )
    for one in chart.series:
        if one.kind == "line":
            points = " ".join(
                f"{_LEFT + i * step + step // 2},{y(n)}" for i, n in enumerate(one.amounts)
            )
            parts.append(f'<polyline class="line" points="{points}"/>')
    return "".join([*parts, "</svg>", _legend(chart.series)])


def _mark(at: int, amount: Decimal) -> str:
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{at}" y2="{at}"/>'
        f'<text x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{round_half_up(amount, 0):,}</text>'
    )


def _described(chart: Chart) -> str:
    names = ", ".join(one.name for one in chart.series)
    span = f"{chart.periods[0]} to {chart.periods[-1]}" if chart.periods else "no period"
    return f"{names}, {span}; the figures are in the table below."


def _legend(series: Sequence[Series]) -> str:
    bars = [one for one in series if one.kind == "bar"]
    shown = [(f"s{place}", one.name) for place, one in enumerate(bars)]
    shown += [("line", one.name) for one in series if one.kind == "line"]
    items = "".join(f'<li><i class="{mark}"></i>{escape(name)}</li>' for mark, name in shown)
    return f'<ul class="legend">{items}</ul>'
