"""Laws of reconciling: the identity, each side once, no order counts, and no quadratic work."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.reconcile import matching, sums
from importers.reconcile.bank import Bank, Line
from importers.reconcile.entries import Entry, Held
from importers.reconcile.reconciliation import Reconciliation, compared

FIRST, END = dt.date(2026, 9, 1), dt.date(2026, 9, 30)
AMOUNTS = st.sampled_from([Decimal(n) for n in ("-5.00", "-7.50", "5.00", "7.50", "12.50", "20")])
TEXTS = st.sampled_from(["", "Corner Shop", "CORNER SHOP 12", "Tea House", "void tea house"])
DAYS = st.integers(0, 29)


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    told = draw(st.lists(st.tuples(DAYS, AMOUNTS, TEXTS), max_size=12))
    return [
        Line(row, FIRST + dt.timedelta(day), amount, text, f"id-{row}")
        for row, (day, amount, text) in enumerate(told, 1)
    ]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    marks = st.sampled_from([("", None), ("", None), ("no", None), ("yes", END)])
    row = st.tuples(st.integers(-20, 37), AMOUNTS, TEXTS, marks, st.integers(0, 15))
    return [
        Entry(
            FIRST + dt.timedelta(day), amount, text, "books", at,
            ids=(f"id-{known}",) if known and at % 3 == 0 else (),
            recon=mark[0], on=mark[1],
            links=frozenset({"chk-1"}) if known == 1 else frozenset(),
        )
        for at, (day, amount, text, mark, known) in enumerate(draw(st.lists(row, max_size=12)))
    ]  # fmt: skip


def reconcile(of_bank: list[Line], of_books: list[Entry], cleared: str = "0") -> Reconciliation:
    """Both sides as they would be read: what is cleared is what the bank began with."""
    opening = Decimal(cleared)
    total = sum((line.amount for line in of_bank), opening)
    bank = Bank("A", "USD", "sep.csv", FIRST, END, opening, total, tuple(of_bank))
    stands = sum((e.amount for e in of_books if e.date <= END), opening)
    return compared(bank, Held(stands, opening, tuple(of_books)))


@given(lines(), entries())
def test_each_side_is_used_once_and_nothing_is_lost(told: list[Line], held: list[Entry]) -> None:
    found = reconcile(told, held)
    matches = (*found.matches, *found.differing)
    rows = [x.row for m in matches for x in m.lines]
    rows += [x.row for x in (*found.unbooked, *found.asked)]
    assert sorted(rows) == [line.row for line in told]
    used = [e.line for m in matches for e in m.entries] + [e.line for e in found.outstanding]
    assert len(used) == len(set(used))
    left = {e.line for e in held if e.line not in used}
    # What is in no list was booked after the last day, or another statement has it.
    assert all(e.date > END or e.recon == "yes" for e in held if e.line in left)


@given(lines(), entries())
def test_the_difference_is_what_is_known_to_differ(told: list[Line], held: list[Entry]) -> None:
    held = [e for e in held if e.recon != "yes"]
    found = reconcile(told, held)
    gaps = sum(
        (
            sum((x.amount for x in m.lines), Decimal(0))
            - sum((e.amount for e in m.entries if e.date <= END), Decimal(0))
            for m in found.differing
        ),
        Decimal(0),
    )
    assert found.difference == gaps
    assert all(m.gap == 0 for m in found.matches)


@given(lines(), entries(), st.randoms(use_true_random=False))
def test_no_order_counts(told: list[Line], held: list[Entry], chance: random.Random) -> None:
    one = reconcile(told, held)
    other_lines, other_entries = list(told), list(held)
    chance.shuffle(other_lines)
    chance.shuffle(other_entries)
    other = reconcile(other_lines, other_entries)
    for name in ("matches", "differing", "doubts", "unbooked"):
        assert getattr(one, name) == getattr(other, name)
    assert {e.line for e in one.outstanding} == {e.line for e in other.outstanding}


@given(lines(), entries())
def test_what_is_matched_fits(told: list[Line], held: list[Entry]) -> None:
    for match in reconcile(told, held).matches:
        for line in match.lines:
            for entry in match.entries:
                if match.by == "id":
                    assert line.id in entry.ids
                elif match.by in {"3 days", "7 days", "deposit"}:
                    reach = 3 if match.by == "3 days" else 7
                    assert abs((line.date - entry.date).days) <= reach
                    assert match.by == "deposit" or line.amount == entry.amount


@given(lines(), entries())
def test_what_was_marked_is_matched_again(told: list[Line], held: list[Entry]) -> None:
    """A second run finds what the first one has, and nothing more to mark."""
    held = [e for e in held if e.recon != "yes" and not e.links]
    first = reconcile(told, held)
    used = {e.line for m in first.matches for e in m.entries}
    marked = [
        Entry(e.date, e.amount, e.text, e.file, e.line, e.place, e.ids, "yes", END)
        if e.line in used
        else e
        for e in held
    ]
    again = reconcile(told, marked)
    assert {e.line for m in again.matches for e in m.entries} == used
    assert again.difference == first.difference


@pytest.mark.parametrize("kinds", [2000, 7], ids=["few twins", "many twins"])
def test_ten_thousand_beside_ten_thousand(kinds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compared_texts = parts_tried = 0
    alike, adding = matching.likeness, sums._adding_up

    def counted(one: str, other: str):
        nonlocal compared_texts
        compared_texts += 1
        return alike(one, other)

    def tried(parts, amount):
        nonlocal parts_tried
        parts_tried += 1
        yield from adding(parts, amount)

    monkeypatch.setattr(matching, "likeness", counted)
    monkeypatch.setattr(sums, "_adding_up", tried)
    size, days = 10_000, 3_650
    start = END - dt.timedelta(days)
    told, held = [], []
    for at in range(size):
        day = start + dt.timedelta(at * days // size)
        amount = Decimal(at % kinds + 1) * (1 if at % 2 else -1)
        told.append(Line(at + 1, day, amount, f"Shop {at % 50}"))
        held.append(Entry(day, amount, f"shop {at % 50}", "books", at))
    bank = Bank("A", "USD", "f", start, END, Decimal(0), sum(x.amount for x in told), tuple(told))
    found = compared(bank, Held(bank.closing, Decimal(0), tuple(held)))
    assert len(found.matches) == size
    assert found.closes
    # Only what stands within days of each other and has one amount is ever compared.
    assert compared_texts <= 20 * size
    assert parts_tried <= 20 * size
