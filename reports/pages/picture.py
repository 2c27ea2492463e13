"""Who owes or pays whom, as a drawing: names on both sides, an arrow between for each flow.

One entity may stand on both sides. Each flow has a line of its own on the left, so that no two
amounts are written over each other. All coordinates are whole numbers made from Decimals, and the
same flows give the same drawing. Colours are those of paper; a page with classes of its own may
say otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from reports.render import shown

_WIDTH, _TOP, _STEP, _FOOT = 484, 34, 26, 8
_NAME, _AMOUNT, _LEFT, _RIGHT = 4, 236, 242, 346
_THIN, _THICK = 2, 9
_LONGEST = 16  # characters of a name that leave room for the amount
_INK, _SOFT, _LINE, _LOUD = "#1b2733", "#5b6b7b", "#2f7fb8", "#a4161a"


@dataclass(frozen=True)
class Flow:
    """From whom, to whom, how much; ``agrees`` is false where the two books differ."""

    source: str
    target: str
    amount: Decimal
    currency: str
    agrees: bool = True


def svg(title: str, flows: Sequence[Flow], heads: tuple[str, str], name: str) -> str:
    """An ``svg`` element with a title and a description; ``heads`` are written over both sides,
    ``name`` makes its ids its own on a page."""
    flows = sorted(flows, key=lambda f: (f.source, f.target, f.currency))
    height = _TOP + _STEP * max(len(flows), 1) + _FOOT
    places = _places(flows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flows" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" aria-labelledby="{name}-title {name}-desc" font-family="Fira Sans, '
        'Libertinus Serif, system-ui, sans-serif" font-size="13">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(described(flows))}</desc>',
        f'<text class="soft" x="{_NAME}" y="14" fill="{_SOFT}" font-size="12">'
        f"{escape(heads[0])}</text>",
        f'<text class="soft" x="{_RIGHT + 14}" y="14" fill="{_SOFT}" font-size="12">'
        f"{escape(heads[1])}</text>",
    ]
    most: dict[str, Decimal] = {}
    for flow in flows:
        most[flow.currency] = max(most.get(flow.currency, Decimal(0)), flow.amount)
    before = ""
    for index, flow in enumerate(flows):
        y = _TOP + _STEP * index + _STEP // 2
        if flow.source != before:
            parts.append(_text(_NAME, y, flow.source, strong=True))
        before = flow.source
        parts += _arrow(flow, y, places[flow.target], most[flow.currency])
    parts += [_text(_RIGHT + 14, y, target, strong=True) for target, y in places.items()]
    return "".join([*parts, "</svg>"])


def described(flows: Sequence[Flow]) -> str:
    """The flows as sentences, for who cannot see the drawing."""
    said = [
        f"{f.source} to {f.target}: {_amount(f)}{'' if f.agrees else ', the books differ'}"
        for f in flows
    ]
    return "; ".join(said) + "." if said else "Nothing."


def _places(flows: Sequence[Flow]) -> dict[str, int]:
    """Where the targets stand: in the middle of what leads to them, none upon another."""
    arriving: dict[str, list[int]] = {}
    for index, flow in enumerate(flows):
        arriving.setdefault(flow.target, []).append(_TOP + _STEP * index + _STEP // 2)
    places: dict[str, int] = {}
    last = 0
    ordered = sorted(arriving.items(), key=lambda item: (sum(item[1]) // len(item[1]), item[0]))
    for target, ys in ordered:
        last = places[target] = max(sum(ys) // len(ys), last + _STEP if last else 0)
    # what was pushed below the last line comes up again
    floor = _TOP + _STEP * (len(flows) - 1) + _STEP // 2
    for target, _ in reversed(ordered):
        places[target] = min(places[target], floor)
        floor = places[target] - _STEP
    return places


def _arrow(flow: Flow, y: int, end: int, most: Decimal) -> list[str]:
    share = flow.amount / most if most else Decimal(0)
    width = _THIN + int(share * (_THICK - _THIN))
    colour, dashes = (_LINE, "") if flow.agrees else (_LOUD, ' stroke-dasharray="7 4"')
    middle = (_LEFT + _RIGHT) // 2
    mark = "" if flow.agrees else "≠ "
    kind = "flow" if flow.agrees else "flow loud"
    return [
        _text(_AMOUNT, y, mark + _amount(flow), anchor="end", loud=not flow.agrees),
        f'<path class="{kind}" d="M{_LEFT} {y}C{middle} {y} {middle} {end} {_RIGHT} {end}" '
        f'fill="none" stroke="{colour}" stroke-width="{width}"{dashes} stroke-opacity="0.75"/>',
        f'<path class="{kind} head" d="M{_RIGHT} {end - 6}L{_RIGHT + 10} {end}L{_RIGHT} {end + 6}Z"'
        f' fill="{colour}"/>',
    ]


def _text(
    x: int, y: int, text: str, *, anchor: str = "start", strong: bool = False, loud: bool = False
) -> str:
    weight = ' font-weight="600"' if strong else ""
    kind, colour = ("loud", _LOUD) if loud else ("ink", _INK)
    too_long = anchor == "start" and len(text) > _LONGEST
    said = f"{text[: _LONGEST - 1]}…" if too_long else text
    return (
        f'<text class="{kind}" x="{x}" y="{y + 4}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{escape(said)}</text>"
    )


def _amount(flow: Flow) -> str:
    return f"{shown(flow.amount)} {flow.currency}"
