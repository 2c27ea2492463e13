"""``books history``: an entry through edits, moves and renames, over all commits."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core import git
from core.home import Home

Write = Callable[[str, str], Path]
JULY, AUGUST = (f"ledger/acme/2026/2026-{month}.beancount" for month in ("07", "08"))
RENT = """\
2026-08-01 * "Landlord" "Rent for August" ^bill-7
  Expenses:Acme:Office  1200.00 USD
  Liabilities:Acme:AP  -1200.00 USD
    id: "chase-1"
"""
LUNCH = """\
2026-08-02 * "Diner" "Lunch"
  Expenses:Acme:Office  12.00 USD
  Liabilities:Acme:AP  -12.00 USD
"""


@pytest.fixture
def books(run: Callable[..., str]) -> Callable[..., str]:
    return partial(run, "history")


@pytest.fixture
def kept(home: Home, write: Write) -> Callable[[str, str, str], None]:
    """Writes a file and commits it with a message."""

    def keep(name: str, text: str, message: str) -> None:
        write(name, text)
        git.commit(home.path, [Path(name)], message, {})

    return keep


def steps(said: str) -> list[list[tuple[str, str]]]:
    return [[(step["kind"], step["subject"]) for step in entry] for entry in json.loads(said)]


def test_an_entry_through_edits_a_rename_and_a_move(
    home: Home, books: Callable[..., str], kept: Callable[[str, str, str], None]
) -> None:
    kept(AUGUST, RENT, "Rent")
    kept(AUGUST, f"{LUNCH}\n{RENT}", "Lunch above it")
    kept(AUGUST, f"{LUNCH}\n{RENT.replace('1200', '1250')}", "The rent went up")
    renamed = RENT.replace("1200", "1250").replace("Acme:Office", "Acme:Rent")
    kept(AUGUST, f"{LUNCH}\n{renamed}", "An account of its own")
    (home.path / AUGUST).write_text(LUNCH)
    (home.path / JULY).write_text(renamed.replace("2026-08-01", "2026-07-31"))
    git.commit(home.path, [Path(AUGUST), Path(JULY)], "It was July", {})
    told = books("chase-1", "--format", "json")
    assert steps(told) == [
        [
            ("added", "Rent"),
            ("changed", "The rent went up"),
            ("changed", "An account of its own"),
            ("moved", "It was July"),
        ]
    ]
    assert steps(books("^bill-7", "--format", "json")) == steps(told)
    assert steps(books(f"{JULY}:2", "--format", "json")) == steps(told)
    said = books("bill-7")
    assert f"moved from {AUGUST}:5 to {JULY}:1" in said
    assert "    -   Expenses:Acme:Office  1200.00 USD" in said
    assert "    +   Expenses:Acme:Office  1250.00 USD" in said


def test_an_entry_without_a_name_is_followed_by_its_place(
    books: Callable[..., str], kept: Callable[[str, str, str], None]
) -> None:
    kept(AUGUST, f"{RENT}\n{LUNCH}", "Both")
    kept(AUGUST, f"{RENT}\n{LUNCH.replace('Lunch', 'Lunch with the landlord')}", "With whom")
    told = books(f"{AUGUST}:7", "--format", "json")
    assert steps(told) == [[("added", "Both"), ("changed", "With whom")]]


def test_what_was_taken_out_is_found_by_its_id(
    books: Callable[..., str], kept: Callable[[str, str, str], None]
) -> None:
    kept(AUGUST, f"{RENT}\n{LUNCH}", "Both")
    kept(AUGUST, LUNCH, "The rent was wrong")
    kept(AUGUST, LUNCH.replace("12.00", "13.00"), "A tip")
    told = books("chase-1", "--format", "json")
    assert steps(told) == [[("added", "Both"), ("removed", "The rent was wrong")]]


def test_what_is_not_committed_is_said(
    books: Callable[..., str], write: Write, kept: Callable[[str, str, str], None]
) -> None:
    kept(AUGUST, RENT, "Rent")
    write(AUGUST, RENT.replace("1200", "1250"))
    told = books("chase-1", "--format", "json")
    assert steps(told) == [[("added", "Rent"), ("changed", "not committed yet")]]


def test_both_halves_of_a_pair_and_a_merge(
    home: Home, books: Callable[..., str], kept: Callable[[str, str, str], None]
) -> None:
    kept(AUGUST, RENT, "Rent")
    git._git(home.path, "checkout", "-q", "-b", "side")
    kept("ledger/jane/2026/2026-08.beancount", RENT.replace("Acme", "Jane"), "The other half")
    git._git(home.path, "checkout", "-q", "main")
    kept(AUGUST, f"{RENT}\n{LUNCH}", "Lunch")
    who = ("-c", "user.name=J", "-c", "user.email=j@example.org")
    git._git(home.path, *who, "merge", "-q", "--no-edit", "side")
    told = books("^bill-7", "--format", "json")
    assert steps(told) == [[("added", "Rent")], [("added", "The other half")]]


def test_what_nobody_knows_is_said(
    books: Callable[..., str], kept: Callable[[str, str, str], None]
) -> None:
    kept(AUGUST, RENT, "Rent")
    assert "no entry, now or in the past, is '^bill-8'" in books("^bill-8", code=2)
    assert "no entry stands at" in books(f"{AUGUST}:40", code=2)
