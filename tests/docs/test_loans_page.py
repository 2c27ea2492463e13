"""docs/loans.md: its directives mean what the page says, and it names every word there is."""

import re
from pathlib import Path

import pytest
from beancount.parser import parser

from core.loans.declared import declared
from core.loans.schedule import schedule
from core.loans.terms import EVENTS, KINDS, MONTHS

PAGE = (Path(__file__).resolve().parents[2] / "docs/loans.md").read_text()
BLOCKS = re.findall(r"^```beancount\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_directive_of_the_page_means_something() -> None:
    entries, errors, _ = parser.parse_string("\n".join(BLOCKS))
    assert not errors
    found = declared(entries)
    assert not found.problems
    assert {loan.kind for loan in found.loans.values()} == set(KINDS)
    assert {event.what for events in found.events.values() for event in events} == set(EVENTS)
    for loan in found.loans.values():
        if not loan.runs_by_days:
            assert schedule(loan, found.events.get(loan.id, ()))[-1].balance == 0


@pytest.mark.parametrize("word", [*KINDS, *EVENTS, *MONTHS])
def test_every_word_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE or f'"{word}"' in PAGE
