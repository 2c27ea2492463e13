"""Sums by month are Beancount's and Fava's own: the same positions, in order, digit for digit."""

import datetime as dt
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.position import Cost
from beancount.ops.summarize import balance_by_account, clamp_opt
from beancount.parser import options
from fava.core.inventory import CounterInventory
from fava.core.tree import Tree
from hypothesis import given
from hypothesis import strategies as st

from web.months import ZERO, Balances, Months, condensed

OLD, NEW = (Cost(Decimal(n), "USD", dt.date(2026, 1, n), None) for n in (1, 2))
ACCOUNTS = ("Assets:A", "Assets:B", "Income:C")
POSITIONS = (("USD", None), ("EUR", None), ("X", OLD), ("X", NEW))
THIRDS = ("0.3333333333333333333333333333", "-0.3333333333333333333333333333")
NUMBERS = ("1", "-1", "1.00", "-1.00", "2.5", "-2.50", "0", "0.00", "1E+2", "-1E+2", *THIRDS)


def transaction(day: dt.date, *legs: tuple[str, tuple[str, Cost | None], str]) -> data.Transaction:
    postings = [
        data.Posting(account, Amount(Decimal(number), currency), cost, None, None, None)
        for account, (currency, cost), number in legs
    ]
    none: frozenset[str] = frozenset()
    return data.Transaction(data.new_metadata("a", 1), day, "*", None, "", none, none, postings)


days = st.dates(dt.date(2025, 11, 1), dt.date(2026, 3, 31))
legs = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(POSITIONS), st.sampled_from(NUMBERS))
transactions = st.builds(
    lambda day, found: transaction(day, *found), days, st.lists(legs, min_size=1, max_size=3)
)
directives = st.one_of(
    transactions,
    st.builds(
        lambda day, account: data.Balance(
            data.new_metadata("a", 1), day, account, Amount(ZERO, "USD"), None, None
        ),
        days,
        st.sampled_from(ACCOUNTS),
    ),
    st.builds(
        lambda day, number: data.Price(
            data.new_metadata("a", 1), day, "X", Amount(Decimal(number), "USD")
        ),
        days,
        st.sampled_from(NUMBERS),
    ),
    st.builds(
        lambda day, account: data.Open(data.new_metadata("a", 1), day, account, None, None),
        days,
        st.sampled_from(ACCOUNTS),
    ),
)


def ordered(entries: list[data.Directive]) -> list[data.Directive]:
    return sorted(entries, key=data.entry_sortkey)


def every(_: data.Directive) -> bool:
    return True


def shown(held: dict) -> dict:
    """Positions in order, with their digits."""
    return {account: [(k, str(n)) for k, n in of.items()] for account, of in held.items()}


@given(st.lists(directives, max_size=25), days)
def test_balances_before_a_day_are_those_of_beancount(entries: list, day: dt.date) -> None:
    entries = ordered(entries)
    held = Balances()
    for part in Months(entries, every).between(dt.date.min, day):
        held.add(part)
    theirs, _ = balance_by_account(entries, day)
    plain = {a: {k: p.units.number for k, p in inv.items()} for a, inv in theirs.items()}
    assert shown(held) == shown(plain)


@given(st.lists(directives, max_size=25), st.lists(directives, max_size=3), st.data())
def test_balances_after_an_edit_are_those_of_fava(entries: list, new: list, drawn) -> None:
    before = Months(ordered(entries), every)
    gone = drawn.draw(st.sets(st.integers(0, max(len(entries) - 1, 0)), max_size=3))
    left = [entry for number, entry in enumerate(entries) if number not in gone]
    after = Months(ordered([*left, *new]), every, before)
    assert after.entries == ordered([*left, *new])
    held = Balances()
    for month in after.months:
        held.add(month)
    plain: dict[str, CounterInventory] = {}
    for entry in after.entries:
        for posting in getattr(entry, "postings", ()):
            plain.setdefault(posting.account, CounterInventory()).add_position(posting)
    counted = {a: {k: ZERO + n for k, n in of.items()} for a, of in held.items()}
    assert shown(counted) == shown(plain)
    nodes = Tree(after.entries)
    assert all(shown({a: nodes[a].balance}) == shown({a: of}) for a, of in counted.items())


