"""Directives as journal text: the one printer of what tools write.

Beancount's own printer escapes strings and orders metadata; what it prints is parsed again and
compared before the door lets it in.
"""

import re

from beancount.core import data
from beancount.parser import printer

from core.journal.change import Block

_CONTROL = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b\ufeff]+")


def clean_text(text: str) -> str:
    """Text from outside, fit for a string in a journal: one line, no hidden characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def render(entry: data.Directive) -> Block:
    """The directive as a block of text."""
    return Block(entry.date, printer.format_entry(entry).strip("\n"))
