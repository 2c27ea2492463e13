"""Exact money: text to Decimal and back, and the one rounding rule. Nothing here is a float."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

# A sign and a currency may stand in front of or behind the digits, never among them.
_CURRENCY = r"(?:[$€£¥₹]|[A-Z]{3})"
_AROUND = re.compile(
    rf"{_CURRENCY}?\s*(?P<sign>[-+]?)\s*{_CURRENCY}?\s*(?P<number>[\d.,'’ ]*\d[.,]?)"
    rf"\s*{_CURRENCY}?\s*(?P<after>[-+]?)\s*{_CURRENCY}?"
)
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


# Beyond 28 digits decimal arithmetic rounds; with currency, blanks and groups this is far below.
_LONGEST = 60
DIGITS = 21
# A product in a journal can have more digits than that, and is shown all the same.
_WIDE = Context(prec=100_000)


def parse_decimal(text: str, *, decimal: str = ".", grouping: str = ",") -> Decimal:
    """The number that ``text`` writes with the given decimal and grouping characters.

    Accepts a leading or trailing sign, parentheses for negatives, a currency sign or code in
    front or behind, and the typographic minus. Raises ValueError for anything else: a number is
    never guessed.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"“{text.strip()[:20]}…” has {len(text)} characters: no amount")
    bare = text.strip().replace("\u2212", "-").replace("\u00a0", "").replace("\u202f", "")
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip()
    match = _AROUND.fullmatch(bare)
    if not match or (match["sign"] and match["after"]):
        raise ValueError(f"{text.strip()!r} is not an amount")
    bare = (match["sign"] or match["after"] or "") + match["number"]
    if grouping:
        bare = _ungrouped(bare, decimal, grouping, text)
    if decimal != ".":
        bare = bare.replace(".", "\x00").replace(decimal, ".")
    if not _PLAIN.fullmatch(bare):
        raise ValueError(f"{text.strip()!r} is not an amount")
    try:
        number = Decimal(bare)
    except InvalidOperation as error:
        raise ValueError(f"{text.strip()!r} is not an amount") from error
    if len(number.as_tuple().digits) > DIGITS:
        raise ValueError(f"{text.strip()!r} has more than {DIGITS} digits")
    return -number if negative else number


def _ungrouped(bare: str, decimal: str, grouping: str, text: str) -> str:
    """``bare`` without grouping characters, which may only stand before the decimal point."""
    whole, point, fraction = bare.partition(decimal)
    if grouping in fraction:
        raise ValueError(f"{text.strip()!r} is not an amount")
    groups = whole.split(grouping)
    # Western thousands and Indian lakhs both end in a group of three.
    if len(groups) > 1 and (len(groups[-1]) != 3 or not all(2 <= len(g) <= 3 for g in groups[1:])):
        raise ValueError(f"{text.strip()!r} is not an amount")
    return "".join(groups) + point + fraction


def round_half_up(number: Decimal, places: int = 2) -> Decimal:
    """``number`` at ``places`` decimals, halves away from zero (the domain's rounding)."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


def plain(number: Decimal) -> str:
    """The number as plain text: no exponent, trailing zeros kept."""
    return format(number, "f")


def at_cents(number: Decimal) -> str:
    """Plain text with at least two decimals: how amounts of money are shown and stored."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        number = number.quantize(Decimal("0.01"), context=_WIDE)
    return format(number, "f")