@given(st.lists(directives, max_size=25), days, days)
def test_a_period_is_clamped_as_by_beancount(entries: list, one: dt.date, other: dt.date) -> None:
    entries = ordered(entries)
    begin, end = min(one, other), max(one, other) + dt.timedelta(days=1)
    ours = Months(entries, every).clamped(begin, end, options.OPTIONS_DEFAULTS)
    theirs, _ = clamp_opt(entries, begin, end, options.OPTIONS_DEFAULTS)
    assert list(map(repr, ours)) == list(map(repr, theirs))


@given(st.lists(directives, max_size=25))
def test_condensed_months_leave_what_their_transactions_leave(entries: list) -> None:
    months = Months(ordered(entries), every).months
    accounts = ("Assets:A", "Income")
    ours, theirs = CounterInventory(), CounterInventory()
    for number, month in enumerate(months, start=1):
        ours = worth(condensed(months[:number], accounts), accounts, CounterInventory())
        theirs = worth(month.entries, accounts, theirs)
        assert shown({"": ours}) == shown({"": theirs})


def worth(entries: list, accounts: tuple[str, ...], held: CounterInventory) -> CounterInventory:
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            if posting.account.startswith(accounts):
                held.add_position(posting)
    return held


def test_an_account_that_is_empty_at_the_beginning_loses_its_later_assertions() -> None:
    usd, meta = POSITIONS[0], data.new_metadata("a", 1)
    entries = [
        transaction(dt.date(2025, 1, 9), ("Income:C", usd, "5"), ("Income:C", usd, "-5")),
        data.Balance(meta, dt.date(2026, 2, 1), "Income:C", Amount(ZERO, "USD"), None, None),
    ]
    begin, end = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
    assert clamp_opt(entries, begin, end, options.OPTIONS_DEFAULTS)[0] == []
    assert Months(entries, every).clamped(begin, end, options.OPTIONS_DEFAULTS) == []


def test_only_the_edited_month_is_another_one() -> None:
    usd = POSITIONS[0]
    entries = [transaction(dt.date(2026, n, 9), ("Assets:A", usd, "5")) for n in range(1, 7)]
    before = Months(entries, every)
    entries[3] = transaction(dt.date(2026, 4, 9), ("Assets:A", usd, "5.00"))  # equal, more digits
    after = Months(entries, every, before)
    same = [a is b for a, b in zip(before.months, after.months, strict=True)]
    assert same == [True, True, True, False, True, True]


def test_what_is_not_wanted_is_left_out_of_the_same_month() -> None:
    usd = POSITIONS[0]
    entries = [transaction(dt.date(2026, 1, n), ("Assets:A", usd, str(n))) for n in range(1, 4)]

    def wanted(entry: data.Transaction) -> bool:
        return entry.date.day != 2

    before = Months(entries, wanted)
    assert before.entries == [entries[0], entries[2]]
    assert Months(list(entries), wanted, before).months[0] is before.months[0]


def test_what_a_rounded_sum_loses_is_lost_here_too() -> None:
    third, back = THIRDS
    usd = POSITIONS[0]
    days = [dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 2, 2)]
    numbers = ("9.9", third, back)
    entries = [
        transaction(day, ("Assets:A", usd, number))
        for day, number in zip(days, numbers, strict=True)
    ]
    held = Balances()
    for month in Months(entries, every).months:
        held.add(month)
    assert str(held["Assets:A"][usd]) == "9.899999999999999999999999997"
    assert shown(held) == shown({"Assets:A": {usd: sum(map(Decimal, numbers))}})
