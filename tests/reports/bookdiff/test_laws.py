"""What must hold of any two ledgers, shown on random ones."""

import datetime as dt
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from beancount.core import data
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_pairs import OPENINGS, diffed, written

from core.journal.read import read
from reports.bookdiff.legs import leg_of, weight
from reports.bookdiff.model import BookDiff

ACCOUNTS = ("Assets:Bank", "Liabilities:Card", "Equity:Opening", "Expenses:Food", "Income:Pay")
entries = st.tuples(
    st.dates(dt.date(2026, 1, 2), dt.date(2026, 4, 28)),
    st.sampled_from(("Cafe", "Shop", "Boss")),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.integers(1, 30),
    st.sampled_from(("", "10 HOOL {3.00 USD}")),
)
ledgers = st.lists(entries, max_size=12)
prices = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 9)), max_size=3, unique_by=lambda p: p[0]
)


def text_of(rows, quotes=()) -> str:
    out = [OPENINGS]
    for day, payee, one, other, number, shares in rows:
        if shares:
            out.append(f'{day} * "{payee}"\n  Assets:Broker  {shares}\n  {one}  -30.00 USD\n')
        else:
            out.append(
                f'{day} * "{payee}"\n  {one}  {number}.00 USD\n  {other}  -{number}.00 USD\n'
            )
    out += [f"2026-0{month}-20 price HOOL {price}.00 USD\n" for month, price in quotes]
    return "\n".join(out)


def of(old: str, new: str) -> BookDiff:
    with tempfile.TemporaryDirectory() as folder:
        return diffed(Path(folder), old, new)


def moved(text: str) -> dict[tuple[str, str], Decimal]:
    """Account and month to what was posted at cost, by a cold load."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with tempfile.TemporaryDirectory() as folder:
        for entry in read(written(Path(folder), "main.beancount", text)).entries:
            for posting in entry.postings if isinstance(entry, data.Transaction) else ():
                found = weight(leg_of(posting))
                assert found
                sums[posting.account, f"{entry.date:%Y-%m}"] += found.cost
    return sums


@settings(max_examples=60)
@given(ledgers, prices)
def test_a_ledger_does_not_differ_from_itself(rows, quotes) -> None:
    text = text_of(rows, quotes)
    assert not of(text, text).differs


@settings(max_examples=60)
@given(ledgers, st.randoms(use_true_random=False))
def test_the_order_of_entries_is_no_change(rows, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert not of(text_of(rows), text_of(shuffled)).differs


@settings(max_examples=60)
@given(ledgers, ledgers, prices, prices)
def test_the_way_back_is_the_opposite(one, other, quotes, later) -> None:
    there, back = of(a := text_of(one, quotes), b := text_of(other, later)), of(b, a)
    assert there.financial_change == back.financial_change
    opposite = {
        owner: {
            month: {
                name: {currency: -number for currency, number in amounts.items()}
                for name, amounts in said.items()
            }
            for month, said in months.items()
        }
        for owner, months in back.figures.totals.items()
    }
    assert there.figures.totals == opposite


@settings(max_examples=60)
@given(ledgers, ledgers)
def test_the_totals_are_the_difference_of_two_cold_loads(one, other) -> None:
    before, after = moved(text_of(one)), moved(text_of(other))
    diff = of(text_of(one), text_of(other))
    totals = diff.figures.totals.get("", {})
    months = [f"2026-0{number}" for number in range(1, 5)]
    signs = {"assets": 1, "liabilities": -1, "expenses": 1, "revenue": -1}
    roots = {
        "assets": "Assets",
        "liabilities": "Liabilities",
        "expenses": "Expenses",
        "revenue": "Income",
    }
    last = max([*(row[0] for row in (*one, *other))], default=dt.date(2026, 1, 1))
    for place, month in enumerate(months):
        if month > f"{last:%Y-%m}":
            continue
        said = totals.get(month, {})
        for name, root in roots.items():
            wanted = months[: place + 1] if name in {"assets", "liabilities"} else [month]
            expected = sum(
                (
                    (after[key] - before[key]) * signs[name]
                    for key in {*before, *after}
                    if key[0].startswith(f"{root}:") and key[1] in wanted
                ),
                Decimal(0),
            )
            assert said.get(name, {}).get("USD", Decimal(0)) == expected, (name, month)
        figures = {
            n: said.get(n, {}).get("USD", Decimal(0)) for n in ("assets", "liabilities", "equity")
        }
        net = (totals.get(m, {}).get("net_income", {}) for m in months[: place + 1])
        earned = sum((each.get("USD", Decimal(0)) for each in net), Decimal(0))
        assert figures["assets"] == figures["liabilities"] + figures["equity"] + earned


@settings(max_examples=60)
@given(ledgers, ledgers)
def test_what_is_listed_is_all_of_the_difference(one, other) -> None:
    before, after = moved(text_of(one)), moved(text_of(other))
    listed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for change in of(text_of(one), text_of(other)).changes:
        for side, sign in ((change.base, -1), (change.head, 1)):
            for posting in side.txn.postings if side else ():
                found = weight(leg_of(posting))
                assert found
                listed[posting.account, f"{side.date:%Y-%m}"] += sign * found.cost
    for key in {*before, *after, *listed}:
        assert listed[key] == after[key] - before[key]


@settings(max_examples=60)
@given(ledgers, ledgers)
def test_every_transaction_is_in_one_change_at_most(one, other) -> None:
    diff = of(text_of(one), text_of(other))
    sides = [id(side) for change in diff.changes for side in (change.base, change.head) if side]
    assert len(sides) == len(set(sides))
    for change in diff.changes:
        if change.kind in {"changed", "moved"}:
            assert change.fields
