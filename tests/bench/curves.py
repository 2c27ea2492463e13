"""Growth curves as SVG: seconds over transactions, both on logarithmic scales."""

from collections.abc import Mapping, Sequence
from math import log10

WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP = 720, 400, 60, 40, 230, 20
COLOURS = ("#b3541e", "#2f80b8", "#5a8f3c", "#6b4fa0", "#8a6d1b")


def curves(series: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """A picture of the series: points of (transactions, seconds), at least one each."""
    points = [point for each in series.values() for point in each]
    low_x, high_x = (f(log10(x) for x, _ in points) for f in (min, max))
    low_y = min(int(log10(y)) - 1 for _, y in points)
    high_y = max(int(log10(y)) + 1 for _, y in points)

    def at(x: float, y: float) -> tuple[float, float]:
        right = (log10(x) - low_x) / ((high_x - low_x) or 1) * (WIDTH - LEFT - RIGHT)
        up = (log10(y) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + right, 1), round(HEIGHT - BOTTOM - up, 1)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        "<title>Seconds until the findings, by number of transactions</title>",
    ]
    for power in range(low_y, high_y + 1):
        _, y = at(10**low_x, 10.0**power)
        out.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g} s</text>')
    for size in sorted({x for x, _ in points}):
        x, _ = at(size, 10.0**low_y)
        label = f'<text x="{x}" y="{HEIGHT - 18}" text-anchor="middle">{size:,}</text>'
        out.append(label)
    # names stand beside the last points, and not upon each other
    ends = sorted((at(*each[-1])[1], name) for name, each in series.items())
    places: dict[str, float] = {}
    last = 0.0
    for y, name in ends:
        last = places[name] = max(y, last + 16)
    for (name, each), colour in zip(series.items(), COLOURS, strict=False):
        drawn = " ".join(f"{x},{y}" for x, y in (at(*point) for point in each))
        out.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in (at(*point) for point in each):
            out.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
        x = WIDTH - RIGHT + 12
        out.append(f'<text x="{x}" y="{places[name] + 4}" fill="{colour}">{name}</text>')
    return "\n".join([*out, "</svg>", ""])
