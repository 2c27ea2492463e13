"""Edits by the thousand: after each, the warm reading says what a full one says."""

import itertools
import random
from pathlib import Path

import pytest
from edits import Editor
from little import ACCOUNTS, Little, buy
from small_books import KINDS, new_books
from warmth import compare, forget

from core.cache.store import Scratch
from core.journal import warm

UNITS = ("", "5", "-5", "5 GEM", "-5 GEM", "GEM", "0 GEM", "-1 GEM")
COSTS = ("|{}|{10.00 USD}|{USD}|{# 5 USD}|{5 # USD}|{{50 USD}}|{2026-01-05}|{*}|{5 # 6 USD}").split(
    "|"
)
PRICES = ("", "@", "@ 5 USD", "@ USD", "@@ 50 USD", "@ 5", "@ 0 USD")
OTHERS = (
    "  Assets:Bank\n",
    "  Assets:Bank  50 USD\n  Income:Gains\n",
    "  Assets:Other  4\n",
    "  Assets:Other  -5 GEM\n  Assets:Other\n",
)
FORMS = list(itertools.product(("Stock", "Other"), UNITS, COSTS, PRICES, OTHERS))
AROUND = """
2026-02-01 pad Assets:Bank Equity:Opening
2026-03-01 balance Assets  1.00 USD
2026-04-01 balance Assets:Bank  5 USD
"""


def formed(path: Path, seed: int, count: int) -> None:
    """Compares after each of many forms that a posting can have, sensible or not."""
    little = Little(path)
    little.write("accounts", ACCOUNTS.replace("GEM,USD", "GEM,USD,EUR"))
    other = '2026-01-07 * "x"\n  Assets:Other  7 GEM\n  Equity:Opening\n'
    lots = [buy("2026-01-05", 5), buy("2026-01-06", 3, "11.00"), other]
    little.write("2026/01", "\n".join(lots))
    chance = random.Random(seed)  # noqa: S311
    for account, units, cost, price, others in chance.sample(FORMS, count):
        posting = f"  Assets:{account}  {units} {cost} {price}\n"
        little.write("2026/02", f'2026-02-05 * "Form"\n{posting}{others}{AROUND}')
        compare(little.home, little.did[-1:])
        compare(little.home, [*little.did[-1:], "with a scratch"], scratch=Scratch())


def test_no_form_of_a_posting_can_be_told_from_a_full_reading(tmp_path: Path, cache: Path) -> None:
    formed(tmp_path / "books", 1, 60)


@pytest.mark.slow
def test_no_form_of_a_thousand_can_be_told_from_a_full_reading(tmp_path: Path, cache: Path) -> None:
    formed(tmp_path / "books", 2, 1_000)


def edited(path: Path, kind: str, seed: int, count: int) -> None:
    """Edits books of a kind and compares after each, now and then as another process would."""
    home = new_books(path, kind, seed)
    editor = Editor(home, seed)
    scratch = Scratch()
    compare(home, ["nothing yet"])
    for number in range(count):
        editor.edit()
        if number % 5 == 0:
            forget()
            scratch = Scratch()
        roots: list[Path | None] = [None]
        if number % 20 == 0:
            roots += home.entity_roots
        told = [f"{kind}, seed {seed}", *editor.did]
        for root in roots:
            compare(home, told, root)
        if number % 10 == 0:
            overlay = editor.overlay()
            compare(home, [*told, "and an overlay"], overlay=overlay)
            compare(home, [*told, "an overlay, a scratch"], overlay=overlay, scratch=scratch)
        if number % 3 == 0:
            compare(home, [*told, "with a scratch"], scratch=scratch)
        if number % 40 == 39:
            editor.back_to_the_start()


@pytest.mark.parametrize("kind", KINDS)
def test_no_edit_can_be_told_from_a_full_reading(tmp_path: Path, cache: Path, kind: str) -> None:
    edited(tmp_path / "books", kind, 1, 50)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
@pytest.mark.parametrize("kind", KINDS)
def test_no_edit_of_thousands_can_be_told_from_a_full_reading(
    tmp_path: Path, cache: Path, kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # half of them trust a file's status soon, not after seconds
        monkeypatch.setattr(warm, "_SETTLES", 30_000_000)
    edited(tmp_path / "books", kind, seed, 100)
