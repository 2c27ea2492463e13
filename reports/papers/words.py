"""Amounts for papers, in figures and in words."""

from decimal import Decimal

from core.money import round_half_up

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WESTERN = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_INDIAN = ((10**7, "crore"), (10**5, "lakh"), (1000, "thousand"))
_NAMES = {"USD": "US dollars", "INR": "Indian rupees", "EUR": "euros", "GBP": "pounds sterling"}


def figures(number: Decimal, currency: str = "") -> str:
    """``USD 6,000.00``; a negative amount in parentheses."""
    rounded = round_half_up(number)
    text = f"{abs(rounded):,.2f}"
    signed = f"({text})" if rounded < 0 else text
    return f"{currency} {signed}" if currency else signed


def in_words(number: Decimal, currency: str) -> str:
    """``six thousand and 00/100 US dollars``; rupees count in lakh and crore."""
    cents = int(round_half_up(abs(number)) * 100)
    scales = _INDIAN if currency == "INR" else _WESTERN
    minus = "minus " if number < 0 and cents else ""
    whole = _whole(cents // 100, scales)
    return f"{minus}{whole} and {cents % 100:02}/100 {_NAMES.get(currency, currency)}"


def both(number: Decimal, currency: str) -> str:
    """In words with the figures behind, as contracts write an amount."""
    return f"{in_words(number, currency)} ({figures(number, currency)})"


def percent(share: Decimal) -> str:
    """``60.00 %``, with more decimals where there are."""
    exponent = share.as_tuple().exponent
    fine = isinstance(exponent, int) and exponent < -2
    return f"{share if fine else round_half_up(share)} %"


def _whole(number: int, scales: tuple[tuple[int, str], ...]) -> str:
    for size, name in scales:
        if number >= size:
            rest = number % size
            said = f"{_whole(number // size, scales)} {name}"
            return f"{said} {_whole(rest, scales)}" if rest else said
    if number >= 100:
        said = f"{_ONES[number // 100]} hundred"
        return f"{said} {_whole(number % 100, scales)}" if number % 100 else said
    if number >= 20:
        said = _TENS[number // 10 - 2]
        return f"{said}-{_ONES[number % 10]}" if number % 10 else said
    return _ONES[number]
