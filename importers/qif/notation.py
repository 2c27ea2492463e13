"""How one QIF file writes its days and numbers, decided once over all of them.

QIF takes both from the settings of the computer that wrote it and does not say which. A day above
12, or a cell with two marks, shows it for the whole file; where nothing does, the file is refused.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.money import parse_decimal
from importers.statement import RefusedFileError

Order = Literal["day", "month"]
# 2/14'2020, 1/ 5'26, 22/12/2017, 03-04-98, 3.4.2026, 2026-04-03
_DAY = re.compile(r"([0-9]{1,4})\s*[-/.]\s*([0-9]{1,2})\s*([-/.'’])\s*([0-9]{1,4})")
_DIGITS, _LONGEST = 18, 40


@dataclass(frozen=True)
class Notation:
    """Which comes first, the day or the month, and which character the decimals stand behind."""

    order: Order
    decimal: str

    def day(self, text: str) -> dt.date:
        """The day that ``text`` writes. Raises ValueError where it is none."""
        first, second, mark, third = _parts(text)
        if len(first) > 2:
            return dt.date(int(first), int(second), int(third))
        day, month = (first, second) if self.order == "day" else (second, first)
        return dt.date(_year(third, mark), int(month), int(day))

    def number(self, text: str) -> Decimal:
        """The number that ``text`` writes. Raises ValueError where it is none."""
        if len(text) > _LONGEST or sum(map(str.isdigit, text)) > _DIGITS or not text.isascii():
            raise ValueError(f"{text[:40]!r} is not an amount")
        return parse_decimal(
            text, decimal=self.decimal, grouping="," if self.decimal == "." else "."
        )


def notation_of(
    days: Sequence[str], numbers: Iterable[str], order: Order | None, shown: str
) -> Notation:
    """How a file writes all its ``days`` and ``numbers``; ``order`` is what its owner says.

    Raises RefusedFileError where they contradict each other, or nothing decides.
    """
    return Notation(_order(days, order, shown), _decimal(list(numbers), shown))


def _order(days: Sequence[str], said: Order | None, shown: str) -> Order:
    fits: list[Order] = []
    readings = []
    for order in ("day", "month"):
        notation = Notation(order, ".")
        try:
            readings.append([notation.day(text) for text in days])
            fits.append(order)
        except ValueError:
            continue
    if said in fits:
        return said
    if not fits or said:
        raise RefusedFileError(
            f"its dates cannot all be read with the {said or 'day or the month'} first; nothing of "
            "the file was used",
            file=shown,
            hint="export it again with one format of dates",
        )
    if len(fits) == 2 and readings[0] != readings[1]:
        example = next(t for t, *two in zip(days, *readings, strict=True) if two[0] != two[1])
        raise RefusedFileError(
            f"its dates ({example}) can all be read with the day or with the month first",
            file=shown,
            hint="export a longer period, with a day after the 12th; or write !Option:DMY (day "
            "first) or !Option:MDY (month first) as the first line of the file",
        )
    return fits[0]


def _decimal(numbers: Sequence[str], shown: str) -> str:
    """The decimal character: the last mark of a number, unless exactly three digits follow it."""
    seen: dict[str, str] = {}
    unclear = ""
    for text in numbers:
        marks = [c for c in text if c in ".,"]
        if not marks:
            continue
        last = marks[-1]
        whole, _, fraction = text.rpartition(last)
        digits = len(re.findall("[0-9]", fraction))
        if marks.count(last) > 1:
            seen.setdefault("." if last == "," else ",", text)
        elif len(set(marks)) == 2 or digits != 3 or not whole.strip("+-0 "):
            seen.setdefault(last, text)
        else:
            unclear = unclear or text
    if len(seen) > 1:
        raise RefusedFileError(
            f"writes decimals with a point and with a comma ({seen['.']}, {seen[',']}); nothing of "
            "the file was used",
            file=shown,
            hint="export it again",
        )
    if not seen and unclear:
        raise RefusedFileError(
            f"“{unclear}” can be read as thousands or as decimals; nothing of the file was used",
            file=shown,
            hint="export a longer period, with an amount that has cents",
        )
    return next(iter(seen), ".")


def _parts(text: str) -> tuple[str, str, str, str]:
    """The three numbers of a date, with the mark before the last: the year first, or at the end."""
    match = _DAY.fullmatch(text.strip())
    lengths = (len(match[1]), len(match[4])) if match else (0, 0)
    year_first, year_last = lengths[0] == 4 and lengths[1] < 3, lengths[0] < 3 and lengths[1] != 3
    if not match or not (year_first or year_last):
        raise ValueError(f"{text[:40]!r} is not a date")
    return match[1], match[2], match[3], match[4]


def _year(text: str, mark: str) -> int:
    """Quicken writes 2026 as '26 and 1998 as /98; others write 2026 as /26."""
    if len(text) == 4:
        return int(text)
    year = int(text)
    return year + (2000 if mark in "'’" or year < 70 else 1900)
