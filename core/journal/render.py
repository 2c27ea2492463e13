"""Directives as journal text: the one printer of what tools write.

Beancount's own printer escapes strings and orders metadata; what it prints is parsed again and
compared before the door lets it in.
"""

import re
from decimal import Decimal

from beancount.core import amount, data
from beancount.parser import printer

from core.journal.change import Block

_CONTROL = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b\ufeff]+")
# Beancount keeps a price for one unit only; the printer leaves out names that begin like this one.
_TOTAL = "__total_price__"


def clean_text(text: str) -> str:
    """Text from outside, fit for a string in a journal: one line, no hidden characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def totally_priced(posting: data.Posting, total: amount.Amount) -> data.Posting:
    """The posting with a price for all of its units, which is printed as it is (``@@``): the price
    of one is a quotient that no bank has written. The units must not be zero."""
    units, number = posting.units, total.number
    if units is None or not units.number or number is None:
        raise ValueError("a total price needs units and a number")
    price = amount.Amount(Decimal(number / abs(units.number)), total.currency)
    return posting._replace(price=price, meta={**(posting.meta or {}), _TOTAL: total})


def render(entry: data.Directive) -> Block:
    """The directive as a block of text."""
    text = _Printer()(entry)  # type: ignore[no-untyped-call]  # Beancount has no types here
    return Block(entry.date, text.strip("\n"))


class _Printer(printer.EntryPrinter):
    """Beancount's printer, which writes total prices too."""

    def render_posting_strings(self, posting: data.Posting) -> tuple[str, str, str]:
        total = (posting.meta or {}).get(_TOTAL)
        plain = posting._replace(price=None) if total else posting
        account, units, weight = super().render_posting_strings(plain)  # type: ignore[no-untyped-call]
        price = f" @@ {total.to_string(self.dformat_max)}" if total else ""
        return account, units + price, weight
