"""What the cells of a column hold: dates, and their format; amounts, and how they are written."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from core.money import parse_decimal
from importers.csv.balance import parsed_day
from importers.csv.profile import date_order

# The year of two digits comes after that of four: "2026" is no year of two.
_DAYS = (
    "%Y-%m-%d %Y/%m/%d %Y.%m.%d %Y%m%d %d.%m.%Y %d.%m.%y %d/%m/%Y %m/%d/%Y %d/%m/%y %m/%d/%y "
    "%d-%m-%Y %m-%d-%Y %d-%m-%y %m-%d-%y %d-%b-%Y %d-%b-%y %d/%b/%Y"
).split()
_SPELT = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d %b %y")
_TIMES = (" %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M:%SZ", " %H:%M:%S.%f", "T%H:%M:%S.%f")
DATE_FORMATS = (*_DAYS, *_SPELT, *(day + time for day in _DAYS for time in _TIMES))

# Decimal and grouping characters; where two read a file alike the first is written.
CONVENTIONS = ((".", ","), (",", "."), (",", " "), (".", " "), (".", "'"), (".", "’"), (",", "'"))
_AMOUNT = re.compile(
    r"[(]?\s*[-+−]?\s*(?:[$€£¥₹]|[A-Z]{3})?\s*[-+−]?\s*\d[\d.,'’ \u00a0\u202f]*"
    r"\s*(?:[$€£¥₹]|[A-Z]{3})?\s*[-+−]?\s*[)]?"
)
_FRACTION = re.compile(r"[.,]\d{1,4}\D*$")
_BEGINS_LIKE_A_DAY = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}|\d{8}(\D|$)|\d{1,2}[-/ ][A-Za-z]{3,9}[-/ ]\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}"
)


@lru_cache(maxsize=50_000)
def formats_of(text: str) -> tuple[str, ...]:
    """Every format in which ``text`` is a calendar day near enough to our time."""
    if len(text) > 30 or not _BEGINS_LIKE_A_DAY.match(text):
        return ()
    found = ((f, parsed_day(text, f)) for f in DATE_FORMATS if (":" in f) == (":" in text))
    return tuple(f for f, day in found if day and 1970 <= day.year <= 2100)


def shared_formats(texts: Iterable[str]) -> tuple[str, ...]:
    """The formats in which all texts are days; of those that read them alike the first."""
    distinct = sorted(set(texts))
    if not distinct:
        return ()
    shared = [f for f in formats_of(distinct[0]) if all(f in formats_of(t) for t in distinct)]
    read: dict[tuple[dt.date | None, ...], str] = {}
    for fmt in shared:
        read.setdefault(tuple(parsed_day(text, fmt) for text in distinct), fmt)
    return tuple(read.values())


def without_order(formats: Sequence[str], order: str) -> tuple[str, ...]:
    """The formats that are left when the order of day and month is ``order`` (or not known)."""
    return tuple(f for f in formats if not order or date_order(f) in {order, ""})


def looks_like_amount(text: str) -> bool:
    """Whether a cell is written as an amount is, in some convention."""
    return len(text) <= 30 and bool(_AMOUNT.fullmatch(text))


def has_fraction(text: str) -> bool:
    """Whether a cell has decimals, or a currency sign: a plain whole number may be a number."""
    return bool(_FRACTION.search(text)) or any(sign in text for sign in "$€£¥₹")


def number(text: str, convention: tuple[str, str]) -> Decimal | None:
    """The amount a cell writes in a convention; None where it writes none."""
    try:
        return parse_decimal(text, decimal=convention[0], grouping=convention[1])
    except ValueError:
        return None


def conventions(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The conventions that read most of the texts, one of those that read them alike.

    Two of them mean that a text like ``1,234`` is left open.
    """
    distinct = sorted(set(texts))
    read: dict[tuple[Decimal | None, ...], tuple[str, str]] = {}
    for convention in CONVENTIONS:
        read.setdefault(tuple(number(text, convention) for text in distinct), convention)
    fewest = min((values.count(None) for values in read), default=0)
    return [convention for values, convention in read.items() if values.count(None) == fewest]
