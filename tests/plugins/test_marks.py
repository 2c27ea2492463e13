"""What entries say of themselves: outstanding at the bank, and when they were known."""

import datetime as dt

import pytest
from beancount.core import data

from plugins.veil.marks import is_outstanding, says_when_known

NONE: frozenset[str] = frozenset()


def check(of_entry: dict[str, object], *of_postings: dict[str, object] | None) -> data.Transaction:
    postings = [
        data.Posting("Assets:Acme:Bank", None, None, None, None, meta) for meta in of_postings
    ]
    day = dt.date(2026, 1, 20)
    return data.Transaction(of_entry, day, "*", "Printer", "Check 101", NONE, NONE, postings)


@pytest.mark.parametrize(
    ("said", "outstanding"),
    [
        ("no", True),
        (" No ", True),
        (False, True),
        ("yes", False),
        ("", False),
        (True, False),
        (None, False),
        (dt.date(2026, 2, 1), False),
    ],
)
def test_an_entry_or_one_of_its_postings_says_that_it_is_outstanding(
    said: object, outstanding: bool
) -> None:
    assert is_outstanding(check({"recon": said}, None)) is outstanding
    assert is_outstanding(check({}, None, {"recon": said})) is outstanding
    assert not is_outstanding(check({"reconciled": said}, {}, None))


def test_when_it_was_known_is_a_day() -> None:
    assert says_when_known(check({"known": dt.date(2026, 3, 1)}))
    assert not says_when_known(check({"known": "in March"}))
    assert not says_when_known(check({}))
